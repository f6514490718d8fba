"""The time axis: in order, within its bounds, broken where nothing happens."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.timeline import Axis
from tests.building import s

LEFT, WIDTH = 100.0, 700.0
TIMES = st.lists(st.integers(0, 60 * 10**9), max_size=60)


def axis(*seconds: float) -> Axis:
    return Axis([s(second) for second in seconds], LEFT, WIDTH)


def test_starts_and_ends_a_second_apart_are_both_told_apart() -> None:
    """Five starts within 8 ms and five ends within 8 ms a second later: one break between."""
    starts = [0.001 + 0.0015 * n for n in range(5)]
    ends = [1.0 + 0.0015 * n for n in range(5)]
    drawn = axis(*starts, *ends)
    (idle,) = drawn.breaks
    assert idle.length == s(1.0) - s(starts[-1])
    for before, after in pairwise([*starts, *ends]):
        assert drawn.x(s(after)) - drawn.x(s(before)) > 30


def test_no_break_where_all_is_idle_alike() -> None:
    """A line every 0.1 s for three seconds is drawn in proportion."""
    drawn = axis(*(0.1 * n for n in range(30)))
    assert drawn.breaks == ()
    steps = {round(drawn.x(s(0.1 * (n + 1))) - drawn.x(s(0.1 * n)), 3) for n in range(29)}
    assert len(steps) == 1


def test_one_after_the_other_breaks_five_times() -> None:
    """Five seconds of work, one child after the other: five breaks of one second."""
    instants = [second + step for second in range(6) for step in (0.0, 0.001, 0.002)]
    assert [idle.length for idle in axis(*instants).breaks] == [s(0.998)] * 5


def test_unequal_pauses_are_all_broken() -> None:
    """0.1 s, 0.9 s and 2 s of nothing between things that take a millisecond."""
    drawn = axis(0.001, 0.002, 0.1, 0.101, 1.0, 1.001, 3.0, 3.001)
    assert [idle.length for idle in drawn.breaks] == [s(0.098), s(0.899), s(1.999)]


def test_longer_pauses_have_wider_breaks() -> None:
    """A break's width grows with the time that it stands for."""
    short, long = axis(0.001, 0.002, 0.1, 0.101, 3.0, 3.001).breaks
    assert short.x1 - short.x0 < long.x1 - long.x0


def test_nothing_happened_at_all() -> None:
    """A run without a duration has an axis all the same."""
    drawn = Axis([], LEFT, WIDTH)
    assert drawn.x(0) == LEFT
    assert [tick.label for tick in drawn.ticks()] == ["0.00"]


@given(TIMES)
def test_order_is_kept(times: list[int]) -> None:
    """What was later is further to the right, and everything is within the bounds."""
    drawn = Axis(times, LEFT, WIDTH)
    places = [drawn.x(at) for at in sorted({0, *times})]
    assert all(before <= after for before, after in pairwise(places))
    assert places[0] >= LEFT - 0.01
    assert places[-1] <= LEFT + WIDTH + 0.01


@given(TIMES)
def test_one_scale(times: list[int]) -> None:
    """Outside of the breaks the same time is the same length everywhere."""
    drawn = Axis(times, LEFT, WIDTH)
    apart = pairwise(sorted({0, *times}))
    lengths = [(after - before, drawn.x(after) - drawn.x(before)) for before, after in apart]
    broken = [idle.length for idle in drawn.breaks]
    kept = [(time, length) for time, length in lengths if time not in broken]
    scale = max((length / time for time, length in kept), default=0.0)
    assert all(abs(length - scale * time) < 0.01 for time, length in kept)


def test_two_instants_take_the_whole_width() -> None:
    """Nothing would be left between breaks."""
    drawn = axis(2.0)
    assert drawn.breaks == ()
    assert (drawn.x(0), drawn.x(s(2.0))) == (LEFT, LEFT + WIDTH)


@given(TIMES)
def test_nothing_happens_in_a_break(times: list[int]) -> None:
    """No instant stands in a break, and no two breaks overlap."""
    drawn = Axis(times, LEFT, WIDTH)
    for idle in drawn.breaks:
        assert not any(idle.x0 < drawn.x(at) < idle.x1 for at in times)
    edges = [x for idle in drawn.breaks for x in (idle.x0, idle.x1)]
    assert edges == sorted(edges)


@given(TIMES)
def test_ticks_have_room(times: list[int]) -> None:
    """Labels do not touch, and each says a different time."""
    ticks = Axis(times, LEFT, WIDTH).ticks()
    assert ticks
    assert all(after.x - before.x >= 50 for before, after in pairwise(ticks))
    assert len({tick.label for tick in ticks}) == len(ticks)


@pytest.mark.parametrize("at", [-5, 0, 10**12])
def test_times_beyond_the_ends(at: int) -> None:
    """What lies beyond the axis is drawn at its end."""
    drawn = axis(0.5, 1.0)
    assert LEFT <= drawn.x(at) <= LEFT + WIDTH
