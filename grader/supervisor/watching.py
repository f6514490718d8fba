"""What a thread watches that waits for descriptors, and for the end of which children it does so.

A child's end makes two kinds of descriptors ready: the sentinel of its process object, of which the
probe tells, and a pidfd (pidfd_open(2)).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from grader.supervisor import procfs
from grader.supervisor.run import Run
from grader.supervisor.tree import Sentinel, TracedProcess, TracedThread
from grader.trace import Nanoseconds, ProcessNumber

POLLS = frozenset({"poll", "ppoll"})
SELECTS = frozenset({"select", "pselect6"})
EPOLL_WAITS = frozenset({"epoll_wait", "epoll_pwait", "epoll_pwait2"})
_MOST_SELECTED = 1024
_EPOLL_EVENT = {"x86_64": struct.Struct("=Iq"), "aarch64": struct.Struct("=Iiq")}
"""struct epoll_event (linux/eventpoll.h), which is packed on x86-64 alone."""


def watched(thread: TracedThread, name: str, arguments: Sequence[int]) -> list[int]:
    """The descriptors that a call of this name watches; empty for any other call."""
    memory = thread.process.memory
    if name in POLLS:
        return [descriptor for descriptor, _ in memory.read_poll_set(arguments[0], arguments[1])]
    if name in SELECTS:
        return _selected(thread.process, arguments)
    if name in EPOLL_WAITS:
        return procfs.watched_by_epoll(thread.tid, arguments[0])
    return []


def _selected(process: TracedProcess, arguments: Sequence[int]) -> list[int]:
    """The descriptors in the set to be read from."""
    count, read_set = min(arguments[0], _MOST_SELECTED), arguments[1]
    if not read_set:
        return []
    try:
        data = process.memory.read(read_set, (count + 7) // 8)
    except OSError:
        return []
    bits = int.from_bytes(data, "little")
    return [descriptor for descriptor in range(count) if bits >> descriptor & 1]


def note_sentinel(thread: TracedThread, descriptor: int, inner_pid: int) -> None:
    """The descriptor becomes ready when the process with this pid ends."""
    target = procfs.target_of(thread.tid, descriptor)
    thread.process.sentinels[descriptor] = Sentinel(inner_pid, target)


def watched_children(
    run: Run, thread: TracedThread, name: str, arguments: Sequence[int]
) -> dict[int, ProcessNumber]:
    """The watched descriptors that stand for children, each with the child's number."""
    sentinels, numbers = thread.process.sentinels, run.tree.numbers_by_inner_pid
    if not sentinels:
        return {}
    return {
        descriptor: numbers[sentinels[descriptor].inner_pid]
        for descriptor in watched(thread, name, arguments)
        if descriptor in sentinels
        and sentinels[descriptor].inner_pid in numbers
        # A descriptor that was closed may stand for something else by now.
        and sentinels[descriptor].target == procfs.target_of(thread.tid, descriptor)
    }


def ready(
    run: Run, thread: TracedThread, name: str, arguments: Sequence[int], found: int
) -> set[int]:
    """The watched descriptors that a call has come back with; it returned ``found``."""
    memory = thread.process.memory
    if name in POLLS:
        return {fd for fd, seen in memory.read_poll_set(arguments[0], arguments[1]) if seen}
    if name in SELECTS:
        return set(_selected(thread.process, arguments))
    entry = _EPOLL_EVENT[run.architecture.name]
    try:
        data = memory.read(arguments[1], entry.size * min(found, _MOST_SELECTED))
    except OSError:
        return set()
    whole = data[: len(data) // entry.size * entry.size]
    return {fields[-1] & 0xFFFFFFFF for fields in entry.iter_unpack(whole)}


def hear_of_ends(run: Run, process: TracedProcess, began: Nanoseconds) -> None:
    """SIGCHLD has broken off a wait: its handler tells the script which children have ended since
    the wait ``began``.
    """
    recorder = run.recorder
    for child in recorder.uncollected_children(process.number):
        if (recorder.process(child).ended or 0) >= began:
            recorder.waits.waited_for(process.number, child, "wait", began)
