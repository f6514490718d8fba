"""A terminal of the run with what passes through it: the submission's own, or a peer's."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from dataclasses import dataclass

from grader.sandbox import Terminal
from grader.supervisor.calls.writes import Write
from grader.supervisor.output import TerminalQueue, TerminalRecord
from grader.supervisor.recording import Recorder
from grader.supervisor.tree import TracedThread

_QUIET_S = 0.02
_PATIENCE_S = 2.0
_NAP_S = 0.0005
_PATIENCE = 4000
"""So many naps are as long as `_PATIENCE_S`."""


@dataclass(eq=False)
class Console:
    """One pseudo-terminal, the queue of those who write to it, and the record of its lines."""

    terminal: Terminal
    queue: TerminalQueue
    recorder: Recorder
    patience: int = 1
    """How many times more it may be waited for what was written."""

    @classmethod
    def at(
        cls, terminal: Terminal, recorder: Recorder, let_go: Callable[[TracedThread], None]
    ) -> Console:
        """A console at a terminal. ``let_go`` is called with a writer whose turn has come."""
        queue = TerminalQueue(terminal.devices, TerminalRecord(), let_go)
        return cls(terminal, queue, recorder)

    @property
    def record(self) -> TerminalRecord:
        """What was written to the terminal, and by which process."""
        return self.queue.record

    def drain(self) -> bool:
        """Take what has come out. Whether there was anything."""
        data = self.terminal.read()
        if data:
            self.recorder.journal.terminal_said(self.record, data)
        return bool(data)

    @property
    def expects_output(self) -> bool:
        """Whether something was written, or is being written, that has yet to come out."""
        return self.queue.is_busy or self.record.bytes_seen < self.record.bytes_written

    @property
    def is_behind(self) -> bool:
        """Whether something that was written has yet to come out, and is still expected to."""
        record = self.record
        if record.bytes_seen >= record.bytes_written:
            self.patience = _PATIENCE
        return self.queue.is_busy or (
            record.bytes_seen < record.bytes_written and self.patience > 0
        )

    def wait_for_output(self) -> None:
        """Until something comes out, for a short while."""
        self.patience -= 1
        select.select([self.terminal], [], [], _NAP_S)

    def leave(self, thread: TracedThread) -> None:
        """A thread is gone. If it was killed in a write, what came out of the terminal is its."""
        call = thread.call
        if self.queue.is_writing(thread) and isinstance(call, Write):
            data = bytearray()
            while select.select([self.terminal], [], [], _QUIET_S)[0]:
                data += self.terminal.read()
            surplus = self.record.bytes_seen + len(data) - self.record.bytes_written
            if surplus > 0:
                self.recorder.journal.wrote(
                    self.record,
                    thread.process.number,
                    call.stream,
                    surplus,
                    thread.student_number,
                )
            self.recorder.journal.terminal_said(self.record, bytes(data))
        self.queue.leave(thread)

    def drain_the_rest(self) -> None:
        """Read until every byte that was written has come out."""
        record = self.record
        until = time.monotonic() + _PATIENCE_S
        while record.bytes_seen < record.bytes_written and time.monotonic() < until:
            if not self.drain():
                self.wait_for_output()
        self.drain()
        if record.bytes_seen != record.bytes_written:
            self.recorder.doubts.append(
                f"{record.bytes_written} bytes were written to the terminal, "
                f"but {record.bytes_seen} came out of it"
            )
