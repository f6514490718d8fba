"""The processes of a run while it goes on: which are alive, what each waits for, what they use."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import psutil

from grader.selfcheck.reports import Report
from grader.trace import Nanoseconds, Pid, Role

_LOOK_EVERY: Nanoseconds = 50 * 10**6
_MEASURE_EVERY: Nanoseconds = 250 * 10**6
_SECOND_LOOK: Nanoseconds = 500 * 10**6
_LOST: Nanoseconds = 500 * 10**6
"""A process that lives on for so long after its connection has ended lost it in another way."""
_DYING_S, _NAP_S = 2.0, 0.002
"""A process that is killed is gone at once, unless the machine is busy."""
_OPENING = frozenset({"wait", "block", "asked", "sleep"})
_CLOSING = frozenset({"waited", "wait-over", "unblock", "answered", "awake", "code-ended", "exit"})


@dataclass
class _Live:
    role: Role
    process: psutil.Process | None
    standing: Report | None = None
    """What it has begun that may last."""
    cpu: Nanoseconds = 0
    closed: Nanoseconds | None = None
    """When its connection ended."""


class LiveProcesses:
    """The processes that were reported and have not been found to be gone."""

    def __init__(self) -> None:
        self._alive: dict[Pid, _Live] = {}
        self._peers: dict[Pid, subprocess.Popen[bytes]] = {}
        self._helpers_to_come: set[tuple[Pid, int]] = set()
        self._looked: Nanoseconds = 0
        self._measured: Nanoseconds = 0
        self._usage = (0, 0)
        self._ended_cpu: Nanoseconds = 0
        self._stuck: tuple[Nanoseconds, dict[Pid, float]] | None = None
        self.main: Pid | None = None

    # What is reported

    def add_peer(self, process: subprocess.Popen[bytes]) -> None:
        """A program of the exercise's own was started."""
        self._peers[process.pid] = process
        self._alive[process.pid] = _Live(Role.PEER, _handle(process.pid))

    def is_peers(self, hello: Report) -> bool:
        """Whether the process is a peer, or a child of one."""
        parent = self._alive.get(hello.number("parent") or 0)
        return hello.pid in self._peers or (parent is not None and parent.role is Role.PEER)

    def take(self, report: Report) -> Role | None:
        """Note which process a report shows to be alive, and what it waits for. Its role."""
        if report.what == "hello":
            self._came(report)
        elif report.what in ("born", "program"):
            self._has_child(report)
        elif report.what == "birth" and report.flag("helper"):
            self._helpers_to_come.add((report.pid, report.number("token") or 0))
        live = self._alive.get(report.pid)
        if live is None:
            return None
        if report.what in _OPENING:
            live.standing = report
        elif report.what in _CLOSING:
            live.standing = None
        elif report.what == "ended":
            self._gone(report.pid)
        self._stuck = None
        return live.role

    def _came(self, report: Report) -> None:
        known = self._alive.get(report.pid)
        if known is not None and report.text("how") != "fork":
            known.closed = None
            return
        if report.text("how") == "main":
            role = Role.MAIN
            self.main = report.pid
        elif report.is_of_helper:
            role = Role.HELPER
        else:
            role = Role.PEER if self.is_peers(report) else Role.CHILD
        if known is not None and known.role is Role.HELPER:
            role = Role.HELPER
        self._alive[report.pid] = _Live(role, _handle(report.pid))

    def _has_child(self, report: Report) -> None:
        child, parent = report.number("child"), self._alive.get(report.pid)
        if child is None or parent is None:
            return
        role = Role.PEER if parent.role is Role.PEER else Role.CHILD
        if (report.pid, report.number("token") or 0) in self._helpers_to_come or (
            report.what == "program" and parent.role is Role.HELPER
        ):
            role = Role.HELPER
        known = self._alive.get(child)
        if known is not None:
            known.role = role
        elif not _is_gone(_handle(child)):
            self._alive[child] = _Live(role, _handle(child))

    def was_typed_to(self, pid: Pid) -> None:
        """It has something to read now."""
        if pid in self._alive:
            self._alive[pid].standing = None

    # Which are alive

    def numbers_of(self, *roles: Role) -> list[Pid]:
        """The pids of those alive that have these roles."""
        return [pid for pid, live in self._alive.items() if live.role in roles]

    def is_alive(self, pid: Pid) -> bool:
        """Whether it was not found to be gone."""
        return pid in self._alive

    def ended(self, pid: Pid) -> bool:
        """Its parent says that it has ended: note it. Whether that is news."""
        if pid not in self._alive:
            return False
        self._gone(pid)
        return True

    def look(self, closed: Iterable[tuple[Pid, Nanoseconds]], at: Nanoseconds) -> Iterator[Report]:
        """The processes that are no more, each with when its connection was seen to end."""
        for pid, when in closed:
            if pid in self._alive:
                self._alive[pid].closed = when
        look_at_all = at - self._looked > _LOOK_EVERY
        if look_at_all:
            self._looked = at
        for pid, live in list(self._alive.items()):
            if live.closed is None and not look_at_all:
                continue
            if live.role is Role.MAIN and not _is_long_ago(live.closed, at):
                continue  # its parent will say how it ended
            if pid in self._peers:
                self._peers[pid].poll()
            if _is_gone(live.process):
                self._gone(pid)
                yield Report("gone", pid, at if live.closed is None else live.closed)
            elif live.role is not Role.MAIN and _is_long_ago(live.closed, at):
                live.closed = None

    def _gone(self, pid: Pid) -> None:
        live = self._alive.pop(pid)
        self._ended_cpu += live.cpu

    # What they wait for

    @property
    def reader(self) -> Pid | None:
        """The process that waits for something to be typed."""
        return next(
            (
                pid
                for pid, live in self._alive.items()
                if live.role is not Role.PEER
                and live.standing is not None
                and live.standing.what == "asked"
            ),
            None,
        )

    @property
    def serves(self) -> bool:
        """Whether one of the submission's waits for a client, or for what a client says."""
        return any(
            live.standing is not None and live.standing.text("reason") in ("client", "socket")
            for live in self._alive.values()
            if live.role in (Role.MAIN, Role.CHILD)
        )

    @property
    def all_stand(self) -> bool:
        """Whether each waits for something, or sleeps."""
        return all(live.standing is not None for live in self._alive.values())

    def are_stuck(self, at: Nanoseconds) -> bool:
        """Whether none of them will ever go on: each waits without a time-out, has no other thread
        that might, is not about to be given the processor, and at a second look has not used it.
        """
        others = {pid: live for pid, live in self._alive.items() if live.role is not Role.HELPER}
        for live in others.values():
            standing = live.standing
            if (
                standing is None
                or standing.what == "sleep"
                or standing.number("timeout") is not None
            ):
                return False
        used: dict[Pid, float] = {}
        for pid, live in others.items():
            try:
                feeders = 0 if live.standing is None else live.standing.number("feeders") or 0
                if live.process is None or live.process.num_threads() - 1 > feeders:
                    return False
                if psutil.LINUX and live.process.status() == psutil.STATUS_RUNNING:
                    return False  # others say so of processes that sleep, too
                times = live.process.cpu_times()
            except psutil.Error:
                return False
            used[pid] = times.user + times.system
        if self._stuck is None or self._stuck[1] != used:
            self._stuck = (at, used)
            return False
        return at - self._stuck[0] > _SECOND_LOOK

    # What they use

    def usage(self, at: Nanoseconds) -> tuple[Nanoseconds, int]:
        """The CPU time of all of the submission's, in ns, and the memory of the largest of them, in
        bytes. Measured a few times a second.
        """
        if at - self._measured < _MEASURE_EVERY:
            return self._usage
        self._measured = at
        memory = 0
        for live in self._alive.values():
            if live.role in (Role.PEER, Role.HELPER) or live.process is None:
                continue
            with suppress(psutil.Error):
                times = live.process.cpu_times()
                live.cpu = int((times.user + times.system) * 10**9)
                memory = max(memory, live.process.memory_info().rss)
        cpu = self._ended_cpu + sum(
            live.cpu for live in self._alive.values() if live.role is not Role.PEER
        )
        self._usage = (cpu, memory)
        return self._usage

    # The end

    def killed(self, at: Nanoseconds) -> list[Report]:
        """What the grader ends now, with how many connections each had open."""
        self._measured = 0
        self.usage(at)
        reports = [
            Report("killed", pid, at, {"connections": _connections(live.process), "cpu": live.cpu})
            for pid, live in self._alive.items()
        ]
        self.end_all()
        return reports

    def send(self, pid: Pid, number: int) -> None:
        """Send a signal to one that was stopped, and let it go on."""
        live = self._alive.get(pid)
        if live is not None and live.process is not None:
            with suppress(psutil.Error):
                live.process.send_signal(number)
                live.process.resume()

    def end_all(self) -> None:
        """End all that live, with all that they have started."""
        doomed: dict[Pid, psutil.Process] = {}
        for pid, live in self._alive.items():
            if live.process is None:
                continue
            doomed[pid] = live.process
            with suppress(psutil.Error):
                for each in live.process.children(recursive=True):
                    doomed.setdefault(each.pid, each)
        for process in doomed.values():
            with suppress(psutil.Error):
                process.kill()
        for peer in self._peers.values():
            peer.wait()
        until = time.monotonic() + _DYING_S
        while not all(map(_is_gone, doomed.values())) and time.monotonic() < until:
            time.sleep(_NAP_S)
        self._alive.clear()


def _is_long_ago(closed: Nanoseconds | None, at: Nanoseconds) -> bool:
    return closed is not None and at - closed > _LOST


def _handle(pid: Pid) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.Error:
        return None


def _is_gone(process: psutil.Process | None) -> bool:
    if process is None:
        return True
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True


def _connections(process: psutil.Process | None) -> int:
    """How many TCP connections it has open."""
    if process is None:
        return 0
    try:
        found = process.net_connections("tcp")
    except (psutil.Error, OSError):
        return 0
    return sum(each.status == psutil.CONN_ESTABLISHED for each in found)
