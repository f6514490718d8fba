"""``signalled``: whether a process was sent a signal, whatever it does with it."""

from __future__ import annotations

from grader.checks.context import JudgeContext
from grader.checks.moments import find_moment
from grader.checks.registry import Concern, judges
from grader.checks.verdict import Verdict, failed, passed
from grader.checks.words import code
from grader.exercise import ANY_NAME
from grader.exercise.relations.events import SignalSent
from grader.messages import Text, say
from grader.trace import ProcessNumber, Signalled
from grader.trace.naming import seconds, signal_name
from grader.trace.questions import end_of


@judges(SignalSent, Concern.BEHAVIOUR)
def judge_signalled(wanted: SignalSent, context: JudgeContext) -> Verdict:
    """Whether each one was sent the signal by the code of one who should, or never was."""
    after = None if wanted.after is None else find_moment(wanted.after, context)
    if isinstance(after, Verdict):
        return after
    senders = context.roles.of(wanted.by)
    for number in context.roles.of(wanted.who):
        sent = [
            event
            for event in context.trace.of_kind(Signalled)
            if event.target == number
            and signal_name(event.signal) == wanted.signal
            and not event.in_shutdown
        ]
        theirs = [event for event in sent if wanted.by == ANY_NAME or event.by in senders]
        if wanted.never:
            if theirs:
                return _sent_after_all(theirs[0], context)
            continue
        if not theirs:
            return _not_sent(number, sent, wanted, context)
        if after is not None and context.position(theirs[-1]) < after.position:
            return failed(
                say(
                    "{sender} sent {name} the signal {signal} at {time}, before {moment} at "
                    "{other}.",
                    sender=context.subject(theirs[-1].by),
                    name=context.name(number),
                    signal=code(wanted.signal),
                    time=seconds(theirs[-1].at, [after.at]),
                    moment=after.text,
                    other=seconds(after.at, [theirs[-1].at]),
                ),
                why=say(
                    "A signal that comes too early meets a process that is not prepared for it: it "
                    "may end it, or be gone before anybody waits for it."
                ),
                next=say("How does the sender know that the other one has come so far?"),
                line=theirs[-1].line,
                about=[theirs[-1].by, number],
            )
    return passed()


def _sent_after_all(event: Signalled, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{sender} sent {name} the signal {signal} at {time}.",
            sender=context.subject(event.by),
            name=context.name(event.target),
            signal=code(signal_name(event.signal)),
            time=seconds(event.at),
        ),
        why=say("The task asks for a program that does without it."),
        next=say("What is that line there for, and what else could do it?"),
        line=event.line,
        about=[event.by, event.target],
    )


def _not_sent(
    number: ProcessNumber, sent: list[Signalled], wanted: SignalSent, context: JudgeContext
) -> Verdict:
    """``sent``: by others than those who should."""
    signal, name = code(wanted.signal), context.name(number)
    happened: Text
    if sent:
        happened = say(
            "It was {sender} that sent {name} the signal {signal}.",
            sender=context.name(sent[0].by),
            name=name,
            signal=signal,
        )
    else:
        other = next(
            (each for each in context.trace.of_kind(Signalled) if each.target == number), None
        )
        happened = (
            say("No process sent {name} the signal {signal}.", name=name, signal=signal)
            if other is None or other.signal == 0 or other.in_shutdown
            else say(
                "No process sent {name} the signal {signal}; {sender} sent it {other}.",
                name=name,
                signal=signal,
                sender=context.name(other.by),
                other=code(signal_name(other.signal)),
            )
        )
    end = end_of(context.trace, number)
    return failed(
        happened,
        why=say("`os.kill` sends any signal to a process of which the pid is known."),
        next=say("Which line should send it, and does {name} still live then?", name=name)
        if end is not None
        else say("Which line should send it, and does its process come to that line?"),
        about=[number, *(event.by for event in sent)],
        missing=True,
    )
