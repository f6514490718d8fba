"""What happened in one run: frozen processes and events, as their witness saw them.

Times are integer nanoseconds of the run's clock since the submission's first instruction.
Pids are those that the processes themselves see. Processes are numbered in the order of
their birth and main is number 0; events name processes by number, never by pid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Literal, TypeVar, Union

from grader.trace.events import Event, Location, Nanoseconds, ProcessNumber
from grader.trace.intervals import Interval, intervals_of
from grader.trace.processes import Blocked, Process, Role, StartMethod
from grader.trace.schedule import NATURAL, Schedule

E = TypeVar("E", bound=Event)


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
    THREAD_LIMIT = "thread-limit"
    MEMORY_LIMIT = "memory-limit"
    OUTPUT_LIMIT = "output-limit"
    DISK_LIMIT = "disk-limit"
    """The files that it wrote took too much room."""
    EVENT_LIMIT = "event-limit"
    """More happened than can be watched: signals, waits, lines, births without an end."""
    WALL_LIMIT = "wall-limit"
    """It was cut off by the real clock: what it did could be neither finished nor skipped."""


class Witness(Enum):
    """Whose word a trace is."""

    KERNEL = "kernel"
    """The kernel's, by ptrace and seccomp: nothing that the script does can bend it."""
    SCRIPT = "script"
    """That of the script's own interpreters, by a probe within them, where the kernel's cannot be
    had: it is honest where the script is, and has not seen everything."""


@dataclass(frozen=True)
class WorkStep:
    """CPU time that a thread used before its ``step``-th visible call."""

    process: ProcessNumber
    thread: int
    step: int
    cpu: Nanoseconds


PlaceKind = Literal["call", "store", "with", "end"]


@dataclass(frozen=True)
class PreemptionPoint:
    """A place in the student's code at which a schedule can preempt a process, because what
    follows may touch what it shares with others: a call, a store into an object, or the beginning
    of a ``with``; of a thread also a store into a global variable or one of an outer function; and
    the end of a child's code that has stored something (``line`` is 0).

    ``who`` is what schedules call the process or thread: main, worker-1, thread-1, ... Its
    executions of such opcodes are counted from 1: ``first`` and ``last`` are the counts at which
    this place was executed for the first and for the last time.
    """

    who: str
    kind: PlaceKind
    line: int
    first: int
    last: int


@dataclass(frozen=True)
class Preemption:
    """``who`` (as schedules call it, of the process ``by``) was preempted by the schedule, or
    paused, before the ``count``-th opcode of its that is a preemption point. ``line``: where; None
    at the end of its code.
    """

    at: Nanoseconds
    by: ProcessNumber
    who: str
    count: int
    line: Location | None = None


@dataclass(frozen=True)
class StartedThread:
    """A thread that the student's code has started by ``threading``: those by which the library
    does its own work (of executors, pools, queues) are not among them.

    ``number``: in the order in which its process has started such threads, from 1. ``index`` is its
    number among all threads of the process, as in `WorkStep`. ``name`` and ``variable`` (the
    student's own variable) come from the probe, ``started_at`` is the student's line.
    """

    process: ProcessNumber
    number: int
    index: int
    name: str | None = None
    variable: str | None = None
    started_at: Location | None = None
    has_slept: bool = False
    daemon: bool | None = None


@dataclass(frozen=True)
class SharedValue:
    """A `Value` or an `Array` of multiprocessing's that main's code has made, and what it holds
    when main and its children are done: ``held``, as Python writes it.

    ``variable`` is the global variable that it has; it was made at the student's ``line``.
    """

    variable: str | None
    line: Location | None
    held: str


@dataclass(frozen=True)
class LeftFile:
    """A file beside the script when the run is over: its ``text``, None where there is none.
    ``is_whole``: nothing is left out, because it is so long.
    """

    name: str
    text: str | None
    is_whole: bool = True


@dataclass(frozen=True)
class Exchange:
    """A step of the dialogue at the submission's terminal: one that was done, or the one at which
    the dialogue got stuck.

    ``at`` is when its text was written, or its line or key typed; of a step that never was, the
    end of the run. ``before`` and ``after`` are those of pexpect: the text that came out of the
    terminal since the step before and is not what was expected (its end, if it is long), and the
    text that is. ``after`` is empty where something was typed, and None where the step never was.
    ``choice``: which of several things that were expected came, from 0.
    """

    step: str
    at: Nanoseconds
    before: str = ""
    after: str | None = ""
    choice: int = 0


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
    """CPU time of all processes, without what their interpreters needed to come up."""
    supervision: Nanoseconds = 0
    """CPU time that it took to watch them."""
    longest_timeout: Nanoseconds = 0
    """Of the waits for something that is no child's end: a message, a lock, an event. 0: none."""
    clock: Literal["virtual", "real"] = "virtual"
    witness: Witness = Witness.KERNEL
    isolation: str = "basic"
    """The way in which the submission was shut off from the machine."""
    isolated: tuple[str, ...] = ("files", "services", "network")
    """What it had to itself, or could not reach, in the words of docs/isolation.md."""
    schedule: Schedule = NATURAL
    start_method: StartMethod = StartMethod.FORK
    python: str = ""
    blocked: tuple[Blocked, ...] = ()
    doubts: tuple[str, ...] = ()
    output_bytes: int = 0
    unattributed_output: bool = False
    """Something came out at the terminal of which nobody says which process wrote it."""
    work: tuple[WorkStep, ...] = ()
    """What was computed where, for schedules to imitate. Only the natural run measures it."""
    steps: int = 0
    """How many visible calls there were; under a schedule, how often a thread was let go."""
    opcodes: int = 0
    """How many opcodes of the student's code the busiest child executed (main, where there is
    none), in a run that counted them."""
    preemption_points: tuple[PreemptionPoint, ...] = ()
    """Where schedules can preempt processes, in a run that counted opcodes."""
    threads: tuple[StartedThread, ...] = ()
    """Those that the student's code has started, in the order of their births."""
    shared: tuple[SharedValue, ...] = ()
    """In the order in which they were made; empty where the exercise does not ask for them."""
    files: tuple[LeftFile, ...] = ()
    """Those that the exercise asks for."""
    preemptions: tuple[Preemption, ...] = ()
    """Where the schedule preempted a process within the student's code."""
    busy: bool = False
    """By the real clock: the machine had so much else to do that all took several times as long."""
    exact: bool = True
    """The same schedule gives this trace again (pids and the like apart)."""
    stopped: bool = False
    """The grader stopped the submission, which would have gone on, when its peers and its
    dialogue were done. That is no fault."""
    transcript: tuple[Exchange, ...] = ()
    """The dialogue as far as it came; its last step may be one that never was."""

    @property
    def unmet(self) -> str | None:
        """The ``id`` of the step at which the dialogue got stuck, None when it went through."""
        return next((each.step for each in self.transcript if each.after is None), None)

    def of_kind(self, kind: type[E], by: ProcessNumber | None = None) -> Sequence[E]:
        """The events of one class, in order, of one process or (None) of any. There may be floods
        of others, which are not gone through for them.
        """
        return self._by_kind.get((kind, by), ())

    @cached_property
    def _by_kind(self) -> Mapping[tuple[type[Any], ProcessNumber | None], Sequence[Any]]:
        found = defaultdict[tuple[type[Any], Union[ProcessNumber, None]], list[Event]](list)
        for event in self.events:
            found[type(event), None].append(event)
            found[type(event), event.by].append(event)
        return found

    @cached_property
    def created(self) -> tuple[Process, ...]:
        """Every process that the submission made, in the order of their birth: no helpers."""
        return tuple(each for each in self.processes if each.role is Role.CHILD)

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """When processes slept, waited or were blocked, put together from the events."""
        return intervals_of(self.events, self.processes, self.blocked, self.duration)
