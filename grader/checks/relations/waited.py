"""``waited``: whether a process really waited for the end of others."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.context import JudgeContext
from grader.checks.feedback import NO_FEEDBACK, Feedback
from grader.checks.finding import Mark, Relation, Status
from grader.checks.moments import Instant, find_moment
from grader.checks.registry import Concern, judges
from grader.checks.verdict import Verdict, failed, passed
from grader.exercise.relations.events import Waited
from grader.messages import Text, say
from grader.trace import Nanoseconds, ProcessNumber, StartMethod, WaitedFor
from grader.trace.naming import seconds
from grader.trace.questions import end_of, process, sleeps_of, waited_through

_MANY_POLLS = 50
_LONG_ASKING: Nanoseconds = 300_000_000
"""So many unsuccessful questions in so long a time are worth a word: how often a process asks in a
moment is chance."""


@judges(Waited, Concern.WAIT)
def judge_waited(wanted: Waited, context: JudgeContext) -> Verdict:
    """Whether the waiter learned of each one's end, before the moment if one is given."""
    before = None if wanted.before is None else find_moment(wanted.before, context)
    if isinstance(before, Verdict):
        return before
    waiters = context.roles.of(wanted.by)
    waits: dict[ProcessNumber, WaitedFor | None] = {}
    for child in context.roles.of(wanted.for_):
        found = (waited_through(context.trace, child, waiter) for waiter in waiters)
        ends = [wait for wait in found if wait is not None]
        waits[child] = min(ends, key=context.position, default=None)
    if wanted.never:
        return _never(list(waits.values()), before, context)
    late = [
        (child, wait)
        for child, wait in waits.items()
        if wait is None or (before is not None and context.position(wait) > before.position)
    ]
    if late:
        return _not_waited(waiters[0], late, before, context)
    how = _how([wait for wait in waits.values() if wait is not None], context)
    return Verdict(Status.PASSED, how)


def _never(
    waits: Sequence[WaitedFor | None], before: Instant | None, context: JudgeContext
) -> Verdict:
    """Whether none was waited for. To ask once whether a process has ended is no wait."""
    for wait in waits:
        if (
            wait is not None
            and (before is None or context.position(wait) < before.position)
            and (wait.how != "poll" or _asks_long([wait]))
        ):
            values = {
                "waiter": context.subject(wait.by),
                "name": context.name(wait.child),
                "time": seconds(wait.at),
            }
            return failed(
                say("{waiter} waited for the end of {name}, until {time}.", **values)
                if wait.line is None
                else say(
                    "{waiter} waited for the end of {name} ({line}), until {time}.",
                    line=context.line(wait.line),
                    **values,
                ),
                why=say(
                    "This wait is not needed here: the program does what it should without it."
                ),
                next=say(
                    "What would happen to {name} if nobody waited for it?",
                    name=context.name(wait.child),
                ),
                line=wait.line,
                about=[wait.by, wait.child],
            )
    return passed()


def _how(waits: Sequence[WaitedFor], context: JudgeContext) -> Feedback:
    """A word on a wait that is right, but works the processor hard."""
    polls = [wait for wait in waits if wait.how == "poll"]
    if not _asks_long(polls):
        return NO_FEEDBACK
    return Feedback(
        say(
            "{waiter} asked again and again whether {name} had ended.",
            waiter=context.subject(polls[0].by),
            name=context.names([wait.child for wait in polls]),
        ),
        say("That is a wait, but it wakes up again and again, and notices the end late.")
        if _pauses_between(polls, context)
        else say(
            "That is a wait, but a process that asks again and again keeps a whole core busy."
        ),
        say("Is there a way to wait that costs nothing?"),
        polls[0].line,
    )


def _pauses_between(polls: Sequence[WaitedFor], context: JudgeContext) -> bool:
    """Whether most of the time in which it asked was slept through."""
    return any(
        sum(
            min(pause.until, poll.at) - max(pause.at, poll.began)
            for pause in sleeps_of(context.trace, poll.by)
            if pause.at < poll.at and pause.until > poll.began
        )
        >= (poll.at - poll.began) / 2
        for poll in polls
        if poll.began is not None and poll.at > poll.began
    )


def _asks_long(polls: Sequence[WaitedFor]) -> bool:
    spans = [each.at - (each.at if each.began is None else each.began) for each in polls]
    return sum(spans) >= _LONG_ASKING and sum(each.polls for each in polls) >= _MANY_POLLS


def _not_waited(
    waiter: ProcessNumber,
    late: Sequence[tuple[ProcessNumber, WaitedFor | None]],
    before: Instant | None,
    context: JudgeContext,
) -> Verdict:
    children = [child for child, _ in late]
    names, name, subject = context.names(children), context.name(waiter), context.subject(waiter)
    if before is None:
        return failed(
            say("{waiter} never waited for the end of {names}.", waiter=subject, names=names),
            why=_why_not_waited(children, context),
            next=say(
                "How could {waiter} notice that {names} has ended?",
                waiter=name,
                names=context.name(children[-1]),
            ),
            about=[waiter, *children],
            missing=True,
        )
    late_ends = [child for child in children if context.end(child) > before.at]
    last = context.last_to_end(late_ends or children)
    relation = Relation(Mark(last, context.end(last)), before.mark, say("not waited for"))
    waited_later = all(wait is not None for _, wait in late)
    without = (
        say(
            "{waiter} waited for {names} only after {moment} at {time}.",
            waiter=subject,
            names=names,
            moment=before.text_beside(waiter),
            time=seconds(before.at, [context.end(last)]),
        )
        if waited_later
        else say(
            "{waiter} did not wait for {names} before {moment} at {time}.",
            waiter=subject,
            names=names,
            moment=before.text_beside(waiter),
            time=seconds(before.at, [context.end(last)]),
        )
    )
    return failed(
        say("{without} {state}", without=without, state=_state_then(last, before, context)),
        why=_why_not_waited(children, context),
        next=say(
            "What, in your script, makes {waiter} stop until {name} has ended?",
            waiter=name,
            name=context.name(last),
        ),
        line=before.line,
        relations=(relation,),
        about=[waiter, *children],
    )


def _state_then(child: ProcessNumber, before: Instant, context: JudgeContext) -> Text:
    """Whether the child was still at work at that moment."""
    end = end_of(context.trace, child)
    if end is None:
        return say("{name} had not ended when the run was over.", name=context.subject(child))
    time = seconds(end.at, [before.at])
    if context.position(end) > before.position:
        return say("{name} was at work until {time}.", name=context.subject(child), time=time)
    return say(
        "{name} happened to be done already, at {time}.", name=context.subject(child), time=time
    )


def _why_not_waited(children: Sequence[ProcessNumber], context: JudgeContext) -> Text:
    methods = {process(context.trace, child).start_method for child in children}
    if methods == {StartMethod.SUBPROCESS}:
        return say("`Popen` does not wait: it comes back at once, while the program works.")
    return say("`start()` does not wait: it comes back at once, while the child works.")
