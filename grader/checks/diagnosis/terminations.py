"""What beginners get wrong about ending a process by a signal, and about what is left of it."""

from __future__ import annotations

import signal as signals
from collections.abc import Iterator

from grader.checks.diagnosis.beginnings import mentioned, why_mentioned
from grader.checks.diagnosis.model import Diagnosis, Explains, unfinished
from grader.checks.ended import how_ended
from grader.checks.feedback import Feedback
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict
from grader.checks.words import code
from grader.exercise import Check
from grader.messages import Text, say
from grader.trace import (
    MAIN,
    Blocked,
    Called,
    Ended,
    Outcome,
    ProcessNumber,
    Signalled,
    WaitReason,
    WaitTimedOut,
    questions,
)
from grader.trace.naming import seconds

_SURVIVED_FROM_NS = 50 * 10**6
"""Who lives on for so long after a signal was not about to end anyway."""
_ENDING = ("terminate", "kill")


def _is_to_be_ended(check: Check) -> bool:
    return check.ended is not None and check.ended.by not in (None, "itself", "shutdown")


def of_terminate_not_called(scene: Scene) -> Iterator[Diagnosis]:
    """``p.terminate`` without parentheses."""
    for mention in scene.code.mentions:
        if mention.method in _ENDING:
            yield Diagnosis(
                f"{mention.method}-not-called",
                Feedback(
                    mentioned(mention, scene),
                    why_mentioned(),
                    say("What is the difference between naming a function and calling it?"),
                    mention.place,
                ),
                lambda check, _: _is_to_be_ended(check),
                ("ended",),
            )
            return


def of_ended_too_late(scene: Scene) -> Iterator[Diagnosis]:
    """Main comes to ``terminate()`` when the child has ended already."""
    for call in questions.every(scene.trace, Called):
        if call.function not in _ENDING or call.target is None:
            continue
        end = questions.end_of(scene.trace, call.target)
        if end is None or end.signal is not None or scene.position(end) > scene.position(call):
            continue
        target = call.target
        values = {
            "name": scene.subject(target),
            "end": seconds(end.at, [call.at]),
            "caller": scene.name(call.by),
            "method": code(call.function),
            "time": seconds(call.at, [end.at]),
        }
        yield Diagnosis(
            "ended-too-late",
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
                    line=scene.line(call.line),
                    **values,
                ),
                say("Where nothing runs any more there is nothing to end."),
                say(
                    "Which line before holds {caller} up, and until when?",
                    caller=scene.name(call.by),
                ),
                call.line,
            ),
            _asks_for_the_end_of(target),
            ("ended",),
        )
        return


def _asks_for_the_end_of(number: ProcessNumber) -> Explains:
    def explains(check: Check, verdict: Verdict) -> bool:
        return _is_to_be_ended(check) and number in verdict.about

    return explains


def _misses_what_is_of(number: ProcessNumber) -> Explains:
    def explains(check: Check, verdict: Verdict) -> bool:
        return verdict.missing and number in verdict.about

    return explains


def of_ended_in_its_work(scene: Scene) -> Iterator[Diagnosis]:
    """A signal ends a child before it comes to what it should print."""
    wanted = {
        number
        for check in scene.exercise.checks
        if check.ended is not None and _is_to_be_ended(check)
        if check.ended.who not in scene.cast.misfits
        for number in scene.cast.of(check.ended.who)
    }
    speakers = {line.by for line in scene.spoken}
    for each in questions.created(scene.trace):
        by = questions.ended_by(scene.trace, each.number)
        if not isinstance(by, int) or by == each.number or each.number in wanted & speakers:
            continue
        deed = questions.ending_signal(scene.trace, each.number)
        line = None if deed is None else deed.line
        if questions.code_end(scene.trace, each.number) is not None:
            continue
        how = how_ended(each.number, scene)
        yield Diagnosis(
            "ended-in-its-work",
            Feedback(
                say("{how}. It was in the middle of its work.", how=how)
                if line is None
                else say(
                    "{how}, at {line}. It was in the middle of its work.",
                    how=how,
                    line=scene.line(line),
                ),
                say(
                    "A signal ends a process in the middle of what it does: it never comes to the "
                    "rest of its lines."
                ),
                say("What would {name} have done next without that?", name=scene.name(each.number)),
                line,
            ),
            _misses_what_is_of(each.number),
            ("prints",),
        )


def of_timeout_for_signal(scene: Scene) -> Iterator[Diagnosis]:
    """``join(timeout)`` taken for something that ends the child."""
    for event in questions.every(scene.trace, WaitTimedOut, lambda event: event.by == MAIN):
        for child in event.children:
            end = questions.end_of(scene.trace, child)
            if end is None or end.signal is not None:
                continue
            yield Diagnosis(
                "timeout-for-signal",
                Feedback(
                    say(
                        "Main gave up waiting for {name} at {time}; {name} was at work until "
                        "{end}.",
                        name=scene.name(child),
                        time=seconds(event.at, [end.at]),
                        end=seconds(end.at, [event.at]),
                    ),
                    say(
                        "A time-out ends the waiting and not the child. Afterwards the child may "
                        "still be at work."
                    ),
                    say("Which line of main is to end {name}?", name=scene.name(child)),
                ),
                _asks_for_the_end_of(child),
                ("ended",),
            )
            return


def of_ignored_signal(scene: Scene) -> Iterator[Diagnosis]:
    """The child is asked to end, and goes on."""
    for deed in _requests(scene):
        end = questions.end_of(scene.trace, deed.target)
        until = scene.end(deed.target)
        survived = end is None or end.signal not in (deed.signal, signals.SIGKILL)
        if deed.signal != signals.SIGTERM or not survived:
            continue
        if until - deed.at < _SURVIVED_FROM_NS:
            continue
        yield Diagnosis(
            "signal-ignored",
            Feedback(
                say(
                    "{sender} asked {name} to end at {time}, and {name} worked on until {until}.",
                    sender=scene.subject(deed.by),
                    name=scene.name(deed.target),
                    time=seconds(deed.at),
                    until=seconds(until),
                ),
                say(
                    "`terminate()` asks: it sends the signal SIGTERM, and a process can be told to "
                    "ignore that. `kill()` does not ask: nobody can ignore SIGKILL."
                ),
                say(
                    "Which line of {name} says what it does when it is asked to end?",
                    name=scene.name(deed.target),
                ),
                deed.line,
            ),
            _whatever_concerns(deed.target),
            ("ended", "prints"),
        )
        return


def _requests(scene: Scene) -> tuple[Signalled, ...]:
    """The signals that the script's own code sent to its processes."""
    return questions.every(
        scene.trace, Signalled, lambda event: not event.in_shutdown and event.signal != 0
    )


def _whatever_concerns(number: ProcessNumber) -> Explains:
    def explains(check: Check, verdict: Verdict) -> bool:
        return number in verdict.about or unfinished(check, verdict)

    return explains


def of_end_not_awaited(scene: Scene) -> Iterator[Diagnosis]:
    """``is_alive()`` right after ``terminate()``: the answer is anybody's guess."""
    for deed in _requests(scene):
        end = questions.end_of(scene.trace, deed.target)
        asked = _last_question(scene, deed)
        if end is None or asked is None:
            continue
        yield Diagnosis(
            "end-not-awaited",
            Feedback(
                None,
                _why_not_awaited(scene, deed, end, asked),
                say(
                    "What lets {sender} wait until {name} is really gone, however long that takes?",
                    sender=scene.name(deed.by),
                    name=scene.name(deed.target),
                ),
                asked.line,
            ),
            _answered_too_early(deed.by),
            ("prints",),
        )
        return


def _last_question(scene: Scene, deed: Signalled) -> Called | None:
    """The last question after the signal whether the process is alive."""
    asked = [
        call
        for call in questions.calls_of(scene.trace, "is_alive", deed.by)
        if call.target == deed.target and scene.position(call) > scene.position(deed)
    ]
    return asked[-1] if asked else None


def _why_not_awaited(scene: Scene, deed: Signalled, end: Ended, asked: Called) -> Text:
    values = {
        "sender": scene.name(deed.by),
        "name": scene.name(deed.target),
        "asked": seconds(asked.at, [end.at]),
        "end": seconds(end.at, [asked.at]),
    }
    if scene.position(asked) < scene.position(end):
        return say(
            "`terminate()` is a request and comes back at once. Here {sender} asked for the last "
            "time at {asked}, and {name} was gone at {end}. On another day the answer is another.",
            **values,
        )
    return say(
        "`terminate()` is a request and comes back at once. Here {name} was gone at {end}, and "
        "{sender} had asked by then. On another day the answer is another.",
        **values,
    )


def _answered_too_early(sender: ProcessNumber) -> Explains:
    def explains(check: Check, verdict: Verdict) -> bool:
        return (
            check.prints is not None
            and check.prints.after is not None
            and sender in verdict.about
            and not verdict.missing
        )

    return explains


def _is_lost(blocked: Blocked) -> bool:
    return blocked.obstacle is WaitReason.LOCK and not blocked.waiting_for


def of_lost_lock(scene: Scene) -> Iterator[Diagnosis]:
    """A process was ended while it held a lock, and the others wait for that."""
    waiting = [each for each in scene.trace.blocked if _is_lost(each)]
    if scene.trace.outcome is not Outcome.DEADLOCK or not waiting:
        return
    for deed in _requests(scene):
        end = questions.end_of(scene.trace, deed.target)
        if end is not None and end.signal is not None:
            yield Diagnosis(
                "lock-lost",
                Feedback(
                    say(
                        "{how}. Now {waiting} waits for a lock that nobody gives back.",
                        how=how_ended(deed.target, scene),
                        waiting=scene.names([each.process for each in waiting]),
                    ),
                    say(
                        "A signal ends a process on the spot. It does not come to the end of its "
                        "`with` block, nor to `finally`, and a lock that it holds stays locked."
                    ),
                    say(
                        "What did {name} hold just then, and who could give it back?",
                        name=scene.name(deed.target),
                    ),
                    deed.line,
                ),
                unfinished,
                ("clean",),
            )
            return


def of_zombie(scene: Scene) -> Iterator[Diagnosis]:
    """A process that has ended is asked for again and again, and nobody collects it."""
    for each in questions.created(scene.trace):
        end = questions.end_of(scene.trace, each.number)
        if end is None:
            continue
        asked = [
            event
            for event in questions.every(scene.trace, Signalled)
            if event.signal == 0
            and event.target == each.number
            and scene.position(event) > scene.position(end)
            and (each.collected is None or event.at <= each.collected)
        ]
        if len(asked) > 1:
            yield Diagnosis(
                "zombie",
                Feedback(
                    say(
                        "{name} ended at {end}, and {asker} asked {count} times afterwards whether "
                        "it exists. It always did.",
                        name=scene.subject(each.number),
                        end=seconds(end.at),
                        asker=scene.name(asked[0].by),
                        count=len(asked),
                    ),
                    say(
                        "A process that has ended stays in the system's list until its parent "
                        "takes notice of its end. It works no more, and it still has its number: a "
                        "zombie."
                    ),
                    say(
                        "With which call does {asker} take notice of the end of a child?",
                        asker=scene.name(asked[0].by),
                    ),
                    asked[0].line,
                ),
                unfinished,
                ("clean",),
            )
            return


def of_hard_exit(scene: Scene) -> Iterator[Diagnosis]:
    """``os._exit()`` in main skips multiprocessing's shutdown."""
    calls = scene.code.calls_named("os._exit")
    left = [each.number for each in questions.survivors(scene.trace)]
    if not calls or not left or questions.code_end(scene.trace, MAIN) is not None:
        return

    def explains(check: Check, verdict: Verdict) -> bool:
        return check.relation == "clean" or (
            check.relation in ("order", "ended", "waited") and bool(verdict.about & set(left))
        )

    yield Diagnosis(
        "hard-exit",
        Feedback(
            say(
                "{line} ends main on the spot. {names} lived on without it.",
                line=scene.line_as_subject(calls[0].place),
                names=scene.subjects(left),
            ),
            say(
                "When main's code is over, `multiprocessing` ends the daemons and waits for the "
                "other children. `os._exit` leaves all that out."
            ),
            say("What would happen at main's end without this line?"),
            calls[0].place,
        ),
        explains,
        ("order", "ended"),
    )
