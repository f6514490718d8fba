"""The way from the submission's interpreters to the grader: a private socket, a line a report.

A process's own connection ends when the process does, however it ends. A copy of the process (a
fork) makes a connection of its own, and so does one whose code has closed every descriptor.

It needs nothing but modules that are built into Python, so that the student's own imports stay
the first ones.
"""

from __future__ import annotations

import _socket
import _thread
import os
import sys
import time

TYPE_CHECKING = False  # typing itself would cost every start-up some milliseconds
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

frames: Any = __import__("frames")
_OUT_OF_THE_WAY = 230
"""The descriptor of the connection: those that the student's code is given begin at 3."""
_MAY_LAST = ("wait", "block", "asked")
"""With these it is said how many threads feed multiprocessing's queues, which by themselves do
nothing: they wait for something to be put into one."""
_MOST = 65_536
"""Characters of a text in a report: what is longer is reported in pieces."""

now = time.perf_counter_ns
"""One clock for all processes of a machine: CLOCK_MONOTONIC, mach_absolute_time or
QueryPerformanceCounter.
"""
_cpu = time.process_time_ns
_getpid, _getppid = os.getpid, os.getppid


class Channel:
    """Reports of this process. Before `open` was called, and where the grader is gone, nothing is
    reported.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = _thread.RLock()
        self._socket: _socket.socket | None = None
        self._pid = 0
        self._last: tuple[object, ...] | None = None
        self._again: str | None = None
        self.late_ns = 0
        """By how much this process is to begin later."""
        self.starting: dict[int, int] = {}
        """Of each thread that is starting a child now, the birth's token: a copy knows by it which
        child it is."""
        self.slower = 1
        """How many times as long its sleeps are to take."""
        self.has_late_ends = False
        """Whether the grader itself passes on the signals by which it ends others, and later."""
        self.longest_sleep_ns = 0
        """It is to sleep for no longer than that; 0: for as long as it likes."""

    def open(self, how: str) -> None:
        """Connect, say who this is, and wait for the grader's answer.

        Args:
            how: ``main``, ``fork`` (a copy of a process that has the probe), ``program`` (another
                interpreter) or ``again`` (a process that is known, and had lost its connection).
        """
        token = None
        if how == "fork":
            token = self.starting.get(_thread.get_ident())
            self.starting = {}
            self._lock = _thread.RLock()  # another thread of the parent may have held the old one
            if self._socket is not None:
                self._socket.close()
            self._last = self._again = None
        self._pid = _getpid()
        try:
            self._socket = _connected(self._address)
            self._send(
                self._line(
                    "hello",
                    how=how,
                    parent=_getppid(),
                    token=token,
                    arguments=sys.orig_argv[:64],
                    python=".".join(map(str, sys.version_info[:3])),
                )
            )
            if how != "again":
                answer = self._socket.recv(128).decode("ascii").split()
                late, slower, longest, has_late_ends = answer
                self.late_ns, self.slower = int(late), int(slower)
                self.has_late_ends = has_late_ends == "1"
                self.longest_sleep_ns = int(longest)
        except (OSError, ValueError):
            self._socket = None  # there is no grader any more

    def report(self, what: str, **fields: object) -> None:
        """Say that something happened just now. Fields that are None are left out."""
        threading: Any = sys.modules.get("threading") if what in _MAY_LAST else None
        if threading is not None:
            threads = list(threading._active.values())
            fields["feeders"] = sum(each.name == "QueueFeederThread" for each in threads)
        self._say(self._line(what, **fields))

    def report_repeatable(self, what: str, **fields: object) -> None:
        """The same, of what code may do in a loop thousands of times: of a row of equal reports the
        first and the last are made.
        """
        key = (what, *fields.values())
        line = self._line(what, **fields)
        if key == self._last:
            self._again = line
        else:
            self._say(line)
            self._last = key

    def _line(self, what: str, **fields: object) -> str:
        known = {key: value for key, value in fields.items() if value is not None}
        return ascii((what, _getpid(), now(), known)) + "\n"

    def _say(self, line: str) -> None:
        with self._lock:
            again, self._again, self._last = self._again, None, None
            if again is not None:
                self._send(again)
            if _getpid() == self._pid:
                self._send(line)

    def _send(self, line: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendall(line.encode("ascii"))
        except OSError:
            self._socket = None
            self.open("again")
            if self._socket is not None:
                self._socket.sendall(line.encode("ascii"))

    def place(self, frame: FrameType | None) -> dict[str, object]:
        """The fields that say where in the student's code a frame was called from."""
        student = frames.student_frame(frame)
        if student is None:
            return {}
        return {"file": student.f_code.co_filename, "line": student.f_lineno}


def cpu() -> int:
    """The CPU time of this process in ns."""
    return _cpu()


def pieces(data: bytes) -> list[bytes]:
    """Of a size that one report can hold."""
    return [data[start : start + _MOST] for start in range(0, len(data), _MOST)]


def _connected(address: str) -> _socket.socket:
    """``unix:PATH``, or ``tcp:PORT:SECRET`` where there are no such sockets.

    Raises:
        OSError: the grader does not answer there.
    """
    kind, _, rest = address.partition(":")
    if kind == "unix":
        made = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        made.connect(rest)
        return _moved(made)
    port, _, secret = rest.partition(":")
    made = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    made.connect(("127.0.0.1", int(port)))
    made.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
    made.sendall(secret.encode("ascii") + b"\n")
    return made


def _moved(made: _socket.socket) -> _socket.socket:
    """The same, out of the way of the student's own descriptors, where there is room."""
    try:
        os.fstat(_OUT_OF_THE_WAY)
    except OSError:
        try:
            os.dup2(made.fileno(), _OUT_OF_THE_WAY, inheritable=False)
        except OSError:
            return made  # this process may have so few open
        family, kind = made.family, made.type
        made.close()
        return _socket.socket(family, kind, 0, _OUT_OF_THE_WAY)
    return made
