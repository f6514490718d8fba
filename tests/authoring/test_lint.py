"""`grade lint`: what cannot be meant is said where it stands, and good exercises are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring import lint
from grader.cli import run
from grader.exercise import shipped_exercises

ROOT = Path(__file__).parents[2]
HEAD = """\
id: a
title: t
task: Main starts children, which print hello, done and bye. One is called Ann.
"""
CAST = """\
cast:
  p: {children-of: main, count: 1}
  named: {children-of: main, named: Ann, count: 1}
  workers: {children-of: main, count: 5}
"""
USED = """\
checks:
  - {id: used, expect: e, together: workers, needs: [named]}
  - {id: named, expect: e, time: {from: {starts: named}, to: {ends: p}, at-least: 1s}}
"""


def warned(tmp_path: Path, text: str) -> list[str]:
    """The warnings about a file, ``line:column: message`` each. It has no errors."""
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    found = lint(file)
    assert found.errors == ()
    return [f"{each.line}:{each.column}: {each.message}" for each in found.warnings]


def test_the_exercises_of_the_course_are_clean() -> None:
    """Nothing is to be said of any of them, nor of those that only the tests grade."""
    files = [*shipped_exercises().values(), *(ROOT / "tests" / "exercises").glob("*.yaml")]
    assert [each for each in map(lint, files) if each.errors or each.warnings] == []


SAME = "the span ends where it begins, and always takes 0 s"
EARLIER = "nobody can pass this: this moment always comes before the one before it here"
TWICE = "this is the same moment as the one before it"
NO_WAIT = "nobody can pass this: no process can wait for main"
ONE = "'main' is always exactly one: count a name of the cast"
ANN = "nobody can fail this: the cast knows 'named' by it"
KNOWN = (
    "the cast says already that 'p' is a child of 'main': this asks only that there is one, as "
    "'count' does"
)
SPARE = CAST.replace("p:", "spare:")
NO_ORDER = (
    "these moments can come in no other order: the check only asks that there are such moments, "
    "which 'prints', 'ended' or 'count' says more clearly"
)


@pytest.mark.parametrize(
    ("relation", "place", "message"),
    [
        ("time: {from: {ends: p}, to: {ends: p}, at-most: 1s}", "{ends: p}, at-most", SAME),
        (
            "time: {from: {ends: p}, to: {starts: p}, at-most: 1s}",
            "{starts",
            "nobody can pass this: the span always ends before it begins",
        ),
        (
            "time: {from: {starts: p}, to: {ends: p}, at-least: 0s}",
            "0s",
            "nobody can fail this: no span takes less than 0 s",
        ),
        (
            "time: {from: {starts: p}, to: {ends: p}, at-least: 2min}",
            "2min",
            "nobody can pass this: a run is stopped at its limit of 60 s",
        ),
        (
            "time: {from: {starts: p}, to: {ends: p}, at-least: 1s, at-most: 1.1s}",
            "1.1s",
            "the bounds are 0.1 s apart, and a right answer may be 0.2 s late: leave it that much "
            "room, or say run: {schedules: {delay: ...}}",
        ),
        ("order: [{ends: p}, {starts: p}]", "{starts", EARLIER),
        ("order: [{prints: hello, by: p}, {starts: p}]", "{starts", EARLIER),
        ("order: [{waits-for: p}, {ends: p}]", "{ends", EARLIER),
        ("order: [{starts: p}, {begins: main}]", "{begins", EARLIER),
        ("order: [{ends: workers}, {begins: workers, which: first}]", "{begins", EARLIER),
        ("order: [{starts: p}, {prints: hello, by: p}]", "[", NO_ORDER),
        (
            "order: [{ends: p}, {ends: p}]",
            "{ends: p}]",
            "this is the same moment as the one before it",
        ),
        (
            "order: {any-of: [[{ends: p}, {starts: p}], [{prints: hello}, {prints: done}]]}",
            "{starts",
            EARLIER,
        ),
        (
            "follows: {what: {starts: p}, on: {ends: p}, within: 1s}",
            "{ends",
            "nobody can pass this: this always comes after what is to follow on it",
        ),
        (
            "follows: {what: {ends: p}, on: {ends: p}, within: 1s}",
            "{ends: p}, within",
            "nobody can fail this: both are the same moment",
        ),
        (
            "prints: {text: hello, by: p, after: {ends: p}}",
            "{ends",
            "nobody can pass this: no line of 'p' comes after that",
        ),
        (
            "prints: {text: hello, by: p, never: true, before: {starts: p}}",
            "{starts",
            "nobody can fail this: no line of 'p' comes before that",
        ),
        (
            "prints: {text: hello, by: p, after: {starts: p}}",
            "{starts",
            "every line of 'p' comes after that",
        ),
        (
            "waited: {for: main, by: p}",
            "main",
            "nobody can pass this: no process can wait for main",
        ),
        ("waited: {for: main}", "main", NO_WAIT),
        ("waited: {for: p, by: p}", "p}", "nobody can pass this: no process can wait for itself"),
        (
            "waited: {for: p, by: named, never: true}",
            "named",
            "nobody can fail this: 'p' is a child of 'main', and only its parent can wait for a "
            "process",
        ),
        (
            "waited: {for: p, before: {starts: p}}",
            "{starts",
            "nobody can pass this: it comes before any such wait",
        ),
        (
            "ended: {who: p, exit: 0, by: main}",
            "0",
            "nobody can pass this: what 'main' ends is ended by a signal, and has no exit status",
        ),
        (
            "ended: {who: p, signal: SIGKILL, by: shutdown}",
            "SIGKILL",
            "nobody can pass this: multiprocessing sends SIGTERM",
        ),
        (
            "ended: {who: main, by: shutdown}",
            "shutdown",
            "nobody can pass this: multiprocessing ends children, not main",
        ),
        (
            "ended: {who: p, before: {begins: p}}",
            "{begins",
            "nobody can pass this: the end never comes before that",
        ),
        (
            "ended: {who: p, exit: 0, after: {starts: p}}",
            "{starts",
            "nobody can fail this part: the end always comes after that",
        ),
        (
            "count: {who: workers, is: 4}",
            "4",
            "the cast says that there are 5 of 'workers', and this says 4",
        ),
        (
            "count: {who: workers, at-least: 6}",
            "6",
            "the cast says that there are 5 of 'workers', and this says 6",
        ),
        (
            "count: {who: main, is: 1}",
            "main",
            "'main' is always exactly one: count a name of the cast",
        ),
        ("started-by: {who: p, is: main}", "main", KNOWN),
        (
            "started-by: {who: p, is: workers}",
            "workers",
            "nobody can pass this: the cast says that 'p' is a child of main",
        ),
        (
            "started-by: {who: main, is: p}",
            "main",
            "nobody can pass this: the script does not start 'main'",
        ),
        (
            "named: {who: named, is: Ann}",
            "Ann",
            "nobody can fail this: the cast knows 'named' by it",
        ),
        (
            "source: {calls: time.sleep, avoids: time.sleep}",
            "time.sleep}",
            "nobody can pass this and call time.sleep, which is asked for, too",
        ),
        (
            "concurrent: {by: workers, at-most: 5}",
            "5",
            "nobody can fail this: 'workers' are no more than 5 in all",
        ),
        (
            "concurrent: {by: workers, reaches: 6}",
            "6",
            "nobody can pass this: 'workers' are 5 in all",
        ),
        (
            "one-connection-each: workers",
            "workers",
            "nobody can pass this: there is no peer that connects",
        ),
        (
            "prints: {text: 'I say farewell: *', by: p}",
            "'I say",
            "the task does not say 'I say farewell', which is graded: a student cannot know it",
        ),
        (
            "order: [{prints: hello, by: p}, {prints: goodbye}]",
            "goodbye",
            "the task does not say 'goodbye', which is graded: a student cannot know it",
        ),
        (
            "any-duration: true, time: {from: {starts: p}, to: {ends: p}, at-least: 1s}",
            "true",
            "'any-duration' has no effect: 'time' is not judged in other orders of events than the "
            "natural one",
        ),
        (
            "possible: true, source: {guarded: true}",
            "true",
            "'possible' has no effect: 'source' is not judged in other orders of events than the "
            "natural one",
        ),
        (
            "together: workers",
            "b,",
            "'b' asks for the same as 'used': one mistake would cost twice",
        ),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, relation: str, place: str, message: str) -> None:
    """It is said once, at its place."""
    check = f"  - {{id: b, expect: e, {relation}}}\n"
    text = HEAD + CAST + USED + check
    line, column = text.count("\n"), check.index(place, 0 if place == "b," else 22) + 1
    assert warned(tmp_path, text) == [f"{line}:{column}: {message}"]


RIGHT = """\
order: [{starts: p}, {starts: named}]
order: [{prints: hello, by: p}, {ends: workers}]
order: [{prints: hello, by: p}, {ends: p}]
order: [{code-ends: p}, {prints: bye, by: p}]
order: [{ends: workers}, {prints: done, by: main}]
order: [{ends: p}, {waits-for: named}]
time: {from: {starts: p}, to: {ends: p}, at-least: 950ms, at-most: 1.5s}
waited: {for: p, before: {prints: done, by: main}}
waited: {for: workers}
count: {who: workers, is: 5}
count: {who: p, at-least: 1}
ended: {who: p, exit: 3}
ended: {who: p, signal: SIGTERM, by: main, after: {prints: hello, by: p}}
prints: {text: 'hello {pid}', by: p, before: {prints: done, by: main}}
prints: {text: farewell, never: true}
prints: {text: hello, by: p, after: {prints: bye, by: main}}
source: {calls: multiprocessing.Process, avoids: multiprocessing.Pool}
concurrent: {by: workers, at-most: 3, reaches: 3}
concurrent: {by: workers, from: {prints: hello}, to: {prints: bye}, at-most: 7}
named: {who: p, is: 'hello {int}'}
daemon: {who: p, is: true}
points: 0, prints: {text: welcome, by: p}"""


@pytest.mark.parametrize("relation", RIGHT.splitlines())
def test_what_can_be_meant(tmp_path: Path, relation: str) -> None:
    """Nothing is said of it."""
    check = f"  - {{id: b, expect: e, {relation}}}\n"
    assert warned(tmp_path, HEAD + CAST + USED + check) == []


CHECK = "checks:\n  - {id: b, expect: e, clean: true}\n"
POSSIBLE = CHECK.replace("clean", "possible: true, clean")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "id: other\n" + HEAD.partition("\n")[2] + CHECK,
            "1:5: the file is called a.yaml: call it other.yaml, or change the id",
        ),
        (
            HEAD + SPARE + USED.replace(": p}", ": main}"),
            "5:10: no check speaks of 'spare': is one missing?",
        ),
        (
            HEAD.replace("title: t", "title: {en: t, zh: 标题}")
            + CHECK.replace("e,", "{en: e, zh: 要},"),
            "3:7: the Chinese of this is missing: other texts of the exercise have it, as in "
            "{en: ..., zh: ...}",
        ),
        (
            f"{HEAD}checks:\n  - id: b\n    expect: It # is\n    clean: true\n",
            "6:13: the text ends before ' #', which begins a comment: put the text in quotes (a "
            "comment is better off in a line of its own)",
        ),
        (
            HEAD.replace("print", "`sleep(0.1)`, `time.sleep(0.25)` and print") + CHECK,
            "3:7: a process that sleeps 0.1 s and one that sleeps 0.25 s change places when one is "
            "0.2 s late, which a right answer must survive: make the sleeps differ by more, or say "
            "run: {schedules: {delay: ...}}",
        ),
        (
            HEAD + "run: {schedules: {count: 1}}\n" + POSSIBLE,
            "6:34: 'possible' has no effect: with schedules: {count: 1} no order of events but "
            "the natural one is tried",
        ),
    ],
    ids=["id", "name", "translation", "comment", "sleeps", "natural"],
)
def test_what_is_odd_in_a_file(tmp_path: Path, text: str, message: str) -> None:
    """It is said where it stands, and nothing else is."""
    assert [each for each in warned(tmp_path, text) if "'missing'" not in each] == [message]


def test_texts_must_be_in_the_task_of_each_language(tmp_path: Path) -> None:
    """The language is named in which the task is silent; spaces and punctuation do not matter."""
    text = (
        "id: a\ntitle: {en: t, zh: 题}\ntask: {en: 'prints `all done :`', zh: '打印 `好了`'}\n"
        "checks:\n"
        "  - {id: b, expect: {en: e, zh: 要}, prints: {text: 'all  done: {int}', by: main}}\n"
    )
    assert warned(tmp_path, text) == [
        "5:52: the task does not say 'all done' in Chinese, which is graded: a student cannot know "
        "it"
    ]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0 if nothing is to be said, 1 for warnings, 2 for errors; all files are read."""
    good, odd, wrong = (tmp_path / f"{name}.yaml" for name in ("a", "odd", "wrong"))
    good.write_text(HEAD + CHECK)
    odd.write_text(HEAD + CHECK)
    wrong.write_text(HEAD + CHECK.replace("clean", "clea").replace("id: b", "id: B"))
    assert run(["lint", str(good), "--lang", "en"]) == 0
    assert run(["lint", str(good), str(odd), "--lang", "en"]) == 1
    capsys.readouterr()
    assert run(["lint", str(tmp_path), "--lang", "en"]) == 2
    printed = capsys.readouterr().out
    assert f"{odd}:1:5: warning: the file is called odd.yaml" in printed
    assert f"{wrong}:5:10: 'B' is no id" in printed
    assert f"{wrong}:5:24: unknown key 'clea' in a check" in printed
    assert printed.endswith("3 files: 2 errors, 1 warning.\n")
    assert run(["lint", str(tmp_path / "gone.yaml"), "--lang", "en"]) == 2
