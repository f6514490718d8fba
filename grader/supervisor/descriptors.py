"""Open files of traced processes, reached by descriptors of our own; and timers that are files."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass

from grader.supervisor.tree import TracedProcess
from grader.trace import Nanoseconds

_SECOND = 10**9
_SOON: Nanoseconds = 1
_PIDFD_OPEN, _PIDFD_GETFD = 434, 438  # alike on both machines

_libc = ctypes.CDLL(None, use_errno=True)


def borrow_descriptor(process: TracedProcess, descriptor: int) -> int:
    """The same open file as the process's descriptor, as a descriptor of ours.

    Raises:
        OSError: it is not open there.
    """
    pidfd = _libc.syscall(_PIDFD_OPEN, process.pid, 0)
    if pidfd < 0:
        raise OSError(ctypes.get_errno(), "pidfd_open")
    try:
        ours = _libc.syscall(_PIDFD_GETFD, pidfd, descriptor, 0)
        if ours < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")
        return int(ours)
    finally:
        os.close(pidfd)


class _TimerSpec(ctypes.Structure):
    """struct itimerspec."""

    _fields_ = [
        (name, ctypes.c_int64) for name in ("interval_s", "interval_ns", "value_s", "value_ns")
    ]


@dataclass(eq=False)
class FileTimer:
    """An armed timerfd: ``owner`` is the process that armed it, by its descriptor ``theirs``.

    ``descriptor`` is ours for the same open file.
    """

    owner: TracedProcess
    theirs: int
    descriptor: int
    deadline: Nanoseconds
    interval: Nanoseconds

    def fire(self) -> None:
        """Make it readable at once."""
        arm_timer(self.descriptor, _SOON)

    def close(self) -> None:
        """Close our descriptor; the submission's own stays open."""
        os.close(self.descriptor)


def arm_timer(descriptor: int, value: Nanoseconds) -> None:
    """Let the kernel's own timer of a timerfd run out after ``value``; 0 disarms it.

    Raises:
        OSError: it is no timerfd.
    """
    spec = _TimerSpec(0, 0, *divmod(value, _SECOND))
    if _libc.timerfd_settime(descriptor, 0, ctypes.byref(spec), None) != 0:
        raise OSError(ctypes.get_errno(), "timerfd_settime")


def clock_of_timer(descriptor: int) -> int:
    """The POSIX clock by which a timerfd goes (proc_pid_fdinfo(5))."""
    with open(f"/proc/self/fdinfo/{descriptor}") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("clockid:"))
