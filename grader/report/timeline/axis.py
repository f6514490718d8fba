"""Time from left to right: idle stretches are short, and what happens at once has room.

The submission's clock skips idle time, and so does the axis: between two events that follow each
other the distance grows with the logarithm of the time between them. A stretch in which nothing
happened for long is marked as a break.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from grader.trace import Nanoseconds

_LEAST, _PER_DECADE = 7.0, 20.0
_MILLISECOND = 10**6
_BREAK: Nanoseconds = 150 * _MILLISECOND
_STEPS_AT_MOST = 400
_TICK_EVERY = 64.0


@dataclass(frozen=True)
class Tick:
    """A place on the axis with its time."""

    x: float
    at: Nanoseconds


@dataclass(frozen=True)
class Break:
    """A stretch in the middle of which the axis is broken: nothing happened for ``length``."""

    x: float
    length: Nanoseconds


class Axis:
    """Maps times to distances from the left edge, in user units of the drawing."""

    def __init__(self, times: Iterable[Nanoseconds], left: float, width: float) -> None:
        """
        Args:
            times: when something happens; they get their own places.
            left: where time 0 is.
            width: the least distance from there to the last time.
        """
        known = sorted({0, *times})
        every = math.ceil(len(known) / _STEPS_AT_MOST)
        self._times = [*known[:-1:every], known[-1]] if len(known) > 1 else known
        places = [0.0]
        for before, after in zip(self._times, self._times[1:], strict=False):
            step = _LEAST + _PER_DECADE * math.log10(1 + (after - before) / _MILLISECOND)
            places.append(places[-1] + step)
        stretch = max(1.0, width / places[-1]) if places[-1] else 1.0
        self._places = [left + place * stretch for place in places]

    @property
    def end(self) -> float:
        return self._places[-1]

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

    def breaks(self) -> tuple[Break, ...]:
        pairs = zip(self._times, self._times[1:], strict=False)
        return tuple(
            Break((self.x(begin) + self.x(end)) / 2, end - begin)
            for begin, end in pairs
            if end - begin >= _BREAK
        )

    def ticks(self) -> tuple[Tick, ...]:
        """Times with room for a label each: the first after every break, and some between."""
        after_breaks = {
            end
            for begin, end in zip(self._times, self._times[1:], strict=False)
            if end - begin >= _BREAK
        }
        chosen: list[Tick] = []
        for at in self._times:
            x = self.x(at)
            if chosen and x - chosen[-1].x < _TICK_EVERY:
                if at in after_breaks and len(chosen) > 1:
                    chosen[-1] = Tick(x, at)
                continue
            chosen.append(Tick(x, at))
        return tuple(chosen)
