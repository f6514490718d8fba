"""The programs of the exercise's own beside the submission: each begins in its time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from grader.plan import Plan
from grader.supervisor.console import Console
from grader.supervisor.programs import Starter
from grader.supervisor.run import Run
from grader.trace import Listened, Printed, Role

if TYPE_CHECKING:
    from grader.exercise import Peer  # a room that takes long to load


class Peers:
    """Starts each peer when what it waits for has happened."""

    def __init__(
        self, plan: Plan, run: Run, starter: Starter, open_console: Callable[[], Console]
    ) -> None:
        self._run = run
        self._starter = starter
        self._open_console = open_console
        self._waiting = list(plan.peers)
        self._seen = 0
        """How many events of the record have been looked at."""

    def start_those_due(self) -> None:
        """
        Raises:
            OSError: the kernel does not allow it.
        """
        if not self._waiting:
            return
        news = self._run.recorder.journal.since(self._seen)
        self._seen += len(news)
        for event in news:
            if not isinstance(event, (Listened, Printed)):
                continue
            if self._run.recorder.process(event.by).role is not Role.PEER:
                self._start([peer for peer in self._waiting if _begins_at(peer, event)])
        self._start([peer for peer in self._waiting if peer.begins is None])

    def _start(self, due: list[Peer]) -> None:
        for peer in due:
            self._waiting.remove(peer)
            self._starter.start_peer(peer, self._open_console())

    @property
    def come_first(self) -> bool:
        """Whether some wait for nothing: they are ready before the submission's first line."""
        return any(peer.begins is None for peer in self._waiting)

    @property
    def are_done(self) -> bool:
        """Whether all have been started and all have ended."""
        recorder = self._run.recorder
        return not self._waiting and all(
            recorder.has_ended(number) for number in recorder.numbers_of(Role.PEER)
        )


def _begins_at(peer: Peer, event: Listened | Printed) -> bool:
    if peer.begins is None:
        return False
    if isinstance(event, Listened):
        return event.port == peer.begins.listens
    return peer.begins.is_line(event.text)
