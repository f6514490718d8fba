"""What the run as a whole may use, and whether it has."""

from __future__ import annotations

import time

from grader.limits import Limits
from grader.supervisor import procfs
from grader.supervisor.clock import CpuMeter
from grader.supervisor.disk import TooDeepError, disk_usage
from grader.supervisor.in_flight import InFlight
from grader.supervisor.kernel_memory import memory_in_sockets
from grader.supervisor.output import TerminalRecord
from grader.supervisor.recording import Recorder
from grader.supervisor.start_ups import StartUps
from grader.supervisor.tree import Tree
from grader.trace import Nanoseconds, Outcome, Role

_MEMORY_EVERY: Nanoseconds = 5_000_000
_DISK_EVERY: Nanoseconds = 50_000_000
"""CPU time of the submission between two looks: without any it can neither take memory nor write.
By the wall a busy machine would make the looks of one run more expensive than its stops.
"""
_DISK_SLACK = 10**6
"""A single file of the size that is allowed meets the kernel's limit, which is an error."""
_DISK_SHARE = 20
"""To look at many files takes long: the submission may compute so many times as long between."""
_KERNEL_EVERY: Nanoseconds = 10_000_000
_KERNEL_SHARE = 5
"""The same for memory of the kernel's, which fills faster."""
_FOR_COUNTING = 4
"""So many times what main needed to come up each process is granted where the probe looks at its
opcodes: that takes at most about as long (`_OpcodeCounter.MOST_OPCODES`), and is not the
submission's to pay."""
_EVENTS_OF_A_BIRTH = 16
"""So many events each process counts for besides its own: much is asked of each afterwards."""
_MOST_HELPERS = 4
"""multiprocessing has a resource tracker and a fork server, for the peers perhaps too. Others
only call themselves so."""


class LimitWatch:
    """Compares what the tree of processes uses with what it may use."""

    def __init__(
        self,
        limits: Limits,
        tree: Tree,
        meter: CpuMeter,
        recorder: Recorder,
        terminal: TerminalRecord,
        folders: tuple[str, ...],
        start_ups: StartUps,
        in_flight: InFlight,
        *,
        is_natural: bool,
        counts_opcodes: bool,
    ) -> None:
        """
        Args:
            limits: what the submission may use.
            tree: its processes.
            meter: their CPU time.
            recorder: what they have done.
            terminal: what they have printed.
            folders: where they can write.
            start_ups: what interpreters need to come up here.
            in_flight: descriptors that were sent and not received.
            is_natural: the run has no schedule, whose own cost would be the submission's.
            counts_opcodes: the probe looks at the student's opcodes, at the cost of the processes.
        """
        self._start_ups = start_ups
        self._is_natural = is_natural
        self._counts_opcodes = counts_opcodes
        self._limits = limits
        self._tree = tree
        self._meter = meter
        self._recorder = recorder
        self._terminal = terminal
        self._look_at_memory: Nanoseconds = 0
        """The CPU time of the submission at which to look next."""
        self._in_flight = in_flight
        self._too_many_in_flight = False
        self._in_kernel = 0
        self._look_at_kernel_memory: Nanoseconds = 0
        """As for memory."""
        self._folders = folders
        self._look_at_disk: Nanoseconds | None = None
        """The same; None: the submission has not begun."""
        self._supervised_since = time.process_time_ns()
        self._waiting: Nanoseconds = 0

    def reached(self) -> Outcome | None:
        """The limit that is exceeded now, if any."""
        if self.too_much_output():
            return Outcome.OUTPUT_LIMIT
        used = self._meter.charged()
        if used > self._limits.cpu and used > self._limits.cpu + self._for_counting():
            return Outcome.CPU_LIMIT
        if self._recorder.elapsed > self._limits.time:
            return Outcome.TIME_LIMIT
        supervision = self._limits.supervision
        if self._is_natural:
            supervision = self._limits.supervision_beside(used, self._events)
        if self.too_many_events() or self.supervision > supervision:
            return Outcome.EVENT_LIMIT
        if used >= self._look_at_memory:
            self._look_at_memory = used + _MEMORY_EVERY
            if self._uses_too_much_memory(used) or self._too_many_in_flight:
                return Outcome.MEMORY_LIMIT
        if self._look_at_disk is None:
            if self._recorder.is_ready:
                self._look_at_disk = used + _DISK_EVERY
        elif used >= self._look_at_disk and self._takes_too_much_room(used):
            return Outcome.DISK_LIMIT
        return None

    def _for_counting(self) -> Nanoseconds:
        if not self._counts_opcodes:
            return 0
        granted = _FOR_COUNTING * self._start_ups.of_main * self._tree.births
        return min(granted, self._limits.cpu)

    def too_much_output(self) -> bool:
        """A long write is seen to come out before it is seen to end."""
        printed = max(self._terminal.bytes_written, self._terminal.bytes_seen)
        return printed > self._limits.output

    def too_many_events(self) -> bool:
        """Whether the trace is longer than it may be."""
        return self._events > self._limits.events

    @property
    def _events(self) -> int:
        return self._recorder.journal.count + _EVENTS_OF_A_BIRTH * self._tree.births

    @property
    def supervision(self) -> Nanoseconds:
        """CPU time that the run has taken from the supervisor, without what it waited."""
        return time.process_time_ns() - self._supervised_since - self._waiting

    def exempt_waiting(self, since: Nanoseconds) -> None:
        """Since it was that `supervision`, the supervisor only waited for somebody who computes, or
        would: on a busy machine that may be long, and is no fault of the submission.
        """
        self._waiting += self.supervision - since

    def too_many_alive(self) -> Outcome | None:
        """Whether there are too many processes, or threads besides their first ones. The few
        helpers that multiprocessing itself has do not count.
        """
        processes = len(self._tree.processes)
        if len(self._tree.threads) - processes > self._limits.threads:
            return Outcome.THREAD_LIMIT
        if processes <= self._limits.processes:
            return None  # asked at every stop, and most often so
        helpers = sum(
            self._recorder.process(process.number).role is Role.HELPER for process in self._tree
        )
        if processes - min(helpers, _MOST_HELPERS) > self._limits.processes:
            return Outcome.PROCESS_LIMIT
        return None

    def time_left(self) -> int:
        """On the run's clock, in nanoseconds."""
        return self._limits.time - self._recorder.elapsed

    def _uses_too_much_memory(self, used: Nanoseconds) -> bool:
        left = self._limits.memory - self._kernel_memory(used)
        if sum(procfs.resident_bytes(process.pid) for process in self._tree) <= left:
            return False  # the cheap look counts shared pages once for each process: at least all
        return sum(procfs.proportional_bytes(process.pid) for process in self._tree) > left

    def _kernel_memory(self, used: Nanoseconds) -> int:
        if used >= self._look_at_kernel_memory:
            began = time.process_time_ns()
            self._in_kernel = memory_in_sockets() if self._in_flight.has_own_network else 0
            self._too_many_in_flight = self._in_flight.exceed()
            effort = time.process_time_ns() - began
            self._look_at_kernel_memory = used + max(_KERNEL_EVERY, _KERNEL_SHARE * effort)
        return self._in_kernel

    def _takes_too_much_room(self, used: Nanoseconds) -> bool:
        began = time.process_time_ns()
        try:
            return disk_usage(self._folders, self._tree) > self._limits.disk + _DISK_SLACK
        except TooDeepError:
            return True
        finally:
            effort = time.process_time_ns() - began
            self._look_at_disk = used + max(_DISK_EVERY, _DISK_SHARE * effort)
