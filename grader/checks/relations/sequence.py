"""``order`` and ``time``: the moments of a run compared with each other."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from grader.checks.context import JudgeContext
from grader.checks.evidence import believed_bounds
from grader.checks.feedback import Feedback
from grader.checks.finding import Relation, Status
from grader.checks.moments import Instant, find_moment
from grader.checks.pauses import find_long_pause
from grader.checks.registry import Concern, DecidedBy, judges
from grader.checks.verdict import Verdict, failed, passed
from grader.exercise import Moment
from grader.exercise.moment import Step
from grader.exercise.relations.events import Order, Time
from grader.messages import Text, say
from grader.trace import Nanoseconds, Printed, Witness, questions
from grader.trace.naming import seconds

_WORTH_A_WORD: Nanoseconds = 5 * 10**7
"""A shorter time is none."""


@judges(Order, Concern.ORDER)
def judge_order(wanted: Order, context: JudgeContext) -> Verdict:
    """Whether every moment of a step comes before every moment of the next, in some order of those
    that are right.
    """
    verdicts = [_judge_one_order(order, context) for order in wanted.orders]
    broken = next((each for each in verdicts if not each.missing), verdicts[0])
    if any(each.status is Status.PASSED for each in verdicts):
        return passed()
    if len(verdicts) == 1:
        return broken
    assert broken.feedback.happened is not None
    happened = say(
        "None of the orders that are right came about. {happened}",
        happened=broken.feedback.happened,
    )
    return replace(broken, feedback=broken.feedback.saying(happened))


def _judge_one_order(steps: Sequence[Step], context: JudgeContext) -> Verdict:
    found: list[list[Instant]] = []
    for step in steps:
        instants: list[Instant] = []
        for moment in (step,) if isinstance(step, Moment) else step:
            instant = find_moment(moment, context)
            if isinstance(instant, Verdict):
                return instant
            instants.append(instant)
        found.append(instants)
    for earlier, later in pairwise(found):
        last = max(earlier, key=lambda each: each.position)
        first = min(later, key=lambda each: each.position)
        if last.position > first.position:
            return _out_of_order(last, first)
    return passed()


def _out_of_order(should_be_first: Instant, came_first: Instant) -> Verdict:
    return failed(
        say(
            "Too early: {early} came at {early_time}, before {late} at {late_time}.",
            early=came_first.text,
            early_time=seconds(came_first.at, [should_be_first.at]),
            late=should_be_first.text,
            late_time=seconds(should_be_first.at, [came_first.at]),
        ),
        why=say(
            "Once started, processes run side by side. Nothing here makes one wait for the other."
        ),
        next=say(
            "What, in your script, makes {early} come after {late}?",
            early=came_first.text,
            late=should_be_first.text,
        ),
        line=came_first.line,
        relations=(Relation(should_be_first.mark, came_first.mark, say("should come first")),),
        about=[should_be_first.process, came_first.process],
    )


@judges(Time, Concern.DURATION, decided_by=DecidedBy.NATURAL_RUNS)
def judge_time(wanted: Time, context: JudgeContext) -> Verdict:
    """Whether the span between two moments lies within the bounds, for each of a group if so."""
    if wanted.each is None:
        return _judge_span(wanted, context)
    verdict = passed()
    for number in context.roles.of(wanted.each):
        verdict = _judge_span(wanted, context.narrowed(wanted.each, number))
        if verdict.status is not Status.PASSED:
            break
    return verdict


def _judge_span(wanted: Time, context: JudgeContext) -> Verdict:
    start, end = find_moment(wanted.from_, context), find_moment(wanted.to, context)
    if isinstance(start, Verdict):
        return start
    if isinstance(end, Verdict):
        return end
    span = end.at - start.at
    bounds = [bound for bound in (wanted.at_least, wanted.at_most) if bound is not None]
    at_least, at_most = believed_bounds(wanted.at_least, wanted.at_most, context.trace)
    too_short = at_least is not None and span < at_least
    too_long = (at_most is not None and span > at_most) or (
        wanted.at_most is not None and _asleep(start, end, context) > wanted.at_most
    )
    holds = not too_short and not too_long
    relation = Relation(start.mark, end.mark, seconds(span, bounds), holds)
    happened = _span(start, end, span, bounds)
    if holds:
        return passed(happened, (relation,))
    pause = _pause_before_buffer(start, end, context) if too_short else 0
    if (wanted.at_least or 0) <= pause <= (wanted.at_most or pause) and pause:
        return passed(
            say(
                "{name} sent both lines at once, after pauses of {span}.",
                name=context.subject(start.process),
                span=seconds(pause),
            )
        )
    feedback = (
        _too_short(start, end, context) if too_short else _too_long(start, end, wanted, context)
    )
    return Verdict(
        Status.FAILED,
        feedback.saying(say("{span} {bounds}", span=happened, bounds=_bounds(wanted))),
        (relation,),
        frozenset([start.process, end.process]),
        suppress_hint=feedback.line is not None,
    )


def _asleep(start: Instant, end: Instant, context: JudgeContext) -> Nanoseconds:
    """How long the process of the second moment slept between the two because its code says so,
    where a slow machine has measured the span: it cannot make these sleeps any longer.
    """
    trace = context.trace
    who = questions.process(trace, end.process)
    is_before = start.process == who.creator and start.at <= who.started
    if trace.witness is Witness.KERNEL or not trace.schedule.is_natural:
        return 0
    if not is_before and start.process != who.number:
        return 0  # only a slow machine may have brought the sleep between the two
    sleeps = questions.sleeps_of(trace, end.process)
    return sum(
        each.until - each.at for each in sleeps if start.at <= each.at < end.at >= each.until
    )


def _were_sent_at_once(start: Instant, end: Instant, context: JudgeContext) -> bool:
    """Whether they are two lines of one process that came out together."""
    events = context.trace.events
    are_lines = all(isinstance(events[each.position], Printed) for each in (start, end))
    return are_lines and start.at == end.at and start.process == end.process


def _pause_before_buffer(start: Instant, end: Instant, context: JudgeContext) -> Nanoseconds:
    """How long a process paused before it sent both lines as one, where the script deals with
    ``sys.stdout``, so that lines wait in a buffer: whether it paused between the two is not seen.
    """
    if not _were_sent_at_once(start, end, context):
        return 0
    if not any(
        node.attr == "stdout" for file in context.code.files for node in file.nodes(ast.Attribute)
    ):
        return 0
    pauses = questions.sleeps_of(context.trace, start.process)
    return sum(pause.until - pause.at for pause in pauses if pause.until <= start.at)


def _too_short(start: Instant, end: Instant, context: JudgeContext) -> Feedback:
    if _were_sent_at_once(start, end, context):
        return Feedback(
            why=say(
                "Both lines were sent at the same instant. What is printed waits in a buffer until "
                "it is sent: at the end of a line, by `flush`, or when the process ends."
            ),
            next=say("When does your script print each of the two, and when is it sent?"),
        )
    if end.at - start.at >= _WORTH_A_WORD:
        return Feedback(
            why=say("It took some time, but less than it should."),
            next=say("Which lines take time between the two, and how long should each of them?"),
        )
    return Feedback(
        why=say("Something that should take time takes none, or it takes it somewhere else."),
        next=say(
            "Which lines run between the two, in which process, and which of them should take time?"
        ),
    )


def _too_long(start: Instant, end: Instant, wanted: Time, context: JudgeContext) -> Feedback:
    assert wanted.at_most is not None
    both = (start.process, end.process)
    pause = find_long_pause(start.at, end.at, wanted.at_most, both, context)
    if pause is not None:
        return pause
    return Feedback(
        why=say(
            "One of the steps takes longer than it should, or some come one after another that "
            "could come at once."
        ),
        next=say("Which lines take time between the two, and which of them wait for one another?"),
    )


def _span(start: Instant, end: Instant, span: int, bounds: Sequence[int]) -> Text:
    return say(
        "From {start} ({start_time}) to {end} ({end_time}) it took {span}.",
        start=start.text,
        start_time=seconds(start.at),
        end=end.text,
        end_time=seconds(end.at),
        span=seconds(span, [*bounds, 0]),
    )


def _bounds(wanted: Time) -> Text:
    if wanted.at_least is None:
        assert wanted.at_most is not None
        return say("At most {most} is right.", most=seconds(wanted.at_most))
    if wanted.at_most is None:
        return say("At least {least} is right.", least=seconds(wanted.at_least))
    return say(
        "Right is {least} to {most}.", least=seconds(wanted.at_least), most=seconds(wanted.at_most)
    )
