"""Which process of a server's serves which of its clients, as far as a trace tells."""

from __future__ import annotations

from grader.checks.context import JudgeContext
from grader.trace import Connected, Nanoseconds, ProcessNumber, questions
from grader.trace.tracebacks import tracebacks


def servant_of(peer: ProcessNumber, context: JudgeContext) -> ProcessNumber | None:
    """The child of main that serves this client, where there is one for each connection.

    Connections are accepted in the order in which they are made.
    """
    peers = {
        number for each in context.exercise.run.peers for number in context.roles.of(each.name)
    }
    made = questions.every(
        context.trace, Connected, lambda event: event.by in peers and event.error is None
    )
    place = next((place for place, event in enumerate(made) if event.by == peer), None)
    if place is None or len(context.children) != len(made):
        return None
    return context.children[place]


def stopped_beside(peer: ProcessNumber, context: JudgeContext) -> list[ProcessNumber]:
    """Those of main's children that an error stopped while the client was there: each may have been
    the one that served it.
    """
    call = questions.first(context.trace, Connected, lambda event: event.by == peer)
    if call is None:
        return []
    return [
        report.process
        for report in tracebacks(context.trace)
        if call.at <= report.at <= context.end(peer) and report.process in context.children
    ]


def served_since(instant: Nanoseconds, context: JudgeContext) -> bool:
    """Whether a client was answered that connected after that: children may accept, too."""
    served = {
        each.client
        for own in context.own
        for each in questions.process(context.trace, own).answered
    }
    return any(
        isinstance(event, Connected) and event.by in served and event.at > instant
        for event in context.trace.events
    )
