"""What a process is: who created it and how, its name, its class, and how many there are.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from grader.exercise.base import OneValue, RelationModel
from grader.exercise.names import ANY_NAME, AnyProcess, ProcessName
from grader.exercise.rules import KeyRule, exactly_one
from grader.exercise.values import (
    Flag,
    MethodName,
    PlainPattern,
    ProcessMethod,
    SeenStartMethod,
    Whole,
)


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
    """A process calls a method of a process object, whatever the result. Whether the result is
    used is not checked.
    """

    PLACE: ClassVar[str] = "called"
    EXAMPLE: ClassVar[str] = "{method: start, by: p}"
    SAMPLE: ClassVar[str] = """\
cast:
  p: {children-of: main, count: 1}
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
"""

    method: ProcessMethod
    """Which method."""
    by: AnyProcess = ANY_NAME
    """Which process calls it; of a group, each one (left out: any process)."""
    at_least: Annotated[Whole, Field(ge=1, le=2)] = 1
    """How often: once or twice. More than twice on one line is not counted."""
    own: Flag = False
    """Only calls of objects that the calling process has made itself count."""


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
