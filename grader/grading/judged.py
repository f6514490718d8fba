"""One run of a submission, judged once for the explorer and for the comparison."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property

from grader.checks import Finding, JudgeContext, Status, Verdict
from grader.checks.judging import judge_check, judge_run
from grader.exercise import Check
from grader.schedules import Schedule
from grader.trace import Trace


class JudgedRun:
    """One run and what every check finds in it; nothing is judged before it is asked for.

    Two of them are the same only if they are the same object.
    """

    def __init__(self, context: JudgeContext) -> None:
        self.context = context
        self._findings: dict[frozenset[str], Mapping[str, Finding]] = {}

    def another(self, trace: Trace) -> JudgedRun:
        """Another run of the same submission. If it is a natural one, it is compared with this."""
        beside = self.trace if trace.schedule.is_natural else None
        return JudgedRun(replace(self.context, trace=trace, beside=beside))

    @property
    def trace(self) -> Trace:
        """What was seen in the run."""
        return self.context.trace

    @property
    def schedule(self) -> Schedule:
        """What the run was made under."""
        return self.context.trace.schedule

    @cached_property
    def verdicts(self) -> Mapping[str, Verdict]:
        """What each check finds, taken by itself, by its id.

        Raises:
            grader.exercise.FamilyError: a check of another package could not be used.
        """
        return {
            check.id: judge_check(check, self.context) for check in self.context.exercise.checks
        }

    @cached_property
    def shown(self) -> frozenset[str]:
        """The ids of the checks for which one run is enough, and this one is: it was seen whole."""
        checks = () if self.trace.doubts else self.context.exercise.checks
        return frozenset(
            check.id
            for check in checks
            if check.possible and self.verdicts[check.id].status is Status.PASSED
        )

    def findings(self, settled: Collection[Check] = ()) -> Mapping[str, Finding]:
        """What the checks come to together, by their ids: one mistake is reported once.

        ``settled`` are those that this run does not decide and that passed in others: see
        `grader.checks.judge_run`.
        """
        ids = frozenset(check.id for check in settled)
        if ids not in self._findings:
            self._findings[ids] = judge_run(self.context, self.verdicts, settled)
        return self._findings[ids]
