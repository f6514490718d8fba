"""Tells right from lucky: runs a submission under other event orders, and judges each.

Orders are tried until every check is settled or the exercise's number of them is reached. One
that breaks a check is made as small as it can be and run again to confirm it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.checks import Scene, Status, fails_under_any_schedule, judge_run
from grader.checks.code import code_of
from grader.checks.orders import UNORDERED, may_break
from grader.exercise import Check, Exercise
from grader.schedules import (
    Plain,
    Schedule,
    as_pauses,
    choose_schedules,
    shrink,
)
from grader.supervisor import Plan
from grader.trace import Nanoseconds, Outcome, Trace
from grader.trace.canonical import canonical
from grader.trace.questions import created

Runner = Callable[[Sequence[Plan]], Sequence[Trace]]
"""Runs plans, perhaps at the same time, and gives their traces in the same order."""

_COUNTING = Schedule((Plain("child-first"),))
"""The run in which steps, and the opcodes of the student's code, are counted on the side: in the
natural one they are not always as many, and random orders are made from their number."""
_WHO_GOES_FIRST = (_COUNTING, Schedule((Plain("parent-first"),)))
_LITTLE_CPU: Nanoseconds = 500_000_000
"""Counting opcodes makes the student's code many times slower: only where it computes little."""
_STOPPED = frozenset(outcome for outcome in Outcome if outcome.value.endswith("-limit"))
_CONFIRM_INEXACT = 3
"""How often a run must break a check again that does not go exactly the same way each time."""


@dataclass(frozen=True)
class Exploration:
    """The names of all orders that were tried, and the runs of those that broke a check.

    ``by_chance``: the checks that did not hold in the natural run and hold in another order.
    ``replayed``: the run of an order that was asked for by its name. It is among ``breaking``,
    whether it broke anything or not.
    """

    tried: tuple[str, ...]
    breaking: tuple[Trace, ...]
    by_chance: frozenset[str] = frozenset()
    replayed: Trace | None = None


class Explorer:
    """One submission's checks, under one event order after another."""

    def __init__(
        self, exercise: Exercise, plan: Plan, natural: Trace, runner: Runner, at_once: int
    ) -> None:
        self._exercise = exercise
        self._natural = natural
        self._plan = replace(plan, work=natural.work)
        self._runner = runner
        self._at_once = at_once
        self._code = code_of(plan.submission)
        self._open: list[Check] = []
        """Checks that held in the natural order, or could have, and have not been broken by
        another."""
        self._is_wrong = False
        """Whether some check does not hold whoever goes first. What follows from that elsewhere
        is nobody's luck: besides who goes first, only what must hold in any case is asked for."""
        self._unordered: list[Check] = []
        """Checks that only natural runs decide, and that say no harm of this one."""
        self._whoever_first: Sequence[Trace] = ()
        self._tried: list[str] = []
        self._known: dict[Schedule, Trace] = {}
        """Runs that need not be made a second time to be looked at."""

    def explore(self, how_many: int, seed: int = 0) -> Exploration:
        """Try at most so many orders besides the natural one."""
        by_chance = self._weigh(how_many)
        breaking: list[Trace] = []
        asked = 0
        while asked < how_many:
            batch = self._choose(how_many, seed)[asked : asked + self._at_once]
            if not batch:
                break
            for schedule, trace in zip(batch, self._run(batch), strict=True):
                if not self._is_worth_it(schedule):
                    continue  # one before it in the row has settled what it could have told
                asked += 1
                self._note(schedule)
                breaking += self._found(schedule, trace)
        return Exploration(tuple(self._tried), tuple(breaking), frozenset(by_chance))

    def _weigh(self, how_many: int) -> set[str]:
        """See what is wrong in any case and what is open, from the natural run and from those in
        which either goes first; the checks that failed in the natural one by chance.

        Where processes race, the natural run falls one way or the other. What is said of the
        submission must not depend on that.
        """
        for_good = self._failed_for_good()
        self._unordered = [
            check
            for check in self._exercise.checks
            if check.relation in UNORDERED and check.id not in for_good
        ]
        natural = self._broken_by(self._natural)
        self._whoever_first = self._run_whoever_goes_first(how_many)
        others = [self._broken_by(trace) for trace in self._whoever_first]
        wrong = for_good | (set.intersection(*others) if others else natural)
        by_chance = natural - wrong
        self._is_wrong = bool(wrong)
        failed = natural & wrong
        self._open = [check for check in self._exercise.checks if check.id not in failed]
        return by_chance

    def _run_whoever_goes_first(self, how_many: int) -> Sequence[Trace]:
        """The runs that show how a race can fall; none where nobody can race."""
        if not created(self._natural) or all(map(_is_code, self._exercise.checks)):
            return []
        row = _WHO_GOES_FIRST[:how_many]
        for schedule in row:
            self._note(schedule)
        return [
            trace
            for begin in range(0, len(row), self._at_once)
            for trace in self._run(row[begin : begin + self._at_once])
        ]

    def _choose(self, how_many: int, seed: int) -> Sequence[Schedule]:
        """The schedules that are worth their time, also those that were tried.

        What could no longer break anything once was tried when it could: the places of the others
        in the row stay the same. Who goes first has been tried already, and has its place in it.
        """
        delay = self._exercise.run.schedules.delay
        row = choose_schedules(
            self._natural, how_many, delay, seed, self._is_worth_it, self._whoever_first
        )
        others = [each for each in _WHO_GOES_FIRST if str(each) in self._tried and each not in row]
        return (*row[: how_many - len(others)], *others)

    def _is_worth_it(self, schedule: Schedule) -> bool:
        return str(schedule) in self._tried or self._could_break(schedule)

    def _note(self, schedule: Schedule) -> None:
        if str(schedule) not in self._tried:
            self._tried.append(str(schedule))

    def _could_break(self, schedule: Schedule) -> bool:
        return any(
            self._is_asked(schedule, check) and not _is_unordered(check) for check in self._open
        )

    def _is_asked(self, schedule: Schedule, check: Check) -> bool:
        """Whether it counts that an order breaks a check."""
        if self._is_wrong and not check.any_duration and schedule not in _WHO_GOES_FIRST:
            return False
        return may_break(schedule, check, self._exercise)

    def _run(self, schedules: Sequence[Schedule]) -> Sequence[Trace]:
        new = [schedule for schedule in schedules if schedule not in self._known]
        traces = self._runner([self._planned(schedule) for schedule in new]) if new else ()
        for schedule, trace in zip(new, traces, strict=True):
            self._known[schedule] = trace
            if schedule == _COUNTING:
                self._natural = replace(
                    self._natural,
                    steps=trace.steps,
                    opcodes=trace.opcodes,
                    preemption_points=trace.preemption_points,
                )
        return [self._known[schedule] for schedule in schedules]

    def _planned(self, schedule: Schedule) -> Plan:
        counts = schedule == _COUNTING and self._natural.cpu < _LITTLE_CPU
        return replace(self._plan, schedule=schedule, counts_opcodes=counts)

    def _scene(self, trace: Trace) -> Scene:
        return Scene(self._exercise, trace, self._plan.submission, self._code)

    def _failed_for_good(self) -> set[str]:
        return {check.id for check in fails_under_any_schedule(self._scene(self._natural))}

    def _broken_by(self, trace: Trace) -> set[str]:
        """The checks that do not hold in a run."""
        settled = () if trace.schedule.is_natural else self._unordered
        return {
            check
            for check, finding in judge_run(self._scene(trace), settled).items()
            if finding.status in (Status.FAILED, Status.SKIPPED)
        }

    def _found(self, schedule: Schedule, trace: Trace) -> Iterator[Trace]:
        """The confirmed runs that break what is open, each of them as small as it can be. What
        they break is settled by them.
        """
        broken = self._newly_broken(schedule, trace)
        while broken:
            confirmed = self._smallest(schedule, trace, broken[0])
            settled = broken[:1]
            if confirmed is not None:
                yield confirmed
                settled += self._newly_broken(confirmed.schedule, confirmed)
                self._open = [check for check in self._open if check not in settled]
            broken = [check for check in broken if check not in settled]

    def _newly_broken(self, schedule: Schedule, trace: Trace) -> list[Check]:
        broken = self._broken_by(trace)
        return [
            check for check in self._open if check.id in broken and self._is_asked(schedule, check)
        ]

    def _smallest(self, schedule: Schedule, trace: Trace, check: Check) -> Trace | None:
        """The run of the smallest schedule that breaks the check as well, and again.

        None: not even the first one breaks it again.
        """
        runs = {schedule: trace}

        def breaks(smaller: Schedule) -> bool:
            if not self._is_asked(smaller, check):
                return False
            runs[smaller] = self._again(smaller)
            return check.id in self._broken_by(runs[smaller])

        delay = self._exercise.run.schedules.delay
        smallest = shrink(schedule, breaks, simpler=as_pauses(trace, delay))
        for candidate in dict.fromkeys((smallest, schedule)):
            confirmed = self._confirmed(candidate, runs[candidate], check)
            if confirmed is not None:
                return confirmed
        return None

    def _confirmed(self, schedule: Schedule, trace: Trace, check: Check) -> Trace | None:
        """The run, if the schedule breaks the check again; told apart by whether it goes exactly
        the same way.
        """
        for _ in range(1 if trace.exact else _CONFIRM_INEXACT):
            again = self._again(schedule)
            if check.id not in self._broken_by(again):
                return None
            if canonical(again) != canonical(trace):
                trace = replace(trace, exact=False)
        return trace

    def _again(self, schedule: Schedule) -> Trace:
        (trace,) = self._runner([self._planned(schedule)])
        return trace


def _is_unordered(check: Check) -> bool:
    return check.relation in UNORDERED


def _is_code(check: Check) -> bool:
    return check.relation == "source"


def explore(
    exercise: Exercise,
    plan: Plan,
    natural: Trace,
    runner: Runner,
    how_many: int,
    seed: int = 0,
    at_once: int = 1,
) -> Exploration:
    """Try a submission under at most so many event orders besides the natural one.

    Args:
        exercise: whose checks are judged.
        plan: that of the natural run.
        natural: what was seen in it.
        runner: runs plans.
        how_many: at most; none are tried where the natural run could not be seen whole, or had to
            be stopped at a limit: the others would take as long.
        seed: where the seeds of random orders begin.
        at_once: how many plans the runner is given at a time.

    Raises:
        grader.supervisor.CannotSuperviseError: nothing can be run on this machine.
    """
    if natural.doubts or natural.clock == "real" or how_many < 1 or natural.outcome in _STOPPED:
        return Exploration((), ())
    return Explorer(exercise, plan, natural, runner, at_once).explore(how_many, seed)


def replay(plan: Plan, natural: Trace, runner: Runner, schedule: Schedule) -> Exploration:
    """Run a submission under the one event order that somebody asked for.

    Args:
        plan: that of the natural run.
        natural: what was seen in it.
        runner: runs plans.
        schedule: the order. The natural one is nothing special: it has been run once more.

    Raises:
        grader.supervisor.CannotSuperviseError: nothing can be run on this machine.
    """
    (trace,) = runner([replace(plan, schedule=schedule, work=natural.work)])
    replayed = None if schedule.is_natural else trace
    return Exploration((str(schedule),), (trace,), replayed=replayed)
