"""Which broken orders are believed, with hand-written traces in place of runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from grader.exploring import Exploration, explore, replay
from grader.limits import Limits
from grader.schedules import NATURAL, parse_schedule
from grader.submission import SourceFile, Submission
from grader.supervisor import Plan
from grader.trace import MAIN, Meeting, Trace, WorkStep
from tests.building import Story, s
from tests.checks.stage import exercise

CHECK = {
    "id": "child-first",
    "any-duration": True,
    "order": [{"prints": "child", "by": "any"}, {"prints": "done", "by": "main"}],
}
SLOW = "slow:worker-1x4"
LEAST = "slow:worker-1x2"
"""The least that is tried once the other breaks."""
SCRIPT = SourceFile("student.py", b"")
PLAN = Plan(Submission(Path(SCRIPT.name), (SCRIPT,)), Limits(), schedule=NATURAL)


def played(*, right: bool, schedule: str, exact: bool = True) -> Trace:
    """A child that prints, and main that prints after it or before it."""
    story = Story()
    child = story.start(at=s(0.01))
    story.sleeps(child, at=s(0.02), until=s(0.1))
    first, second = ((child, "child"), (MAIN, "done"))[:: 1 if right else -1]
    story.prints(*first, at=s(0.2))
    story.prints(*second, at=s(0.3))
    story.ends(child, at=s(0.4))
    story.ends(MAIN, at=s(0.5))
    return replace(story.trace(schedule), exact=exact)


class Stage:
    """Plays the right story, but a wrong one where ``breaks(schedule, how often it was run)``."""

    def __init__(self, breaks: Callable[[str, int], bool], *, exact: bool = True) -> None:
        self.plans: list[str] = []
        self._breaks, self._exact = breaks, exact

    def __call__(self, plans: Sequence[Plan]) -> list[Trace]:
        return [self._play(str(plan.schedule)) for plan in plans]

    def _play(self, schedule: str) -> Trace:
        self.plans.append(schedule)
        wrong = self._breaks(schedule, self.plans.count(schedule))
        return played(right=not wrong, schedule=schedule, exact=self._exact)


def explored(stage: Stage, how_many: int = 3, at_once: int = 1) -> Exploration:
    natural = played(right=True, schedule="natural")
    return explore(exercise(CHECK), PLAN, natural, stage, how_many, at_once=at_once)


def test_an_exact_run_is_believed_when_it_breaks_once_more() -> None:
    """The smallest order that breaks the check is run again, and told."""
    stage = Stage(lambda schedule, _: schedule in (SLOW, LEAST))
    (breaking,) = explored(stage).breaking
    assert (breaking.schedule, breaking.exact) == (LEAST, True)
    assert stage.plans.count(LEAST) == 2


def test_an_inexact_run_is_believed_when_it_breaks_three_times_more() -> None:
    """Where a spin was interrupted, chance decides what happens."""
    stage = Stage(lambda schedule, _: schedule in (SLOW, LEAST), exact=False)
    (breaking,) = explored(stage).breaking
    assert (breaking.schedule, breaking.exact) == (LEAST, False)
    assert stage.plans.count(LEAST) == 4


@pytest.mark.parametrize("lucky_time", [2, 3, 4])
def test_an_inexact_run_that_holds_once_is_not_told(lucky_time: int) -> None:
    """Nobody is accused of what cannot be shown."""
    stage = Stage(
        lambda schedule, time: schedule in (SLOW, LEAST) and time != lucky_time, exact=False
    )
    told = explored(stage)
    assert not told.breaking
    assert SLOW in told.tried


def test_what_does_not_break_again_is_not_told() -> None:
    """An order that broke a check once, and never again, says nothing."""
    stage = Stage(lambda schedule, time: schedule == SLOW and time == 1)
    assert not explored(stage).breaking


def test_a_run_that_went_another_way_is_marked() -> None:
    """It says of itself that it is exact, but the same order gave another trace."""

    class Drifting(Stage):
        def _play(self, schedule: str) -> Trace:
            trace = super()._play(schedule)
            return replace(trace, steps=len(self.plans))

    stage = Drifting(lambda schedule, _: schedule in (SLOW, LEAST))
    (breaking,) = explored(stage).breaking
    assert not breaking.exact


COUNTED = "child-first"
MEETINGS = tuple(Meeting("worker-1", "call", line, line + 2, 3 * line) for line in range(3, 7))


class Counting(Stage):
    """The child-first run also counts where processes can meet."""

    def _play(self, schedule: str) -> Trace:
        trace = super()._play(schedule)
        if schedule != COUNTED:
            return trace
        return replace(trace, steps=100, opcodes=50, meetings=MEETINGS)


@pytest.mark.parametrize("at_once", [2, 3, 8, 20])
@pytest.mark.parametrize("breaking", ["nothing", SLOW, COUNTED, "late:worker-1+200ms"])
def test_how_many_run_at_once_changes_nothing(at_once: int, breaking: str) -> None:
    """Neither what is tried nor what is told, whether the row is cut short or not."""
    one, many = (
        explored(Counting(lambda schedule, _: schedule == breaking), 14, number)
        for number in (1, at_once)
    )
    assert many == one


def test_the_names_are_those_of_schedules() -> None:
    """The two names that these tests are about can be replayed."""
    assert [str(parse_schedule(name)) for name in (SLOW, LEAST)] == [SLOW, LEAST]


@pytest.mark.parametrize(("name", "is_told"), [(SLOW, True), ("natural", False)])
def test_an_order_that_somebody_asks_for(name: str, *, is_told: bool) -> None:
    """It is run once, whatever it breaks, with the computing that the natural run measured."""
    plans: list[Plan] = []

    def runner(wanted: Sequence[Plan]) -> list[Trace]:
        plans.extend(wanted)
        return [played(right=True, schedule=str(plan.schedule)) for plan in wanted]

    natural = replace(played(right=False, schedule="natural"), work=(WorkStep(MAIN, 0, 1, s(0.1)),))
    told = replay(PLAN, natural, runner, parse_schedule(name))
    assert plans == [replace(PLAN, schedule=parse_schedule(name), work=natural.work)]
    assert told.tried == (name,)
    assert [trace.schedule for trace in told.breaking] == [name]
    assert told.replayed is (told.breaking[0] if is_told else None)
