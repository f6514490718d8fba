"""What a check found: a verdict, in words that teach, and where to see it in the trace."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from grader.messages import Text
from grader.trace import Location, Nanoseconds, ProcessNumber, StartMethod


class Status(str, Enum):
    """The verdict of one check. Only ``PASSED`` scores."""

    PASSED = "passed"
    FAILED = "failed"
    LUCKY = "lucky"
    """It held in the natural order and broke in another."""
    SKIPPED = "skipped"
    """A check that it needs did not pass, so it says nothing new."""
    INCONCLUSIVE = "inconclusive"
    """The grader could not see enough to judge; never held against the student."""


@dataclass(frozen=True)
class Mark:
    """An instant in one process's lane of the timeline."""

    process: ProcessNumber
    at: Nanoseconds


@dataclass(frozen=True)
class Relation:
    """Two marks of one trace whose order (or distance) the check is about, for the timeline.

    ``label`` says the relation in a few words; ``holds`` is False for a violated one.
    """

    start: Mark
    end: Mark
    label: Text
    holds: bool = False


@dataclass(frozen=True)
class Finding:
    """The verdict of one check on one or more traces.

    ``expected`` stands alone as the claim that the check makes. ``happened`` says what was
    seen, with the student's names, lines and times; ``why`` explains it; ``next`` is the next
    step or question. The last two are None on a pass. ``cause`` names the check that
    explains a skipped one. ``schedule`` and ``start_method`` say which run it is about; None:
    the natural order, and no run at all.
    """

    check: str
    status: Status
    expected: Text
    happened: Text | None = None
    why: Text | None = None
    next: Text | None = None
    hint: Text | None = None
    line: Location | None = None
    schedule: str | None = None
    start_method: StartMethod | None = None
    cause: str | None = None
    relations: tuple[Relation, ...] = ()
