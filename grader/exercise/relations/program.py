"""The program as a whole: its errors, its code, its dialogue, and what it leaves behind.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from grader.exercise.base import OneValue, RelationModel
from grader.exercise.names import ANY_NAME, AnyProcess, GroupName, ProcessName, StepName
from grader.exercise.python_names import CalledName
from grader.exercise.rules import KeyRule, at_least_one
from grader.exercise.values import (
    DottedName,
    Flag,
    OnlyTrue,
    PlainPattern,
    ProcessKeyword,
    PythonLiteral,
    Whole,
)


class Raises(RelationModel):
    """An exception ends a process, or a thread of it, with a traceback."""

    PLACE: ClassVar[str] = "raises"
    EXAMPLE: ClassVar[str] = "{text: 'AssertionError: *', in: p}"
    SAMPLE: ClassVar[str] = """\
cast:
  p: {children-of: main, count: 1}
checks:
  - id: child-fails
    expect: The child ends with a ValueError
    raises: {text: 'ValueError: *', in: p}
"""

    text: PlainPattern
    """The last line of the traceback: the exception's name and message."""
    in_: AnyProcess = ANY_NAME
    """Which process prints the traceback."""


class Clean(OneValue):
    """No traceback, no process that outlives main, and every process of the script's exits with 0;
    one that was sent a signal may end as it likes.
    """

    PLACE: ClassVar[str] = "clean"
    EXAMPLE: ClassVar[str] = "true"
    SAMPLE: ClassVar[str] = """\
checks:
  - id: ends-well
    expect: The program ends without an error and leaves nothing behind
    clean: true
"""

    is_: OnlyTrue
    """Always `true`."""


class Source(RelationModel):
    """What the code says, read from its syntax tree. Only where behaviour cannot show it.

    Names are dotted, with imports resolved: `multiprocessing.Process`, `time.sleep`.
    """

    PLACE: ClassVar[str] = "source"
    EXAMPLE: ClassVar[str] = "{avoids: time.sleep}"
    SAMPLE: ClassVar[str] = """\
checks:
  - id: guarded
    expect: 'Processes are started under if __name__ == "__main__"'
    source: {guarded: true}
  - id: hands-over
    expect: The values are handed over with args
    source: {passes: [args]}
  - id: own-run
    expect: The subclass of Process has a run method of its own
    source: {defines: Process.run}
"""
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        at_least_one("calls", "avoids", "defines", "passes", "with-args", "with-kwargs", "guarded"),
    )

    calls: CalledName | None = None
    """It calls this. A class, such as `threading.Thread`, means: or a subclass of it; so a
    `BoundedSemaphore` is a `Semaphore`. Methods are those of Process only:
    `multiprocessing.Process.join`."""
    avoids: CalledName | None = None
    """It never calls this."""
    defines: DottedName | None = None
    """It defines this function or class, or `Class.method`; `Process.run` means: in a subclass
    of Process."""
    passes: tuple[ProcessKeyword, ...] | None = None
    """A `Process` is made with values for these of its parameters. What a class of the script's
    own does with its arguments is its own matter."""
    with_args: PythonLiteral | None = None
    """A Python literal, such as `('Ann', 3)`: the values that `args` hands over, in any order.
    Only values that are written out where the `Process` is made are compared."""
    with_kwargs: PythonLiteral | None = None
    """A Python literal, such as `{'mark': '!'}`: the same for the values in `kwargs`; what they
    are called is not compared."""
    guarded: Flag | None = None
    """`true`: processes are started only under `if __name__ == "__main__":` or in functions."""


class Dialogue(OneValue):
    """The dialogue came to this step and beyond it."""

    PLACE: ClassVar[str] = "dialogue"
    EXAMPLE: ClassVar[str] = "greets"
    SAMPLE: ClassVar[str] = """\
run:
  dialogue:
    - expect: 'Name: *'
    - send: 小明
    - {id: greets, expect: 'hello 小明'}
checks:
  - id: greeting
    expect: It greets whoever gives a name
    dialogue: greets
"""

    step: StepName
    """Which step."""


class Prompt(RelationModel):
    """What stands before the input each time that a process asks for a line."""

    PLACE: ClassVar[str] = "prompt"
    EXAMPLE: ClassVar[str] = "{text: 'Name: '}"
    SAMPLE: ClassVar[str] = """\
run:
  dialogue:
    - send: 小明
    - {id: greets, expect: 'hello 小明'}
checks:
  - id: asks-for-a-name
    expect: It asks with Name
    prompt: {text: 'Name: '}
"""

    text: PlainPattern
    """What the prompt is like. Where there are spaces at its end, the prompt ends with as many."""
    by: ProcessName = "main"
    """Which process asks."""


class KeepsOpen(RelationModel):
    """How many TCP connections each process has open when the run is over: made or accepted by
    it, or by the process whose copy it is. Listening sockets do not count.
    """

    PLACE: ClassVar[str] = "keeps-open"
    EXAMPLE: ClassVar[str] = "{who: main, at-most: 0}"
    SAMPLE: ClassVar[str] = """\
checks:
  - id: lets-go
    expect: Main closes its own copy of each connection
    keeps-open: {who: main, at-most: 0}
"""

    who: ProcessName
    """Which process; of a group, each one. A process that has ended has none open."""
    at_most: Annotated[Whole, Field(ge=0)]
    """How many are right."""


class OneConnectionEach(OneValue):
    """Each connection of a peer that is answered is answered by one process of the group, which
    answers at no other. Who sends an answer the kernel says.
    """

    PLACE: ClassVar[str] = "one-connection-each"
    EXAMPLE: ClassVar[str] = "workers"
    SAMPLE: ClassVar[str] = """\
cast:
  workers: {children-of: main}
checks:
  - id: a-process-each
    expect: Each connection is served by a child of main of its own
    one-connection-each: workers
"""

    group: GroupName
    """Which group."""


class SameLines(OneValue):
    """Every start method of the exercise makes the script print the same lines, in whatever
    order. Pids, times and the name of the method may differ.
    """

    PLACE: ClassVar[str] = "same-lines"
    EXAMPLE: ClassVar[str] = "true"
    SAMPLE: ClassVar[str] = """\
run: {start-method: [fork, spawn]}
checks:
  - id: says-the-same
    expect: The same lines are printed, forked or spawned
    same-lines: true
"""

    is_: OnlyTrue
    """Always `true`."""


RELATIONS: tuple[type[RelationModel], ...] = (
    Raises,
    Clean,
    Source,
    Dialogue,
    Prompt,
    KeepsOpen,
    OneConnectionEach,
    SameLines,
)
"""In the order in which errors and the reference list them."""
