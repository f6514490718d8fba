"""Hears what the processes of a run report, in the order in which it happened."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from grader.selfcheck.reports import LONGEST, Report, parse_report
from grader.selfcheck.system import Listener
from grader.trace import Nanoseconds, Pid

_READ = 1 << 16
_LAST_READS = 64
"""A process may still report; one report takes up to seven of them."""

now = time.perf_counter_ns
"""The clock of all reports (``probe/reporting.py``)."""


@dataclass(eq=False)
class _Reporter:
    """One connection: that of a process, once it has said hello."""

    socket: socket.socket
    secret: bytes
    """What is still to be said before anything is believed."""
    pid: Pid | None = None
    buffer: bytearray = field(default_factory=bytearray)


class Reporters:
    """The connections of a run."""

    def __init__(self, listener: Listener, answer: Callable[[Report], bytes]) -> None:
        """``answer``: what is sent to a process that has said hello, before it goes on."""
        self._listener = listener
        self._answer = answer
        self._selector = selectors.DefaultSelector()
        self._reporters: set[_Reporter] = set()
        self._fresh: list[tuple[Report, _Reporter]] = []
        self.closed: list[tuple[Pid, Nanoseconds]] = []
        """Processes whose connection has ended, and when: most likely they have, too."""
        listener.socket.setblocking(False)
        self._selector.register(listener.socket, selectors.EVENT_READ)

    def hear(self, seconds: float) -> Iterator[Report]:
        """What was reported meanwhile, waiting for it for so long at most. A hello is answered when
        what was reported before it has been taken: its parent may have announced it just now.
        """
        is_new = self._read(seconds)
        if is_new:
            # What its parent said before it made the process has arrived, but perhaps was not read.
            self._read(0)
        fresh, self._fresh = sorted(self._fresh, key=lambda each: each[0].at), []
        for report, reporter in fresh:
            if report.what == "hello":
                with suppress(OSError):  # it was ended meanwhile
                    reporter.socket.sendall(self._answer(report))
            yield report

    def rest(self) -> Iterator[Report]:
        """What has arrived and was not heard yet."""
        for _ in range(_LAST_READS):
            yield from self.hear(0)

    def _read(self, seconds: float) -> bool:
        """Whether a process has said hello, or is about to."""
        is_new = False
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._listener.socket:
                is_new = self._accept() or is_new
            elif isinstance(key.data, _Reporter):
                is_new = self._receive(key.data) or is_new
        return is_new

    def _accept(self) -> bool:
        try:
            made, _ = self._listener.socket.accept()
        except OSError:
            return False
        made.setblocking(False)
        secret = f"{self._listener.secret}\n".encode() if self._listener.secret else b""
        reporter = _Reporter(made, secret)
        self._reporters.add(reporter)
        self._selector.register(made, selectors.EVENT_READ, reporter)
        return True

    def _receive(self, reporter: _Reporter) -> bool:
        try:
            data = reporter.socket.recv(_READ)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        reporter.buffer += data
        if not self._is_trusted(reporter) or not data or len(reporter.buffer) > LONGEST:
            self._end(reporter)
            return False
        if reporter.secret:
            return False
        said_hello = False
        *lines, rest = bytes(reporter.buffer).split(b"\n")
        reporter.buffer[:] = rest
        for line in lines:
            report = parse_report(line)
            if report is None:
                continue
            if report.what == "hello":
                said_hello = True
                reporter.pid = report.pid
            self._fresh.append((report, reporter))
        return said_hello

    def _is_trusted(self, reporter: _Reporter) -> bool:
        """Whether it has said the secret, or may be about to."""
        if reporter.secret and len(reporter.buffer) >= len(reporter.secret):
            if not reporter.buffer.startswith(reporter.secret):
                return False
            del reporter.buffer[: len(reporter.secret)]
            reporter.secret = b""
        return True

    def _end(self, reporter: _Reporter) -> None:
        self._selector.unregister(reporter.socket)
        reporter.socket.close()
        self._reporters.discard(reporter)
        others = {each.pid for each in self._reporters}
        if reporter.pid is not None and reporter.pid not in others:
            self.closed.append((reporter.pid, now()))

    def close(self) -> None:
        """Hear nothing more."""
        for reporter in self._reporters:
            reporter.socket.close()
        self._selector.close()
        self._listener.socket.close()
