"""The end of an interpreter, which must not come while another of its threads prints.

Who prints holds the lock of the buffer and not the GIL, and is ended when it asks for the GIL
again; main, which flushes the buffer, waits for the lock in vain and aborts with ``Fatal Python
error: _enter_buffered_busy`` (CPython, Modules/_io/bufferedio.c). By itself that happens to
threads that print without a break: a write takes a few microseconds. Here it takes a stop, and so
long main is held that those who print now come to rest first.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.supervisor.calls.writes import Write
from grader.supervisor.standstill import all_blocked
from grader.supervisor.tree import TracedProcess, TracedThread, Tree
from grader.trace import Nanoseconds

_MOST_CPU: Nanoseconds = 50_000_000
"""A thread that goes on and on would go on for ever: main is let go when others of its process
have used so much meanwhile."""


class Finalizations:
    """Lets main threads go that are held at the end of their interpreters."""

    def __init__(
        self,
        tree: Tree,
        resume: Callable[[TracedThread], None],
        release_writer: Callable[[TracedProcess], bool],
    ) -> None:
        """
        Args:
            tree: the processes.
            resume: lets a thread go on.
            release_writer: lets a thread of a process go on that a schedule holds at a write;
                whether there was one.
        """
        self._tree = tree
        self._resume = resume
        self._release_writer = release_writer
        self._used_at_first: dict[TracedProcess, Nanoseconds] = {}

    def go_on(self, *, at_any_rate: bool = False) -> bool:
        """Let one thread go: a main thread whose others are at rest and not printing (or, ``at any
        rate``, wherever they are), or one that prints. Whether there was one.
        """
        return any(
            self._go_on(process, at_any_rate)
            for process in self._tree
            if process.finalizing is not None
        )

    def _go_on(self, process: TracedProcess, at_any_rate: bool) -> bool:
        main = process.finalizing
        if main is None or process.threads.get(main.tid) is not main:
            process.finalizing = None  # killed, or another program runs
            return False
        others = [thread for thread in process.threads.values() if thread is not main]
        used = sum(thread.files.cpu_time() or 0 for thread in others)
        first = self._used_at_first.setdefault(process, used)
        if not at_any_rate and used - first < _MOST_CPU:
            if not all_blocked(self._tree, others):
                return False
            if self._release_writer(process):
                return True
            if any(isinstance(thread.call, Write) for thread in others):
                return False
        process.finalizing = None
        self._resume(main)
        return True
