"""The system-call filter: which calls stop for the supervisor, which are refused outright.

A classic BPF program over struct seccomp_data (linux/seccomp.h: nr, arch, instruction pointer,
six 64-bit arguments). Everything that it does not name runs at full speed. Without a tracer a
trapped call fails with ENOSYS.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable, Iterable
from functools import cache

from grader.supervisor.architecture import Architecture
from grader.supervisor.bpf import ALLOW, ERRNO, JEQ, JGE, JSET, KILL_PROCESS, BpfProgram, Rule
from grader.supervisor.calls import call_classes
from grader.supervisor.calls.base import When

_NUMBER, _ARCH = 0, 4
_X32_BIT = 0x40000000

_REFUSED = (
    "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd mount umount2 "
    "pivot_root setns unshare keyctl add_key request_key bpf userfaultfd perf_event_open "
    "kexec_load kexec_file_load init_module finit_module delete_module swapon swapoff reboot "
    "acct settimeofday clock_settime clock_adjtime sethostname setdomainname "
    "open_by_handle_at fanotify_init open_tree move_mount fsopen fsmount mount_setattr "
    "timer_create personality"
).split()

_ABSENT = (
    "clone3 io_uring_setup io_uring_enter io_uring_register io_setup io_destroy io_submit "
    "io_cancel io_getevents io_pgetevents"
).split()
"""Calls whose arguments a filter cannot read, or that act behind its back. With ENOSYS the C
library falls back to the calls of old."""

_UNCOUNTED = "memfd_create memfd_secret shmget semget msgget mq_open".split()
"""Room that belongs to no process, or that outlives them all. Python needs none of it."""

_CLONE_UNTRACED = 0x00800000
_CLONE_NEW_NAMESPACES = 0x7E020000 | 0x00000080
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_PTRACER = 0x59616D61
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_NOTIFY = 8, 10, 15, 1026
_RLIMIT_CPU, _RLIMIT_RTTIME = 0, 15
_PRIO_USER, _IOPRIO_WHO_USER = 2, 3

_TIOCSTI, _TIOCSETD = 0x5412, 0x5423
_FIOSETOWN, _SIOCSPGRP = 0x8901, 0x8902
_TERMINAL_SETTINGS = (
    *range(0x5402, 0x5409),  # TCSETS... and their termio namesakes
    0x540A,  # TCXONC
    0x540B,  # TCFLSH
    0x402C542B,  # TCSETS2, and with W and F
    0x402C542C,
    0x402C542D,
)
"""asm-generic/ioctls.h. They seem to work and change nothing: the bytes that come out of the
terminal are to be those that went in."""


class _Filter:
    """The program in the making. Each call is named in one rule, which answers in every case."""

    def __init__(self, architecture: Architecture) -> None:
        self._numbers = architecture.numbers
        self._program = program = BpfProgram()
        program.load(_ARCH)
        program.jump(JEQ, architecture.audit, "known", None)
        program.answer(KILL_PROCESS)
        program.label("known")
        program.load(_NUMBER)

    def finished(self) -> bytes:
        """Whatever no rule is about runs at full speed."""
        self._program.answer(ALLOW)
        return self._program.assemble()

    def trap(self, name: str, rule: Rule) -> None:
        """By the rule of the class that makes sense of the call."""
        self.rule([name], lambda: rule(self._program))

    def rule(self, names: Iterable[str], answer: Callable[[], None]) -> None:
        """For these calls alone, as far as the machine has them."""
        for name in names:
            if name in self._numbers:
                end = self._program.fresh()
                self._program.jump(JEQ, self._numbers[name], None, end)
                answer()
                self._program.label(end)

    def no_x32(self) -> None:
        """The calls of x86-64's other ABI, which no rule is about, do not exist."""
        absent = self._program.fresh()
        self._program.jump(JGE, _X32_BIT, None, absent)
        self.fail(errno.ENOSYS)()
        self._program.label(absent)

    # Answers

    def fail(self, error: int) -> Callable[[], None]:
        return lambda: self._program.answer(ERRNO | error)

    def clone(self) -> None:
        """Neither into other namespaces nor out of the supervisor's sight."""
        harmless = self._program.fresh()
        self._program.load_low(0)
        self._program.jump(JSET, _CLONE_UNTRACED | _CLONE_NEW_NAMESPACES, None, harmless)
        self._program.answer(ERRNO | errno.EPERM)
        self._program.label(harmless)
        self._program.answer(ALLOW)

    def prctl(self) -> None:
        self._program.load_low(0)
        # It stays dumpable, or /proc closes to the supervisor.
        self._program.answer_to([_PR_SET_DUMPABLE], ERRNO | 0)
        refused = (_PR_SET_SECCOMP, _PR_SET_PTRACER, _PR_SET_PDEATHSIG)
        self._program.answer_to(refused, ERRNO | errno.EPERM)
        self._program.answer(ALLOW)

    def fcntl(self) -> None:
        """The kernel sends no signals for a descriptor: nobody would be known to have sent them."""
        self._program.load_low(1)
        refused = (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_NOTIFY)
        self._program.answer_to(refused, ERRNO | errno.EPERM)
        self._program.answer(ALLOW)

    def ioctl(self) -> None:
        self._program.load_low(1)
        self._program.answer_to(_TERMINAL_SETTINGS, ERRNO | 0)
        refused = (_TIOCSTI, _TIOCSETD, _FIOSETOWN, _SIOCSPGRP)
        self._program.answer_to(refused, ERRNO | errno.EPERM)
        self._program.answer(ALLOW)

    def setrlimit(self) -> None:
        """The kernel sends no signals for used time either."""
        self._refuse_values(0, (_RLIMIT_CPU, _RLIMIT_RTTIME))
        self._program.answer(ALLOW)

    def prlimit(self) -> None:
        sets, asks = self._program.fresh(), self._program.fresh()
        self._program.load_low(2)
        self._program.jump(JEQ, 0, None, sets)
        self._program.load_high(2)
        self._program.jump(JEQ, 0, None, sets)
        self._program.jump(JEQ, 0, asks, None)
        self._program.label(sets)
        self._refuse_others(0)
        self._refuse_values(1, (_RLIMIT_CPU, _RLIMIT_RTTIME))
        self._program.label(asks)
        self._program.answer(ALLOW)

    def priority(self, of_a_user: int) -> Callable[[], None]:
        """One's own; ``of_a_user`` says that all processes of a user are meant."""

        def answer() -> None:
            self._refuse_others(1)
            self._refuse_values(0, (of_a_user,))
            self._program.answer(ALLOW)

        return answer

    def scheduling(self) -> None:
        self._refuse_others(0)
        self._program.answer(ALLOW)

    def _refuse_others(self, argument: int) -> None:
        """Go on only for the caller itself, whom an argument of 0 means."""
        own = self._program.fresh()
        self._program.load_low(argument)
        self._program.jump(JEQ, 0, own, None)
        self._program.answer(ERRNO | errno.EPERM)
        self._program.label(own)

    def _refuse_values(self, argument: int, values: tuple[int, ...]) -> None:
        self._program.load_low(argument)
        self._program.answer_to(values, ERRNO | errno.EPERM)


@cache
def build_filter(
    architecture: Architecture, *, virtual_clock: bool, moves_shared_memory: bool = False
) -> bytes:
    """The filter as an array of struct sock_filter. With the real clock its reads are free.

    ``moves_shared_memory``: calls that make, open for writing, or remove files by name stop.
    """
    applies = {
        When.ALWAYS: True,
        When.VIRTUAL_CLOCK: virtual_clock,
        When.MOVED_SHARED_MEMORY: moves_shared_memory,
    }
    made = _Filter(architecture)
    if architecture.name == "x86_64":
        made.no_x32()
    for call in call_classes():
        if applies[call.when]:
            for name, rule in call.trapped.items():
                made.trap(name, rule)
    made.rule(["clone"], made.clone)
    made.rule(["prctl"], made.prctl)
    made.rule(["fcntl"], made.fcntl)
    made.rule(["ioctl"], made.ioctl)
    # Gigabytes at once are more than a limit can look after; the C library writes them instead.
    made.rule(["fallocate"], made.fail(errno.EOPNOTSUPP))
    made.rule(["setrlimit"], made.setrlimit)
    made.rule(["prlimit64"], made.prlimit)
    made.rule(["setpriority"], made.priority(_PRIO_USER))
    made.rule(["ioprio_set"], made.priority(_IOPRIO_WHO_USER))
    made.rule(["sched_setscheduler", "sched_setparam", "sched_setattr"], made.scheduling)
    made.rule(_REFUSED, made.fail(errno.EPERM))
    made.rule([*_ABSENT, *_UNCOUNTED, "seccomp"], made.fail(errno.ENOSYS))
    return made.finished()


class _SockFprog(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1


def install_filter(program: bytes, architecture: Architecture) -> None:
    """Put this process under the filter, for good, and every process that it becomes or makes.

    Raises:
        OSError: the kernel or the container has no seccomp filters.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(program, len(program))
    fprog = _SockFprog(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    for call, arguments in (
        (libc.prctl, (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)),
        (
            libc.syscall,
            (
                architecture.numbers["seccomp"],
                _SECCOMP_SET_MODE_FILTER,
                0,
                ctypes.byref(fprog),
            ),
        ),
    ):
        if call(*arguments) != 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
