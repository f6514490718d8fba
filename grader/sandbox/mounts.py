"""A file system of its own for a run, without bubblewrap: mount_namespaces(7).

Landlock closes what is in a file. It does not cover what is told of a file (chmod, utime, extended
attributes), Unix sockets, and who opens what (inotify): these a program can reach by any name that
it can see. So it sees no others than its own. It also has System V IPC of its own.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable, Mapping
from functools import cache

from grader.sandbox.layout import OWN_PLACES, Layout, Place
from grader.sandbox.network import (
    enter_private_network,
    has_private_networks,
    works_in_child,
)

_CLONE_NEWNS, _CLONE_NEWIPC = 0x00020000, 0x08000000
_MS_NOSUID, _MS_NODEV = 0x2, 0x4
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2
_MOUNT_SETATTR = 442  # Linux 5.12, on every machine
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_RDONLY, _NOSUID, _NODEV = 0x1, 0x2, 0x4
_ATTRIBUTES = struct.Struct("=QQQQ")
"""struct mount_attr: to be set, to be taken away, propagation, a user namespace."""

_BASE = "/proc"
"""What is there on every machine: the new root is mounted on it, until it is the root."""
_MACHINE = "/.machine"
"""Where the old root is until all is made."""
_FOLDERS_SIZE = "mode=0755,size=4m"
"""Of the folders in memory, which hold nothing but the points where something is mounted."""
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS_OF_DEVICES = {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}


@cache
def has_private_mounts() -> bool:
    """Whether a process may have a file system of its own here. Tried once, in a child."""
    return has_private_networks() and works_in_child(_enter_both)


def _enter_both() -> None:
    """A user other than root may have mounts of its own only in a user namespace of its own, which
    comes with the network.
    """
    enter_private_network()
    enter_private_mounts(Layout((), (), frozenset()), {})


def enter_private_mounts(layout: Layout, own: Mapping[str, str]) -> None:
    """From now on this process, and all that it will start, finds what ``layout`` says, a few
    devices, and /proc, which is read-only. ``own``: the folder of the machine that lies behind
    each of `OWN_PLACES`.

    Raises:
        OSError: the kernel does not allow it; the process may be in a half-made namespace.
    """
    _call(_libc().unshare, _CLONE_NEWNS | _CLONE_NEWIPC)
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", _BASE, "tmpfs", _MS_NOSUID | _MS_NODEV, _FOLDERS_SIZE)
    os.mkdir(_BASE + _MACHINE)
    _call(_libc().pivot_root, _BASE.encode(), (_BASE + _MACHINE).encode())
    os.chdir("/")
    _make(Place("/proc", "read-only", "/proc"))
    for name in _DEVICES:
        path = "/dev/" + name
        if os.path.exists(_MACHINE + path):
            _bind(path, path, _NOSUID | _RDONLY)
    for name, inner in _LINKS_OF_DEVICES.items():
        os.symlink("/proc/self/fd" + inner, "/dev/" + name)
    for path in own.keys() & set(OWN_PLACES):
        _make(Place(path, "writable", own[path]))
    for place in layout.places:
        _make(place)
    _call(_libc().umount2, _MACHINE.encode(), _MNT_DETACH)
    os.rmdir(_MACHINE)
    for path in (*layout.sealed, "/"):
        _set_attributes(path, _RDONLY, inner=0)


def _make(place: Place) -> None:
    if place.kind == "link":
        os.makedirs(os.path.dirname(place.path), exist_ok=True)
        os.symlink(place.source, place.path)
    elif place.kind == "empty":
        os.makedirs(place.path, exist_ok=True)
        _mount("tmpfs", place.path, "tmpfs", _MS_NOSUID | _MS_NODEV, _FOLDERS_SIZE)
    else:
        attributes = _NODEV | _NOSUID | (_RDONLY if place.kind == "read-only" else 0)
        _bind(place.source, place.path, attributes)


def _bind(source: str, path: str, attributes: int) -> None:
    """Let a file or folder of the machine be seen at a path, with all that is mounted in it."""
    if os.path.isdir(_MACHINE + source):
        os.makedirs(path, exist_ok=True)
    elif not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    _mount(_MACHINE + source, path, None, _MS_BIND | _MS_REC)
    _set_attributes(path, attributes)


def _set_attributes(path: str, attributes: int, inner: int = _AT_RECURSIVE) -> None:
    """For what is mounted at this path, and ``inner`` says whether for all below it. What holds
    already stays.
    """
    wanted = _ATTRIBUTES.pack(attributes, 0, 0, 0)
    arguments = (_AT_FDCWD, os.fsencode(path), inner, wanted, _ATTRIBUTES.size)
    _call(_libc().syscall, _MOUNT_SETATTR, *arguments)


def _mount(
    source: str | None, path: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    """mount(2)."""
    texts = [None if text is None else os.fsencode(text) for text in (source, path, kind, options)]
    _call(_libc().mount, *texts[:3], ctypes.c_ulong(flags), texts[3])


def _call(function: Callable[..., int], *arguments: object) -> None:
    """
    Raises:
        OSError: it failed.
    """
    if function(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"A file system of its own: {os.strerror(error)}")


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
