"""What is inside at once, and what belongs to what: sections, pairs, and what follows at once.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from grader.exercise.base import Model, RelationModel
from grader.exercise.moment import Moment
from grader.exercise.names import ANY_NAME, AnyProcess
from grader.exercise.pattern import Hole, parse_pattern
from grader.exercise.rules import Accompanies, KeyRule, at_least_one
from grader.exercise.values import Duration, Flag, LinePattern, Whole

_NAME_IS_TAKEN = (
    "{name} is the name of the process that prints the line: give a hole of your own another name"
)


def _has_process_name(pattern: str) -> bool:
    """Whether there is a ``{name}`` in it, which tells no threads of a process apart."""
    return any(
        isinstance(part, Hole) and part.name == "name" for part in parse_pattern(pattern).parts
    )


class SectionLine(Model):
    """The line with which a section begins or ends."""

    PLACE: ClassVar[str] = "the line of a section"
    EXAMPLE: ClassVar[str] = "{prints: '* enters'}"

    prints: LinePattern
    """What the line is like."""


class Concurrent(RelationModel):
    """How many are between two lines at the same time. Each process opens a section by the one
    line and closes it by the other, as often as it likes, and closes each that it opens.
    `one-at-a-time: workers` is short for `concurrent: {by: workers, at-most: 1}`, and
    `together: workers` says that it reaches as many as there are workers.
    """

    PLACE: ClassVar[str] = "concurrent"
    EXAMPLE: ClassVar[str] = (
        "{by: guests, from: {prints: '* enters'}, to: {prints: '* leaves'}, at-most: 4}"
    )
    SAMPLE: ClassVar[str] = """\
cast:
  guests: {children-of: main, count: 20}
checks:
  - id: four-places
    expect: Never more than four guests are inside, and at some time there are four
    concurrent:
      {by: guests, from: {prints: '* enters'}, to: {prints: '* leaves'}, at-most: 4, reaches: 4}
  - id: four-threads
    expect: Four threads of main work at once
    concurrent: {by: main, from: {prints: '{job} begins'}, to: {prints: '{job} ends'}, reaches: 4}
  - id: three-at-once
    expect: No more than three guests live at once
    concurrent: {by: guests, at-most: 3}
"""
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        at_least_one("at-most", "reaches"),
        Accompanies("from", ("to",)),
        Accompanies("to", ("from",)),
    )
    BINDS_NAMES: ClassVar[bool] = True

    by: AnyProcess = ANY_NAME
    """Whose sections they are. Of a group, each process opens one at least."""
    from_: SectionLine | None = None
    """The line that opens a section. Left out with `to`: a section is the life of a process."""
    to: SectionLine | None = None
    """The line of the same process that closes it. If both lines have a hole of the same name,
    such as `{job}`, the same text stands there: so the threads of one process are told apart."""
    at_most: Annotated[Whole, Field(ge=1)] | None = None
    """Never more than so many at once. `1`: what a lock does."""
    reaches: Annotated[Whole, Field(ge=2)] | None = None
    """At some instant there are so many, or more."""

    @model_validator(mode="after")
    def _can_be_reached(self) -> Concurrent:
        if self.at_most is not None and self.reaches is not None and self.reaches > self.at_most:
            raise ValueError("that cannot be: reaches is more than at-most")
        return self

    @model_validator(mode="after")
    def _lines_differ(self) -> Concurrent:
        if self.from_ is not None and self.to is not None and self.from_.prints == self.to.prints:
            raise ValueError("'from' and 'to' are the same line: what closes a section is another")
        return self

    @model_validator(mode="after")
    def _name_is_no_hole_of_its_own(self) -> Concurrent:
        for line in (self.from_, self.to):
            if line is not None and _has_process_name(line.prints):
                raise ValueError(
                    f"{_NAME_IS_TAKEN}: '{{job}} enters' and '{{job}} leaves', "
                    "or * where it does not matter"
                )
        return self


class Pairs(RelationModel):
    """For each line of one kind there is exactly one of another, later, with the same text in the
    holes of the same names, and none without one of the first kind.
    """

    PLACE: ClassVar[str] = "pairs"
    EXAMPLE: ClassVar[str] = "{each: {prints: 'made {item}'}, once: {prints: 'used {item}'}}"
    SAMPLE: ClassVar[str] = """\
cast:
  producers: {children-of: main, prints: 'made *'}
  consumers: {children-of: main, except: producers}
checks:
  - id: each-used-once
    expect: Each thing that is made is used exactly once, and later
    pairs:
      each: {prints: 'made {item}', by: producers}
      once: {prints: 'used {item}', by: consumers}
  - id: in-their-order
    expect: They are used in the order in which they were made
    pairs: {each: {prints: 'made {item}'}, once: {prints: 'used {item}'}, in-order: true}
"""
    BINDS_NAMES: ClassVar[bool] = True

    each: Moment
    """The first line, with `by` if it matters whose it is."""
    once: Moment
    """The line that belongs to it."""
    in_order: Flag = False
    """And the second lines come in the order of the first ones."""

    @model_validator(mode="after")
    def _both_are_lines(self) -> Pairs:
        for key, moment in (("each", self.each), ("once", self.once)):
            if moment.prints is None or moment.nth is not None or moment.which is not None:
                raise ValueError(
                    f"'{key}' is a line and no more: {{prints: 'made {{item}}', by: producers}}"
                )
        assert self.each.prints is not None
        assert self.once.prints is not None
        names = set(parse_pattern(self.each.prints).named_holes)
        if not names or names != set(parse_pattern(self.once.prints).named_holes):
            lines = (self.each.prints, self.once.prints)
            why = f". {_NAME_IS_TAKEN}" if any(map(_has_process_name, lines)) else ""
            raise ValueError(
                "both lines need a hole of the same name, by which they are told to belong "
                f"together: 'made {{item}}' and 'used {{item}}'{why}"
            )
        return self


class Follows(RelationModel):
    """A moment follows on another within a short time, in every order of events: whoever else is
    late or slow. Only where the two (of lines: the threads that print them) are held up themselves
    it is not judged.
    """

    PLACE: ClassVar[str] = "follows"
    EXAMPLE: ClassVar[str] = "{what: {prints: done}, on: {ends: p}, within: 100ms}"
    SAMPLE: ClassVar[str] = """\
cast:
  workers: {children-of: main}
checks:
  - id: at-once
    expect: Main hears of each worker's end at once, whichever ends first
    any-duration: true
    for-each: workers
    follows: {what: {waits-for: each}, on: {ends: each}, within: 100ms}
"""

    what: Moment
    """The moment that is to come."""
    on: Moment
    """The moment that comes before it."""
    within: Annotated[Duration, Field(gt=0)]
    """So much later at most."""


RELATIONS: tuple[type[RelationModel], ...] = (Concurrent, Pairs, Follows)
"""In the order in which errors and the reference list them."""
