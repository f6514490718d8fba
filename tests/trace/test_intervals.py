"""When processes did nothing: sleeps, waits and blocked stretches, put together from events."""

from dataclasses import replace

from grader.trace import MAIN, BlockedInterval, Slept, WaitReason
from grader.trace.intervals import InputWait, Stuck, Wait
from grader.trace.questions import waits_of
from tests.building import Story, at_line, s


def test_a_wait_is_put_together() -> None:
    """From where it begins to where it ends, whether the child did or the time was up."""
    story = Story()
    child = story.start(at=s(0))
    story.gives_up_waiting(MAIN, child, began=s(0.1), at=s(0.3), line=7)
    story.waits(MAIN, child, began=s(0.5), at=s(1), line=9)
    first, second = waits_of(story.trace(), MAIN)
    assert (first.at, first.until, first.children, first.line) == (s(0.1), s(0.3), (1,), at_line(7))
    assert (second.at, second.until, second.line) == (s(0.5), s(1), at_line(9))
    assert waits_of(story.trace(), child) == ()


def test_a_wait_that_was_not_seen_to_begin() -> None:
    """A process that only asks learns of the end, and the event says since when it asked. Where it
    does not, there was no wait.
    """
    story = Story()
    child, other = story.start(at=s(0)), story.start(at=s(0))
    story.waits(MAIN, other, at=s(0.5), how="poll")
    trace = story.trace()
    asked = replace(story.trace().events[-1], at=s(1), child=child, began=s(0.2), polls=4)
    (wait,) = waits_of(replace(trace, events=(*trace.events, asked)), MAIN)
    assert (wait.at, wait.until, wait.children, wait.opened) == (s(0.2), s(1), (child,), None)


def test_what_nothing_closes_lasts_to_the_end() -> None:
    """Of the process, or of the run if that lived on; of these a blocked process is not told
    again.
    """
    story = Story()
    child, other = story.start(at=s(0)), story.start(at=s(0))
    story.waits(child, other, began=s(0.1), at=s(9))
    story.asks(other, at=s(0.2))
    story.blocks(MAIN, WaitReason.CHILD, child)
    story.blocks(other, WaitReason.INPUT)
    trace = story.trace()
    trace = replace(trace, events=trace.events[:-1], duration=s(3))
    wait, keyboard, stuck = trace.intervals
    assert isinstance(wait, Wait)
    assert (wait.by, wait.at, wait.until, wait.closed) == (child, s(0.1), s(3), None)
    assert keyboard == InputWait(s(0.2), other, s(3), is_open=True)
    assert isinstance(stuck, Stuck)
    assert (stuck.by, stuck.at, stuck.until) == (MAIN, 0, s(3))


def test_since_when_a_process_is_stuck() -> None:
    """After its last event and the computing that it did, if there was room for it."""
    story = Story()
    child = story.start(at=s(0))
    story.sleeps(child, at=s(0.1), until=s(0.5))
    story.blocks(child, WaitReason.LOCK)
    story.ends(MAIN, at=s(2))
    trace = story.trace()
    computing, much = (
        replace(trace, processes=(trace.processes[MAIN], replace(trace.processes[child], cpu=cpu)))
        for cpu in (s(0.3), s(5))
    )
    assert [each.at for each in computing.intervals if isinstance(each, Stuck)] == [s(0.8)]
    assert [each.at for each in much.intervals if isinstance(each, Stuck)] == [s(0.5)]


def test_they_stand_in_the_order_in_which_they_are_over() -> None:
    """What an event tells of by itself is among them as it is."""
    story = Story()
    child = story.start(at=s(0))
    story.asks(MAIN, at=s(0.1))
    story.sleeps(child, at=s(0.2), until=s(0.4))
    story.idles(child, WaitReason.PIPE, at=s(0.4), until=s(0.6))
    story.types(MAIN, "5", at=s(0.5))
    kinds = [type(each) for each in story.trace().intervals]
    assert kinds == [Slept, BlockedInterval, InputWait]
