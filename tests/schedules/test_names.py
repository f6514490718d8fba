"""Names of event orders: what they say, and that they are enough to rebuild one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.schedules import (
    NATURAL,
    Late,
    LateEnd,
    Pause,
    Plain,
    Random,
    Schedule,
    ScheduleError,
    Slow,
    parse_schedule,
)

MS = 10**6
WHO = st.sampled_from(
    [
        "main",
        "workers",
        "worker-1",
        "worker-2",
        "worker-17",
        "threads",
        "thread-3",
        "worker-2/thread-1",
    ]
)
SPANS = st.integers(0, 10**13)
COUNTS = st.integers(0, 10**6)
DIRECTED = st.one_of(
    st.sampled_from(["child-first", "parent-first", "ties-reversed"]).map(Plain),
    st.builds(Late, WHO, SPANS),
    st.builds(LateEnd, WHO, SPANS),
    st.builds(Pause, WHO, COUNTS, SPANS),
    st.builds(Slow, WHO, COUNTS),
    st.builds(Random, COUNTS, st.integers(1, 9), COUNTS.map(lambda n: n + 1), COUNTS),
)
SCHEDULES = st.lists(DIRECTED, min_size=1, max_size=4).map(lambda parts: Schedule(tuple(parts)))


@given(SCHEDULES)
def test_every_schedule_is_rebuilt_from_its_name(schedule: Schedule) -> None:
    """Printed and parsed it is the same, whatever it is made of."""
    assert parse_schedule(str(schedule)) == schedule


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("natural", NATURAL),
        ("child-first", Schedule((Plain("child-first"),))),
        ("late:worker-2+200ms", Schedule((Late("worker-2", 200 * MS),))),
        ("late:main+1s", Schedule((Late("main", 1000 * MS),))),
        ("late-end:worker-2+200ms", Schedule((LateEnd("worker-2", 200 * MS),))),
        ("slow:worker-1x4", Schedule((Slow("worker-1", 4),))),
        ("pause:workers@3+1ms", Schedule((Pause("workers", 3, MS),))),
        ("slow:worker-2/thread-1x4", Schedule((Slow("worker-2/thread-1", 4),))),
        ("random:17/3@64", Schedule((Random(17, 3, 64),))),
        ("random:17/3@64+20", Schedule((Random(17, 3, 64, 20),))),
        (
            "late:worker-1+50us,child-first",
            Schedule((Late("worker-1", 50_000), Plain("child-first"))),
        ),
    ],
)
def test_names(name: str, schedule: Schedule) -> None:
    """A name says the order in words, in its shortest form."""
    assert str(schedule) == name
    assert parse_schedule(name) == schedule


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("random:17", Schedule((Random(17),))),
        (" child-first , late:main+1s ", Schedule((Plain("child-first"), Late("main", 10**9)))),
        ("late:main+1000ms", Schedule((Late("main", 10**9),))),
    ],
)
def test_what_may_be_written_otherwise(name: str, schedule: Schedule) -> None:
    """Defaults may be left out, spaces put in, and a span said in any unit."""
    assert parse_schedule(name) == schedule


@pytest.mark.parametrize(
    "name",
    [
        "",
        "sideways",
        "late:worker-1",
        "late:+1s",
        "slow:main",
        "slow:mainx",
        "random:",
        "pause:p@1",
    ],
)
def test_what_names_no_schedule(name: str) -> None:
    """It is quoted, and all that could be meant is listed."""
    with pytest.raises(ScheduleError) as error:
        parse_schedule(name)
    assert str(error.value) == (
        f"{name!r} is no schedule. Schedules are: natural, child-first, parent-first, "
        "ties-reversed, late:WHO+200ms, late-end:WHO+200ms, slow:WHOx4, pause:WHO@5+200ms, "
        "random:SEED; WHO is main, workers, worker-1, worker-2, ..., threads, thread-1, "
        "worker-1/thread-1, ..."
    )


def test_natural_stands_alone() -> None:
    """As the machine runs it, and otherwise: that is a contradiction."""
    with pytest.raises(ScheduleError, match="'natural' stands alone"):
        parse_schedule("natural,child-first")


def test_who_is_meant() -> None:
    """`workers` are all but main; a process that is named twice is late, or slow, by both."""
    schedule = parse_schedule("late:workers+1ms,late:worker-2+2ms,slow:workersx2,slow:worker-2x3")
    assert [schedule.lateness(who) for who in ("main", "worker-1", "worker-2")] == [0, MS, 3 * MS]
    assert [schedule.slowness(who) for who in ("main", "worker-1", "worker-2")] == [1, 2, 6]


def test_pauses_are_at_one_place() -> None:
    """A process is held up before the opcode with that number, and before no other."""
    schedule = parse_schedule("pause:worker-1@5+2ms")
    assert schedule.pause("worker-1", 5) == 2 * MS
    assert schedule.pause("worker-1", 4) == schedule.pause("worker-2", 5) == 0


def test_how_much_an_order_asks_for() -> None:
    """Delays add up; making something slower is another thing."""
    schedule = parse_schedule("late:worker-1+1ms,pause:main@3+2ms,child-first")
    assert (schedule.injected, schedule.stretches) == (3 * MS, False)
    assert parse_schedule("slow:mainx2").stretches


@pytest.mark.parametrize(
    ("who", "meant"),
    [
        ("main", ["main"]),
        ("workers", ["worker-1", "worker-2"]),
        ("worker-1", ["worker-1"]),
        ("threads", ["thread-1", "worker-1/thread-1"]),
        ("thread-1", ["thread-1"]),
    ],
)
def test_whom_a_name_means(who: str, meant: list[str]) -> None:
    """A process is not its threads, nor the other way round."""
    everybody = ["main", "thread-1", "worker-1", "worker-1/thread-1", "worker-2"]
    schedule = parse_schedule(f"late:{who}+1s")
    assert [label for label in everybody if schedule.lateness(label)] == meant
