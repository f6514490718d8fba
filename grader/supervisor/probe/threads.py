"""Which threads the student's code starts, and the instant before each begins.

Threads that the library starts for itself, for executors, pools and queues, are not reported.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any


_HERE = os.path.dirname(os.path.abspath(__file__))
_JOINING = """
def join(self, timeout=None):
    join_thread(self, timeout)
    if not ask_thread(self):
        learned(self, "wait")

def is_alive(self):
    alive = ask_thread(self)
    if not alive:
        learned(self, "poll")
    return alive
"""
"""In a traceback their frames are some of the library's own."""


class Starts:
    """Reports each thread that the student's code is about to start, and numbers them."""

    def __init__(
        self,
        report: Callable[..., None],
        student_frame: Callable[[FrameType | None], FrameType | None],
        variable: Callable[[FrameType, object], str | None],
    ) -> None:
        self._report = report
        self._student_frame = student_frame
        self._variable = variable
        self._pid = 0
        self._started = 0
        self._numbers: dict[int, int] = {}
        self._known: dict[int, tuple[Any, int]] = {}
        self.counter: Any = None

    def watch(self, threading: Any) -> None:
        """``threading``: report when ``start`` is looked up on a thread."""
        threading.Thread.start = _ReportedStart(threading.Thread.start, self)

    def starting(self, thread: Any, frame: FrameType) -> None:
        """A thread's ``start`` is looked up in this frame."""
        if frame is not self._student_frame(frame):
            return
        if self._pid != os.getpid():  # a forked child begins to count anew
            self._pid, self._started = os.getpid(), 0
            self._numbers.clear()
            self._known.clear()
        self._started += 1
        self._known[id(thread)] = (sys.modules["_weakref"].ref(thread), self._started)
        if self.counter is not None:
            self.counter.expect_threads()
        self._numbers[id(thread)] = self._started
        self._report(
            "thread",
            name=getattr(thread, "_name", None),
            variable=self._variable(frame, thread),
            daemon=int(bool(getattr(thread, "_daemonic", False))),
            file=frame.f_code.co_filename,
            line=frame.f_lineno,
        )

    def watch_joins(self, threading: Any) -> None:
        """``threading``: report when a join, or ``is_alive``, has learned that a thread is over."""
        scope = {
            "join_thread": threading.Thread.join,
            "ask_thread": threading.Thread.is_alive,
            "learned": self._learned,
        }
        exec(compile(_JOINING, threading.__file__, "exec"), scope)
        for name in ("join", "is_alive"):
            scope[name].__doc__ = getattr(threading.Thread, name).__doc__
            scope[name].__module__ = threading.__name__
            setattr(threading.Thread, name, scope[name])

    def _learned(self, thread: Any, how: str) -> None:
        frame = sys._getframe(2)
        while frame.f_code.co_filename.startswith(_HERE) and frame.f_back is not None:
            frame = frame.f_back
        known, number = self._known.get(id(thread), (None, 0))
        if known is None or known() is not thread or self._pid != os.getpid():
            return
        if frame is self._student_frame(frame):
            self._report(
                "thread-joined",
                name=how,
                count=number,
                file=frame.f_code.co_filename,
                line=frame.f_lineno,
            )

    def number_of(self, thread: object) -> int | None:
        """Which one it is of those, if it is one. It begins now, and is asked about only once."""
        return self._numbers.pop(id(thread), None)


class _ReportedStart:
    """``Thread.start``, which reports when it is looked up on a thread. So no frame is added to
    what a traceback may show.
    """

    def __init__(self, function: Callable[..., None], starts: Starts) -> None:
        self._starts = starts
        self._function: Any = function
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self.__wrapped__ = function

    def __get__(self, thread: object, owner: type | None = None) -> Any:
        if thread is not None:
            frame = sys._getframe(1)
            while frame.f_code.co_filename.startswith(_HERE) and frame.f_back is not None:
                frame = frame.f_back  # it is looked up by a descriptor of the probe's
            self._starts.starting(thread, frame)
        return self._function.__get__(thread, owner)


class _Beginnings:
    """Stands where ``threading`` keeps the trace function for new threads.

    Each new thread asks whether there is one when it has let its ``start()`` return, as the last
    thing before its own code (Lib/threading.py, ``Thread._bootstrap_inner``). There the supervisor
    may keep it waiting: Python gives up the GIL for the write by which it is reported.
    """

    def __init__(
        self, threading: Any, starts: Starts, counter: Any, report: Callable[..., None]
    ) -> None:
        self._threading = threading
        self._starts = starts
        self._counter = counter
        self._report = report

    def __bool__(self) -> bool:
        number = self._starts.number_of(self._threading.current_thread())
        if number is not None:
            self._report("thread-begins")
        if self._counter is not None:
            if number is None:
                self._counter.trace_helper_thread()
            else:
                self._counter.trace_thread(number)
        return False


def watch_beginnings(
    threading: Any, starts: Starts, counter: Any, report: Callable[..., None]
) -> None:
    """``threading``: report when a thread of the student's begins, and count what it executes if
    there is a counter.
    """
    threading.settrace(_Beginnings(threading, starts, counter, report))
