"""A run that stands still is told: who waits for whom, and in which circle."""

from __future__ import annotations

import pytest

from grader.checks import JudgeContext
from grader.checks.mistakes import Detected
from grader.checks.mistakes.deadlocks import detect_deadlock
from grader.source import Code
from grader.trace import MAIN, Location, Outcome, WaitReason
from tests.building import Story, s
from tests.checks.stage import exercise, sentences, submission

LINES = (
    "from multiprocessing import Event, Lock, Process",
    "a, b = Lock(), Lock()",
    "p, q = Process(target=f), Process(target=g)",
    "done, all_done = Event(), Lock()",
    "done = Event()",
    "tasks = Queue(3)",
    "jobs = JoinableQueue()",
    "jobs.join()",
    "pool.map(f, jobs)",
    "changed = Condition()",
    "changed.notify_all()",
    "pool = Pool(2)",
)


def two_children() -> tuple[Story, int, int]:
    story = Story()
    p = story.start(at=s(0.01), variable="p", line=3)
    q = story.start(at=s(0.02), variable="q", line=3)
    story.outcome(Outcome.DEADLOCK)
    return story, p, q


def found(story: Story) -> Detected:
    check = {"prints": {"text": "x", "by": "main"}}
    script = submission("\n".join(LINES))
    context = JudgeContext(exercise(check), story.trace(), script, Code(script))
    (detected,) = detect_deadlock(context)
    return detected


def told(story: Story) -> list[str]:
    """Happened, why, next."""
    return sentences(found(story).feedback)


def test_locks_in_opposite_order() -> None:
    """Each holds what the other one wants: a circle, and main at its end."""
    story, p, q = two_children()
    story.blocks(MAIN, WaitReason.CHILD, p, line=3)
    story.blocks(p, WaitReason.LOCK, q, made=2)
    story.blocks(q, WaitReason.LOCK, p, made=2)
    assert told(story) == [
        "The program stands still forever: p waits for a `Lock()` of line 2 that q holds, q waits "
        "for a `Lock()` of line 2 that p holds and main (line 3) waits for the end of p.",
        "p and q wait for one another in a circle: each holds what the next one wants, and "
        "releases it only when it has got its own.",
        "In which order does each of them take its locks?",
    ]


def test_a_circle_is_closed() -> None:
    """It comes first, and none of its processes is left out for one that only waits for them."""
    story, p, q = two_children()
    r = story.start(at=s(0.03), variable="r", line=3)
    story.blocks(MAIN, WaitReason.CHILD, p, line=3)
    for waiter, holder in ((p, q), (q, r), (r, p)):
        story.blocks(waiter, WaitReason.LOCK, holder, line=8, made=2)
    assert told(story)[0] == (
        "The program stands still forever: p (line 8) waits for a `Lock()` of line 2 that q holds, "
        "q (line 8) waits for a `Lock()` of line 2 that r holds, r (line 8) waits for a `Lock()` "
        "of line 2 that p holds and main (line 3) waits for the end of p."
    )


def test_a_lock_that_is_taken_twice() -> None:
    """The smallest circle."""
    story, p, _ = two_children()
    story.blocks(p, WaitReason.LOCK, p, made=2)
    assert told(story) == [
        "The program stands still forever: p waits for a `Lock()` of line 2 that it holds itself.",
        "A lock that is taken stays taken until it is released, even for the process that took "
        "it. p waits for itself.",
        "Where has p taken it before?",
    ]


def test_main_waits_for_the_end_of_one_that_wants_its_lock() -> None:
    """A circle of two kinds of waiting."""
    story, p, _ = two_children()
    story.blocks(MAIN, WaitReason.CHILD, p, line=3)
    story.blocks(p, WaitReason.LOCK, MAIN)
    assert told(story) == [
        "The program stands still forever: main (line 3) waits for the end of p and p waits for "
        "a lock that main holds.",
        "Main and p wait for one another in a circle.",
        "What does each of them hold while it waits, and could it let go of that before?",
    ]


def test_several_hold_what_is_waited_for() -> None:
    """A semaphore can be in the hands of more than one."""
    story, p, q = two_children()
    story.blocks(MAIN, WaitReason.SEMAPHORE, p, q)
    happened, *_ = told(story)
    assert happened == (
        "The program stands still forever: main waits for a semaphore that p and q hold."
    )


@pytest.mark.parametrize(
    ("made", "what"), [(5, "the `Event()` of line 5"), (4, "what was made at line 4")]
)
def test_nobody_wakes_it(made: int, what: str) -> None:
    """A dead end: what is waited at is called by its name if there is only one on its line."""
    story, p, _ = two_children()
    story.blocks(p, WaitReason.SEMAPHORE, made=made)
    assert told(story) == [
        f"The program stands still forever: p waits for {what} with nobody left to wake it.",
        "Every process that could wake p has ended, waits, too, or did it too early, before p "
        "waited.",
        "Which process should wake p, and what if that comes first?",
    ]


def test_the_holder_has_ended() -> None:
    """A dead end: the lock will never be given back."""
    story, p, _ = two_children()
    story.blocks(p, WaitReason.LOCK, made=2)
    assert told(story) == [
        "The program stands still forever: p waits for a `Lock()` of line 2 that is never "
        "released.",
        "A process that ends while it holds a lock does not release it.",
        "Which process took it last, and on which path through its code is it not released?",
    ]


def test_joins_alone_are_no_circle_of_locks() -> None:
    """Nobody holds anything: what is said is what is known."""
    story, p, q = two_children()
    story.blocks(p, WaitReason.SOCKET)
    story.blocks(q, WaitReason.SOCKET)
    assert told(story)[2] == "Which of them would have to go first, so that the others can go on?"


def test_the_line_to_look_at_first() -> None:
    """Of a circle of locks one of these, not the join of who only waits for its end; of a dead
    end the end.
    """
    story, p, q = two_children()
    story.blocks(MAIN, WaitReason.CHILD, p, line=3)
    story.blocks(p, WaitReason.LOCK, q, line=4)
    story.blocks(q, WaitReason.LOCK, p, line=5)
    assert found(story).feedback.line == Location("student.py", 4)
    story, p, _ = two_children()
    story.blocks(MAIN, WaitReason.CHILD, p, line=3)
    story.blocks(p, WaitReason.SEMAPHORE, made=2, line=5)
    assert found(story).feedback.line == Location("student.py", 5)


def test_a_queue_that_is_full() -> None:
    """A dead end: nobody takes anything out of a queue for only so many."""
    story, p, _ = two_children()
    story.blocks(p, WaitReason.PIPE, writing=True, made=6)
    assert told(story) == [
        "The program stands still forever: p waits for room in the `Queue()` of line 6, which is "
        "full.",
        "There is room again only when something is taken out. Every process that could do that "
        "has ended, or waits, too.",
        "Which process should take something out, and at which line?",
    ]


def test_idle_readers_of_a_queue() -> None:
    """The lock inside a queue is nobody's: all of them wait for something to come out."""
    story, p, q = two_children()
    story.blocks(MAIN, WaitReason.CHILD, p, line=3)
    story.blocks(p, WaitReason.PIPE)
    story.blocks(q, WaitReason.LOCK, p, made=6)
    assert told(story)[0] == (
        "The program stands still forever: main (line 3) waits for the end of p, p waits for "
        "something to come out of the `Queue()` of line 6 and q waits for something to come out of "
        "the `Queue()` of line 6."
    )


def test_tasks_that_are_not_reported() -> None:
    """What main waits for leads, and not the readers that have nothing to do."""
    story, p, _ = two_children()
    story.blocks(MAIN, WaitReason.SEMAPHORE, made=7, line=8)
    story.blocks(p, WaitReason.PIPE)
    happened, why, next_ = told(story)
    assert "main (line 8) waits until every item of the `JoinableQueue()` of line 7" in happened
    assert "`task_done()`" in why
    assert next_ == "Which process should call `task_done()`, and after which of its lines?"


@pytest.mark.parametrize("signal", [None, 9])
def test_a_worker_of_a_pool_that_ended(signal: int | None) -> None:
    """Idle workers are not mentioned, and the one that took its task along is."""
    story = Story()
    lost = story.start(at=s(0.01), name="ForkPoolWorker-1", line=12)
    others = [story.start(at=s(0.02), name=f"ForkPoolWorker-{n}", line=12) for n in (2, 3)]
    sender = None if signal is None else lost
    story.ends(lost, at=s(0.03), exit_status=1, signal=signal, sender=sender)
    story.blocks(MAIN, WaitReason.CHILD, *others, line=9)
    story.blocks(others[0], WaitReason.PIPE)
    story.blocks(others[1], WaitReason.LOCK, others[0], made=12)
    story.outcome(Outcome.DEADLOCK)
    how = (
        "ended by itself at 0.03 s, with exit status 1"
        if signal is None
        else "ended itself at 0.03 s (SIGKILL)"
    )
    assert told(story) == [
        "The program stands still forever: main (line 9) waits for the results of its pool. "
        f"ForkPoolWorker-1 {how}.",
        "The task of a worker that ends is lost. The pool starts another worker, but none does "
        "that task again, and its result never comes.",
        "What ended ForkPoolWorker-1 in the middle of its task?",
    ]


def test_a_process_that_ended_in_mid_task() -> None:
    """Who died is told where main waits for something that it could have put in."""
    story, p, q = two_children()
    story.ends(p, at=s(0.1), exit_status=3)
    story.ends(q, at=s(0.1))
    story.blocks(MAIN, WaitReason.PIPE, line=3)
    assert told(story) == [
        "The program stands still forever: main (line 3) waits for something to come out of a pipe "
        "or queue. p ended by itself at 0.10 s, with exit status 3.",
        "What a process has not done when it ends is left undone, and what it has taken out of a "
        "queue is gone with it.",
        "What should p still have done when it ended, and who waits for that?",
    ]


def test_a_sleeper_that_was_killed() -> None:
    """``notify_all`` waits for each that it wakes."""
    story, p, q = two_children()
    story.signals(MAIN, p, at=s(0.1), signal=9)
    story.ends(p, at=s(0.1), signal=9, sender=MAIN)
    story.ends(q, at=s(0.1))
    story.blocks(MAIN, WaitReason.SEMAPHORE, made=10, line=11)
    assert told(story)[0] == (
        "The program stands still forever: main (line 11) waits for those that it woke at the "
        "`Condition()` of line 10 to go on. p was ended by main at 0.10 s (SIGKILL)."
    )
