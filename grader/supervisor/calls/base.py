"""What every trapped call has in common, and what its class declares."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import ClassVar

from grader.supervisor.architecture import Registers
from grader.supervisor.bpf import TRACE, BpfProgram, Rule, trap
from grader.supervisor.numbers import AARCH64_NUMBERS, X86_64_NUMBERS
from grader.supervisor.run import Run
from grader.supervisor.tree import PendingCall, TracedThread
from grader.trace import Location

NO_CALL = -1
STACK_RED_ZONE = 256
"""More than either ABI lets a function use below its stack pointer, in bytes."""

SIGINFO_PID = 16
"""Offset of si_pid in siginfo_t for SIGCHLD, on both machines (asm-generic/siginfo.h)."""

_ERESTARTSYS, _ERESTARTNOINTR, _ERESTARTNOHAND, _ERESTART_RESTARTBLOCK = 512, 513, 514, 516
_EINTR = 4
INTERRUPTED = frozenset(
    {-_EINTR, -_ERESTARTSYS, -_ERESTARTNOINTR, -_ERESTARTNOHAND, -_ERESTART_RESTARTBLOCK}
)
"""Results of a call that a signal or the supervisor broke off (linux/errno.h)."""
RESTART_UNLESS_HANDLED = -_ERESTARTNOHAND
"""A result that makes the kernel enter the call again, or answer EINTR if a handler runs."""
RESTART = -_ERESTARTNOINTR


class When(Enum):
    """In which runs a call is trapped."""

    ALWAYS = auto()
    VIRTUAL_CLOCK = auto()
    """Where the submission has a clock of its own."""
    SHARED_FILES = auto()
    """Where the submission has no file system of its own and sees the machine's."""
    PEERS = auto()
    """Where programs of the exercise's own run beside the submission."""


def always(names: str) -> dict[str, Rule]:
    """Every call with one of these names (separated by spaces) stops."""
    return dict.fromkeys(names.split(), trap)


class Call(PendingCall):
    """One trapped call of one thread, from its entry to its exit.

    A subclass declares which system calls it makes sense of. The filter, the table by which stops
    are dispatched and what a schedule takes for an event all come from these declarations, and
    every module of this package is looked through for them: a new call is one class and no more.
    """

    trapped: ClassVar[Mapping[str, Rule]]
    """Name of a system call -> what the filter does at it."""
    when: ClassVar[When]

    change_point: int | None = None
    """The count of opcodes at which the schedule may let others go first now."""
    change_line: Location | None = None
    """The student's line there."""
    begins_thread = False
    """Whether the code of a thread that the student has started comes next."""
    may_wake_others = False
    """Whether somebody who sleeps unseen may wake by it."""
    ends_polling = True
    """Whether a process that makes this call does something else than poll."""
    held = False
    """Whether the thread must not be let into the kernel yet."""

    def __init_subclass__(
        cls, *, trapped: Mapping[str, Rule], visible: bool, when: When = When.ALWAYS
    ) -> None:
        """
        Args:
            trapped: name of each system call -> what the filter does at it.
            visible: whether other processes could notice the call.
            when: in which runs the filter has these rules.

        Raises:
            TypeError: no thread would ever stop for this class.
        """
        if not trapped:
            raise TypeError(f"{cls.__name__}: name at least one system call that is trapped")
        for name, rule in trapped.items():
            if name not in X86_64_NUMBERS and name not in AARCH64_NUMBERS:
                raise TypeError(f"{cls.__name__}: Linux has no system call {name}")
            program = BpfProgram()
            rule(program)
            if TRACE not in program.answers:
                raise TypeError(f"{cls.__name__}: the rule for {name} never traps it")
        cls.trapped, cls.visible, cls.when = trapped, visible, when
        DECLARED.append(cls)

    def __init__(self, run: Run, thread: TracedThread, registers: Registers) -> None:
        self.run = run
        self.thread = thread
        self.process = thread.process
        self.registers = registers
        """As they were at the entry."""

    @classmethod
    def is_step(cls, run: Run, registers: Registers) -> bool:
        """Whether such a call, entered with these registers, counts among those between which a
        thread's work is measured in the natural run. A schedule holds the thread at the same ones
        and adds to each what was measured before it.
        """
        return cls.visible

    @classmethod
    def is_poll(cls, run: Run, registers: Registers) -> bool:
        """Whether such a call asks for a child's end and does not wait for it."""
        return False

    @property
    def number(self) -> int:
        """The number of the system call."""
        return self.registers.number

    def enter(self) -> bool:
        """The thread is at the entry. Whether its exit is of interest: then `leave` is called."""
        raise NotImplementedError

    def answer(self, result: int) -> None:
        """Skip the call and let it return ``result`` (negative errno for an error)."""
        registers = self.registers.copy()
        registers.result = result
        registers.store_with_call(NO_CALL)

    def same_as(self, other: PendingCall | None) -> bool:
        """Whether this is the call that ``other`` was, entered again."""
        return (
            isinstance(other, Call)
            and type(other) is type(self)
            and other.number == self.number
            and other.registers.arguments() == self.registers.arguments()
        )


DECLARED: list[type[Call]] = []
"""Every class of a trapped call, as soon as its module is imported."""
