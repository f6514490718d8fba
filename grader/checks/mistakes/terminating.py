"""What beginners get wrong about ending a process by a signal, and about what is left of it."""

from __future__ import annotations

import signal as signals
from collections.abc import Iterator

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.model import Detected, is_to_be_ended
from grader.checks.mistakes.rounds import WHY_ZOMBIE
from grader.checks.mistakes.starting import not_called
from grader.checks.mistakes.waiting import at_work_until
from grader.checks.relations.ended import how_ended
from grader.checks.words import code
from grader.exercise import EndedHow
from grader.messages import Text, say
from grader.trace import (
    MAIN,
    Called,
    Ended,
    Outcome,
    ProcessNumber,
    Signalled,
    StartMethod,
    WaitReason,
    WaitTimedOut,
    questions,
)
from grader.trace.naming import seconds

_SURVIVED_FROM_NS = 50 * 10**6
"""A process that lives on for so long after a signal was not about to end anyway."""
_ENDING = ("terminate", "kill")


def detect_terminate_not_called(context: JudgeContext) -> Iterator[Detected]:
    """``p.terminate`` without parentheses."""
    for mention in context.code.mentions:
        if mention.method in _ENDING:
            yield Detected(not_called(mention, context))
            return


def detect_ended_too_late(context: JudgeContext) -> Iterator[Detected]:
    """Main comes to ``terminate()`` when the child has ended already."""
    for call in questions.every(context.trace, Called):
        if call.function not in _ENDING or call.target is None:
            continue
        end = questions.end_of(context.trace, call.target)
        if end is None or end.signal is not None or context.position(end) > context.position(call):
            continue
        target = call.target
        values = {
            "name": context.subject(target),
            "end": seconds(end.at, [call.at]),
            "caller": context.name(call.by),
            "method": code(call.function),
            "time": seconds(call.at, [end.at]),
        }
        yield Detected(
            Feedback(
                say(
                    "{name} ended by itself at {end}; {caller} came to its {method} only at "
                    "{time}.",
                    **values,
                )
                if call.line is None
                else say(
                    "{name} ended by itself at {end}; {caller} came to its {method} ({line}) only "
                    "at {time}.",
                    line=context.line(call.line),
                    **values,
                ),
                say("Where nothing runs any more there is nothing to end."),
                say(
                    "Which line before holds {caller} up, and until when?",
                    caller=context.name(call.by),
                ),
                call.line,
            ),
            frozenset({target}),
        )
        return


def detect_ended_in_its_work(context: JudgeContext) -> Iterator[Detected]:
    """A signal ends a child before it comes to what it should print."""
    wanted = {
        number
        for check in context.exercise.checks
        if isinstance(asked := check.parameters, EndedHow) and is_to_be_ended(check)
        if asked.who not in context.roles.unresolved
        for number in context.roles.of(asked.who)
    }
    speakers = {line.by for line in context.spoken}
    for each in questions.created(context.trace):
        by = questions.ended_by(context.trace, each.number)
        if not isinstance(by, int) or by == each.number or each.number in wanted & speakers:
            continue
        sent = questions.ending_signal(context.trace, each.number)
        line = None if sent is None else sent.line
        if questions.code_end(context.trace, each.number) is not None:
            continue
        how = how_ended(each.number, context)
        yield Detected(
            Feedback(
                say("{how}. It was in the middle of its work.", how=how)
                if line is None
                else say(
                    "{how}, at {line}. It was in the middle of its work.",
                    how=how,
                    line=context.line(line),
                ),
                say(
                    "A signal ends a process in the middle of what it does: it never comes to the "
                    "rest of its lines."
                ),
                say(
                    "What would {name} have done next without that?", name=context.name(each.number)
                ),
                line,
            ),
            frozenset({each.number}),
        )


def detect_timeout_for_signal(context: JudgeContext) -> Iterator[Detected]:
    """``join(timeout)`` taken for something that ends the child."""
    for event in questions.every(context.trace, WaitTimedOut, lambda event: event.by == MAIN):
        for child in event.children:
            end = questions.end_of(context.trace, child)
            if end is None or end.signal is not None:
                continue
            yield Detected(
                Feedback(
                    say(
                        "Main gave up waiting for {name} at {time}. {state}",
                        name=context.name(child),
                        time=seconds(event.at, [end.at]),
                        state=at_work_until(child, context, event.at),
                    ),
                    say(
                        "A time-out ends the waiting, not the child. Afterwards the child may "
                        "still be at work."
                    ),
                    say("Which line of main is to end {name}?", name=context.name(child)),
                ),
                frozenset({child}),
            )
            return


def detect_ignored_signal(context: JudgeContext) -> Iterator[Detected]:
    """The child is asked to end, and goes on."""
    for sent in _requests(context):
        end = questions.end_of(context.trace, sent.target)
        until = context.end(sent.target)
        survived = end is None or end.signal not in (sent.signal, questions.SIGKILL)
        if sent.signal != signals.SIGTERM or not survived:
            continue
        is_answered = questions.answered_signal(context.trace, sent.target) is not None
        if until - sent.at < _SURVIVED_FROM_NS or is_answered:
            continue
        yield Detected(
            Feedback(
                say(
                    "{sender} asked {name} to end at {time}, and it went on. {state}",
                    sender=context.subject(sent.by),
                    name=context.name(sent.target),
                    time=seconds(sent.at),
                    state=at_work_until(sent.target, context),
                ),
                say(
                    "`terminate()` asks: it sends the signal SIGTERM, which a process can ignore. "
                    "`kill()` does not ask: no process can ignore SIGKILL."
                ),
                say(
                    "Which line of {name} says what it does when it is asked to end?",
                    name=context.name(sent.target),
                ),
                sent.line,
            ),
            frozenset({sent.target}),
        )
        return


def _requests(context: JudgeContext) -> tuple[Signalled, ...]:
    """The signals that the script's own code sent to its processes. Of one that the same process
    sends to the same again only the first: whatever comes of the others comes of it.
    """
    sent: dict[tuple[ProcessNumber, ProcessNumber, int], Signalled] = {}
    for each in questions.every(
        context.trace, Signalled, lambda event: not event.in_shutdown and event.signal != 0
    ):
        sent.setdefault((each.by, each.target, each.signal), each)
    return tuple(sent.values())


def detect_end_not_awaited(context: JudgeContext) -> Iterator[Detected]:
    """``is_alive()`` right after ``terminate()``: the answer is a matter of luck."""
    for sent in _requests(context):
        end = questions.end_of(context.trace, sent.target)
        asked = _last_question(context, sent)
        if end is None or asked is None:
            continue
        yield Detected(
            Feedback(
                None,
                _why_not_awaited(context, sent, end, asked),
                say(
                    "What lets {sender} wait until {name} is really gone, however long that takes?",
                    sender=context.name(sent.by),
                    name=context.name(sent.target),
                ),
                asked.line,
            ),
            frozenset({sent.by}),
        )
        return


def _last_question(context: JudgeContext, sent: Signalled) -> Called | None:
    """The last question after the signal whether the process is alive."""
    asked = [
        call
        for call in questions.calls_of(context.trace, "is_alive", sent.by)
        if call.target == sent.target and context.position(call) > context.position(sent)
    ]
    return asked[-1] if asked else None


def _why_not_awaited(context: JudgeContext, sent: Signalled, end: Ended, asked: Called) -> Text:
    values = {
        "sender": context.name(sent.by),
        "name": context.name(sent.target),
        "asked": seconds(asked.at, [end.at]),
        "end": seconds(end.at, [asked.at]),
    }
    if context.position(asked) < context.position(end):
        return say(
            "`terminate()` is a request and comes back at once. Here {sender} asked for the last "
            "time at {asked}, and {name} was gone at {end}. On another day the answer is another.",
            **values,
        )
    return say(
        "`terminate()` is a request and comes back at once. Here {name} was gone at {end}, and "
        "{sender} asked after that, at {asked}. On another day the answer is another.",
        **values,
    )


def detect_lost_lock(context: JudgeContext) -> Iterator[Detected]:
    """A process was ended while it held a lock, and the others wait for that."""
    waiting = [
        each
        for each in context.trace.blocked
        if each.obstacle is WaitReason.LOCK and not each.waiting_for
    ]
    if context.trace.outcome is not Outcome.DEADLOCK or not waiting:
        return
    for sent in _requests(context):
        end = questions.end_of(context.trace, sent.target)
        if end is not None and end.signal is not None:
            yield Detected(
                Feedback(
                    say(
                        "{how}. Now {waiting} waits for a lock that is never released.",
                        how=how_ended(sent.target, context),
                        waiting=context.names([each.process for each in waiting]),
                    ),
                    say(
                        "A signal ends a process on the spot. It does not come to the end of its "
                        "`with` block, nor to `finally`, and a lock that it holds stays locked."
                    ),
                    say(
                        "What did {name} hold just then, and who could give it back?",
                        name=context.name(sent.target),
                    ),
                    sent.line,
                )
            )
            return


def detect_zombie(context: JudgeContext) -> Iterator[Detected]:
    """A process that has ended is asked for again and again, and never collected."""
    for each in questions.created(context.trace):
        end = questions.end_of(context.trace, each.number)
        if end is None:
            continue
        asked = [
            event
            for event in questions.every(context.trace, Signalled)
            if event.signal == 0
            and event.target == each.number
            and context.position(event) > context.position(end)
            and (each.collected is None or event.at <= each.collected)
        ]
        places = {call.place for call in context.code.calls_named("os.kill")}
        if len(asked) > 1:
            yield Detected(
                Feedback(
                    say(
                        "{name} ended at {end}, and {asker} asked again and again whether it "
                        "exists. It always did.",
                        name=context.subject(each.number),
                        end=seconds(end.at),
                        asker=context.name(asked[0].by),
                    ),
                    WHY_ZOMBIE,
                    say(
                        "With which call does {asker} take notice of the end of a child?",
                        asker=context.name(asked[0].by),
                    ),
                    asked[0].line or next(iter(places if len(places) == 1 else ()), None),
                )
            )
            return


def detect_hard_exit(context: JudgeContext) -> Iterator[Detected]:
    """``os._exit()`` in main skips multiprocessing's shutdown."""
    calls = context.code.calls_named("os._exit")
    left = [  # other programs, and children of children, would be left in any case
        each.number
        for each in questions.survivors(context.trace)
        if each.creator == MAIN
        and each.name is not None
        and each.start_method is not StartMethod.SUBPROCESS
    ]
    if not calls or not left or questions.code_end(context.trace, MAIN) is not None:
        return

    yield Detected(
        Feedback(
            say(
                "{line} ends main on the spot. {names} went on without it.",
                line=context.line_as_subject(calls[0].place),
                names=context.subjects(left),
            ),
            say(
                "When main's code is over, `multiprocessing` ends the daemons and waits for the "
                "other children. `os._exit` leaves all that out."
            ),
            say("What would happen at main's end without this line?"),
            calls[0].place,
        ),
        frozenset(left),
    )
