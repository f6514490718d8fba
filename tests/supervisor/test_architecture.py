"""The tables of system-call numbers, compared with the kernel's own headers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.supervisor import seccomp
from grader.supervisor.architecture import AARCH64, X86_64, Architecture, Registers, this_machine
from grader.supervisor.calls import call_classes

HEADERS = {
    "x86_64": (
        Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        Path("/usr/include/asm/unistd_64.h"),
    ),
    "aarch64": (Path("/usr/include/asm-generic/unistd.h"),),
}
SINCE_6_5 = 451
"""From this number on calls are newer than some headers."""


def numbers_in(header: Path) -> dict[str, int]:
    """Every ``#define __NR_name number``; asm-generic's __NR3264_ names are those of 64 bits."""
    pattern = re.compile(r"#define __NR(?:3264)?_(\w+)\s+(\d+)")
    return {name: int(number) for name, number in pattern.findall(header.read_text())}


def known(machine: Architecture) -> dict[str, int] | None:
    return next((numbers_in(path) for path in HEADERS[machine.name] if path.exists()), None)


@pytest.mark.parametrize("machine", [X86_64, AARCH64], ids=lambda each: each.name)
def test_numbers_are_the_kernels(machine: Architecture):
    """Every number is the one in the kernel's header, where the header is installed."""
    theirs = known(machine)
    for name, number in machine.numbers.items():
        if theirs is not None and (name in theirs or number < SINCE_6_5):
            assert theirs.get(name) == number, name
    assert len(set(machine.numbers.values())) == len(machine.numbers)


def test_every_call_that_is_named_exists_somewhere():
    """No rule of the filter is for a call that neither machine has."""
    ruled = {*seccomp.REFUSED, *seccomp._ALLOWED, *seccomp._XATTRS, *seccomp._CHANGES_MODE}
    assert ruled <= X86_64.numbers.keys() | AARCH64.numbers.keys()


def test_trapped_calls_that_are_missing_from_a_table_are_missing_from_the_machine():
    """Only calls that asm-generic has left out are absent from aarch64's table."""
    of_old = {
        "poll", "select", "alarm", "time", "epoll_wait", "open", "creat", "link", "unlink",
        "rename", "chmod", "utime", "utimes", "futimesat", "fork", "vfork", "pause",
        "pipe", "mknod",
    }  # fmt: skip
    trapped = {name for call in call_classes() for name in call.trapped}
    assert trapped - AARCH64.numbers.keys() == of_old
    assert trapped <= X86_64.numbers.keys()
    assert AARCH64.numbers.keys() - X86_64.numbers.keys() == {"fstatat"}  # newfstatat there


def test_sizes_of_register_sets():
    """As the kernel has them: struct user_regs_struct and struct user_pt_regs."""
    import ctypes

    assert ctypes.sizeof(X86_64.layout) == 27 * 8
    assert ctypes.sizeof(AARCH64.layout) == 34 * 8


@pytest.mark.parametrize("machine", [X86_64, AARCH64], ids=lambda each: each.name)
def test_registers_as_numbers(machine: Architecture):
    """Results are signed, arguments are not unless they are asked for as C ints."""
    registers = Registers(0, machine, machine.layout())
    registers.result = -11
    assert registers.result == -11
    registers.set_argument(2, -1)
    assert registers.argument(2) == 2**64 - 1
    assert registers.int_argument(2) == -1
    registers.set_argument(2, 0x1_0000_0005)
    assert registers.int_argument(2) == 5


@pytest.mark.parametrize("machine", [X86_64, AARCH64], ids=lambda each: each.name)
def test_a_call_is_restored_without_its_result(machine: Architecture):
    """Arguments come back as they were at the entry; on aarch64 the first of them is the result."""
    entry = Registers(0, machine, machine.layout())
    for index in range(6):
        entry.set_argument(index, 100 + index)
    exit_ = Registers(0, machine, machine.layout())
    exit_.result = 7
    exit_.restore_call(entry)
    assert exit_.result == 7
    assert exit_.arguments()[1:] == (101, 102, 103, 104, 105)
    assert exit_.argument(0) == (7 if machine is AARCH64 else 100)


def test_this_machine_is_known():
    """These tests run on a machine that can be supervised."""
    assert this_machine() in (X86_64, AARCH64)
