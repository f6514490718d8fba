"""A submission's runs under other schedules: none is made twice without need, none is made that its
budget does not allow.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import count

from grader.grading.judged import JudgedRun
from grader.limits import Limits
from grader.plan import Plan
from grader.schedules import Plain, Schedule
from grader.trace import Outcome, Trace

Runner = Callable[[Sequence[Plan]], Sequence[Trace]]
"""Runs plans, perhaps at the same time, and gives their traces in the same order."""

COUNTING = Schedule((Plain("child-first"),))
"""The run in which steps, and the opcodes of the student's code, are counted on the side: in the
natural one they are not always as many, and random schedules are made from their number."""


class Budget:
    """The CPU time that all runs of a submission may take together, the supervisor's included.

    A run that is going on is not broken off for it, so that its findings do not depend on what was
    tried before: the last one may overdraw it.
    """

    def __init__(self, limits: Limits) -> None:
        self._left = limits.grading

    def spend(self, traces: Sequence[Trace]) -> None:
        """These runs were made."""
        for trace in traces:
            of_processes = sum(each.cpu + each.start_up for each in trace.processes)
            self._left -= trace.supervision + of_processes
            if trace.outcome is Outcome.WALL_LIMIT:
                self._left = 0  # it took long without computing, and the next would as well

    @property
    def is_used_up(self) -> bool:
        """Whether no more runs should be made."""
        return self._left <= 0


class Runs:
    """All runs of one submission besides the natural one.

    ``counted`` is the natural trace, with the steps and opcodes of the run that counted them.
    """

    def __init__(self, plan: Plan, natural: JudgedRun, runner: Runner, budget: Budget) -> None:
        self.counted = natural.trace
        self._natural = natural
        self._plan = under_schedules(plan, natural)
        self._runner = runner
        self._budget = budget
        self._known: dict[Schedule, JudgedRun] = {}
        """Runs that need not be made a second time to be looked at."""
        self._again: dict[Schedule, list[JudgedRun]] = {}
        """Further runs of the same schedules, as ``--replay`` makes them."""

    @property
    def known(self) -> Collection[Schedule]:
        """The schedules that were run."""
        return self._known.keys()

    def under(self, schedules: Sequence[Schedule]) -> Sequence[JudgedRun]:
        """One run of each."""
        new = [schedule for schedule in schedules if schedule not in self._known]
        plans = [
            replace(self._plan, schedule=schedule, counts_opcodes=schedule == COUNTING)
            for schedule in new
        ]
        traces = self._traces(plans) if new else ()
        for schedule, trace in zip(new, traces, strict=True):
            if schedule == COUNTING:
                trace = self._count(trace)
            self._known[schedule] = self._natural.another(trace)
        return [self._known[schedule] for schedule in schedules]

    def made(self, schedule: Schedule) -> JudgedRun:
        """A run of it. Where the same schedule gives the same run, one that was made will do."""
        known = self._known.get(schedule)
        if known is not None and known.trace.exact:
            return known
        return next(self.repeated(schedule))

    def repeated(self, schedule: Schedule) -> Iterator[JudgedRun]:
        """Run after run of it as ``--replay`` makes them, those first that were made before."""
        runs = self._again.setdefault(schedule, [])
        for index in count():
            if index == len(runs):
                runs.append(self._natural.another(self._replayed(schedule)))
            yield runs[index]

    def _traces(self, plans: Sequence[Plan]) -> Sequence[Trace]:
        traces = self._runner(plans)
        self._budget.spend(traces)
        return traces

    def _count(self, trace: Trace) -> Trace:
        """Take over what was counted in the run; the run that is to be judged.

        Where to count may be what took it to a limit, another is made, in which nothing is counted.
        """
        if trace.outcome is Outcome.CPU_LIMIT or not trace.exact:
            return self._replayed(COUNTING)
        self.counted = replace(
            self.counted,
            steps=trace.steps,
            opcodes=trace.opcodes,
            preemption_points=trace.preemption_points,
        )
        return trace

    def _replayed(self, schedule: Schedule) -> Trace:
        """One more run of it, as ``--replay`` makes it."""
        (trace,) = self._traces([replace(self._plan, schedule=schedule)])
        return trace


def under_schedules(plan: Plan, natural: JudgedRun) -> Plan:
    """What runs under schedules take over from the natural one."""
    trace = natural.trace
    limits = plan.limits.under_schedule(trace.supervision, len(trace.events))
    return replace(plan, work=trace.work, limits=limits)
