"""What all that deals with one run shares."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from grader.sandbox import Device
from grader.supervisor.architecture import Architecture, Registers
from grader.supervisor.clock import Clock
from grader.supervisor.descriptors import FileTimer
from grader.supervisor.in_flight import InFlight
from grader.supervisor.output import TerminalQueue
from grader.supervisor.recording import Recorder
from grader.supervisor.shares import Shares
from grader.supervisor.start_ups import StartUps
from grader.supervisor.tree import TracedThread, Tree
from grader.trace import Connection, Nanoseconds, ProcessNumber

_START_UP = "start-up"
"""Until main's first instruction chance is the same in all runs: they may share that part."""


class Randomness:
    """A stream of random bytes for each process, and another for each of its programs.

    No stream depends on when other processes ask.
    """

    def __init__(self, seed: int) -> None:
        self._seed: int | str = _START_UP
        self._seed_from_ready_on = seed
        self._asked: dict[tuple[ProcessNumber, str], int] = {}

    def ready(self) -> None:
        """The submission's first instruction comes next."""
        self._seed = self._seed_from_ready_on
        self._asked.clear()

    def draw(self, process: ProcessNumber, size: int) -> bytes:
        """The process's next ``size`` random bytes."""
        return self._draw(process, "getrandom", size)

    def draw_for_program(self, process: ProcessNumber) -> bytes:
        """The 16 bytes that the kernel gives to a program that it executes (AT_RANDOM)."""
        return self._draw(process, "program", 16)

    def _draw(self, process: ProcessNumber, what: str, size: int) -> bytes:
        count = self._asked[process, what] = self._asked.get((process, what), 0) + 1
        name = f"{self._seed}/{process}/{what}/{count}"
        return hashlib.shake_128(name.encode()).digest(size)


@dataclass
class SocketTimeouts:
    """The time limits of a socket (SO_RCVTIMEO, SO_SNDTIMEO); 0: none."""

    receiving: Nanoseconds = 0
    sending: Nanoseconds = 0


@dataclass
class Run:
    """One run of a submission, as far as it has come."""

    architecture: Architecture
    clock: Clock
    tree: Tree
    recorder: Recorder
    terminals: list[TerminalQueue]
    """The submission's own, and after it those of peers."""
    folder: str
    shared_memory: str | None
    """Where files lie that the submission makes in /dev/shm; None: it has one of its own."""
    cpus: frozenset[int]
    """The processors that the submission is told of."""
    randomness: Randomness
    start_ups: StartUps
    in_flight: InFlight
    shares: Shares
    stretch: Callable[[TracedThread], int] = lambda thread: 1
    """How many times as long a thread's sleeps take."""
    is_scheduled: bool = False
    """Whether one thread at a time is let go: then the end of every wait is of interest."""
    change_points: tuple[int, ...] | None = None
    """At which counts of opcodes the probe is to stop; None: it does not count."""
    wanted_reports: tuple[str, ...] = ()
    """What the probe is asked to report besides processes and threads, as `Plan.reports` has it."""
    stops_main_at_ready: bool = False
    """Whether main stops before the student's first instruction: it is a template, or peers are
    to be ready first."""
    ready_report: tuple[TracedThread, Registers, str] | None = None
    """Where it stands then: its thread, registers at the report, and its Python."""
    pipes_stay_small: bool = False
    """New pipes hold less than usual, and it is of no use to wait."""
    file_timers: list[FileTimer] = field(default_factory=list)
    socket_timeouts: dict[str, SocketTimeouts] = field(default_factory=dict)
    """What a socket's descriptor leads to -> its time limits."""
    callers: dict[str, list[int]] = field(default_factory=dict)
    """Unix socket -> numbers of the processes that called there, oldest first."""
    connections: dict[int, Connection] = field(default_factory=dict)
    """Port at which a peer calls from -> its connection."""
    fork_servers: dict[int, str] = field(default_factory=dict)
    """Process number of a fork server -> the Unix socket at which it is asked for children."""
    last_listener: dict[int, str] = field(default_factory=dict)
    """Process number -> the Unix socket that it listened at last."""

    def ready(self, python: str) -> None:
        """Main's interpreter is set up; the submission's first instruction comes next."""
        if not self.recorder.is_ready:
            self.randomness.ready()
            self.recorder.ready(python)

    @property
    def terminal(self) -> TerminalQueue:
        """The submission's own."""
        return self.terminals[0]

    def terminal_of(self, device: Device | None) -> TerminalQueue | None:
        """The terminal behind a character device; None: it is none of the run's."""
        return next((each for each in self.terminals if device in each.devices), None)
