"""``ended``: how a process ended, by whom, and when."""

from __future__ import annotations

from grader.checks.context import JudgeContext
from grader.checks.moments import find_moment
from grader.checks.registry import Concern, judges
from grader.checks.verdict import Verdict, failed, passed
from grader.exercise import MAIN_NAME, Moment
from grader.exercise.relations.events import EndedHow
from grader.messages import Text, say
from grader.trace import MAIN, Ended, ProcessNumber, Signalled, questions
from grader.trace.naming import seconds, signal_name, verbatim


@judges(EndedHow, Concern.END)
def judge_ended(wanted: EndedHow, context: JudgeContext) -> Verdict:
    """Whether each one ended as it should."""
    for number in context.roles.of(wanted.who):
        verdict = _judge_one(number, wanted, context)
        if verdict is not None:
            return verdict
    return passed(say("{how}.", how=how_ended(context.roles.of(wanted.who)[0], context)))


def _judge_one(number: ProcessNumber, wanted: EndedHow, context: JudgeContext) -> Verdict | None:
    """What is wrong with the end of one process; None if nothing is."""
    end = questions.end_of(context.trace, number)
    who = questions.process(context.trace, number)
    if end is None or who.killed_by_grader:
        return failed(
            say("{name} had not ended when the run was over.", name=context.subject(number)),
            why=say("Nothing ended it, and it did not come to the end of its work."),
            next=say("What is it doing, and who should end it?"),
            about=[number],
            missing=True,
        )
    if (wanted.exit is not None and end.exit_status != wanted.exit) or (
        wanted.signal is not None and _signal_that_ended(number, end, context) != wanted.signal
    ):
        return _in_another_way(number, wanted, context)
    if wanted.by is not None and not _ended_by(number, wanted.by, context):
        return _by_another(number, wanted.by, context)
    return _at_another_time(number, end, wanted, context)


def _signal_that_ended(number: ProcessNumber, end: Ended, context: JudgeContext) -> str | None:
    """Also one that the process dealt with by coming to its end."""
    if end.signal is not None:
        return signal_name(end.signal)
    asked = questions.answered_signal(context.trace, number)
    return None if asked is None else signal_name(asked.signal)


def _ended_by(number: ProcessNumber, wanted: str, context: JudgeContext) -> bool:
    actual = questions.ended_by(context.trace, number)
    if wanted in ("itself", "shutdown"):
        return actual == wanted
    return actual in context.roles.of(wanted)


def how_ended(number: ProcessNumber, context: JudgeContext) -> Text:
    """How a process ended, as a sentence without its full stop."""
    end = questions.end_of(context.trace, number)
    assert end is not None
    name, time = context.subject(number), seconds(end.at)
    asked = questions.answered_signal(context.trace, number)
    if asked is not None:
        return say(
            "{name} ended at {time}, with exit status {status}, when {sender} had asked it to "
            "({signal})",
            name=name,
            time=time,
            status=end.exit_status if end.exit_status is not None else "?",
            sender=context.name(asked.by),
            signal=verbatim(signal_name(asked.signal)),
        )
    if end.signal is None:
        return say(
            "{name} ended by itself at {time}, with exit status {status}",
            name=name,
            time=time,
            status=end.exit_status if end.exit_status is not None else "?",
        )
    signal = verbatim(signal_name(end.signal))
    by = questions.ended_by(context.trace, number)
    if by == "shutdown":
        return say(
            "{name} was ended at {time}, because the code of {parent} was over ({signal})",
            name=name,
            time=time,
            parent=context.name(end.sender or MAIN),
            signal=signal,
        )
    if by == number:
        return say("{name} ended itself at {time} ({signal})", name=name, time=time, signal=signal)
    if isinstance(by, int):
        return say(
            "{name} was ended by {sender} at {time} ({signal})",
            name=name,
            sender=context.name(by),
            time=time,
            signal=signal,
        )
    return say(
        "{name} was ended by the system at {time} ({signal})", name=name, time=time, signal=signal
    )


def _in_another_way(number: ProcessNumber, wanted: EndedHow, context: JudgeContext) -> Verdict:
    expected = (
        say("exit status {status}", status=wanted.exit)
        if wanted.exit is not None
        else verbatim(wanted.signal or "")
    )
    end = questions.end_of(context.trace, number)
    by_signal = end is not None and end.signal is not None
    if by_signal and wanted.signal is not None:
        return _by_another_signal(number, wanted.signal, context)
    return failed(
        say(
            "{how}; the task asks for {expected}.",
            how=how_ended(number, context),
            expected=expected,
        ),
        why=say(
            "A signal ends a process in the middle of what it does: it never comes to the rest of "
            "its lines."
        )
        if by_signal
        else say(
            "Exit status 0 says that a process came to the end of its work; an uncaught error "
            "makes it 1."
        ),
        next=say("What ended {name}, and at which line was it then?", name=context.name(number)),
        about=[number],
    )


def _by_another_signal(number: ProcessNumber, wanted: str, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{how}; the task asks for {expected}.",
            how=how_ended(number, context),
            expected=verbatim(wanted),
        ),
        why=say(
            "There are several signals that end a process. SIGTERM asks it to end, and it could "
            "still tidy up; SIGKILL ends it on the spot."
        ),
        next=say("Which method sends which of the two?"),
        about=[number],
    )


def _by_another(number: ProcessNumber, wanted: str, context: JudgeContext) -> Verdict:
    who, name = questions.process(context.trace, number), context.name(number)
    by = questions.ended_by(context.trace, number)
    line = None
    if wanted == "shutdown" and isinstance(by, int):
        sent = questions.first(
            context.trace, Signalled, lambda event: (event.target, event.by) == (number, by)
        )
        line = None if sent is None else sent.line
        why = say("The script's own code did that; it did not happen because the script was over.")
        question = say("What would happen to {name} without that line?", name=name)
    elif wanted == "shutdown" and who.daemon:
        why = say(
            "A daemon is ended when main's own code is over. Here that came too late: {name} had "
            "already finished its work.",
            name=name,
        )
        question = say("What keeps main's code busy for so long?")
    elif wanted == "shutdown":
        why = say(
            "When main's own code is over, it waits for its ordinary children and ends its daemons."
        )
        question = say("Which of the two is {name} when it starts?", name=name)
    elif by == "shutdown":
        why = say(
            "A daemon is not waited for: as soon as main's own code is over, it is ended, wherever "
            "it is in its work."
        )
        question = say("Should {name} be such a process?", name=name)
    else:
        if wanted == "itself":
            expected = say("by itself")
        else:
            is_main = wanted == MAIN_NAME
            name = say("main") if is_main else context.names(context.roles.of(wanted))
            expected = say("by {name}", name=name)
        why = say("The task asks that it ends {expected}.", expected=expected)
        question = say("Which line, in which process, is to end it?")
    return failed(
        say("{how}.", how=how_ended(number, context)),
        why=why,
        next=question,
        line=line,
        about=[number],
    )


def _at_another_time(
    number: ProcessNumber, end: Ended, wanted: EndedHow, context: JudgeContext
) -> Verdict | None:
    for moment, should_be_earlier in ((wanted.before, True), (wanted.after, False)):
        if moment is None:
            continue
        verdict = _compare(number, end, moment, should_be_earlier, context)
        if verdict is not None:
            return verdict
    return None


def _compare(
    number: ProcessNumber,
    end: Ended,
    moment: Moment,
    should_be_earlier: bool,
    context: JudgeContext,
) -> Verdict | None:
    instant = find_moment(moment, context)
    if isinstance(instant, Verdict):
        return instant
    if (context.position(end) < instant.position) == should_be_earlier:
        return None
    times = {"time": seconds(end.at, [instant.at]), "other": seconds(instant.at, [end.at])}
    name = context.subject(number)
    return failed(
        say(
            "{name} ended at {time}, after {moment} at {other}.",
            name=name,
            moment=instant.text,
            **times,
        )
        if should_be_earlier
        else say(
            "{name} ended at {time}, before {moment} at {other}.",
            name=name,
            moment=instant.text,
            **times,
        ),
        why=say("Nothing in the script ties the two together, so they can come in either order."),
        next=say("What decides when {name} ends?", name=context.name(number)),
        about=[number, instant.process],
    )
