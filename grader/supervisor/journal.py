"""The events of one run in the order in which they belong, while they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from signal import SIGABRT
from typing import TypeVar

from grader.supervisor.clock import Clock
from grader.supervisor.output import Placed, TerminalRecord
from grader.trace import (
    MAIN,
    AskedForInput,
    BlockedInterval,
    Ended,
    Event,
    Nanoseconds,
    Printed,
    ProcessNumber,
    Slept,
    Stream,
    WaitReason,
)

_LOCKED = "Fatal Python error: _enter_buffered_busy: could not acquire lock for"

_Record = TypeVar("_Record")


def aborted_finalizations(events: Sequence[Event]) -> Iterator[str]:
    """A doubt for each interpreter that aborted because one of its threads was printing just as it
    ended: whether that comes to pass is also a matter of how long the grader holds the thread.
    """
    for end in events:
        if isinstance(end, Ended) and end.signal == SIGABRT and end.sender == end.by:
            said = (each for each in events if isinstance(each, Printed) and each.by == end.by)
            if any(_LOCKED in each.text for each in said):
                yield "a daemon thread was printing when its interpreter ended, which aborted"


def altered(record: _Record, **changes: object) -> _Record:
    """A copy of a frozen dataclass with other values in some of its fields.

    As `dataclasses.replace` does it, which took a tenth of the CPU time of a run: it calls
    ``__init__``, and that of a frozen class sets each field by a call of its own.
    """
    copy = object.__new__(type(record))
    copy.__dict__.update(record.__dict__, **changes)
    return copy


class Journal:
    """Events with their places. A line is known when it comes out of the terminal, and its place
    is that of the write that made it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._events: list[Placed] = []
        self._places = 0

    def now(self) -> Nanoseconds:
        """The time of an event that happens now."""
        return self._clock.now()

    def happened(self, event: Event) -> int:
        """Returns a handle for `change`."""
        self._places += 1
        self._events.append(Placed(self._places, event))
        return len(self._events) - 1

    def change(self, handle: int, **changes: object) -> None:
        """More has become known of an event."""
        placed = self._events[handle]
        self._events[handle] = Placed(placed.place, altered(placed.event, **changes))

    def happened_again(self, handle: int) -> None:
        """An event is repeated, and only its last time is wanted."""
        self._places += 1
        event = altered(self._events[handle].event, at=self.now())
        self._events[handle] = Placed(self._places, event)

    @property
    def count(self) -> int:
        """How many events there are so far."""
        return len(self._events)

    def since(self, count: int) -> list[Event]:
        """All events but the first ``count``, in the order in which they were recorded."""
        return [placed.event for placed in self._events[count:]]

    def in_order(self, records: Sequence[TerminalRecord]) -> Iterator[Event]:
        """All events in the order in which they happened, when no more will come."""
        ends = {
            placed.event.by: placed.place
            for placed in self._events
            if isinstance(placed.event, Ended)
        }
        for record in records:
            self._events += record.unended_lines(ends, self._places)
        for placed in sorted(self._events, key=lambda placed: placed.place):
            yield placed.event

    # Sleeps

    def sleep_began(
        self, number: ProcessNumber, until: Nanoseconds, thread: int | None = None
    ) -> int:
        """Returns a handle for `sleep_ended`."""
        return self.happened(Slept(self.now(), number, until, thread))

    def sleep_ended(self, handle: int) -> None:
        """A sleep lasts until now, for whatever reason it ends."""
        self.change(handle, until=self.now())

    def blocked(self, number: ProcessNumber, since: Nanoseconds, obstacle: WaitReason) -> int:
        """Up to now. Returns a handle for `extend_blocked`."""
        return self.happened(BlockedInterval(since, number, self.now(), obstacle))

    def extend_blocked(self, handle: int) -> None:
        """It has not moved meanwhile."""
        self.change(handle, until=self.now())

    # The terminal

    def wrote(
        self,
        record: TerminalRecord,
        number: ProcessNumber,
        stream: Stream,
        size: int,
        thread: int | None = None,
    ) -> None:
        """So many bytes of this process, and of this thread of the student's in it, are the next
        to come out of the terminal.

        They have a place of their own: what is written to two terminals may come out in
        another order.
        """
        self._places += 1
        self._events += record.wrote(number, stream, size, self.now(), self._places, thread)

    def terminal_said(self, record: TerminalRecord, data: bytes) -> None:
        """Bytes that came out of the terminal, in the order in which they were written."""
        self._events += record.came_out(data)

    def asked_for_input(self, record: TerminalRecord, number: ProcessNumber) -> None:
        """It waits for a line. What stands there unended is its prompt, and was printed."""
        prompt = record.unended_line(number)
        self._events += record.end_lines_of(number, self._places)
        self.happened(AskedForInput(self.now(), number, prompt))

    @property
    def lines_of_main(self) -> list[Printed]:
        """What main has printed."""
        events = (placed.event for placed in self._events)
        return [each for each in events if isinstance(each, Printed) and each.by == MAIN]
