"""Which process goes next: the decisions of a schedule, without any process.

A run asks a `Policy` whenever all of its threads are held or blocked. The same schedule and the
same questions give the same answers.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from grader.trace import Nanoseconds, ProcessNumber
from grader.trace.schedule import Random, Schedule


@dataclass(frozen=True, order=True)
class Candidate:
    """A held thread that could be let go: which process, and which of its threads."""

    ready: Nanoseconds
    process: ProcessNumber
    thread: int

    @property
    def key(self) -> tuple[ProcessNumber, int]:
        """Which thread it is."""
        return self.process, self.thread


class Policy:
    """The decisions of one schedule in one run."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._pct = None if schedule.random is None else _Pct(schedule.random)

    def choose(self, candidates: Sequence[Candidate]) -> Candidate:
        """One of the candidates, of which there is at least one."""
        if self._pct is not None:
            return self._pct.choose(candidates)
        if self._schedule.has("child-first"):
            return max(candidates, key=lambda each: each.key)
        if self._schedule.has("parent-first"):
            return min(candidates, key=lambda each: each.key)
        first = min(each.ready for each in candidates)
        tied = [each for each in candidates if each.ready == first]
        choose = max if self._schedule.has("ties-reversed") else min
        return choose(tied, key=lambda each: each.key)

    def demote(self, process: ProcessNumber, thread: int) -> None:
        """The thread has come to a change point: all others go before it from now on."""
        if self._pct is not None:
            self._pct.demote((process, thread))


class _Pct:
    """Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte 2010).

    Every thread gets a random high priority at its first appearance; the highest goes. At
    ``depth`` - 1 random ones of the steps the one that would go gets a lower priority than
    all had. A bug of depth d is found by a random seed with a probability of at least
    1 / (n * k ** (d - 1)) for n threads and k steps.
    """

    def __init__(self, parameters: Random) -> None:
        self._random = random.Random(parameters.seed)
        steps = max(parameters.steps, parameters.depth)
        self._changes = set(self._random.sample(range(1, steps + 1), parameters.depth - 1))
        self._priorities: dict[tuple[ProcessNumber, int], float] = {}
        self._lowest = 0.0
        self._step = 0

    def choose(self, candidates: Sequence[Candidate]) -> Candidate:
        """The candidate of the highest priority. At a change point it is demoted at once."""
        self._step += 1
        for each in sorted(candidates, key=lambda each: each.key):
            if each.key not in self._priorities:
                self._priorities[each.key] = 1 + self._random.random()
        best = max(candidates, key=lambda each: (self._priorities[each.key], each.key))
        if self._step in self._changes:
            self.demote(best.key)
            best = max(candidates, key=lambda each: (self._priorities[each.key], each.key))
        return best

    def demote(self, key: tuple[ProcessNumber, int]) -> None:
        """Give a thread a lower priority than all others have."""
        self._lowest -= 1
        self._priorities[key] = self._lowest


_MAIN_EVERY = 3


def is_preempted(schedule: Schedule, who: str, count: int) -> bool:
    """Whether the process is preempted at its ``count``-th preemption point.

    Under a random schedule children are, and main only under one in three: where main is preempted
    each time, its children seldom run at the same time.
    """
    if schedule.random is not None:
        return who != "main" or schedule.random.seed % _MAIN_EVERY == 0
    return schedule.pause(who, count) > 0


_GOLDEN = (math.sqrt(5) - 1) / 2


def preemption_counts(schedule: Schedule) -> tuple[int, ...]:
    """The counts of preemption points at which a process pauses, or a random schedule changes
    priorities.

    Empty for all other schedules. The places of random seeds that follow each other are spread
    evenly (by the golden ratio), so that a few of them leave no large gap.
    """
    parameters = schedule.random
    if parameters is None or not parameters.opcodes:
        return tuple(sorted({pause.at for pause in schedule.pauses}))
    first = parameters.seed * (parameters.depth - 1)
    shares = ((first + index) * _GOLDEN % 1 for index in range(parameters.depth - 1))
    return tuple(sorted({1 + int(share * parameters.opcodes) for share in shares}))
