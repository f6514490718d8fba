"""Which orders are tried, and in which order: from what the natural run says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.schedules import Schedule, choose_schedules, meeting_places, parse_schedule
from grader.trace import MAIN, PreemptionPoint, StartedThread, Trace, WorkStep
from tests.building import Story, s

TOLERANCE = s(0.2)


def natural(children: int, *, sleeps: bool = False, main_sleeps: bool = False) -> Trace:
    """A natural run of so many children, and who of them slept."""
    story = Story()
    for number in range(children):
        child = story.start(at=s(0.01 * (number + 1)))
        if sleeps:
            story.sleeps(child, at=s(0.2), until=s(0.7))
        story.ends(child, at=s(1))
    if main_sleeps:
        story.sleeps(MAIN, at=s(0.2), until=s(0.7))
    story.ends(MAIN, at=s(1.1))
    return story.trace()


def chosen(trace: Trace, how_many: int = 12, **how: int) -> list[str]:
    return [
        str(each)
        for each in choose_schedules(trace, how_many, how.pop("tolerance", TOLERANCE), **how)
    ]


def test_a_script_that_starts_nobody_has_one_order() -> None:
    """There is nobody who could come too early or too late."""
    assert chosen(natural(0)) == []


def test_directed_ones_come_first() -> None:
    """Slow, first and late: the last child and the first one, and main where it sleeps."""
    assert chosen(natural(3, sleeps=True, main_sleeps=True), 9) == [
        "slow:worker-3x4",
        "slow:worker-1x4",
        "child-first",
        "parent-first",
        "late:worker-3+200ms",
        "late:worker-1+200ms",
        "late:main+200ms",
        "late:worker-3+4s",
        "late:worker-1+4s",
    ]


def test_each_child_is_slow_once_and_very_late_once() -> None:
    """In which order they were started says nothing: also those between the first and the last,
    in turn with what shows other races.
    """
    names = chosen(natural(4, sleeps=True), 30)
    assert sorted(name for name in names if name.startswith("slow:")) == [
        f"slow:worker-{number}x4" for number in (1, 2, 3, 4)
    ]
    assert [name for name in names if name.endswith("+4s")] == [
        f"late:worker-{number}+4s" for number in (4, 1, 2, 3)
    ]
    assert names[8:13] == [
        *("ties-reversed", "late:worker-2+4s", "random:1/2@16"),
        *("late:worker-3+4s", "random:2/3@16"),
    ]


def test_who_is_started_at_a_line_of_his_own_comes_before_those_of_a_loop() -> None:
    """He is the first and the last of his line, and nobody stands for him."""
    story = Story()
    for number, line in enumerate([3, 3, 3, 5, 6], 1):
        story.start(at=s(0.01 * number), line=line)
    names = chosen(story.trace(), 20)
    very_late = [name for name in names if name.endswith("+4s")]
    assert very_late == [f"late:worker-{number}+4s" for number in (5, 1, 4, 3, 2)]
    assert names.index("late:worker-3+4s") < names.index("ties-reversed")


def test_who_neither_sleeps_nor_computes_is_not_slow() -> None:
    """Nothing would change."""
    story = Story()
    idle, sleeper = story.start(at=s(0.01)), story.start(at=s(0.02))
    story.sleeps(sleeper, at=s(0.1), until=s(0.2))
    story.ends(idle, at=s(1))
    names = chosen(story.trace(), 20)
    assert [name for name in names if name.startswith("slow:")] == ["slow:worker-2x4"]


def test_one_child_is_not_asked_twice() -> None:
    """The last child is the first one."""
    assert chosen(natural(1), 4) == [
        "child-first",
        "parent-first",
        "late:worker-1+200ms",
        "late:worker-1+4s",
    ]


def test_who_is_ended_by_a_signal_takes_its_time_to_be_gone() -> None:
    """The last one that another process ends: one that ends by itself is late in other orders."""
    story = Story()
    first, second = story.start(at=s(0.01)), story.start(at=s(0.02))
    story.signals(MAIN, first, at=s(0.1))
    story.ends(first, at=s(0.11), signal=15, sender=MAIN)
    story.ends(second, at=s(1))
    assert chosen(story.trace(), 8)[-2:] == [
        "late-end:worker-1+200ms",
        "late-end:worker-1+4s",
    ]


def test_a_timeout_is_outlasted() -> None:
    """The child that is waited for with the longest time-out comes twenty times as late."""
    story = Story()
    first, second = story.start(at=s(0.01)), story.start(at=s(0.02))
    story.gives_up_waiting(MAIN, first, began=s(0.1), at=s(60.1))
    story.gives_up_waiting(MAIN, second, began=s(60.1), at=s(65.1))
    assert chosen(story.trace(), 7)[-3:] == [
        *("late:worker-2+4s", "late:worker-1+4s", "late:worker-1+1200s")
    ]


def test_a_timeout_of_another_wait_is_outlasted_by_all() -> None:
    """Who waits for a message with a time-out may wait for that of any child. Not so beside
    programs of the exercise, which would not wait so long themselves.
    """
    trace = replace(natural(2), longest_timeout=s(60))
    assert chosen(trace, 7)[5:] == ["late:worker-1+4s", "late:workers+1200s"]
    story = Story()
    story.peer(at=s(0))
    story.start(at=s(0.01))
    assert "late:workers+1200s" not in chosen(replace(story.trace(), longest_timeout=s(60)))


@pytest.mark.parametrize("timeout", [0.2, 10**6])
def test_a_timeout_that_is_short_or_longer_than_a_day_is_not(timeout: float) -> None:
    """The usual delays outlast the one, and nobody lives to see the other."""
    story = Story()
    child = story.start(at=s(0.01))
    story.gives_up_waiting(MAIN, child, began=s(0.1), at=s(0.1) + s(timeout))
    assert chosen(story.trace(), 5)[-2:] == ["late:worker-1+4s", "ties-reversed"]


def test_who_only_computes_can_be_slow_as_well() -> None:
    """Work that was measured is stretched like a sleep."""
    trace = replace(natural(1), work=(WorkStep(1, 0, 1, s(0.05)),))
    assert chosen(trace, 1) == ["slow:worker-1x4"]


def test_who_works_and_sleeps_in_another_order_counts_as_well() -> None:
    """Where processes race, the natural run may have come to an end before."""
    cut, whole = natural(1), natural(3, sleeps=True, main_sleeps=True)
    one, other = (
        choose_schedules(first, 12, TOLERANCE, besides=(second,))
        for first, second in ((cut, whole), (whole, cut))
    )
    assert one == other == choose_schedules(whole, 12, TOLERANCE)


def test_nobody_is_late_where_nothing_may_be() -> None:
    """Without a tolerance there are no delays and no pauses, only orders."""
    assert chosen(natural(2), 4, tolerance=0) == [
        "child-first",
        "parent-first",
        "random:1/2@16",
        "random:2/3@16",
    ]


PREEMPTION_POINTS = (
    PreemptionPoint("worker-1", "call", 5, 1, 1),
    PreemptionPoint("worker-1", "call", 7, 4, 9),
    PreemptionPoint("worker-1", "store", 6, 3, 8),
    PreemptionPoint("worker-2", "store", 6, 3, 6),
    PreemptionPoint("main", "call", 20, 2, 12),
)


def test_pauses_where_processes_can_meet() -> None:
    """Everybody at his first visit of a place, one at its last, stores before calls, main at the
    end; never before the very first deed.
    """
    trace = replace(natural(2), preemption_points=PREEMPTION_POINTS, opcodes=9)
    pauses = [name for name in chosen(trace, 30) if name.startswith("pause:")]
    assert pauses == [
        "pause:workers@3+200ms",
        "pause:worker-1@8+200ms",
        "pause:workers@4+200ms",
        "pause:worker-1@9+200ms",
        "pause:main@12+200ms",
    ]


def test_random_ones_come_between_the_pauses() -> None:
    """After two pauses a random order, and random ones only when the pauses are used up."""
    trace = replace(natural(2), preemption_points=PREEMPTION_POINTS, opcodes=9)
    kinds = [name.partition(":")[0] for name in chosen(trace, 15)[6:]]
    assert kinds == [
        *("pause", "pause", "random"),
        *("pause", "pause", "random"),
        *("pause", "ties-reversed", "random"),
    ]


def test_random_ones_know_how_long_the_run_is() -> None:
    """Their change points are within the steps of the run, rounded up to a power of two, and within
    its opcodes; depth changes from seed to seed.
    """
    trace = replace(natural(1), steps=40, opcodes=9)
    randoms = [name for name in chosen(trace, 9) if name.startswith("random:")]
    assert randoms == ["random:1/2@64+9", "random:2/3@64+9", "random:3/2@64+9", "random:4/2@64+9"]


def test_another_seed() -> None:
    """It changes the random ones and nothing else."""
    trace = replace(natural(1), steps=40)
    one, other = chosen(trace, 8), chosen(trace, 8, seed=100)
    assert one[:5] == other[:5]
    assert one[5:] == ["random:1/2@64", "random:2/3@64", "random:3/1@64"]
    assert other[5:] == ["random:101/3@64", "random:102/1@64", "random:103/2@64"]


def test_what_can_tell_nothing_is_left_out() -> None:
    """Its place goes to the next one."""
    trace = natural(2)
    choice = choose_schedules(
        trace, 2, TOLERANCE, useful=lambda schedule: not schedule.has("child-first")
    )
    assert list(map(str, choice)) == ["parent-first", "late:worker-2+200ms"]


@pytest.mark.parametrize("how_many", [0, 1, 7, 40])
def test_as_many_as_wanted(how_many: int) -> None:
    """There is always one more random order."""
    assert len(chosen(natural(2), how_many)) == how_many


@given(
    st.integers(1, 6), st.booleans(), st.booleans(), st.integers(0, 3 * 10**9), st.integers(0, 500)
)
def test_a_longer_choice_begins_like_a_shorter_one(
    children: int, sleeps: bool, main_sleeps: bool, tolerance: int, steps: int
) -> None:
    """All have different names, each of which rebuilds its order; asking for more changes none."""
    trace = replace(natural(children, sleeps=sleeps, main_sleeps=main_sleeps), steps=steps)
    choice: tuple[Schedule, ...] = choose_schedules(trace, 20, tolerance)
    assert choose_schedules(trace, 9, tolerance) == choice[:9]
    assert len(set(choice)) == len(choice)
    assert tuple(parse_schedule(str(each)) for each in choice) == choice


@pytest.mark.parametrize(("awaited", "first"), [(False, "pause:workers@9+200ms"), (True, None)])
def test_a_child_is_held_up_before_its_end_where_nobody_waits_for_it(
    awaited: bool, first: str | None
) -> None:
    """What it wrote last may be taken for its end."""
    story = Story()
    child = story.start(at=s(0.01))
    story.ends(child, at=s(0.5))
    if awaited:
        story.waits(MAIN, child, at=s(0.5), began=s(0.1))
    story.ends(MAIN, at=s(1))
    places = [("store", 3, 8), ("end", 0, 9)]
    points = tuple(PreemptionPoint("worker-1", kind, line, at, at) for kind, line, at in places)
    counted = replace(story.trace(), opcodes=9, preemption_points=points)
    pauses = [each for each in chosen(counted) if each.startswith("pause:")]
    assert pauses == [*([first] if first else []), "pause:worker-1@8+200ms"]


THREADS = tuple(
    StartedThread(MAIN, number, number, f"Thread-{number} (work)", has_slept=number == 2)
    for number in (1, 2, 3)
)


def test_threads_are_late_and_slow_as_processes_are() -> None:
    """Also in a single process. Of those that neither sleep nor compute none is slow."""
    trace = replace(natural(0), threads=THREADS)
    names = chosen(trace, 12)
    assert names[:6] == [
        *("child-first", "parent-first"),
        *("late:thread-3+200ms", "late:thread-1+200ms"),
        *("late:thread-3+4s", "late:thread-1+4s"),
    ]
    assert {"late:thread-2+4s", "slow:thread-2x4"} < set(names)


def test_a_thread_that_computes_can_be_slow() -> None:
    """Its work was measured by its number among all threads of its process."""
    thread = StartedThread(MAIN, 1, 4)
    trace = replace(natural(0), threads=(thread,), work=(WorkStep(MAIN, 4, 1, s(0.05)),))
    assert chosen(trace, 1) == ["slow:thread-1x4"]


def test_pauses_where_threads_can_meet() -> None:
    """All at their first visit of a place, one at its last."""
    points = (
        PreemptionPoint("thread-1", "store", 6, 2, 8),
        PreemptionPoint("thread-2", "store", 6, 2, 6),
    )
    trace = replace(natural(0), threads=THREADS, preemption_points=points, opcodes=8)
    pauses = [name for name in chosen(trace, 20) if name.startswith("pause:")]
    assert pauses == ["pause:threads@2+200ms", "pause:thread-1@8+200ms"]


def signalling(*lines: int) -> Trace:
    """Threads that call something in these lines, one after the other."""
    points = tuple(
        PreemptionPoint("thread-1", "call", line, count, count)
        for count, line in enumerate(lines, 1)
    )
    return replace(natural(0), threads=THREADS, preemption_points=points, opcodes=len(lines))


def test_what_follows_a_signal_comes_before_other_pauses() -> None:
    """Who has let others go on, and is held up then, is overtaken. The place was counted under
    child-first, and under child-first it is reached.
    """
    choice = choose_schedules(signalling(4, 5, 6), 20, TOLERANCE, signals={5})
    names = [str(each) for each in choice]
    held_up = names.index("pause:thread-1@3+200ms,child-first")
    assert held_up < names.index("late:thread-2+4s") < names.index("pause:thread-1@2+200ms")


def test_what_follows_a_with_comes_before_other_pauses() -> None:
    """Its end is a call in its line."""
    trace = signalling(4, 5, 4, 6)
    begin = PreemptionPoint("thread-1", "with", 4, 1, 1)
    names = chosen(replace(trace, preemption_points=(begin, *trace.preemption_points[1:])))
    assert names.index("pause:thread-1@4+200ms,child-first") < names.index("late:thread-2+4s")


def started_by_main(*, peer: bool = False) -> Trace:
    """Main starts a child in line 3 and waits for it in line 5."""
    story = Story()
    if peer:
        story.peer(at=s(0))
    child = story.start(at=s(0.01), line=3)
    story.ends(child, at=s(1))
    story.waits(MAIN, child, at=s(1), began=s(0.1), line=5)
    counts = enumerate((2, 3, 4, 5, 6), 2)
    points = tuple(PreemptionPoint("main", "call", line, at, at) for at, line in counts)
    return replace(story.trace(), preemption_points=points, opcodes=6)


@pytest.mark.parametrize(("peer", "held_up"), [(False, [4, 5]), (True, [2, 3, 4, 5, 6])])
def test_main_is_not_held_up_where_it_is_alone(peer: bool, held_up: list[int]) -> None:
    """Before it starts somebody, and after the last has ended, a pause changes no order. The
    programs of an exercise are always there.
    """
    pauses = [name for name in chosen(started_by_main(peer=peer), 20) if "pause" in name]
    assert pauses == [f"pause:main@{at}+200ms" for at in held_up]


def test_places_are_the_starts_and_where_somebody_can_be_held_up() -> None:
    """One that all come to is tried by any schedule that holds somebody up there."""
    trace = replace(natural(2), preemption_points=PREEMPTION_POINTS, opcodes=9)
    places = meeting_places(trace, TOLERANCE)
    assert [(each.who, each.kind) for each in places] == [
        *(("worker-1", "store"), ("worker-1", "call"), ("main", "call")),
        *(("worker-1", "start"), ("worker-2", "start")),
    ]

    def tried_by(*names: str) -> list[bool]:
        tried = [parse_schedule(name) for name in names]
        return [each.is_tried_by(tried) for each in places]

    assert tried_by("pause:workers@3+200ms", "late:worker-2+4s") == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert tried_by("pause:worker-1@9+200ms", "child-first") == [False, True, False, False, False]


def test_without_a_tolerance_there_are_no_places() -> None:
    """Nobody may be held up."""
    assert meeting_places(natural(2), 0) == ()
