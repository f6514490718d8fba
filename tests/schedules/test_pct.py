"""The bound of probabilistic concurrency testing, measured.

A bug of depth d needs d things to come in one order. For n threads and k steps a random schedule of
that depth finds it with a probability of at least 1 / (n * k ** (d - 1)). The programs here are
counters of steps, so that nothing but the policy decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations, permutations, product
from types import SimpleNamespace

import pytest

from grader.schedules import Candidate, Policy, Random, Schedule, policy

SEEDS = range(1, 1501)
Step = tuple[int, int]
"""Of which thread, and the how manyth of it."""
Bug = Callable[[Sequence[Step]], bool]
"""Whether it shows in this order of steps."""


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


EACH = 4
BUGS = [(comes_first, 1), (lost_update, 2), (lock_order, 2), (there_and_back, 3)]


class Drawn:
    """In place of a generator: what was drawn is given."""

    def __init__(self, changes: Sequence[int], priorities: Sequence[float]) -> None:
        self._changes, self._priorities = changes, iter(priorities)

    def sample(self, steps: range, size: int) -> Sequence[int]:
        assert steps == range(1, max(steps) + 1)
        assert (len(self._changes), set(self._changes) <= set(steps)) == (size, True)
        return self._changes

    def random(self) -> float:
        return next(self._priorities)


def share_of_all_draws(
    monkeypatch: pytest.MonkeyPatch, bug: Bug, depth: int, threads: int
) -> Fraction:
    """The probability of finding it, exactly: the share of all that can be drawn, which is as
    likely as any other.
    """
    steps = range(1, threads * EACH + 1)
    draws = list(product(combinations(steps, depth - 1), permutations(range(threads))))
    found = 0
    for changes, ranks in draws:
        drawn = Drawn(changes, [rank / threads for rank in ranks])
        with monkeypatch.context() as patched:
            patched.setattr(policy, "random", SimpleNamespace(Random=lambda seed, it=drawn: it))
            found += bug(order_under(0, depth, threads, EACH))
    return Fraction(found, len(draws))


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize(("bug", "depth"), BUGS)
def test_the_share_found_is_at_least_the_bound(
    monkeypatch: pytest.MonkeyPatch, bug: Bug, depth: int, threads: int
) -> None:
    """Of everything that can be drawn, counted one by one: no chance is left in it."""
    bound = Fraction(1, threads * (threads * EACH) ** (depth - 1))
    assert share_of_all_draws(monkeypatch, bug, depth, threads) >= bound


def test_the_lost_update_meets_the_bound_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the bound cannot be made larger: a change right after the read, and who was ahead."""
    assert share_of_all_draws(monkeypatch, lost_update, 2, 2) == Fraction(1, 16)


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize(("bug", "depth"), BUGS)
def test_seeds_find_as_many_as_they_should(
    monkeypatch: pytest.MonkeyPatch, bug: Bug, depth: int, threads: int
) -> None:
    """The seeds from 1 to 1500 find neither more nor fewer than all draws together, but for what
    chance allows: three standard errors.
    """
    share = float(share_of_all_draws(monkeypatch, bug, depth, threads))
    found = sum(bug(order_under(seed, depth, threads, EACH)) for seed in SEEDS)
    error = math.sqrt(share * (1 - share) / len(SEEDS))
    assert found / len(SEEDS) == pytest.approx(share, abs=3 * error)


def test_depth_one_finds_no_lost_update() -> None:
    """Without a change point nobody is interrupted: that is what depth means."""
    assert not any(lost_update(order_under(seed, 1, 2, 4)) for seed in SEEDS)
