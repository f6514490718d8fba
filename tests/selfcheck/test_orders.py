"""Which orders are tried on the real clock, and how long they take."""

from __future__ import annotations

import pytest

from grader.schedules import parse_schedule
from grader.selfcheck import longest_run, schedules
from grader.selfcheck.orders import check_schedule
from grader.trace import MAIN, Trace

from ..building import Story, s

TOLERANCE = s(0.2)


def side_by_side(count: int, *, main_sleeps: float = 0) -> Trace:
    """Workers that sleep for a second each."""
    story = Story()
    for place in range(count):
        worker = story.start(at=s(0.1 + place / 100))
        story.sleeps(worker, at=s(0.2), until=s(1.2))
        story.ends(worker, at=s(1.2))
    if main_sleeps:
        story.sleeps(MAIN, at=s(0.2), until=s(0.2 + main_sleeps))
    story.ends(MAIN, at=s(1.5))
    return story.trace()


def names(trace: Trace) -> list[str]:
    return [str(each) for each in schedules(trace, TOLERANCE)]


def test_sleeps_take_longer_and_those_started_first_begin_last():
    """The delays add up to no more than a right answer must bear."""
    late = "late:worker-1+132ms,late:worker-2+66ms"
    assert names(side_by_side(3)) == ["slow:workersx3", late]


def test_who_is_ended_is_gone_a_while_later():
    """By all of the tolerance; that comes first. What multiprocessing ends at its shutdown is gone
    before main is.
    """
    story = Story()
    child = story.start(at=s(0.1))
    story.signals(MAIN, child, at=s(0.2))
    story.ends(child, at=s(0.3), signal=15)
    story.ends(MAIN, at=s(0.4))
    assert names(story.trace())[0] == "late-end:workers+200ms"
    assert "late-end" not in ",".join(names(side_by_side(1)))


def test_one_worker_begins_late():
    """By all of the tolerance."""
    assert names(side_by_side(1)) == ["slow:workersx3", "late:worker-1+200ms"]


def test_workers_are_later_than_main_sleeps():
    """So that a sleep in place of a wait is over before they are done."""
    assert "late:workers+2200ms" in names(side_by_side(2, main_sleeps=1.2))


def test_without_processes_there_is_no_other_order():
    """Nor any for a script that was not seen to begin."""
    assert names(side_by_side(0)) == []


def test_what_takes_too_long_is_left_out():
    """Somebody waits for it."""
    assert not any("workers+" in name for name in names(side_by_side(1, main_sleeps=40)))


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("slow:workersx3", 3.5), ("late:worker-1+500ms", 2.0), ("natural", 1.5)],
)
def test_workers_side_by_side_are_held_up_together(name: str, seconds: float):
    """The longest of them counts."""
    assert longest_run(side_by_side(3), parse_schedule(name)) == s(seconds)


def test_workers_one_after_another_are_held_up_in_turn():
    """Each of them counts."""
    story = Story()
    for place in range(2):
        worker = story.start(at=s(place))
        story.sleeps(worker, at=s(place), until=s(place + 0.5))
        story.ends(worker, at=s(place + 0.5))
    story.ends(MAIN, at=s(2))
    assert longest_run(story.trace(), parse_schedule("slow:workersx3")) == s(4)


@pytest.mark.parametrize("name", ["child-first", "late:main+1s", "random:17", "pause:main@3+1s"])
def test_other_orders_need_the_kernel(name: str):
    """They are refused, and the error says which there are."""
    with pytest.raises(ValueError, match="needs the kernel"):
        check_schedule(parse_schedule(name))
