"""What is said about a wrong file: each kind of mistake, with the whole message."""

from __future__ import annotations

import pytest

import grader.exercise
from grader.exercise import Check, Exercise
from grader.exercise.fields import model_in
from tests.exercise.writing import GOOD, HEAD, told, told_of_check

RELATIONS = ", ".join(grader.exercise.RELATIONS)
CHECK_KEYS = (
    f"id, points, expect, needs, hint, any-duration, possible, under, for-each, {RELATIONS}"
)
MOMENTS = "starts, begins, ends, code-ends, prints, waits-for, listens, last-call"


@pytest.mark.parametrize(
    ("relation", "message"),
    [
        # keys
        (
            "pints: 2, clean: true",
            f"9:5: unknown key 'pints' in a check. Did you mean 'points' or 'prints'? "
            f"Allowed here: {CHECK_KEYS}",
        ),
        (
            "pints: 2, prints: {text: x}",
            "9:5: unknown key 'pints' in a check. Did you mean 'points'? "
            f"Allowed here: {CHECK_KEYS}",
        ),
        (
            "any_duration: true, clean: true",
            "9:5: unknown key 'any_duration' in a check. Did you mean 'any-duration'? "
            f"Allowed here: {CHECK_KEYS}",
        ),
        ("plugin: {x: y}", f"9:5: unknown key 'plugin' in a check. Allowed here: {CHECK_KEYS}"),
        (
            "prints: {txt: x}",
            "9:14: unknown key 'txt' in prints. Did you mean 'text'? "
            "Allowed here: text, by, each, times, line, each-of, in-order, never, only, after, "
            "before, about, relays, distinct",
        ),
        ("prints: {by: main}", "9:13: prints needs 'text'"),
        ("time: {at-most: 1s}", "9:11: time needs 'from' and 'to'"),
        ("clean: true, clean: true", "9:18: 'clean' stands here twice: the first is in line 9"),
        (
            "hint: {en: a, en: b}, clean: true",
            "9:19: 'en' stands here twice: the first is in line 9",
        ),
        ("clean: true, [a]: b", "9:18: a key is one word, with ': ' after it"),
        ("clean: true, hint:", "9:18: 'hint' has no value: give it one, or delete the line"),
        (
            "hint: {en: , zh: b}, clean: true",
            "9:12: 'en' has no value: give it one, or delete the line",
        ),
        ("prints: {text: x, by: }", "9:23: 'by' has no value: give it one, or delete the line"),
        # which keys go together
        ("points: 2", f"8:5: a check needs exactly one of {RELATIONS}"),
        (
            "clean: true, together: workers",
            "9:18: 'clean' and 'together' do not go together: a check takes exactly one of "
            f"{RELATIONS}",
        ),
        (
            "prints: {text: x, never: true, times: 2}",
            "9:36: 'never' and 'times' do not go together",
        ),
        (
            "prints: {text: x, never: true, each: true, by: p}",
            "9:36: 'never' and 'each' do not go together",
        ),
        (
            "prints: {text: '{pid}', about: p, each: true, by: workers}",
            "9:39: 'about' and 'each' do not go together",
        ),
        ("prints: {text: '*', distinct: true}", "9:25: 'distinct' goes with each only"),
        (
            "prints: {text: x, each: true, distinct: true, by: workers}",
            "9:13: 'distinct' needs a * in the text: it compares what that stands for",
        ),
        (
            "called: {method: begin}",
            "9:22: 'begin' is not allowed here. Allowed: start, join, terminate, kill, is_alive, "
            "run, exitcode",
        ),
        (
            "subclass: {who: workers, overrides: run()}",
            "9:41: 'run()' is no name of Python's: write one such as time.sleep, without "
            "parentheses",
        ),
        (
            "prints: {text: x, each: true}",
            "9:13: 'each' needs a group: say with 'by' who prints it",
        ),
        (
            "time: {from: {starts: p}, to: {ends: p}}",
            "9:11: time needs at least one of at-least, at-most",
        ),
        (
            "time: {from: {starts: p}, to: {ends: p}, at-least: 2s, at-most: 1s}",
            "9:11: no span fits: at-least is more than at-most",
        ),
        ("ended: {who: p}", "9:12: ended needs at least one of exit, signal, by, before, after"),
        (
            "ended: {who: p, exit: 0, signal: SIGTERM}",
            "9:30: 'exit' and 'signal' do not go together",
        ),
        (
            "ended: {who: p, signal: SIGTERM, by: itself}",
            "9:12: 'by: itself' means that no signal ended it: leave 'signal' out",
        ),
        (
            "source: {}",
            "9:13: source needs at least one of calls, avoids, defines, passes, with-args, "
            "with-kwargs, guarded",
        ),
        (
            "prints: {text: x, times: {at-least: 3, at-most: 2}}",
            "9:30: no number fits: at-least is more than at-most",
        ),
        (
            "prints: {text: x, times: often}",
            "9:30: write a whole number such as 3, not 'often'",
        ),
        (
            "prints: {text: x, line: 0}",
            "9:29: '0' is out of bounds: write at least 1, or last",
        ),
        (
            "prints: {text: x, line: end}",
            "9:29: write a whole number such as 3, or last, not 'end'",
        ),
        (
            "prints: {text: x, each-of: {from: 1, to: 3}}",
            "9:13: 'each-of' needs one open part in the text, a * or one of {int} {float} {word} "
            "{text}: 'item {int}'",
        ),
        (
            "prints: {text: 'x *', each-of: {from: 3, to: 1}}",
            "9:36: there are no such numbers: 'from' is more than 'to'",
        ),
        (
            "prints: {text: 'x *', each-of: [a, a]}",
            "9:36: 'a' stands here twice, and each value comes once",
        ),
        ("prints: {text: 'x *', in-order: true}", "9:27: 'in-order' goes with each-of only"),
        # each of a group
        (
            "for-each: workers, clean: true",
            "8:5: 'for-each: workers' judges the check for one process after the other: write "
            "'each' where that process is meant, as in by: each",
        ),
        (
            "prints: {text: x, by: each}",
            "9:27: 'each' is a process only in a check with 'for-each', which says of which group",
        ),
        (
            "for-each: p, prints: {text: x, by: each}",
            "9:15: 'p' is a single process, and this needs a group. Groups here: workers",
        ),
        (
            "for-each: workers, together: each",
            "9:34: 'each' is a single process, and this needs a group. Groups here: workers",
        ),
        # moments
        (
            "order: [{ends: workers, which: fist}, {ends: p}]",
            "9:36: 'fist' is not allowed here. Did you mean 'first'? Allowed: first, last",
        ),
        (
            "order: [{ends: workers, nth: 2}, {ends: p}]",
            "9:29: 'nth' goes with prints only",
        ),
        (
            "order: {any-of: [[{ends: workers}, {ends: q}], [{ends: p}, {begins: p}]]}",
            "9:47: no process is called 'q'. Names here: main, p, workers",
        ),
        (
            "order: {any-of: [[{ends: p}, {begins: p}]]}",
            "9:21: at least 2 items are needed here, not 1",
        ),
        ("order: [{ends: p}, {by: main}]", f"9:24: a moment needs exactly one of {MOMENTS}"),
        (
            "order: [{ends: p}, {starts: p, ends: p}]",
            "9:36: 'starts' and 'ends' do not go together: a moment takes exactly one of "
            f"{MOMENTS}",
        ),
        (
            "order: [{ends: p}, {starts: p, by: main}]",
            "9:36: 'by' goes with prints, waits-for, listens or last-call only",
        ),
        (
            "order: [{ends: p}, {waits-for: p, by: any}]",
            "9:24: 'by: any' goes with prints and listens only: say who waits, or leave it out",
        ),
        (
            "order: [{ends: p}, p]",
            "9:24: a moment is written with keys, such as {ends: main}. "
            f"Allowed here: {MOMENTS}, by, nth, which",
        ),
        ("order: [{ends: p}]", "9:12: at least 2 items are needed here, not 1"),
        ("order: [{ends: p}, [{starts: p}]]", "9:24: at least 2 items are needed here, not 1"),
        (
            "order: {ends: p}",
            "9:12: 'order' takes a list: [...] or items on lines that begin with '- '",
        ),
        (
            "waited: {for: p, before: {prints: '{'}}",
            "9:40: '{' opens a hole without end. Allowed: "
            "{pid} {ppid} {name} {int} {float} {word} {text} {bool}. A real brace is written {{",
        ),
        # kinds of values
        (
            "prints: hello",
            "9:13: prints is written with keys, such as {text: 'hello *', by: main}. "
            "Allowed here: text, by, each, times, line, each-of, in-order, never, only, after, "
            "before, about, relays, distinct",
        ),
        (
            "needs: b, clean: true",
            "9:12: 'needs' takes a list: [...] or items on lines that begin with '- '",
        ),
        ("points: often, clean: true", "9:13: write a number such as 2 or 0.5, not 'often'"),
        ("points: .nan, clean: true", "9:13: write a number such as 2 or 0.5, not '.nan'"),
        ("points: 1_000, clean: true", "9:13: write a number such as 2 or 0.5, not '1_000'"),
        ("points: '2', clean: true", "9:13: '2' in quotes is a text: write 2 without quotes"),
        ("points: -1, clean: true", "9:13: '-1' is out of bounds: write at least 0"),
        ("points: [1], clean: true", "9:13: write a number such as 2 or 0.5"),
        ("count: {who: workers, is: 2.5}", "9:31: write a whole number such as 3, not '2.5'"),
        ("count: {who: workers, is: 010}", "9:31: write a whole number such as 3, not '010'"),
        ("count: {who: workers, is: 1:30}", "9:31: write a whole number such as 3, not '1:30'"),
        ("prints: {text: x, times: 0}", "9:30: '0' is out of bounds: write at least 1"),
        ("ended: {who: p, exit: 256}", "9:27: '256' is out of bounds: write at most 255"),
        ("daemon: {who: p, is: maybe}", "9:26: write true or false, not 'maybe'"),
        ("daemon: {who: p, is: 1}", "9:26: write true or false, not '1'"),
        (
            "daemon: {who: p, is: 'True'}",
            "9:26: 'True' in quotes is a text: write true without quotes",
        ),
        ("clean: no", "9:12: write true, or leave the check out"),
        (
            "start-method: frok",
            "9:19: 'frok' is not allowed here. Did you mean 'fork'? "
            "Allowed: fork, spawn, forkserver, subprocess, portable",
        ),
        (
            "start-method: {a: b}",
            "9:19: write one of these. Allowed: fork, spawn, forkserver, subprocess, portable",
        ),
        (
            "time: {from: {starts: p}, to: {ends: p}, at-most: 5}",
            "9:55: '5' has no unit: write a duration such as 200ms, with one of the units "
            "ns, us, ms, s, min",
        ),
        (
            "time: {from: {starts: p}, to: {ends: p}, at-most: 5 sec}",
            "9:55: 'sec' is no unit here. Did you mean '5s'? Write a duration such as 200ms, "
            "with one of the units ns, us, ms, s, min",
        ),
        (
            "time: {from: {starts: p}, to: {ends: p}, at-most: soon}",
            "9:55: write a duration such as 200ms, with one of the units ns, us, ms, s, min, "
            "not 'soon'",
        ),
        (
            "together: {by: main, count: 4}",
            "9:15: 'together' takes no mapping: write a group: a name of the cast, "
            "as in together: workers",
        ),
        (
            "prints: {text: x, by: [main, p]}",
            "9:27: 'by' takes no list: write a process or group: `main`, `any` or a name of the "
            "cast",
        ),
        (
            "source: {calls: [threading.Lock, threading.RLock]}",
            "9:21: 'calls' takes no list: write a name of Python's, such as `time.sleep`",
        ),
        (
            "prints: {text: ['a', b]}",
            "9:20: 'text' takes one text, and a list stands here: write text: '...' in quotes",
        ),
        (
            "concurrent: {from: {prints: '{name} enters'}, to: {prints: '{name} leaves'}, "
            "at-most: 3}",
            "9:17: {name} is the name of the process that prints the line: give a hole of your own "
            "another name: '{job} enters' and '{job} leaves', or * where it does not matter",
        ),
        (
            "pairs: {each: {prints: 'made {name}'}, once: {prints: 'used {name}'}}",
            "9:12: both lines need a hole of the same name, by which they are told to belong "
            "together: 'made {item}' and 'used {item}'. {name} is the name of the process that "
            "prints the line: give a hole of your own another name",
        ),
        (
            "source: {calls: threading.Lokc}",
            "9:21: there is no 'Lokc' in Python's module threading. Did you mean 'Lock'?",
        ),
        (
            "source: {calls: multiprocessing.Proces}",
            "9:21: there is no 'Proces' in Python's module multiprocessing. "
            "Did you mean 'Process'?",
        ),
        (
            "source: {avoids: multiprocessing.pool}",
            "9:22: 'multiprocessing.pool' is a module: write what of it is called",
        ),
        (
            "source: {calls: multiprocessing.Process.jion}",
            "9:21: a Process has no 'jion'. Did you mean 'join'?",
        ),
        (
            "source: {calls: threading.Thread.join}",
            "9:21: 'threading.Thread.join' is a method, and the code does not show on what object "
            "a method is called. Write the class, threading.Thread, or check what is printed, as "
            "with order or pairs",
        ),
        (
            "source: {avoids: Queue.empty}",
            "9:22: 'Queue.empty' is a method, and the code does not show on what object a method "
            "is called. Write the class, multiprocessing.Queue, or check what is printed, as with "
            "order or pairs",
        ),
        (
            "source: {calls: time.sleep()}",
            "9:21: 'time.sleep()' is no name of Python's: write one such "
            "as time.sleep, without parentheses",
        ),
        # texts, and what YAML makes of them
        (
            "hint: yes, clean: true",
            "9:11: YAML reads yes as true: write 'yes' in quotes to mean the word",
        ),
        (
            "hint: Off, clean: true",
            "9:11: YAML reads Off as false: write 'Off' in quotes to mean the word",
        ),
        (
            "hint: null, clean: true",
            "9:11: YAML reads null as no value: write 'null' in quotes to mean the word",
        ),
        (
            "hint: {en: a, fr: b}, clean: true",
            "9:19: unknown language 'fr'. Write one text, or one each for en and zh",
        ),
        (
            "hint: {en: no}, clean: true",
            "9:16: YAML reads no as false: write 'no' in quotes to mean the word",
        ),
        (
            "hint: [a, b], clean: true",
            "9:11: YAML reads [a, b] as a list. Put the text in quotes: hint: '[a, b]'",
        ),
        ("hint: ' ', clean: true", "9:11: the text is empty"),
        (
            "prints: {text: {pid}}",
            "9:20: YAML reads {pid} as a mapping. Put the text in quotes: text: '{pid}'",
        ),
        (
            "prints: {text: *hello}",
            "9:20: YAML reads *hello as a reference to something else: put the text in quotes",
        ),
        (
            "prints: {text: &hello x}",
            "9:20: YAML reads &hello as a mark for references: put the text in quotes",
        ),
        ("prints: {text: !hello x}", "9:20: YAML reads !hello as a type: put the text in quotes"),
        ("prints: {text: ''}", "9:20: the pattern is empty: write a text, or '*' for any line"),
        # patterns
        (
            "prints: {text: 'no {pdi}'}",
            "9:24: '{pdi}' is no hole. Did you mean '{pid}'? Allowed: {pid} {ppid} {name} {int} "
            "{float} {word} {text} {bool}. A real brace is written {{",
        ),
        (
            'prints: {text: "\\u4f60 {pdi}"}',
            "9:20: '{pdi}' is no hole. Did you mean '{pid}'? Allowed: {pid} {ppid} {name} {int} "
            "{float} {word} {text} {bool}. A real brace is written {{",
        ),
        (
            "named: {who: p, is: 'P-{pid}'}",
            "9:28: '{pid}' has no meaning here: it is for lines that a process prints. "
            "Allowed: * {int} {float} {word} {text} {bool}",
        ),
        (
            "prints: {text: 'from {x} to {x}', before: {ends: p}}",
            "9:33: '{x}' stands twice in one pattern: give one of the two another name",
        ),
        (
            "order: [[{prints: 'a {one}'}, {prints: 'b {one}'}], {prints: 'c {ome}'}]",
            "9:69: '{ome}' is no hole. Did you mean '{one}'? Allowed: {pid} {ppid} {name} {int} "
            "{float} {word} {text} {bool} {one}. A real brace is written {{",
        ),
        # sections and pairs
        (
            "concurrent: {by: workers}",
            "9:17: concurrent needs at least one of at-most, reaches",
        ),
        (
            "concurrent: {by: workers, from: {prints: a}, at-most: 1}",
            "9:31: 'from' goes with to only",
        ),
        (
            "concurrent: {from: {prints: a}, to: {prints: a}, at-most: 1}",
            "9:17: 'from' and 'to' are the same line: what closes a section is another",
        ),
        (
            "concurrent: {by: workers, at-most: 1, reaches: 2}",
            "9:17: that cannot be: reaches is more than at-most",
        ),
        (
            "pairs: {each: {prints: 'a {x}'}, once: {prints: 'b *'}}",
            "9:12: both lines need a hole of the same name, by which they are told to belong "
            "together: 'made {item}' and 'used {item}'",
        ),
        (
            "pairs: {each: {prints: a}, once: {prints: b}}",
            "9:12: both lines need a hole of the same name, by which they are told to belong "
            "together: 'made {item}' and 'used {item}'",
        ),
        (
            "pairs: {each: {ends: p}, once: {prints: 'b {x}'}}",
            "9:12: 'each' is a line and no more: {prints: 'made {item}', by: producers}",
        ),
        # names
        (
            "together: wrokers",
            "9:15: no group is called 'wrokers'. Did you mean 'workers'? Names here: workers",
        ),
        (
            "together: p",
            "9:15: 'p' is a single process, and this needs a group. Groups here: workers",
        ),
        (
            "together: main",
            "9:15: 'main' is a single process, and this needs a group. Groups here: workers",
        ),
        (
            "daemon: {who: q, is: true}",
            "9:19: no process is called 'q'. Names here: main, p, workers",
        ),
        (
            "daemon: {who: any, is: true}",
            "9:19: 'any' is not definite enough here. Names here: main, p, workers",
        ),
        (
            "ended: {who: p, by: shutdwon}",
            "9:25: no process is called 'shutdwon'. Did you mean 'shutdown'? "
            "Names here: itself, shutdown, main, p, workers",
        ),
        (
            "ended: {who: p, signal: TERM}",
            "9:29: 'TERM' is not allowed here. Did you mean 'SIGTERM'? Allowed: SIGHUP, SIGINT, "
            "SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, "
            "SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, "
            "SIGPROF, SIGIO, SIGPWR, SIGSYS",
        ),
        ("needs: [c], clean: true", "9:13: no check is called 'c'. Names here: b"),
        ("needs: [b], clean: true", "9:13: the check 'b' needs 'b': that never ends"),
    ],
)
def test_a_mistake_in_a_check_is_told_once_and_in_full(relation: str, message: str) -> None:
    """One mistake makes one message: place, wrong word, suggestion, what is allowed."""
    assert told_of_check(relation) == message


@pytest.mark.parametrize(
    ("head", "messages"),
    [
        (
            "id: Join All\ntitle: t\ntask: t\n",
            [
                "1:5: 'Join All' is no id: it has small letters a to z, digits and '-', and "
                "begins with a letter, such as starts-five"
            ],
        ),
        ("id: a\ntitle: t\n", ["1:1: an exercise needs 'task'"]),
        ("id: a\ntitle: t\ntask:\n", ["3:1: 'task' has no value: give it one, or delete the line"]),
        (
            HEAD + "run: {clock: rael}\n",
            ["4:14: 'rael' is not allowed here. Did you mean 'real'? Allowed: virtual, real"],
        ),
        (
            HEAD + "run: {start-method: [fork, spwan, subprocess]}\n",
            [
                "4:28: 'spwan' is not allowed here. Did you mean 'spawn'? "
                "Allowed: fork, spawn, forkserver",
                "4:35: 'subprocess' is not allowed here. Allowed: fork, spawn, forkserver",
            ],
        ),
        (
            HEAD + "run: {start-method: []}\n",
            ["4:21: at least 1 item is needed here, not 0"],
        ),
        (
            HEAD + "run: {limits: {memory: 512mb, output: 1.5, time: 0s, processes: 0}}\n",
            [
                "4:24: 'mb' is no unit here. Did you mean '512MB'? Write a size such as 512MB, "
                "with one of the units B, KB, MB, GB",
                "4:39: '1.5' has no unit: write a size such as 512MB, "
                "with one of the units B, KB, MB, GB",
                "4:50: '0s' is out of bounds: write more than 0",
                "4:65: '0' is out of bounds: write at least 1",
            ],
        ),
        (
            HEAD + "run: {schedules: {at-most: 60}}\n",
            ["4:19: 'at-most' goes with until only"],
        ),
        (
            HEAD + "run: {schedules: {until: cover}}\n",
            ["4:26: 'cover' is not allowed here. Did you mean 'covered'? Allowed: covered"],
        ),
        (
            HEAD + "run: fast\n",
            [
                "4:6: run is written with keys, such as {start-method: spawn}. "
                "Allowed here: clock, start-method, schedules, limits, peers, peers-say, dialogue, "
                "files, ports"
            ],
        ),
        (
            HEAD + "cast: [p]\n",
            ["4:7: 'cast' takes keys with values, a line each, such as name: {...}"],
        ),
        (
            HEAD + "cast: {p: main, q: {count: 1}, main: {children-of: main}, 'x y': {named: x}}\n",
            [
                "4:11: a name of the cast is written with keys, such as "
                "{children-of: main, count: 5}. "
                "Allowed here: children-of, threads-of, programs-of, count, prints, named, except",
                "4:20: a name of the cast needs at least one of children-of, threads-of, "
                "programs-of, prints, named",
                "4:32: the name 'main' has a meaning already. Choose another",
                "4:52: the name 'main' builds on 'main': that never ends",
                "4:59: 'x y' is no name: it has letters, digits, '-' and '_', "
                "and begins with a letter",
            ],
        ),
        (
            HEAD + "cast: {p: , p: {named: x}}\n",
            [
                "4:8: 'p' has no value: give it one, or delete the line",
                "4:13: 'p' stands here twice: the first is in line 4",
            ],
        ),
        (
            HEAD + "cast:\n  a: {children-of: b}\n  b: {children-of: main, except: c}\n"
            "  c: {children-of: a}\n",
            ["7:20: the name 'a' builds on 'b' builds on 'c' builds on 'a': that never ends"],
        ),
    ],
)
def test_a_mistake_above_the_checks_is_told_in_full(head: str, messages: list[str]) -> None:
    """Head, run and cast have errors of the same style."""
    assert told(head + "checks:\n  - {id: b, expect: e, clean: true}\n") == messages


@pytest.mark.parametrize(
    ("checks", "messages"),
    [
        ("checks: []\n", ["4:9: at least 1 item is needed here, not 0"]),
        (
            "checks: x\n",
            ["4:9: 'checks' takes a list: [...] or items on lines that begin with '- '"],
        ),
        (
            "checks:\n  - {id: b, expect: e, clean: true}\n  - {id: b, expect: e, clean: true}\n",
            ["6:10: two checks are called 'b': the first is in line 5"],
        ),
        (
            "checks:\n  - {id: b, expect: e, clean: true, points: 0}\n",
            ["4:1: every check is advice (points: 0): at least one must be worth something"],
        ),
        (
            "checks:\n  -\n  - clean\n",
            [
                f"{place}: a check is written with keys, such as {{id: ends-well, expect: "
                f"It ends without an error, clean: true}}. Allowed here: {CHECK_KEYS}"
                for place in ("5:4", "6:5")
            ],
        ),
        (
            "checks:\n"
            "  - {id: b, expect: e, clean: true, needs: [c]}\n"
            "  - {id: c, expect: e, clean: true, needs: [d, b]}\n"
            "  - {id: d, expect: e, clean: true, needs: [c]}\n",
            [
                "6:48: the check 'b' needs 'c' needs 'b': that never ends",
                "7:45: the check 'c' needs 'd' needs 'c': that never ends",
            ],
        ),
    ],
)
def test_a_mistake_between_checks_is_told_in_full(checks: str, messages: list[str]) -> None:
    """Lists, ids and needs have errors of the same style; each circle is told once."""
    assert told(HEAD + checks) == messages


def test_a_file_that_is_no_mapping_is_told_what_an_exercise_is() -> None:
    """A list or a lone word is answered with the keys of an exercise."""
    expected = (
        "1:1: an exercise is written with keys, such as {id: join, title: ..., task: ..., "
        "checks: [...]}. Allowed here: id, title, task, run, cast, checks"
    )
    assert told("- a\n") == [expected]
    assert told("join\n") == [expected]


def test_a_broken_cast_makes_no_name_unknown() -> None:
    """Names are not called unknown where the cast itself could not be read."""
    checks = "checks:\n  - {id: b, expect: e, together: workers}\n"
    assert told(HEAD + "cast: workers\n" + checks) == [
        "4:7: 'cast' takes keys with values, a line each, such as name: {...}"
    ]


def test_a_hundred_mistakes_are_a_hundred_messages() -> None:
    """However many there are, all are told at once."""
    checks = "".join(
        f"  - {{id: b{n}, expect: e, prints: {{text: x, each: maybe}}}}\n" for n in range(100)
    )
    assert told(f"{HEAD}checks:\n{checks}") == [
        f"{n + 5}:{48 + len(str(n))}: write true or false, not 'maybe'" for n in range(100)
    ]


def test_a_comma_in_a_text_between_braces() -> None:
    """YAML makes a second key of what follows it; the text as a whole is shown in quotes."""
    (problem,) = told(f"{HEAD}checks:\n  - {{id: b, expect: {{en: Hello, you}}, clean: true}}\n")
    assert problem == "5:26: between { and } a comma ends the text: put it in quotes, 'Hello, you'"


@pytest.mark.parametrize("relation", ["daemon: {who: main, is: true}", "subclass: {who: main}"])
def test_main_was_made_with_nothing(relation: str) -> None:
    """What only processes have that the script starts is not asked of main: nobody could pass."""
    name = relation.partition(":")[0]
    assert told_of_check(relation).endswith(
        f"'{name}' is about a process that the script starts, and main is none: name one of the "
        "cast"
    )


def test_a_check_under_a_start_method_that_is_not_run() -> None:
    """It would pass whatever is handed in."""
    assert told_of_check("under: spawn, clean: true") == (
        "9:12: 'b' counts only under spawn, and no run is: list it under run, as in "
        "start-method: [fork, spawn]"
    )


def test_a_long_chain_of_needs_is_no_circle() -> None:
    """A chain of a thousand checks is followed to its end without running out of stack."""
    checks = "".join(
        f"  - {{id: b{n}, expect: e, clean: true, needs: [b{n + 1}]}}\n" for n in range(1_000)
    )
    assert told(f"{HEAD}checks:\n{checks}  - {{id: b1000, expect: e, clean: maybe}}\n") == [
        "1005:35: write true, or leave the check out"
    ]


JARGON = ("Input should", "valid ", "pydantic", "type=", "Value error", "Field required", "Decimal")
WRONG_VALUES = ("-1", "maybe", "''", "'5'", "[]", "[[1]]", "{}", "{a: {b: c}}", "~", "", "1e9", "*")


@pytest.mark.parametrize("key", sorted({*Exercise.fields_by_key(), *Check.fields_by_key()}))
def test_no_word_of_the_machinery_reaches_a_teacher(key: str) -> None:
    """Whatever stands under whatever key, the answer is in the teacher's words."""
    for wrong in WRONG_VALUES:
        if key in Exercise.fields_by_key() and key not in Check.fields_by_key():
            lines = [line for line in GOOD.splitlines() if not line.startswith(f"{key}:")]
            lines = lines[:3] if key == "checks" else lines
            text = "\n".join([*lines, f"{key}: {wrong}"])
        else:
            text = f"{HEAD}checks:\n  - id: b\n    expect: e\n    {key}: {wrong}\n"
        assert _with_jargon(text) == [], wrong


@pytest.mark.parametrize(
    ("relation", "key"),
    [
        (relation, key)
        for relation, field in Check.fields_by_key().items()
        if (model := model_in(field.annotation)) is not None
        for key in model.fields_by_key()
    ],
)
def test_no_word_of_the_machinery_reaches_a_teacher_below_a_relation(
    relation: str, key: str
) -> None:
    """The same for every key of every relation."""
    head = f"{HEAD}checks:\n  - id: b\n    expect: e\n    {relation}:\n"
    for wrong in WRONG_VALUES:
        assert _with_jargon(f"{head}      {key}: {wrong}\n") == [], wrong


def _with_jargon(text: str) -> list[str]:
    """Those problems of a file that say it in the machinery's words; a few files are right by
    accident and have none.
    """
    try:
        problems = told(text)
    except AssertionError:
        return []
    return [message for message in problems if any(word in message for word in JARGON)]
