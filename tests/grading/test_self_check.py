"""A grade that rests on the script's own word, with hand-written traces in place of runs."""

from __future__ import annotations

import fcntl
import multiprocessing
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from grader import selfcheck
from grader.checks import Finding, Status
from grader.exercise import Exercise
from grader.grading import Grade, Judgement, Options, flow, grade
from grader.grading.self_check import observe_all
from grader.limits import Limits
from grader.messages import say
from grader.plan import CannotSuperviseError, KernelRefusedError, Plan
from grader.schedules import parse_schedule
from grader.trace import MAIN, StartMethod, Trace, Witness
from tests.building import Story, s
from tests.checks.stage import exercise, submission

SCRIPT = Options(witness="script")
ORDER = {"id": "order", "order": [{"ends": "p"}, {"prints": "done", "by": "main"}]}
SAYS = {"id": "says", "prints": {"text": "done", "by": "main"}}
KEEPS = {"id": "keeps", "points": 3, "keeps-open": {"who": "main", "at-most": 0}}
CAST = {"p": {"children-of": "main", "count": 1}}
FAILED, UNJUDGED, PASSED = Status.FAILED, Status.INCONCLUSIVE, Status.PASSED


class Sleeper:
    """A script that sleeps for a second where it should wait: main is done too early if its child
    starts late. ``lucky``: how many of the runs with a late child go well all the same.
    """

    def __init__(self, lucky: int = 0, line: str = "done") -> None:
        self.plans: list[Plan] = []
        self._lucky, self._line = lucky, line

    def __call__(self, plans: Sequence[Plan]) -> list[Trace]:
        return [self._play(plan) for plan in plans]

    def _play(self, plan: Plan) -> Trace:
        self.plans.append(plan)
        story = Story(plan.start_method)
        story.is_the_scripts_word()
        child = story.start(at=s(0.1), variable="p")
        late = plan.schedule.lateness("worker-1") > 0
        if late and self._lucky:
            late, self._lucky = False, self._lucky - 1
        story.ends(child, at=s(2.1 if late else 0.2))
        story.prints(MAIN, self._line, at=s(1.1))
        story.ends(MAIN, at=s(2.2))
        return replace(story.trace(str(plan.schedule)), clock="real", exact=False)


@pytest.fixture(autouse=True)
def row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two delays are tried."""
    delays = (parse_schedule("late:worker-1+200ms"), parse_schedule("slow:worker-1x3"))
    monkeypatch.setattr(flow, "delays", lambda natural: delays)


def checked(runner: Sleeper, *checks: dict[str, object], options: Options = SCRIPT) -> Grade:
    return grade(exercise(*checks, cast=CAST), submission(), options, runner)


def statuses(found: Grade) -> list[Status]:
    return [each.finding.status for each in found.judgements]


def of(*found: Status) -> Grade:
    """A grade of checks worth 1, 2, 3, ... points that came out so."""
    asked = exercise(*({**SAYS, "id": f"c{n}", "points": n} for n in range(1, len(found) + 1)))
    judgements = tuple(
        Judgement(check, Finding(check.id, status, say("It holds.")))
        for check, status in zip(asked.checks, found, strict=True)
    )
    return Grade(asked, submission(), judgements, ())


@pytest.mark.parametrize(
    ("found", "points", "judged", "passed"),
    [
        (of(PASSED, PASSED), 3, 3, True),
        (of(PASSED, FAILED), 1, 3, False),
        (of(PASSED, UNJUDGED), 1, 1, None),
        (of(FAILED, UNJUDGED, PASSED), 3, 4, False),
    ],
)
def test_what_is_counted(found: Grade, points: float, judged: float, passed: bool | None) -> None:
    """Points are those of what could be judged. Where something could not there is no score, and
    nothing has passed or failed as a whole unless something failed.
    """
    assert (found.points, found.judged, found.passed) == (points, judged, passed)
    assert found.score == (None if found.unjudged else points)


def test_the_real_clock() -> None:
    """Without the kernel there is no other."""
    runner = Sleeper()
    found = checked(runner, SAYS)
    assert {plan.clock for plan in runner.plans} == {"real"}
    assert found.is_self_check


class OnABusyMachine(Sleeper):
    """All but the last of its runs with a late child go wrong."""

    def _play(self, plan: Plan) -> Trace:
        self._lucky = int(len(self.plans) == 3)
        return replace(super()._play(plan), busy=True)


def test_a_busy_machine() -> None:
    """There once again is not enough: what went wrong twice may not do so the third time."""
    runner = OnABusyMachine()
    found = checked(runner, SAYS, ORDER)
    assert [str(plan.schedule) for plan in runner.plans[:4]] == [
        "natural",
        *["late:worker-1+200ms"] * 3,
    ]
    assert statuses(found) == [Status.PASSED, Status.PASSED]


def test_sleep_in_place_of_a_wait() -> None:
    """A child that is held back shows it; the order that breaks it was run twice."""
    runner = Sleeper()
    found = checked(runner, SAYS, ORDER)
    assert statuses(found) == [Status.PASSED, Status.LUCKY]
    assert found.judgements[1].finding.schedule == "late:worker-1+200ms"
    names = [str(plan.schedule) for plan in runner.plans]
    assert names == ["natural", "late:worker-1+200ms", "late:worker-1+200ms"]


def test_what_breaks_only_once() -> None:
    """It is not believed: the machine may have done other things."""

    class Once(Sleeper):
        def _play(self, plan: Plan) -> Trace:
            trace = super()._play(plan)
            self._lucky = int(not plan.schedule.is_natural)
            return trace

    found = checked(Once(), SAYS, ORDER)
    assert statuses(found) == [Status.PASSED, Status.PASSED]
    assert [each.check for each in found.unconfirmed] == ["order"]


@pytest.mark.parametrize(("slow_runs", "status"), [(0, PASSED), (1, PASSED), (2, FAILED)])
def test_a_machine_that_was_busy(slow_runs: int, status: Status) -> None:
    """What broke once is not believed to be broken; nor is it tried a third time."""
    runs = 0

    def runner(plans: Sequence[Plan]) -> list[Trace]:
        nonlocal runs
        runs += 1
        story = Story()
        story.is_the_scripts_word()
        story.ends(MAIN, at=s(9 if runs <= slow_runs else 1))
        return [story.trace()]

    span = {"from": {"starts": "main"}, "to": {"ends": "main"}, "at-most": "1.5s"}
    found = grade(exercise({"time": span}), submission(), replace(SCRIPT, schedules=1), runner)
    assert (statuses(found), len(found.runs)) == ([status], 1)
    assert runs == (1 if slow_runs == 0 else 2)


def test_a_machine_that_was_slow_to_start_processes() -> None:
    """What could not be judged for that is judged by another run."""
    runs = 0

    def runner(plans: Sequence[Plan]) -> list[Trace]:
        nonlocal runs
        runs += 1
        story = Story()
        story.is_the_scripts_word()
        first = story.start(at=s(0.1))
        story.ends(first, at=s(0.2))
        story.ends(story.start(at=s(0.3 if runs == 1 else 0.15)), at=s(0.4))
        story.ends(MAIN, at=s(1))
        return [story.trace()]

    asked = exercise({"together": "p"}, cast={"p": {"children-of": "main"}})
    found = grade(asked, submission(), replace(SCRIPT, schedules=1), runner)
    assert (statuses(found), runs) == ([PASSED], 2)


def test_what_could_not_be_seen() -> None:
    """It takes its own time once: another run would see no more."""
    runs = 0

    def runner(plans: Sequence[Plan]) -> list[Trace]:
        nonlocal runs
        runs += 1
        story = Story()
        story.is_the_scripts_word()
        story.doubts("a line was lost.")
        story.ends(MAIN, at=s(1))
        return [story.trace()]

    assert statuses(grade(exercise(SAYS), submission(), SCRIPT, runner)) == [UNJUDGED]
    assert runs == 1


def test_what_is_wrong_in_any_order() -> None:
    """Then no delays are tried: each takes as long as the script does."""
    runner = Sleeper(line="over")
    found = checked(runner, SAYS, ORDER)
    assert found.passed is False
    assert [str(plan.schedule) for plan in runner.plans] == ["natural", "natural"]


def test_only_so_many_orders_as_the_caller_wants() -> None:
    """The natural one is among them."""
    runner = Sleeper()
    checked(runner, SAYS, ORDER, options=replace(SCRIPT, schedules=1))
    assert len(runner.plans) == 1


def test_what_cannot_be_judged() -> None:
    """It costs nothing, and the rest counts."""
    found = checked(Sleeper(), SAYS, KEEPS)
    assert (found.score, found.points, found.judged, found.passed) == (None, 1, 1, None)


def two_methods(**check: object) -> Exercise:
    """Run with fork and spawn."""
    played = exercise({**SAYS, **check}, {"id": "same", "same-lines": True}, cast=CAST)
    methods = {"start_method": (StartMethod.FORK, StartMethod.SPAWN)}
    return played.model_copy(update={"run": played.run.model_copy(update=methods)})


def test_a_system_without_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is about fork is not judged on Windows, nor what compares it with another."""
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    runner = Sleeper()
    found = grade(two_methods(under="fork"), submission(), SCRIPT, runner)
    assert {plan.start_method for plan in runner.plans} == {StartMethod.SPAWN}
    assert statuses(found) == [Status.INCONCLUSIVE] * 2
    assert statuses(grade(two_methods(), submission(), SCRIPT, Sleeper()))[0] is Status.PASSED


def test_two_at_once_that_use_the_same_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """They come one after the other: their programs would talk to each other."""
    port = 61234
    path = Path(tempfile.gettempdir()) / f"grader-port-{port}.lock"
    runner = Sleeper()

    def observe(plan: Plan) -> Trace:
        with path.open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return runner([plan])[0]

    monkeypatch.setattr(selfcheck, "observe", observe)
    try:
        (seen,) = observe_all([replace(Plan(submission(), Limits()), ports=(port,))])
    finally:
        path.unlink()
    assert seen.witness is Witness.SCRIPT


def refused(plans: Sequence[Plan]) -> Sequence[Trace]:
    """As a container that allows no ptrace."""
    raise CannotSuperviseError(say("Refused."))


@pytest.fixture
def without_a_kernel(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], Sleeper]:
    """What is run where the kernel is no witness: the machine's fault, or the plan's."""

    def play(is_the_machines: bool) -> Sleeper:
        runner = Sleeper()
        monkeypatch.setattr(flow, "observe_all", runner)
        monkeypatch.setattr(flow, "_is_kernel_refused", lambda: is_the_machines)
        return runner

    return play


def test_a_machine_that_refuses_the_kernels_witness(
    without_a_kernel: Callable[[bool], Sleeper],
) -> None:
    """The script is asked itself, and the grade says so."""
    without_a_kernel(True)
    found = grade(exercise(SAYS, cast=CAST), submission(), runner=refused)
    assert (found.witness, found.passed) == (Witness.SCRIPT, True)


def test_a_kernel_that_cannot_do_it_all(without_a_kernel: Callable[[bool], Sleeper]) -> None:
    """Some have ptrace and seccomp, and lack what else it takes (gVisor): trying shows it."""

    def halfway(plans: Sequence[Plan]) -> Sequence[Trace]:
        raise KernelRefusedError(say("Refused."))

    without_a_kernel(False)
    found = grade(exercise(SAYS, cast=CAST), submission(), runner=halfway)
    assert found.is_self_check
    assert found.fell_back is not None
    assert found.fell_back.in_language("en") == "ptrace or seccomp cannot be used here"


@pytest.mark.parametrize(
    ("options", "is_the_machines"), [(Options(witness="kernel"), True), (Options(), False)]
)
def test_no_self_check_unasked(
    options: Options, is_the_machines: bool, without_a_kernel: Callable[[bool], Sleeper]
) -> None:
    """Where the kernel is insisted upon, or where something else is wrong, that is what is said."""
    runner = without_a_kernel(is_the_machines)
    with pytest.raises(CannotSuperviseError, match="Refused"):
        grade(exercise(SAYS, cast=CAST), submission(), options, refused)
    assert runner.plans == []
