"""ptrace(2), bound by hand: the few requests that the supervisor makes.

Every function but `kill` raises ProcessLookupError when the thread is gone or not in a
ptrace-stop (it may have been killed at any moment, see ptrace(2), "Death under ptrace"), and
OSError otherwise.
"""

from __future__ import annotations

import ctypes
import os
import signal
from enum import IntEnum

_libc = ctypes.CDLL(None, use_errno=True)
_ptrace = _libc.ptrace
_ptrace.restype = ctypes.c_long
_ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

# linux/ptrace.h
_PEEKDATA, _POKEDATA = 2, 5
_CONT, _SYSCALL = 7, 24
_GETEVENTMSG, _GETREGSET, _SETREGSET = 0x4201, 0x4204, 0x4205
_SEIZE, _INTERRUPT, _LISTEN, _GET_SYSCALL_INFO = 0x4206, 0x4207, 0x4208, 0x420E

_O_TRACESYSGOOD, _O_TRACEFORK, _O_TRACEVFORK, _O_TRACECLONE = 0x1, 0x2, 0x4, 0x8
_O_TRACEEXEC, _O_TRACEVFORKDONE, _O_TRACEEXIT = 0x10, 0x20, 0x40
_O_TRACESECCOMP, _O_EXITKILL = 0x80, 0x100000
OPTIONS = (
    _O_TRACESYSGOOD
    | _O_TRACEFORK
    | _O_TRACEVFORK
    | _O_TRACECLONE
    | _O_TRACEEXEC
    | _O_TRACEVFORKDONE
    | _O_TRACEEXIT
    | _O_TRACESECCOMP
    | _O_EXITKILL
)

NT_PRSTATUS = 1
NT_ARM_SYSTEM_CALL = 0x404

_WALL = 0x40000000  # bits/waitflags.h: children of every kind


class Event(IntEnum):
    """Why a thread stopped (bits 16 and up of the wait status; linux/ptrace.h)."""

    FORK = 1
    VFORK = 2
    CLONE = 3
    EXEC = 4
    VFORK_DONE = 5
    EXIT = 6
    SECCOMP = 7
    STOP = 128


class Stop:
    """One answer of waitpid about a traced thread."""

    __slots__ = ("event", "exited", "in_syscall", "signal", "status", "tid")

    def __init__(self, tid: int, status: int) -> None:
        """Take the wait status apart once: everything that handles a stop asks for its parts."""
        self.tid = tid
        self.status = status
        self.exited = status & 0x7F != 0x7F
        """Whether it is no stop: the thread has ended."""
        self.event = status >> 16
        """One of `Event`, or 0 for a signal-delivery or system-call stop."""
        self.signal = status >> 8 & 0x7F
        """The signal of a stop, without the mark of a system-call stop."""
        self.in_syscall = status >> 8 == signal.SIGTRAP | 0x80
        """Whether it stands at the entry to or the exit from a system call."""


def _call(request: int, tid: int, address: int = 0, data: int = 0) -> int:
    result: int = _ptrace(request, tid, address, data)
    if result == -1:  # always an error: no request is made here that returns data in this way
        error = ctypes.get_errno()
        raise OSError(error, f"ptrace request {request:#x}: {os.strerror(error)}")
    return result


def seize(pid: int) -> None:
    """Begin to trace a process, without stopping it."""
    _call(_SEIZE, pid, 0, OPTIONS)


def interrupt(tid: int) -> None:
    """Stop a running thread; one that sleeps in a system call leaves it for that."""
    _call(_INTERRUPT, tid)


def resume(tid: int, deliver: int = 0) -> None:
    """Let it run until its next trapped call, event or signal."""
    _call(_CONT, tid, 0, deliver)


def resume_to_syscall_stop(tid: int, deliver: int = 0) -> None:
    """Let it run until its next entry to or exit from any system call, event or signal."""
    _call(_SYSCALL, tid, 0, deliver)


def listen(tid: int) -> None:
    """Leave it in a group-stop until a SIGCONT comes."""
    _call(_LISTEN, tid)


def event_message(tid: int) -> int:
    """What comes with a fork, exec or exit event: a pid, a former tid, a wait status."""
    message = ctypes.c_ulong()
    _call(_GETEVENTMSG, tid, 0, ctypes.addressof(message))
    return message.value


class _IOVector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


_vector = _IOVector()
_vector_address = ctypes.addressof(_vector)
"""The same for all calls: there is one thread, and the kernel is done with it when they return."""


def get_register_set(tid: int, kind: int, into: ctypes.Structure | ctypes.c_int) -> None:
    """Read a set of registers of a stopped thread; ``kind`` is an NT_ constant (elf.h)."""
    _vector.base, _vector.length = ctypes.addressof(into), ctypes.sizeof(into)
    _call(_GETREGSET, tid, kind, _vector_address)


def set_register_set(tid: int, kind: int, source: ctypes.Structure | ctypes.c_int) -> None:
    """Write a set of registers of a stopped thread."""
    _vector.base, _vector.length = ctypes.addressof(source), ctypes.sizeof(source)
    _call(_SETREGSET, tid, kind, _vector_address)


def at_syscall_entry(tid: int) -> bool:
    """Whether a system-call stop is at the entry. PTRACE_GET_SYSCALL_INFO, Linux 5.3."""
    info = (ctypes.c_uint8 * 88)()
    _call(_GET_SYSCALL_INFO, tid, ctypes.sizeof(info), ctypes.addressof(info))
    return info[0] == 1  # PTRACE_SYSCALL_INFO_ENTRY


def poke_word(tid: int, address: int, word: int) -> None:
    """Write eight bytes, also where /proc/PID/mem may not be forced."""
    _call(_POKEDATA, tid, address, word)


def next_stop(*, block: bool = False, tid: int = -1) -> Stop | None:
    """The next stop or death among all tracees and children, None if there is none now.

    Raises:
        ChildProcessError: there is nobody left to wait for.
    """
    pid, status = os.waitpid(tid, _WALL if block else _WALL | os.WNOHANG)
    return Stop(pid, status) if pid else None


def kill(tid: int) -> None:
    """End it at once; its death is a stop of its own, unless it has died already."""
    try:
        os.kill(tid, signal.SIGKILL)
    except ProcessLookupError:
        return
