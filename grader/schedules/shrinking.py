"""Makes a schedule that breaks a submission as small as it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from grader.trace import Nanoseconds, Trace
from grader.trace.questions import labelled_threads, labels
from grader.trace.schedule import Late, LateEnd, Pause, Plain, Random, Schedule, Slow

_SIMPLE = (Schedule((Plain("child-first"),)), Schedule((Plain("parent-first"),)))
_MOST_PAUSES = 4
_SMALLEST_DELAY: Nanoseconds = 1_000_000


def as_pauses(trace: Trace, delay: Nanoseconds) -> tuple[Schedule, ...]:
    """The preemptions of a run, as schedules that only hold one process up at that place."""
    known = {*labels(trace).values(), *labelled_threads(trace)}
    preemptions = [each for each in trace.preemptions if each.who in known][:_MOST_PAUSES]
    return tuple(
        Schedule((pause,))
        for pause in dict.fromkeys(Pause(each.who, each.count, delay) for each in preemptions)
        if delay
    )


def shrink(
    schedule: Schedule,
    breaks: Callable[[Schedule], bool],
    tries: int = 8,
    simpler: Sequence[Schedule] = (),
) -> Schedule:
    """A schedule that breaks as well and is simpler to describe.

    Args:
        schedule: one that breaks.
        breaks: runs a schedule and says whether it breaks in the same way.
        tries: how often that may be asked; nothing is asked twice.
        simpler: what may be asked first in place of a random one.
    """
    smallest = schedule
    asked = {schedule}
    while len(asked) <= tries:
        new = (each for each in _smaller(smallest, simpler) if each not in asked)
        candidate = next(new, None)
        if candidate is None:
            break
        asked.add(candidate)
        if breaks(candidate):
            smallest = candidate
    return smallest


def _smaller(schedule: Schedule, simpler: Sequence[Schedule] = ()) -> Iterator[Schedule]:
    """Simpler ones, the simplest first."""
    if schedule.random is not None:
        yield from simpler
        yield from _SIMPLE
    if len(schedule.parts) > 1:
        for index in range(len(schedule.parts)):
            yield Schedule(schedule.parts[:index] + schedule.parts[index + 1 :])
    for index, part in enumerate(schedule.parts):
        for smaller in _smaller_part(part):
            yield Schedule((*schedule.parts[:index], smaller, *schedule.parts[index + 1 :]))


def _smaller_part(part: object) -> Iterator[Late | LateEnd | Pause | Slow | Random]:
    if isinstance(part, Random):
        if part.opcodes:
            yield replace(part, opcodes=0)
        if part.depth > 1:
            yield replace(part, depth=part.depth - 1)
    elif isinstance(part, (Late, LateEnd, Pause)) and part.by // 2 >= _SMALLEST_DELAY:
        yield replace(part, by=part.by // 2 // 10**6 * 10**6)
    elif isinstance(part, Slow) and part.times > 2:
        yield replace(part, times=2)
