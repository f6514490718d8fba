"""The machine's registers and system-call numbers: x86-64 and aarch64.

aarch64 was tried in part and under emulation only: docs/platforms.md says what was run.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from grader.supervisor import ptrace
from grader.supervisor.numbers import AARCH64_NUMBERS, X86_64_NUMBERS


class _X8664(ctypes.Structure):
    """struct user_regs_struct, arch/x86/include/asm/user_64.h."""

    _fields_ = [
        (name, ctypes.c_uint64)
        for name in (
            "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags "
            "rsp ss fs_base gs_base ds es fs gs"
        ).split()
    ]


class _AArch64(ctypes.Structure):
    """struct user_pt_regs, arch/arm64/include/uapi/asm/ptrace.h."""

    _fields_ = [(f"x{index}", ctypes.c_uint64) for index in range(31)] + [
        ("sp", ctypes.c_uint64),
        ("pc", ctypes.c_uint64),
        ("pstate", ctypes.c_uint64),
    ]


@dataclass(frozen=True, eq=False)
class Architecture:
    """What differs between machines. ``numbers`` maps call names to numbers; absent: no such call.

    ``audit`` is the AUDIT_ARCH value that a seccomp filter sees, ``call_instruction`` the length in
    bytes of the instruction that makes a system call.
    """

    name: str
    audit: int
    layout: type[ctypes.Structure]
    arguments: tuple[str, ...]
    result: str
    instruction_pointer: str
    stack_pointer: str
    number: str
    number_is_a_register_set: bool
    call_instruction: int
    numbers: Mapping[str, int]

    @cached_property
    def names(self) -> dict[int, str]:
        """Number of a system call -> its name."""
        return {number: name for name, number in self.numbers.items()}


def _signed(value: int, bits: int = 64) -> int:
    return value - (1 << bits) if value >> bits - 1 else value


class Registers:
    """A stopped thread's registers, read once; `store` writes them back."""

    __slots__ = ("_architecture", "_tid", "_values")

    def __init__(
        self, tid: int, architecture: Architecture, values: ctypes.Structure | None = None
    ) -> None:
        self._tid = tid
        self._architecture = architecture
        if values is None:
            values = architecture.layout()
            ptrace.get_register_set(tid, ptrace.NT_PRSTATUS, values)
        self._values = values

    def copy(self) -> Registers:
        """The same values, to be changed without changing these."""
        values = self._architecture.layout.from_buffer_copy(self._values)
        return Registers(self._tid, self._architecture, values)

    @property
    def number(self) -> int:
        """Of the system call that the thread is in; -1 for none. The kernel looks at the low half
        of the register only (do_syscall_64): whatever else is in it, the call is the same.
        """
        low = getattr(self._values, self._architecture.number) & 0xFFFFFFFF
        return _signed(low, 32)

    @property
    def result(self) -> int:
        """What the system call returned: negative errno on failure."""
        return _signed(getattr(self._values, self._architecture.result))

    @result.setter
    def result(self, value: int) -> None:
        """As a 64-bit number; a negative one is an error."""
        setattr(self._values, self._architecture.result, value & (1 << 64) - 1)

    @property
    def stack_pointer(self) -> int:
        """The address of the top of the stack."""
        return int(getattr(self._values, self._architecture.stack_pointer))

    @property
    def instruction_pointer(self) -> int:
        """The address of the instruction that is executed next."""
        return int(getattr(self._values, self._architecture.instruction_pointer))

    @instruction_pointer.setter
    def instruction_pointer(self, value: int) -> None:
        """Where the thread goes on."""
        setattr(self._values, self._architecture.instruction_pointer, value)

    def argument(self, index: int) -> int:
        """Argument ``index`` of the system call, as an unsigned 64-bit value."""
        return int(getattr(self._values, self._architecture.arguments[index]))

    def int_argument(self, index: int) -> int:
        """Argument ``index`` as a C int."""
        return _signed(self.argument(index) & 0xFFFFFFFF, 32)

    def set_argument(self, index: int, value: int) -> None:
        """Put ``value`` (taken as 64 bits, unsigned) into argument ``index`` of the system call."""
        setattr(self._values, self._architecture.arguments[index], value & (1 << 64) - 1)

    def arguments(self) -> tuple[int, ...]:
        """All six arguments of the system call, as unsigned 64-bit values."""
        return tuple(self.argument(index) for index in range(6))

    def restore_call(self, entry: Registers) -> None:
        """Take over the call's number and arguments, not its result, from its entry."""
        for name in self._architecture.arguments:
            if name != self._architecture.result:
                setattr(self._values, name, getattr(entry._values, name))
        if not self._architecture.number_is_a_register_set:
            setattr(
                self._values,
                self._architecture.number,
                getattr(entry._values, self._architecture.number),
            )

    def enter_again(self, entry: Registers) -> None:
        """Go back to the instruction that makes the call of ``entry``, at the exit from a call that
        was made in its place.
        """
        self.restore_call(entry)
        self.instruction_pointer -= self._architecture.call_instruction
        shares_register = self._architecture.result == self._architecture.arguments[0]
        self.result = entry.argument(0) if shares_register else entry.number

    def store(self) -> None:
        """Write the values back to the stopped thread.

        Raises:
            ProcessLookupError: it is gone.
        """
        ptrace.set_register_set(self._tid, ptrace.NT_PRSTATUS, self._values)

    def store_with_call(self, number: int) -> None:
        """Write back and make the call that is being entered the call ``number`` (-1: none)."""
        if self._architecture.number_is_a_register_set:
            self.store()
            wanted = ctypes.c_int(number)
            ptrace.set_register_set(self._tid, ptrace.NT_ARM_SYSTEM_CALL, wanted)
        else:
            setattr(self._values, self._architecture.number, number & (1 << 64) - 1)
            self.store()

    def store_with_endless_sleep(self) -> None:
        """Write back and make the call that is being entered one that only a signal ends."""
        numbers = self._architecture.numbers
        if "pause" in numbers:
            self.store_with_call(numbers["pause"])
            return
        for index in range(4):
            self.set_argument(index, 0)
        self.store_with_call(numbers["ppoll"])


X86_64 = Architecture(
    name="x86_64",
    audit=0xC000003E,
    layout=_X8664,
    arguments=("rdi", "rsi", "rdx", "r10", "r8", "r9"),
    result="rax",
    instruction_pointer="rip",
    stack_pointer="rsp",
    number="orig_rax",
    number_is_a_register_set=False,
    call_instruction=2,
    numbers=X86_64_NUMBERS,
)

AARCH64 = Architecture(
    name="aarch64",
    audit=0xC00000B7,
    layout=_AArch64,
    arguments=("x0", "x1", "x2", "x3", "x4", "x5"),
    result="x0",
    instruction_pointer="pc",
    stack_pointer="sp",
    number="x8",
    number_is_a_register_set=True,
    call_instruction=4,
    numbers=AARCH64_NUMBERS,
)


def this_machine() -> Architecture | None:
    """The architecture that the grader runs on, None if it is not a known one."""
    return {"x86_64": X86_64, "aarch64": AARCH64}.get(platform.machine())
