"""When something happens, and where only the same happens again and again.

A loop that sleeps a tenth of a second and looks again makes six hundred instants in a minute.
They are no news: the axis would spend all of its length on them, and what went wrong within the
first hundredth of a second would be a sliver at its left end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from grader.trace import (
    AskedForInput,
    Began,
    BlockedInterval,
    Connected,
    Ended,
    Event,
    Listened,
    Nanoseconds,
    Printed,
    ProcessNumber,
    Signalled,
    Slept,
    Started,
    Trace,
    Typed,
    WaitBegan,
    WaitedFor,
    WaitTimedOut,
)

_PAUSES = (Slept, BlockedInterval, WaitBegan, WaitTimedOut)
"""What a process does while it waits for something to happen."""
_NEWS = (
    Started,
    Began,
    Ended,
    Printed,
    Signalled,
    WaitedFor,
    Typed,
    AskedForInput,
    Listened,
    Connected,
)
_AGAIN_AND_AGAIN = 12
"""So many pauses of one process in a row, with no news between, are always the same one."""


@dataclass(frozen=True)
class Repetition:
    """Pauses of one process, with no event of another between them.

    ``places`` are those of the events in the trace; ``begin`` and ``end`` are when the first
    begins and when the last is over.
    """

    process: ProcessNumber
    places: tuple[int, ...]
    begin: Nanoseconds
    end: Nanoseconds


def repetitions(trace: Trace) -> tuple[Repetition, ...]:
    """In the order of the events."""
    return tuple(_repetitions(trace))


def _repetitions(trace: Trace) -> Iterator[Repetition]:
    stopped = {each.number for each in trace.processes if each.killed_by_grader}
    pauses: dict[ProcessNumber, list[int]] = {}
    for place, event in enumerate(trace.events):
        if isinstance(event, WaitTimedOut) and event.by not in pauses:
            continue  # the end of a wait in which there was news
        if isinstance(event, _PAUSES):
            pauses.setdefault(event.by, []).append(place)
        elif isinstance(event, _NEWS) and not (isinstance(event, Ended) and event.by in stopped):
            for each in pauses.values():
                if isinstance(trace.events[each[-1]], WaitBegan):
                    each.pop()  # what this one comes to is the news
            yield from _long_ones(trace, pauses)
            pauses = {}
    yield from _long_ones(trace, pauses)


def _long_ones(trace: Trace, pauses: dict[ProcessNumber, list[int]]) -> Iterator[Repetition]:
    for process, places in pauses.items():
        if len(places) >= _AGAIN_AND_AGAIN:
            first, last = trace.events[places[0]], trace.events[places[-1]]
            end = trace.duration if isinstance(last, WaitBegan) else _end(last)
            yield Repetition(process, tuple(places), first.at, end)


def _end(event: Event) -> Nanoseconds:
    return event.until if isinstance(event, (Slept, BlockedInterval)) else event.at


def times_of(trace: Trace) -> set[Nanoseconds]:
    """When something happens that has its own place on the axis.

    Of what is done again and again the beginning has one, and the end.
    """
    loops = repetitions(trace)
    within = set(chain.from_iterable(loop.places for loop in loops))
    times = {
        at
        for place, event in enumerate(trace.events)
        if place not in within and isinstance(event, (*_PAUSES, *_NEWS))
        for at in (event.at, _end(event))
    }
    for loop in loops:
        times |= {loop.begin, loop.end}
    for process in trace.processes:
        times |= {at for at in (process.started, process.began, process.ended) if at is not None}
    return {at for at in (*times, trace.duration) if at <= trace.duration}
