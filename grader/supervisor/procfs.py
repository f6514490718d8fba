"""What /proc says of a process or thread that is not stopped (proc(5))."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import Device, device

_COMMAND_BYTES = 4096
_STATUS_BYTES = 1 << 14
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_NUMBERS = re.compile(rb"^(Tgid|Pid|NSpid|NSpgid|TracerPid):([\t 0-9]+)$", re.MULTILINE)
_IGNORED = re.compile(rb"^SigIgn:\t([0-9a-f]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Status:
    """``namespace_...``: as the process itself sees it."""

    thread_group: int
    namespace_pid: int
    namespace_process_group: int
    tracer: int


def read_status(tid: int) -> Status:
    """
    Raises:
        OSError: it is gone.
    """
    with open(f"/proc/{tid}/status", "rb", buffering=0) as file:
        text = file.read(_STATUS_BYTES)
    fields = {key: value.split()[-1] for key, value in _NUMBERS.findall(text)}
    return Status(
        thread_group=int(fields[b"Tgid"]),
        namespace_pid=int(fields.get(b"NSpid", fields[b"Pid"])),
        namespace_process_group=int(fields[b"NSpgid"]),
        tracer=int(fields[b"TracerPid"]),
    )


def ignores(pid: int, signal: int) -> bool:
    """Whether a process has chosen to ignore a signal (proc_pid_status(5), SigIgn)."""
    try:
        with open(f"/proc/{pid}/status", "rb", buffering=0) as file:
            found = _IGNORED.search(file.read(_STATUS_BYTES))
    except OSError:
        return False  # it has just ended
    return found is not None and signal > 0 and bool(int(found[1], 16) >> signal - 1 & 1)


def read_command(pid: int) -> tuple[str, ...]:
    """The command line, of which no more than its beginning is of interest; empty for a zombie.

    Raises:
        OSError: it is gone.
    """
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        data = file.read(_COMMAND_BYTES)
    return tuple(part.decode("utf-8", "replace") for part in data.split(b"\0")[:-1])


def threads_of(pid: int) -> list[int]:
    """The threads of a process; none when it is gone."""
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def children_of(pid: int) -> set[int]:
    """The children of a process, those of all its threads, traced ones among them.

    Raises:
        OSError: it is gone.
    """
    found: set[int] = set()
    for thread in os.listdir(f"/proc/{pid}/task"):
        with suppress(OSError):  # the thread is gone
            found |= {*map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())}
    return found


def traced_children(tracer: int, parents: Iterable[int]) -> set[int]:
    """The children of these processes of which ``tracer`` has yet to hear, were it only their end.

    The parents may be gone.
    """
    found = set()
    for parent in parents:
        try:
            found |= {pid for pid in children_of(parent) if _is_traced_by(tracer, pid)}
        except OSError:
            continue  # it is gone, and has none
    return found


def _is_traced_by(tracer: int, pid: int) -> bool:
    try:
        return read_status(pid).tracer == tracer
    except OSError:
        return False  # it is gone


class ThreadFiles:
    """The files of one thread that are read again and again, kept open."""

    def __init__(self, tid: int) -> None:
        """
        Raises:
            OSError: it is gone.
        """
        self._call = -1
        self._stat = os.open(f"/proc/{tid}/stat", os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._counters = os.open(f"/proc/{tid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:  # a kernel without CONFIG_SCHED_INFO: the CPU times must do
            self._counters = self._stat
        try:
            self._call = os.open(f"/proc/{tid}/syscall", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Close all files."""
        for descriptor in {self._stat, self._counters, self._call} - {-1}:
            os.close(descriptor)

    def state(self) -> str:
        """Its state letter; ``X`` when it is gone."""
        try:
            data = os.pread(self._stat, 512, 0)
        except OSError:
            return "X"
        return chr(data[data.rindex(b")") + 2])

    def is_on_its_way(self) -> bool:
        """Whether it runs, or would if it were given a processor.

        Its state letter alone does not say: who waits declares itself asleep first, then looks
        once more for what it waits for (wait_event, include/linux/wait.h), and may lose the
        processor in between. This file waits for such a one, and says ``running`` if it did not
        fall asleep (task_current_syscall, lib/syscall.c).
        """
        try:
            return os.pread(self._call, 16, 0).startswith(b"running")
        except OSError:
            return False  # it is gone

    def cpu_time(self) -> int | None:
        """Nanoseconds on a CPU, exact while it is stopped; None when it is gone.

        The CPU-time clocks of single threads (clock_gettime(2)) can be read within their own
        process only.
        """
        counters = self.run_counters().split()
        return int(counters[0]) if counters else None

    def run_counters(self) -> bytes:
        """Time on a CPU, time waiting for one, number of times run: alike while it sleeps."""
        try:
            return os.pread(self._counters, 512, 0)
        except OSError:
            return b""


def current_syscall(tid: int) -> tuple[int, tuple[int, ...]] | None:
    """The system call in which a sleeping thread is, and its arguments; None if it runs."""
    try:
        words = Path(f"/proc/{tid}/syscall").read_text().split()
    except OSError:
        return None
    if len(words) < 7:
        return None
    return int(words[0]), tuple(int(word, 16) for word in words[1:7])


def device_of(tid: int, descriptor: int) -> Device | None:
    """The device behind a thread's descriptor if that is a character device.

    The first thread of a process may have ended before the others: ask any that lives.
    """
    try:
        status = os.stat(f"/proc/{tid}/fd/{descriptor}")
    except OSError:
        return None
    return device(status) if stat.S_ISCHR(status.st_mode) else None


def as_text(name: str) -> str:
    """A name that the kernel gave, which may be any bytes, as a text that can be written down."""
    return os.fsencode(name).decode("utf-8", "replace")


def target_of(tid: int, descriptor: int) -> str:
    """What a descriptor leads to, such as ``pipe:[4711]``; empty when that cannot be read."""
    try:
        return as_text(os.readlink(f"/proc/{tid}/fd/{descriptor}"))
    except OSError:
        return ""


def is_listening(pid: int, target: str) -> bool:
    """Whether a socket of that process, as `target_of` names it, is one that clients connect to.

    proc_pid_net(5): state 0A is TCP_LISTEN; of a Unix socket the flag is __SO_ACCEPTCON.
    """
    kind, _, inode = target.rstrip("]").partition(":[")
    if kind != "socket":
        return False
    for table, listens, place in (("tcp", "0A", 9), ("tcp6", "0A", 9), ("unix", "00010000", 6)):
        try:
            lines = Path(f"/proc/{pid}/net/{table}").read_text(errors="replace").splitlines()
        except OSError:
            continue
        for fields in map(str.split, lines[1:]):
            if len(fields) > place and (fields[3], fields[place]) == (listens, inode):
                return True
    return False


def writers_of(pid: int) -> dict[str, set[int]]:
    """The pipes and sockets that a process holds: what each leads to -> open modes (O_ACCMODE)."""
    held: dict[str, set[int]] = {}
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return held
    for descriptor in descriptors:
        target = target_of(pid, int(descriptor))
        if target.startswith(("pipe:", "socket:")):
            try:
                info = Path(f"/proc/{pid}/fdinfo/{descriptor}").read_text()
            except OSError:
                continue
            flags = next(line for line in info.splitlines() if line.startswith("flags:"))
            held.setdefault(target, set()).add(int(flags.split()[1], 8) & os.O_ACCMODE)
    return held


def watched_by_epoll(tid: int, descriptor: int) -> list[int]:
    """What an epoll instance watches, in the order of the descriptors (proc_pid_fdinfo(5))."""
    try:
        lines = Path(f"/proc/{tid}/fdinfo/{descriptor}").read_text().splitlines()
    except OSError:
        return []
    return sorted(int(line.split()[1]) for line in lines if line.startswith("tfd:"))


def sockets_of(pid: int) -> list[int]:
    """The descriptors of a process that are sockets."""
    try:
        descriptors = [int(name) for name in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return []
    return [each for each in sorted(descriptors) if target_of(pid, each).startswith("socket:")]


def descriptors_in_unix_sockets(pid: int) -> Iterator[tuple[int, int]]:
    """The Unix sockets of a process by inode, and how many descriptors wait in each to be received:
    in one that listens those that were sent to it before it accepted (proc_pid_fdinfo(5), scm_fds).
    """
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return
    for descriptor in descriptors:  # a thousand of them, asked again and again
        kind, _, inode = target_of(pid, int(descriptor)).partition(":[")
        if kind != "socket":
            continue
        try:
            file = os.open(f"/proc/{pid}/fdinfo/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue  # closed meanwhile
        try:
            _, _, waiting = os.read(file, 4096).partition(b"scm_fds:")
        except OSError:
            continue
        finally:
            os.close(file)
        if waiting:
            yield int(inode.removesuffix("]")), int(waiting.split()[0])


def resident_bytes(pid: int) -> int:
    """Anonymous memory in RAM: pages that are not a file's, shared with a parent or not."""
    try:
        file = os.open(f"/proc/{pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        words = os.read(file, 256).split()
    finally:
        os.close(file)
    return (int(words[1]) - int(words[2])) * _PAGE_BYTES


def proportional_bytes(pid: int) -> int:
    """Its fair share of all anonymous and shared memory that it uses (Pss)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    for line in lines:
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
