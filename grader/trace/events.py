"""The events of a trace: what processes did, as the kernel or the probe saw it.

All times are nanoseconds of the submission's own clock since its first instruction.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

Nanoseconds = int
Pid = int
ProcessNumber = int

MAIN: ProcessNumber = 0


class Stream(str, Enum):
    """The descriptor that a line was written to; both lead to the one terminal."""

    STDOUT = "stdout"
    STDERR = "stderr"


class WaitReason(str, Enum):
    """What a process is blocked in."""

    CHILD = "child"
    INPUT = "input"
    PIPE = "pipe"
    """Also a queue of multiprocessing, were it only for room in it."""
    CLIENT = "client"
    """That one connects (accept(2))."""
    SOCKET = "socket"
    """The other side of a connection."""
    LOCK = "lock"
    SEMAPHORE = "semaphore"
    """Also what an event, a condition or a barrier waits with."""
    SLEEP = "sleep"
    OTHER = "other"
    NOTHING = "nothing"
    """It was at work."""


@dataclass(frozen=True)
class Location:
    """A line of the submission. ``file`` is relative to its folder; lines count from 1."""

    file: str
    line: int


@dataclass(frozen=True)
class _ProcessEvent:
    """What every event has: the process ``by`` did it, or it befell that process, ``at`` a time."""

    at: Nanoseconds
    by: ProcessNumber


@dataclass(frozen=True)
class Started(_ProcessEvent):
    """``by`` created ``child``: the creator's call (fork, spawn, a fork server's request)."""

    child: ProcessNumber
    line: Location | None = None
    kind: Literal["started"] = "started"


@dataclass(frozen=True)
class Began(_ProcessEvent):
    """``by`` executed its first instruction."""

    kind: Literal["began"] = "began"


@dataclass(frozen=True)
class CodeEnded(_ProcessEvent):
    """``by``'s own code was over and multiprocessing's shutdown began (the probe says so).

    What main signals and waits for after this instant is the shutdown's doing.
    """

    kind: Literal["code-ended"] = "code-ended"


@dataclass(frozen=True)
class Ended(_ProcessEvent):
    """``by`` ended: with an exit status, or by a signal that ``sender`` sent.

    ``sender`` is None when the kernel raised the signal, the process signalled itself by a
    fault, or the grader ended it.
    """

    exit_status: int | None = None
    signal: int | None = None
    sender: ProcessNumber | None = None
    kind: Literal["ended"] = "ended"


@dataclass(frozen=True)
class WaitBegan(_ProcessEvent):
    """``by`` blocked until a child ends. ``children`` are those it waits for; empty: any child.

    ``timeout`` is None for a wait without one.
    """

    children: tuple[ProcessNumber, ...]
    timeout: Nanoseconds | None = None
    line: Location | None = None
    kind: Literal["wait-began"] = "wait-began"


@dataclass(frozen=True)
class WaitTimedOut(_ProcessEvent):
    """A wait of ``by`` ended by its time-out, and the child lived on."""

    children: tuple[ProcessNumber, ...]
    kind: Literal["wait-timed-out"] = "wait-timed-out"


@dataclass(frozen=True)
class WaitedFor(_ProcessEvent):
    """``by`` learned from the kernel that ``child`` has ended.

    ``how``: ``wait`` (a blocking wait4 or waitid), ``poll`` (a non-blocking one, as
    ``is_alive()`` does, after ``polls`` unsuccessful ones), ``sentinel`` (its sentinel became
    ready). ``began`` is when the waiting began. ``in_shutdown``: multiprocessing's doing at
    interpreter exit, not the student's.
    """

    child: ProcessNumber
    how: Literal["wait", "poll", "sentinel"] = "wait"
    began: Nanoseconds | None = None
    polls: int = 0
    in_shutdown: bool = False
    line: Location | None = None
    kind: Literal["waited-for"] = "waited-for"


@dataclass(frozen=True)
class Signalled(_ProcessEvent):
    """``by`` sent ``signal`` to ``target`` (0: only asked whether it exists), which has chosen to
    ignore such signals (``ignored``) or not.
    """

    target: ProcessNumber
    signal: int
    in_shutdown: bool = False
    line: Location | None = None
    ignored: bool = False
    kind: Literal["signalled"] = "signalled"


@dataclass(frozen=True)
class Slept(_ProcessEvent):
    """``by`` slept from ``at`` until ``until`` (a sleep, not a wait for anything); ``thread``: as
    of `Printed`.
    """

    until: Nanoseconds
    thread: int | None = None
    kind: Literal["slept"] = "slept"


@dataclass(frozen=True)
class BlockedInterval(_ProcessEvent):
    """``by`` stood still, while time passed for all, in something that no other event reports:
    a lock, a pipe, a connection.
    """

    until: Nanoseconds
    obstacle: WaitReason
    kind: Literal["idled"] = "idled"


@dataclass(frozen=True)
class Printed(_ProcessEvent):
    """A line that reached the terminal, at the time of its last byte, without its newline.

    ``ended`` is False for a last piece that no newline followed. Bytes that are not UTF-8
    appear as U+FFFD. ``thread``: which of the threads that the student's code has started in its
    process wrote the last of it, as in `StartedThread.number`; None: another one.
    """

    text: str
    stream: Stream = Stream.STDOUT
    ended: bool = True
    thread: int | None = None
    kind: Literal["printed"] = "printed"


@dataclass(frozen=True)
class AskedForInput(_ProcessEvent):
    """``by`` waited for a line from the terminal; ``prompt`` is what stood there unended."""

    prompt: str = ""
    kind: Literal["asked-for-input"] = "asked-for-input"


@dataclass(frozen=True)
class Typed(_ProcessEvent):
    """The dialogue typed something at the terminal that ``by`` reads from.

    ``text`` is the line without its end, for ``what`` = ``line``. The others: end of input
    (control-D), interrupt (control-C), and the terminal's window being closed.
    """

    what: Literal["line", "end-of-input", "interrupt", "hang-up"] = "line"
    text: str = ""
    kind: Literal["typed"] = "typed"


@dataclass(frozen=True)
class Listened(_ProcessEvent):
    """``by`` accepts connections from now on. ``port`` is None for a Unix socket."""

    address: str
    port: int | None = None
    kind: Literal["listened"] = "listened"


@dataclass(frozen=True)
class Connected(_ProcessEvent):
    """``by`` connected, or failed to (``error``: an errno name such as ECONNREFUSED)."""

    address: str
    port: int | None = None
    error: str | None = None
    kind: Literal["connected"] = "connected"


@dataclass(frozen=True)
class Called(_ProcessEvent):
    """The student's code asked a multiprocessing object for one of its methods (the probe).

    ``function`` is ``start``, ``join``, ``terminate``, ``kill``, ``is_alive``, ``run``, ...
    ``target`` is the process that the object stands for, None before it was started.
    ``name`` is the object's name, ``maker`` the process that made it. Of a call that one line
    repeats with none of another kind in between, the first and the last are kept.

    Or it called something else of the library's, of which the exercise asks: ``function`` is its
    whole name, such as ``multiprocessing.Lock.acquire``, ``name`` the student's variable, and
    ``thread`` which of the threads that the student's code has started. Of each line in a thread
    as many calls are kept as the exercise asks for.
    """

    function: str
    target: ProcessNumber | None = None
    line: Location | None = None
    name: str | None = None
    maker: ProcessNumber | None = None
    thread: int | None = None
    kind: Literal["called"] = "called"


@dataclass(frozen=True)
class ThreadStep(_ProcessEvent):
    """In ``by`` a thread that the student's code has started (`StartedThread.number`) was started,
    was over, or was found to be over: by a join that came back (``joined``), or by being ``asked``
    whether it is alive. ``other`` is the thread that started it or learned of its end; None: the
    first one of the process. Only where the exercise asks for threads.
    """

    thread: int
    what: Literal["started", "ended", "joined", "asked"]
    other: int | None = None
    line: Location | None = None
    kind: Literal["thread-step"] = "thread-step"


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
    BlockedInterval,
    Printed,
    AskedForInput,
    Typed,
    Listened,
    Connected,
    Called,
    ThreadStep,
]


class _DiscriminatedByKind:
    """Tells pydantic how to discriminate the union, if it is loaded at all: that takes long."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic import Field

        return handler(Annotated[source, Field(discriminator="kind")])


Event = Annotated[_AnyEvent, _DiscriminatedByKind()]
