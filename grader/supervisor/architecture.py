"""The machine's registers and system-call numbers: x86-64 and aarch64.

Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
x86-64 has been run; aarch64 is written from its documentation (docs/platforms.md says what was
tried).
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from grader.supervisor import ptrace


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


@dataclass(frozen=True)
class Architecture:
    """What differs between machines. ``numbers`` maps call names to numbers; absent: no such call.

    ``audit`` is the AUDIT_ARCH value that a seccomp filter sees.
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
    numbers: Mapping[str, int]

    @cached_property
    def names(self) -> dict[int, str]:
        return {number: name for name, number in self.numbers.items()}


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


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
        values = self._architecture.layout.from_buffer_copy(self._values)
        return Registers(self._tid, self._architecture, values)

    @property
    def number(self) -> int:
        """Of the system call that the thread is in; -1 for none."""
        return _signed(getattr(self._values, self._architecture.number))

    @property
    def result(self) -> int:
        """What the system call returned: negative errno on failure."""
        return _signed(getattr(self._values, self._architecture.result))

    @result.setter
    def result(self, value: int) -> None:
        setattr(self._values, self._architecture.result, value & (1 << 64) - 1)

    @property
    def stack_pointer(self) -> int:
        return int(getattr(self._values, self._architecture.stack_pointer))

    @property
    def instruction_pointer(self) -> int:
        return int(getattr(self._values, self._architecture.instruction_pointer))

    @instruction_pointer.setter
    def instruction_pointer(self, value: int) -> None:
        setattr(self._values, self._architecture.instruction_pointer, value)

    def argument(self, index: int) -> int:
        """Argument ``index`` of the system call, as an unsigned 64-bit value."""
        return int(getattr(self._values, self._architecture.arguments[index]))

    def int_argument(self, index: int) -> int:
        """Argument ``index`` as a C int."""
        value = self.argument(index) & 0xFFFFFFFF
        return value - (1 << 32) if value >> 31 else value

    def set_argument(self, index: int, value: int) -> None:
        setattr(self._values, self._architecture.arguments[index], value & (1 << 64) - 1)

    def arguments(self) -> tuple[int, ...]:
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

    def store(self) -> None:
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
    numbers={
        "read": 0,
        "write": 1,
        "poll": 7,
        "mmap": 9,
        "ioctl": 16,
        "pread64": 17,
        "pwrite64": 18,
        "readv": 19,
        "writev": 20,
        "select": 23,
        "pause": 34,
        "nanosleep": 35,
        "getitimer": 36,
        "alarm": 37,
        "setitimer": 38,
        "sendfile": 40,
        "connect": 42,
        "accept": 43,
        "sendto": 44,
        "recvfrom": 45,
        "sendmsg": 46,
        "recvmsg": 47,
        "bind": 49,
        "listen": 50,
        "socketpair": 53,
        "clone": 56,
        "fork": 57,
        "vfork": 58,
        "execve": 59,
        "wait4": 61,
        "kill": 62,
        "semop": 65,
        "fcntl": 72,
        "flock": 73,
        "gettimeofday": 96,
        "times": 100,
        "ptrace": 101,
        "rt_sigtimedwait": 128,
        "rt_sigqueueinfo": 129,
        "rt_sigsuspend": 130,
        "personality": 135,
        "pivot_root": 155,
        "prctl": 157,
        "acct": 163,
        "settimeofday": 164,
        "mount": 165,
        "umount2": 166,
        "swapon": 167,
        "swapoff": 168,
        "reboot": 169,
        "sethostname": 170,
        "setdomainname": 171,
        "init_module": 175,
        "delete_module": 176,
        "tkill": 200,
        "time": 201,
        "futex": 202,
        "sched_setaffinity": 203,
        "sched_getaffinity": 204,
        "semtimedop": 220,
        "timer_create": 222,
        "clock_settime": 227,
        "clock_gettime": 228,
        "clock_nanosleep": 230,
        "epoll_wait": 232,
        "tgkill": 234,
        "mq_timedsend": 242,
        "mq_timedreceive": 243,
        "kexec_load": 246,
        "waitid": 247,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        "pselect6": 270,
        "ppoll": 271,
        "unshare": 272,
        "splice": 275,
        "tee": 276,
        "vmsplice": 278,
        "epoll_pwait": 281,
        "timerfd_create": 283,
        "timerfd_settime": 286,
        "timerfd_gettime": 287,
        "accept4": 288,
        "pwritev": 296,
        "rt_tgsigqueueinfo": 297,
        "perf_event_open": 298,
        "recvmmsg": 299,
        "fanotify_init": 300,
        "open_by_handle_at": 304,
        "clock_adjtime": 305,
        "setns": 308,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "kcmp": 312,
        "finit_module": 313,
        "seccomp": 317,
        "getrandom": 318,
        "kexec_file_load": 320,
        "bpf": 321,
        "userfaultfd": 323,
        "pwritev2": 328,
        "pidfd_send_signal": 424,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        "open_tree": 428,
        "move_mount": 429,
        "fsopen": 430,
        "fsmount": 432,
        "clone3": 435,
        "pidfd_getfd": 438,
        "epoll_pwait2": 441,
        "mount_setattr": 442,
        "process_madvise": 440,
        "futex_waitv": 449,
        "futex_wait": 455,
    },
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
    numbers={
        "epoll_pwait": 22,
        "fcntl": 25,
        "ioctl": 29,
        "flock": 32,
        "umount2": 39,
        "mount": 40,
        "pivot_root": 41,
        "read": 63,
        "write": 64,
        "readv": 65,
        "writev": 66,
        "pread64": 67,
        "pwrite64": 68,
        "pwritev": 70,
        "sendfile": 71,
        "pselect6": 72,
        "ppoll": 73,
        "vmsplice": 75,
        "splice": 76,
        "tee": 77,
        "timerfd_create": 85,
        "timerfd_settime": 86,
        "timerfd_gettime": 87,
        "acct": 89,
        "personality": 92,
        "waitid": 95,
        "unshare": 97,
        "futex": 98,
        "nanosleep": 101,
        "getitimer": 102,
        "setitimer": 103,
        "kexec_load": 104,
        "init_module": 105,
        "delete_module": 106,
        "timer_create": 107,
        "clock_settime": 112,
        "clock_gettime": 113,
        "clock_nanosleep": 115,
        "ptrace": 117,
        "sched_setaffinity": 122,
        "sched_getaffinity": 123,
        "kill": 129,
        "tkill": 130,
        "tgkill": 131,
        "rt_sigsuspend": 133,
        "rt_sigtimedwait": 137,
        "rt_sigqueueinfo": 138,
        "reboot": 142,
        "times": 153,
        "sethostname": 161,
        "setdomainname": 162,
        "prctl": 167,
        "gettimeofday": 169,
        "settimeofday": 170,
        "mq_timedsend": 182,
        "mq_timedreceive": 183,
        "semtimedop": 192,
        "semop": 193,
        "socketpair": 199,
        "bind": 200,
        "listen": 201,
        "accept": 202,
        "connect": 203,
        "sendto": 206,
        "recvfrom": 207,
        "sendmsg": 211,
        "recvmsg": 212,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
        "clone": 220,
        "execve": 221,
        "mmap": 222,
        "swapon": 224,
        "swapoff": 225,
        "rt_tgsigqueueinfo": 240,
        "perf_event_open": 241,
        "accept4": 242,
        "recvmmsg": 243,
        "wait4": 260,
        "fanotify_init": 262,
        "open_by_handle_at": 265,
        "clock_adjtime": 266,
        "setns": 268,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "kcmp": 272,
        "finit_module": 273,
        "seccomp": 277,
        "getrandom": 278,
        "bpf": 280,
        "userfaultfd": 282,
        "pwritev2": 287,
        "kexec_file_load": 294,
        "pidfd_send_signal": 424,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        "open_tree": 428,
        "move_mount": 429,
        "fsopen": 430,
        "fsmount": 432,
        "clone3": 435,
        "pidfd_getfd": 438,
        "process_madvise": 440,
        "epoll_pwait2": 441,
        "mount_setattr": 442,
        "futex_waitv": 449,
        "futex_wait": 455,
    },
)


def this_machine() -> Architecture | None:
    """The architecture that the grader runs on, None if it is not a known one."""
    return {"x86_64": X86_64, "aarch64": AARCH64}.get(platform.machine())
