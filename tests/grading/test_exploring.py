"""Which broken orders are believed, with hand-written traces in place of runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.grading import grade
from grader.grading.exploring import Exploration, explore, replay
from grader.grading.result import Unconfirmed
from grader.grading.runs import Budget, Runner
from grader.limits import Limits
from grader.schedules import NATURAL, parse_schedule
from grader.submission import SourceFile, Submission
from grader.supervisor import Plan
from grader.trace import MAIN, Outcome, PreemptionPoint, Slept, Trace, WaitBegan, WorkStep
from tests.building import Story, s
from tests.checks.stage import exercise, judged_runs, submission

CHECK = {
    "id": "child-first",
    "any-duration": True,
    "order": [{"prints": "child", "by": "any"}, {"prints": "done", "by": "main"}],
}
SLOW = "slow:worker-1x4"
COUNTED = "child-first"
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
    (judged,) = judged_runs(exercise(CHECK), [natural], PLAN.submission)
    return explore(PLAN, judged, stage, how_many, at_once=at_once)


def test_an_exact_run_is_believed_when_it_breaks_once_more() -> None:
    """The smallest order that breaks the check is run again, and told."""
    stage = Stage(lambda schedule, _: schedule in (SLOW, LEAST))
    (breaking,) = explored(stage).breaking
    assert (str(breaking.schedule), breaking.trace.exact) == (LEAST, True)
    assert stage.plans.count(LEAST) == 2


def test_an_inexact_run_is_believed_when_it_breaks_three_times_more() -> None:
    """Where a spin was interrupted, chance decides what happens."""
    stage = Stage(lambda schedule, _: schedule in (SLOW, LEAST), exact=False)
    (breaking,) = explored(stage).breaking
    assert (str(breaking.schedule), breaking.trace.exact) == (LEAST, False)
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


class Vanishing(Stage):
    """In each order in which it would break, the run is lost sight of."""

    def _play(self, schedule: str) -> Trace:
        trace = super()._play(schedule)
        lost = ("main was killed.",) if self._breaks(schedule, self.plans.count(schedule)) else ()
        return replace(trace, doubts=lost)


def test_an_order_that_was_not_seen_whole_is_told() -> None:
    """It is none that broke something, and none that broke nothing."""
    told = explored(Vanishing(lambda schedule, _: schedule == SLOW))
    assert not told.breaking
    assert [str(run.schedule) for run in told.unjudged] == [SLOW]


def test_a_break_that_is_lost_sight_of_when_it_is_to_be_confirmed() -> None:
    """To vanish the second time is no better than the first."""

    class VanishingLater(Stage):
        def _play(self, schedule: str) -> Trace:
            trace = super()._play(schedule)
            again = schedule == SLOW and self.plans.count(schedule) > 1
            return replace(trace, doubts=("main was killed.",) if again else ())

    told = explored(VanishingLater(lambda schedule, _: schedule == SLOW))
    assert not told.breaking
    assert [str(run.schedule) for run in told.unjudged] == [SLOW]


def test_a_lost_run_does_not_make_a_failure_one_by_chance() -> None:
    """Of what both orders of starting decide, one that was lost says nothing."""
    stage = Vanishing(lambda schedule, _: schedule == "parent-first")
    natural = played(right=False, schedule="natural")
    (judged,) = judged_runs(exercise(CHECK), [natural], PLAN.submission)
    stage_of_wrong = [played(right=False, schedule="child-first")]

    def runner(plans: Sequence[Plan]) -> Sequence[Trace]:
        (plan,) = plans
        return stage_of_wrong if str(plan.schedule) == "child-first" else stage(plans)

    assert explore(PLAN, judged, runner, 3).by_chance == frozenset()


@pytest.mark.parametrize("outcome", [Outcome.FINISHED, Outcome.EVENT_LIMIT])
def test_who_polls_for_a_very_late_process_is_right(outcome: Outcome) -> None:
    """A delay beyond the longest time-out breaks what it breaks, but a run that it takes to a
    limit says nothing.
    """
    late = "late:worker-1+1200s"

    def timed_out(trace: Trace) -> Trace:
        began = WaitBegan(s(0.05), MAIN, (1,), s(60))
        return replace(trace, events=(*trace.events, began))

    def run(plans: Sequence[Plan]) -> list[Trace]:
        names = [str(plan.schedule) for plan in plans]
        traces = [timed_out(played(right=name != late, schedule=name)) for name in names]
        return [
            replace(each, outcome=outcome) if name == late else each
            for name, each in zip(names, traces, strict=True)
        ]

    natural = timed_out(played(right=True, schedule="natural"))
    (judged,) = judged_runs(exercise(CHECK), [natural], PLAN.submission)
    told = explore(PLAN, judged, run, 8)
    assert late in told.tried
    assert bool(told.breaking) is (outcome is Outcome.FINISHED)


def test_what_does_not_break_again_is_noted() -> None:
    """Whoever works on the grader learns which order broke which check only once."""
    stage = Stage(lambda schedule, time: schedule == SLOW and time == 1)
    assert explored(stage).unconfirmed == (Unconfirmed(SLOW, "child-first"),)


def test_a_run_that_went_another_way_is_marked() -> None:
    """It says of itself that it is exact, but the same order gave another trace."""

    class Drifting(Stage):
        def _play(self, schedule: str) -> Trace:
            trace = super()._play(schedule)
            return replace(trace, steps=len(self.plans))

    stage = Drifting(lambda schedule, _: schedule in (SLOW, LEAST))
    (breaking,) = explored(stage).breaking
    assert not breaking.trace.exact


def dear(trace: Trace, seconds: float) -> Trace:
    """The same run, but it took so long to watch."""
    return replace(trace, supervision=s(seconds))


class Dear(Stage):
    """Three runs take more than all may together; the natural one takes nothing."""

    def _play(self, schedule: str) -> Trace:
        return dear(super()._play(schedule), 0.4 * PLAN.limits.grading / s(1))


def test_what_is_too_dear_to_watch_is_cut_off() -> None:
    """No run is begun when the budget is used up."""
    stage = Dear(lambda *_: False)
    told = explored(stage, how_many=12)
    assert stage.plans == list(told.tried)
    assert len(told.tried) == 3
    assert told.is_cut_off


def test_what_the_last_run_broke_is_confirmed_all_the_same() -> None:
    """Once, and without a look for anything smaller: nobody passes by being dear."""
    stage = Dear(lambda schedule, _: schedule == SLOW)
    told = explored(stage, how_many=12)
    assert [str(each.schedule) for each in told.breaking] == [SLOW]
    assert stage.plans == [*told.tried, SLOW]


def test_what_was_tried_before_the_end_of_the_budget_is_looked_at() -> None:
    """The orders that are tried first of all come later in the row."""
    stage = Dear(lambda schedule, _: schedule == COUNTED)
    natural = dear(played(right=True, schedule="natural"), 2)
    (judged,) = judged_runs(exercise(CHECK), [natural], PLAN.submission)
    budget = Budget(replace(PLAN.limits, cpu=0, supervision=s(8)))
    budget.spend([natural])
    told = explore(PLAN, judged, stage, 12, budget=budget)
    assert told.tried == (COUNTED, "parent-first")
    assert [str(each.schedule) for each in told.breaking] == [COUNTED]


class Limited(Stage):
    """Keeps what the runs may take."""

    def __call__(self, plans: Sequence[Plan]) -> Sequence[Trace]:
        self.limits = plans[0].limits
        return super().__call__(plans)


def test_what_was_quick_in_the_natural_order_may_not_be_dear_in_another() -> None:
    """A run under a schedule may take ten times as much, and some in any case."""
    stage = Limited(lambda *_: False)
    explored(stage)
    usual = PLAN.limits
    assert stage.limits == usual.under_schedule(0, 0)
    assert stage.limits == replace(usual, supervision=s(3), events=5_000)
    assert usual.under_schedule(s(0.4), 1_000) == replace(usual, supervision=s(4), events=10_000)
    assert usual.under_schedule(s(2), 10_000) == usual


def test_what_is_watched_for_long_has_done_something() -> None:
    """In the natural order what a program computes and does grants the supervisor more time."""
    assert PLAN.limits.supervision_beside(0, 0) == s(3)
    assert PLAN.limits.supervision_beside(s(0.25), 2_000) == s(6)
    assert PLAN.limits.supervision_beside(s(5), 0) == PLAN.limits.supervision


class Stuck(Stage):
    """Under every schedule but the natural one the run is cut off by the real clock."""

    def __call__(self, plans: Sequence[Plan]) -> Sequence[Trace]:
        return [replace(trace, outcome=Outcome.WALL_LIMIT) for trace in super().__call__(plans)]


def test_after_a_run_that_was_cut_off_no_more_orders_are_tried() -> None:
    """Each would take as long: it is confirmed, and that is all."""
    stage = Stuck(lambda schedule, _: schedule == COUNTED)
    told = explored(stage, how_many=12)
    assert told.is_cut_off
    assert told.tried == (COUNTED,)
    assert len(stage.plans) == 2


class Flooding(Stage):
    """Under every schedule but the natural one so much happens that the run is stopped."""

    def __call__(self, plans: Sequence[Plan]) -> Sequence[Trace]:
        return [replace(trace, outcome=Outcome.EVENT_LIMIT) for trace in super().__call__(plans)]


def test_an_order_under_which_a_run_comes_to_no_end_is_believed_at_once() -> None:
    """Each further run of it, or of a smaller one, would be as dear. Others are tried all the same:
    no flood hides what they break.
    """
    stage = Flooding(lambda schedule, _: schedule == SLOW)
    told = explored(stage, how_many=4)
    assert [str(each.schedule) for each in told.breaking] == [SLOW]
    assert stage.plans == [COUNTED, "parent-first", SLOW]
    assert not told.is_cut_off


def test_an_order_that_was_tried_is_not_made_to_be_smaller() -> None:
    """Of an exact run it is known already whether the simpler order breaks the check."""
    stage = Stage(lambda schedule, _: schedule.startswith("random"))
    told = explored(stage, how_many=9)
    assert [str(each.schedule).partition(":")[0] for each in told.breaking] == ["random"]
    assert stage.plans.count("child-first") == stage.plans.count("parent-first") == 1


@pytest.mark.parametrize("breaking", [COUNTED, "parent-first"])
def test_of_few_orders_those_that_were_tried_are_looked_at(breaking: str) -> None:
    """No more than were asked for, and none of them in vain."""
    told = explored(Stage(lambda schedule, _: schedule == breaking), how_many=2)
    assert told.tried == (COUNTED, "parent-first")
    assert [str(each.schedule) for each in told.breaking] == [breaking]


class DearToCount(Stage):
    """Where opcodes are counted, the submission comes to its limit of CPU time."""

    def __call__(self, plans: Sequence[Plan]) -> list[Trace]:
        traces = super().__call__(plans)
        return [
            replace(trace, outcome=Outcome.CPU_LIMIT) if plan.counts_opcodes else trace
            for plan, trace in zip(plans, traces, strict=True)
        ]


def test_what_counting_does_is_not_the_students() -> None:
    """The run is made again without it, and that one is judged."""
    stage = DearToCount(lambda *_: False)
    told = explored(stage)
    assert not told.breaking
    assert not told.unconfirmed
    assert stage.plans.count(COUNTED) == 2


PREEMPTION_POINTS = tuple(
    PreemptionPoint("worker-1", "call", line, line + 2, 3 * line) for line in range(3, 7)
)


class Counting(Stage):
    """The child-first run also counts where processes can meet."""

    def _play(self, schedule: str) -> Trace:
        trace = super()._play(schedule)
        if schedule != COUNTED:
            return trace
        return replace(trace, steps=100, opcodes=50, preemption_points=PREEMPTION_POINTS)


@pytest.mark.parametrize("at_once", [2, 3, 8, 20])
@pytest.mark.parametrize("breaking", ["nothing", SLOW, COUNTED, "late:worker-1+200ms"])
def test_how_many_run_at_once_changes_nothing(at_once: int, breaking: str) -> None:
    """Neither what is tried nor what is told, whether the row is cut short or not."""
    one, many = (
        explored(Counting(lambda schedule, _: schedule == breaking), 14, number)
        for number in (1, at_once)
    )
    assert (many.tried, many.by_chance) == (one.tried, one.by_chance)
    assert [run.trace for run in many.breaking] == [run.trace for run in one.breaking]


def test_the_names_are_those_of_schedules() -> None:
    """The two names that these tests are about can be replayed."""
    assert [str(parse_schedule(name)) for name in (SLOW, LEAST)] == [SLOW, LEAST]


@pytest.mark.parametrize(("name", "runs"), [(SLOW, 1), ("natural", 0)])
def test_an_order_that_somebody_asks_for(name: str, runs: int) -> None:
    """It is run once, whatever it breaks, with the computing that the natural run measured; the
    natural one has been run, and is not shown twice.
    """
    plans: list[Plan] = []

    def runner(wanted: Sequence[Plan]) -> list[Trace]:
        plans.extend(wanted)
        return [played(right=True, schedule=str(plan.schedule)) for plan in wanted]

    natural = replace(played(right=False, schedule="natural"), work=(WorkStep(MAIN, 0, 1, s(0.1)),))
    (judged,) = judged_runs(exercise(CHECK), [natural], PLAN.submission)
    told = replay(PLAN, judged, runner, parse_schedule(name))
    limits = PLAN.limits.under_schedule(natural.supervision, len(natural.events))
    wanted = replace(PLAN, schedule=parse_schedule(name), work=natural.work, limits=limits)
    assert plans == [wanted] * runs
    assert told.tried == (name,) * runs
    assert [str(run.schedule) for run in told.breaking] == [name] * runs
    assert told.replayed is (told.breaking[0] if runs else None)


NAMES = ("one", "two", "three")


def prints(name: str, **more: Any) -> dict[str, Any]:
    """That a child prints its own name."""
    return {"id": name, "prints": {"text": name, "by": "any"}, **more}


def soon(name: str, **more: Any) -> dict[str, Any]:
    """That it does so within a second."""
    span = {"from": {"starts": "children"}, "to": {"prints": name, "by": "any"}}
    return {"id": f"{name}-soon", "time": {**span, "at-most": "1s"}, **more}


def said(lines: Collection[str], schedule: str, at: float = 0.2) -> Trace:
    """A run in which a child prints these lines, at so many seconds."""
    story = Story()
    child = story.start(at=s(0.01))
    for line in lines:
        story.prints(child, line, at=s(at))
    story.ends(child, at=s(5))
    story.ends(MAIN, at=s(6))
    return story.trace(schedule)


class Race:
    """Plays what is said in each order; ``otherwise``: in all that have none of their own."""

    def __init__(self, otherwise: Collection[str] = NAMES, **orders: Collection[str]) -> None:
        self.orders = {name.replace("_", "-"): lines for name, lines in orders.items()}
        self.otherwise = otherwise

    def __call__(self, plans: Sequence[Plan]) -> list[Trace]:
        names = [str(plan.schedule) for plan in plans]
        return [said(self.orders.get(name, self.otherwise), name) for name in names]


def statuses(runner: Runner, *checks: dict[str, Any], count: int = 12) -> dict[str, str]:
    """What each check comes to, in one word."""
    asked = exercise(
        *checks, cast={"children": {"children-of": "main"}}, run={"schedules": {"count": count}}
    )
    graded = grade(asked, submission("f()"), runner=runner)
    return {each.check.id: each.finding.status.value for each in graded.judgements}


@pytest.mark.parametrize(("at_most", "most"), [(60, None), (5, 5)])
def test_until_every_place_was_tried(at_most: int, most: int | None) -> None:
    """More than the usual number, until each has been late and everything was held up; then it
    stops, or at the most that the exercise allows.
    """
    points = tuple(PreemptionPoint("worker-1", "call", line, line, line) for line in range(2, 12))

    def counting(plans: Sequence[Plan]) -> list[Trace]:
        traces = [said(NAMES, str(plan.schedule)) for plan in plans]
        return [replace(each, preemption_points=points, opcodes=12) for each in traces]

    asked = exercise(
        prints("one"), run={"schedules": {"count": 3, "until": "covered", "at-most": at_most}}
    )
    graded = grade(asked, submission("f()"), runner=counting)
    assert graded.places is not None
    assert graded.places.all == len(points) + 1
    if most is None:
        assert graded.places.is_all
        assert 3 + len(points) < len(graded.tried) < at_most
    else:
        assert not graded.places.is_all
        assert len(graded.tried) == most


WRONG = {"id": "wrong", "source": {"calls": "g"}}
EITHER_WAY = pytest.mark.parametrize("natural", [NAMES, ("two", "three")])
"""A race for the line "one", which is lost where main goes first, and each way that the natural
run can fall."""
LOST = ("two", "three")


@EITHER_WAY
@pytest.mark.parametrize("more", [(), (WRONG,), (prints("never"),)])
def test_a_race_is_told_whichever_way_the_natural_run_fell(
    natural: Collection[str], more: Sequence[dict[str, Any]]
) -> None:
    """Also where something else is wrong."""
    race = Race(natural=natural, parent_first=LOST)
    found = statuses(race, prints("one"), prints("two"), *more)
    others = {"two": "passed"} | {str(each["id"]): "failed" for each in more}
    assert found == {"one": "lucky"} | others


IN_ORDER = {
    "id": "in-order",
    "order": [{"prints": name, "by": "children"} for name in ("one", "two", "three")],
}
AWRY = {"child_first": ("two", "one", "three"), "parent_first": ("three", "two", "one")}


@pytest.mark.parametrize("natural", [NAMES, ("two", "three", "one")])
@pytest.mark.parametrize(("otherwise", "status"), [(NAMES, "lucky"), (LOST[::-1], "failed")])
def test_what_breaks_whoever_goes_first_may_hold_in_another_order(
    natural: Collection[str], otherwise: Collection[str], status: str
) -> None:
    """If it does, it is lucky, and if none shows it, it has failed: whichever way the natural run
    fell.
    """
    assert statuses(Race(otherwise, natural=natural, **AWRY), IN_ORDER) == {"in-order": status}


@EITHER_WAY
def test_what_needs_the_one_that_wins_a_race(natural: Collection[str]) -> None:
    """It may go without it, whatever it is about, and however it went this time."""
    needs = {"needs": ["one"]}
    checks = (soon("two", **needs), {"id": "code", "source": {"calls": "f"}, **needs})
    assert statuses(Race(natural=natural, parent_first=LOST), prints("one"), *checks) == {
        "one": "lucky",
        "two-soon": "skipped",
        "code": "skipped",
    }


@EITHER_WAY
def test_a_span_of_which_a_race_decides_whether_there_is_one(natural: Collection[str]) -> None:
    """How long it is shows in the natural run only; that there is none shows in each."""
    assert statuses(Race(natural=natural, parent_first=LOST), soon("one"), prints("two")) == {
        "one-soon": "lucky",
        "two": "passed",
    }


def test_how_long_a_span_is_in_another_order_says_nothing() -> None:
    """There, every event has a fixed cost."""

    def runner(plans: Sequence[Plan]) -> list[Trace]:
        names = [str(plan.schedule) for plan in plans]
        return [said(NAMES, name, 0.2 if name == "natural" else 4) for name in names]

    checks = (soon("one"), prints("one", needs=["one-soon"]))
    assert set(statuses(runner, *checks).values()) == {"passed"}


@EITHER_WAY
@pytest.mark.parametrize("count", [3, 4, 12])
def test_a_race_is_told_however_few_orders_are_tried(count: int, natural: Collection[str]) -> None:
    """Who goes first is always tried, and counts among them."""
    check = prints("one", **{"any-duration": True})
    race = Race(natural=natural, parent_first=LOST)
    assert statuses(race, check, count=count) == {"one": "lucky"}


def test_what_no_other_order_breaks_is_told_of_the_natural_one() -> None:
    """It failed, and that it holds elsewhere changes nothing."""
    assert statuses(Race(natural=LOST), prints("one"), prints("two")) == {
        "one": "failed",
        "two": "passed",
    }


@pytest.mark.parametrize(
    ("more", "any_duration", "status"),
    [((), False, "lucky"), ((WRONG,), False, "passed"), ((WRONG,), True, "lucky")],
)
def test_what_a_mistake_leads_to_in_another_order_is_no_luck(
    more: Sequence[dict[str, Any]], any_duration: bool, status: str
) -> None:
    """Where something is wrong whoever goes first, only what must hold in any case is asked for
    in the orders after that.
    """
    race = Race(LOST, natural=NAMES, child_first=NAMES, parent_first=NAMES)
    found = statuses(race, prints("one", **{"any-duration": any_duration}), *more)
    assert found["one"] == status


def test_what_breaks_alone_in_a_smaller_order_is_asked_for_again() -> None:
    """The smallest order that breaks one check does not settle another that it leaves whole."""

    def runner(plans: Sequence[Plan]) -> list[Trace]:
        lines = {SLOW: ("three",), LEAST: ("two", "three")}
        names = [str(plan.schedule) for plan in plans]
        return [slept(said(lines.get(name, NAMES), name)) for name in names]

    def slept(trace: Trace) -> Trace:
        return replace(trace, events=(*trace.events, Slept(s(0.3), 1, s(0.4))))

    checks = [prints(name, **{"any-duration": True}) for name in NAMES]
    assert statuses(runner, *checks) == {"one": "lucky", "two": "lucky", "three": "passed"}


LINES = st.sets(st.sampled_from(NAMES))


@st.composite
def claims(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Checks of all kinds, some of which need others."""
    made: list[dict[str, Any]] = []
    kinds = st.tuples(st.sampled_from(["prints", "soon"]), st.sampled_from((*NAMES, "never")))
    code = st.tuples(st.just("calls"), st.sampled_from("fg"))
    for kind, name in draw(st.lists(kinds | code, min_size=1, max_size=6, unique=True)):
        ids = [str(each["id"]) for each in made]
        needs = draw(st.lists(st.sampled_from(ids), max_size=1)) if ids else []
        if kind == "prints":
            made.append(prints(name, needs=needs, **{"any-duration": draw(st.booleans())}))
        elif kind == "soon":
            made.append(soon(name, needs=needs))
        else:
            made.append({"id": name, "source": {"calls": name}, "needs": needs})
    return made


@given(claims(), LINES, LINES, LINES, st.data())
def test_no_mark_depends_on_how_a_race_falls(
    checks: list[dict[str, Any]],
    youngest_first: set[str],
    oldest_first: set[str],
    otherwise: set[str],
    data: st.DataObject,
) -> None:
    """Whatever lies between what is seen if the one and if the other goes first can be seen in
    the natural run. All of it comes to the same.
    """
    raced = st.sampled_from(sorted(youngest_first ^ oldest_first) or [""])
    always = youngest_first & oldest_first
    orders = {"child_first": youngest_first, "parent_first": oldest_first}
    one, another = (
        statuses(Race(otherwise, natural=always | data.draw(st.sets(raced)), **orders), *checks)
        for _ in range(2)
    )
    assert one == another


POSSIBLE = {
    "id": "done-first",
    "possible": True,
    "order": [{"prints": "done", "by": "main"}, {"prints": "child", "by": "any"}],
}


def explored_for(stage: Stage, *checks: dict[str, Any], how_many: int = 6) -> Exploration:
    natural = played(right=True, schedule="natural")
    (judged,) = judged_runs(exercise(*checks), [natural], PLAN.submission)
    return explore(PLAN, judged, stage, how_many)


def test_an_order_that_shows_what_is_possible_is_looked_for() -> None:
    """The first one that shows it is kept, and no more are tried when nothing else is open."""
    late = "late:worker-1+200ms"
    stage = Stage(lambda schedule, _: schedule == late)
    found = explored_for(stage, POSSIBLE)
    assert [str(run.schedule) for run in found.shown.values()] == [late]
    assert found.breaking == ()
    assert stage.plans[-1] == late


def test_what_no_order_shows_is_looked_for_in_all() -> None:
    """That it does not happen is no luck, and breaks nothing else."""
    found = explored_for(Stage(lambda *_: False), POSSIBLE)
    assert found.shown == {}
    assert len(found.tried) == 6
    assert found.breaking == ()


def test_what_the_natural_run_shows_needs_no_other() -> None:
    """One run is enough."""
    stage = Stage(lambda *_: False)
    shown = {**POSSIBLE, "order": CHECK["order"]}
    assert explored_for(stage, shown).tried == ("child-first", "parent-first")


def test_what_is_only_possible_breaks_nothing_in_other_runs() -> None:
    """A check that must hold in each run is decided as if the other one were not there."""
    stage = Stage(lambda schedule, _: schedule in (SLOW, LEAST))
    found = explored_for(stage, CHECK, POSSIBLE)
    assert [str(run.schedule) for run in found.breaking] == [LEAST]
    assert set(found.shown) == {"done-first"}
