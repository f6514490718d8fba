"""Asking again and again in place of waiting: a loop that gives up, or asks for something else."""

from __future__ import annotations

from collections.abc import Iterator

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.model import Detected
from grader.checks.mistakes.waiting import (
    at_work_until,
    longer_than_now,
    pauses_beside,
    unwaited_children,
)
from grader.messages import say
from grader.source.loops import loop_around
from grader.trace import MAIN, questions
from grader.trace.naming import seconds


def detect_gave_up_asking(context: JudgeContext) -> Iterator[Detected]:
    """A loop asks whether the child is alive, and ends before the child does."""
    unwaited = unwaited_children(context)
    for each in unwaited:
        asked = [
            call
            for call in questions.calls_of(context.trace, "is_alive", MAIN)
            if call.target == each.number
            and call.line is not None
            and loop_around(call.line, context.code) is not None
        ]
        if len(asked) < 2 or asked[-1].at >= context.end(each.number):
            continue
        name, place = context.name(each.number), asked[-1].line
        assert place is not None
        yield Detected(
            Feedback(
                say(
                    "Main asked whether {name} was alive at {line}, for the last time at {time}, "
                    "and did not wait any longer. {state}",
                    name=name,
                    line=context.line(place),
                    time=seconds(asked[-1].at, [context.end(each.number)]),
                    state=at_work_until(each.number, context, asked[-1].at),
                ),
                say("A loop that asks only so often gives up then, whatever the child is doing."),
                say(
                    "How often would it have to ask if {name} took {longer}?",
                    name=name,
                    longer=longer_than_now([each], context),
                ),
                place,
            ),
            frozenset(one.number for one in unwaited),
        )
        return


def detect_polling(context: JudgeContext) -> Iterator[Detected]:
    """A loop with pauses looks for something that changes: a file, a list, what /proc says."""
    unwaited = unwaited_children(context)
    if not unwaited:
        return
    last = max(unwaited, key=lambda each: context.end(each.number))
    for pause in pauses_beside(last, context, at_least=0):
        line = context.places.of(pause)
        loop = None if line is None else loop_around(line, context.code)
        if loop is None or loop.is_for or loop.counts or loop.copied or loop.asks_whether_alive:
            continue
        if loop.asks is None and not loop.exits:
            continue
        values = {"line": context.line(loop.place), "name": context.name(last.number)}
        yield Detected(
            Feedback(
                None,
                say(
                    "The loop at {line} looks again and again whether something has changed. A "
                    "wait is another thing: main asks the system for the end of {name}, and goes "
                    "on only then.",
                    **values,
                ),
                say("What does {line} look at, and has {name} ended when that changes?", **values),
                loop.place,
            ),
            frozenset(each.number for each in unwaited),
        )
        return
