"""What is seen while a class is graded."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from grader.checks import Status
from grader.classroom.batch import progress as display_module
from grader.classroom.batch.job import Crashed, Graded
from grader.classroom.batch.progress import ProgressDisplay
from grader.classroom.batch.summary import Summary
from grader.classroom.model import (
    CheckResult,
    ClassResults,
    HandIn,
    Student,
    Unmatched,
)
from grader.messages import Localized, say
from grader.submission import SourceFile, Submission

CLAIM = Localized({"en": "It ends well", "zh": "正常结束"})


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(display_module, "time", made)
    return made


def hand_in(name: str) -> HandIn:
    submission = Submission(Path(f"{name}.py"), (SourceFile(f"{name}.py", b""),))
    return HandIn(
        student=Student(name, name), exercise="join", file=f"{name}.py", submission=submission
    )


def graded(score: float) -> Graded:
    status = Status.PASSED if score else Status.FAILED
    check = CheckResult("clean", status, score, 2.0, CLAIM)
    return Graded(score, 2.0, bool(score), "finished", (check,), None, b"")


def shown(console: Console) -> list[str]:
    """What was drawn since the last time, without the bar."""
    assert isinstance(console.file, io.StringIO)
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.file.getvalue()).replace("\r", "\n")
    console.file.seek(0)
    console.file.truncate()
    return [line for each in drawn.split("\n") if (line := " ".join(each.split()).strip(" ━╸╺"))]


def terminal() -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, width=80, color_system=None, legacy_windows=False
    )


def test_a_bar_with_the_time_left(clock: Clock) -> None:
    """How many are done is seen at once; how long it goes on, by the pace of the last ones; and
    what failed last, with its first open check.
    """
    console = terminal()
    with ProgressDisplay(console, "en") as display:
        display.begins(100, 40)
        assert shown(console) == ["40/100"]
        for _ in range(5):
            clock.now += 2
            display.graded(hand_in("ada"), graded(2))
        assert shown(console)[-1] == "45/100 2 minutes left"
        clock.now += 2
        display.graded(hand_in("bo"), graded(0))
        clock.now += 2
        display.graded(hand_in("张三"), Crashed("Traceback"))
        assert shown(console)[-3:] == [
            "bo · join: 0/2 It ends well",
            "张三 · join: not judged",
            "47/100 2 minutes left",
        ]


def test_no_claim_is_cut(clock: Clock) -> None:
    """What does not fit into a line goes on in the next."""
    console = terminal()
    claim = Localized({"en": "`end` is printed after the child has ended, however slow it is " * 2})
    failed = graded(0)
    check = replace(failed.checks[0], expected=claim)
    with ProgressDisplay(console, "en") as display:
        display.begins(10, 0)
        clock.now += 2
        display.graded(hand_in("ada"), replace(failed, checks=(check,)))
        told = " ".join(shown(console))
    assert claim.in_language("en").strip() in told


def test_on_no_terminal() -> None:
    """In a pipe or a log nothing is drawn, and all is counted."""
    console = Console(file=io.StringIO())
    with ProgressDisplay(console, "en") as display:
        display.begins(2, 1)
        display.tick()
        display.graded(hand_in("ada"), graded(2))
        assert (display.done, display.total) == (2, 2)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ""


def test_many_that_were_not_graded() -> None:
    """A reason that many files have is said once, and every file is listed under it."""
    console = Console(file=io.StringIO(), width=80)
    unmatched = tuple(
        Unmatched(name, say("Its name does not say which student it belongs to."))
        for name in ("a", "b", "c")
    )
    other = Unmatched("d", say("It is damaged, or packed in a way that cannot be read."))
    results = ClassResults(Path(), "files", (), (), (*unmatched, other))
    Summary(console, "en").tell(results)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines()[:-1] == [
        "4 files were not graded:",
        "  Its name does not say which student it belongs to.",
        "    a",
        "    b",
        "    c",
        "  d: It is damaged, or packed in a way that cannot be read.",
    ]


def test_names_and_reasons_do_not_act_on_the_terminal() -> None:
    """A file may be called anything, and an error may say anything."""
    console = Console(file=io.StringIO(), width=200)
    evil = "\x1b[2J\x1b[32m10 of 10\r\u202etxt"
    unmatched = Unmatched(f"{evil}.py", say("It is no answer: {what}.", what=evil))
    Summary(console, "en").tell(ClassResults(Path(), "files", (), (), (unmatched,)))
    told = console.file.getvalue()
    assert not set(told) & set("\x1b\r\u202e")
    assert "␛[2J␛[32m10 of 10␍⟨U+202E⟩txt.py" in told
