"""Keeps the submission's time: its clock pages, its deadlines, and what is due."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from grader.supervisor import ptrace
from grader.supervisor.calls.base import Call
from grader.supervisor.calls.messages import SendMessage
from grader.supervisor.calls.socket_options import SocketWait, time_limit
from grader.supervisor.calls.sockets import Connect
from grader.supervisor.clock import CpuMeter
from grader.supervisor.run import Run
from grader.supervisor.tree import Asleep, ClockPage, TracedProcess, TracedThread
from grader.trace import Nanoseconds

_PAGE_LIFE: Nanoseconds = 10_000_000
"""After so much of its own time a process asks the supervisor for the time again."""


class Timekeeper:
    """Tells every process the time, and ends every wait when it is over."""

    def __init__(self, run: Run, meter: CpuMeter) -> None:
        self._run = run
        self._clock = run.clock
        self._tree = run.tree
        self._meter = meter

    def collect_charge(self, process: TracedProcess) -> Nanoseconds:
        """Let the run pay for the clock reads that a process made by itself."""
        if process.page is None:
            return 0
        try:
            charged = process.page.unread_charge(process.memory)
        except OSError:
            return 0  # it is dying
        self._clock.charge(charged)
        return charged

    def write_page(self, process: TracedProcess, page: ClockPage) -> None:
        """Tell a process the time, and until when it may believe it without asking."""
        now, measured = self._clock.now(), self._clock.is_measured
        try:
            page.write(
                process.memory,
                now=now,
                cpu=self._meter.of(process.pid) if measured else 0,
                step=process.read_step,
                limit=min([now + _PAGE_LIFE, *self.deadlines()]),
                realtime=self._clock.realtime_offset,
                monotonic=self._clock.monotonic_offset,
                measured=measured,
            )
        except OSError:
            return  # it is dying

    def invalidate_clock_pages(self) -> None:
        """A process that sleeps in a call which is not trapped wakes without a stop.

        By then its page is out of date, so it must ask for the time. Under a schedule every
        waking is a stop.
        """
        if self._run.is_scheduled:
            return
        for process in self._tree:
            page = process.page
            if page is not None and not page.out_of_date and _sleeps_unseen(process):
                try:
                    page.invalidate(process.memory)
                except OSError:
                    continue  # it is dying

    def deadlines(self) -> list[Nanoseconds]:
        """When each wait, alarm and timer is due, on the run's clock."""
        found = [timer.deadline for timer in self._run.file_timers]
        for process in self._tree:
            if process.alarm is not None:
                found.append(process.alarm.deadline)
        for thread in self._tree.threads.values():
            if thread.call is not None and thread.call.deadline is not None:
                found.append(thread.call.deadline)
        return found

    def watch_sockets(self) -> bool:
        """Give waits at sockets with time limits their deadlines, where everybody stands still.
        Whether there was one that had none.
        """
        waits = self._waits_at_sockets()
        for thread, limit in waits:
            is_watched = thread.call is not None
            entered = thread.call if isinstance(thread.call, Call) else None
            thread.call = SocketWait(self._clock.now() + limit, entered)
            if not is_watched:  # else it was interrupted before, and its end is a stop
                with suppress(ProcessLookupError):
                    ptrace.interrupt(thread.tid)
        return bool(waits)

    def _waits_at_sockets(self) -> list[tuple[TracedThread, Nanoseconds]]:
        """Those without deadlines."""
        if not self._run.socket_timeouts:
            return []
        found = [
            (thread, time_limit(self._run, thread))
            for thread in self._tree.threads.values()
            if not (thread.stopped or thread.in_group_stop)
            and (thread.call is None or isinstance(thread.call, (Asleep, Connect, SendMessage)))
        ]
        return [(thread, limit) for thread, limit in found if limit is not None]

    def kernel_ends_a_wait(self) -> bool:
        """Whether, on the real clock, some wait at a socket will end by itself."""
        return not self._clock.is_virtual and bool(self._waits_at_sockets())

    def fire_due(self) -> bool:
        """End every wait whose deadline has come, the earliest first. Whether there was one."""
        if not self._clock.is_virtual:
            return False
        deadlines = self.deadlines()
        if not deadlines:
            return False
        now = self._clock.now()
        if min(deadlines) > now:
            return False
        due = [
            (thread.deadline, thread)
            for thread in self._tree.threads.values()
            if thread.deadline is not None and thread.deadline <= now
        ]
        if due:
            for process in self._tree:
                process.fruitless_polls = 0  # what they wait for may now come
        for _, thread in sorted(due, key=lambda each: (each[0], each[1].process.number)):
            assert thread.call is not None
            thread.call.expire()
            if not thread.stopped:
                try:
                    ptrace.interrupt(thread.tid)
                except ProcessLookupError:
                    continue  # it is dying
        alarmed = [
            process
            for process in self._tree
            if process.alarm is not None and process.alarm.deadline <= now
        ]
        for process in alarmed:
            self._deliver_alarm(process)
        timers = [each for each in self._run.file_timers if each.deadline <= now]
        for timer in timers:
            timer.fire()
            if timer.interval > 0:
                timer.deadline += timer.interval
            else:
                self._run.file_timers.remove(timer)
                timer.close()
        return bool(due or alarmed or timers)

    def _deliver_alarm(self, process: TracedProcess) -> None:
        alarm = process.alarm
        assert alarm is not None
        if alarm.interval > 0:
            alarm.deadline += alarm.interval
        else:
            process.alarm = None
        try:
            os.kill(process.pid, signal.SIGALRM)
        except ProcessLookupError:
            return  # it has ended meanwhile


def _sleeps_unseen(process: TracedProcess) -> bool:
    threads = process.threads.values()
    return any(thread.call is None for thread in threads) and not any(
        thread.stopped or thread.files.state() != "S" for thread in threads
    )
