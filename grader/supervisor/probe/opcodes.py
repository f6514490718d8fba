"""Counts the opcodes of the student's code, and stops before some of them."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any


class OpcodeCounter:
    """Counts the opcodes of the student's own code by which it can meet another process, and
    stops before some of them: calls, and reads and writes of attributes and items. The end of a
    child that has written is counted, too.

    A stop is a report, at which the supervisor may let other processes go first. To look at every
    opcode makes code many times slower, so it ends where nothing is left to stop at, and after
    `MOST_OPCODES` in any case: by then it has taken about as long as an interpreter to start.
    """

    POINTS = (
        ("CALL", "c"),
        ("SETUP_WITH", "w"),
        ("BEFORE_WITH", "w"),
        ("LOAD_SPECIAL", "w"),
        ("LOAD_ATTR", ""),
        ("STORE_ATTR", "s"),
        ("BINARY_SUBSCR", ""),
        ("STORE_SUBSCR", "s"),
    )
    """What the names of such opcodes begin with, and what their kind is called; others than
    reads are reported."""
    HEAD, MOST_PLACES, COLUMNS = 64, 64, 4
    MOST_OPCODES = 50_000
    """Of a process, those that do not count included. What comes after them runs at full speed."""
    POINTS_OF_THREADS = (("STORE_GLOBAL", "s"), ("STORE_DEREF", "s"))
    """Variables that threads share, and processes do not."""
    MOST_THREADS, MOST_OPCODES_OF_THREAD = 16, 12_500
    """So many threads are looked at, each for so long."""

    def __init__(
        self,
        changes: set[int],
        folder: str,
        opmap: dict[str, int],
        report: Callable[..., None],
        send: Callable[[memoryview], None],
    ) -> None:
        self.count = 0
        self._opmap = opmap
        self._report = report
        self._send = send
        self._kinds = self._kinds_of(self.POINTS)
        self._codes: dict[int, tuple[Any, bytes]] = {}
        self._changes = changes
        self._last = max(changes, default=0)
        """No more counts are of interest; 0: all are."""
        self._has_written = False
        self._is_child = "--multiprocessing-fork" in sys.orig_argv
        self._has_ended = False
        self._folder = folder + os.sep
        self._threads_come: list[bool] = []
        self._begin(self.MOST_OPCODES)
        sys._getframe().f_trace_opcodes = True  # 3.12 looks for it only when tracing is set
        sys.settrace(self._called)
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin(self, most: int, thread: int = 0) -> None:
        """Nothing was counted yet, and so many opcodes are to be looked at. What is counted stands
        in a table, right behind the report by which the supervisor is told of it.
        """
        self.count, self._left, self._thread = 0, most, thread
        self._places: dict[tuple[int, int], int] = {}
        report = f"grader-probe\x1ffunction=places\x1fcount={thread}\x1f"
        table = memoryview(bytearray(self.HEAD + 4 * self.COLUMNS * self.MOST_PLACES))
        table[: self.HEAD] = report.encode().ljust(self.HEAD, b"\x1f")
        self._head, self._cells = table[: self.HEAD], table[self.HEAD :].cast("I")

    def _kinds_of(self, points: tuple[tuple[str, str], ...]) -> dict[int, str]:
        return {
            code: kind
            for name, code in self._opmap.items()
            for beginning, kind in points
            if name.startswith(beginning) and "INTRINSIC" not in name
        }

    def expect_threads(self) -> None:
        """The student's code is about to start one. Where tracing is switched on or off while a
        thread stands still in it, 3.12 crashes: from now on it stays on there.
        """
        if sys.version_info[:2] == (3, 12) and not self._threads_come:
            self._threads_come.append(True)
            sys.settrace(self._called)

    def trace_helper_thread(self) -> None:
        """What this thread executes counts as the process's; not where it would crash, for its
        tracing ends while the process stands still in its own.
        """
        if sys.version_info[:2] != (3, 12) or self._threads_come:
            sys.settrace(self._called)

    def trace_thread(self, number: int) -> None:
        """What this thread executes is counted by itself."""
        if number > self.MOST_THREADS:
            return
        own = OpcodeCounter.__new__(OpcodeCounter)
        own.__dict__.update(self.__dict__)
        own._begin(self.MOST_OPCODES_OF_THREAD, number)
        own._kinds = self._kinds_of(self.POINTS + self.POINTS_OF_THREADS)
        sys.settrace(own._called)

    def _begin_anew(self) -> None:
        """A forked child has a count of its own."""
        self._begin(self.MOST_OPCODES)
        self._has_written = False
        self._is_child = True
        sys.settrace(self._called)

    def end(self) -> None:
        """The process's code is over: a child's last write may not be the last that it does."""
        sys.settrace(None)
        if self._is_child and self._has_written and not self._has_ended:
            self._has_ended = True
            self.count += 1
            self._note("e", (0, 0), 0)
            if self.count in self._changes:
                self._report("change-point", count=self.count)

    def _called(self, frame: FrameType, event: str, value: Any) -> Any:
        if not self._goes_on():
            return None
        name = frame.f_code.co_filename
        if name[0] != "<" and os.path.abspath(name).startswith(self._folder):
            frame.f_trace = self._executed  # 3.13 wants it set before the next line
            frame.f_trace_opcodes = True
            frame.f_trace_lines = False
            return self._executed
        return None

    def _executed(self, frame: FrameType, event: str, value: Any) -> Any:
        if event != "opcode":
            return self._executed
        self._left -= 1
        if not self._goes_on():
            if self._threads_come:
                frame.f_trace_opcodes = False
            return None
        kind = self._kinds.get(self._code_of(frame)[frame.f_lasti])
        if kind is not None:
            self.count += 1
            if kind:
                self._note(kind, (id(frame.f_code), frame.f_lasti), frame.f_lineno)
                self._has_written |= kind == "s"
            if self.count in self._changes:
                file, line = frame.f_code.co_filename, frame.f_lineno
                self._report("change-point", count=self.count, file=file, line=line)
                for _ in (1, 2):
                    pass  # here Python calls the handlers of signals that came meanwhile
        return self._executed

    def _goes_on(self) -> bool:
        """Whether more is to be counted. If not, the thread that asks runs at full speed."""
        if self._left > 0 and not 0 < self._last <= self.count:
            return True
        if not self._threads_come:
            sys.settrace(None)
        return False

    def _note(self, kind: str, key: tuple[int, int], line: int) -> None:
        """Kind and line, first and last count of each place stand in the table. The supervisor is
        told where that lies, and looks at it when the process ends, in whatever way.
        """
        place = self._places.get(key)
        if place is not None:
            self._cells[place] = self.count
        elif len(self._places) < self.MOST_PLACES - (kind != "e"):  # there is room for the end
            at = self.COLUMNS * len(self._places)
            if not (self._places or self._last):
                self._send(self._head)
            self._places[key] = at + 3
            for column, value in enumerate((ord(kind), line, self.count, self.count)):
                self._cells[at + column] = value

    def _code_of(self, frame: FrameType) -> bytes:
        known = self._codes.get(id(frame.f_code))
        if known is None:
            known = self._codes[id(frame.f_code)] = (frame.f_code, frame.f_code.co_code)
        return known[1]
