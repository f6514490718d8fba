"""What happens and when: lines printed, moments in order, lives, waits and ends.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Union

from pydantic import Discriminator, Field, Tag, model_validator

from grader.exercise.base import Model, OneValue, RelationModel
from grader.exercise.lines import TIMES_SCHEMA, VALUES_SCHEMA, Times, Values
from grader.exercise.moment import Moment, Step
from grader.exercise.names import ANY_NAME, AnyProcess, Ender, GroupName, ProcessName
from grader.exercise.pattern import parse_pattern
from grader.exercise.rules import Accompanies, KeyRule, at_least_one, not_together
from grader.exercise.values import (
    Duration,
    Flag,
    LinePattern,
    Ordinal,
    SentSignal,
    SignalName,
    Whole,
)
from grader.exercise.wording import Takes

_MOMENT_SCHEMA = {"$ref": "#/$defs/Moment"}
_STEPS_SCHEMA = {
    "type": "array",
    "items": {"anyOf": [_MOMENT_SCHEMA, {"type": "array", "items": _MOMENT_SCHEMA, "minItems": 2}]},
    "minItems": 2,
}
_ORDERS_SCHEMA = {
    "anyOf": [
        _STEPS_SCHEMA,
        {
            "type": "object",
            "properties": {"any-of": {"type": "array", "items": _STEPS_SCHEMA, "minItems": 2}},
            "required": ["any-of"],
            "additionalProperties": False,
        },
    ]
}


class Prints(RelationModel):
    """A process prints a line."""

    PLACE: ClassVar[str] = "prints"
    EXAMPLE: ClassVar[str] = "{text: 'hello *', by: main}"
    SAMPLE: ClassVar[str] = """\
cast:
  workers: {children-of: main, count: 5}
checks:
  - id: true-numbers
    expect: Each worker prints its own number and its parent's
    prints: {text: 'worker {pid}, parent {ppid}', by: workers, each: true}
  - id: no-farewell
    expect: Nobody says goodbye
    prints: {text: 'goodbye*', never: true}
  - id: main-knows-their-numbers
    expect: Main prints the number of every worker
    prints: {text: '*{pid}*', by: main, about: workers}
  - id: own-names
    expect: Each worker says a name of its own
    prints: {text: 'I am *', by: workers, each: true, distinct: true}
  - id: only-main-says-done
    expect: Main prints done, and no worker does
    prints: {text: done, by: main, only: true}
  - id: says-done-last
    expect: Nothing comes after done
    prints: {text: done, by: any, line: last}
  - id: each-number-once
    expect: Each of the numbers 1 to 20 is printed once, by whichever worker
    prints: {text: 'number {int}', by: workers, each-of: {from: 1, to: 20}}
"""
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        not_together("times", "never", "line", "each-of", "about"),
        not_together("never", "each"),
        not_together("about", "each"),
        not_together("only", "never"),
        Accompanies("distinct", ("each",)),
        Accompanies("in-order", ("each-of",)),
    )

    text: LinePattern
    """What the whole line is like."""
    by: AnyProcess = ANY_NAME
    """Which process prints it: of a group at least one, unless `each` is given."""
    each: Flag = False
    """Every process of the group `by` prints it."""
    times: (
        Annotated[Times, Takes("a whole number, or [how often](#how-often)", TIMES_SCHEMA)] | None
    ) = None
    """Exactly so many lines are like this, or so many as `{at-least: 2, at-most: 5}` says; with
    `each`, from each process so many."""
    line: Ordinal | None = None
    """Which one of all the lines of `by` it is, such as `1` or `last`; with `each`, of each
    process's own."""
    each_of: (
        Annotated[
            Values,
            Takes("a list of texts, or [which values](#which-values)", VALUES_SCHEMA),
        ]
        | None
    ) = None
    """The part of the text that is open, a `*` or `{int}`, holds each of these exactly once, and
    nothing else; with `each`, in the lines of each process."""
    in_order: Flag = False
    """And they come in the order in which they stand in `each-of`."""
    never: Flag = False
    """No process of `by` ever prints it."""
    only: Flag = False
    """No process but those of `by` prints a line like this."""
    after: Moment | None = None
    """Only lines that come after this moment count."""
    before: Moment | None = None
    """Only lines that come before this moment count."""
    about: ProcessName | None = None
    """The process that `{pid}`, `{ppid}` and `{name}` refer to, if not the one that prints the
    line; of a group, each process in a line of its own."""
    relays: Moment | None = None
    """A line of another process, `{prints: 'answered: *', by: server}`: what each `*` of it stands
    for stands in this line, too, which comes after it."""
    distinct: Flag = False
    """What the first `*` stands for is another text in the line of each process, and no name
    that multiprocessing made up. Process numbers and punctuation do not count."""

    @model_validator(mode="after")
    def _each_of_a_group(self) -> Prints:
        if self.each and self.by == ANY_NAME:
            raise ValueError("'each' needs a group: say with 'by' who prints it")
        return self

    @model_validator(mode="after")
    def _only_some(self) -> Prints:
        if self.only and self.by == ANY_NAME:
            raise ValueError("'only' needs to know who else must not: say with 'by' who prints it")
        return self

    @model_validator(mode="after")
    def _relays_a_star(self) -> Prints:
        line = None if self.relays is None else self.relays.prints
        if self.relays is not None and (line is None or not parse_pattern(line).has_star):
            raise ValueError(
                "'relays' is a line of another process with a * in it: "
                "{prints: 'answered: *', by: server}"
            )
        return self

    @model_validator(mode="after")
    def _distinct_by_a_star(self) -> Prints:
        if self.distinct and not parse_pattern(self.text).has_star:
            raise ValueError("'distinct' needs a * in the text: it compares what that stands for")
        return self

    @model_validator(mode="after")
    def _one_part_is_open(self) -> Prints:
        if self.each_of is not None and len(parse_pattern(self.text).open_parts) != 1:
            raise ValueError(
                "'each-of' needs one open part in the text, a * or one of {int} {float} {word} "
                "{text}: 'item {int}'"
            )
        return self


class Orders(Model):
    """Several orders, of which one is enough."""

    PLACE: ClassVar[str] = "several orders"
    EXAMPLE: ClassVar[str] = "{any-of: [[{prints: a}, {prints: b}], [{prints: b}, {prints: c}]]}"

    any_of: Annotated[
        tuple[Annotated[tuple[Step, ...], Field(min_length=2)], ...],
        Field(min_length=2),
    ]
    """Lists of moments, each an order."""


class Order(OneValue):
    """These moments come in this order; those of a list within the list come in any order. One of
    several orders is enough where they are listed so: `{any-of: [[...], [...]]}`.
    """

    PLACE: ClassVar[str] = "order"
    EXAMPLE: ClassVar[str] = "[{prints: hello}, {ends: main}]"
    SAMPLE: ClassVar[str] = """\
cast:
  first: {children-of: main, prints: 'hello *', count: 1}
  second: {children-of: main, prints: 'welcome *', count: 1}
checks:
  - id: greetings-then-done
    expect: Both greet, in any order, and then main prints done
    any-duration: true
    order:
      - [{prints: 'hello *', by: first}, {prints: 'welcome *', by: second}]
      - {prints: done, by: main}
  - id: one-after-the-other
    expect: One greeting comes before the other process has begun, whichever that is
    order:
      any-of:
        - [{prints: 'hello *', by: first}, {begins: second}]
        - [{prints: 'welcome *', by: second}, {begins: first}]
"""

    steps: Annotated[
        Union[
            Annotated[tuple[Step, ...], Field(min_length=2), Tag("one order")],
            Annotated[Orders, Tag("several orders")],
        ],
        Discriminator(
            lambda given: (
                "several orders"
                if isinstance(given, Orders) or (isinstance(given, dict) and "any-of" in given)
                else "one order"
            )
        ),
        Takes(
            "a list of [moments](#a-moment), or `{any-of: [...]}` with several such lists",
            _ORDERS_SCHEMA,
        ),
    ]
    """A moment each, or several that come in any order."""

    @property
    def orders(self) -> tuple[tuple[Step, ...], ...]:
        """The orders of which one is enough."""
        return self.steps.any_of if isinstance(self.steps, Orders) else (self.steps,)


class Time(RelationModel):
    """The span between two moments lies within the bounds. At least one bound is given."""

    PLACE: ClassVar[str] = "time"
    EXAMPLE: ClassVar[str] = "{from: {starts: p}, to: {ends: p}, at-most: 1.5s}"
    SAMPLE: ClassVar[str] = """\
cast:
  p: {children-of: main, count: 1}
  workers: {children-of: main}
checks:
  - id: one-second
    expect: From its start to its end the child takes about one second
    time: {from: {starts: p}, to: {ends: p}, at-least: 950ms, at-most: 1.5s}
  - id: each-works
    expect: Each child works for about one second
    time: {each: workers, from: {starts: workers}, to: {ends: workers}, at-least: 950ms}
"""
    RULES: ClassVar[tuple[KeyRule, ...]] = (at_least_one("at-least", "at-most"),)

    from_: Moment
    """Where the span begins."""
    to: Moment
    """Where it ends."""
    at_least: Duration | None = None
    """The shortest span that is right."""
    at_most: Duration | None = None
    """The longest span that is right."""
    each: GroupName | None = None
    """For every process of this group there is such a span: the moments that name the group are
    then those of that one process."""

    @model_validator(mode="after")
    def _some_span_fits(self) -> Time:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("no span fits: at-least is more than at-most")
        return self


class Together(OneValue):
    """All processes of the group are alive at one instant."""

    PLACE: ClassVar[str] = "together"
    EXAMPLE: ClassVar[str] = "workers"
    SAMPLE: ClassVar[str] = """\
cast:
  workers: {children-of: main, count: 5}
checks:
  - id: all-at-once
    expect: All five workers run at the same time
    together: workers
"""

    group: GroupName
    """Which group."""


class OneAtATime(OneValue):
    """No two processes of the group are ever alive at once."""

    PLACE: ClassVar[str] = "one-at-a-time"
    EXAMPLE: ClassVar[str] = "workers"
    SAMPLE: ClassVar[str] = """\
cast:
  workers: {children-of: main, count: 5}
checks:
  - id: one-by-one
    expect: No two workers ever run at the same time
    any-duration: true
    one-at-a-time: workers
"""

    group: GroupName
    """Which group."""


class Waited(RelationModel):
    """A process really waited for the end of another. A pause is no wait, however long."""

    PLACE: ClassVar[str] = "waited"
    EXAMPLE: ClassVar[str] = "{for: workers, before: {prints: done}}"
    SAMPLE: ClassVar[str] = """\
cast:
  workers: {children-of: main, count: 5}
checks:
  - id: waits-for-all
    expect: Main waits for every worker before it prints done
    waited: {for: workers, before: {prints: done, by: main}}
  - id: does-not-wait
    points: 0
    expect: Main need not wait for them before it prints welcome
    waited: {for: workers, before: {prints: welcome, by: main}, never: true}
"""

    for_: ProcessName
    """Whose end; for a group, the end of each."""
    by: ProcessName = "main"
    """Which process waits."""
    before: Moment | None = None
    """By when it must have learnt that they had ended."""
    never: Flag = False
    """It waits for none of them, at least not before that moment. A single question whether one
    has ended is no wait."""


class EndedHow(RelationModel):
    """How a process ended, by whom, and when. All that is given must fit."""

    PLACE: ClassVar[str] = "ended"
    EXAMPLE: ClassVar[str] = "{who: p, signal: SIGTERM, by: main}"
    SAMPLE: ClassVar[str] = """\
cast:
  p: {children-of: main, count: 1}
checks:
  - id: terminated
    expect: Main ends the child with terminate()
    ended: {who: p, signal: SIGTERM, by: main, before: {prints: 'it is gone', by: main}}
"""
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
    """What ended it. `itself`: no signal did; `shutdown`: multiprocessing, as it does with
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


class SignalSent(RelationModel):
    """A process is sent a signal, whatever it does with it. What it does is another check's matter:
    what it prints, or how it ended.
    """

    PLACE: ClassVar[str] = "signalled"
    EXAMPLE: ClassVar[str] = "{who: p, signal: SIGUSR1, by: main}"
    SAMPLE: ClassVar[str] = """\
cast:
  p: {children-of: main, count: 1}
checks:
  - id: wakes
    expect: Main sends the child SIGUSR1 when it is ready, and the child goes on
    signalled: {who: p, signal: SIGUSR1, by: main, after: {prints: ready, by: p}}
  - id: spares
    expect: Nobody sends the child SIGKILL
    signalled: {who: p, signal: SIGKILL, never: true}
"""
    RULES: ClassVar[tuple[KeyRule, ...]] = (not_together("never", "after"),)

    who: ProcessName
    """Which process; of a group, each one."""
    signal: SentSignal
    """Which signal."""
    by: AnyProcess = ANY_NAME
    """Which process sends it; of a group any one (left out: any). What multiprocessing sends at the
    end of main does not count."""
    after: Moment | None = None
    """It is sent after this moment, be it once more."""
    never: Flag = False
    """It is never sent."""


RELATIONS: tuple[type[RelationModel], ...] = (
    Prints,
    Order,
    Time,
    Together,
    OneAtATime,
    Waited,
    EndedHow,
    SignalSent,
)
"""In the order in which errors and the reference list them."""
