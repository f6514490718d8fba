"""A self-check: what is graded by the script's own word, where the kernel is no witness.

The runs are made on the real clock, by `grader.selfcheck`, and few orders of events can be tried.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from grader.checks import Feedback, Finding, Status
from grader.checks.evidence import Belief, evidence_for
from grader.checks.registry import is_of_code, is_unordered, may_break
from grader.exercise import Check, Exercise
from grader.exercise.relations.program import SameLines
from grader.grading.exploring import Exploration
from grader.grading.judged import JudgedRun
from grader.grading.result import Judgement, Unconfirmed
from grader.grading.runs import Runner
from grader.messages import say
from grader.options import Options
from grader.plan import CannotSuperviseError, Plan
from grader.schedules import Schedule
from grader.trace import Outcome, StartMethod, Trace
from grader.trace.naming import verbatim

_BROKEN = (Status.FAILED, Status.SKIPPED)


def observe_all(plans: Sequence[Plan]) -> Sequence[Trace]:
    """Run the plans one after the other: at the same time they would disturb each other's clock.

    Raises:
        grader.plan.CannotSuperviseError: the submission cannot be run, or not in such an order.
    """
    from grader.selfcheck import observe

    traces = []
    try:
        for plan in plans:
            with _reserved(plan.ports):
                traces.append(observe(plan))
    except OSError as error:
        raise CannotSuperviseError(
            say("The submission could not be set up: {error}", error=str(error))
        ) from error
    except ValueError as error:
        raise CannotSuperviseError(
            say(
                "This order of events needs the kernel as witness. Without it there are "
                "late:WORKER+TIME and slow:WORKERxTIMES, such as late:worker-1+200ms."
            )
        ) from error
    return traces


@contextmanager
def _reserved(ports: tuple[int, ...]) -> Iterator[None]:
    """Wait until no other grading on this machine uses one of these ports, and keep them: runs that
    share a network would talk to each other. Elsewhere than on Linux there is one at a time.

    Raises:
        OSError: the lock files cannot be made.
    """
    if not ports or sys.platform != "linux":
        yield
        return
    from grader.sandbox import reserve_ports  # which no other system can load

    with reserve_ports(ports):
        yield


def as_self_check(options: Options) -> Options:
    """The same wishes, as far as they can be met without the kernel."""
    return replace(options, witness="script", clock="real")


def delays(natural: JudgedRun) -> tuple[Schedule, ...]:
    """The orders that can be tried without the kernel, the most telling first."""
    from grader.selfcheck import schedules

    return schedules(natural.trace, natural.context.exercise.run.schedules.delay)


def start_methods_here(exercise: Exercise) -> tuple[StartMethod, ...]:
    """Those of the exercise that this system has; where it has none of them, spawn."""
    import multiprocessing  # which a grading by the kernel need not load

    here = multiprocessing.get_all_start_methods()
    found = tuple(each for each in exercise.run.start_method if each.value in here)
    return found or (StartMethod.SPAWN,)


def without_what_was_not_run(
    judgements: Sequence[Judgement], exercise: Exercise, run: Collection[StartMethod]
) -> tuple[Judgement, ...]:
    """The judgements, where a check that is about a start method that this system does not have
    is not judged.
    """
    missing = [each for each in exercise.run.start_method if each not in run]
    if not missing:
        return tuple(judgements)
    happened = say(
        "This system has no start method {method}, so that the script was not run with it.",
        method=verbatim(missing[0].value),
    )
    return tuple(
        Judgement(
            each.check,
            Finding(each.check.id, Status.INCONCLUSIVE, each.finding.expected, Feedback(happened)),
        )
        if each.check.under in missing or isinstance(each.check.parameters, SameLines)
        else each
        for each in judgements
    )


def confirmed(run: JudgedRun, plan: Plan, runner: Runner) -> JudgedRun:
    """A natural run, made again where something broke in it, or could not be judged: the one in
    which there is least of that. On the real clock a busy machine delays processes by more than a
    right answer has to bear, so that there it is made more often.

    Args:
        run: the run, judged.
        plan: its plan.
        runner: runs plans.

    Raises:
        grader.plan.CannotSuperviseError: the submission cannot be run.
    """

    def broken(run: JudgedRun) -> int:
        """How many checks did not pass that another run could decide otherwise."""
        found = run.findings()
        return sum(
            found[check.id].status is not Status.PASSED
            and not is_of_code(check)
            and evidence_for(check, run.context.exercise).belief is not Belief.NOT_JUDGED
            for check in run.context.exercise.checks
        )

    best = run
    for _ in range(_repetitions(run)):
        is_whole = best.trace.outcome in (Outcome.FINISHED, Outcome.CRASHED)
        if not is_whole or best.trace.doubts or not broken(best):
            break
        (trace,) = runner([plan])
        again = JudgedRun(replace(run.context, trace=trace))
        if broken(again) < broken(best) and not trace.doubts:
            best = again
    return best


def _repetitions(run: JudgedRun) -> int:
    """How often what broke in a run must break again before it is believed."""
    return 2 if run.trace.busy else 1


def explore_by_delays(
    plan: Plan, natural: JudgedRun, runner: Runner, row: Sequence[Schedule]
) -> Exploration:
    """Try a submission under these few schedules on the real clock, one after the other.

    What one of them breaks is believed if it breaks each time again. There is no making it smaller:
    each run takes as long as the script itself does, and the delays besides.

    Args:
        plan: that of the natural run.
        natural: the natural run, judged.
        runner: runs plans.
        row: the schedules, the most telling first.

    Raises:
        grader.plan.CannotSuperviseError: the submission cannot be run.
    """
    if natural.trace.doubts:
        return Exploration((), ())
    return _Delays(plan, natural, runner).explore(row)


class _Delays:
    """One submission under one schedule after another."""

    def __init__(self, plan: Plan, natural: JudgedRun, runner: Runner) -> None:
        self._plan, self._natural, self._runner = plan, natural, runner
        self._exercise = natural.context.exercise
        found = natural.findings()
        self._unordered = [each for each in self._exercise.checks if is_unordered(each)]
        self._is_wrong = any(
            found[each.id].status in _BROKEN for each in self._exercise.checks if each.points
        )
        self._open = [
            each for each in self._exercise.checks if found[each.id].status is Status.PASSED
        ]

    def explore(self, row: Sequence[Schedule]) -> Exploration:
        """Try these schedules, as long as there is a check that they could break."""
        tried: list[str] = []
        breaking: list[JudgedRun] = []
        unjudged: list[JudgedRun] = []
        unconfirmed: list[Unconfirmed] = []
        for schedule in row:
            asked = [*self._asked(schedule)]
            if not any(not is_unordered(check) for check in asked):
                continue
            tried.append(str(schedule))
            run = self._run(schedule)
            if self._with_status(run, asked, (Status.INCONCLUSIVE,)):
                unjudged.append(run)
            broken = confirmed = self._with_status(run, asked, _BROKEN)
            runs = [run]
            while confirmed and len(runs) <= _repetitions(run):
                runs.append(self._run(schedule))
                broken_again = self._with_status(runs[-1], asked, _BROKEN)
                confirmed = [check for check in confirmed if check in broken_again]
            shown = [each for each in runs if self._with_status(each, asked, _BROKEN) == confirmed]
            if confirmed and shown:
                breaking.append(shown[0])
            else:
                confirmed = []
            self._open = [check for check in self._open if check not in confirmed]
            unconfirmed += [
                Unconfirmed(str(schedule), check.id) for check in broken if check not in confirmed
            ]
        return Exploration(
            tuple(tried), tuple(breaking), tuple(unjudged), unconfirmed=tuple(unconfirmed)
        )

    def _asked(self, schedule: Schedule) -> Iterator[Check]:
        """The checks for which it counts that this schedule breaks them: where something is wrong
        in any case, only those that must hold however late a process is.
        """
        for check in self._open:
            if may_break(schedule, check, self._exercise) and (
                check.any_duration or not self._is_wrong
            ):
                yield check

    def _run(self, schedule: Schedule) -> JudgedRun:
        (trace,) = self._runner([replace(self._plan, schedule=schedule)])
        return self._natural.another(trace)

    def _with_status(
        self, run: JudgedRun, checks: Sequence[Check], statuses: Collection[Status]
    ) -> list[Check]:
        findings = run.findings(self._unordered)
        return [check for check in checks if findings[check.id].status in statuses]
