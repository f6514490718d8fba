"""A schedule that breaks a submission, made as small as it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.schedules import Schedule, as_pauses, parse_schedule, shrink
from grader.trace import MAIN, Preemption
from tests.building import Story, s

MS = 10**6


def smallest(name: str, breaks: Callable[[Schedule], bool], tries: int = 8, *simpler: str) -> str:
    found = shrink(parse_schedule(name), breaks, tries, tuple(map(parse_schedule, simpler)))
    return str(found)


def test_parts_are_dropped_while_it_still_breaks() -> None:
    """Only the delay that matters is left."""
    name = "late:worker-1+200ms,late:worker-2+200ms,child-first"
    assert smallest(name, lambda each: each.lateness("worker-2") == 200 * MS) == (
        "late:worker-2+200ms"
    )


def test_two_that_break_only_together_both_stay() -> None:
    """What is needed is not dropped."""

    def breaks(schedule: Schedule) -> bool:
        return schedule.lateness("worker-1") >= 200 * MS and schedule.has("child-first")

    name = "late:worker-1+200ms,child-first"
    assert smallest(name, breaks) == name


@pytest.mark.parametrize(
    ("name", "least", "small"),
    [
        ("late:worker-1+200ms", 40 * MS, "late:worker-1+50ms"),
        ("pause:main@3+200ms", 90 * MS, "pause:main@3+100ms"),
        ("late:worker-1+200ms", 0, "late:worker-1+1ms"),
    ],
)
def test_delays_are_halved(name: str, least: int, small: str) -> None:
    """As long as it still breaks, and down to a thousandth of a second."""
    assert smallest(name, lambda each: each.injected >= least, 20) == small


def test_twice_as_slow_is_told_more_easily() -> None:
    """Where four times is not needed."""
    assert smallest("slow:worker-1x4", lambda each: each.stretches) == "slow:worker-1x2"
    assert smallest("slow:worker-1x4", lambda each: each.slowness("worker-1") > 3) == (
        "slow:worker-1x4"
    )


def test_a_random_order_becomes_one_that_can_be_told() -> None:
    """A pause where it gave way is asked for first, then who goes first, then less of it."""
    name, pause = "random:3/3@64+20", "pause:worker-1@5+200ms"
    assert smallest(name, lambda each: bool(each.pauses), 1, pause) == pause
    assert smallest(name, lambda each: each.has("child-first"), 8, pause) == "child-first"
    assert smallest(name, lambda each: each.random is not None) == "random:3/1@64"


def test_what_cannot_be_made_smaller_stays() -> None:
    """A plain order is as small as can be, and nothing is run for it."""
    asked: list[Schedule] = []
    assert smallest("child-first", lambda each: bool(asked.append(each))) == "child-first"
    assert asked == []


@given(
    st.lists(
        st.sampled_from(
            ["late:worker-1+200ms", "late:main+1s", "slow:worker-2x8", "pause:main@2+1ms"]
        ),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    st.sets(st.integers(0, 60)),
    st.integers(0, 12),
)
def test_the_smallest_one_breaks_and_little_is_run_for_it(
    parts: list[str], breaking: set[int], tries: int
) -> None:
    """What comes out was run and broke, or is what came in; no more runs than allowed are made."""
    asked: list[tuple[Schedule, bool]] = []

    def breaks(schedule: Schedule) -> bool:
        asked.append((schedule, len(asked) in breaking))
        return asked[-1][1]

    schedule = parse_schedule(",".join(parts))
    found = shrink(schedule, breaks, tries)
    assert len(asked) <= tries
    assert found == schedule or (found, True) in asked


def test_where_processes_gave_way() -> None:
    """Each change within the student's code becomes a pause there, as long as is tolerated."""
    story = Story()
    child = story.start(at=s(0.01))
    other = story.start(at=s(0.02))
    changes = (
        Preemption(s(0.03), other, "worker-2", 7),
        Preemption(s(0.04), MAIN, "main", 12),
        Preemption(s(0.05), other, "worker-2", 7),
        Preemption(s(0.06), child, "worker-1", 9),
    )
    trace = replace(story.trace(), preemptions=changes)
    assert list(map(str, as_pauses(trace, 200 * MS))) == [
        "pause:worker-2@7+200ms",
        "pause:main@12+200ms",
        "pause:worker-1@9+200ms",
    ]
    assert as_pauses(trace, 0) == ()
