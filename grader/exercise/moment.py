"""Moments: the instants of a run that relations speak of.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Union

from pydantic import Discriminator, Field, Tag, model_validator

from grader.exercise.base import Model
from grader.exercise.names import ANY_NAME, AnyProcess, ProcessName
from grader.exercise.rules import Accompanies, KeyRule, exactly_one
from grader.exercise.values import LinePattern, Ordinal, Port, ProcessMethod, Which


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
        "last-call",
    )
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        exactly_one(*KINDS),
        Accompanies("by", ("prints", "waits-for", "listens", "last-call")),
        Accompanies("nth", ("prints",)),
        Accompanies("which", ("starts", "begins", "ends", "code-ends", "prints", "waits-for")),
    )

    starts: ProcessName | None = None
    """Its parent's call that creates it. For a group: the last one's, unless `which` says first."""
    begins: ProcessName | None = None
    """Its first instruction. For a group: as for `starts`."""
    ends: ProcessName | None = None
    """Its end. For a group: as for `starts`."""
    code_ends: ProcessName | None = None
    """The end of its own code, before multiprocessing's shutdown. For a group: as for `starts`."""
    prints: LinePattern | None = None
    """The first line like this that `by` prints; of a group any one of them, as in the relation
    `prints`."""
    waits_for: ProcessName | None = None
    """`by` learns that this process has ended. For a group: as for `starts`."""
    listens: Port | None = None
    """`by` accepts connections at this TCP port from now on."""
    last_call: ProcessMethod | None = None
    """The last time that `by` calls this method of a process object."""
    by: AnyProcess | None = None
    """Which process prints, listens or calls (left out: any) or waits (left out: main)."""
    nth: Ordinal | None = None
    """Of the lines like this not the first but this one, such as `2` or `last`."""
    which: Which | None = None
    """Of a group: `first` is when the first of them does it, and the others may never; `last` is
    when the last of them does, and each must. Left out, it is `first` with `prints`, else `last`.
    """

    @model_validator(mode="after")
    def _somebody_waits(self) -> Moment:
        if self.waits_for is not None and self.by == ANY_NAME:
            raise ValueError(
                "'by: any' goes with prints and listens only: say who waits, or leave it out"
            )
        return self


Step = Annotated[
    Union[
        Annotated[Moment, Tag("one moment")],
        Annotated[tuple[Moment, ...], Field(min_length=2), Tag("several moments")],
    ],
    Discriminator(
        lambda step: "several moments" if isinstance(step, (list, tuple)) else "one moment"
    ),
]
"""A moment, or several in any order."""
