"""A network of its own for every run: a loopback that nobody else is on, and nothing beyond.

By namespaces (network_namespaces(7)): a network namespace as root, else one within a user
namespace, where the kernel allows that. Must be called in a process with a single thread.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from grader.interrupts import ALL_ENDING, interrupts_held
from grader.sandbox.privileges import show_memory

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS = 0x8913, 0x8914
_IFF_UP = 0x1
_IFREQ = "16sH22x"


@cache
def has_private_networks() -> bool:
    """Whether a process may have a network of its own here. Tried once, in a child."""
    return works_in_child(enter_private_network)


def works_in_child(change: Callable[[], None]) -> bool:
    """Whether a process may change itself in this way. It is a child that does, and ends.

    Signals that end the grader are held meanwhile: the child would take itself for the grader.
    """
    with interrupts_held(ALL_ENDING):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                show_memory()
                change()
                status = 0
            finally:
                os._exit(status)
        return os.waitpid(pid, 0)[1] == 0


def enter_private_network() -> None:
    """Move this process, and all that it will start, to a network of its own.

    Raises:
        OSError: the kernel does not allow it; the process may be in a half-made namespace.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWNET) != 0:
        if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        # The user stays the same (user_namespaces(7)): a line each, and no more group changes.
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    _bring_loopback_up()


def _bring_loopback_up() -> None:
    """netdevice(7)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack(_IFREQ, b"lo", 0)
        answer = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request)
        _, flags = struct.unpack(_IFREQ, answer)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack(_IFREQ, b"lo", flags | _IFF_UP))


@contextmanager
def reserve_ports(ports: tuple[int, ...]) -> Iterator[None]:
    """Wait until no other grading on this machine uses one of these ports, and keep them.

    For where networks cannot be private. Ports are taken in order, so that nobody waits in a
    circle.

    Raises:
        OSError: the lock files cannot be made.
    """
    with ExitStack() as held:
        for port in sorted(set(ports)):
            path = Path(tempfile.gettempdir()) / f"grader-port-{port}.lock"
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            except PermissionError:  # another user has made it
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            held.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
