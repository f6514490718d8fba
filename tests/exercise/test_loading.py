"""From a file to an Exercise, and to everything that is wrong with a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.exercise import (
    Exercise,
    ExerciseError,
    Moment,
    Order,
    Source,
    Together,
    load_exercise,
    shipped_exercises,
)
from grader.messages import Localized
from grader.trace import StartMethod
from tests.exercise.writing import GOOD, HEAD, load, told

WHOLE = """\
id: join-all
title: {en: Wait for all, zh: 一起等待}
task: |
  Start **five** processes.
run:
  clock: real
  start-method: [fork, spawn]
  limits: {time: 2min, cpu: 1.5s, processes: 8, memory: 1GB, output: 10KB}
cast:
  工人: {children-of: main, count: 5, prints: 'hello *'}
  last: {children-of: main, except: 工人, named: 'Process-{int}'}
checks:
  - id: together
    points: 2.5
    expect: All at once
    together: 工人
    hint: {zh: 先启动}
  - id: in-order
    needs: [together]
    expect: 12
    any-duration: yes
    order:
      - [{ends: 工人}, {prints: 456, by: last}]
      - {waits-for: last, by: main}
"""


def test_a_whole_exercise_is_read() -> None:
    """Units become nanoseconds and bytes, texts localized, and what is left out its default."""
    exercise = load(WHOLE)
    assert exercise.title == Localized({"en": "Wait for all", "zh": "一起等待"})
    assert exercise.task == Localized({"en": "Start **five** processes.\n"})
    assert exercise.run.clock == "real"
    assert exercise.run.start_method == (StartMethod.FORK, StartMethod.SPAWN)
    limits = exercise.run.limits
    assert (limits.time, limits.cpu) == (120 * 10**9, 1_500_000_000)
    assert (limits.processes, limits.memory, limits.output) == (8, 10**9, 10_000)
    assert exercise.cast["工人"].count == 5
    assert exercise.cast["last"].except_ == "工人"
    together, in_order = exercise.checks
    assert (together.parameters, together.points) == (Together(group="工人"), 2.5)
    assert (in_order.relation, in_order.needs, in_order.points) == ("order", ("together",), 1)
    assert in_order.expect == Localized({"en": "12"})
    assert in_order.any_duration is True
    assert isinstance(in_order.parameters, Order)
    assert in_order.parameters.steps == (
        (Moment(ends="工人"), Moment(prints="456", by="last")),
        Moment(**{"waits-for": "last", "by": "main"}),
    )


def test_a_check_is_found_by_its_id() -> None:
    """`Exercise.check` gives the check, and says KeyError for an id that is none."""
    exercise = load(GOOD)
    assert exercise.check("b") is exercise.checks[0]
    with pytest.raises(KeyError, match="c"):
        exercise.check("c")


@pytest.mark.parametrize("text", ["\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), "---\n" + GOOD])
def test_a_bom_crlf_and_a_document_mark_are_fine(text: str) -> None:
    """What editors on Windows save is read like any other file."""
    assert load(text).id == "a"


def test_an_exercise_in_python_keeps_the_same_rules() -> None:
    """The models refuse in Python what they refuse in a file."""
    with pytest.raises(
        ValueError, match="'by' goes with prints, waits-for, listens or last-call only"
    ):
        Moment(starts="p", by="main")
    with pytest.raises(ValueError, match="a moment needs exactly one of starts, begins, ends"):
        Moment()


def test_every_problem_is_told_at_once_in_the_order_of_the_file() -> None:
    """Keys, values, names, patterns and circles are all told, each with its source line."""
    text = """\
id: join
titel: x
task: t
cast:
  workers: {children-of: main, cuont: 5}
checks:
  - id: one
    points: many
    expect: 五个进程
    prints: {text: '你好 {pdi}', by: wokers}
    needs: [two]
  - id: two
    needs: [one]
    expect: e
"""
    with pytest.raises(ExerciseError) as caught:
        load(text)
    name = caught.value.problems[0].file
    assert str(caught.value).replace(name, "join.yaml") == (
        """\
join.yaml:2:1: unknown key 'titel' in an exercise. Did you mean 'title'? \
Allowed here: id, title, task, run, cast, checks
    2 | titel: x
      | ^~~~~
join.yaml:5:32: unknown key 'cuont' in a name of the cast. Did you mean 'count'? \
Allowed here: children-of, threads-of, programs-of, count, prints, named, except
    5 |   workers: {children-of: main, cuont: 5}
      |                                ^~~~~
join.yaml:8:13: write a number such as 2 or 0.5, not 'many'
    8 |     points: many
      |             ^~~~
join.yaml:10:24: '{pdi}' is no hole. Did you mean '{pid}'? \
Allowed: {pid} {ppid} {name} {int} {float} {word} {text} {bool}. A real brace is written {{
   10 |     prints: {text: '你好 {pdi}', by: wokers}
      |                          ^~~~~
join.yaml:10:36: no process is called 'wokers'. Did you mean 'workers'? \
Names here: main, any, workers
   10 |     prints: {text: '你好 {pdi}', by: wokers}
      |                                      ^~~~~~
join.yaml:12:5: a check needs exactly one of prints, order, time, together, one-at-a-time, \
waited, ended, signalled, concurrent, pairs, follows, daemon, named, subclass, called, \
started-by, count, \
start-method, raises, clean, source, dialogue, prompt, keeps-open, one-connection-each, \
same-lines, file, shares
   12 |   - id: two
      |     ^
join.yaml:13:13: the check 'one' needs 'two' needs 'one': that never ends
   13 |     needs: [one]
      |             ^~~"""
    )


def test_the_caret_stands_under_its_word_beside_chinese_and_in_long_lines() -> None:
    """Chinese characters are two columns wide, and of a long line the part around it is shown."""
    with pytest.raises(ExerciseError) as caught:
        load(f"{HEAD}checks:\n  - {{id: b, expect: {'好' * 60}, claen: true}}\n")
    *_, line, caret = str(caught.value).splitlines()
    assert line == f"    5 | {'好' * 43}, claen: true}}"
    assert caret == f"      | {' ' * 88}^~~~~"


def test_a_file_that_is_not_there_is_told_with_its_neighbours(tmp_path: Path) -> None:
    """A missing file is named, with the file beside it that was probably meant."""
    (tmp_path / "join.yaml").write_text(GOOD)
    with pytest.raises(ExerciseError) as caught:
        load_exercise(tmp_path / "jion.yaml")
    assert str(caught.value) == (
        f"{tmp_path}/jion.yaml: there is no such file. Did you mean '{tmp_path}/join.yaml'?"
    )


def test_a_missing_file_without_neighbours_is_just_missing(tmp_path: Path) -> None:
    """No suggestion is made where nothing is close."""
    with pytest.raises(ExerciseError) as caught:
        load_exercise(tmp_path / "none" / "join.yaml")
    assert str(caught.value) == f"{tmp_path}/none/join.yaml: there is no such file"


def test_a_folder_is_no_exercise(tmp_path: Path) -> None:
    """A folder is told to be one."""
    with pytest.raises(ExerciseError) as caught:
        load_exercise(tmp_path)
    assert str(caught.value) == f"{tmp_path}: this is a folder, not an exercise file"


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """The system's reason is passed on."""
    loop = tmp_path / "loop.yaml"
    os.symlink(loop, loop)
    with pytest.raises(ExerciseError) as caught:
        load_exercise(loop)
    assert str(caught.value) == f"{loop}: cannot be read: Too many levels of symbolic links"


def test_a_name_that_no_file_can_have_is_told() -> None:
    """A null byte in a path is a problem of the path, not a crash."""
    with pytest.raises(ExerciseError) as caught:
        load_exercise(Path("a\0b.yaml"))
    assert str(caught.value) == "a\0b.yaml: cannot be read: embedded null byte"


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\n\n", "---\n...\n"])
def test_an_empty_file_is_told_to_be_empty(text: str) -> None:
    """Comments and blank lines are no exercise."""
    assert told(text) == ["the file is empty: an exercise begins with 'id: ...'"]


def test_a_large_file_is_no_exercise() -> None:
    """More than 256 KB is refused unread."""
    assert told(GOOD + "#" * 256 * 1024) == ["larger than 256 KB: this is no exercise file"]


def test_bytes_that_are_not_utf_8_are_told_with_their_place() -> None:
    """A GBK file says which byte is wrong and how to save it."""
    assert told("id: a\ntitle: 启动\n".encode("gbk")) == [
        "2:8: byte 0xC6 is not UTF-8: save the file as UTF-8"
    ]


def test_a_control_character_is_told_with_its_place() -> None:
    """YAML takes no control characters; the message names the character."""
    assert told(GOOD + "# a\x07\n") == ["6:4: the character U+0007 cannot stand in a YAML file"]


def test_every_shipped_exercise_is_right() -> None:
    """Each loads, is named like its file, and says everything in English and in Chinese."""
    for name, path in shipped_exercises().items():
        exercise = load_exercise(path)
        assert exercise.id == name
        for text in _texts(exercise):
            assert set(text.by_language) == {"en", "zh"}, f"{name}: {text}"


def _texts(exercise: Exercise) -> list[Localized]:
    checks = [text for check in exercise.checks for text in (check.expect, check.hint) if text]
    return [exercise.title, exercise.task, *checks]


@pytest.mark.parametrize(
    "name",
    [
        "multiprocessing.Process.join",
        "Process.start",
        "multiprocessing.pool.ThreadPool",
        "concurrent.futures.ThreadPoolExecutor",
        "threading.settrace_all_threads",
        "threading.BoundedSemaphore",
        "time",
        "Event",
        "helpers.Lokc",
        "p.start",
    ],
)
def test_names_of_calls(name: str) -> None:
    """What the library has, also in newer Pythons and in modules of packages, what Process has,
    and what may be a name of the script's own.
    """
    check = f"checks:\n  - {{id: b, expect: e, source: {{calls: {name}}}}}\n"
    asked = load(HEAD + check).checks[0].parameters
    assert isinstance(asked, Source)
    assert asked.calls == name
