"""Writes down who stood still while time was skipped, where no call of theirs tells of it.

A wait for a lock, a pipe or a connection is a call that is not trapped. At a standstill it can be
seen in what a process is, and idle time passes at standstills only.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.supervisor.run import Run
from grader.supervisor.standstill import idle
from grader.supervisor.tree import TracedProcess
from grader.trace import Nanoseconds, ProcessNumber, WaitReason

_SHORTEST: Nanoseconds = 1_000_000
"""What is shorter is not worth telling."""
_MOST = 1000
"""Spans in a run."""
_NOT_RECORDED = frozenset({WaitReason.OTHER, WaitReason.INPUT})
"""That a line from the keyboard is waited for is an event of its own."""


@dataclass
class _Span:
    handle: int
    obstacle: WaitReason
    moves: list[bytes]


class BlockedIntervals:
    """What processes wait for while time is skipped, in one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._last: dict[ProcessNumber, _Span] = {}
        self._spans = 0

    def skipped(self, since: Nanoseconds) -> None:
        """Time was skipped from then until now; everybody still stands."""
        if not self._run.recorder.is_ready or self._run.clock.now() - since < _SHORTEST:
            return
        for process, obstacle in idle(self._run):
            if obstacle not in _NOT_RECORDED and self._spans < _MOST:
                self._record(process, since, obstacle)

    def _record(self, process: TracedProcess, since: Nanoseconds, obstacle: WaitReason) -> None:
        journal = self._run.recorder.journal
        moves = [thread.files.run_counters() for thread in process.threads.values()]
        last = self._last.get(process.number)
        if last is not None and (last.obstacle, last.moves) == (obstacle, moves):
            journal.extend_blocked(last.handle)
            return
        self._spans += 1
        handle = journal.blocked(process.number, since, obstacle)
        self._last[process.number] = _Span(handle, obstacle, moves)
