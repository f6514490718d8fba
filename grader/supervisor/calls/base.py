"""What every trapped call has in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.sandbox import Device
from grader.supervisor.architecture import Architecture, Registers
from grader.supervisor.clock import Clock
from grader.supervisor.randomness import Randomness
from grader.supervisor.recording import Recorder
from grader.supervisor.start_ups import StartUps
from grader.supervisor.tree import TracedThread, Tree
from grader.trace import Location, Nanoseconds

if TYPE_CHECKING:
    from grader.supervisor.calls.timers import FileTimer
    from grader.supervisor.calls.writes import TerminalQueue

NO_CALL = -1
STACK_RED_ZONE = 256
"""More than either ABI lets a function use below its stack pointer, in bytes."""

_ERESTARTSYS, _ERESTARTNOINTR, _ERESTARTNOHAND, _ERESTART_RESTARTBLOCK = 512, 513, 514, 516
_EINTR = 4
INTERRUPTED = frozenset(
    {-_EINTR, -_ERESTARTSYS, -_ERESTARTNOINTR, -_ERESTARTNOHAND, -_ERESTART_RESTARTBLOCK}
)
"""Results of a call that a signal or the supervisor broke off (linux/errno.h)."""
RESTART_UNLESS_HANDLED = -_ERESTARTNOHAND
"""A result that makes the kernel enter the call again, or answer EINTR if a handler runs."""
RESTART = -_ERESTARTNOINTR


@dataclass
class Run:
    """What the calls of one run share."""

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
    stretch: Callable[[TracedThread], int] = lambda thread: 1
    """How many times as long a thread's sleeps take."""
    is_conducted: bool = False
    """Whether one thread at a time is let go: then the end of every wait is of interest."""
    change_points: tuple[int, ...] | None = None
    """At which counts of opcodes the probe is to stop; None: it does not count."""
    keeps_main_at_ready: bool = False
    """Whether main stops before the student's first instruction: it is a template, or peers are
    to be ready first."""
    ready_report: tuple[TracedThread, Registers, str] | None = None
    """Where it stands then: its thread, registers at the report, and its Python."""
    file_timers: list[FileTimer] = field(default_factory=list)
    callers: dict[str, list[int]] = field(default_factory=dict)
    """Unix socket -> numbers of the processes that called there, oldest first."""
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
        return next((each for each in self.terminals if device in each.devices), None)


class Call:
    """One trapped call of one thread, from its entry to its exit.

    `enter` says whether the exit is of interest too; then `leave` is called there. While it
    lasts, ``deadline`` is when the supervisor must end it (`expire` is called first).
    """

    deadline: Nanoseconds | None = None
    change_point: int | None = None
    """The count of opcodes at which the schedule may let others go first now."""
    change_line: Location | None = None
    """The student's line there."""
    may_wake_others = False
    """Whether somebody who sleeps unseen may wake by it."""
    ends_polling = True
    """Whether a process that makes this call does something else than poll."""

    def __init__(self, run: Run, thread: TracedThread, registers: Registers) -> None:
        self.run = run
        self.thread = thread
        self.process = thread.process
        self.registers = registers
        """As they were at the entry."""

    @property
    def number(self) -> int:
        return self.registers.number

    def enter(self) -> bool:
        raise NotImplementedError

    def leave(self, registers: Registers) -> None:
        """Only for calls whose `enter` returned True."""

    def expire(self) -> None:
        """The deadline has come; the thread is about to be interrupted."""

    @property
    def wants_entry_again(self) -> bool:
        """Whether the same call is to be entered once more without a new `Call`."""
        return False

    @property
    def held(self) -> bool:
        """Whether the thread must not be let into the kernel yet."""
        return False

    @property
    def says_what_for(self) -> bool:
        """Whether an event of its own tells that the thread waits in it."""
        return self.deadline is not None

    def answer(self, result: int) -> None:
        """Skip the call and let it return ``result`` (negative errno for an error)."""
        registers = self.registers.copy()
        registers.result = result
        registers.store_with_call(NO_CALL)

    def same_as(self, other: Call | None) -> bool:
        """Whether this is the call that ``other`` was, entered again."""
        return (
            other is not None
            and type(other) is type(self)
            and other.number == self.number
            and other.registers.arguments() == self.registers.arguments()
        )
