"""Asks processes that cannot or may not go on at which line of the student's code they stand.

The probe answers a signal with the line. Nobody is let go any further than to that answer, and of
what happens here only output is written down that was on its way: the run is over.
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from grader.supervisor import ptrace
from grader.supervisor.architecture import Registers
from grader.supervisor.calls.base import NO_CALL
from grader.supervisor.calls.writes import Write, read_report
from grader.supervisor.run import Run
from grader.supervisor.stops import StopHandler
from grader.supervisor.tree import TracedThread
from grader.trace import Blocked, Location, Nanoseconds, ProcessNumber, WaitReason

QUESTION = signal.SIGRTMAX
"""The probe has a handler for it (``probe/sitecustomize.py``)."""
_PATIENCE: Nanoseconds = 200_000_000
"""CPU time in which all of them together should have answered."""
_MOST_STOPS = 1000
"""Of all of them together on the way to their answers."""
_NAP_S = 0.0005
_MOST_NAPS = 1000
"""Who neither sleeps nor computes is stuck in the kernel (state D in proc_pid_stat(5))."""


class Inquiry:
    """One round of questions, right before everybody is killed."""

    def __init__(self, run: Run, stops: StopHandler) -> None:
        self._run = run
        self._stops = stops
        self._lines: dict[ProcessNumber, Location] = {}
        self._asked: dict[int, TracedThread] = {}

    def lines(self) -> dict[ProcessNumber, Location]:
        """Where they stand, of those who answer: a thread of the student's may have blocked the
        signal, or wait in code that does not hear it.
        """
        in_vfork = {process.vfork_parent for process in self._run.tree}
        for process in self._run.tree:
            thread = process.threads.get(process.pid)
            if thread is None or not process.has_probe or thread in in_vfork:
                continue  # in vfork only its child's next program, or its end, wakes it
            if not (thread.stopped or thread.in_group_stop or thread.exiting):
                self._asked[thread.tid] = thread
        before = self._cpu_time()
        for tid in self._asked:
            with suppress(ProcessLookupError):
                os.kill(tid, QUESTION)
        handled = naps = 0
        while self._asked and handled < _MOST_STOPS and naps < _MOST_NAPS:
            stop = ptrace.next_stop()
            if stop is not None:
                handled += 1
                self._handle(stop)
            elif self._none_moves() or self._cpu_time() - before > _PATIENCE:
                break
            else:
                naps += 1
                signal.sigtimedwait([signal.SIGCHLD], _NAP_S)
        return self._lines

    def _handle(self, stop: ptrace.Stop) -> None:
        thread = self._run.tree.threads.get(stop.tid)
        if thread is None or stop.exited:
            self._asked.pop(stop.tid, None)
            self._stops.handle(stop)
            return
        thread.stopped = True
        try:
            if stop.tid in self._asked and self._goes_on(thread, stop):
                thread.stopped = False
            else:
                self._asked.pop(stop.tid, None)
        except ProcessLookupError:
            return  # killed meanwhile: its death is still to come

    def _goes_on(self, thread: TracedThread, stop: ptrace.Stop) -> bool:
        """Let it go on if that leads to its answer. Whether it does."""
        if stop.event == ptrace.Event.SECCOMP:
            return self._is_at_call(thread)
        if stop.event and (stop.event != ptrace.Event.STOP or stop.signal != signal.SIGTRAP):
            return False
        if stop.in_syscall and isinstance(thread.call, Write):
            thread.call.leave(Registers(thread.tid, self._run.architecture))
            thread.call = None  # what it has written comes out of the terminal, and is its own
        ptrace.resume(thread.tid, 0 if stop.in_syscall else stop.signal)
        return True

    def _is_at_call(self, thread: TracedThread) -> bool:
        """It answers, or it was about to make another call: that is left out, as if the question
        had interrupted it.
        """
        registers = Registers(thread.tid, self._run.architecture)
        report = read_report(self._run, thread.process, registers)
        if report is not None and report.function == "stands":
            if report.line is not None:
                self._lines[thread.process.number] = report.line
            return False
        if report is None:
            registers.result = -errno.EINTR
            registers.store_with_call(NO_CALL)
        ptrace.resume(thread.tid)
        return True

    def _none_moves(self) -> bool:
        """Whether those who have not answered are asleep again."""
        files = [thread.files for thread in self._asked.values()]
        before = [each.run_counters() for each in files]
        return (
            all(each.state() in "SZT" and not each.is_on_its_way() for each in files)
            and [each.run_counters() for each in files] == before
        )

    def _cpu_time(self) -> Nanoseconds:
        return sum(thread.files.cpu_time() or 0 for thread in self._asked.values())


def located(
    blocked: Iterable[Blocked], lines: Mapping[ProcessNumber, Location]
) -> tuple[Blocked, ...]:
    """Those that are blocked, at their lines, and those of the others whose lines are known."""
    known = {each.process: each for each in blocked}
    at_work = {
        number: Blocked(number, WaitReason.NOTHING) for number in lines.keys() - known.keys()
    }
    return tuple(
        replace(each, line=lines.get(number, each.line))
        for number, each in sorted((known | at_work).items())
    )
