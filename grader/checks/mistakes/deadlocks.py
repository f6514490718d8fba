"""Deadlocks: which process waits for which, in a circle or at a dead end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.model import Detected
from grader.checks.relations.ended import how_ended
from grader.checks.words import code
from grader.messages import Text, plural, say
from grader.trace import (
    MAIN,
    Blocked,
    Location,
    Outcome,
    ProcessNumber,
    WaitReason,
    questions,
)
from grader.trace.naming import clauses

_HELD = (WaitReason.LOCK, WaitReason.SEMAPHORE)
_AT_MOST = 3
"""Processes of which it is said what they wait for."""
_CIRCLE_AT_MOST = 5
"""The same of a circle, which is of little use where it is not closed."""
_POOL_WORKER = re.compile(r"\w*PoolWorker-[\d:]+")
"""What multiprocessing calls the workers of a pool."""
_QUEUES = frozenset({"Queue", "JoinableQueue", "SimpleQueue"})
_MADE_OF_LOCKS = frozenset(
    {
        *("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Event", "Condition", "Barrier"),
        *(*_QUEUES, "Value", "Array", "Pool"),
    }
)
_SPOKEN_WITH_A_VOWEL = "AER"
"""How the names of ``Array``, ``Event`` and ``RLock`` begin."""


def detect_deadlock(context: JudgeContext) -> Iterator[Detected]:
    """Every process waits, and nothing can ever wake one."""
    if context.trace.outcome is not Outcome.DEADLOCK:
        return
    stuck = _as_written(context)
    circle = _circle(stuck)
    gone = [] if circle else _ended_early(context)
    others = [each for each in stuck if each not in circle]
    reported = [*circle[:_CIRCLE_AT_MOST], *others[: max(1, _AT_MOST - len(circle))]]
    told = [waiting_clause(blocked, context) for blocked in reported]
    standstill = (
        say("The program stands still forever: {processes}.", processes=clauses(told))
        if told
        else say("The program stands still forever.")
    )
    if gone:
        standstill = say("{told} {how}.", told=standstill, how=how_ended(gone[0], context))
    why = replace(_why(stuck, gone, context), happened=standstill, line=_place(stuck))
    yield Detected(why)


def _as_written(context: JudgeContext) -> list[Blocked]:
    """What each process waits for in the terms of the script, which knows nothing of the lock
    inside a queue or of the workers of a pool that have nothing to do.
    """
    stuck = [each for each in context.trace.blocked if each.obstacle is not WaitReason.SLEEP]
    by_number = {each.process: each for each in stuck}
    queues = {
        holder: each.made
        for each in stuck
        if each.made is not None and _called_at(each.made, context) in _QUEUES
        for holder in each.waiting_for
        if each.obstacle is WaitReason.LOCK
        and holder in by_number
        and by_number[holder].obstacle is WaitReason.PIPE
    }
    found = []
    for each in stuck:
        if each.process in queues and each.made is None:
            each = replace(each, made=queues[each.process])
        holder = next((by_number[one] for one in each.waiting_for if one in queues), None)
        if each.obstacle is WaitReason.LOCK and holder is not None and each.made in queues.values():
            each = replace(each, obstacle=WaitReason.PIPE, waiting_for=(), writing=holder.writing)
        found.append(each)
    others = [each for each in found if not is_pool_worker(each.process, context)]
    return others or found


def is_pool_worker(number: ProcessNumber, context: JudgeContext) -> bool:
    """Whether a pool made that process."""
    name = questions.process(context.trace, number).name
    return name is not None and _POOL_WORKER.fullmatch(name) is not None


def _ended_early(context: JudgeContext) -> list[ProcessNumber]:
    """The processes that ended by an error or by a signal; any worker of a pool that did not end
    because it had had its fill of tasks.
    """
    found = []
    for each in questions.created(context.trace):
        by = questions.ended_by(context.trace, each.number)
        if each.ended is None or by in ("shutdown", "grader"):
            continue
        is_lost = is_pool_worker(each.number, context) and not context.code.names_keyword(
            "maxtasksperchild"
        )
        if is_lost or each.exit_status != 0:
            found.append(each.number)
    return found


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
    special = _doing_at_its_call(blocked, context)
    if special is not None:
        return special
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
        if blocked.made is not None:
            return say("waits for something to come out of {queue}", queue=_lock(blocked, context))
        return say("waits for something to come out of a pipe or queue")
    return {
        WaitReason.INPUT: say("waits for someone to type"),
        WaitReason.CLIENT: say("waits for a client to connect"),
        WaitReason.SOCKET: say("waits for the other side of a connection"),
    }.get(blocked.obstacle, say("waits"))


def _doing_at_its_call(blocked: Blocked, context: JudgeContext) -> Text | None:
    """What a call waits for that does more than take a lock: it is known by its name."""
    if _waits_for_pool(blocked, context):
        return say("waits for the results of its pool")
    if _waits_for_tasks(blocked, context):
        return say(
            "waits until every item of {queue} is reported as done", queue=_lock(blocked, context)
        )
    waits_in_notify = _calls(blocked, ("notify", "notify_all"), context)
    if waits_in_notify and blocked.obstacle is WaitReason.SEMAPHORE:
        return say(
            "waits for those that it woke at {condition} to go on",
            condition=_lock(blocked, context),
        )
    return None


def _waits_for_pool(blocked: Blocked, context: JudgeContext) -> bool:
    """Meanwhile multiprocessing looks after the workers, which shows as a wait for their ends."""
    return (
        blocked.process == MAIN
        and blocked.obstacle is WaitReason.CHILD
        and bool(blocked.waiting_for)
        and all(is_pool_worker(each, context) for each in blocked.waiting_for)
        and not _calls(blocked, ("join",), context)
    )


def _waits_for_thread(blocked: Blocked, context: JudgeContext) -> bool:
    """A thread is waited for with a lock, like the tasks of a queue."""
    has_queue = any(
        call.name is not None and call.name.rpartition(".")[2].endswith("Queue")
        for call in context.code.calls
    )
    return (
        any(each.process == blocked.process for each in context.trace.threads)
        and _calls(blocked, ("join",), context)
        and not has_queue
    )


def _waits_for_tasks(blocked: Blocked, context: JudgeContext) -> bool:
    return (
        blocked.obstacle is WaitReason.SEMAPHORE
        and blocked.made is not None
        and _called_at(blocked.made, context) == "JoinableQueue"
        and _calls(blocked, ("join",), context)
    )


def _calls(blocked: Blocked, methods: tuple[str, ...], context: JudgeContext) -> bool:
    """Whether the line at which it stands calls one of these methods."""
    return any(
        call.name is not None
        and call.place == blocked.line
        and call.name.rpartition(".")[2] in methods
        for call in context.code.calls
    )


def _waiting_for_lock(blocked: Blocked, context: JudgeContext) -> Text:
    if blocked.made is None and not blocked.waiting_for:
        if _waits_for_thread(blocked, context):
            return say("waits for the end of a thread")
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
    values = {"call": code(f"{called}()"), "line": line}
    if not _one_of_several(blocked, context):
        return say("the {call} of {line}", **values)
    if called[0] in _SPOKEN_WITH_A_VOWEL:
        return say("an {call} of {line}", **values)
    return say("a {call} of {line}", **values)


def _one_of_several(blocked: Blocked, context: JudgeContext) -> bool:
    """Whether its line made more than one: it calls it twice, or different processes hold them."""
    calls = [
        call
        for call in context.code.calls
        if call.place == blocked.made
        and call.name is not None
        and call.name.rpartition(".")[2] in _MADE_OF_LOCKS
    ]
    holders = {
        each.waiting_for
        for each in context.trace.blocked
        if each.made == blocked.made and each.obstacle is WaitReason.LOCK and each.waiting_for
    }
    return len(calls) > 1 or len(holders) > 1


def _called_at(place: Location, context: JudgeContext) -> str | None:
    """The one thing with a lock inside that is made at a line, if there is only one kind."""
    names = {
        call.name.rpartition(".")[2]
        for call in context.code.calls
        if call.name is not None and call.place == place
    }
    made = names & _MADE_OF_LOCKS
    return made.pop() if len(made) == 1 else None


def _why(
    stuck: Sequence[Blocked], gone: Sequence[ProcessNumber], context: JudgeContext
) -> Feedback:
    """Why no process can go on, and what to ask oneself. ``gone``: who ended in mid-task."""
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
    root = _what_main_waits_for(stuck)
    if root is not None and gone and _may_miss(root, context):
        return _why_gone(gone, context)
    if root is not None and _waits_for_tasks(root, context):
        return Feedback(
            why=say(
                "`join()` of a queue comes back when `task_done()` has been called once for each "
                "item that was put in."
            ),
            next=say("Which process should call `task_done()`, and after which of its lines?"),
        )
    others = [each for each in stuck if each is not root]
    return _why_dead_end(others if root is None else [root, *others], context)


def _what_main_waits_for(stuck: Sequence[Blocked]) -> Blocked | None:
    """Where the wait of main leads to: itself, or one for whose end it waits, and so on."""
    waiting = {each.process: each for each in stuck}
    at, seen = waiting.get(MAIN), {MAIN}
    while at is not None and at.obstacle is WaitReason.CHILD:
        following = next((each for each in at.waiting_for if each in waiting), None)
        if following is None or following in seen:
            break
        seen.add(following)
        at = waiting[following]
    return at


def _may_miss(root: Blocked, context: JudgeContext) -> bool:
    """Whether it waits for something that any process could have done, also one that ended."""
    if root.obstacle is WaitReason.LOCK:
        return False  # of a lock it is said that it is not released
    return _waits_for_pool(root, context) or root.obstacle in (
        WaitReason.PIPE,
        WaitReason.SEMAPHORE,
        WaitReason.SOCKET,
    )


def _why_gone(gone: Sequence[ProcessNumber], context: JudgeContext) -> Feedback:
    if is_pool_worker(gone[0], context):
        return Feedback(
            why=say(
                "The task of a worker that ends is lost. The pool starts another worker, but none "
                "does that task again, and its result never comes."
            ),
            next=say("What ended {name} in the middle of its task?", name=context.name(gone[0])),
        )
    return Feedback(
        why=say(
            "What a process has not done when it ends is left undone, and what it has taken out of "
            "a queue is gone with it."
        ),
        next=say(
            "What should {name} still have done when it ended, and who waits for that?",
            name=context.name(gone[0]),
        ),
    )


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
