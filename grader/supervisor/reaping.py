"""The end of a run: nobody of its tree is left, whatever it did to stay."""

from __future__ import annotations

import os
from collections.abc import Set

from grader.supervisor import ptrace
from grader.supervisor.calls.sockets import connections_of
from grader.supervisor.procfs import children_of, traced_children
from grader.supervisor.run import Run
from grader.supervisor.stops import StopHandler


class Reaper:
    """Kills the processes of one run and waits until they are gone."""

    def __init__(
        self, run: Run, stops: StopHandler, beside: Set[int | None], reaper_pid: int
    ) -> None:
        """
        Args:
            run: whose processes end.
            stops: handles what they come to on their way out.
            beside: pids of children of this process that are none of the run's.
            reaper_pid: pid of the process that orphans are given to.
        """
        self._run = run
        self._tree = run.tree
        self._stops = stops
        self._beside = beside
        self._reaper_pid = reaper_pid

    def kill_all(self) -> None:
        """Nobody of the tree is left afterwards."""
        for process in self._tree:
            self._run.recorder.killed_by_grader(process.number, connections_of(process))
        unborn = self._stops.unborn
        while self._any_left():
            for pid in [*self._tree.processes, *unborn]:
                ptrace.kill(pid)
            for thread in self._tree.threads.values():
                self._stops.let_die(thread)
            try:
                stop = ptrace.next_stop(block=True)
            except ChildProcessError:
                return
            assert stop is not None
            self._let_die(stop)

    def mark_all(self) -> None:
        """Somebody else kills them: the run is cut off."""
        for process in self._tree:
            self._run.recorder.killed_by_grader(process.number, connections=0)

    def _any_left(self) -> bool:
        """Those whom nobody told of are found among our children and orphans."""
        return bool(
            self._tree.processes
            or children_of(os.getpid()) - self._beside
            or traced_children(os.getpid(), {self._reaper_pid}) - self._beside
        )

    def _let_die(self, stop: ptrace.Stop) -> None:
        thread = self._tree.threads.get(stop.tid)
        if stop.exited:
            self._stops.died(stop)
        elif thread is not None and stop.event == ptrace.Event.EXIT:
            self._stops.is_exiting(thread)
        else:
            if thread is None:
                ptrace.kill(stop.tid)
            try:
                ptrace.resume(stop.tid)
            except ProcessLookupError:
                return  # the kill came first
