"""The runs of a submission compared: which run decides a check, and what the finding says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from grader.checks.feedback import Feedback
from grader.checks.finding import Finding, Status
from grader.checks.registry import decides, may_break
from grader.exercise import Check, Order, Waited
from grader.grading.judged import JudgedRun
from grader.grading.result import Judgement
from grader.messages import Text, in_language, say
from grader.schedules import describe
from grader.trace.naming import verbatim

_BROKEN = (Status.FAILED, Status.SKIPPED)
_WORST_FIRST = (Status.FAILED, Status.SKIPPED, Status.INCONCLUSIVE, Status.PASSED)

_TIMELESS = frozenset({"some-not-joined", "message-for-end", "lost-update"})
"""Mistakes of which it is said first what they are: nothing in that is so in one run alone."""

_Findings = Mapping[JudgedRun, Finding]
"""What each run found for one check."""


def compare(
    runs: Sequence[JudgedRun],
    by_chance: Collection[str] = (),
    replayed: JudgedRun | None = None,
    shown: Mapping[str, JudgedRun] = MappingProxyType({}),
    unsaved: Collection[str] = (),
) -> tuple[Judgement, ...]:
    """What every check comes to in all runs that may decide it; the worst counts, or the best of a
    check for which one is enough.

    Args:
        runs: at least one; those of the natural schedule decide between failed and lucky. What
            could not be judged in one of the others has not passed, unless another broke it.
        by_chance: ids of checks that hold under another schedule than the natural one of the first
            run, in which they did not: what breaks them elsewhere makes them lucky as well.
        replayed: the run whose schedule was asked for by its name; the finding is about it where
            it may decide the check.
        shown: the checks for which one run is enough and that hold in another than the natural one,
            by their ids, each with that run.
        unsaved: ids of checks that hold under no schedule. They have failed, also if they held in
            the natural run.

    Raises:
        FamilyError: a check of another package could not be used.
    """
    checks = runs[0].context.exercise.checks
    natural = [run for run in runs if run.schedule.is_natural]
    held = [
        check
        for check in checks
        if natural
        and not check.possible
        and (
            check.id in by_chance
            or all(run.findings()[check.id].status is Status.PASSED for run in natural)
        )
    ]
    possible = [check for check in checks if check.possible]
    found = {
        run: run.findings(
            [each for each in held if not _decides(run, each)]
            + [each for each in possible if each.id in shown or not run.schedule.is_natural]
        )
        for run in runs
    }
    fell = [
        check
        for check in held
        if check.id in by_chance
        and any(found[run][check.id].status in _BROKEN for run in _others(runs, check))
    ]
    if fell:
        found[natural[0]] = natural[0].findings(
            fell + [each for each in checks if each.id in shown]
        )
    judgements = []
    for check in checks:
        findings = {run: replace(found[run][check.id], run=run.trace) for run in runs}
        if check.possible:
            finding = _best_of_all(check, findings, shown.get(check.id))
            judgements.append(Judgement(check, finding))
            continue
        finding = _worst_of_all(check, findings, by_chance, replayed, unsaved)
        if replayed is not None and _decides(replayed, check):
            finding = _as_replayed(finding, findings[replayed])
        judgements.append(Judgement(check, finding))
    by_luck = [check for check in held if check.id not in unsaved]
    explained = _with_waits_explained(judgements, runs, by_luck, by_chance, replayed)
    return _without_what_was_needed(_told_once(explained))


def _told_once(judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Of lucky checks of which one run says the same, one says it: an order if there is one. The
    others are skipped.
    """
    causes: dict[object, str] = {}
    told = {each.check.id: each.finding for each in judgements}
    for each in sorted(judgements, key=lambda each: not isinstance(each.check.parameters, Order)):
        name, found = each.check.id, each.finding
        if found.status is Status.LUCKY:
            said = in_language(found.feedback.happened, "en")
            cause = causes.setdefault((found.schedule, said), name)
            if cause != name:
                told[name] = Finding(name, Status.SKIPPED, found.expected, cause=cause)
    return tuple(Judgement(each.check, told[each.check.id]) for each in judgements)


def _without_what_was_needed(judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """A check is skipped while one that it needs does not pass, in whichever run that was. What is
    wrong in the natural run is told all the same where the other one was only lucky.
    """
    findings = {each.check.id: each.finding for each in judgements}
    waiting = True
    while waiting:
        waiting = False
        for check in (each.check for each in judgements):
            if findings[check.id].status in (Status.SKIPPED, Status.INCONCLUSIVE):
                continue
            for need in check.needs:
                needed = findings[need]
                cause = need if needed.cause is None else needed.cause
                fails = needed.status in (Status.FAILED, Status.LUCKY, Status.SKIPPED)
                was_lucky = findings[cause].status is Status.LUCKY
                if was_lucky and findings[check.id].status is Status.FAILED:
                    continue
                if fails and cause != check.id:
                    expected = findings[check.id].expected
                    findings[check.id] = Finding(check.id, Status.SKIPPED, expected, cause=cause)
                    waiting = True
                    break
    return tuple(Judgement(each.check, findings[each.check.id]) for each in judgements)


def _decides(run: JudgedRun, check: Check) -> bool:
    return decides(run.schedule, check, run.context.exercise)


def _others(runs: Collection[JudgedRun], check: Check) -> list[JudgedRun]:
    """The runs that are not natural and may break the check."""
    return [
        run
        for run in runs
        if not run.schedule.is_natural and may_break(run.schedule, check, run.context.exercise)
    ]


def _worst_of_all(
    check: Check,
    findings: _Findings,
    by_chance: Collection[str],
    replayed: JudgedRun | None,
    unsaved: Collection[str],
) -> Finding:
    """The finding that counts, with a word on the run that it comes from.

    Where all natural runs pass, a schedule that breaks the check makes it lucky; also where the
    first one failed by chance. What no schedule saves needs no such word: it has failed.
    """
    natural = [found for run, found in findings.items() if run.schedule.is_natural]
    others = [findings[run] for run in _others(findings, check)]
    broken = [found for found in others if found.status in _BROKEN]
    unjudged = [found for found in others if found.status is Status.INCONCLUSIVE]
    fell = check.id in by_chance
    decisive = natural[1:] if fell and broken else natural or others
    if decisive:
        worst = min(decisive, key=_rank)
        if worst.status is not Status.PASSED:
            return _in_which_run(check, worst, decisive)
        if not natural or not (broken or unjudged):
            return worst
    if not broken:
        return _unjudged(unjudged[0])
    worst = min(broken, key=_rank)
    if worst.status is Status.SKIPPED or check.id in unsaved:
        return worst
    assert worst.feedback.happened is not None
    happened = _held_but(worst, worst.feedback.happened, fell, replayed)
    return replace(worst, status=Status.LUCKY, feedback=worst.feedback.saying(happened))


def _best_of_all(check: Check, findings: _Findings, shown: JudgedRun | None) -> Finding:
    """The finding of a check for which one run is enough."""
    natural = [found for run, found in findings.items() if run.schedule.is_natural]
    best = max(natural, key=_rank)
    if shown is not None:
        happened = say("It happens {order}.", order=describe(shown.schedule, shown.trace))
        return Finding(check.id, Status.PASSED, check.expect, Feedback(happened), run=shown.trace)
    if best.status is not Status.FAILED or best.mistake is not None:
        return best
    feedback = replace(
        best.feedback,
        why=say(
            "It need not always be so, but it should be possible, and it happened in none of the "
            "event orders that were tried."
        ),
        next=say("What makes one wait for the other there, although it need not?"),
    )
    return replace(best, feedback=feedback)


def _unjudged(finding: Finding) -> Finding:
    """Another schedule than the natural one could have broken the check."""
    happened = finding.feedback.happened
    if happened is None or finding.run is None:
        return finding
    told = say(
        "It went well this time, but {order} it could not be judged. {happened}",
        order=describe(finding.run.schedule, finding.run),
        happened=happened,
    )
    return replace(finding, feedback=finding.feedback.saying(told))


def _rank(finding: Finding) -> int:
    return _WORST_FIRST.index(finding.status)


def _in_which_run(check: Check, finding: Finding, all_found: Sequence[Finding]) -> Finding:
    """Say under which start method it broke, where it held under another, and could have."""
    happened = finding.feedback.happened
    alike = all(each.status is finding.status for each in all_found)
    is_first = check.under is not None and finding.run is all_found[0].run
    if happened is None or alike or finding.run is None or is_first:
        return finding
    happened = say(
        "With the start method {method}: {happened}",
        method=verbatim(finding.run.start_method.value),
        happened=happened,
    )
    return replace(finding, feedback=finding.feedback.saying(happened))


def _as_replayed(finding: Finding, again: Finding) -> Finding:
    """The finding for somebody who asked for a schedule, where the check did not hold in the
    natural run: if it broke again it is about the run that was asked for.

    Args:
        finding: what all runs come to.
        again: what was found in the run that was asked for.
    """
    if finding.status not in _BROKEN or finding.schedule is not None:
        return finding
    if again.status in _BROKEN:
        return again
    if again.status is not Status.PASSED or finding.feedback.happened is None:
        return finding
    happened = say(
        "In the order that you asked for it went well, but not when the machine runs the program "
        "by itself. {happened}",
        happened=finding.feedback.happened,
    )
    return replace(finding, feedback=finding.feedback.saying(happened))


def _with_waits_explained(
    judgements: Sequence[Judgement],
    runs: Sequence[JudgedRun],
    held: Sequence[Check],
    by_chance: Collection[str],
    replayed: JudgedRun | None,
) -> tuple[Judgement, ...]:
    """A missing wait whose order held naturally and broke elsewhere is reported once, as lucky.

    The order that broke says what the missing wait leads to, and the wait says why.
    """
    findings = {each.check.id: each.finding for each in judgements}
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
        for name, finding in findings.items():
            if finding.cause == wait.check.id and name != broken.check.id:
                findings[name] = replace(finding, cause=broken.check.id)
        findings[wait.check.id] = Finding(
            wait.check.id, Status.SKIPPED, wait.finding.expected, cause=broken.check.id
        )
        run = next(each for each in runs if each.trace is broken.finding.run)
        findings[broken.check.id] = _lucky_for_want_of(wait, broken, run, by_chance, replayed)
    return tuple(Judgement(each.check, findings[each.check.id]) for each in judgements)


def _broke_for(judgement: Judgement, wait: Judgement) -> bool:
    """Whether an order broke under another schedule for want of a wait."""
    finding = judgement.finding
    return (
        isinstance(judgement.check.parameters, Order)
        and finding.status is Status.SKIPPED
        and finding.cause == wait.check.id
        and finding.schedule is not None
    )


def _lucky_for_want_of(
    wait: Judgement,
    broken: Judgement,
    run: JudgedRun,
    by_chance: Collection[str],
    replayed: JudgedRun | None,
) -> Finding:
    verdict, missing = run.verdicts[broken.check.id], wait.finding.feedback
    happened = verdict.feedback.happened or broken.check.expect
    fell = broken.check.id in by_chance
    is_told = missing.happened is not None and (not fell or wait.finding.mistake in _TIMELESS)
    if is_told and wait.finding.run is not broken.finding.run:  # its times are not those before it
        happened = say("This is what happened in another run. {happened}", happened=happened)
    told = _held_but(broken.finding, happened, fell, replayed)
    if is_told and missing.happened is not None:
        told = say("{missing} {consequence}", missing=missing.happened, consequence=told)
    return replace(
        broken.finding,
        status=Status.LUCKY,
        cause=None,
        feedback=missing.saying(told).over(verdict.feedback),
        hint=broken.check.hint or wait.finding.hint,
        mistake=wait.finding.mistake,
        relations=verdict.relations,
    )


def _held_but(
    finding: Finding, happened: Text, by_chance: bool, replayed: JudgedRun | None
) -> Text:
    assert finding.run is not None
    order = describe(finding.run.schedule, finding.run)
    if finding.mistake in _TIMELESS:
        return say("{happened} It breaks {order}, and can go well.", order=order, happened=happened)
    if replayed is not None and finding.run is replayed.trace:
        return say(
            "In the natural order it goes well, but {order} it breaks. {happened}",
            order=order,
            happened=happened,
        )
    if by_chance:
        return say(
            "It can go well, but {order} it breaks. {happened}", order=order, happened=happened
        )
    return say(
        "It went well this time, but {order} it breaks. {happened}", order=order, happened=happened
    )
