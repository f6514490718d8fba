"""A kernel that refuses its witness, as gVisor and locked-down clusters do."""

from __future__ import annotations

import errno
import struct

from grader.supervisor.architecture import this_machine
from grader.supervisor.seccomp import install_filter

_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # linux/bpf_common.h
_NUMBER, _FIRST_ARGUMENT = 0, 16  # linux/seccomp.h: offsets in struct seccomp_data
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM  # RET_ALLOW, RET_ERRNO
_PR_SET_SECCOMP = 22  # linux/prctl.h


def refuse_ptrace() -> None:
    """From now on ptrace(2) fails with EPERM in this process and its children."""
    _install((_LOAD, 0, 0, _NUMBER), (_JUMP_IF_EQUAL, 0, 1, _number("ptrace")), _SAY_NO, _SAY_YES)


def refuse_the_kernel() -> None:
    """From now on ptrace(2), seccomp(2) and prctl(PR_SET_SECCOMP) fail with EPERM in this process
    and its children: as root, too.
    """
    _install(
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_IF_EQUAL, 5, 0, _number("ptrace")),
        (_JUMP_IF_EQUAL, 4, 0, _number("seccomp")),
        (_JUMP_IF_EQUAL, 0, 2, _number("prctl")),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_IF_EQUAL, 1, 0, _PR_SET_SECCOMP),
        _SAY_YES,
        _SAY_NO,
    )


_SAY_YES, _SAY_NO = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)


def _number(call: str) -> int:
    architecture = this_machine()
    assert architecture is not None
    return architecture.numbers[call]


def _install(*instructions: tuple[int, int, int, int]) -> None:
    architecture = this_machine()
    assert architecture is not None
    install_filter(b"".join(struct.pack("=HBBI", *each) for each in instructions), architecture)
