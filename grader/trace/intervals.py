"""When processes did nothing: asleep, waiting for a child or for input, blocked.

A trace says where such a stretch begins and where it ends; here the two are put together, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Union

from grader.trace.events import (
    MAIN,
    AskedForInput,
    BlockedInterval,
    Ended,
    Event,
    Location,
    Nanoseconds,
    ProcessNumber,
    Slept,
    Typed,
    WaitBegan,
    WaitedFor,
    WaitTimedOut,
)
from grader.trace.processes import Blocked, Process


@dataclass(frozen=True)
class Wait:
    """``by`` waited for ``children`` (empty: any child) from ``at`` until ``until``.

    ``opened`` is None for a wait that was not seen to begin (``closed`` says when it did: by the
    sentinel, or by asking in vain). ``closed`` is None for one that lasted until the process, or
    the run, was over.
    """

    at: Nanoseconds
    by: ProcessNumber
    until: Nanoseconds
    children: tuple[ProcessNumber, ...]
    opened: WaitBegan | None = None
    closed: WaitedFor | WaitTimedOut | None = None

    @property
    def line(self) -> Location | None:
        """The student's line that waits."""
        if self.opened is not None and self.opened.line is not None:
            return self.opened.line
        return self.closed.line if isinstance(self.closed, WaitedFor) else None


@dataclass(frozen=True)
class InputWait:
    """``by`` waited for something typed at the terminal; ``is_open``: until its end."""

    at: Nanoseconds
    by: ProcessNumber
    until: Nanoseconds
    is_open: bool = False


@dataclass(frozen=True)
class Stuck:
    """``by`` was ``blocked`` when the run was over, and no event says since when.

    ``at`` is an estimate: after its last event, and after the computing that it may have done
    since.
    """

    at: Nanoseconds
    by: ProcessNumber
    until: Nanoseconds
    blocked: Blocked

    @property
    def line(self) -> Location | None:
        """Where its main thread stood in the student's code."""
        return self.blocked.line


Interval = Union[Slept, BlockedInterval, Wait, InputWait, Stuck]
"""``by`` did nothing from ``at`` until ``until``. The sleep of a process that was ended may reach
beyond its end.
"""


def intervals_of(
    events: Sequence[Event],
    processes: Sequence[Process],
    blocked: Sequence[Blocked],
    duration: Nanoseconds,
) -> tuple[Interval, ...]:
    """In the order of the events that close them; those that nothing closed come last.

    Ask `Trace.intervals`, which keeps them.
    """
    return tuple(_intervals(events, processes, blocked, duration))


def _intervals(
    events: Sequence[Event],
    processes: Sequence[Process],
    blocked: Sequence[Blocked],
    duration: Nanoseconds,
) -> Iterator[Interval]:
    opened: dict[ProcessNumber, WaitBegan] = {}
    asked: dict[ProcessNumber, Nanoseconds] = {}
    for event in events:
        if isinstance(event, (Slept, BlockedInterval)):
            yield event
        elif isinstance(event, WaitBegan):
            opened[event.by] = event
        elif isinstance(event, (WaitedFor, WaitTimedOut)):
            begin = opened.pop(event.by, None)
            if begin is not None:
                yield Wait(begin.at, event.by, event.at, begin.children, begin, event)
            elif isinstance(event, WaitedFor) and event.began is not None:
                yield Wait(event.began, event.by, event.at, (event.child,), None, event)
        elif isinstance(event, AskedForInput):
            asked[event.by] = event.at
        elif isinstance(event, Typed) and event.by in asked:
            yield InputWait(asked.pop(event.by), event.by, event.at)
    ends = {each.number: each.ended for each in processes if each.ended is not None}
    for number, begin in opened.items():
        yield Wait(begin.at, number, ends.get(number, duration), begin.children, begin)
    for number, since in asked.items():
        yield InputWait(since, number, ends.get(number, duration), is_open=True)
    left = [each for each in blocked if each.process not in {*opened, *asked}]
    yield from _stuck(events, processes, left, duration)


def _stuck(
    events: Sequence[Event],
    processes: Sequence[Process],
    left: Sequence[Blocked],
    duration: Nanoseconds,
) -> Iterator[Stuck]:
    """For each process that was blocked in the end and that no event says to have waited."""
    last: dict[ProcessNumber, Nanoseconds] = {}
    for event in events:
        if not isinstance(event, Ended):
            last[event.by] = (
                event.until if isinstance(event, (Slept, BlockedInterval)) else event.at
            )
    by_number = {each.number: each for each in processes}
    for blocked in left:
        process = by_number[blocked.process]
        came_up = process.started + (0 if process.number == MAIN else process.start_up)
        since = last.get(process.number, came_up)
        until = duration if process.ended is None else process.ended
        # much of its computing may have come before its last event
        begin = since + process.cpu if since + process.cpu < until else since
        if begin < until:
            yield Stuck(begin, process.number, until, blocked)
