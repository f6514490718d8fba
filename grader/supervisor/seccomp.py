"""The system-call filter: which calls stop for the supervisor, which are refused outright.

A classic BPF program over struct seccomp_data (linux/seccomp.h: nr, arch, instruction pointer,
six 64-bit arguments). What is allowed runs at full speed. A call that is not named here does not
exist, as those of kernels to come, whatever they will do. Without a tracer a trapped call fails
with ENOSYS, too.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from grader.supervisor.architecture import Architecture
from grader.supervisor.bpf import (
    ALLOW,
    ERRNO,
    JEQ,
    JGE,
    KILL_PROCESS,
    BpfProgram,
    Rule,
    refuse_special_modes,
)
from grader.supervisor.calls import call_classes
from grader.supervisor.calls.base import When

_NUMBER, _ARCH = 0, 4
_X32_BIT = 0x40000000

REFUSED = (
    "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd mount umount2 "
    "pivot_root setns unshare keyctl add_key request_key bpf userfaultfd perf_event_open "
    "kexec_load kexec_file_load init_module finit_module delete_module swapon swapoff reboot "
    "acct settimeofday clock_settime clock_adjtime sethostname setdomainname "
    "open_by_handle_at fanotify_init open_tree move_mount fsopen fsmount mount_setattr "
    "timer_create personality chown fchown lchown fchownat"
).split()
"""What reaches out of the run (other processes, namespaces, the machine) or behind the back of its
clock. EPERM is what such calls say to an ordinary user, for which programs are prepared.
"""

_XATTRS = "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr".split()
"""As on a file system that has no extended attributes: programs that copy files do without."""

_ALLOWED = (
    # Memory and the processor
    "brk mmap munmap mremap mprotect msync mincore madvise mlock mlock2 munlock mlockall "
    "munlockall pkey_mprotect pkey_alloc pkey_free map_shadow_stack mbind get_mempolicy "
    "set_mempolicy arch_prctl membarrier rseq getcpu futex futex_wake futex_requeue "
    # Processes and threads, as far as they are one's own or only asked about
    "execve execveat exit exit_group set_tid_address set_robust_list get_robust_list "
    "restart_syscall getpid gettid getppid getpgid setpgid getpgrp getsid setsid "
    "getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid "
    "setresuid setresgid setfsuid setfsgid setgroups capget capset getrlimit getrusage getpriority "
    "ioprio_get sched_yield sched_getparam sched_getscheduler sched_getattr "
    "sched_get_priority_max sched_get_priority_min sched_rr_get_interval uname sysinfo umask "
    # Signals and time
    "rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack "
    "signalfd signalfd4 timerfd_create eventfd eventfd2 clock_gettime gettimeofday time "
    "clock_getres getrandom "
    # Descriptors
    "read readv pread64 preadv preadv2 close close_range dup dup2 dup3 lseek pipe pipe2 tee "
    "vmsplice copy_file_range fsync fdatasync flock fadvise64 readahead sync_file_range ftruncate "
    "epoll_create epoll_create1 epoll_ctl "
    # Names of files
    "open openat creat stat fstat lstat newfstatat fstatat statx access faccessat faccessat2 "
    "statfs fstatfs getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir mknod mknodat "
    "link linkat unlink unlinkat rename renameat renameat2 symlink symlinkat readlink readlinkat "
    "truncate utime utimes futimesat utimensat getxattr lgetxattr fgetxattr listxattr llistxattr "
    "flistxattr "
    # Sockets
    "accept accept4 bind sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown getsockname "
    "getpeername setsockopt getsockopt"
).split()
"""Whatever is neither here nor ruled on fails with ENOSYS, so that the C library falls back to the
calls of old. That goes for calls whose arguments a filter cannot read (clone3, openat2), that act
behind its back (io_uring, aio), and whose room belongs to no process or outlives them all
(memfd_create, System V IPC, POSIX message queues).
"""

_CHANGES_MODE = {"chmod": 1, "fchmod": 1, "fchmodat": 2}
"""The argument that is the mode."""
_SPOKEN = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
_NETLINK_ROUTE = 0

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_PTRACER = 0x59616D61
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_SETLEASE, _F_NOTIFY = 8, 10, 15, 1024, 1026
_RLIMIT_CPU, _RLIMIT_RTTIME = 0, 15
_PRIO_USER, _IOPRIO_WHO_USER = 2, 3

_TIOCSTI, _TIOCSETD = 0x5412, 0x5423
_FIOSETOWN, _SIOCSPGRP = 0x8901, 0x8902
_ATTRIBUTES_OF_FILES = (
    0x40086602,  # FS_IOC_SETFLAGS
    0x40046602,  # and of 32 bits
    0x40087602,  # FS_IOC_SETVERSION
    0x401C5820,  # FS_IOC_FSSETXATTR
    0x40806685,  # FS_IOC_ENABLE_VERITY
    0x800C6613,  # FS_IOC_SET_ENCRYPTION_POLICY
)
"""linux/fs.h. They need no more than a file that is open for reading."""
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
    """The program in the making. Each call is named in one rule, which answers in every case; the
    first rule for a call is the one that counts.
    """

    def __init__(self, architecture: Architecture) -> None:
        self._numbers = architecture.numbers
        self._ruled: set[int] = set()
        self._program = program = BpfProgram()
        # By int 0x80 a program reaches calls of another table, where the numbers that the rules
        # compare mean something else. No program that a student writes does that by mistake.
        program.load(_ARCH)
        program.jump(JEQ, architecture.audit, "known", None)
        program.answer(KILL_PROCESS)
        program.label("known")
        program.load(_NUMBER)

    def finished(self, allowed: Iterable[str]) -> bytes:
        """What no rule is about runs at full speed if it is one of ``allowed``, else it does not
        exist.
        """
        numbers = {self._numbers[name] for name in allowed if name in self._numbers}
        for first, last in _ranges(numbers, self._ruled):
            below, beyond = self._program.fresh(), self._program.fresh()
            self._program.jump(JGE, first, None, below)
            self._program.jump(JGE, last + 1, beyond, None)
            self._program.answer(ALLOW)
            self._program.label(below)
            self.fail(errno.ENOSYS)()
            self._program.label(beyond)
        self.fail(errno.ENOSYS)()
        return self._program.assemble()

    def trap(self, name: str, rule: Rule) -> None:
        """By the rule of the class that makes sense of the call."""
        self.rule([name], lambda: rule(self._program))

    def rule(self, names: Iterable[str], answer: Callable[[], None]) -> None:
        """For these calls alone, as far as the machine has them."""
        for name in names:
            if name in self._numbers:
                self._ruled.add(self._numbers[name])
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
        """Refuse the call with this errno."""
        return lambda: self._program.answer(ERRNO | error)

    def prctl(self) -> None:
        """Refuse what would hide it from the supervisor, or send signals at an end (prctl(2))."""
        self._program.load_low(0)
        # It stays dumpable, or /proc closes to the supervisor.
        self._program.answer_to([_PR_SET_DUMPABLE], ERRNO | 0)
        refused = (_PR_SET_SECCOMP, _PR_SET_PTRACER, _PR_SET_PDEATHSIG)
        self._program.answer_to(refused, ERRNO | errno.EPERM)
        self._program.answer(ALLOW)

    def fcntl(self) -> None:
        """The kernel sends no signals for a descriptor: nobody would be known to have sent them.
        A lease also makes others wait who open the file, whoever they are. Where one pipe grows,
        others of the same user have less.
        """
        self._program.load_low(1)
        refused = (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_SETLEASE, _F_NOTIFY, fcntl.F_SETPIPE_SZ)
        self._program.answer_to(refused, ERRNO | errno.EPERM)
        self._program.answer(ALLOW)

    def ioctl(self) -> None:
        """Refuse terminal settings that reach others, and attributes of files (ioctl(2))."""
        self._program.load_low(1)
        self._program.answer_to(_TERMINAL_SETTINGS, ERRNO | 0)
        refused = (_TIOCSTI, _TIOCSETD, _FIOSETOWN, _SIOCSPGRP, *_ATTRIBUTES_OF_FILES)
        self._program.answer_to(refused, ERRNO | errno.EPERM)
        self._program.answer(ALLOW)

    def mode(self, argument: int) -> Callable[[], None]:
        """No program is made that runs as somebody else than who starts it."""

        def answer() -> None:
            """Allow what is left."""
            refuse_special_modes(self._program, argument)
            self._program.answer(ALLOW)

        return answer

    def socket(self) -> None:
        """Of the families that Python programs speak (socket(2)); of netlink what the C library
        asks about addresses. Others lead past the network namespace, or into seldom used code.
        """
        self._program.load_low(0)
        self._program.answer_to(_SPOKEN, ALLOW)
        other = self._program.fresh()
        self._program.jump(JEQ, socket.AF_NETLINK, None, other)
        self._program.load_low(2)
        self._program.answer_to([_NETLINK_ROUTE], ALLOW)
        self._program.label(other)
        self._program.answer(ERRNO | errno.EAFNOSUPPORT)

    def setrlimit(self) -> None:
        """The kernel sends no signals for used time either."""
        self._refuse_values(0, (_RLIMIT_CPU, _RLIMIT_RTTIME))
        self._program.answer(ALLOW)

    def prlimit(self) -> None:
        """Allow asking, and setting limits of one's own except those of CPU time (prlimit(2))."""
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
            """Allow what is left."""
            self._refuse_others(1)
            self._refuse_values(0, (of_a_user,))
            self._program.answer(ALLOW)

        return answer

    def scheduling(self) -> None:
        """Allow the scheduling of the caller itself only (sched(7))."""
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


def _ranges(wanted: set[int], indifferent: set[int]) -> Iterator[tuple[int, int]]:
    """First and last of the fewest ranges that hold these numbers, and beside them no others than
    those that are ``indifferent``.
    """
    first = last = None
    for number in sorted(wanted):
        if first is not None and last is not None:
            if indifferent.issuperset(range(last + 1, number)):
                last = number
                continue
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last


@cache
def build_filter(
    architecture: Architecture,
    *,
    virtual_clock: bool,
    shares_files: bool = False,
    has_peers: bool = False,
) -> bytes:
    """The filter as an array of struct sock_filter. With the real clock its reads are free.

    ``shares_files``: where the machine's files are in sight, calls that make, open for writing,
    remove or describe files stop. ``has_peers``: so do those that send something.
    """
    applies = {
        When.ALWAYS: True,
        When.VIRTUAL_CLOCK: virtual_clock,
        When.SHARED_FILES: shares_files,
        When.PEERS: has_peers,
    }
    made = _Filter(architecture)
    if architecture.name == "x86_64":
        made.no_x32()
    for call in call_classes():
        if applies[call.when]:
            for name, rule in call.trapped.items():
                made.trap(name, rule)
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
    made.rule(["socket", "socketpair"], made.socket)
    for name, argument in _CHANGES_MODE.items():
        made.rule([name], made.mode(argument))
    made.rule(_XATTRS, made.fail(errno.EOPNOTSUPP))
    made.rule(["sync", "syncfs"], made.fail(0))  # of all the machine's files
    made.rule(REFUSED, made.fail(errno.EPERM))
    return made.finished(_ALLOWED)


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
