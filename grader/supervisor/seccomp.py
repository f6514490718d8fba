"""The system-call filter: which calls stop for the supervisor, which are refused outright.

A classic BPF program over struct seccomp_data (linux/seccomp.h: nr, arch, instruction pointer,
six 64-bit arguments). Everything that it does not name runs at full speed. Without a tracer a
trapped call fails with ENOSYS.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Callable

from grader.supervisor.architecture import Architecture

_LD, _JEQ, _JGE, _JSET, _AND, _RET = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _TRACE, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x7FF00000, 0x00050000, 0x80000000
_NUMBER, _ARCH = 0, 4
_X32_BIT = 0x40000000

CPU_CLOCKS = (2, 3)
"""CLOCK_PROCESS_CPUTIME_ID and CLOCK_THREAD_CPUTIME_ID: real time is never in them."""

_TRAPPED = (
    "write writev pwrite64 pwritev pwritev2 sendfile splice wait4 waitid kill tkill tgkill "
    "rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal nanosleep clock_nanosleep select "
    "pselect6 ppoll rt_sigtimedwait semtimedop mq_timedsend mq_timedreceive recvmmsg "
    "epoll_pwait2 futex_waitv futex_wait alarm setitimer getitimer timerfd_settime "
    "timerfd_gettime times sched_getaffinity sched_setaffinity listen connect"
).split()

_CLOCK_CALLS = ["clock_gettime", "gettimeofday", "time"]

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

_FUTEX_WAIT, _FUTEX_WAIT_BITSET = 0, 9
_FUTEX_LOCK_PI, _FUTEX_WAIT_REQUEUE_PI, _FUTEX_LOCK_PI2 = 6, 11, 13
_FUTEX_COMMANDS = 0x7F

TIMED_FUTEX = (
    _FUTEX_WAIT,
    _FUTEX_WAIT_BITSET,
    _FUTEX_LOCK_PI,
    _FUTEX_WAIT_REQUEUE_PI,
    _FUTEX_LOCK_PI2,
)


class _Program:
    """BPF instructions with labels: a jump may only go forward (bpf(2))."""

    def __init__(self) -> None:
        self._code: list[tuple[int, int, str | None, str | None]] = []
        self._labels: dict[str, int] = {}
        self._fresh = 0

    def label(self, name: str) -> None:
        self._labels[name] = len(self._code)

    def fresh(self) -> str:
        self._fresh += 1
        return f".{self._fresh}"

    def statement(self, code: int, constant: int) -> None:
        self._code.append((code, constant & 0xFFFFFFFF, None, None))

    def jump(self, code: int, constant: int, true: str | None, false: str | None) -> None:
        """Jump to a label, or go on with the next instruction for None."""
        self._code.append((code, constant & 0xFFFFFFFF, true, false))

    def load(self, offset: int) -> None:
        self.statement(_LD, offset)

    def answer(self, action: int) -> None:
        self.statement(_RET, action)

    def assemble(self) -> bytes:
        words = bytearray()
        for index, (code, constant, true, false) in enumerate(self._code):
            offsets = [
                0 if label is None else self._labels[label] - index - 1 for label in (true, false)
            ]
            words += struct.pack("=HBBI", code, *offsets, constant)
        return bytes(words)


def _low(argument: int) -> int:
    return 16 + 8 * argument


def _high(argument: int) -> int:
    return 20 + 8 * argument


def build_filter(architecture: Architecture, *, virtual_clock: bool) -> bytes:
    """The filter as an array of struct sock_filter. With the real clock its reads are free."""
    program = _Program()
    numbers = architecture.numbers

    program.load(_ARCH)
    program.jump(_JEQ, architecture.audit, "known", None)
    program.answer(_KILL_PROCESS)
    program.label("known")
    program.load(_NUMBER)

    def rule(name: str, body: Callable[[], None]) -> None:
        """For this call alone: ``body`` answers, or falls through to allow it."""
        if name not in numbers:
            return
        end = program.fresh()
        program.jump(_JEQ, numbers[name], None, end)
        body()
        program.label(end)

    def trap() -> None:
        program.answer(_TRACE)

    def clock_gettime() -> None:
        allowed = program.fresh()
        program.load(_low(0))
        for clock in CPU_CLOCKS:
            program.jump(_JEQ, clock, allowed, None)
        program.jump(_JGE, 0x80000000, allowed, None)  # another process's CPU clock
        program.answer(_TRACE)
        program.label(allowed)
        program.answer(_ALLOW)

    def futex() -> None:
        timed, test, untimed = program.fresh(), program.fresh(), program.fresh()
        program.load(_low(3))
        program.jump(_JEQ, 0, None, test)
        program.load(_high(3))
        program.jump(_JEQ, 0, untimed, None)
        program.label(test)
        program.load(_low(1))
        program.statement(_AND, _FUTEX_COMMANDS)
        for command in TIMED_FUTEX:
            program.jump(_JEQ, command, timed, None)
        program.label(untimed)
        program.answer(_ALLOW)
        program.label(timed)
        program.answer(_TRACE)

    def wait_with_milliseconds(argument: int) -> Callable[[], None]:
        def body() -> None:
            blocking = program.fresh()
            program.load(_low(argument))
            program.jump(_JEQ, 0, None, blocking)
            program.answer(_ALLOW)
            program.label(blocking)
            program.answer(_TRACE)

        return body

    def clone() -> None:
        harmless = program.fresh()
        program.load(_low(0))
        program.jump(_JSET, _CLONE_UNTRACED | _CLONE_NEW_NAMESPACES, None, harmless)
        program.answer(_ERRNO | errno.EPERM)
        program.label(harmless)
        program.answer(_ALLOW)

    def prctl() -> None:
        program.load(_low(0))
        after = program.fresh()
        program.jump(_JEQ, _PR_SET_DUMPABLE, None, after)
        program.answer(_ERRNO | 0)  # stays dumpable, or /proc closes to the supervisor
        program.label(after)
        for option in (_PR_SET_SECCOMP, _PR_SET_PTRACER, _PR_SET_PDEATHSIG):
            other = program.fresh()
            program.jump(_JEQ, option, None, other)
            program.answer(_ERRNO | errno.EPERM)
            program.label(other)
        program.answer(_ALLOW)

    def fcntl() -> None:
        program.load(_low(1))
        for command in (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_NOTIFY):
            other = program.fresh()
            program.jump(_JEQ, command, None, other)
            program.answer(_ERRNO | errno.EPERM)
            program.label(other)
        program.answer(_ALLOW)

    def ioctl() -> None:
        program.load(_low(1))
        answers = dict.fromkeys(_TERMINAL_SETTINGS, 0)
        answers |= dict.fromkeys((_TIOCSTI, _TIOCSETD, _FIOSETOWN, _SIOCSPGRP), errno.EPERM)
        for request, error in answers.items():
            other = program.fresh()
            program.jump(_JEQ, request, None, other)
            program.answer(_ERRNO | error)
            program.label(other)
        program.answer(_ALLOW)

    def refuse_unless_own(argument: int) -> Callable[[], None]:
        """Only for the caller itself, whom an argument of 0 means."""

        def body() -> None:
            own = program.fresh()
            program.load(_low(argument))
            program.jump(_JEQ, 0, own, None)
            program.answer(_ERRNO | errno.EPERM)
            program.label(own)

        return body

    def refuse_values(argument: int, values: tuple[int, ...]) -> None:
        program.load(_low(argument))
        for value in values:
            other = program.fresh()
            program.jump(_JEQ, value, None, other)
            program.answer(_ERRNO | errno.EPERM)
            program.label(other)

    def setrlimit() -> None:
        refuse_values(0, (_RLIMIT_CPU, _RLIMIT_RTTIME))
        program.answer(_ALLOW)

    def prlimit() -> None:
        sets, asks = program.fresh(), program.fresh()
        for half in (_low(2), _high(2)):
            program.load(half)
            program.jump(_JEQ, 0, None, sets)
        program.jump(_JEQ, 0, asks, None)
        program.label(sets)
        refuse_unless_own(0)()
        refuse_values(1, (_RLIMIT_CPU, _RLIMIT_RTTIME))
        program.label(asks)
        program.answer(_ALLOW)

    def priority(of_a_user: int) -> Callable[[], None]:
        def body() -> None:
            refuse_unless_own(1)()
            refuse_values(0, (of_a_user,))
            program.answer(_ALLOW)

        return body

    def scheduling() -> None:
        refuse_unless_own(0)()
        program.answer(_ALLOW)

    if virtual_clock:
        rule("clock_gettime", clock_gettime)
        for name in [*_CLOCK_CALLS[1:], "getrandom"]:
            rule(name, trap)
    if architecture.name == "x86_64":
        absent = program.fresh()
        program.jump(_JGE, _X32_BIT, None, absent)
        program.answer(_ERRNO | errno.ENOSYS)
        program.label(absent)
    rule("futex", futex)
    rule("clone", clone)
    rule("poll", trap)
    rule("epoll_wait", wait_with_milliseconds(3))
    rule("epoll_pwait", wait_with_milliseconds(3))
    rule("prctl", prctl)
    rule("fcntl", fcntl)
    rule("ioctl", ioctl)
    # Gigabytes at once are more than a limit can look after; the C library writes them instead.
    rule("fallocate", lambda: program.answer(_ERRNO | errno.EOPNOTSUPP))
    rule("setrlimit", setrlimit)
    rule("prlimit64", prlimit)
    rule("setpriority", priority(_PRIO_USER))
    rule("ioprio_set", priority(_IOPRIO_WHO_USER))
    for name in ("sched_setscheduler", "sched_setparam", "sched_setattr"):
        rule(name, scheduling)
    for name in _TRAPPED:
        rule(name, trap)
    for name in _REFUSED:
        rule(name, lambda: program.answer(_ERRNO | errno.EPERM))
    for name in [*_ABSENT, *_UNCOUNTED, "seccomp"]:
        rule(name, lambda: program.answer(_ERRNO | errno.ENOSYS))
    program.answer(_ALLOW)
    return program.assemble()


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
