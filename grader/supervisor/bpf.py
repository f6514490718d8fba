"""Puts a classic BPF program over struct seccomp_data together (linux/filter.h, seccomp(2))."""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable, Iterable

ALLOW, TRACE, ERRNO, KILL_PROCESS = 0x7FFF0000, 0x7FF00000, 0x00050000, 0x80000000
"""What a filter can answer to a call (linux/seccomp.h). ``ERRNO | number``: it fails so."""
JEQ, JGE, JSET = 0x15, 0x35, 0x45
"""Jumps: where what was loaded is equal to a constant, at least as large, or has bits of it."""
_LD, _AND, _RET = 0x20, 0x54, 0x06
_AS_OWNER = 0o6000
"""A program with these bits runs as its owner, or with its group, whoever starts it."""
_ARGUMENTS = 16
"""Where the six 64-bit arguments begin in struct seccomp_data."""


class BpfProgram:
    """Instructions with labels: a jump may only go forward (bpf(2))."""

    def __init__(self) -> None:
        self._code: list[tuple[int, int, str | None, str | None]] = []
        self._labels: dict[str, int] = {}
        self._fresh = 0

    def label(self, name: str) -> None:
        """The next instruction is where jumps to this label lead."""
        self._labels[name] = len(self._code)

    def fresh(self) -> str:
        """A label that nobody uses yet."""
        self._fresh += 1
        return f".{self._fresh}"

    def load(self, offset: int) -> None:
        """Load 32 bits of struct seccomp_data."""
        self._add(_LD, offset)

    def load_low(self, argument: int) -> None:
        """Load the lower half of an argument of the call."""
        self.load(_ARGUMENTS + 8 * argument)

    def load_high(self, argument: int) -> None:
        """Load the upper half of an argument of the call."""
        self.load(_ARGUMENTS + 4 + 8 * argument)

    def mask(self, constant: int) -> None:
        """Keep only these bits of what was loaded."""
        self._add(_AND, constant)

    def jump(self, test: int, constant: int, true: str | None, false: str | None) -> None:
        """Jump to a label, or go on with the next instruction for None."""
        self._add(test, constant, true, false)

    def answer(self, action: int) -> None:
        """That is the end of it."""
        self._add(_RET, action)

    def answer_to(self, values: Iterable[int], action: int) -> None:
        """Answer where one of these values was loaded, and go on elsewhere."""
        for value in values:
            other = self.fresh()
            self.jump(JEQ, value, None, other)
            self.answer(action)
            self.label(other)

    @property
    def answers(self) -> frozenset[int]:
        """All that it may answer."""
        return frozenset(constant for code, constant, _, _ in self._code if code == _RET)

    def assemble(self) -> bytes:
        """An array of struct sock_filter."""
        words = bytearray()
        for index, (code, constant, true, false) in enumerate(self._code):
            offsets = [
                0 if label is None else self._labels[label] - index - 1 for label in (true, false)
            ]
            words += struct.pack("=HBBI", code, *offsets, constant)
        return bytes(words)

    def _add(
        self, code: int, constant: int, true: str | None = None, false: str | None = None
    ) -> None:
        self._code.append((code, constant & 0xFFFFFFFF, true, false))


Rule = Callable[[BpfProgram], None]
"""Adds the instructions for one system call, whose number has been matched. They answer in every
case.
"""


def trap(program: BpfProgram) -> None:
    """Every such call stops for the supervisor."""
    program.answer(TRACE)


def trap_unless_zero(argument: int) -> Rule:
    """The call stops unless this argument is 0, as a time-out of 0 milliseconds is no wait."""

    def rule(program: BpfProgram) -> None:
        """Stop at the call, unless the argument is 0."""
        blocking = program.fresh()
        program.load_low(argument)
        program.jump(JEQ, 0, None, blocking)
        program.answer(ALLOW)
        program.label(blocking)
        program.answer(TRACE)

    return rule


def trap_if(argument: int, value: int) -> Rule:
    """The call stops only if this argument is ``value``."""

    def rule(program: BpfProgram) -> None:
        """Compare its lower half."""
        other = program.fresh()
        program.load_low(argument)
        program.jump(JEQ, value, None, other)
        program.answer(TRACE)
        program.label(other)
        program.answer(ALLOW)

    return rule


def refuse_special_modes(program: BpfProgram, argument: int) -> None:
    """Go on only if this argument is a mode without set-user-ID and set-group-ID."""
    ordinary = program.fresh()
    program.load_low(argument)
    program.jump(JSET, _AS_OWNER, None, ordinary)
    program.answer(ERRNO | errno.EPERM)
    program.label(ordinary)


def trap_ordinary_mode(argument: int) -> Rule:
    """The call stops unless this argument is a mode with set-user-ID or set-group-ID, which is
    refused.
    """

    def rule(program: BpfProgram) -> None:
        """Stop at the call, unless its mode is refused."""
        refuse_special_modes(program, argument)
        program.answer(TRACE)

    return rule
