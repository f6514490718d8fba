"""A flood of events is judged in a time that grows no faster than the flood."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import fields, replace
from itertools import cycle, islice
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from grader.checks import JudgeContext
from grader.exercise import load_exercise, shipped_exercises
from grader.grading.judged import JudgedRun
from grader.source import code_of
from grader.submission import SourceFile, Submission
from grader.trace import Event, Outcome, ThreadStep, Trace, WaitReason

from ..building import EVENT_KINDS, SCRIPT, Story, s

SUBMISSION = Submission(Path(SCRIPT), (SourceFile(SCRIPT, b"import os\nos.fork()\n"),))
FEW, MANY = 400, 1200
VALUES = {
    "child": 1,
    "children": (1,),
    "signal": 15,
    "obstacle": WaitReason.LOCK,
    "text": "hello",
    "address": "127.0.0.1",
    "function": "is_alive",
}


def event(kind: Callable[..., Event], names: set[str], number: int) -> Event:
    """One of a flood, of main or of its child."""
    at, by = s(0.02) + 1000 * number, number % 2
    values: dict[str, Any] = {name: VALUES[name] for name in names & VALUES.keys()}
    if "target" in names:
        values["target"] = 1 - by
    if "until" in names:
        values["until"] = at + 500
    if kind is ThreadStep:
        values |= {"thread": 1, "what": "ended"}
    return kind(at, by, **values)


def flooded(count: int, outcome: Outcome) -> Trace:
    """Main starts a child; then so many events of all kinds follow one another."""
    story = Story()
    story.start(at=s(0.01))
    begun = story.trace()
    once = ("Began", "Ended", "CodeEnded")
    kinds = [
        (kind, {each.name for each in fields(kind)})
        for kind in EVENT_KINDS
        if kind.__name__ not in once
    ]
    flood = (event(*kind, number) for number, kind in enumerate(islice(cycle(kinds), count)))
    events = (*begun.events, *flood)
    return replace(begun, events=events, outcome=outcome, duration=events[-1].at)


def calls_of(work: Callable[[], object]) -> int:
    """How many functions are called by it, those of the interpreter included."""
    count = 0

    def see(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("outcome", [Outcome.EVENT_LIMIT, Outcome.FINISHED])
@pytest.mark.parametrize("name", ["daemon-children", "join", "terminate"])
def test_a_flood_of_all_kinds_of_events(name: str, outcome: Outcome) -> None:
    """Three times as many events take three times as long, be it to judge them or to explain what
    failed: who looks at each event of one kind does not look for another among all of them.
    """
    exercise = load_exercise(shipped_exercises()[name])

    def judge(count: int) -> int:
        run = JudgedRun(
            JudgeContext(exercise, flooded(count, outcome), SUBMISSION, code_of(SUBMISSION))
        )
        return calls_of(lambda: run.findings(()))

    judge(FEW)  # what is loaded and remembered once is not counted
    assert judge(MANY) <= 3.5 * judge(FEW)
