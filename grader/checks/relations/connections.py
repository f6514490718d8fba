"""``keeps-open`` and ``one-connection-each``: who holds a connection, and who answers at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.checks.context import JudgeContext
from grader.checks.registry import Concern, judges
from grader.checks.verdict import Verdict, failed, inconclusive, passed
from grader.exercise.relations.program import KeepsOpen, OneConnectionEach
from grader.messages import Text, plural, say
from grader.trace import MAIN, Connection, ProcessNumber, Role, Witness


@judges(KeepsOpen, Concern.BEHAVIOUR)
def judge_keeps_open(wanted: KeepsOpen, context: JudgeContext) -> Verdict:
    """Whether each one has closed its connections, up to so many."""
    for each in context.members(wanted.who):
        if each.connections > wanted.at_most:
            return failed(
                plural(
                    "{name} had {count} connection open to the last.",
                    "{name} had {count} connections open to the last.",
                    each.connections,
                    name=context.subject(each.number),
                ),
                why=say(
                    "A process that is forked gets a copy of every connection. For the other side "
                    "a connection is over only when all copies of it are closed."
                ),
                next=say(
                    "Which processes have a copy of each connection, and which of them still need "
                    "it?"
                ),
                about=[each.number],
            )
    return passed()


@judges(OneConnectionEach, Concern.BEHAVIOUR)
def judge_one_connection_each(wanted: OneConnectionEach, context: JudgeContext) -> Verdict:
    """Whether each connection was answered by one of the group, and each of these by one only."""
    members = [each.number for each in context.members(wanted.group)]
    answers = _answers(context)
    if not answers and context.trace.witness is Witness.SCRIPT:
        unseen = say(
            "No process was seen to answer a connection. Only the kernel can say which one did it "
            "in another way than by a socket's own methods, and it was not asked here."
        )
        return replace(inconclusive(unseen), out_of_reach=True)
    if not answers:
        return failed(
            say("No connection was answered."),
            why=say("A server serves a connection by what it sends back."),
            next=say("Which line of your script sends the answer, and is it ever executed?"),
            missing=True,
        )
    for connection, senders in answers.items():
        strangers = [number for number in senders if number not in members]
        if strangers:
            return _not_by_its_process(connection, senders, strangers[0], context)
        if len(senders) > 1:
            return _by_several(connection, senders, context)
    for number in members:
        own = [connection for connection, senders in answers.items() if number in senders]
        if len(own) > 1:
            return _several_by_one(number, own, context)
    return passed()


def _answers(context: JudgeContext) -> Mapping[Connection, Sequence[ProcessNumber]]:
    """Each connection of a peer that was answered, with the processes that did."""
    found: dict[Connection, list[ProcessNumber]] = {}
    for each in context.trace.processes:
        for connection in () if each.role is Role.PEER else each.answered:
            found.setdefault(connection, []).append(each.number)
    return found


def _sent_by(
    connection: Connection, senders: Sequence[ProcessNumber], context: JudgeContext
) -> Text:
    return say(
        "What {client} received was sent by {senders}.",
        client=context.name(connection.client),
        senders=context.names(senders),
    )


def _not_by_its_process(
    connection: Connection,
    senders: Sequence[ProcessNumber],
    stranger: ProcessNumber,
    context: JudgeContext,
) -> Verdict:
    return failed(
        _sent_by(connection, senders, context),
        why=say(
            "A connection is served by the process that sends the answers. Main is there to accept "
            "the next client; what its threads do, main does itself."
        )
        if stranger == MAIN
        else say(
            "A connection is served by the process that sends the answers, and this one is none "
            "that main started for it."
        ),
        next=say("Which process executes the line that sends the answer, and who started it?"),
        about=senders,
    )


def _by_several(
    connection: Connection, senders: Sequence[ProcessNumber], context: JudgeContext
) -> Verdict:
    return failed(
        _sent_by(connection, senders, context),
        why=say(
            "Where two processes serve one connection, nothing says which of them gets the next "
            "message."
        ),
        next=say("Which of them is to serve this client, and how does the other one know?"),
        about=senders,
    )


def _several_by_one(
    number: ProcessNumber, connections: Sequence[Connection], context: JudgeContext
) -> Verdict:
    clients = dict.fromkeys(connection.client for connection in connections)
    return failed(
        plural(
            "{name} answered at {count} connection: {clients}.",
            "{name} answered at {count} connections: {clients}.",
            len(connections),
            name=context.subject(number),
            clients=context.names(clients),
        ),
        why=say(
            "A process that serves several clients shares its time among them: if it waits for "
            "one, the others wait, too."
        ),
        next=say("When does a process begin to serve its client, and when is it done?"),
        about=[number],
    )
