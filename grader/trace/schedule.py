"""Schedules: a name says in words which process goes when, and is enough to rebuild it.

==========================  =====================================================================
``natural``                 as the machine happens to run it, measured
``child-first``             whenever there is a choice, the youngest process goes first
``parent-first``            whenever there is a choice, the oldest process goes first
``late:worker-2+200ms``     that process begins (main: wakes from a sleep) so much later
``late-end:worker-2+200ms``  it is on its way out for so much longer before it is gone
``slow:worker-2x4``         its sleeps and its work take so many times as long
``pause:worker-2@5+200ms``  it stands still for so long before the fifth of its preemption
                            points
``ties-reversed``           what is ready at the same instant goes in the reverse order
``random:17/3@64+20``       random priorities with changes at 3 - 1 random ones of 64 steps (PCT),
                            and of 20 such opcodes, all from the seed 17
==========================  =====================================================================

``workers`` stands for worker-1, worker-2 and so on. A thread that main has started is called
thread-1, thread-2, ..., one of another process worker-1/thread-1; ``threads`` are all of them, and
who starts late is held up before its own code begins. Several directed ones can be joined by
commas: ``late:worker-1+200ms,child-first``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.trace.events import Nanoseconds

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_UNITS: tuple[tuple[str, Nanoseconds], ...] = (
    ("s", 10**9),
    ("ms", 10**6),
    ("us", 10**3),
    ("ns", 1),
)
_LATE = re.compile(r"late:([\w/-]+)\+(\d+)(ns|us|ms|s)")
_LATE_END = re.compile(r"late-end:([\w/-]+)\+(\d+)(ns|us|ms|s)")
_PAUSE = re.compile(r"pause:([\w/-]+)@(\d+)\+(\d+)(ns|us|ms|s)")
_SLOW = re.compile(r"slow:([\w/-]+)x(\d+)")
_RANDOM = re.compile(r"random:(\d+)(?:/([1-9]))?(?:@(\d+))?(?:\+(\d+))?")
_PLAIN = ("natural", "child-first", "parent-first", "ties-reversed")


class ScheduleError(ValueError):
    """A text that names no schedule."""


@dataclass(frozen=True)
class Late:
    """The process ``who`` begins, or if it is main wakes, later by ``by``."""

    who: str
    by: Nanoseconds

    def __str__(self) -> str:
        return f"late:{self.who}+{_span(self.by)}"


@dataclass(frozen=True)
class LateEnd:
    """``who`` has come to its end, by itself or by a signal, and is gone only ``by`` later."""

    who: str
    by: Nanoseconds

    def __str__(self) -> str:
        return f"late-end:{self.who}+{_span(self.by)}"


@dataclass(frozen=True)
class Pause:
    """``who`` stands still for ``by`` before its ``at``-th preemption point."""

    who: str
    at: int
    by: Nanoseconds

    def __str__(self) -> str:
        return f"pause:{self.who}@{self.at}+{_span(self.by)}"


@dataclass(frozen=True)
class Slow:
    """The sleeps and the work of ``who`` take ``times`` as long."""

    who: str
    times: int

    def __str__(self) -> str:
        return f"slow:{self.who}x{self.times}"


@dataclass(frozen=True)
class Random:
    """PCT from ``seed``: random priorities, which change at ``depth`` - 1 of ``steps`` steps.

    ``opcodes``: as often within so many preemption points of the student's code; 0: not there.
    """

    seed: int
    depth: int = 3
    steps: int = 64
    opcodes: int = 0

    def __str__(self) -> str:
        name = f"random:{self.seed}/{self.depth}@{self.steps}"
        return f"{name}+{self.opcodes}" if self.opcodes else name


@dataclass(frozen=True)
class Plain:
    """An order that needs no parameters."""

    name: str

    def __str__(self) -> str:
        return self.name


Part = Plain | Late | LateEnd | Pause | Slow | Random


def _span(span: Nanoseconds) -> str:
    unit, size = next((unit, size) for unit, size in _UNITS if span % size == 0)
    return f"{span // size}{unit}"


WORKERS = "workers"
THREADS = "threads"


def thread_label(process: str, number: int) -> str:
    """What schedules call a thread of the process with that label."""
    label = f"thread-{number}"
    return label if process == "main" else f"{process}/{label}"


def is_thread(label: str) -> bool:
    """Whether schedules call a thread so, or all threads, and not a process."""
    return label == THREADS or label.rpartition("/")[2].startswith("thread-")


def names(who: str, label: str) -> bool:
    """Whether a schedule that names ``who`` means what is called ``label``."""
    if who == WORKERS:
        return label.startswith("worker-") and not is_thread(label)
    return who == label or (who == THREADS and is_thread(label))


@dataclass(frozen=True)
class Schedule:
    """What decides which process goes next: one part, or several that act together."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return ",".join(map(str, self.parts))

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In JSON a schedule is its name. Pydantic calls this, if it is there at all."""
        from pydantic_core import core_schema

        by_name = core_schema.no_info_after_validator_function(parse_schedule, handler(str))
        return core_schema.json_or_python_schema(
            by_name,
            core_schema.union_schema([core_schema.is_instance_schema(cls), by_name]),
            serialization=core_schema.to_string_ser_schema(),
        )

    @property
    def is_natural(self) -> bool:
        """Nothing is decided: the run goes as the machine happens to run it."""
        return self.parts == (Plain("natural"),)

    def has(self, name: str) -> bool:
        """Whether the `Plain` part of that name is in it."""
        return Plain(name) in self.parts

    @property
    def random(self) -> Random | None:
        """Its random part, if it has one."""
        return next((part for part in self.parts if isinstance(part, Random)), None)

    def lateness(self, who: str) -> Nanoseconds:
        """By how much ``who`` (main, worker-1, ...) begins, or wakes, later."""
        late = (part for part in self.parts if isinstance(part, Late))
        return sum(part.by for part in late if names(part.who, who))

    def end_lateness(self, who: str) -> Nanoseconds:
        """By how much ``who`` (main, worker-1, ...) is gone later than it came to its end."""
        late = (part for part in self.parts if isinstance(part, LateEnd))
        return sum(part.by for part in late if names(part.who, who))

    @property
    def pauses(self) -> tuple[Pause, ...]:
        """Its parts that hold a process up within the student's code."""
        return tuple(part for part in self.parts if isinstance(part, Pause))

    def pause(self, who: str, count: int) -> Nanoseconds:
        """How long ``who`` stands still before its ``count``-th preemption point, in ns."""
        return sum(each.by for each in self.pauses if each.at == count and names(each.who, who))

    def slowness(self, who: str) -> int:
        """How many times as long the sleeps and the work of ``who`` take."""
        factor = 1
        for part in self.parts:
            if isinstance(part, Slow) and names(part.who, who):
                factor *= part.times
        return factor

    def pause_at(self, who: str, count: int) -> Nanoseconds | None:
        """For how long ``who`` stands still before so manieth of its preemption points; None if it
        does not.
        """
        for part in self.parts:
            if isinstance(part, Pause) and names(part.who, who) and part.at == count:
                return part.by
        return None

    @property
    def named(self) -> tuple[str, ...]:
        """The processes that it names: main, workers, worker-1, ..."""
        return tuple(
            part.who for part in self.parts if isinstance(part, (Late, LateEnd, Pause, Slow))
        )

    def holds_up(self, who: str) -> bool:
        """Whether it names ``who`` (main, worker-1, ...), or a thread of its."""
        processes = (
            (named.rpartition("/")[0] or "main") if is_thread(named) else named
            for named in self.named
        )
        return THREADS in self.named or any(names(process, who) for process in processes)

    def holds_up_thread(self, process: str, thread: int | None) -> bool:
        """Whether it names that thread of the student's in the process with that label (None: the
        first one), or the beginning of the process. Where one of its threads is slow, all are: a
        thread may have in its hands what others need, as the lock of what it prints to.
        """
        label = process if thread is None else thread_label(process, thread)
        is_late = process != "main" and self.lateness(process) > 0
        return is_late or any(
            Schedule((part,)).holds_up(process)
            if isinstance(part, Slow)
            else names(part.who, label)
            for part in self.parts
            if isinstance(part, (Late, LateEnd, Pause, Slow))
        )

    @property
    def injected(self) -> Nanoseconds:
        """By how much it makes processes late, all in all."""
        return sum(part.by for part in self.parts if isinstance(part, (Late, LateEnd, Pause)))

    @property
    def stretches(self) -> bool:
        """Whether it makes sleeps or work longer than they were written."""
        return any(isinstance(part, Slow) for part in self.parts)


NATURAL = Schedule((Plain("natural"),))


def parse_schedule(name: str) -> Schedule:
    """The schedule of that name.

    Raises:
        ScheduleError: it names none; the text says what is allowed.
    """
    parts = tuple(_parse_part(text.strip()) for text in name.split(","))
    if len(parts) > 1 and any(part == Plain("natural") for part in parts):
        raise ScheduleError("'natural' stands alone")
    return Schedule(parts)


def _parse_part(text: str) -> Part:
    if text in _PLAIN:
        return Plain(text)
    if match := _LATE.fullmatch(text):
        return Late(match[1], int(match[2]) * dict(_UNITS)[match[3]])
    if match := _LATE_END.fullmatch(text):
        return LateEnd(match[1], int(match[2]) * dict(_UNITS)[match[3]])
    if match := _PAUSE.fullmatch(text):
        return Pause(match[1], int(match[2]), int(match[3]) * dict(_UNITS)[match[4]])
    if match := _SLOW.fullmatch(text):
        return Slow(match[1], int(match[2]))
    if match := _RANDOM.fullmatch(text):
        seed, depth, steps, opcodes = match.groups()
        return Random(int(seed), int(depth or 3), int(steps or 64), int(opcodes or 0))
    raise ScheduleError(
        f"{text!r} is no schedule. Schedules are: {', '.join(_PLAIN)}, late:WHO+200ms, "
        "late-end:WHO+200ms, slow:WHOx4, pause:WHO@5+200ms, random:SEED; WHO is main, workers, "
        "worker-1, worker-2, ..., threads, thread-1, worker-1/thread-1, ..."
    )
