"""What a process is: who created it and how, its name, its class, and how many there are.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from grader.exercise.base import OneValue, RelationModel
from grader.exercise.names import ANY_NAME, AnyProcess, ProcessName
from grader.exercise.python_names import ReportedName, reported_call
from grader.exercise.rules import Accompanies, KeyRule, exactly_one, not_together
from grader.exercise.values import (
    Flag,
    MethodName,
    PlainPattern,
    ProcessMethod,
    SeenStartMethod,
    Whole,
    one_or_several,
)
from grader.exercise.wording import Takes

NAMES_SCHEMA = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}
_TWICE = 2


class Daemon(RelationModel):
    """Whether a process is a daemon when it starts."""

    PLACE: ClassVar[str] = "daemon"
    EXAMPLE: ClassVar[str] = "{who: p, is: true}"
    SAMPLE: ClassVar[str] = """\
cast:
  watcher: {children-of: main, prints: 'watching', count: 1}
checks:
  - id: watcher-is-a-daemon
    expect: The process that watches is a daemon
    daemon: {who: watcher, is: true}
"""

    who: ProcessName
    """Which process; of a group, each one."""
    is_: Flag
    """`true`: it is a daemon."""


class Named(RelationModel):
    """What the multiprocessing name of a process is."""

    PLACE: ClassVar[str] = "named"
    EXAMPLE: ClassVar[str] = "{who: p, is: greeter}"
    SAMPLE: ClassVar[str] = """\
cast:
  p: {children-of: main, count: 1}
checks:
  - id: called-greeter
    expect: The child's name is greeter
    named: {who: p, is: greeter}
"""

    who: ProcessName
    """Which process; of a group, each one."""
    is_: PlainPattern
    """The whole name."""


class Subclass(RelationModel):
    """A process was made from a subclass of Process that the script defines."""

    PLACE: ClassVar[str] = "subclass"
    EXAMPLE: ClassVar[str] = "{who: workers, overrides: run, inherits: start}"
    SAMPLE: ClassVar[str] = """\
cast:
  workers: {children-of: main, count: 3}
checks:
  - id: own-class
    expect: The workers' class is your own, with a run of its own
    subclass: {who: workers, overrides: run, inherits: start}
"""

    who: ProcessName
    """Which process; of a group, each one."""
    overrides: MethodName | None = None
    """The class has a method of this name of its own."""
    inherits: MethodName | None = None
    """The class has no method of this name of its own: it is that of Process."""


class Called(RelationModel):
    """A process calls a method of a process object, or something of the library's, whatever the
    result. Whether the result is used is not checked.

    Only what the student's own lines call counts, and not what the library calls for them; looking
    a method up, as in `target=lock.release`, is as good as calling it.
    """

    PLACE: ClassVar[str] = "called"
    EXAMPLE: ClassVar[str] = "{method: start, by: p}"
    SAMPLE: ClassVar[str] = """\
cast:
  p: {children-of: main, named: p, count: 1}
  workers: {children-of: main, named: 'worker *'}
checks:
  - id: tries
    expect: The child tries to start a process
    called: {method: start, by: p}
  - id: asks-twice
    expect: Main asks twice whether it is alive
    called: {method: is_alive, by: main, at-least: 2}
  - id: starts-its-own
    expect: The child tries to start a process that it has made itself
    called: {method: start, by: p, own: true}
  - id: takes-the-lock
    expect: Each worker takes the lock
    called: {function: multiprocessing.Lock.acquire, by: workers, each: true}
  - id: takes-some-lock
    expect: Some worker takes the lock of the Value, in whichever way
    called: {function: [multiprocessing.Value.get_lock, multiprocessing.Value.acquire], by: workers}
  - id: never-asks
    expect: Main never asks whether the queue is empty
    called: {function: multiprocessing.Queue.empty, by: main, never: true}
"""
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        exactly_one("method", "function"),
        not_together("never", "each"),
        not_together("never", "at-least"),
        Accompanies("own", ("method",)),
    )

    method: ProcessMethod | None = None
    """Which method of a process object."""
    function: (
        Annotated[
            tuple[ReportedName, ...],
            BeforeValidator(one_or_several),
            Field(min_length=1),
            Takes("a name of Python's, or a list of them", NAMES_SCHEMA),
        ]
        | None
    ) = None
    """What else is called, by its name in Python's documentation: a class or a function
    (`multiprocessing.Queue`, `multiprocessing.Pipe`) or a method (`multiprocessing.Queue.put`), of
    `multiprocessing`, `threading`, `queue` or `concurrent.futures`. Of a list any one counts, and
    subclasses count. `with lock:` calls `acquire` and `release`; that of a connection `close`, of a
    pool `terminate`, of an executor and a manager `shutdown`."""
    by: AnyProcess = ANY_NAME
    """Which process calls it: of a group at least one, unless `each` is given (left out: any
    process)."""
    each: Flag = False
    """Each process of the group calls it."""
    at_least: Annotated[Whole, Field(ge=1, le=100)] = 1
    """How often. Of a `method` only once or twice: more on one line is not counted. Of a `function`
    what all of `by` call is counted together, and with `each` what each calls."""
    own: Flag = False
    """Only calls of objects that the calling process has made itself count."""
    never: Flag = False
    """It is never called."""

    @model_validator(mode="after")
    def _fits(self) -> Called:
        if self.each and self.by == ANY_NAME:
            raise ValueError("'each' needs a group: say with 'by' who calls it")
        if self.method is not None and self.at_least > _TWICE:
            raise ValueError(
                f"'at-least: {self.at_least}' of a method is more than is counted: write 1 or 2"
            )
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """What is called, as `grader.trace.Called` has it."""
        if self.function is None:
            return (self.method or "",)
        return tuple(name.removeprefix("multiprocessing.Process.") for name in self.function)

    @property
    def reports(self) -> tuple[str, ...]:
        """What the probe is to report for it, as `grader.plan.Plan.reports` has it."""
        return tuple(filter(None, map(reported_call, self.function or ())))


class StartedBy(RelationModel):
    """Which process created another: its parent as the script sees it, under every start method."""

    PLACE: ClassVar[str] = "started-by"
    EXAMPLE: ClassVar[str] = "{who: workers, is: main}"
    SAMPLE: ClassVar[str] = """\
cast:
  helper: {children-of: any, prints: 'helping', count: 1}
checks:
  - id: main-starts-the-helper
    expect: It is main that starts the helper
    started-by: {who: helper, is: main}
"""

    who: ProcessName
    """Which process; of a group, each one."""
    is_: ProcessName
    """Which process created it."""


class Count(RelationModel):
    """How many processes a name stands for."""

    PLACE: ClassVar[str] = "count"
    EXAMPLE: ClassVar[str] = "{who: workers, is: 5}"
    SAMPLE: ClassVar[str] = """\
cast:
  p: {children-of: main, count: 1}
  grandchildren: {children-of: p}
checks:
  - id: no-grandchildren
    expect: The child starts no process of its own
    any-duration: true
    count: {who: grandchildren, is: 0}
  - id: some-child
    expect: Main starts a process
    count: {who: p, at-least: 1}
"""
    RULES: ClassVar[tuple[KeyRule, ...]] = (exactly_one("is", "at-least"),)

    who: ProcessName
    """Which group."""
    is_: Annotated[Whole, Field(ge=0)] | None = None
    """How many there are."""
    at_least: Annotated[Whole, Field(ge=1)] | None = None
    """How many there are at least."""


class StartedIn(OneValue):
    """Every child was created in this way. `portable`: in one that there is wherever the start
    method of the run is the default: spawn everywhere, the others only where processes are not
    spawned.
    """

    PLACE: ClassVar[str] = "start-method"
    EXAMPLE: ClassVar[str] = "spawn"
    SAMPLE: ClassVar[str] = """\
run: {start-method: spawn}
checks:
  - id: spawned
    expect: Every child is spawned, not forked
    start-method: spawn
"""

    method: SeenStartMethod
    """Which way."""


RELATIONS: tuple[type[RelationModel], ...] = (
    Daemon,
    Named,
    Subclass,
    Called,
    StartedBy,
    Count,
    StartedIn,
)
"""In the order in which errors and the reference list them."""
