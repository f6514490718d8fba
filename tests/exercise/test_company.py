"""Peers and dialogues in an exercise file: what is read, and each mistake with its message."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

from grader.exercise import Exercise, ExerciseError, load_exercise
from grader.exercise.names import read_program
from grader.exercise.pattern import parse_pattern
from tests.exercise import writing
from tests.exercise.writing import HEAD, told

CHECKS = "checks:\n  - {id: b, expect: e, clean: true}\n"
PEER = "{name: alice, program: peers/client.py, args: [hello, 3], begins: {listens: 8080}}"


def load(folder: Path, run: str, checks: str = CHECKS) -> Exercise:
    """An exercise whose ``run`` begins in line 4, beside a program ``peers/client.py``."""
    peers = folder / "peers"
    peers.mkdir(exist_ok=True)
    (peers / "client.py").write_text("print('hello')\n")
    file = folder / "a.yaml"
    file.write_text(f"{HEAD}run:\n{run}{checks}", encoding="utf-8")
    return load_exercise(file)


def told_of(folder: Path, run: str, checks: str = CHECKS) -> list[str]:
    """What is wrong with it: ``line:column: message``."""
    with pytest.raises(ExerciseError) as caught:
        load(folder, run, checks)
    return [f"{one.line}:{one.column}: {one.message}" for one in caught.value.problems]


def test_a_peer_is_read_with_its_program(tmp_path: Path) -> None:
    """Its file is named from the exercise's folder, and its bytes come with the exercise."""
    (tmp_path / "b.py").write_text("pass")
    exercise = load(tmp_path, f"  peers:\n    - {PEER}\n    - {{name: bob, program: b.py}}\n")
    alice, bob = exercise.run.peers
    assert (alice.name, alice.args) == ("alice", ("hello", "3"))
    assert alice.begins is not None
    assert alice.begins.listens == 8080
    assert bob.begins is None
    programs = {peer.program.name: peer.program.content for peer in exercise.run.peers}
    assert programs == {"peers/client.py": b"print('hello')\n", "b.py": b"pass"}


@pytest.mark.parametrize("pattern", ["got", "got: * again", "*: *"])
def test_what_a_peer_receives_stands_at_the_end(tmp_path: Path, pattern: str) -> None:
    """Its pattern has one star, and that at its end: what it stands for was received."""
    peer = f"{{name: a, program: peers/client.py, receives: '{pattern}'}}"
    assert told_of(tmp_path, f"  peers: [{peer}]\n") == [
        "5:11: 'receives' needs one * at its end, for what was received: 'got: *'"
    ]


def test_a_peer_is_called_like_any_process(tmp_path: Path) -> None:
    """Wherever a process is named its name can stand; it is no group."""
    moments = "[{starts: main}, {begins: alice}, {prints: x, by: alice}, {ends: alice}]"
    checks = (
        "checks:\n  - {id: b, expect: e, prints: {text: x, by: alice}}\n"
        f"  - {{id: c, expect: e, order: {moments}}}\n"
        "  - {id: d, expect: e, ended: {who: alice, exit: 0}}\n"
    )
    assert len(load(tmp_path, f"  peers: [{PEER}]\n", checks).checks) == 3
    together = "checks:\n  - {id: b, expect: e, together: alice}\n"
    assert told_of(tmp_path, f"  peers: [{PEER}]\n", together) == [
        "7:34: 'alice' is a single process, and this needs a group."
    ]


def test_steps_are_called_by_their_ids_or_their_places(tmp_path: Path) -> None:
    """Checks say either; an unknown one is told with those that there are."""
    steps = "  dialogue:\n    - {expect: 'name?'}\n    - {send: x, id: types}\n    - {expect: x}\n"
    checks = "checks:\n" + "".join(
        f"  - {{id: b{number}, expect: e, dialogue: {step}}}\n"
        for number, step in enumerate(("step-1", "types", "step-3"))
    )
    exercise = load(tmp_path, steps, checks)
    assert tuple(step.id for step in exercise.run.dialogue) == ("step-1", "types", "step-3")
    assert told_of(tmp_path, steps, checks.replace("step-3", "step-2")) == [
        "12:35: no step of the dialogue is called 'step-2'. Did you mean 'step-1' or 'step-3'? "
        "Names here: step-1, step-3, types"
    ]


def test_an_empty_line_can_be_sent(tmp_path: Path) -> None:
    """Two quotes are a line with nothing on it; nothing at all is a mistake."""
    exercise = load(tmp_path, "  dialogue: [{send: ''}, {press: end-of-input}]\n")
    assert exercise.run.dialogue[0].send == ""
    assert exercise.run.dialogue[1].press == "end-of-input"
    assert told_of(tmp_path, "  dialogue: [{send: }]\n") == [
        "5:15: 'send' has no value: give it one, or delete the line"
    ]


def test_what_is_expected_is_a_pattern_or_something_else(tmp_path: Path) -> None:
    """Alone, or in a list of which the first that comes counts; a bare text is a pattern."""
    steps = "    - expect: 'Name: *'\n    - expect: [{exact: '>>: '}, {regex: '^a.b$'}, ready]\n"
    exercise = load(tmp_path, f"  dialogue:\n{steps}    - {{press: interrupt, after: 0.5s}}\n")
    name, several, key = exercise.run.dialogue
    assert [each.compiled for each in name.expect] == [parse_pattern("Name: *")]
    assert [each.compiled for each in several.expect] == [
        ">>: ",
        re.compile("^a.b$", re.MULTILINE),
        parse_pattern("ready"),
    ]
    assert (key.press, key.after) == ("interrupt", 5 * 10**8)


@pytest.mark.parametrize(
    ("run", "messages"),
    [
        # programs
        (
            "  peers: [{name: a, program: peers/cleint.py}]\n",
            ["5:30: there is no file 'peers/cleint.py' below the folder of the exercise"],
        ),
        (
            "  peers: [{name: a, program: ../client.py}]\n",
            [
                "5:30: '../client.py' is no program of the exercise: write the path of a .py file "
                "below the folder of the exercise, such as peers/client.py"
            ],
        ),
        (
            "  peers: [{name: a, program: /bin/true}]\n",
            [
                "5:30: '/bin/true' is no program of the exercise: write the path of a .py file "
                "below the folder of the exercise, such as peers/client.py"
            ],
        ),
        # names
        (
            "  peers: [{name: main, program: peers/client.py}]\n",
            ["5:18: the name 'main' has a meaning already. Choose another"],
        ),
        (
            "  peers: [{name: a b, program: peers/client.py}]\n",
            [
                "5:18: 'a b' is no name: it has letters, digits, '-' and '_', and begins with a "
                "letter"
            ],
        ),
        (
            "  peers:\n    - {name: a, program: peers/client.py}\n"
            "    - {name: a, program: peers/client.py}\n",
            ["7:14: two peers are called 'a': the first is in line 6"],
        ),
        ("  peers: [{name: a}]\n", ["5:11: a peer needs 'program'"]),
        # beginnings
        (
            "  peers: [{name: a, program: peers/client.py, begins: at-once}]\n",
            [
                "5:55: begins is written with keys, such as {listens: 8080}. "
                "Allowed here: listens, prints"
            ],
        ),
        (
            "  peers: [{name: a, program: peers/client.py, begins: {listens: 80800}}]\n",
            ["5:65: '80800' is out of bounds: write at most 65535"],
        ),
        (
            "  peers: [{name: a, program: peers/client.py, begins: {prints: '{pid}'}}]\n",
            [
                "5:65: '{pid}' has no meaning here: it is for lines that a process prints. "
                "Allowed: * {int} {float} {word} {text} {bool}"
            ],
        ),
        # steps
        (
            "  dialogue: [{expect: a, send: b}]\n",
            [
                "5:26: 'expect' and 'send' do not go together: a step of the dialogue takes "
                "exactly one of expect, send, press"
            ],
        ),
        (
            "  dialogue:\n    - expect: {regex: 'took [0-9 s'}\n",
            [
                "6:29: this is no regular expression: unterminated character set. A character "
                "that means itself is written with \\ before it"
            ],
        ),
        (
            "  dialogue:\n    - expect: [ready, {regex: a*}]\n",
            [
                "6:31: this regular expression fits an empty text, and so whatever is printed: "
                "say what must be there at least"
            ],
        ),
        (
            "  dialogue:\n    - expect: [ready, {exact: ''}]\n",
            ["6:31: write a text of one line, and at least one character"],
        ),
        (
            "  dialogue:\n    - expect: {regx: a}\n",
            [
                "6:16: unknown key 'regx' in what is expected. Did you mean 'regex'? "
                "Allowed here: pattern, regex, exact"
            ],
        ),
        (
            "  dialogue:\n    - expect: [ready, 'a {pid}']\n",
            [
                "6:26: '{pid}' has no meaning here: it is for lines that a process prints. "
                "Allowed: * {int} {float} {word} {text} {bool}"
            ],
        ),
        (
            "  dialogue:\n    - {expect: ready, after: 1s}\n",
            ["6:23: 'after' goes with send or press only"],
        ),
        (
            "  dialogue:\n    - {press: interrupt, after: soon}\n",
            [
                "6:33: write a duration such as 200ms, with one of the units ns, us, ms, s, min, "
                "not 'soon'"
            ],
        ),
        (
            "  dialogue: [{press: ctrl-c}]\n",
            ["5:22: 'ctrl-c' is not allowed here. Allowed: end-of-input, interrupt, hang-up"],
        ),
        (
            "  dialogue:\n    - {id: x, expect: a}\n    - {id: x, expect: b}\n",
            ["7:12: two steps are called 'x': the first is in line 6"],
        ),
        (
            "  dialogue:\n    - {id: step-2, expect: a}\n    - {expect: b}\n",
            ["6:12: two steps are called 'step-2', by its id and by its place"],
        ),
        # ports
        ("  ports: [0]\n", ["5:11: '0' is out of bounds: write at least 1"]),
        (
            "  ports: 8080\n",
            ["5:10: 'ports' takes a list: [...] or items on lines that begin with '- '"],
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, run: str, messages: list[str]) -> None:
    """Where it stands, what is wrong, and what to write instead."""
    assert told_of(tmp_path, run) == messages


def test_a_peer_and_the_cast_cannot_share_a_name(tmp_path: Path) -> None:
    """A check could not say which of them it means."""
    cast = "cast:\n  alice: {children-of: main}\n"
    assert told_of(tmp_path, f"  peers: [{PEER}]\n", cast + CHECKS) == [
        "5:18: 'alice' is a name of the cast as well: call the peer otherwise"
    ]


def test_a_peer_that_is_no_python_is_told(tmp_path: Path) -> None:
    """The teacher's typing error is not to become every student's failure."""
    (tmp_path / "broken.py").write_text("print('a')\nprint('b'\n")
    assert told_of(tmp_path, "  peers: [{name: a, program: broken.py}]\n") == [
        "5:30: 'broken.py' is no Python program: '(' was never closed (its line 2)"
    ]
    (tmp_path / "null.py").write_bytes(b"print('a')\0")
    (message,) = told_of(tmp_path, "  peers: [{name: a, program: null.py}]\n")
    assert message.startswith("5:30: 'null.py' is no Python program: source code ")


def test_a_peer_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the system's reason."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    peer = "  peers: [{name: a, program: peers/client.py}]\n"
    load(tmp_path, peer)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ValueError, match=r"^'peers/client\.py' cannot be read: Permission denied$"):
        read_program("peers/client.py", tmp_path / "peers" / "client.py")


def test_a_dialogue_that_is_not_there_has_no_steps() -> None:
    """A check of it is told so."""
    checks = "checks:\n  - {id: b, expect: e, dialogue: asks}\n"
    assert told(HEAD + checks) == ["5:34: no step of the dialogue is called 'asks'. There are none"]


@pytest.mark.parametrize(
    ("relation", "message"),
    [
        ("{who: main}", "5:36: keeps-open needs 'at-most'"),
        ("{who: main, at-most: -1}", "5:57: '-1' is out of bounds: write at least 0"),
        ("{who: nobody, at-most: 0}", "5:42: no process is called 'nobody'. Names here: main"),
    ],
)
def test_a_mistake_in_keeps_open_is_told(relation: str, message: str) -> None:
    """As with any relation."""
    assert told(f"{HEAD}checks:\n  - {{id: b, expect: e, keeps-open: {relation}}}\n") == [message]


@pytest.mark.parametrize("methods", ["fork", "[fork]"])
def test_same_lines_needs_several_start_methods(methods: str) -> None:
    """There would be nothing to compare."""
    run = f"run: {{start-method: {methods}}}\n"
    assert told(f"{HEAD}{run}checks:\n  - {{id: b, expect: e, same-lines: true}}\n") == [
        "6:10: 'b' compares what is printed under several start methods: "
        "list them under run, as in start-method: [fork, spawn]"
    ]


def test_same_lines_of_two_start_methods() -> None:
    """It is true, or not there."""
    run = "run: {start-method: [fork, spawn]}\n"
    check = "checks:\n  - {id: b, expect: e, same-lines: "
    assert writing.load(f"{HEAD}{run}{check}true}}\n").checks[0].relation == "same-lines"
    (problem,) = told(f"{HEAD}{run}{check}false}}\n")
    assert problem.endswith("write true, or leave the check out")


def test_a_file_is_given_along(tmp_path: Path) -> None:
    """It is read with the exercise, and called by the last part of its path."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tickets.json").write_text("{}")
    (given,) = load(tmp_path, "  files: [data/tickets.json]\n").run.files
    assert (given.name, given.content) == ("tickets.json", b"{}")


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (
            "[../x.txt]",
            "5:11: '../x.txt' is no file of the exercise: write its path below the "
            "folder of the exercise, such as tickets.json",
        ),
        (
            "[x.txt]",
            "5:11: the file 'x.txt' below the folder of the exercise cannot be read: "
            "No such file or directory",
        ),
    ],
)
def test_a_file_that_cannot_be_given(tmp_path: Path, files: str, problem: str) -> None:
    """Neither what lies elsewhere nor what is not there."""
    with pytest.raises(ExerciseError) as error:
        load(tmp_path, f"  files: {files}\n")
    assert problem in str(error.value)
