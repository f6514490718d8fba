"""The relations that a check can be, and the moments that they are about.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Union

from pydantic import Discriminator, Field, Tag, model_validator

from grader.exercise.base import Model
from grader.exercise.names import ANY_NAME, AnyProcess, Ender, ProcessName
from grader.exercise.pattern import parse_pattern
from grader.exercise.rules import Accompanies, KeyRule, at_least_one, exactly_one, not_together
from grader.exercise.values import (
    DottedName,
    Duration,
    Flag,
    LinePattern,
    MethodName,
    PlainPattern,
    ProcessMethod,
    SignalName,
    Whole,
)


class Moment(Model):
    """An instant of the run."""

    PLACE: ClassVar[str] = "a moment"
    EXAMPLE: ClassVar[str] = "{ends: main}"
    KINDS: ClassVar[tuple[str, ...]] = (
        "starts",
        "begins",
        "ends",
        "code-ends",
        "prints",
        "waits-for",
        "listens",
    )
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        exactly_one(*KINDS),
        Accompanies("by", ("prints", "waits-for", "listens")),
    )

    starts: ProcessName | None = None
    """Its parent's call that creates it. For a group: the last one's."""
    begins: ProcessName | None = None
    """Its first instruction. For a group: the last one's."""
    ends: ProcessName | None = None
    """Its end. For a group: the last one's."""
    code_ends: ProcessName | None = None
    """The end of its own code, before multiprocessing's shutdown. For a group: the last one's."""
    prints: LinePattern | None = None
    """The first line like this that `by` prints; for a group the last of their first ones."""
    waits_for: ProcessName | None = None
    """`by` learns that this process has ended. For a group: the last one."""
    listens: Annotated[Whole, Field(ge=1, le=65535)] | None = None
    """`by` accepts connections at this TCP port from now on."""
    by: AnyProcess | None = None
    """Who prints or listens (left out: any process) or who waits (left out: main)."""

    @model_validator(mode="after")
    def _somebody_waits(self) -> Moment:
        if self.waits_for is not None and self.by == ANY_NAME:
            raise ValueError(
                "'by: any' goes with prints and listens only: say who waits, or leave it out"
            )
        return self


class Prints(Model):
    """A process prints a line."""

    PLACE: ClassVar[str] = "prints"
    EXAMPLE: ClassVar[str] = "{text: 'hello *', by: main}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        not_together("never", "times"),
        not_together("never", "each"),
        not_together("about", "each"),
        Accompanies("distinct", ("each",)),
    )

    text: LinePattern
    """What the whole line is like."""
    by: AnyProcess = ANY_NAME
    """Who prints it: of a group at least one process, unless `each` is given."""
    each: Flag = False
    """Every process of the group `by` prints it."""
    times: Annotated[Whole, Field(ge=1)] | None = None
    """Exactly so many lines are like this; with `each`, from each process so many."""
    never: Flag = False
    """Nobody of `by` ever prints it."""
    after: Moment | None = None
    """Only lines that come after this moment count."""
    about: ProcessName | None = None
    """Whose numbers and name `{pid}`, `{ppid}` and `{name}` are, if not those of whoever prints
    the line; of a group, those of each in a line of its own."""
    distinct: Flag = False
    """What the first `*` stands for is another text in the line of each process, and no name
    that multiprocessing made up. Process numbers and punctuation do not count."""

    @model_validator(mode="after")
    def _each_of_a_group(self) -> Prints:
        if self.each and self.by == ANY_NAME:
            raise ValueError("'each' needs a group: say with 'by' who prints it")
        return self

    @model_validator(mode="after")
    def _distinct_by_a_star(self) -> Prints:
        if self.distinct and not parse_pattern(self.text).has_star:
            raise ValueError("'distinct' needs a * in the text: it compares what that stands for")
        return self


class Time(Model):
    """The span between two moments lies within the bounds. At least one bound is given."""

    PLACE: ClassVar[str] = "time"
    EXAMPLE: ClassVar[str] = "{from: {starts: p}, to: {ends: p}, at-most: 1.5s}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (at_least_one("at-least", "at-most"),)

    from_: Moment
    """Where the span begins."""
    to: Moment
    """Where it ends."""
    at_least: Duration | None = None
    """The shortest span that is right."""
    at_most: Duration | None = None
    """The longest span that is right."""

    @model_validator(mode="after")
    def _some_span_fits(self) -> Time:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("no span fits: at-least is more than at-most")
        return self


class Waited(Model):
    """A process really waited for the end of another. A pause is no wait, however long."""

    PLACE: ClassVar[str] = "waited"
    EXAMPLE: ClassVar[str] = "{for: workers, before: {prints: done}}"

    for_: ProcessName
    """Whose end; for a group, the end of each."""
    by: ProcessName = "main"
    """Who waits."""
    before: Moment | None = None
    """By when it must have learnt that they had ended."""
    never: Flag = False
    """It waits for none of them, at least not before that moment. A single question whether one
    has ended is no wait."""


class EndedHow(Model):
    """How a process ended, by whom, and when. All that is given must fit."""

    PLACE: ClassVar[str] = "ended"
    EXAMPLE: ClassVar[str] = "{who: p, signal: SIGTERM, by: main}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        at_least_one("exit", "signal", "by", "before", "after"),
        not_together("exit", "signal"),
    )

    who: ProcessName
    """Which process; of a group, each one."""
    exit: Annotated[Whole, Field(ge=0, le=255)] | None = None
    """Its exit status; 0 is success."""
    signal: SignalName | None = None
    """The signal that ended it. `terminate()` sends SIGTERM, `kill()` sends SIGKILL."""
    by: Ender | None = None
    """Who ended it. `itself`: no signal did; `shutdown`: multiprocessing, as it does with
    daemons when their parent is done; a process: the code of that process."""
    before: Moment | None = None
    """It ended before this moment."""
    after: Moment | None = None
    """It ended after this moment."""

    @model_validator(mode="after")
    def _no_signal_of_its_own(self) -> EndedHow:
        if self.by == "itself" and self.signal is not None:
            raise ValueError("'by: itself' means that no signal ended it: leave 'signal' out")
        return self


class Daemon(Model):
    """Whether a process is a daemon when it starts."""

    PLACE: ClassVar[str] = "daemon"
    EXAMPLE: ClassVar[str] = "{who: p, is: true}"

    who: ProcessName
    """Which process; of a group, each one."""
    is_: Flag
    """`true`: it is a daemon."""


class Named(Model):
    """What the multiprocessing name of a process is."""

    PLACE: ClassVar[str] = "named"
    EXAMPLE: ClassVar[str] = "{who: p, is: greeter}"

    who: ProcessName
    """Which process; of a group, each one."""
    is_: PlainPattern
    """The whole name."""


class Subclass(Model):
    """A process was made from a subclass of Process that the script defines."""

    PLACE: ClassVar[str] = "subclass"
    EXAMPLE: ClassVar[str] = "{who: workers, overrides: run, inherits: start}"

    who: ProcessName
    """Which process; of a group, each one."""
    overrides: MethodName | None = None
    """The class has a method of this name of its own."""
    inherits: MethodName | None = None
    """The class has no method of this name of its own: it is that of Process."""


class Called(Model):
    """A process asks a process object for one of its methods, whatever comes of it. That the
    answer is used, for what is printed say, it does not show.
    """

    PLACE: ClassVar[str] = "called"
    EXAMPLE: ClassVar[str] = "{method: start, by: p}"

    method: ProcessMethod
    """Which method."""
    by: AnyProcess = ANY_NAME
    """Who asks; of a group, each one (left out: any process)."""
    at_least: Annotated[Whole, Field(ge=1, le=2)] = 1
    """How often: once or twice. More than twice on one line is not counted."""


class StartedBy(Model):
    """Who created a process (its parent in the script's eyes, under every start method)."""

    PLACE: ClassVar[str] = "started-by"
    EXAMPLE: ClassVar[str] = "{who: workers, is: main}"

    who: ProcessName
    """Which process; of a group, each one."""
    is_: ProcessName
    """Who created it."""


class Count(Model):
    """How many processes a name stands for."""

    PLACE: ClassVar[str] = "count"
    EXAMPLE: ClassVar[str] = "{who: workers, is: 5}"

    who: ProcessName
    """Which group."""
    is_: Annotated[Whole, Field(ge=0)]
    """How many there are."""


class Raises(Model):
    """An exception ends a process, or a thread of it, with a traceback."""

    PLACE: ClassVar[str] = "raises"
    EXAMPLE: ClassVar[str] = "{text: 'AssertionError: *', in: p}"

    text: PlainPattern
    """The last line of the traceback: the exception's name and message."""
    in_: AnyProcess = ANY_NAME
    """Which process prints the traceback."""


class KeepsOpen(Model):
    """How many TCP connections each process has open when the run is over: made or accepted by
    it, or by the process whose copy it is. Listening sockets do not count.
    """

    PLACE: ClassVar[str] = "keeps-open"
    EXAMPLE: ClassVar[str] = "{who: main, at-most: 0}"

    who: ProcessName
    """Which process; of a group, each one. Who has ended has none."""
    at_most: Annotated[Whole, Field(ge=0)]
    """How many are right."""


class Source(Model):
    """What the code says, read from its syntax tree. Only where behaviour cannot show it.

    Names are dotted, with imports resolved: `multiprocessing.Process`, `time.sleep`.
    """

    PLACE: ClassVar[str] = "source"
    EXAMPLE: ClassVar[str] = "{avoids: time.sleep}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (at_least_one("calls", "avoids", "defines", "guarded"),)

    calls: DottedName | None = None
    """It calls this. `multiprocessing.Process` means: or a subclass of it."""
    avoids: DottedName | None = None
    """It never calls this."""
    defines: DottedName | None = None
    """It defines this function or class, or `Class.method`; `Process.run` means: in a subclass
    of Process."""
    guarded: Flag | None = None
    """`true`: processes are started only under `if __name__ == "__main__":` or in functions."""


def _one_or_several(step: object) -> str:
    return "several moments" if isinstance(step, (list, tuple)) else "one moment"


Step = Annotated[
    Union[
        Annotated[Moment, Tag("one moment")],
        Annotated[tuple[Moment, ...], Field(min_length=2), Tag("several moments")],
    ],
    Discriminator(_one_or_several),
]
"""A moment, or several in any order."""
