"""What beginners do in place of waiting, and where they wait too early."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

from grader.checks.diagnosis.beginnings import mentioned, why_mentioned
from grader.checks.diagnosis.model import Diagnosis, Explains
from grader.checks.feedback import Feedback
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict
from grader.exercise import Check, Relation
from grader.messages import say
from grader.trace import (
    MAIN,
    Printed,
    Process,
    ProcessNumber,
    WaitTimedOut,
    questions,
)
from grader.trace.intervals import sleeps_of, waits_of
from grader.trace.naming import seconds

_SHORTEST_PAUSE_NS = 50 * 10**6
TOLD_BY: tuple[Relation, ...] = ("waited", "order", "one_at_a_time")


def unwaited_children(scene: Scene) -> tuple[Process, ...]:
    """Main's children for which its own code never waited."""
    return tuple(
        each
        for each in questions.children_of(scene.trace, MAIN)
        if questions.waited_for(scene.trace, each.number, MAIN) is None
    )


def lack_of_wait(children: Collection[ProcessNumber]) -> Explains:
    """No wait was seen, and main, or the next child, came too early for that."""
    unwaited = frozenset(children)

    def explains(check: Check, verdict: Verdict) -> bool:
        if not verdict.about & unwaited or _is_needless(check):
            return False
        if check.relation == "order":
            return MAIN in verdict.about and not verdict.missing
        return check.relation in ("waited", "one_at_a_time")

    return explains


def _is_needless(check: Check) -> bool:
    """The check is about a wait that is there and need not be."""
    return check.waited is not None and check.waited.never


def of_join_in_loop(scene: Scene) -> Iterator[Diagnosis]:
    """Each child is waited for before the next is started, where all should run at once."""
    children = questions.children_of(scene.trace, MAIN)
    for older, younger in pairwise(children):
        wait = questions.waited_for(scene.trace, older.number, MAIN)
        start = questions.start_of(scene.trace, younger.number)
        if wait is None or start is None or scene.position(wait) > scene.position(start):
            continue
        values = {
            "older": scene.name(older.number),
            "end": seconds(wait.at),
            "younger": scene.name(younger.number),
        }
        waited = (
            say("Main waited for {older} until {end}, and only then started {younger}.", **values)
            if wait.line is None
            else say(
                "Main waited for {older} ({line}) until {end}, and only then started {younger}.",
                line=scene.line(wait.line),
                **values,
            )
        )
        yield Diagnosis(
            "join-in-loop",
            Feedback(
                waited,
                say(
                    "While main waits it starts nothing. Where each start is followed by a wait, "
                    "there is never more than one child."
                ),
                say(
                    "What should have happened already when main begins to wait for the first one?"
                ),
                wait.line,
            ),
            lambda check, verdict: check.relation in ("together", "time") and not verdict.missing,
            ("together",),
        )
        return


def of_join_not_called(scene: Scene) -> Iterator[Diagnosis]:
    """``p.join`` or ``p.is_alive`` without parentheses."""
    unwaited = [each.number for each in unwaited_children(scene)]
    mentions = [each for each in scene.code.mentions if each.method in ("join", "is_alive")]
    if mentions and unwaited:
        yield Diagnosis(
            f"{mentions[0].method}-not-called",
            Feedback(
                say(
                    "{mentioned} So main did not wait for {names}.",
                    mentioned=mentioned(mentions[0], scene),
                    names=scene.names(unwaited),
                ),
                why_mentioned()
                if mentions[0].method == "join"
                else say(
                    "The name of a method alone always counts as true, whatever the process is "
                    "doing."
                ),
                say("What is the difference between naming a function and calling it?"),
                mentions[0].place,
            ),
            lack_of_wait(unwaited),
            TOLD_BY,
        )


def of_answer_not_asked(scene: Scene) -> Iterator[Diagnosis]:
    """``print(p.is_alive)``: what is printed is the method, and not its answer."""
    shown = [line for line in scene.spoken if "<bound method " in line.text]
    mentions = [each for each in scene.code.mentions if each.method in _methods_in(shown)]
    if not mentions:
        return
    printers = frozenset(line.by for line in shown)

    def explains(check: Check, verdict: Verdict) -> bool:
        return check.relation in ("prints", "order") and (
            bool(verdict.about & printers) or verdict.missing
        )

    yield Diagnosis(
        f"{mentions[0].method}-not-called",
        Feedback(
            mentioned(mentions[0], scene),
            say(
                "The name of a method alone is the method itself. Printed, it shows as `<bound "
                "method ...>`, and never as an answer."
            ),
            say("What is the difference between naming a function and calling it?"),
            mentions[0].place,
        ),
        explains,
        ("prints", "order"),
    )


def _methods_in(lines: Collection[Printed]) -> set[str]:
    """The methods of processes whose names stand in lines that show a method."""
    return {
        method for method in ("is_alive", "join", "start") for line in lines if method in line.text
    }


def of_timeout(scene: Scene) -> Iterator[Diagnosis]:
    """``join(timeout)`` that gave up, taken for a wait."""
    unwaited = [each.number for each in unwaited_children(scene)]
    waits = waits_of(scene.trace, MAIN)
    for event in questions.every(scene.trace, WaitTimedOut, lambda event: event.by == MAIN):
        given_up = [child for child in event.children if child in unwaited]
        if given_up:
            child, end = given_up[0], scene.end(given_up[0])
            yield Diagnosis(
                "wait-timed-out",
                Feedback(
                    say(
                        "Main gave up waiting for {name} at {time}; {name} was at work until "
                        "{end}.",
                        name=scene.name(child),
                        time=seconds(event.at, [end]),
                        end=seconds(end, [event.at]),
                    ),
                    say(
                        "A time-out ends the waiting and not the child. Afterwards the child may "
                        "still be at work."
                    ),
                    say(
                        "How can main know, after a time-out, whether {name} has ended?",
                        name=scene.name(child),
                    ),
                    next((each.line for each in waits if each.closed is event), None),
                ),
                lack_of_wait(unwaited),
                TOLD_BY,
            )
            return


def of_pause(scene: Scene) -> Iterator[Diagnosis]:
    """A sleep in main in place of a wait."""
    unwaited = unwaited_children(scene)
    if not unwaited:
        return
    last = max(unwaited, key=lambda each: scene.end(each.number))
    pauses = [
        pause
        for pause in sleeps_of(scene.trace, MAIN)
        if pause.until - pause.at >= _SHORTEST_PAUSE_NS
        and last.started <= pause.at <= scene.end(last.number)
    ]
    if not pauses:
        return
    pause, end = pauses[-1], scene.end(last.number)
    name = scene.name(last.number)
    times = {
        "start": seconds(pause.at),
        "until": seconds(pause.until, [end]),
        "end": seconds(end, [pause.until]),
    }
    in_time = end <= pause.until
    yield Diagnosis(
        "pause-for-wait",
        Feedback(
            say(
                "Main did not wait for {name}: it slept from {start} to {until}. {name} happened "
                "to be done at {end}.",
                name=name,
                **times,
            )
            if in_time
            else say(
                "Main did not wait for {name}: it slept from {start} to {until}. {name} was at "
                "work until {end}.",
                name=name,
                **times,
            ),
            say(
                "It worked because the child was quick. Nobody knows beforehand how long a child "
                "takes, and on a busy machine it takes longer."
            )
            if in_time
            else say(
                "A pause does not look at the child. Nobody knows beforehand how long a child "
                "takes."
            ),
            say("How long would main have to sleep if {name} took four times as long?", name=name)
            if len(unwaited) == 1
            else say("How long would main have to sleep if one of them took four times as long?"),
        ),
        lack_of_wait([each.number for each in unwaited]),
        TOLD_BY,
    )


def of_some_not_joined(scene: Scene) -> Iterator[Diagnosis]:
    """Only some of the children are waited for, often the last of a loop."""
    children = questions.children_of(scene.trace, MAIN)
    unwaited = [each.number for each in unwaited_children(scene)]
    waited = [each.number for each in children if each.number not in unwaited]
    if not waited or not unwaited:
        return
    last = max(unwaited, key=scene.end)
    yield Diagnosis(
        "some-not-joined",
        Feedback(
            say(
                "Main waited for {waited}, but not for {unwaited}. {last} was at work until {end}.",
                waited=scene.names(waited),
                unwaited=scene.names(unwaited),
                last=scene.name(last),
                end=seconds(scene.end(last)),
            ),
            say(
                "Each wait is for one process and says nothing about the others, even where they "
                "happen to take equally long."
            ),
            say("How often is the line that waits executed, and for which process each time?"),
        ),
        lack_of_wait(unwaited),
        TOLD_BY,
    )


def of_no_wait(scene: Scene) -> Iterator[Diagnosis]:
    """Nobody waits at all."""
    unwaited = [each.number for each in unwaited_children(scene)]
    if unwaited:
        last = max(unwaited, key=scene.end)
        yield Diagnosis(
            "no-wait",
            Feedback(
                None,
                say("`start()` does not wait: it comes back at once, while the child works."),
                say(
                    "What, in your script, makes main stop until {name} has ended?",
                    name=scene.name(last),
                ),
            ),
            lack_of_wait(unwaited),
            TOLD_BY,
        )


def of_late_wait(scene: Scene) -> Iterator[Diagnosis]:
    """The wait is there, but it comes after what it should hold back."""
    waited = [
        each.number
        for each in questions.children_of(scene.trace, MAIN)
        if questions.waited_for(scene.trace, each.number, MAIN) is not None
    ]
    if waited:
        yield Diagnosis(
            "late-wait",
            Feedback(
                None,
                say("A wait holds back the lines after it, and none of those before it."),
                say("In which order does main come to its lines?"),
            ),
            _comes_too_late(waited),
            ("waited", "order"),
        )


def _comes_too_late(children: Collection[ProcessNumber]) -> Explains:
    waited = frozenset(children)

    def explains(check: Check, verdict: Verdict) -> bool:
        concerned = MAIN in verdict.about and bool(verdict.about & waited)
        return (
            concerned
            and not verdict.missing
            and not _is_needless(check)
            and check.relation in ("waited", "order")
        )

    return explains
