"""The builder of hand-written traces tells what it was told."""

from grader.trace import (
    MAIN,
    Began,
    Blocked,
    Called,
    Ended,
    Location,
    Outcome,
    Printed,
    Role,
    Signalled,
    Started,
    StartMethod,
    WaitBegan,
    WaitedFor,
    WaitReason,
    WaitTimedOut,
)
from tests.building import Story, s


def test_main_stands_there_from_the_beginning() -> None:
    """A story in which nothing happens has main, alive."""
    trace = Story().trace()
    (main,) = trace.processes
    assert (main.number, main.role, main.ended) == (MAIN, Role.MAIN, None)
    assert trace.events == (Began(0, MAIN),)
    assert trace.outcome is Outcome.FINISHED


def test_a_child_starts_works_and_ends() -> None:
    """What is told of a child stands in its events and in the process."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=9)
    story.prints(child, "hello", at=s(0.02))
    story.ends(child, at=s(1))
    story.waits(MAIN, child, began=s(0.5), at=s(1), line=10)
    trace = story.trace()
    assert trace.events == (
        Began(0, MAIN),
        Started(s(0.01), MAIN, child, Location("student.py", 9)),
        Began(s(0.011), child),
        Printed(s(0.02), child, "hello"),
        WaitBegan(s(0.5), MAIN, (child,), None, Location("student.py", 10)),
        Ended(s(1), child, 0),
        WaitedFor(s(1), MAIN, child, began=s(0.5), line=Location("student.py", 10)),
    )
    process = trace.processes[child]
    assert (process.started, process.began, process.ended) == (s(0.01), s(0.011), s(1))
    assert (process.exit_status, process.collected) == (0, s(1))
    assert process.parent_pid == trace.processes[MAIN].pid
    assert trace.duration == s(1)


def test_names_as_multiprocessing_gives_them() -> None:
    """Children are numbered by parent; grandchildren carry their parent's name."""
    story = Story()
    story.helper(at=0)
    first, second = story.start(at=s(0.01)), story.start(at=s(0.02))
    grandchild = story.start(first, at=s(0.03))
    names = [story.trace().processes[number].name for number in (first, second, grandchild)]
    assert names == ["Process-1", "Process-2", "Process-1:1"]


def test_events_are_sorted_by_time() -> None:
    """A story may be told out of order; what is told for one instant keeps its order."""
    story = Story()
    story.prints(MAIN, "late", at=s(2))
    story.prints(MAIN, "early", at=s(1))
    story.prints(MAIN, "later still", at=s(2))
    lines = [event.text for event in story.trace().events if isinstance(event, Printed)]
    assert lines == ["early", "late", "later still"]


def test_a_signal_ends() -> None:
    """Who is ended by a signal has no exit status."""
    story = Story()
    child = story.start(at=s(0))
    story.signals(MAIN, child, at=s(1))
    story.ends(child, at=s(1), signal=15, sender=MAIN)
    trace = story.trace()
    assert trace.events[-2:] == (
        Signalled(s(1), MAIN, child, 15),
        Ended(s(1), child, None, 15, MAIN),
    )
    assert (trace.processes[child].exit_status, trace.processes[child].signal) == (None, 15)


def test_the_outcome_follows_from_mains_end() -> None:
    """Main that ends otherwise than with 0 has crashed; any other outcome has to be told."""
    story = Story()
    story.raises(MAIN, "NameError: name 'x' is not defined", at=s(1))
    assert story.trace().outcome is Outcome.CRASHED
    story.outcome(Outcome.TIME_LIMIT)
    assert story.trace().outcome is Outcome.TIME_LIMIT


def test_peers() -> None:
    """A peer is nobody's child; the submission beside it may be stopped."""
    story = Story()
    peer = story.peer(at=s(0.1))
    story.is_stopped()
    trace = story.trace()
    assert (trace.processes[peer].role, trace.processes[peer].creator) == (Role.PEER, None)
    assert trace.events[-1] == Began(s(0.1), peer)
    assert trace.stopped
    assert not Story().trace().stopped


def test_the_rest_of_the_vocabulary() -> None:
    """Time-outs, calls, questions, doubts, start methods and who is stuck are all told."""
    story = Story(StartMethod.SPAWN)
    child = story.start(at=s(0))
    story.gives_up_waiting(MAIN, child, began=s(1), at=s(2))
    story.calls(MAIN, "join", at=s(1), target=child, line=7)
    story.blocks(MAIN, WaitReason.CHILD, child, line=8)
    story.doubts("one event was lost")
    trace = story.trace(schedule="child-first")
    assert trace.events[3:] == (
        WaitBegan(s(1), MAIN, (child,), s(1)),
        Called(s(1), MAIN, "join", child, Location("student.py", 7)),
        WaitTimedOut(s(2), MAIN, (child,)),
    )
    assert trace.blocked == (
        Blocked(MAIN, WaitReason.CHILD, (child,), line=Location("student.py", 8)),
    )
    assert trace.doubts == ("one event was lost",)
    assert str(trace.schedule) == "child-first"
    assert trace.start_method is StartMethod.SPAWN
    assert trace.processes[child].start_method is StartMethod.SPAWN
