"""Deadlocks: which process waits for which, in a circle or at a dead end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.model import Detected
from grader.checks.words import code
from grader.messages import Text, plural, say
from grader.trace import Blocked, Location, Outcome, ProcessNumber, WaitReason, questions
from grader.trace.naming import listing

_HELD = (WaitReason.LOCK, WaitReason.SEMAPHORE)
_AT_MOST = 3
"""Processes of which it is said what they wait for."""
_MADE_OF_LOCKS = frozenset(
    {
        *("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Event", "Condition", "Barrier"),
        *("Queue", "JoinableQueue", "SimpleQueue", "Value", "Array", "Pool"),
    }
)


def detect_deadlock(context: JudgeContext) -> Iterator[Detected]:
    """Every process waits, and nothing can ever wake one."""
    if context.trace.outcome is not Outcome.DEADLOCK:
        return
    stuck = [
        blocked for blocked in context.trace.blocked if blocked.obstacle is not WaitReason.SLEEP
    ]
    sentences = [waiting_clause(blocked, context) for blocked in stuck[:_AT_MOST]]
    standstill = (
        say("The program stands still forever: {processes}.", processes=listing(sentences))
        if sentences
        else say("The program stands still forever.")
    )
    why = replace(_why(stuck, context), happened=standstill, line=_place(stuck))
    yield Detected(why)


def _place(stuck: Sequence[Blocked]) -> Location | None:
    """Where to look first: at a lock of the circle, at what no process is left to do, and last
    at those that only wait for these.
    """
    circle = [each for each in _circle(stuck) if each.obstacle in _HELD]
    dead_ends = [each for each in stuck if not each.waiting_for]
    lines = (each.line or each.made for each in (*circle, *dead_ends, *stuck))
    return next((line for line in lines if line is not None), None)


def waiting_clause(blocked: Blocked, context: JudgeContext) -> Text:
    """Which process waits for what, and at which line, as a clause."""
    doing = _doing(blocked, context)
    if blocked.line is None:
        return say("{name} {doing}", name=context.name(blocked.process), doing=doing)
    return say(
        "{name} ({line}) {doing}",
        name=context.name(blocked.process),
        doing=doing,
        line=context.line(blocked.line),
    )


def _doing(blocked: Blocked, context: JudgeContext) -> Text:
    """What a blocked process is doing, as it follows its name."""
    if blocked.obstacle in _HELD:
        return _waiting_for_lock(blocked, context)
    if blocked.obstacle is WaitReason.CHILD:
        if blocked.waiting_for:
            return say("waits for the end of {others}", others=context.names(blocked.waiting_for))
        return say("waits for the end of a child")
    if blocked.obstacle is WaitReason.PIPE and blocked.writing:
        if blocked.made is not None:
            return say("waits for room in {queue}, which is full", queue=_lock(blocked, context))
        return say("waits for room in a full pipe or queue")
    if blocked.obstacle is WaitReason.PIPE:
        return say("waits for something to come out of a pipe or queue")
    return {
        WaitReason.INPUT: say("waits for someone to type"),
        WaitReason.CLIENT: say("waits for a client to connect"),
        WaitReason.SOCKET: say("waits for the other side of a connection"),
    }.get(blocked.obstacle, say("waits"))


def _waiting_for_lock(blocked: Blocked, context: JudgeContext) -> Text:
    if blocked.made is None and not blocked.waiting_for:
        return say("waits for a lock, an event or a queue, and no process wakes it")
    lock = _lock(blocked, context)
    if blocked.waiting_for == (blocked.process,):
        return say("waits for {lock} that it holds itself", lock=lock)
    if blocked.waiting_for:
        holders = context.names(blocked.waiting_for)
        return plural(
            "waits for {lock} that {holders} holds",
            "waits for {lock} that {holders} hold",
            len(blocked.waiting_for),
            lock=lock,
            holders=holders,
        )
    if blocked.obstacle is WaitReason.SEMAPHORE:
        return say("waits for {lock} with nobody left to wake it", lock=lock)
    return say("waits for {lock} that is never released", lock=lock)


def _lock(blocked: Blocked, context: JudgeContext) -> Text:
    """The lock, by what the student's code calls at the line where it was made."""
    if blocked.made is None:
        return say("a semaphore") if blocked.obstacle is WaitReason.SEMAPHORE else say("a lock")
    line = context.line(blocked.made)
    called = _called_at(blocked.made, context)
    if called is None:
        return say("what was made at {line}", line=line)
    return say("the {call} of {line}", call=code(f"{called}()"), line=line)


def _called_at(place: Location, context: JudgeContext) -> str | None:
    """The one thing with a lock inside that is made at a line, if there is only one kind."""
    names = {
        call.name.rpartition(".")[2]
        for call in context.code.calls
        if call.name is not None and call.place == place
    }
    made = names & _MADE_OF_LOCKS
    return made.pop() if len(made) == 1 else None


def _why(stuck: Sequence[Blocked], context: JudgeContext) -> Feedback:
    """Why no process can go on, and what to ask oneself."""
    circle = _circle(stuck)
    if len(circle) == 1:
        return Feedback(
            why=say(
                "A lock that is taken stays taken until it is released, even for the process that "
                "took it. {name} waits for itself.",
                name=context.subject(circle[0].process),
            ),
            next=say("Where has {name} taken it before?", name=context.name(circle[0].process)),
        )
    if circle:
        return _why_circle(circle, context)
    return _why_dead_end(stuck, context)


def _why_circle(circle: Sequence[Blocked], context: JudgeContext) -> Feedback:
    names = context.subjects([each.process for each in circle])
    if all(each.obstacle in _HELD for each in circle):
        return Feedback(
            why=say(
                "{names} wait for one another in a circle: each holds what the next one wants, "
                "and releases it only when it has got its own.",
                names=names,
            ),
            next=say("In which order does each of them take its locks?"),
        )
    return Feedback(
        why=say("{names} wait for one another in a circle.", names=names),
        next=say("What does each of them hold while it waits, and could it let go of that before?"),
    )


def _why_dead_end(stuck: Sequence[Blocked], context: JudgeContext) -> Feedback:
    readers = [each for each in stuck if each.obstacle is WaitReason.PIPE and not each.writing]
    if readers:
        name = context.name(readers[0].process)
        waiting = {each.process for each in stuck}
        gone = [each for each in questions.created(context.trace) if each.number not in waiting]
        return Feedback(
            why=say(
                "Only what was put into a queue or a pipe comes out of it. Every process that "
                "could put something in has ended, or waits, too."
            ),
            next=say("How could {name} learn that nothing more will come?", name=name)
            if gone
            else say(
                "Which process should put something in for {name}, and at which line?", name=name
            ),
        )
    if any(each.obstacle is WaitReason.PIPE for each in stuck):
        return Feedback(
            why=say(
                "There is room again only when something is taken out. Every process that could "
                "do that has ended, or waits, too."
            ),
            next=say("Which process should take something out, and at which line?"),
        )
    deserted = [each for each in stuck if each.made is not None and not each.waiting_for]
    if deserted:
        name = context.name(deserted[0].process)
        if deserted[0].obstacle is WaitReason.SEMAPHORE:
            return Feedback(
                why=say(
                    "Every process that could wake {name} has ended, waits, too, or did it too "
                    "early, before {name} waited.",
                    name=name,
                ),
                next=say(
                    "Which process should wake {name}, and what if that comes first?", name=name
                ),
            )
        return Feedback(
            why=say("A process that ends while it holds a lock does not release it."),
            next=say(
                "Which process took it last, and on which path through its code is it not released?"
            ),
        )
    if len(stuck) == 1:
        return Feedback(
            why=say("No process is left that could do what it waits for."),
            next=say("Who should have done it, and before which line?"),
        )
    return Feedback(
        why=say(
            "Each of them waits for something that only another of them could do, and that one "
            "waits, too."
        ),
        next=say("Which of them would have to go first, so that the others can go on?"),
    )


def _circle(stuck: Sequence[Blocked]) -> tuple[Blocked, ...]:
    """Some of them, each waiting for the next one and the last for the first, one lock at least
    among what they wait for; empty if there is no such circle.
    """
    waiting = {each.process: each for each in stuck}
    for start in stuck:
        path: list[ProcessNumber] = []
        at: ProcessNumber | None = start.process
        while at is not None and at not in path:
            path.append(at)
            at = next((each for each in waiting[at].waiting_for if each in waiting), None)
        if at is not None:
            circle = tuple(waiting[each] for each in path[path.index(at) :])
            if any(each.obstacle in _HELD for each in circle):
                return circle
    return ()
