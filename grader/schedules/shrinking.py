"""Makes a schedule that breaks a submission as small as it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from grader.schedules.schedule import Late, Plain, Random, Schedule, Slow
from grader.trace import Nanoseconds

_SIMPLE = (Schedule((Plain("child-first"),)), Schedule((Plain("parent-first"),)))
_SMALLEST_DELAY: Nanoseconds = 1_000_000


def shrink(schedule: Schedule, breaks: Callable[[Schedule], bool], tries: int = 8) -> Schedule:
    """A schedule that breaks as well and is told in fewer or smaller words.

    Args:
        schedule: one that breaks.
        breaks: runs a schedule and says whether it breaks in the same way.
        tries: how often that may be asked.
    """
    smallest = schedule
    asked = 0
    progress = True
    while progress and asked < tries:
        progress = False
        for candidate in _smaller(smallest):
            if asked >= tries:
                break
            asked += 1
            if breaks(candidate):
                smallest, progress = candidate, True
                break
    return smallest


def _smaller(schedule: Schedule) -> Iterator[Schedule]:
    """Simpler ones, the simplest first."""
    if schedule.random is not None:
        yield from _SIMPLE
    if len(schedule.parts) > 1:
        for index in range(len(schedule.parts)):
            yield Schedule(schedule.parts[:index] + schedule.parts[index + 1 :])
    for index, part in enumerate(schedule.parts):
        for smaller in _smaller_part(part):
            yield Schedule((*schedule.parts[:index], smaller, *schedule.parts[index + 1 :]))


def _smaller_part(part: object) -> Iterator[Late | Slow | Random]:
    if isinstance(part, Random):
        if part.opcodes:
            yield replace(part, opcodes=0)
        if part.depth > 1:
            yield replace(part, depth=part.depth - 1)
    elif isinstance(part, Late) and part.by // 2 >= _SMALLEST_DELAY:
        yield replace(part, by=part.by // 2 // 10**6 * 10**6)
    elif isinstance(part, Slow) and part.times > 2:
        yield replace(part, times=2)
