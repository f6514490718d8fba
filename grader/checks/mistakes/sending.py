"""What is sent to another process and never arrives."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.model import Detected
from grader.checks.words import code
from grader.messages import say
from grader.source import Call
from grader.source.spelling import spelled
from grader.trace import Location, Outcome, WaitReason

_FED_QUEUES = ("Queue", "JoinableQueue")
"""The queues of multiprocessing that a thread of their own sends from."""


def detect_lost_item(context: JudgeContext) -> Iterator[Detected]:
    """Something that cannot be pickled is put into a queue, and is lost."""
    report = next((each for each in context.tracebacks if each.of_feeder), None)
    if report is None:
        yield from _lost_in_silence(context)
        return
    place = _put_of(context)
    values = {"name": context.name(report.process), "error": code(report.brief)}
    yield Detected(
        Feedback(
            say("What {name} put into a queue could not be sent, and was lost: {error}.", **values)
            if place is None
            else say(
                "What {name} put into a queue at {line} could not be sent, and was lost: {error}.",
                line=context.line(place),
                **values,
            ),
            say(
                "A queue pickles what is put into it, later and in a thread of its own: the line "
                "that puts it goes on as if all were well. Functions are pickled by their names, "
                "and a `lambda`, a generator, a lock or an open file cannot be pickled."
            ),
            say("What exactly is put in there, and which part of it does the other side need?"),
            place,
        ),
        frozenset({report.process}),
    )


def _lost_in_silence(context: JudgeContext) -> Iterator[Detected]:
    """A process that is about to end says nothing of what it could not send. That it could not is
    certain of a lambda and of a generator; and something is waited for in vain.
    """
    in_vain = context.trace.outcome is Outcome.DEADLOCK and any(
        each.obstacle is WaitReason.PIPE and not each.writing for each in context.trace.blocked
    )
    if not in_vain and all(report.type != "Empty" for report in context.tracebacks):
        return
    makes_queues = any(context.code.calls_named(f"multiprocessing.{each}") for each in _FED_QUEUES)
    for call in _puts(context):
        value = call.node.args[0] if call.node.args else None
        if makes_queues and isinstance(value, (ast.Lambda, ast.GeneratorExp)):
            yield Detected(
                Feedback(
                    say(
                        "{line} puts {value} into a queue. That cannot be sent, and was lost.",
                        line=context.line_as_subject(call.place),
                        value=code(spelled(value)),
                    ),
                    say(
                        "A queue pickles what is put into it, later and in a thread of its own: "
                        "the line that puts it goes on as if all were well. Functions are pickled "
                        "by their names, and a `lambda`, a generator, a lock or an open file "
                        "cannot be pickled."
                    ),
                    say(
                        "What exactly is put in there, and which part of it does the other side "
                        "need?"
                    ),
                    call.place,
                )
            )
            return


def _puts(context: JudgeContext) -> list[Call]:
    return [call for call in context.code.calls if (call.name or "").endswith(".put")]


def _put_of(context: JudgeContext) -> Location | None:
    """The line that puts what cannot be pickled, as far as the code shows: a lambda or a generator
    that stands there, or else the only line that puts anything.
    """
    puts = _puts(context)
    plain = [
        call
        for call in puts
        if any(isinstance(node, (ast.Lambda, ast.GeneratorExp)) for node in ast.walk(call.node))
    ]
    found = plain or puts
    return found[0].place if len(found) == 1 else None
