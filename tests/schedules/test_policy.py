"""Who goes next: the decisions of a schedule."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.schedules import Candidate, Policy, is_preempted, parse_schedule, preemption_counts

CANDIDATES = st.lists(
    st.builds(Candidate, st.integers(0, 3), st.integers(0, 4), st.integers(0, 2)),
    min_size=1,
    max_size=5,
    unique_by=lambda each: each.key,
)
NAMES = [
    "child-first",
    "parent-first",
    "ties-reversed",
    "late:worker-1+1s",
    "pause:main@3+1ms",
    "random:1",
    "random:7/1",
]


def held(*candidates: tuple[int, int, int]) -> list[Candidate]:
    """Threads that could be let go: ready since when, which process, which of its threads."""
    return [Candidate(*each) for each in candidates]


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("child-first", (5, 2, 0)),
        ("parent-first", (3, 0, 1)),
        ("late:worker-1+1s", (1, 1, 0)),
        ("ties-reversed", (1, 1, 1)),
    ],
)
def test_who_goes_first(name: str, chosen: tuple[int, int, int]) -> None:
    """The youngest, the oldest, or whoever is ready first; of a tie the first or the last."""
    candidates = held((5, 2, 0), (1, 1, 0), (3, 0, 1), (1, 1, 1))
    assert Policy(parse_schedule(name)).choose(candidates) == Candidate(*chosen)


@given(st.sampled_from(NAMES), st.lists(CANDIDATES, max_size=20))
def test_decisions_depend_on_nothing_else(name: str, questions: list[list[Candidate]]) -> None:
    """The same questions get the same answers, in whatever order the threads are told."""
    one, other = Policy(parse_schedule(name)), Policy(parse_schedule(name))
    for question in questions:
        chosen = one.choose(question)
        assert chosen in question
        assert other.choose(list(reversed(question))) == chosen


def runs_of(name: str, threads: int, steps: int) -> list[int]:
    """Who is let go when each of so many threads is ready for so many steps."""
    policy, left = Policy(parse_schedule(name)), dict.fromkeys(range(threads), steps)
    order = []
    while left:
        chosen = policy.choose([Candidate(0, process, 0) for process in left])
        order.append(chosen.process)
        left[chosen.process] -= 1
        left = {process: steps for process, steps in left.items() if steps}
    return order


def switches(order: list[int]) -> int:
    return sum(one != other for one, other in pairwise(order))


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 5))
def test_random_orders_of_depth_one_never_switch_without_need(
    seed: int, threads: int, steps: int
) -> None:
    """Depth 1 is a random order of priorities: each thread runs to its end."""
    assert switches(runs_of(f"random:{seed}/1@16", threads, steps)) == threads - 1


@given(st.integers(0, 10**6), st.integers(1, 4))
def test_random_orders_switch_at_most_once_a_change(seed: int, depth: int) -> None:
    """Depth d has d - 1 change points, each of which makes one thread give way."""
    order = runs_of(f"random:{seed}/{depth}@12", threads=2, steps=6)
    assert switches(order) <= 1 + depth - 1


@pytest.mark.parametrize("name", ["random:1/1@16", "random:2/1@16"])
def test_who_comes_to_a_change_point_goes_last(name: str) -> None:
    """Whoever is demoted gives way to all others from then on."""
    both = held((0, 0, 0), (0, 1, 0))
    policy = Policy(parse_schedule(name))
    first = policy.choose(both)
    policy.demote(first.process, first.thread)
    (other,) = (each for each in both if each != first)
    assert [policy.choose(both) for _ in range(10)] == [other] * 10


def test_where_opcodes_are_stopped_at() -> None:
    """A pause says it itself; a random order has none without opcodes; others never do."""
    assert preemption_counts(parse_schedule("pause:main@7+1ms,pause:worker-1@3+1ms")) == (3, 7)
    assert preemption_counts(parse_schedule("random:5/3@64")) == ()
    assert preemption_counts(parse_schedule("child-first")) == ()


@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 10**5))
def test_random_opcode_changes_are_places_that_there_are(
    seed: int, depth: int, opcodes: int
) -> None:
    """At most d - 1 of them, each from the first opcode to the last."""
    changes = preemption_counts(parse_schedule(f"random:{seed}/{depth}@64+{opcodes}"))
    assert 1 <= len(changes) <= depth - 1
    assert all(1 <= change <= opcodes for change in changes)


def test_seeds_in_a_row_leave_no_large_gap() -> None:
    """Twelve seeds of depth 2 come within a sixth of every place."""
    places = [preemption_counts(parse_schedule(f"random:{seed}/2@64+600"))[0] for seed in range(12)]
    edges = [0, *sorted(places), 600]
    assert max(after - before for before, after in pairwise(edges)) <= 100


def test_who_has_a_change() -> None:
    """Children under every random schedule, main under one of three; pauses name whom they mean."""
    random = [parse_schedule(f"random:{seed}/2@16+9") for seed in range(3)]
    assert [is_preempted(each, "worker-1", 4) for each in random] == [True] * 3
    assert [is_preempted(each, "main", 4) for each in random] == [True, False, False]
    pause = parse_schedule("pause:workers@4+1ms")
    assert is_preempted(pause, "worker-2", 4)
    assert not is_preempted(pause, "worker-2", 5)
    assert not is_preempted(pause, "main", 4)
