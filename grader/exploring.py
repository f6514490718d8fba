"""Tells right from lucky: runs a submission under other event orders, and judges each.

Orders are tried until every check is settled or the exercise's number of them is reached. One
that breaks a check is made as small as it can be and run again to confirm it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from grader.checks import Scene, Status, judge_run
from grader.checks.code import Code
from grader.checks.orders import decides
from grader.exercise import Check, Exercise
from grader.schedules import Plain, Schedule, choose_schedules, shrink
from grader.supervisor import Plan
from grader.trace import Nanoseconds, Trace

Runner = Callable[[Sequence[Plan]], Sequence[Trace]]
"""Runs plans, perhaps at the same time, and gives their traces in the same order."""

_COUNTING = Schedule((Plain("child-first"),))
"""The run in which the opcodes of the student's code are counted on the side."""
_LITTLE_CPU: Nanoseconds = 500_000_000
"""Counting opcodes makes the student's code many times slower: only where it computes little."""


@dataclass(frozen=True)
class Exploration:
    """The names of all orders that were tried, and the runs of those that broke a check."""

    tried: tuple[str, ...]
    breaking: tuple[Trace, ...]


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
        self._code = Code(plan.submission)
        broken = self._broken_by(natural)
        self._open = [
            check
            for check in exercise.checks
            if check.id not in broken and (not broken or check.any_duration)
        ]
        """Checks that held in the natural order and have not been broken by another. Where some
        did not hold, what follows from them elsewhere is nobody's luck: only what must hold in
        any case is asked for."""
        self._tried: list[str] = []

    def explore(self, how_many: int, seed: int = 0) -> Exploration:
        """Try at most so many orders besides the natural one."""
        tolerance = self._exercise.run.schedules.delay
        breaking: list[Trace] = []
        position = 0
        while position < how_many:
            schedules = choose_schedules(self._natural, how_many, tolerance, seed)
            batch = schedules[position : position + self._at_once]
            if not batch:
                break
            position += len(batch)
            useful = [schedule for schedule in batch if self._could_break(schedule)]
            for schedule, trace in zip(useful, self._run(useful), strict=True):
                broken = self._newly_broken(schedule, trace)
                if broken:
                    breaking.append(self._smallest(schedule, trace, broken[0]))
                    self._open = [check for check in self._open if check not in broken]
        return Exploration(tuple(self._tried), tuple(breaking))

    def _could_break(self, schedule: Schedule) -> bool:
        return any(decides(schedule, check, self._exercise) for check in self._open)

    def _run(self, schedules: Sequence[Schedule]) -> Sequence[Trace]:
        self._tried += map(str, schedules)
        traces = self._runner([self._planned(schedule) for schedule in schedules])
        for schedule, trace in zip(schedules, traces, strict=True):
            if schedule == _COUNTING and trace.opcodes:
                self._natural = replace(self._natural, opcodes=trace.opcodes)
        return traces

    def _planned(self, schedule: Schedule) -> Plan:
        counts = schedule == _COUNTING and self._natural.cpu < _LITTLE_CPU
        return replace(self._plan, schedule=schedule, counts_opcodes=counts)

    def _broken_by(self, trace: Trace) -> set[str]:
        """The checks that do not hold in a run."""
        scene = Scene(self._exercise, trace, self._plan.submission, self._code)
        return {
            check
            for check, finding in judge_run(scene).items()
            if finding.status in (Status.FAILED, Status.SKIPPED)
        }

    def _newly_broken(self, schedule: Schedule, trace: Trace) -> list[Check]:
        broken = self._broken_by(trace)
        return [
            check
            for check in self._open
            if check.id in broken and decides(schedule, check, self._exercise)
        ]

    def _smallest(self, schedule: Schedule, trace: Trace, check: Check) -> Trace:
        """The run of the smallest schedule that breaks the check as well."""
        runs = {schedule: trace}

        def breaks(smaller: Schedule) -> bool:
            if not decides(smaller, check, self._exercise):
                return False
            (run,) = self._runner([self._planned(smaller)])
            runs[smaller] = run
            return check.id in self._broken_by(run)

        return runs[shrink(schedule, breaks)]


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
        how_many: at most; none are tried where the natural run could not be seen whole.
        seed: where the seeds of random orders begin.
        at_once: how many plans the runner is given at a time.

    Raises:
        grader.supervisor.CannotSuperviseError: nothing can be run on this machine.
    """
    if natural.doubts or natural.clock == "real" or how_many < 1:
        return Exploration((), ())
    return Explorer(exercise, plan, natural, runner, at_once).explore(how_many, seed)
