"""Makes lines of what comes out of the terminal, and says whose they are and when they were."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from grader.sandbox import Device
from grader.supervisor.tree import TracedThread
from grader.trace import Event, Nanoseconds, Printed, ProcessNumber, Stream


class Placed(NamedTuple):
    """An event and where it belongs: events with equal places stay in their order of arrival."""

    place: int
    event: Event


@dataclass
class _Written:
    """Bytes of one write that are on their way through the terminal."""

    by: ProcessNumber
    stream: Stream
    at: Nanoseconds
    left: int
    place: int
    """That of the last event that had happened when it was written."""
    thread: int | None


@dataclass
class _Unended:
    """What a process has written to a stream since its last newline."""

    data: bytearray = field(default_factory=bytearray)
    at: Nanoseconds = 0
    thread: int | None = None
    """Of the student's, who wrote the last of it."""


class TerminalRecord:
    """Matches the bytes that come out of the terminal with the writes that put them in."""

    def __init__(self) -> None:
        self._on_their_way: deque[_Written] = deque()
        self._unended: dict[tuple[ProcessNumber, Stream], _Unended] = {}
        self._unmatched = bytearray()
        """What has come out of a write whose end has not been seen yet."""
        self.bytes_written = 0
        self.bytes_seen = 0

    def wrote(
        self,
        by: ProcessNumber,
        stream: Stream,
        size: int,
        at: Nanoseconds,
        place: int,
        thread: int | None = None,
    ) -> list[Placed]:
        """So many bytes of this process, and of this thread of the student's in it, are the next
        to come out. The lines that this ends: some may have come out before the end of the write
        was seen.
        """
        self.bytes_written += size
        self._on_their_way.append(_Written(by, stream, at, size, place, thread))
        return self._match()

    def came_out(self, data: bytes) -> list[Placed]:
        """The lines that these bytes end."""
        self.bytes_seen += len(data)
        self._unmatched += data
        return self._match()

    def _match(self) -> list[Placed]:
        """Give the bytes that have come out to the writes that they belong to."""
        lines: list[Placed] = []
        while self._unmatched and self._on_their_way:
            written = self._on_their_way[0]
            mine = bytes(self._unmatched[: written.left])
            del self._unmatched[: written.left]
            written.left -= len(mine)
            if not written.left:
                self._on_their_way.popleft()
            lines += self._lines(written, mine)
        return lines

    def _lines(self, written: _Written, data: bytes) -> list[Placed]:
        unended = self._unended.setdefault((written.by, written.stream), _Unended())
        *lines, rest = data.split(b"\n")
        printed = []
        for line in lines:
            unended.data += line
            unended.at, unended.thread = written.at, written.thread
            event = _printed(written.by, written.stream, unended, ended=True)
            printed.append(Placed(written.place, event))
            unended.data.clear()
        unended.data += rest
        unended.at, unended.thread = written.at, written.thread
        return printed

    def unended_line(self, by: ProcessNumber) -> str:
        """What the process has written last without a newline: its prompt."""
        mine = [
            unended
            for (number, _), unended in self._unended.items()
            if number == by and unended.data
        ]
        if not mine:
            return ""
        return max(mine, key=lambda unended: unended.at).data.decode("utf-8", "replace")

    def standing(self, longest: int) -> list[Printed]:
        """What stands there without a newline, of at most so many bytes each."""
        return [
            _printed(by, stream, unended)
            for (by, stream), unended in sorted(self._unended.items())
            if 0 < len(unended.data) <= longest
        ]

    def end_lines_of(self, by: ProcessNumber, place: int) -> list[Placed]:
        """End what the process has written without a newline: an answer is typed after it."""
        ended = [
            Placed(place, _printed(by, stream, unended))
            for (number, stream), unended in sorted(self._unended.items())
            if number == by and unended.data
        ]
        for (number, _), unended in self._unended.items():
            if number == by:
                unended.data.clear()
        return ended

    def unended_lines(self, ends: Mapping[ProcessNumber, int], last_place: int) -> list[Placed]:
        """What was written last and not ended by a newline was printed all the same.

        ``ends`` are the places at which processes ended.
        """
        return [
            Placed(
                ends.get(by, last_place + 1) - 1,
                _printed(by, stream, unended),
            )
            for (by, stream), unended in sorted(self._unended.items())
            if unended.data
        ]


def _printed(by: ProcessNumber, stream: Stream, line: _Unended, *, ended: bool = False) -> Printed:
    text = line.data.decode("utf-8", "replace")
    return Printed(line.at, by, text, stream, ended, line.thread)


class TerminalQueue:
    """Who is writing to the terminal, and who is next. ``devices`` lead to it."""

    def __init__(
        self,
        devices: frozenset[Device],
        record: TerminalRecord,
        let_go: Callable[[TracedThread], None],
    ) -> None:
        self.devices = devices
        self.record = record
        self._let_go = let_go
        self._writer: TracedThread | None = None
        self._waiting: deque[TracedThread] = deque()

    def enter(self, thread: TracedThread) -> bool:
        """Whether the thread may write now; else it is let go when its turn comes."""
        if self._writer is None or self._writer is thread:
            self._writer = thread
            return True
        self._waiting.append(thread)
        return False

    def leave(self, thread: TracedThread) -> None:
        """The thread has written, or died: the next one may."""
        if self._writer is not thread:
            if thread in self._waiting:
                self._waiting.remove(thread)
            return
        self._writer = None
        if self._waiting:
            self._writer = self._waiting.popleft()
            self._let_go(self._writer)

    def is_writing(self, thread: TracedThread) -> bool:
        """Whether it is this thread's turn."""
        return self._writer is thread

    @property
    def is_busy(self) -> bool:
        """Whether a write is under way."""
        return self._writer is not None
