"""Every check of an exercise judged on one run of a submission."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from grader.checks.causes import Cause, find_causes
from grader.checks.classes import judge_called, judge_subclass
from grader.checks.connections import judge_keeps_open
from grader.checks.dialogue import judge_dialogue
from grader.checks.ended import judge_ended
from grader.checks.feedback import Feedback
from grader.checks.finding import Finding, Status
from grader.checks.identity import (
    judge_count,
    judge_daemon,
    judge_named,
    judge_start_method,
    judge_started_by,
)
from grader.checks.lifetimes import judge_one_at_a_time, judge_together
from grader.checks.orders import UNORDERED, is_tolerable
from grader.checks.peers import as_met_by_peers
from grader.checks.prints import judge_prints
from grader.checks.raised import judge_clean, judge_raises
from grader.checks.same_lines import judge_same_lines
from grader.checks.scene import Scene
from grader.checks.sequence import has_come_about, judge_order, judge_time
from grader.checks.source import judge_source
from grader.checks.verdict import Verdict, inconclusive, passed
from grader.checks.waited import judge_waited
from grader.checks.words import says_again
from grader.exercise import Check, FamilyError, find_family
from grader.messages import Text, say
from grader.trace.naming import verbatim


def judge_run(
    scene: Scene, judged: Mapping[str, Verdict], settled: Collection[Check] = ()
) -> Mapping[str, Finding]:
    """The findings of one run, by the ids of the checks.

    ``judged`` is what `judge_check` finds in the run for each check, by its id. ``settled`` are
    the checks that this run does not decide, and that passed in others: they are to blame for
    nothing that breaks in it, unless a moment is missing in it that they speak of.
    """
    verdicts = {
        check.id: passed()
        if check in settled and not _is_missing(check, scene)
        else _in_doubt(check, judged[check.id], scene)
        for check in scene.exercise.checks
    }
    causes = find_causes(scene, verdicts)
    return {
        check.id: _finding(check, verdicts[check.id], causes.get(check.id))
        for check in scene.exercise.checks
    }


def _is_missing(check: Check, scene: Scene) -> bool:
    """Whether a span has no beginning or no end in a run of another order than the natural one.

    How long a span is shows in natural runs only. That there is none shows in each.
    """
    order = scene.trace.schedule
    return (
        check.time is not None
        and not order.is_natural
        and is_tolerable(order, scene.exercise)
        and not has_come_about(check.time, scene)
    )


def fails_under_any_schedule(scene: Scene, judged: Mapping[str, Verdict]) -> Collection[Check]:
    """The checks that only natural runs decide, and that fail in this one for what they are about,
    and not for want of something that another run may have. ``judged`` as for `judge_run`.
    """
    return [
        check
        for check in scene.exercise.checks
        if check.relation in UNORDERED
        and judged[check.id].status is Status.FAILED
        and (check.time is None or has_come_about(check.time, scene))
    ]


def judge_check(check: Check, scene: Scene) -> Verdict:
    """What one check finds in one run, taken by itself."""
    return as_met_by_peers(check, _judge_relation(check, scene), scene)


def _judge_relation(check: Check, scene: Scene) -> Verdict:
    if check.prints is not None:
        return judge_prints(check.prints, scene)
    if check.order is not None:
        return judge_order(check.order, scene)
    if check.time is not None:
        return judge_time(check.time, scene)
    if check.together is not None:
        return judge_together(check.together, scene)
    if check.one_at_a_time is not None:
        return judge_one_at_a_time(check.one_at_a_time, scene)
    if check.waited is not None:
        return judge_waited(check.waited, scene)
    if check.ended is not None:
        return judge_ended(check.ended, scene)
    if check.daemon is not None:
        return judge_daemon(check.daemon, scene)
    if check.named is not None:
        return judge_named(check.named, scene)
    if check.subclass is not None:
        return judge_subclass(check.subclass, scene)
    if check.called is not None:
        return judge_called(check.called, scene)
    if check.started_by is not None:
        return judge_started_by(check.started_by, scene)
    if check.count is not None:
        return judge_count(check.count, scene)
    if check.start_method is not None:
        return judge_start_method(check.start_method, scene)
    if check.raises is not None:
        return judge_raises(check.raises, scene)
    if check.clean is not None:
        return judge_clean(scene)
    if check.source is not None:
        return judge_source(check.source, scene)
    if check.dialogue is not None:
        return judge_dialogue(check.dialogue, scene)
    if check.keeps_open is not None:
        return judge_keeps_open(check.keeps_open, scene)
    if check.same_lines is not None:
        return judge_same_lines(scene)
    assert check.plugin is not None
    return _judge_plugin(*check.plugin, scene)


def _judge_plugin(name: str, parameters: object, scene: Scene) -> Verdict:
    """A family of another package is asked as the built-in ones are: its parameters and the
    scene in, a `Verdict` out.
    """
    family = find_family(name)
    if family is None:
        raise FamilyError(f"'{name}' was installed when the exercise was read and is gone now")
    verdict = family.judge(parameters, scene)
    if not isinstance(verdict, Verdict):
        raise FamilyError(f"'{name}' must return a Verdict and returned {verdict!r}")
    return verdict


def _in_doubt(check: Check, verdict: Verdict, scene: Scene) -> Verdict:
    """A run that the supervisor could not see whole decides nothing against a student."""
    if verdict.status is not Status.FAILED or check.relation == "source" or not scene.trace.doubts:
        return verdict
    return inconclusive(
        say("The grader could not see everything: {doubt}", doubt=verbatim(scene.trace.doubts[0]))
    )


def _finding(check: Check, verdict: Verdict, cause: Cause | None) -> Finding:
    """The finding that a verdict becomes, once it is known what is to blame."""
    finding = Finding(check.id, verdict.status, check.expect, verdict.feedback)
    if cause is not None and cause.check != check.id:
        status = Status.INCONCLUSIVE if cause.inconclusive else Status.SKIPPED
        return Finding(check.id, status, check.expect, cause=cause.check)
    if verdict.status is not Status.FAILED:
        return replace(finding, relations=verdict.relations)
    diagnosis = cause.diagnosis if cause is not None else None
    told = verdict.feedback if diagnosis is None else diagnosis.feedback
    return replace(
        finding,
        feedback=told.over(verdict.feedback),
        hint=_hint(check, verdict, told),
        relations=verdict.relations,
    )


def _hint(check: Check, verdict: Verdict, told: Feedback) -> Text | None:
    """The teacher's hint, where it says something new: it is written for what usually goes wrong
    with the check, and neither for a mistake that was recognised nor for too many processes.
    """
    recognised = told.happened is not None and told.happened is not verdict.feedback.happened
    too_many = check.relation == "count" and not verdict.missing
    if check.hint is None or recognised or verdict.suppress_hint or too_many:
        return None
    said = "" if told.next is None else told.next.in_language("en")
    return None if says_again(check.hint.in_language("en"), said) else check.hint
