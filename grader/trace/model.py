"""What happened in one run: frozen processes and events, as the kernel saw them.

Times are integer nanoseconds of the run's clock since the submission's first instruction.
Pids are those that the processes themselves see. Processes are numbered in the order of
their birth and main is number 0; events name processes by number, never by pid.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Literal, Union

from pydantic import Discriminator

Nanoseconds = int
Pid = int
ProcessNumber = int

MAIN: ProcessNumber = 0


class Role(str, Enum):
    """What a process is to the exercise."""

    MAIN = "main"
    CHILD = "child"
    """Created, directly or not, by the submission's own code."""
    PEER = "peer"
    """A program of the exercise's own beside the submission, or a child of one."""
    HELPER = "helper"
    """multiprocessing's own: resource tracker, fork server. Nobody's child."""


class StartMethod(str, Enum):
    """How a child came to be. ``SUBPROCESS`` is another program, started by fork and exec."""

    FORK = "fork"
    SPAWN = "spawn"
    FORKSERVER = "forkserver"
    SUBPROCESS = "subprocess"


class Outcome(str, Enum):
    """How the run as a whole ended."""

    FINISHED = "finished"
    CRASHED = "crashed"
    """Main ended by an uncaught exception or by a signal."""
    DEADLOCK = "deadlock"
    """Every process was blocked and nothing could ever wake one: proved, not timed out."""
    WAITING_FOR_INPUT = "waiting-for-input"
    CPU_LIMIT = "cpu-limit"
    TIME_LIMIT = "time-limit"
    PROCESS_LIMIT = "process-limit"
    MEMORY_LIMIT = "memory-limit"
    OUTPUT_LIMIT = "output-limit"


class Stream(str, Enum):
    """The descriptor that a line was written to; both lead to the one terminal."""

    STDOUT = "stdout"
    STDERR = "stderr"


@dataclass(frozen=True)
class Location:
    """A line of the submission. ``file`` is relative to its folder; lines count from 1."""

    file: str
    line: int


@dataclass(frozen=True)
class Process:
    """One process of the run, from birth to death.

    ``creator`` is who asked for it, under every start method, and None for main and for
    helpers; ``kernel_parent`` is its parent in the kernel's eyes (under forkserver: the
    server). ``name``, ``variable`` (the student's own variable) and ``daemon`` come from the
    probe and are None where it said nothing.
    """

    number: ProcessNumber
    pid: Pid
    role: Role
    creator: ProcessNumber | None
    kernel_parent: ProcessNumber | None
    start_method: StartMethod | None
    started: Nanoseconds
    began: Nanoseconds | None = None
    ended: Nanoseconds | None = None
    exit_status: int | None = None
    """0 to 255, or None while alive or when a signal ended it."""
    signal: int | None = None
    """The signal that ended it, or None."""
    collected: Nanoseconds | None = None
    """When its parent reaped it; None if nobody did while the run lasted."""
    parent_pid: Pid | None = None
    """What ``os.getppid()`` answers in it while its parent lives."""
    name: str | None = None
    variable: str | None = None
    class_name: str | None = None
    daemon: bool | None = None
    started_at: Location | None = None
    """The student's line that started it."""
    command: tuple[str, ...] = ()
    cpu: Nanoseconds = 0
    killed_by_grader: bool = False
    """It was still alive when the run was over and the grader ended it."""
    connections: int = 0
    """How many TCP connections it had open when the run was over; 0 of one that had ended."""


@dataclass(frozen=True)
class Started:
    """``by`` created ``child``: the creator's call (fork, spawn, a fork server's request)."""

    at: Nanoseconds
    by: ProcessNumber
    child: ProcessNumber
    line: Location | None = None
    kind: Literal["started"] = "started"


@dataclass(frozen=True)
class Began:
    """``by`` executed its first instruction."""

    at: Nanoseconds
    by: ProcessNumber
    kind: Literal["began"] = "began"


@dataclass(frozen=True)
class CodeEnded:
    """``by``'s own code was over and multiprocessing's shutdown began (the probe says so).

    What main signals and waits for after this instant is the shutdown's doing.
    """

    at: Nanoseconds
    by: ProcessNumber
    kind: Literal["code-ended"] = "code-ended"


@dataclass(frozen=True)
class Ended:
    """``by`` ended: with an exit status, or by a signal that ``sender`` sent.

    ``sender`` is None when the kernel raised the signal, the process signalled itself by a
    fault, or the grader ended it.
    """

    at: Nanoseconds
    by: ProcessNumber
    exit_status: int | None = None
    signal: int | None = None
    sender: ProcessNumber | None = None
    kind: Literal["ended"] = "ended"


@dataclass(frozen=True)
class WaitBegan:
    """``by`` blocked until a child ends. ``children`` are those it waits for; empty: any child.

    ``timeout`` is None for a wait without one.
    """

    at: Nanoseconds
    by: ProcessNumber
    children: tuple[ProcessNumber, ...]
    timeout: Nanoseconds | None = None
    line: Location | None = None
    kind: Literal["wait-began"] = "wait-began"


@dataclass(frozen=True)
class WaitTimedOut:
    """A wait of ``by`` ended by its time-out, and the child lived on."""

    at: Nanoseconds
    by: ProcessNumber
    children: tuple[ProcessNumber, ...]
    kind: Literal["wait-timed-out"] = "wait-timed-out"


@dataclass(frozen=True)
class WaitedFor:
    """``by`` learned from the kernel that ``child`` has ended.

    ``how``: ``wait`` (a blocking wait4 or waitid), ``poll`` (a non-blocking one, as
    ``is_alive()`` does, after ``polls`` unsuccessful ones), ``sentinel`` (its sentinel became
    ready). ``began`` is when the waiting began. ``in_shutdown``: multiprocessing's doing at
    interpreter exit, not the student's.
    """

    at: Nanoseconds
    by: ProcessNumber
    child: ProcessNumber
    how: Literal["wait", "poll", "sentinel"] = "wait"
    began: Nanoseconds | None = None
    polls: int = 0
    in_shutdown: bool = False
    line: Location | None = None
    kind: Literal["waited-for"] = "waited-for"


@dataclass(frozen=True)
class Signalled:
    """``by`` sent ``signal`` to ``target`` (0: only asked whether it exists)."""

    at: Nanoseconds
    by: ProcessNumber
    target: ProcessNumber
    signal: int
    in_shutdown: bool = False
    line: Location | None = None
    kind: Literal["signalled"] = "signalled"


@dataclass(frozen=True)
class Slept:
    """``by`` slept from ``at`` until ``until`` (a sleep, not a wait for anything)."""

    at: Nanoseconds
    by: ProcessNumber
    until: Nanoseconds
    kind: Literal["slept"] = "slept"


@dataclass(frozen=True)
class Printed:
    """A line that reached the terminal, at the time of its last byte, without its newline.

    ``ended`` is False for a last piece that no newline followed. Bytes that are not UTF-8
    appear as U+FFFD.
    """

    at: Nanoseconds
    by: ProcessNumber
    text: str
    stream: Stream = Stream.STDOUT
    ended: bool = True
    kind: Literal["printed"] = "printed"


@dataclass(frozen=True)
class AskedForInput:
    """``by`` waited for a line from the terminal; ``prompt`` is what stood there unended."""

    at: Nanoseconds
    by: ProcessNumber
    prompt: str = ""
    kind: Literal["asked-for-input"] = "asked-for-input"


@dataclass(frozen=True)
class Typed:
    """The dialogue typed something at the terminal that ``by`` reads from.

    ``text`` is the line without its end, for ``what`` = ``line``. The others: end of input
    (control-D), interrupt (control-C), and the terminal's window being closed.
    """

    at: Nanoseconds
    by: ProcessNumber
    what: Literal["line", "end-of-input", "interrupt", "hang-up"] = "line"
    text: str = ""
    kind: Literal["typed"] = "typed"


@dataclass(frozen=True)
class Listened:
    """``by`` accepts connections from now on. ``port`` is None for a Unix socket."""

    at: Nanoseconds
    by: ProcessNumber
    address: str
    port: int | None = None
    kind: Literal["listened"] = "listened"


@dataclass(frozen=True)
class Connected:
    """``by`` connected, or failed to (``error``: an errno name such as ECONNREFUSED)."""

    at: Nanoseconds
    by: ProcessNumber
    address: str
    port: int | None = None
    error: str | None = None
    kind: Literal["connected"] = "connected"


@dataclass(frozen=True)
class Called:
    """The student's code asked a multiprocessing object for one of its methods (the probe).

    ``function`` is ``start``, ``join``, ``terminate``, ``kill``, ``is_alive``, ``run``, ...
    ``target`` is the process that the object stands for, None before it was started.
    ``name`` is the object's name.
    """

    at: Nanoseconds
    by: ProcessNumber
    function: str
    target: ProcessNumber | None = None
    line: Location | None = None
    name: str | None = None
    kind: Literal["called"] = "called"


_AnyEvent = Union[
    Started,
    Began,
    CodeEnded,
    Ended,
    WaitBegan,
    WaitTimedOut,
    WaitedFor,
    Signalled,
    Slept,
    Printed,
    AskedForInput,
    Typed,
    Listened,
    Connected,
    Called,
]
Event = Annotated[_AnyEvent, Discriminator("kind")]


class Obstacle(str, Enum):
    """What a blocked process was blocked in when the run could not go on."""

    CHILD = "child"
    INPUT = "input"
    PIPE = "pipe"
    SOCKET = "socket"
    LOCK = "lock"
    SLEEP = "sleep"
    OTHER = "other"


@dataclass(frozen=True)
class Blocked:
    """A process that could not go on when the run ended, and what it was waiting for.

    ``waiting_for`` are the processes that could end its waiting, where the kernel knows them.
    ``writing``: it waits for room to write rather than for something to read.
    """

    process: ProcessNumber
    obstacle: Obstacle
    waiting_for: tuple[ProcessNumber, ...] = ()
    writing: bool = False
    line: Location | None = None


@dataclass(frozen=True)
class WorkStep:
    """CPU time that a thread used before the ``step``-th visible call that it made."""

    process: ProcessNumber
    thread: int
    step: int
    cpu: Nanoseconds


@dataclass(frozen=True)
class Meeting:
    """A place in the student's code by which a process can meet another one: a call, a store into
    an object, or the beginning of a ``with``.

    ``who`` is what schedules call the process: main, worker-1, worker-2, ... ``first`` and
    ``last``: the how manyth opcode by which it can meet others this was, when it was executed for
    the first and for the last time.
    """

    who: str
    kind: Literal["call", "store", "with"]
    line: int
    first: int
    last: int


@dataclass(frozen=True)
class Change:
    """``by`` gave way, or paused, before the ``count``-th opcode by which it can meet another
    process, as the schedule says.
    """

    at: Nanoseconds
    by: ProcessNumber
    count: int
    line: Location | None = None


@dataclass(frozen=True)
class Trace:
    """One run of a submission under one schedule. Ask it through `grader.trace.questions`.

    ``events`` are in the order in which they happened; ``duration`` is the time of the last.
    ``doubts`` say, for a person, what the supervisor could not see; a trace with doubts
    decides nothing against a student.
    """

    processes: tuple[Process, ...]
    events: tuple[Event, ...]
    outcome: Outcome
    duration: Nanoseconds = 0
    cpu: Nanoseconds = 0
    clock: Literal["virtual", "real"] = "virtual"
    isolation: str = "none"
    schedule: str = "natural"
    start_method: StartMethod = StartMethod.FORK
    python: str = ""
    blocked: tuple[Blocked, ...] = ()
    doubts: tuple[str, ...] = ()
    output_bytes: int = 0
    work: tuple[WorkStep, ...] = ()
    """What was computed where, for schedules to imitate. Only the natural run measures it."""
    steps: int = 0
    """How many visible calls there were."""
    opcodes: int = 0
    """How many opcodes of the student's code the busiest child executed (main, where there is
    none), in a run that counted them."""
    meetings: tuple[Meeting, ...] = ()
    """Where processes can meet each other, in a run that counted opcodes."""
    changes: tuple[Change, ...] = ()
    """Where the schedule made a process give way within the student's code."""
    exact: bool = True
    """The same schedule gives this trace again (pids and the like apart)."""
    stopped: bool = False
    """The grader stopped the submission, which would have gone on, when its peers and its
    dialogue were done. That is no fault."""
    unmet: str | None = None
    """The ``id`` of the step at which the dialogue got stuck, None when it went through."""
