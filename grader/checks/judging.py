"""Every check of an exercise judged on one run of a submission."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import grader.checks.relations  # noqa: F401 - they register their judges
from grader.checks.context import JudgeContext
from grader.checks.evidence import why_not_judged
from grader.checks.feedback import Feedback
from grader.checks.finding import Finding, Status
from grader.checks.forms import TooManyTextsError, forms_of
from grader.checks.grouping import Cause, find_causes
from grader.checks.moments import Instant, find_moment
from grader.checks.peers import as_seen_by_peers, failure_of_a_peer
from grader.checks.registry import (
    Concern,
    concern_of,
    is_of_code,
    is_tolerable,
    is_unordered,
    judged_relation,
)
from grader.checks.relations.identity import judge_count
from grader.checks.roles import UnresolvedRole
from grader.checks.threads import is_about_threads, said_of_threads
from grader.checks.unresolved import judge_unresolved
from grader.checks.verdict import Verdict, inconclusive, passed
from grader.checks.words import repeats
from grader.exercise import Check, FamilyError, Order, Time, Together, moments_in, roles_in
from grader.exercise.names import group_of
from grader.exercise.relations.processes import Count
from grader.messages import Text, say
from grader.trace.naming import verbatim


def judge_run(
    context: JudgeContext, judged: Mapping[str, Verdict], settled: Collection[Check] = ()
) -> Mapping[str, Finding]:
    """The findings of one run, by the ids of the checks.

    ``judged`` is what `judge_check` finds in the run for each check, by its id. ``settled`` are
    the checks that this run does not decide, and that passed in others: they are to blame for
    nothing that breaks in it, unless a moment is missing in it that they speak of.
    """
    verdicts = {
        check.id: passed()
        if check in settled and not _is_missing(check, context)
        else _in_doubt(check, judged[check.id], context)
        for check in context.exercise.checks
    }
    causes = find_causes(context, verdicts)
    return {
        check.id: _finding(check, verdicts[check.id], causes.get(check.id))
        for check in context.exercise.checks
    }


def _is_missing(check: Check, context: JudgeContext) -> bool:
    """Whether a span has no beginning or no end in a run of another order than the natural one.

    How long a span is shows in natural runs only. That there is none shows in each.
    """
    order = context.trace.schedule
    return (
        isinstance(check.parameters, Time)
        and not order.is_natural
        and is_tolerable(order, context.exercise)
        and not _has_its_moments(check, context)
    )


def _has_its_moments(check: Check, context: JudgeContext) -> bool:
    """Whether all moments came that the check speaks of, so that there is a span to be judged."""
    if is_about_threads(check, context.exercise.cast):
        context = context.of_threads
    return _unresolved_role(check, context) is None and all(
        isinstance(find_moment(moment, one), Instant)
        for parameters, one in forms_of(check, context)
        for moment in moments_in(parameters)
    )


def fails_under_any_schedule(
    context: JudgeContext, judged: Mapping[str, Verdict]
) -> Collection[Check]:
    """The checks that only natural runs decide, and that fail in this one for what they are about,
    and not for want of something that another run may have. ``judged`` as for `judge_run`.
    """
    return [
        check
        for check in context.exercise.checks
        if is_unordered(check)
        and judged[check.id].status is Status.FAILED
        and (not isinstance(check.parameters, Time) or _has_its_moments(check, context))
    ]


def judge_check(check: Check, context: JudgeContext) -> Verdict:
    """What one check finds in one run, taken by itself."""
    unbelieved = why_not_judged(check, context.trace, context.exercise)
    if unbelieved is not None:
        return replace(inconclusive(unbelieved), out_of_reach=True)
    return as_seen_by_peers(check, _judge_relation(check, context), context)


def _judge_relation(check: Check, context: JudgeContext) -> Verdict:
    if is_about_threads(check, context.exercise.cast):
        context = context.of_threads
        return said_of_threads(_judge_in(check, context), context.trace)
    return _judge_in(check, context)


def _judge_in(check: Check, context: JudgeContext) -> Verdict:
    relation = judged_relation(check)
    if check.under not in (None, context.trace.start_method):
        return passed()
    role = _unresolved_role(check, context)
    if role is not None:
        return judge_unresolved(role, context)
    too_few = _fewer_than_counted(check, context)
    if too_few is not None:
        return too_few
    verdicts = []
    try:
        for parameters, one in forms_of(check, context):
            verdict = relation.judge(parameters, one)
            if not isinstance(verdict, Verdict):
                raise FamilyError(
                    f"'{check.relation}' must return a Verdict and returned {verdict!r}"
                )
            if verdict.status is not Status.PASSED:
                return verdict
            verdicts.append(verdict)
    except TooManyTextsError:
        return inconclusive(
            say("So many different lines were printed that the grader cannot compare them all.")
        )
    return verdicts[0] if len(verdicts) == 1 else passed()


def _unresolved_role(check: Check, context: JudgeContext) -> UnresolvedRole | None:
    """The first name that the check is about and that does not stand for what it should."""
    counts = judged_relation(check).counts
    names = [group_of(name) for name in roles_in(check.parameters)]
    names += [] if check.for_each is None else [check.for_each]
    found = ((name, context.roles.unresolved.get(name)) for name in names)
    return next(
        (
            role
            for name, role in found
            if role is not None and (not counts or role.unseen or role.name != name)
        ),
        None,
    )


def _fewer_than_counted(check: Check, context: JudgeContext) -> Verdict | None:
    """The verdict on the number of a group that a check speaks of as a whole, where another check
    counts more of them: that four processes ran at once says nothing of five.
    """
    if not isinstance(check.parameters, (Together, Order)):
        return None
    groups = roles_in(check.parameters)
    counts = (
        judge_count(each.parameters, context)
        for each in context.exercise.checks
        if isinstance(each.parameters, Count) and each.parameters.who in groups
    )
    return next((each for each in counts if each.missing), None)


def _in_doubt(check: Check, verdict: Verdict, context: JudgeContext) -> Verdict:
    """A run that the supervisor could not see whole decides nothing, neither against a student nor
    for one: who brought that about when it became dangerous would have earned points by it. Nor
    does a run decide against one in which a program of the exercise failed by itself.
    """
    if is_of_code(check):
        return verdict
    failure = failure_of_a_peer(context) if verdict.status is Status.FAILED else None
    if failure is not None:
        return inconclusive(failure)
    if not context.trace.doubts:
        return verdict
    return inconclusive(
        say("The grader could not see everything: {doubt}", doubt=verbatim(context.trace.doubts[0]))
    )


def _finding(check: Check, verdict: Verdict, cause: Cause | None) -> Finding:
    """The finding that a verdict becomes, once it is known what is to blame."""
    finding = Finding(check.id, verdict.status, check.expect, verdict.feedback)
    if cause is not None and cause.check != check.id:
        status = Status.INCONCLUSIVE if cause.inconclusive else Status.SKIPPED
        return Finding(check.id, status, check.expect, cause=cause.check)
    if verdict.status is not Status.FAILED:
        return replace(finding, relations=verdict.relations)
    mistake = cause.mistake if cause is not None else None
    feedback = verdict.feedback if mistake is None else mistake.detected.feedback
    return replace(
        finding,
        mistake=None if mistake is None else mistake.id,
        feedback=feedback.over(verdict.feedback),
        hint=_hint(check, verdict, feedback),
        relations=verdict.relations,
    )


def _hint(check: Check, verdict: Verdict, feedback: Feedback) -> Text | None:
    """The teacher's hint, where it says something new: it is written for what usually goes wrong
    with the check, and neither for a mistake that was recognised nor for too many processes.
    """
    happened = feedback.happened
    recognised = happened is not None and happened is not verdict.feedback.happened
    too_many = concern_of(check) is Concern.NUMBER and not verdict.missing
    if check.hint is None or recognised or verdict.suppress_hint or too_many:
        return None
    said = "" if feedback.next is None else feedback.next.in_language("en")
    return None if repeats(check.hint.in_language("en"), said) else check.hint
