"""Files beyond reach, by Landlock (landlock(7), Linux 5.13): what is not named cannot be opened.

It also keeps a program from looking into, and from Linux 6.12 on from signalling, processes that
are not its own descendants, whoever their user is.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterator
from functools import cache

from grader.sandbox.layout import OWN_PLACES
from grader.sandbox.view import View

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 0x1, 0x2, 0x4, 0x8
_REMOVE_FILE, _MAKE_FILE = 0x20, 0x100
_OF_ABI = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF}
"""Version -> all rights to files that it knows and that are asked for here."""
_TRUNCATE = 0x4000
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_ABSTRACT_SOCKETS, _SIGNALS = 0x1, 0x2
_SINCE_NETWORK, SINCE_SCOPES = 4, 6
"""From this version of Landlock on it can do that."""

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")


@cache
def landlock_version() -> int:
    """Of the kernel's Landlock; 0 if it has none, or has it switched off."""
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)))


def restrict_files(view: View, terminal: int, *, sees_its_own: bool = False) -> None:
    """From now on this process, and all that it will start, can open what ``view`` shows, the
    terminal with this descriptor, /proc, and a few devices. Nothing happens without Landlock.

    Args:
        view: what can be opened.
        terminal: a descriptor.
        sees_its_own: nothing else is to be seen, for the process has a file system of its own.

    Raises:
        OSError: the kernel does not do it.
    """
    version = landlock_version()
    if version == 0:
        return
    rights = _OF_ABI[min(version, max(_OF_ABI))]
    scopes = _ABSTRACT_SOCKETS | _SIGNALS if version >= SINCE_SCOPES else 0
    words = 3 if version >= SINCE_SCOPES else 2 if version >= _SINCE_NETWORK else 1
    attributes = struct.pack("=QQQ", rights, 0, scopes)[: 8 * words]
    ruleset = _checked(_CREATE_RULESET, attributes, len(attributes), 0)
    for path, allowed in _rules(view, rights, sees_its_own):
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # not on this machine
        _allow(ruleset, place, allowed & rights)
        os.close(place)
    _allow(ruleset, terminal, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & rights)
    if _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")
    _checked(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _rules(view: View, everything: int, sees_its_own: bool) -> Iterator[tuple[str, int]]:
    for device in _DEVICES:
        yield device, _READ_FILE | _WRITE_FILE | _TRUNCATE
    yield view.folder, everything
    if sees_its_own:
        yield "/", _READ
        for path in OWN_PLACES:
            yield path, everything
        return
    yield from readable_places(view.readable, view.hidden)
    for path in (*view.shown, "/proc"):
        yield path, _READ
    yield view.shared_memory, _READ_FILE | _WRITE_FILE | _TRUNCATE | _MAKE_FILE | _REMOVE_FILE


@cache
def readable_places(
    readable: tuple[str, ...], hidden: tuple[str, ...]
) -> tuple[tuple[str, int], ...]:
    """What of a view may be read, and the rights to it. Found out once: it takes a while."""
    return tuple(rule for tree in readable for rule in _around(tree, hidden))


def _around(tree: str, hidden: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Everything in a tree but what is hidden: a right cannot be taken away further down. The
    names of what is hidden can still be listed.
    """
    within = tuple(each for each in hidden if f"{each}/".startswith(f"{tree}/"))
    if not within:
        yield tree, _READ
    elif tree not in within:
        yield tree, _READ_DIR
        for name in os.listdir(tree):
            entry = os.path.join(tree, name)
            if not os.path.islink(entry):
                yield from _around(entry, within)


def _allow(ruleset: int, place: int, rights: int) -> None:
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= _OF_FILES
    rule = struct.pack("=Qi", rights, place)
    _checked(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)


def _checked(number: int, *arguments: int | bytes) -> int:
    """The result of a system call.

    Raises:
        OSError: it failed.
    """
    result: int = _libc().syscall(number, *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return result


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
