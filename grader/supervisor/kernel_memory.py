"""Memory of the kernel's that is no process's: what lies unread in sockets.

A socket holds some hundred kilobytes by default and, where a program asks for it, megabytes; one
that was sent to another socket and closed is held by no process. So they are not looked for in
processes: the kernel lists those of a network (sock_diag(7)).
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY = 4, 20
_REQUEST_DUMP = 0x301
_ERROR, _DONE = 2, 3
_HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
_UNIX_REQUEST, _UNIX_QUEUES, _UNIX_MEMORY = struct.Struct("=BBHIIIII"), 4, 5
_INTERNET_REQUEST, _INTERNET_MEMORY = struct.Struct("=BBBBI48x"), 7
_UNIX_MESSAGE_SIZE, _INTERNET_MESSAGE_SIZE = 16, 72
_SHOW_UNIX_QUEUES, _SHOW_UNIX_MEMORY = 0x10, 0x20
_SHOW_INTERNET_MEMORY = 1 << _INTERNET_MEMORY - 1
_IN_ANY_STATE = 0xFFFFFFFF
_MEMORY = struct.Struct("=8I")
"""Of the array SK_MEMINFO (linux/sock_diag.h): received, its limit, on the way, its limit, set
aside, queued, options, backlog; in bytes.
"""
_UNIX_SOCKET = struct.Struct("=xBxxI")
"""Of a struct unix_diag_msg (linux/unix_diag.h): the type and the inode."""
_UNREAD = struct.Struct("=I")
"""What of a struct unix_diag_rqlen waits to be received: bytes, or clients."""
_ROOM = 1 << 18
_FEW = 8
"""So many sockets hold little, whatever is in them."""


def memory_in_sockets() -> int:
    """Bytes in the sockets of the network that this process is in; 0 where there are few, or where
    the kernel keeps no list.

    Raises:
        OSError: there are no more open files.
    """
    with open("/proc/self/net/sockstat", "rb") as counts:
        first = counts.readline()  # sockets: used 3
    if int(first.rpartition(b" ")[2]) <= _FEW:
        return 0
    with _open_list() as kernel:
        if kernel is None:
            return 0
        return sum(
            _taken(data)
            for request, size, wanted in _requests()
            for _, data in _listed(kernel, request, size, wanted)
        )


def filled_unix_sockets() -> set[int] | None:
    """The inodes of the network's Unix sockets in which something may lie unread, and of none that
    a connection was not yet accepted for; None where the kernel keeps no list.

    Raises:
        OSError: there are no more open files.
    """
    with _open_list() as kernel:
        if kernel is None:
            return None
        request = _ask_about_unix_sockets(_SHOW_UNIX_QUEUES)
        found = set()
        for message, data in _listed(kernel, request, _UNIX_MESSAGE_SIZE, _UNIX_QUEUES):
            kind, inode = _UNIX_SOCKET.unpack_from(message)
            # Of others than streams a message may be empty but for the descriptors in it.
            if inode and (kind != socket.SOCK_STREAM or _UNREAD.unpack_from(data)[0]):
                found.add(inode)
        return found


@contextmanager
def _open_list() -> Iterator[socket.socket | None]:
    """
    Raises:
        OSError: there are no more open files.
    """
    kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC
    try:
        kernel = socket.socket(socket.AF_NETLINK, kind, _NETLINK_SOCK_DIAG)
    except OSError as error:
        if error.errno != errno.EPROTONOSUPPORT:
            raise
        yield None
        return
    with kernel:
        yield kernel


def _requests() -> Iterator[tuple[bytes, int, int]]:
    """What is asked, the size of an answer without its attributes, and the one that is wanted."""
    yield _ask_about_unix_sockets(_SHOW_UNIX_MEMORY), _UNIX_MESSAGE_SIZE, _UNIX_MEMORY
    for family in (socket.AF_INET, socket.AF_INET6):
        for protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
            request = _INTERNET_REQUEST.pack(
                family, protocol, _SHOW_INTERNET_MEMORY, 0, _IN_ANY_STATE
            )
            yield request, _INTERNET_MESSAGE_SIZE, _INTERNET_MEMORY


def _ask_about_unix_sockets(what: int) -> bytes:
    return _UNIX_REQUEST.pack(socket.AF_UNIX, 0, 0, _IN_ANY_STATE, 0, what, 0, 0)


def _listed(
    kernel: socket.socket, request: bytes, size: int, wanted: int
) -> Iterator[tuple[bytes, bytes]]:
    """Of each socket its message, of that size, and its attribute ``wanted`` with what follows."""
    length = _HEADER.size + len(request)
    kernel.send(_HEADER.pack(length, _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 0, 0) + request)
    while True:
        data = kernel.recv(_ROOM)
        at = 0
        while at < len(data):
            length, kind, _, _, _ = _HEADER.unpack_from(data, at)
            if kind in (_ERROR, _DONE):
                return
            message = at + _HEADER.size
            attribute, end = message + size, at + length
            while attribute < end:
                its_length, its_kind = _ATTRIBUTE.unpack_from(data, attribute)
                if its_kind == wanted:
                    yield data[message : message + size], data[attribute + _ATTRIBUTE.size : end]
                    break
                attribute += its_length + 3 & ~3
            at += length + 3 & ~3


def _taken(data: bytes) -> int:
    """Bytes in a socket, by its array SK_MEMINFO."""
    received, _, sent, _, _, queued, options, backlog = _MEMORY.unpack_from(data)
    return int(received + max(sent, queued) + options + backlog)
