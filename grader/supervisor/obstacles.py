"""Whether the kernel can be the witness here: what it needs is tried, which takes milliseconds."""

from __future__ import annotations

import os
import signal
import struct
from collections.abc import Callable

from grader.sandbox import show_memory
from grader.supervisor import ptrace
from grader.supervisor.architecture import Architecture, this_machine
from grader.supervisor.seccomp import install_filter

_ALLOW_EVERYTHING = struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)  # BPF_RET, SECCOMP_RET_ALLOW


def is_kernel_refused() -> bool:
    """Whether ptrace or seccomp is refused, or the processor is an unknown one."""
    architecture = this_machine()
    return (
        architecture is None
        or ptrace_obstacle() is not None
        or seccomp_obstacle(architecture) is not None
    )


def ptrace_obstacle() -> str | None:
    """Why a process cannot be traced, in the words of the system; None: it can."""
    return _refusal(_be_traced)


def seccomp_obstacle(architecture: Architecture) -> str | None:
    """Why a process cannot be given a filter, in the words of the system; None: it can."""
    return _refusal(lambda: install_filter(_ALLOW_EVERYTHING, architecture))


def _refusal(deed: Callable[[], None]) -> str | None:
    """What the kernel says to something that a process of its own tries; None: it lets it.

    The memory of a process that has graded is closed, and so it could not be traced by its user.
    """
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            show_memory()
            deed()
        except OSError as error:
            os.write(write_end, (error.strerror or str(error)).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as answer:
        words = answer.read().decode()
    _, status = os.waitpid(pid, 0)
    return words or (None if status == 0 else f"wait status {status}")


def _be_traced() -> None:
    """
    Raises:
        OSError: ptrace is refused.
    """
    pid = os.fork()
    if pid == 0:
        signal.pause()
        os._exit(0)
    try:
        ptrace.seize(pid)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
