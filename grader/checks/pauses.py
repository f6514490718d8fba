"""Sleeps that make a span between two moments too long."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.messages import say
from grader.trace import Location, Nanoseconds, ProcessNumber, Slept, WaitedFor
from grader.trace.naming import seconds, times
from grader.trace.questions import sleeps_of, waits_of

_NEARLY: Nanoseconds = 10**7
"""By how much a sleep may differ from what was asked for, on a real clock as well."""


def find_long_pause(
    start: Nanoseconds,
    end: Nanoseconds,
    at_most: Nanoseconds,
    whose: Sequence[ProcessNumber],
    context: JudgeContext,
) -> Feedback | None:
    """The sleep between two instants that is longer than the whole may be, of any process; else the
    sleeps of one of those that the span is between, ``whose``, if together they are. It says why
    that is so, and its line is the one that says how long.
    """
    pauses = {
        number: [
            pause
            for pause in sleeps_of(context.trace, number)
            if start <= pause.at and pause.until <= end
        ]
        for number in context.own
    }
    each = [pause for found in pauses.values() for pause in found]
    most = max(map(_length, each), default=0)
    longest = min(  # of two that asked for the same time, which one slept a little longer is chance
        (pause for pause in each if most - _length(pause) <= _NEARLY),
        key=lambda pause: (pause.by, pause.at),
        default=None,
    )
    if longest is not None and _length(longest) > at_most:
        return _waited_through(longest, whose, context) or _one(longest, context)
    for number in dict.fromkeys(whose):
        found = pauses.get(number, [])
        if len(found) > 1 and sum(map(_length, found)) > at_most:
            return _several(number, found, context)
    return None


def line_sleeping_beyond(limit: Nanoseconds, context: JudgeContext) -> Location | None:
    """The only line that asks, in plain numbers, for a sleep that is longer; None if there is none
    or more than one.
    """
    found = {place for place, asked in context.code.literal_sleeps if asked > limit}
    return found.pop() if len(found) == 1 else None


def _waited_through(
    pause: Slept, whose: Sequence[ProcessNumber], context: JudgeContext
) -> Feedback | None:
    """The sleep of another process, whose end one of those waited for meanwhile."""
    if pause.by in whose:
        return None
    for number in dict.fromkeys(whose):
        for wait in waits_of(context.trace, number):
            done = wait.closed
            if (
                not isinstance(done, WaitedFor)
                or done.child != pause.by
                or done.line is None
                or done.in_shutdown
                or not wait.at < pause.until <= wait.until
            ):
                continue
            return Feedback(
                why=say(
                    "{waiter} waited for the end of {who} at {line}, and {who} slept {length}.",
                    waiter=context.subject(number),
                    who=context.name(pause.by),
                    line=context.line(done.line),
                    length=seconds(_length(pause)),
                ),
                next=say("Does the task ask for this wait here, and for a pause of that length?"),
                line=done.line,
            )
    return None


def _one(pause: Slept, context: JudgeContext) -> Feedback:
    line = context.places.of(pause)
    who, length = context.subject(pause.by), seconds(_length(pause))
    return Feedback(
        why=say("{who} slept {length} at one go.", who=who, length=length)
        if line is None
        else say(
            "{who} slept {length} at one go, at {line}.",
            who=who,
            length=length,
            line=context.line(line),
        ),
        next=say("Does the task ask for that pause, and how long should it be?"),
        line=line,
    )


def _several(number: ProcessNumber, found: Sequence[Slept], context: JudgeContext) -> Feedback:
    return Feedback(
        why=say(
            "{who} slept {count} in between, {length} in all.",
            who=context.subject(number),
            count=times(len(found)),
            length=seconds(sum(map(_length, found))),
        ),
        next=say("Which of these pauses does the task ask for, and how long is it to be?"),
    )


def _length(pause: Slept) -> Nanoseconds:
    return pause.until - pause.at
