"""Whether everybody is blocked, and in what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from grader.supervisor import procfs
from grader.supervisor.architecture import Architecture
from grader.supervisor.locks import holders, lock_at_futex
from grader.supervisor.run import Run
from grader.supervisor.tree import TracedProcess, TracedThread, Tree
from grader.supervisor.watching import watched, watched_children
from grader.trace import Blocked, ProcessNumber, Role, WaitReason

_READS = frozenset({"read", "readv", "pread64"})
_WRITES = frozenset({"write", "writev"})
_ACCEPTS = frozenset({"accept", "accept4"})
_SOCKET_CALLS = frozenset({"connect", "recvfrom", "recvmsg", "recvmmsg", "sendto", "sendmsg"})
_LOCK_CALLS = frozenset({"futex", "futex_waitv", "futex_wait", "semop", "semtimedop", "flock"})
_REASONS_BEHIND = {"pipe": WaitReason.PIPE, "socket": WaitReason.SOCKET}


def all_blocked(tree: Tree, threads: Iterable[TracedThread] | None = None) -> bool:
    """Whether no thread, or none of these, can go on by itself now.

    A sleeper that was woken is running before its waker's call returns: kernel-notes measured it.
    So one look at all states between two equal readings of all run counters misses none but a
    thread that is just falling asleep. A thread that is held may have been killed.
    """
    held: list[TracedThread] = []
    free: list[TracedThread] = []
    for thread in tree.threads.values() if threads is None else threads:
        (held if thread.stopped or thread.in_group_stop else free).append(thread)
    before = [thread.files.run_counters() for thread in free]
    return (
        not any(thread.files.is_on_its_way() for thread in reversed(free))  # the youngest is busy
        and not any(thread.files.is_on_its_way() for thread in held)
        and all(_sleeps(thread, tree) for thread in free)
        and before == [thread.files.run_counters() for thread in free]
    )


def run_counters(tree: Tree) -> list[bytes]:
    """What the kernel counts of each thread's running: equal when none has moved since."""
    return [thread.files.run_counters() for thread in tree.threads.values()]


def _sleeps(thread: TracedThread, tree: Tree) -> bool:
    state = thread.files.state()
    if state in "SZT":
        return True
    return state == "D" and any(process.vfork_parent is thread for process in tree)


def waits_for_input(run: Run) -> TracedProcess | None:
    """A process that waits for a line from the terminal, if there is one.

    A thread that is held at a stop is not asking: its read may have its line already.
    """
    for thread in run.tree.threads.values():
        if thread.stopped:
            continue
        found = _current(thread, run.architecture)
        if found is None:
            continue
        name, arguments = found
        if _reads_terminal(run, thread, name, arguments):
            return thread.process
    return None


def _reads_terminal(run: Run, thread: TracedThread, name: str, arguments: tuple[int, ...]) -> bool:
    if name in _WRITES:
        return False
    return any(
        procfs.device_of(thread.tid, descriptor) in run.terminal.devices
        for descriptor in _descriptors(thread, name, arguments)
    )


def _descriptors(thread: TracedThread, name: str, arguments: tuple[int, ...]) -> Sequence[int]:
    """What a read, a write or a watch is of; empty for any other call."""
    if name in _READS | _WRITES:
        return arguments[:1]
    return watched(thread, name, arguments)


def _current(
    thread: TracedThread, architecture: Architecture
) -> tuple[str, tuple[int, ...]] | None:
    found = procfs.current_syscall(thread.tid)
    if found is None:
        return None
    number, arguments = found
    return architecture.names.get(number, ""), arguments


def idle(run: Run) -> Iterator[tuple[TracedProcess, WaitReason]]:
    """Who stands still in something of which no event tells, where everybody stands still."""
    for process in run.tree:
        threads = process.threads.values()
        if any(each.stopped or (each.call and each.call.reports_wait) for each in threads):
            continue
        calls = [(each, _current(each, run.architecture)) for each in threads]
        found = {_wait_reason(run, each, *call) for each, call in calls if call is not None}
        if any(each.call and each.call.deadline is not None for each in threads):
            # A read of a sentinel is told by its having no time-out (`with_sentinel_reads`).
            found &= {WaitReason.CLIENT, WaitReason.SOCKET}
        if found:
            yield process, max(found, key=_weight)


def _wait_reason(
    run: Run, thread: TracedThread, name: str, arguments: tuple[int, ...]
) -> WaitReason:
    """What a thread is blocked in that sleeps in this call, which is no wait for a child."""
    if name in _LOCK_CALLS:
        lock = lock_at_futex(thread.process, arguments[0])
        if lock is not None and lock.is_room:
            return WaitReason.PIPE
        return WaitReason.SEMAPHORE if lock is not None and lock.is_semaphore else WaitReason.LOCK
    if name in _ACCEPTS:
        return WaitReason.CLIENT
    if name in _SOCKET_CALLS:
        return WaitReason.SOCKET
    if _reads_terminal(run, thread, name, arguments):
        return WaitReason.INPUT
    target = _target(thread, name, arguments)
    if procfs.is_listening(thread.process.pid, target):
        return WaitReason.CLIENT
    return _REASONS_BEHIND.get(target.partition(":")[0], WaitReason.OTHER)


def _target(thread: TracedThread, name: str, arguments: tuple[int, ...]) -> str:
    """The first of those, as /proc says it; empty where there is none."""
    descriptors = _descriptors(thread, name, arguments)
    return procfs.target_of(thread.tid, descriptors[0]) if descriptors else ""


class _Holders:
    """Who holds which end of which pipe or socket."""

    def __init__(self, tree: Tree) -> None:
        self._held = {process.number: procfs.writers_of(process.pid) for process in tree}

    def of_other_end(
        self, number: ProcessNumber, pipe: str, writing: bool
    ) -> tuple[ProcessNumber, ...]:
        """Who else could read from the pipe (``writing``: this one waits to write), or write."""
        read_only, write_only, read_write = 0, 1, 2
        modes = {read_only, read_write} if writing else {write_only, read_write}
        return tuple(
            other
            for other, held in sorted(self._held.items())
            if other != number and held.get(pipe, set()) & modes
        )


def explain_blocked(run: Run) -> tuple[Blocked, ...]:
    """What each process is blocked in: the call of the thread whose call says most."""
    holders = _Holders(run.tree)
    explained = []
    for process in sorted(run.tree, key=lambda each: each.number):
        reasons = [
            reason
            for thread in sorted(process.threads.values(), key=lambda each: each.number)
            if (reason := _explain(run, thread, holders)) is not None
        ]
        if reasons:
            explained.append(max(reasons, key=lambda each: _weight(each.obstacle)))
    return tuple(explained)


def serves(run: Run) -> bool:
    """Whether somebody of the submission waits for a connection or for what one brings."""
    return any(
        blocked.obstacle in (WaitReason.CLIENT, WaitReason.SOCKET)
        and run.recorder.process(blocked.process).role is not Role.PEER
        for blocked in explain_blocked(run)
    )


def _weight(obstacle: WaitReason) -> int:
    """A feeder thread that is stuck in a pipe says more than a main thread that waits for it."""
    least = {WaitReason.OTHER: 0, WaitReason.SLEEP: 1, WaitReason.LOCK: 2, WaitReason.SEMAPHORE: 2}
    return least.get(obstacle, 3)


def _explain(run: Run, thread: TracedThread, holders: _Holders) -> Blocked | None:
    number = thread.process.number
    found = _current(thread, run.architecture)
    if found is None:
        return None
    name, arguments = found
    if thread.call is not None and thread.call.deadline is not None:
        return Blocked(number, WaitReason.SLEEP)
    line = run.recorder.last_line(number)
    if name in ("wait4", "waitid"):
        return Blocked(number, WaitReason.CHILD, _awaited(run, name, arguments, number), line=line)
    children = tuple(watched_children(run, thread, name, arguments).values())
    if children and not _reads_terminal(run, thread, name, arguments):
        return Blocked(number, WaitReason.CHILD, children, line=line)
    obstacle = _wait_reason(run, thread, name, arguments)
    if name in _LOCK_CALLS:
        return _explain_lock(run, thread.process, arguments[0], obstacle)
    writing = name in _WRITES and obstacle in _REASONS_BEHIND.values()
    partners: tuple[ProcessNumber, ...] = ()
    if obstacle is WaitReason.PIPE:
        partners = holders.of_other_end(number, _target(thread, name, arguments), writing)
    return Blocked(number, obstacle, partners, writing)


def _explain_lock(run: Run, process: TracedProcess, futex: int, obstacle: WaitReason) -> Blocked:
    lock = lock_at_futex(process, futex)
    made = None if lock is None else lock.line
    if lock is not None and lock.is_room:
        return Blocked(process.number, obstacle, writing=True, made=made)
    held_by = () if lock is None else holders(run.tree, lock, futex)
    return Blocked(process.number, obstacle, held_by, made=made)


def _awaited(
    run: Run, name: str, arguments: tuple[int, ...], number: ProcessNumber
) -> tuple[int, ...]:
    value = arguments[1] if name == "waitid" else arguments[0]
    child = run.tree.numbers_by_inner_pid.get(value & 0xFFFFFFFF)
    if child is not None:
        return (child,)
    return tuple(
        each.number
        for each in sorted(run.tree, key=lambda process: process.number)
        if run.recorder.process(each.number).kernel_parent == number
    )
