"""The memory of a traced process, by /proc/PID/mem (proc(5)): no stop is needed to read it."""

from __future__ import annotations

import errno
import os
import struct

_POLL_ENTRY = struct.Struct("=ihh")
_MOST_WATCHED = 1024
"""Descriptors of one poll that are looked at."""


class Memory:
    """One address space. It goes stale when its process executes another program."""

    def __init__(self, pid: int) -> None:
        """
        Raises:
            OSError: the process is gone.
        """
        self._fd = os.open(f"/proc/{pid}/mem", os.O_RDWR | os.O_CLOEXEC)

    def close(self) -> None:
        """Nothing is read or written afterwards."""
        os.close(self._fd)

    def read(self, address: int, size: int) -> bytes:
        """At most ``size`` bytes from ``address``: fewer where a mapping ends.

        Raises:
            OSError: nothing is mapped there.
        """
        if address >= 1 << 63:
            raise OSError(errno.EFAULT, "no such address")
        return os.pread(self._fd, size, address)

    def read_exactly(self, address: int, size: int) -> bytes:
        """
        Raises:
            OSError: not all of it is mapped.
        """
        data = self.read(address, size)
        if len(data) < size:
            raise OSError(errno.EFAULT, "a mapping ends within what was asked for")
        return data

    def write(self, address: int, data: bytes) -> None:
        """
        Raises:
            OSError: nothing is mapped there, or the kernel forbids it.
        """
        if address >= 1 << 63:
            raise OSError(errno.EFAULT, "no such address")
        os.pwrite(self._fd, data, address)

    def read_pair(self, address: int) -> tuple[int, int]:
        """Two signed 64-bit integers, as in struct timespec and struct timeval.

        Raises:
            OSError: nothing is mapped there.
        """
        first, second = struct.unpack("=qq", self.read_exactly(address, 16))
        return first, second

    def read_poll_set(self, address: int, count: int) -> list[tuple[int, int]]:
        """(descriptor, returned events) of each struct pollfd, of the first ones if they are many;
        empty where nothing is mapped.
        """
        try:
            data = self.read(address, _POLL_ENTRY.size * min(count, _MOST_WATCHED))
        except OSError:
            return []
        whole = data[: len(data) // _POLL_ENTRY.size * _POLL_ENTRY.size]
        return [(descriptor, seen) for descriptor, _, seen in _POLL_ENTRY.iter_unpack(whole)]

    def write_pair(self, address: int, first: int, second: int) -> None:
        """
        Raises:
            OSError: nothing is mapped there.
        """
        self.write(address, struct.pack("=qq", first, second))
