"""What comes out at the terminal while a run goes on: lines, and which process wrote them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from grader.dialogue import LONGEST_PROMPT, Shown
from grader.selfcheck.reports import Report
from grader.trace import Nanoseconds, Pid

_LAST_INVISIBLE = 32
"""Of bytes. Terminals change ends of lines and tabs; what is visible stays what it was."""

_Place = tuple[Pid, str]


class Lines:
    """Makes lines of what processes write, while they do."""

    def __init__(self) -> None:
        self._unended: dict[_Place, bytes] = {}
        self._at: dict[_Place, Nanoseconds] = {}

    def feed(self, report: Report) -> Iterator[Shown]:
        """The lines that a report of output ends; a prompt is one without an end."""
        place = (report.pid, report.text("stream") or "stderr")
        data = report.data("data") or (report.text("prompt") or "").encode()
        *lines, rest = (self._unended.get(place, b"") + data).split(b"\n")
        self._unended[place] = rest
        self._at[place] = report.at
        for line in lines:
            yield Shown(report.at, place, line.decode("utf-8", "replace").removesuffix("\r"))

    def standing(self) -> list[Shown]:
        """What stands there without a newline."""
        return [
            Shown(self._at[place], place, data.decode("utf-8", "replace"))
            for place, data in sorted(self._unended.items())
            if 0 < len(data) <= LONGEST_PROMPT
        ]

    def answered(self, pid: Pid) -> None:
        """What stood there was a prompt, and an answer has been typed after it."""
        for place in self._unended:
            if place[0] == pid:
                self._unended[place] = b""


class OutputCount:
    """Counts the bytes that came out and those that were reported, each value by itself: the pieces
    of processes that write at the same time may stand there in any order.
    """

    def __init__(self) -> None:
        self._shown: Counter[int] = Counter()
        self._told: Counter[int] = Counter()

    def shown(self, data: bytes) -> None:
        """It came out at the terminal."""
        self._shown.update(data)

    def told(self, report: Report) -> None:
        """A process reports that it writes, asks for input with a prompt, or is typed to, which it
        may have shown.
        """
        if report.what == "wrote":
            self._told.update(report.data("data"))
        elif report.what in ("asked", "typed"):
            text = report.text("prompt" if report.what == "asked" else "text") or ""
            self._told.update(text.encode("utf-8", "replace"))

    @property
    def is_more_than_told(self) -> bool:
        """Whether something came out that no process has reported. One that was ended before it
        could write has reported more.
        """
        return any(value > _LAST_INVISIBLE for value in self._shown - self._told)
