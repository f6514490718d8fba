"""What a check found: a verdict, in words that teach, and where to see it in the trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from grader.checks.feedback import NO_FEEDBACK, Feedback
from grader.messages import Text
from grader.trace import Nanoseconds, ProcessNumber, Trace


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
    """The verdict of one check on one or more runs.

    ``expected`` stands alone as the claim that the check makes. ``run`` is the run that it rests
    on; None where there was none. ``hint`` is the exercise's own, where it says something new.
    ``cause`` names the check that explains a skipped one; ``mistake`` is the id of the mistake
    that was recognised (see ``docs/mistakes.md``).
    """

    check: str
    status: Status
    expected: Text
    feedback: Feedback = NO_FEEDBACK
    hint: Text | None = None
    run: Trace | None = field(default=None, repr=False)
    cause: str | None = None
    relations: tuple[Relation, ...] = ()
    mistake: str | None = None

    @property
    def schedule(self) -> str | None:
        """The name of the event order of its run; None for the natural one."""
        if self.run is None or self.run.schedule.is_natural:
            return None
        return str(self.run.schedule)
