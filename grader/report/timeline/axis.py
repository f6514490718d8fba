"""The time axis of the timeline: in proportion where things happen, broken where nothing does.

Five starts within eight milliseconds and five ends one second later cannot both be seen on
one axis in proportion. The clock of a submission skips idle time, and so does the drawing: a
stretch in which nothing happens is drawn as a break of its own width that says how long it is.
Between breaks distances are in proportion to time, on the same scale everywhere.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.trace import Nanoseconds

_NS_PER_S = 10**9
_SHORTEST_BREAK: Nanoseconds = 10 * 10**6
_BREAKS_AT_MOST, _BREAKS_WANTED = 12, 6
"""More breaks than are wanted there are only where the longest pauses alone are so many."""
_CLEAR_STEP = 5.0
"""A gap is idle time rather than work when it is so many times longer than the next longest."""
_WORTH_IT = 2.5
"""Breaks must enlarge what happens between them at least so much."""
_BREAK_WIDTH, _BREAK_WIDTH_PER_DECADE = 56.0, 24.0
_BREAKS_SHARE = 0.55
_PADDING = 28.0
"""By how much a break is wider: what stands at its edges, such as a label, has room in it."""
_TICK_APART = 58.0
_TICKS_AT_MOST = 200
_FINEST_STEP: Nanoseconds = 1000
_ROUNDING = 0.01


@dataclass(frozen=True)
class Tick:
    """A place on the axis. ``label`` is its time in seconds, without the unit."""

    x: float
    label: str


@dataclass(frozen=True)
class Break:
    """A stretch of the axis, from ``x0`` to ``x1``, in which nothing happened."""

    x0: float
    x1: float
    length: Nanoseconds


class Axis:
    """Maps times to distances from the left edge, in user units of the drawing."""

    def __init__(self, times: Iterable[Nanoseconds], left: float, width: float) -> None:
        """
        Args:
            times: when something happens.
            left: where the axis begins.
            width: its length.
        """
        known = sorted({0, *times})
        idle = _idle_after(known)
        clusters = _clusters(known, idle)
        if len(clusters) == len(known):  # nothing takes time between the breaks
            clusters = [known]
        self._times: list[Nanoseconds] = []
        self._places: list[float] = []
        self.breaks: tuple[Break, ...] = ()
        self.left, self.end = left, left + width
        self._place(clusters, width)

    def _place(self, clusters: Sequence[Sequence[Nanoseconds]], width: float) -> None:
        pairs = list(pairwise(clusters))
        gaps = []
        for earlier, later in pairs:
            length = max(later[0] - earlier[-1], _SHORTEST_BREAK)
            decades = min(math.log10(length / _SHORTEST_BREAK), 4.0)
            gaps.append(_BREAK_WIDTH + _BREAK_WIDTH_PER_DECADE * decades)
        shrink = min(1.0, _BREAKS_SHARE * width / sum(gaps)) if gaps else 1.0
        room = width - shrink * sum(gaps) - _PADDING * len(gaps)
        busy = sum(cluster[-1] - cluster[0] for cluster in clusters)
        scale = room / busy if busy else 0.0
        x = self.left
        breaks: list[Break] = []
        for index, cluster in enumerate(clusters):
            if index:
                begin, x = x, x + shrink * gaps[index - 1] + _PADDING
                breaks.append(Break(begin, x, cluster[0] - clusters[index - 1][-1]))
            for before, at in zip([cluster[0], *cluster], cluster, strict=False):
                x += scale * (at - before)
                self._times.append(at)
                self._places.append(x)
        self.breaks = tuple(breaks)

    def x(self, at: Nanoseconds) -> float:
        """Where a time is: between its neighbours, in proportion."""
        index = bisect_right(self._times, at) - 1
        if index < 0:
            return self._places[0]
        if index + 1 >= len(self._times):
            return self._places[-1]
        begin, end = self._times[index], self._times[index + 1]
        share = (at - begin) / (end - begin)
        return self._places[index] + share * (self._places[index + 1] - self._places[index])

    def ticks(self) -> tuple[Tick, ...]:
        """Round times outside of the breaks, with room for a label each."""
        step = self._tick_step()
        decimals = max(0, min(6, math.ceil(-math.log10(step / _NS_PER_S))))
        chosen: list[Tick] = []
        for x0, x1, begin, end in self._stretches():
            at = -(-begin // step) * step
            candidates = range(at, end + 1, step) or range(begin, begin + 1)
            for moment in candidates:
                x = min(max(self.x(moment), x0), x1)
                if not chosen or x - chosen[-1].x >= _TICK_APART:
                    chosen.append(Tick(x, f"{moment / _NS_PER_S:.{decimals}f}"))
        return tuple(chosen)

    def _stretches(self) -> list[tuple[float, float, Nanoseconds, Nanoseconds]]:
        """What lies between the breaks: from where to where, and from when to when."""
        edges = [self.left, *(x for each in self.breaks for x in (each.x0, each.x1)), self.end]
        found: list[tuple[float, float, Nanoseconds, Nanoseconds]] = []
        for x0, x1 in zip(edges[::2], edges[1::2], strict=True):
            first = bisect_left(self._places, x0 - _ROUNDING)
            last = bisect_right(self._places, x1 + _ROUNDING) - 1
            found.append((x0, x1, self._times[first], self._times[last]))
        return found

    def _tick_step(self) -> Nanoseconds:
        """The shortest of 1, 2, 5, 10, ... that gives the stretches no more ticks than fit."""
        busy = sum(end - begin for _, _, begin, end in self._stretches())
        room = sum(x1 - x0 for x0, x1, _, _ in self._stretches())
        fitting = max(1.0, min(room / _TICK_APART, _TICKS_AT_MOST))
        least = max(busy / fitting, _FINEST_STEP) if busy else _SHORTEST_BREAK
        decade = 10 ** math.floor(math.log10(least))
        factor = next((each for each in (1, 2, 5) if each * decade >= least), 10)
        return int(factor * decade)


def _idle_after(times: Sequence[Nanoseconds]) -> set[Nanoseconds]:
    """The instants after which nothing happens for so long that the axis breaks."""
    pairs = pairwise(times)
    gaps = sorted(((after - before, before) for before, after in pairs), reverse=True)
    total = rest = sum(length for length, _ in gaps)
    chosen = 0
    for count, (length, _) in enumerate(gaps[:_BREAKS_AT_MOST], 1):
        rest -= length
        if length < _SHORTEST_BREAK:
            break
        following = gaps[count][0] if count < len(gaps) else 0
        if chosen and count > _BREAKS_WANTED:
            break
        if length >= _CLEAR_STEP * following and total >= _WORTH_IT * rest:
            chosen = count
    return {before for _, before in gaps[:chosen]}


def _clusters(
    times: Sequence[Nanoseconds], idle_after: set[Nanoseconds]
) -> list[list[Nanoseconds]]:
    """The instants between one break and the next."""
    clusters: list[list[Nanoseconds]] = [[]]
    for at in times:
        clusters[-1].append(at)
        if at in idle_after:
            clusters.append([])
    return clusters
