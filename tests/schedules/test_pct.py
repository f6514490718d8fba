"""The bound of probabilistic concurrency testing, measured.

A bug of depth d needs d things to come in one order. For n threads and k steps a random schedule of
that depth finds it with a probability of at least 1 / (n * k ** (d - 1)). The programs here are
counters of steps, so that nothing but the policy decides; the seeds are fixed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest

from grader.schedules import Candidate, Policy, Random, Schedule

SEEDS = range(1, 1501)
Step = tuple[int, int]
"""Of which thread, and the how manyth of it."""


def order_under(seed: int, depth: int, threads: int, each: int) -> list[Step]:
    """In which order so many threads make so many steps each."""
    policy = Policy(Schedule((Random(seed, depth, threads * each),)))
    done = [0] * threads
    order: list[Step] = []
    while len(order) < threads * each:
        ready = [Candidate(0, thread, 0) for thread in range(threads) if done[thread] < each]
        thread = policy.choose(ready).process
        order.append((thread, done[thread]))
        done[thread] += 1
    return order


def comes_first(order: Sequence[Step]) -> bool:
    """Depth 1: thread 1 begins before thread 0 has ended."""
    return order.index((1, 0)) < order.index((0, 3))


def lost_update(order: Sequence[Step]) -> bool:
    """Depth 2: thread 1 writes between the read and the write of thread 0."""
    return order.index((0, 1)) < order.index((1, 2)) < order.index((0, 2))


def lock_order(order: Sequence[Step]) -> bool:
    """Depth 2: each has taken its first lock before either takes its second."""
    return max(order.index((0, 0)), order.index((1, 0))) < min(
        order.index((0, 1)), order.index((1, 1))
    )


def there_and_back(order: Sequence[Step]) -> bool:
    """Depth 3: thread 1 acts between two steps of thread 0, which acts between two of thread 1."""
    return order.index((0, 0)) < order.index((1, 0)) < order.index((0, 2)) < order.index((1, 2))


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize(
    ("bug", "depth"), [(comes_first, 1), (lost_update, 2), (lock_order, 2), (there_and_back, 3)]
)
def test_the_share_found_is_at_least_the_bound(
    bug: Callable[[Sequence[Step]], bool], depth: int, threads: int
) -> None:
    """Of the seeds from 1 to 1500, each with the depth of the bug.

    The bound is one of probability, and the lost update meets it exactly: a sample may fall short
    of it by what chance allows, three standard errors.
    """
    each = 4
    found = sum(bug(order_under(seed, depth, threads, each)) for seed in SEEDS)
    bound = 1 / (threads * (threads * each) ** (depth - 1))
    error = math.sqrt(bound * (1 - bound) / len(SEEDS))
    assert found / len(SEEDS) >= bound - 3 * error


def test_depth_one_finds_no_lost_update() -> None:
    """Without a change point nobody is interrupted: that is what depth means."""
    assert not any(lost_update(order_under(seed, 1, 2, 4)) for seed in SEEDS)
