"""Who holds which lock of multiprocessing, as its objects say in the memory of the processes.

The kernel knows no holder of a semaphore. CPython's SemLock counts how often its own process has
taken it (Modules/_multiprocessing/semaphore.c): behind the head of the object (16 bytes) come the
address of the sem_t, the thread that took it last, and the count. An interpreter whose objects
have another head is found out by the address, which must be that of the lock waited for.
"""

from __future__ import annotations

import struct

from grader.supervisor.tree import SharedLock, TracedProcess, Tree
from grader.trace import Location, ProcessNumber

_FIELDS = struct.Struct("=QQi")
"""Address of the sem_t, thread, count."""
_HEAD = 16
_SEM_SIZE = 32
"""Bytes of a sem_t (semaphore.h of the GNU C library): its futex is one of its words."""
_MOST = 4096
"""Locks of a process that are remembered."""
_ROOM = "room"
"""What the probe calls the semaphore of a queue that counts the room that is left in it."""
_SIGNAL = "signal"
"""What the probe calls a semaphore that begins at zero: whoever passes it was let through."""
_SEMAPHORES = frozenset({"Semaphore", "BoundedSemaphore", _SIGNAL})


def made(process: TracedProcess, address: int, line: Location | None, class_name: str) -> None:
    """A process has made a lock, whose SemLock lies at ``address``."""
    if len(process.locks) < _MOST:
        process.locks[address] = SharedLock(
            line, class_name in _SEMAPHORES, class_name == _ROOM, class_name == _SIGNAL
        )


def lock_at_futex(process: TracedProcess, futex: int) -> SharedLock | None:
    """The lock that a process waits for when it waits at this address; None: it is not known."""
    return next(
        (lock for at, lock in process.locks.items() if _state(process, at, futex) is not None),
        None,
    )


def holders(tree: Tree, lock: SharedLock, futex: int) -> tuple[ProcessNumber, ...]:
    """The live processes that have taken a lock and not given it back, by their numbers.

    A lock has the same address in the process that made it and in all that were forked from it.
    One that any of them gave back without having taken it passes from hand to hand, as a signal
    does: none of them holds it.
    """
    if lock.is_signal:
        return ()
    taken = {
        process.number: _state(process, at, futex) or 0
        for process in tree
        for at, known in process.locks.items()
        if known is lock
    }
    if any(count < 0 for count in taken.values()):
        return ()
    return tuple(sorted(number for number, count in taken.items() if count > 0))


def _state(process: TracedProcess, address: int, futex: int) -> int | None:
    """How often the process holds the lock at ``address``; None: that is not the one to which
    the futex belongs.
    """
    try:
        handle, _, count = _FIELDS.unpack(process.memory.read_exactly(address + _HEAD, 20))
    except OSError:
        return None
    return count if handle <= futex < handle + _SEM_SIZE else None
