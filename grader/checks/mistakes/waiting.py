"""What beginners do in place of waiting, and where they wait too early."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.model import Detected
from grader.checks.mistakes.starting import not_called
from grader.checks.words import code
from grader.messages import Text, say
from grader.source import CodeFile
from grader.source.code import work_of_children
from grader.source.loops import loop_around
from grader.source.spelling import spelled
from grader.trace import (
    MAIN,
    BlockedInterval,
    Location,
    Nanoseconds,
    Process,
    ProcessNumber,
    Slept,
    WaitReason,
    WaitTimedOut,
    questions,
)
from grader.trace.naming import seconds
from grader.trace.questions import sleeps_of, waits_of

_Kind = Literal["message", "event", "barrier", "lock", "value"]
_INSTEAD: Mapping[tuple[str, str], _Kind] = {
    ("Queue", "get"): "message",
    ("SimpleQueue", "get"): "message",
    ("JoinableQueue", "get"): "message",
    ("Pipe", "recv"): "message",
    ("Event", "wait"): "event",
    ("Condition", "wait"): "event",
    ("Condition", "wait_for"): "event",
    ("Barrier", "wait"): "barrier",
    ("Lock", "acquire"): "lock",
    ("RLock", "acquire"): "lock",
    ("Semaphore", "acquire"): "lock",
    ("BoundedSemaphore", "acquire"): "lock",
}
"""What main may wait for in place of a child's end: the class, the method, and what that is."""
_INSTEAD_OF_END: Mapping[_Kind, Text] = {
    "message": say("for a message"),
    "event": say("until it was woken"),
    "barrier": say("until all had come to a barrier"),
    "lock": say("for a lock"),
    "value": say("until a value changed"),
}
_LOCKS = ("multiprocessing.Lock", "multiprocessing.RLock")
_OBSTACLES = (WaitReason.PIPE, WaitReason.SOCKET, WaitReason.LOCK, WaitReason.SEMAPHORE)
_TIMES = 4
"""How many times as long a child could take, where no schedule says it."""
_SHORTEST_PAUSE_NS = 50 * 10**6


def unwaited_children(context: JudgeContext) -> tuple[Process, ...]:
    """Main's children for which its own code never waited, not even in vain."""
    over = questions.code_end(context.trace, MAIN)
    waiting = {
        child
        for wait in waits_of(context.trace, MAIN)
        if wait.closed is None and (over is None or wait.at < over.at)
        for child in wait.children
    }
    return tuple(
        each
        for each in questions.children_of(context.trace, MAIN)
        if questions.waited_for(context.trace, each.number, MAIN) is None
        and each.number not in waiting
    )


def at_work_until(number: ProcessNumber, context: JudgeContext, *beside: Nanoseconds) -> Text:
    """Until when a process was at work, as a sentence."""
    end = questions.end_of(context.trace, number)
    if end is None or questions.process(context.trace, number).killed_by_grader:
        return say("{name} had not ended when the run was over.", name=context.subject(number))
    return say(
        "{name} was at work until {time}.",
        name=context.subject(number),
        time=seconds(end.at, beside),
    )


def detect_join_in_loop(context: JudgeContext) -> Iterator[Detected]:
    """Each child is waited for before the next is started, where all should run at once."""
    children = questions.children_of(context.trace, MAIN)
    for older, younger in pairwise(children):
        wait = questions.waited_for(context.trace, older.number, MAIN)
        start = questions.start_of(context.trace, younger.number)
        if wait is None or start is None or context.position(wait) > context.position(start):
            continue
        values = {
            "older": context.name(older.number),
            "end": seconds(wait.at),
            "younger": context.name(younger.number),
        }
        waited = (
            say("Main waited for {older} until {end}, and only then started {younger}.", **values)
            if wait.line is None
            else say(
                "Main waited for {older} ({line}) until {end}, and only then started {younger}.",
                line=context.line(wait.line),
                **values,
            )
        )
        yield Detected(
            Feedback(
                waited,
                say(
                    "While main waits, it starts nothing. If each start is followed by a wait, "
                    "there is never more than one child."
                ),
                say(
                    "What should have happened already when main begins to wait for the first one?"
                ),
                wait.line,
            )
        )
        return


def detect_join_not_called(context: JudgeContext) -> Iterator[Detected]:
    """``p.join`` or ``p.is_alive`` without parentheses."""
    unwaited = [each.number for each in unwaited_children(context)]
    mentions = [each for each in context.code.mentions if each.method in ("join", "is_alive")]
    if mentions and unwaited:
        feedback = not_called(mentions[0], context)
        assert feedback.happened is not None
        happened = say(
            "{mentioned} So main did not wait for {names}.",
            mentioned=feedback.happened,
            names=context.names(unwaited),
        )
        if mentions[0].method == "is_alive":
            why = say(
                "The name of a method alone always counts as true, whatever the process is doing."
            )
            feedback = replace(feedback, why=why)
        yield Detected(feedback.saying(happened), frozenset(unwaited))


def detect_uncalled_method(context: JudgeContext) -> Iterator[Detected]:
    """``print(p.is_alive)``: what is printed is the method, and not its answer."""
    shown = [line for line in context.spoken if "<bound method " in line.text]
    methods = {
        method for method in ("is_alive", "join", "start") for line in shown if method in line.text
    }
    mentions = [each for each in context.code.mentions if each.method in methods]
    if not mentions:
        return

    why = say(
        "The name of a method alone is the method itself. Printed, it shows as "
        "`<bound method ...>`, and never as an answer."
    )
    yield Detected(
        replace(not_called(mentions[0], context), why=why), frozenset(line.by for line in shown)
    )


def detect_timeout(context: JudgeContext) -> Iterator[Detected]:
    """``join(timeout)`` that gave up, taken for a wait."""
    unwaited = [each.number for each in unwaited_children(context)]
    for event in questions.every(context.trace, WaitTimedOut, lambda event: event.by == MAIN):
        given_up = [child for child in event.children if child in unwaited]
        if given_up:
            yield Detected(gave_up_waiting(given_up[0], event, context), frozenset(unwaited))
            return


def gave_up_waiting(child: ProcessNumber, event: WaitTimedOut, context: JudgeContext) -> Feedback:
    """What is said where main waited for a child with a time-out, and not until its end."""
    waits, name = waits_of(context.trace, MAIN), context.name(child)
    return Feedback(
        say(
            "Main gave up waiting for {name} at {time}. {state}",
            name=name,
            time=seconds(event.at, [context.end(child)]),
            state=at_work_until(child, context, event.at),
        ),
        say(
            "A time-out ends the waiting, not the child. Afterwards the child may still be at work."
        ),
        say("How can main know, after a time-out, whether {name} has ended?", name=name),
        next((each.line for each in waits if each.closed is event), None),
    )


def detect_pause(context: JudgeContext) -> Iterator[Detected]:
    """A sleep in main in place of a wait."""
    unwaited = unwaited_children(context)
    if not unwaited:
        return
    last = max(unwaited, key=lambda each: context.end(each.number))
    pauses = pauses_beside(last, context)
    if not pauses:
        return
    pause, end = pauses[-1], context.end(last.number)
    name, names = context.name(last.number), context.names(each.number for each in unwaited)
    times = {"start": seconds(pause.at), "until": seconds(pause.until, [end])}
    in_time = end <= pause.until
    too_late = [each.number for each in unwaited if context.end(each.number) > pause.until]
    yield Detected(
        Feedback(
            say(
                "Main did not wait for {name}: it slept from {start} to {until}. {name} happened "
                "to be done at {end}.",
                name=name,
                end=seconds(end, [pause.until]),
                **times,
            )
            if in_time and len(unwaited) == 1
            else say(
                "Main did not wait for {names}: it slept from {start} to {until}. The last of them "
                "happened to be done at {end}.",
                names=names,
                end=seconds(end, [pause.until]),
                **times,
            )
            if in_time
            else say(
                "Main did not wait for {name}: it slept from {start} to {until}. {state}",
                name=names,
                state=at_work_until(context.last_to_end(too_late), context, pause.until),
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
            say(
                "How long would main have to sleep if {name} took {longer}?",
                name=name,
                longer=longer_than_now(unwaited, context),
            )
            if len(unwaited) == 1
            else say(
                "How long would main have to sleep if one of them took {longer}?",
                longer=longer_than_now(unwaited, context),
            ),
            context.places.of(pause),
        ),
        frozenset(each.number for each in unwaited),
    )


def longer_than_now(processes: Iterable[Process], context: JudgeContext) -> Text:
    """How long they could take, to be asked about: as in a schedule that slows them down."""
    labels, schedule = questions.labels(context.trace), context.trace.schedule
    times = max(schedule.slowness(labels[each.number]) for each in processes)
    if times == 2:
        return say("twice as long")
    return say("{times} times as long", times=times if times > 1 else _TIMES)


def pauses_beside(
    child: Process, context: JudgeContext, at_least: Nanoseconds = _SHORTEST_PAUSE_NS
) -> list[Slept]:
    """The sleeps of main that began while the child lived, and lasted so long."""
    return [
        pause
        for pause in sleeps_of(context.trace, MAIN)
        if pause.until - pause.at >= at_least
        and child.started <= pause.at <= context.end(child.number)
    ]


def detect_some_not_joined(context: JudgeContext) -> Iterator[Detected]:
    """Only some of the children are waited for, often the last of a loop."""
    children = questions.children_of(context.trace, MAIN)
    unwaited = [each.number for each in unwaited_children(context)]
    waited = [each.number for each in children if each.number not in unwaited]
    if not waited or not unwaited:
        return
    last = context.last_to_end(unwaited)
    yield Detected(
        Feedback(
            say(
                "Main waited for {waited}, but not for {unwaited}. {state}",
                waited=context.names(waited),
                unwaited=context.names(unwaited),
                state=at_work_until(last, context),
            ),
            say(
                "Each wait is for one process and says nothing about the others, even where they "
                "happen to take equally long."
            ),
            say("How often is the line that waits executed, and for which process each time?"),
        ),
        frozenset(unwaited),
    )


def detect_no_wait(context: JudgeContext) -> Iterator[Detected]:
    """No child is waited for at all."""
    unwaited = [each.number for each in unwaited_children(context)]
    if unwaited:
        last = context.last_to_end(unwaited)
        yield Detected(
            Feedback(
                None,
                say("`start()` does not wait: it comes back at once, while the child works."),
                say(
                    "What, in your script, makes main stop until {name} has ended?",
                    name=context.name(last),
                ),
            ),
            frozenset(unwaited),
        )


def detect_late_wait(context: JudgeContext) -> Iterator[Detected]:
    """The wait is there, but it comes after what it should hold back."""
    waited = [
        each.number
        for each in questions.children_of(context.trace, MAIN)
        if questions.waited_for(context.trace, each.number, MAIN) is not None
    ]
    if waited:
        yield Detected(
            Feedback(
                None,
                say("A wait holds back the lines after it, not those before it."),
                say("In which order does main come to its lines?"),
            ),
            frozenset(waited),
        )


def detect_message_for_end(context: JudgeContext) -> Iterator[Detected]:
    """Main waits for something else than the child's end: what it puts into a queue or a pipe, an
    event, a barrier, a lock.
    """
    unwaited = unwaited_children(context)
    if not unwaited:
        return
    last = max(unwaited, key=lambda each: context.end(each.number))
    held_up = _is_held_up_beside(last, context)
    found = next(
        (
            each
            for file in context.code.files
            for each in _waits_of_main(file, context)
            if held_up
            or each[2] == "value"
            or (each[2] != "lock" and not pauses_beside(last, context))
        ),
        None,
    )
    if found is None:
        return
    text, place, kind = found
    several = kind == "message" and loop_around(place, context.code) is not None
    name = context.names(each.number for each in unwaited)
    if len(unwaited) > 1:
        question = (
            say("What is left for each of them to do after its message, and who waits for that?")
            if kind == "message"
            else say("What is left for each of them to do after that, and who waits for it?")
        )
    elif kind == "message":
        question = say(
            "What is left for {name} to do after its message, and who waits for that?", name=name
        )
    else:
        question = say("What is left for {name} to do after that, and who waits for it?", name=name)
    yield Detected(
        Feedback(
            say(
                "Main waited {what} ({line}), and not for the end of {name}.",
                what=say("for messages") if several else _INSTEAD_OF_END[kind],
                line=context.line(place),
                name=name,
            ),
            _why_no_end(kind, code(text), context.line(place)),
            question,
            place,
        ),
        frozenset(each.number for each in unwaited),
    )


def _why_no_end(kind: _Kind, call: Text, line: Text) -> Text:
    """Why what main waits for there is not the end of a child."""
    if kind == "message":
        return say(
            "{call} ({line}) waits for a message. A message says how far the child has come; "
            "afterwards it may still be at work, and it has not ended.",
            call=call,
            line=line,
        )
    if kind == "event":
        return say(
            "{call} ({line}) waits until another process wakes it. That says how far the child "
            "has come; afterwards it may still be at work, and it has not ended.",
            call=call,
            line=line,
        )
    if kind == "value":
        return say(
            "{call} ({line}) waits until a value changes. That says how far the child has come; "
            "afterwards it may still be at work, and it has not ended.",
            call=call,
            line=line,
        )
    if kind == "barrier":
        return say(
            "{call} ({line}) waits until all have come to that place. From there on each goes its "
            "own way, and the child has not ended.",
            call=call,
            line=line,
        )
    return say(
        "{call} ({line}) waits until the child releases something. Afterwards the child may "
        "still be at work, and it has not ended.",
        call=call,
        line=line,
    )


def _is_held_up_beside(child: Process, context: JudgeContext) -> bool:
    """Whether main stood still in a queue, a pipe or something made of locks while it lived."""
    return any(
        isinstance(each, BlockedInterval)
        and each.by == MAIN
        and each.obstacle in _OBSTACLES
        and child.started <= each.until <= context.end(child.number)
        for each in context.trace.intervals
    )


def _waits_of_main(file: CodeFile, context: JudgeContext) -> Iterator[tuple[str, Location, _Kind]]:
    """Where code that is no child's work waits for something of another process: what stands there,
    the line, and why that is not the end of a child.
    """
    kinds = {
        name.id: file.resolve(node.value.func)
        for node in file.nodes(ast.Assign)
        if isinstance(node.value, ast.Call)
        for target in node.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    }
    childs = {id(node) for work in work_of_children(file, context.code) for node in ast.walk(work)}
    for call in file.calls:
        function = call.node.func
        if (
            id(call.node) not in childs
            and isinstance(function, ast.Attribute)
            and isinstance(function.value, ast.Name)
        ):
            made = (kinds.get(function.value.id) or "").removeprefix("multiprocessing.")
            kind = _INSTEAD.get((made, function.attr))
            if kind is not None:
                yield spelled(function), call.place, kind
    for loop in file.nodes(ast.While):
        shared = (
            each.value.id
            for each in ast.walk(loop.test)
            if isinstance(each, ast.Attribute)
            and each.attr == "value"
            and isinstance(each.value, ast.Name)
        )
        if id(loop) not in childs and any(
            kinds.get(each) == "multiprocessing.Value" for each in shared
        ):
            yield f"while {spelled(loop.test)}", file.place(loop), "value"
    for block in file.nodes(ast.With):
        for item in block.items:
            held = item.context_expr
            made = (kinds.get(held.id) if isinstance(held, ast.Name) else None) or ""
            if id(block) not in childs and made in _LOCKS:
                yield f"with {spelled(held)}", file.place(block), "lock"
