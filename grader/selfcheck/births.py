"""Which process is which: births as reported by parents, matched with those that came up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from grader.selfcheck.reports import Report
from grader.trace import (
    MAIN,
    Location,
    Nanoseconds,
    Pid,
    ProcessNumber,
    Role,
    StartMethod,
    Stream,
    WaitReason,
)


@dataclass(frozen=True)
class Standing:
    """What a process does just now that may last: it waits, is blocked, sleeps."""

    reason: WaitReason
    at: Nanoseconds
    line: Location | None = None
    timeout: Nanoseconds | None = None
    children: tuple[Pid, ...] = ()


@dataclass
class Life:
    """What is known of one process so far. Times are those of the machine's clock."""

    number: ProcessNumber
    role: Role
    started: Nanoseconds
    pid: Pid = 0
    creator: ProcessNumber | None = None
    kernel_parent: ProcessNumber | None = None
    parent_pid: Pid | None = None
    method: StartMethod | None = None
    announcement: Report | None = None
    """Its birth, as its parent reported it."""
    name: str | None = None
    """A peer's."""
    command: tuple[str, ...] = ()
    began: Nanoseconds | None = None
    exited: Nanoseconds | None = None
    """When it said that it ends, with this `exit_status`."""
    exit_status: int | None = None
    code: int | None = None
    """As its parent learned it: negative for a signal."""
    gone: Nanoseconds | None = None
    """When its connection was found closed and the process was no more."""
    alive: Nanoseconds = 0
    """When a process that asked last found it alive."""
    collected: Nanoseconds | None = None
    killed: Nanoseconds | None = None
    """When the grader killed it."""
    last: Nanoseconds = 0
    """Its last report."""
    code_ended: bool = False
    cpu: Nanoseconds = 0
    start_up: Nanoseconds = 0
    connections: int = 0
    hurried: bool = False
    standing: Standing | None = None
    sleep: int | None = None
    """Index of the event of its last sleep."""
    unended: dict[Stream, bytearray] = field(
        default_factory=lambda: {Stream.STDOUT: bytearray(), Stream.STDERR: bytearray()}
    )

    def note(self, report: Report) -> None:
        """What a report says of how it ends, and of what it no longer waits for."""
        if report.what in ("gone", "ended"):
            self.gone = self.gone or report.at
            self.code = self.code if report.what == "gone" else report.number("code")
        elif report.what == "killed":
            self.killed = report.at
            self.connections = report.number("connections") or 0
            self.cpu = max(self.cpu, report.number("cpu") or 0)
        elif report.what != "typed":
            self.last = report.at
        if report.what == "exit":
            self.exited, self.exit_status = report.at, report.number("status")
        if report.what in ("exit", "code-ended"):
            self.cpu = report.number("cpu") or self.cpu
        if report.what in ("exit", "answered"):
            self.standing = None


class Births:
    """Gives every process of a run its number: main is 0, the others in the order of birth."""

    def __init__(self, reports: Iterable[Report]) -> None:
        """``reports``: all of the run, for a parent says only afterwards which pid it was given."""
        self.lives: list[Life] = []
        self._next = MAIN + 1
        self._current: dict[Pid, Life] = {}
        self._outstanding: dict[Pid, list[Life]] = defaultdict(list)
        self._by_token: dict[tuple[Pid, int], Life] = {}
        self._pids: dict[tuple[Pid, int], Pid] = {}
        self._failed: set[tuple[Pid, int]] = set()
        for report in reports:
            token = report.number("token")
            child = report.number("child")
            if report.what == "born" and token is not None and child is not None:
                self._pids[report.pid, token] = child
            elif report.what == "unborn" and token is not None:
                self._failed.add((report.pid, token))

    def of(self, pid: Pid) -> Life | None:
        """The process that has this pid at present."""
        return self._current.get(pid)

    def announced_by(self, birth: Report) -> Life | None:
        """The process whose birth was reported just now; None: it came to nothing."""
        return self._by_token.get((birth.pid, birth.number("token") or 0))

    def take(self, report: Report) -> Life | None:
        """The process that a report is of, which it may report for the first time."""
        if report.what == "birth":
            self._announce(report)
        elif report.what == "hello":
            return self._came(report)
        elif report.what == "program":
            self._other_program(report)
        elif report.what == "peer":
            return self._peer(report)
        return self._current.get(report.pid)

    def _new(self, role: Role, at: Nanoseconds) -> Life:
        number = self._next
        if role is Role.MAIN:
            number = MAIN
        else:
            self._next += 1
        life = Life(number, role, at)
        self.lives.append(life)
        return life

    def _announce(self, report: Report) -> None:
        token = report.number("token")
        parent = self._current.get(report.pid)
        if token is None or parent is None or (report.pid, token) in self._failed:
            return
        is_helper = bool(report.flag("helper"))
        role = parent.role if parent.role is Role.PEER else Role.CHILD
        life = self._new(Role.HELPER if is_helper else role, report.at)
        life.announcement = report
        life.kernel_parent = parent.number
        method = report.text("method")
        if not is_helper:
            life.creator = parent.number
            life.method = StartMethod(method) if method in ("fork", "spawn", "forkserver") else None
        self._by_token[report.pid, token] = life
        pid = self._pids.get((report.pid, token))
        if pid is None:
            self._outstanding[report.pid].append(life)
        else:
            life.pid = pid
            life.parent_pid = parent.pid
            self._current[pid] = life

    def _came(self, report: Report) -> Life:
        life = self._who_came(report)
        life.pid = report.pid
        life.parent_pid = report.number("parent")
        arguments = report.texts("arguments") or ()
        if report.text("how") != "fork":
            life.command = arguments
        self._current[report.pid] = life
        return life

    def _who_came(self, report: Report) -> Life:
        how, parent_pid = report.text("how"), report.number("parent")
        known = self._current.get(report.pid)
        if known is not None and (
            how == "again" or (known.began is None and known.gone is None) or how == "program"
        ):
            return known
        if how == "main":
            return self._new(Role.MAIN, report.at)
        parent = self._current.get(parent_pid or 0)
        if report.is_of_helper:
            helper = self._new(Role.HELPER, report.at)
            helper.kernel_parent = None if parent is None else parent.number
            return helper
        for asked in self._who_may_have_asked(parent_pid, parent):
            if asked.pid == 0:
                self._outstanding[asked.kernel_parent or 0] = []
                return asked
        is_peers = parent is not None and parent.role is Role.PEER
        life = self._new(Role.PEER if is_peers else Role.CHILD, report.at)
        creator = MAIN if parent is None else parent.number
        life.creator = life.kernel_parent = creator
        life.method = StartMethod.FORK if how == "fork" else StartMethod.SUBPROCESS
        return life

    def _who_may_have_asked(self, parent_pid: Pid | None, parent: Life | None) -> Iterator[Life]:
        """Births without a reported pid: the process that asked for them was ended meanwhile."""
        yield from self._outstanding.get(parent_pid or 0, ())
        if parent is not None and parent.role is Role.HELPER:
            for waiting in self._outstanding.values():
                yield from (each for each in waiting if each.method is StartMethod.FORKSERVER)

    def _other_program(self, report: Report) -> None:
        child, parent = report.number("child"), self._current.get(report.pid)
        if child is None or parent is None or parent.role is Role.HELPER:
            return
        known = self._current.get(child)
        if known is None or known.gone is not None:
            known = self._new(parent.role if parent.role is Role.PEER else Role.CHILD, report.at)
            self._current[child] = known
            known.pid, known.parent_pid = child, parent.pid
        known.creator = known.kernel_parent = parent.number
        known.method = StartMethod.SUBPROCESS
        known.command = report.texts("command") or known.command

    def _peer(self, report: Report) -> Life:
        life = self._new(Role.PEER, report.at)
        life.pid, life.name = report.pid, report.text("name")
        self._current[report.pid] = life
        return life


class Ordinals:
    """Which worker a process will be, for the schedule that is to make it late or slow: told while
    the run goes on, when no more is known than has been reported.
    """

    def __init__(self) -> None:
        self._count = 0
        self._announced: dict[Pid, list[tuple[int, bool, int | None]]] = defaultdict(list)

    def announced(self, report: Report) -> None:
        """A parent is about to start a child."""
        if report.flag("helper"):
            return
        self._count += 1
        by_server = report.text("method") == "forkserver"
        self._announced[report.pid].append((self._count, by_server, report.number("token")))

    def label_of(self, report: Report) -> str | None:
        """What schedules call the process that says hello; None: they do not mean such ones."""
        if report.text("how") == "main":
            return "main"
        if report.is_of_helper:
            return None
        mine = self._announced.get(report.number("parent") or 0)
        if mine:
            tokens = [token for _, _, token in mine]
            token = report.number("token")  # of children started in a row any may come up first
            return f"worker-{mine.pop(tokens.index(token) if token in tokens else 0)[0]}"
        for waiting in self._announced.values():
            if waiting and waiting[0][1]:
                return f"worker-{waiting.pop(0)[0]}"
        self._count += 1
        return f"worker-{self._count}"
