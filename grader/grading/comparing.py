"""The runs of a submission compared: which of them decides a check, and what is told of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from grader.checks.context import JudgeContext
from grader.checks.finding import Finding, Status
from grader.checks.judging import judge_check
from grader.checks.orders import decides, may_break, tell_order
from grader.exercise import Check, Exercise, Order, Waited
from grader.grading.judged import JudgedRun
from grader.grading.result import Judgement
from grader.messages import Text, say
from grader.trace import Trace
from grader.trace.naming import verbatim

_BROKEN = (Status.FAILED, Status.SKIPPED)
_WORST_FIRST = (Status.FAILED, Status.SKIPPED, Status.INCONCLUSIVE, Status.PASSED)


def compare(
    runs: Sequence[JudgedRun],
    by_chance: Collection[str] = (),
    replayed: JudgedRun | None = None,
) -> tuple[Judgement, ...]:
    """What every check comes to in all runs that may decide it; the worst counts.

    Args:
        runs: at least one; those of the natural schedule decide between failed and lucky.
        by_chance: ids of checks that hold under another schedule than the natural one of the first
            run, in which they did not: what breaks them elsewhere makes them lucky as well.
        replayed: the run whose schedule was asked for by its name; the finding is about it where
            it may decide the check.

    Raises:
        FamilyError: a check of another package could not be used.
    """
    exercise = runs[0].scene.exercise
    natural = [run for run in runs if run.schedule.is_natural]
    held = [
        check
        for check in exercise.checks
        if natural
        and (
            check.id in by_chance
            or all(run.findings()[check.id].status is Status.PASSED for run in natural)
        )
    ]
    findings = {
        run: run.findings([each for each in held if not decides(run.schedule, each, exercise)])
        for run in runs
    }
    fell = [each for each in held if each.id in by_chance and _is_broken(each, findings)]
    if fell:
        findings[natural[0]] = natural[0].findings(fell)
    judgements = []
    for check in exercise.checks:
        found = [(run.trace, findings[run][check.id]) for run in runs]
        finding = _verdict_on_all(exercise, check, found, check.id in by_chance)
        if replayed is not None and decides(replayed.schedule, check, exercise):
            finding = _as_replayed(finding, replayed.trace, findings[replayed][check.id])
        judgements.append(Judgement(check, finding))
    return _told_once(judgements, [run.scene for run in runs], held, by_chance)


def _is_broken(check: Check, findings: Mapping[JudgedRun, Mapping[str, Finding]]) -> bool:
    """Whether a run of another schedule than the natural one breaks the check."""
    return any(
        not run.schedule.is_natural
        and found[check.id].status in _BROKEN
        and may_break(run.schedule, check, run.scene.exercise)
        for run, found in findings.items()
    )


def _verdict_on_all(
    exercise: Exercise,
    check: Check,
    runs: Sequence[tuple[Trace, Finding]],
    by_chance: bool,
) -> Finding:
    """The finding that counts, with a word on the run that it comes from.

    Where all natural runs pass, a schedule that breaks the check makes it lucky; also where the
    first one failed by chance.
    """
    natural = [each for each in runs if each[0].schedule.is_natural]
    other = [
        each
        for each in runs
        if each not in natural and may_break(each[0].schedule, check, exercise)
    ]
    broken = [each for each in other if each[1].status in _BROKEN]
    fell = by_chance and bool(broken)
    decisive = natural[1:] if fell else natural or other
    if decisive:
        trace, finding = _worst_of(decisive)
        finding = replace(finding, run=trace)
        if finding.status is not Status.PASSED:
            return _in_which_run(finding, trace, decisive)
        if not natural or not broken:
            return finding
    trace, finding = _worst_of(broken)
    finding = replace(finding, run=trace)
    if finding.status is Status.SKIPPED:
        return finding
    assert finding.feedback.happened is not None
    return replace(
        finding,
        status=Status.LUCKY,
        feedback=finding.feedback.saying(_held_but(trace, finding.feedback.happened, by_chance)),
    )


def _as_replayed(finding: Finding, trace: Trace, again: Finding) -> Finding:
    """What is told of a check to somebody who asked for an order, where the check did not hold
    in the natural one: of the order that was asked for, if it broke in that as well.

    Args:
        finding: what all runs come to.
        trace: the run that was asked for.
        again: what was found in that run.
    """
    if finding.status not in _BROKEN or finding.schedule is not None:
        return finding
    if again.status in _BROKEN:
        return replace(again, run=trace)
    if again.status is not Status.PASSED or finding.feedback.happened is None:
        return finding
    happened = say(
        "In the order that you asked for it went well, but not as the machine runs the program by "
        "itself. {happened}",
        happened=finding.feedback.happened,
    )
    return replace(finding, feedback=finding.feedback.saying(happened))


def _told_once(
    judgements: Sequence[Judgement],
    scenes: Sequence[JudgeContext],
    held: Sequence[Check],
    by_chance: Collection[str],
) -> tuple[Judgement, ...]:
    """A missing wait whose order held naturally and broke elsewhere is told once, as lucky.

    The order that broke says what the missing wait leads to, and the wait says why.
    """
    told = list(judgements)
    for wait in judgements:
        if (
            not isinstance(wait.check.parameters, Waited)
            or wait.finding.status is not Status.FAILED
        ):
            continue
        broken = next(
            (each for each in judgements if each.check in held and _broke_for(each, wait)), None
        )
        if broken is None:
            continue
        lucky = _lucky_for_want_of(wait.finding, broken, scenes, broken.check.id in by_chance)
        told = [_with_new_cause(each, wait.check.id, broken.check.id) for each in told]
        told[judgements.index(wait)] = Judgement(
            wait.check, _because_of(wait.finding, broken.check.id)
        )
        told[judgements.index(broken)] = Judgement(broken.check, lucky)
    return tuple(told)


def _broke_for(judgement: Judgement, wait: Judgement) -> bool:
    """Whether an order broke under a schedule for want of a wait."""
    finding = judgement.finding
    return (
        isinstance(judgement.check.parameters, Order)
        and finding.status is Status.SKIPPED
        and finding.cause == wait.check.id
        and finding.schedule is not None
    )


def _lucky_for_want_of(
    wait: Finding, broken: Judgement, scenes: Sequence[JudgeContext], by_chance: bool
) -> Finding:
    scene = next(each for each in scenes if each.trace is broken.finding.run)
    verdict = judge_check(broken.check, scene)
    happened = verdict.feedback.happened or wait.feedback.happened or broken.check.expect
    return replace(
        broken.finding,
        status=Status.LUCKY,
        cause=None,
        feedback=wait.feedback.saying(_held_but(scene.trace, happened, by_chance)).over(
            verdict.feedback
        ),
        hint=broken.check.hint or wait.hint,
        mistake=wait.mistake,
        relations=verdict.relations,
    )


def _held_but(trace: Trace, happened: Text, by_chance: bool) -> Text:
    order = tell_order(trace)
    if by_chance:
        return say(
            "It can go well, but {order} it breaks. {happened}", order=order, happened=happened
        )
    return say(
        "It went well this time, but {order} it breaks. {happened}", order=order, happened=happened
    )


def _with_new_cause(judgement: Judgement, old: str, new: str) -> Judgement:
    if judgement.finding.cause != old or judgement.check.id == new:
        return judgement
    return Judgement(judgement.check, replace(judgement.finding, cause=new))


def _because_of(finding: Finding, cause: str) -> Finding:
    return Finding(finding.check, Status.SKIPPED, finding.expected, cause=cause)


def _worst_of(runs: Sequence[tuple[Trace, Finding]]) -> tuple[Trace, Finding]:
    return min(runs, key=lambda each: _WORST_FIRST.index(each[1].status))


def _in_which_run(finding: Finding, trace: Trace, runs: Sequence[tuple[Trace, Finding]]) -> Finding:
    """Say under which start method it broke, where it held under another."""
    happened = finding.feedback.happened
    if happened is None or all(each.status is finding.status for _, each in runs):
        return finding
    happened = say(
        "With the start method {method}: {happened}",
        method=verbatim(trace.start_method.value),
        happened=happened,
    )
    return replace(finding, feedback=finding.feedback.saying(happened))
