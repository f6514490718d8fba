"""``follows``: how soon one moment comes after another, whoever else is late or slow."""

from __future__ import annotations

from grader.checks.context import JudgeContext
from grader.checks.evidence import believed_bounds
from grader.checks.finding import Relation
from grader.checks.moments import Instant, find_moment
from grader.checks.registry import Concern, judges
from grader.checks.verdict import Verdict, failed, passed
from grader.exercise.relations.sections import Follows
from grader.messages import say
from grader.trace import Printed, questions
from grader.trace.naming import seconds


@judges(Follows, Concern.BEHAVIOUR)
def judge_follows(wanted: Follows, context: JudgeContext) -> Verdict:
    """Whether the one moment comes after the other, and soon."""
    first, then = find_moment(wanted.on, context), find_moment(wanted.what, context)
    for instant in (first, then):
        if isinstance(instant, Verdict):
            return instant
    assert isinstance(first, Instant)
    assert isinstance(then, Instant)
    span = then.at - first.at
    _, within = believed_bounds(None, wanted.within, context.trace)
    holds = first.position <= then.position and within is not None and span <= within
    doer = context.trace.events[then.position].by  # of a wait not the one that is waited for
    if holds or _is_held_up(first, context) or _is_held_up(then, context):
        return passed()
    happened = (
        say(
            "{then} came {span} after {first}: at {time}, and not at {first_time}.",
            then=then.text,
            span=seconds(span, [wanted.within]),
            first=first.text,
            time=seconds(then.at, [first.at]),
            first_time=seconds(first.at, [then.at]),
        )
        if first.position <= then.position
        else say(
            "Too early: {early} came at {early_time}, before {late} at {late_time}.",
            early=then.text,
            early_time=seconds(then.at, [first.at]),
            late=first.text,
            late_time=seconds(first.at, [then.at]),
        )
    )
    return failed(
        happened,
        why=say(
            "It should come at once, within {within}, however late or slow others are.",
            within=seconds(wanted.within),
        ),
        next=say(
            "What does {name} wait for before it comes to that, and is it this that it waits for?",
            name=context.name(doer),
        ),
        line=then.line,
        relations=(Relation(first.mark, then.mark, seconds(span, [wanted.within])),),
        about=sorted({first.process, then.process, doer}),
    )


def _is_held_up(instant: Instant, context: JudgeContext) -> bool:
    """Whether the schedule holds up who did that: of a line the thread that printed it, of all else
    the process, whichever of its threads is held up.
    """
    schedule, labels = context.trace.schedule, questions.labels(context.trace)
    event = context.trace.events[instant.position]
    if isinstance(event, Printed) and event.by == instant.process:
        return schedule.holds_up_thread(labels.get(event.by, ""), event.thread)
    return any(schedule.holds_up(labels.get(each, "")) for each in (instant.process, event.by))
