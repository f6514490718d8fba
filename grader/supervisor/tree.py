"""The traced processes and threads as they are now, and who is who by which number."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from grader.supervisor.architecture import Registers
from grader.supervisor.clock import CpuUse
from grader.supervisor.memory import Memory
from grader.supervisor.procfs import ThreadFiles
from grader.supervisor.reports import ProbeReport
from grader.trace import Location, Nanoseconds, ProcessNumber

READ_COST: Nanoseconds = 10_000
"""Virtual time charged for a clock read, so that a busy wait on the clock ends."""
MOST_CHARGED: Nanoseconds = 20_000_000
"""A process asks for the time at the latest after half of this: what says more is a forgery."""
_SIGN = 1 << 63
FREE_POLLS = 8
"""Fruitless polls after which a process is taken to spin."""


@dataclass
class ClockPage:
    """The page in a process's memory from which it reads the time (vdso_clock_x86_64.S)."""

    address: int
    reads_charged: int = 0
    out_of_date: bool = False
    """The process is made to ask the supervisor instead of reading it."""
    step: Nanoseconds = READ_COST
    """What a read costs since it was last written."""
    cpu: Nanoseconds = 0
    """The CPU time that the process had used by then."""
    time: Nanoseconds = 0
    """The run's time then."""
    charged: Nanoseconds = 0
    """What the process was charged for since then."""

    def unread_charge(self, memory: Memory) -> Nanoseconds:
        """What the process was charged for reading the clock since this was last asked.

        The page is the process's own, so it may hold anything: what cannot be is not believed.

        Raises:
            OSError: the memory is gone.
        """
        (total,) = struct.unpack("=q", memory.read_exactly(self.address + 56, 8))
        fresh = total - self.reads_charged
        self.reads_charged = total
        believed = int(fresh) if 0 <= fresh <= MOST_CHARGED else 0
        self.charged += believed
        return believed

    def behind(self, now: Nanoseconds, cpu: Nanoseconds) -> Nanoseconds:
        """How far the time on it is behind the run's ``now``, by which the process has used
        ``cpu``: it does not show what other processes have computed since it was written.
        """
        if self.out_of_date:
            return 0  # nobody has read it, but had to ask
        return max(0, now - self.time - (cpu - self.cpu) - self.charged)

    def invalidate(self, memory: Memory) -> None:
        """
        Raises:
            OSError: the memory is gone.
        """
        memory.write(self.address + 16, bytes(8))
        self.out_of_date = True

    def write(
        self,
        memory: Memory,
        *,
        now: Nanoseconds,
        cpu: Nanoseconds,
        step: Nanoseconds,
        limit: Nanoseconds,
        realtime: Nanoseconds,
        monotonic: Nanoseconds,
        measured: bool,
    ) -> None:
        """
        Raises:
            OSError: the memory is gone.
        """
        self.step, self.cpu, self.out_of_date = step, cpu, False
        self.time, self.charged = now, 0
        base = (now - self.reads_charged + _SIGN) % (2 * _SIGN) - _SIGN
        memory.write(
            self.address,
            struct.pack("=qqqqqqq", base, step, limit, realtime, monotonic, cpu, measured),
        )


@dataclass(eq=False)
class TracedProcess:
    """A live process. ``pid`` is ours for it, ``inner_pid`` its own."""

    number: ProcessNumber
    pid: int
    inner_pid: int
    memory: Memory
    threads: dict[int, TracedThread] = field(default_factory=dict)
    executed: bool = False
    """It runs a program of its own, no longer what the grader does before that."""
    has_probe: bool = False
    """It runs an interpreter in which the probe was set up, and answers."""
    page: ClockPage | None = None
    vfork_parent: TracedThread | None = None
    """Who waits until it executes a program. Until then its memory is its parent's."""
    read_step: Nanoseconds = READ_COST
    """What a clock read costs it now; grows while it does nothing but read the clock."""
    reads_in_row: int = 0
    """Trapped clock reads since it last made another trapped call."""
    reading_since: Nanoseconds = 0
    """The CPU time that it had used at the first of them."""
    fruitless_polls: int = 0
    """Non-blocking waits that found nothing, since it last did anything else."""
    polling_since: Nanoseconds = 0
    sentinels: dict[int, Sentinel] = field(default_factory=dict)
    """By the descriptors that become ready when a child ends."""
    catches_child_signals: bool = False
    """It has a handler for SIGCHLD."""
    places: dict[int, int] = field(default_factory=dict)
    """Where in its memory the probe's tables lie of the places that were counted, by the numbers of
    the threads that came to them (0: its own)."""
    threads_started: int = 0
    """By the student's code."""
    finalizing: TracedThread | None = None
    """Its main thread, held at the end of its interpreter until others have printed."""
    locks: dict[int, SharedLock] = field(default_factory=dict)
    """Where in its memory multiprocessing's locks lie (the probe says)."""
    alarm: Alarm | None = None
    ending: bool = False
    """All of its threads are on their way out."""
    cpu: CpuUse = field(default_factory=CpuUse)
    """What it used in all, once it is ending."""

    @property
    def spins(self) -> bool:
        """Whether it does nothing but look at the clock or ask in vain."""
        return self.read_step > READ_COST or self.fruitless_polls > FREE_POLLS


@dataclass(frozen=True)
class Sentinel:
    """What becomes ready when a child ends. ``target``: what its descriptor led to when that was
    learned.
    """

    inner_pid: int
    target: str


@dataclass(frozen=True, eq=False)
class SharedLock:
    """A lock or semaphore of multiprocessing, the same one in all processes that inherit it."""

    line: Location | None
    """Where the student's code made it, or made what it belongs to."""
    is_semaphore: bool
    is_room: bool = False
    """Of it a queue takes one for each item that it has room for."""
    is_signal: bool = False
    """It began at zero: one waits at it until another lets one through."""


@dataclass
class Alarm:
    """A pending ITIMER_REAL of a process: SIGALRM is due at ``deadline``."""

    deadline: Nanoseconds
    interval: Nanoseconds


class PendingCall:
    """A system call that a thread has entered and whose exit is of interest.

    While it lasts, ``deadline`` is when the supervisor must end it (`expire` is called first).
    """

    visible: ClassVar[bool] = True
    """Whether other processes could notice it, so that a schedule may let them go first."""
    deadline: Nanoseconds | None = None
    wants_entry_again: bool = False
    """Whether the same call is to be entered once more without a new object for it."""

    @property
    def is_over_sleep(self) -> bool:
        """Whether it is a sleep that has lasted as long as it was to."""
        return False

    @property
    def reports_wait(self) -> bool:
        """Whether an event of its own tells that the thread waits in it."""
        return self.deadline is not None

    def expire(self) -> None:
        """The deadline has come; the thread is about to be interrupted."""

    def leave(self, registers: Registers) -> None:
        """The thread is at the exit, with these registers."""


class Asleep(PendingCall):
    """A call that was entered unseen, and in which the thread sleeps; its end is of interest."""


@dataclass(eq=False)
class TracedThread:
    """A live thread. ``call`` is the trapped system call that it is in, if any."""

    tid: int
    inner_tid: int
    number: int
    """In order of birth within its process; its first thread is 0."""
    process: TracedProcess
    files: ThreadFiles
    call: PendingCall | None = None
    interrupted: PendingCall | None = None
    """The timed wait that a signal broke off, for when it is entered again."""
    begun: bool = False
    stopped: bool = False
    """In a ptrace-stop that we know of."""
    in_group_stop: bool = False
    pids_to_skip: int | None = None
    """How many are still to be used up before its child gets one; None: it is making none."""
    waits_for_room: int = 0
    """How often it has waited to send descriptors, and could not."""
    exiting: bool = False
    """On its way out: nothing of its own will be heard any more."""
    student_number: int | None = None
    """Of a thread that the student's code has started, in that order within its process from 1."""
    starting: ProbeReport | None = None
    """Of which thread the probe said that this one is about to start it."""

    @property
    def deadline(self) -> Nanoseconds | None:
        """When the wait that it is in must end, if it must."""
        return None if self.call is None else self.call.deadline


class Tree:
    """All live traced threads and processes of a run."""

    def __init__(self) -> None:
        self.threads: dict[int, TracedThread] = {}
        self.processes: dict[int, TracedProcess] = {}
        self.births = 0
        """How many processes there have been."""
        self._thread_births: dict[int, int] = {}
        self.uncollected: set[int] = set()
        """Inner pids of all processes that are alive or that nobody has reaped yet."""
        self.numbers_by_inner_pid: dict[int, ProcessNumber] = {}
        """Of all processes that ever were; the last one's where a pid was used again."""

    def __iter__(self) -> Iterator[TracedProcess]:
        return iter(self.processes.values())

    def born_process(
        self, pid: int, inner_pid: int, vfork_parent: TracedThread | None = None
    ) -> TracedProcess:
        """
        Raises:
            OSError: it is gone already.
        """
        process = TracedProcess(self.births, pid, inner_pid, Memory(pid), vfork_parent=vfork_parent)
        self.births += 1
        self.processes[pid] = process
        self.uncollected.add(inner_pid)
        self.numbers_by_inner_pid[inner_pid] = process.number
        self._thread_births[pid] = 0
        return process

    def born_thread(self, tid: int, inner_tid: int, process: TracedProcess) -> TracedThread:
        """
        Raises:
            OSError: it is gone already.
        """
        number = self._thread_births[process.pid]
        self._thread_births[process.pid] += 1
        thread = TracedThread(tid, inner_tid, number, process, ThreadFiles(tid))
        process.threads[tid] = self.threads[tid] = thread
        return thread

    def thread_died(self, thread: TracedThread) -> None:
        """Forget a thread, and close its files."""
        thread.files.close()
        self.threads.pop(thread.tid, None)
        thread.process.threads.pop(thread.tid, None)

    def process_died(self, process: TracedProcess) -> None:
        """Forget a process and all its threads, and close its files."""
        for thread in list(process.threads.values()):
            self.thread_died(thread)
        process.memory.close()
        self.processes.pop(process.pid, None)

    def by_number(self, number: ProcessNumber) -> TracedProcess | None:
        """The live process with this number."""
        return next((each for each in self if each.number == number), None)

    def by_inner_tid(self, inner_tid: int) -> TracedThread | None:
        """The live thread that the submission knows by this number."""
        threads = self.threads.values()
        return next((each for each in threads if each.inner_tid == inner_tid), None)
