"""A diagnosis: the one mistake that explains several failed checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.checks.feedback import Feedback
from grader.checks.verdict import Verdict
from grader.exercise import Check, Relation
from grader.trace import ProcessNumber

Explains = Callable[[Check, Verdict], bool]


def no_preference(_: Check) -> bool:
    """Any check may tell it."""
    return True


@dataclass(frozen=True)
class Diagnosis:
    """A mistake that beginners make, recognised in a run.

    ``situation`` is its short name. ``explains`` says which failed checks follow from it;
    one of them tells it, if possible of a relation in ``told_by`` and one for which
    ``best_told_by`` holds, and the others are skipped. The ``feedback`` says nothing of what
    happened where what the check itself saw is the better start.
    """

    situation: str
    feedback: Feedback
    explains: Explains
    told_by: tuple[Relation, ...] = ()
    best_told_by: Callable[[Check], bool] = no_preference


def everything(check: Check, _: Verdict) -> bool:
    """Whatever failed, except what the code says: that is so whatever happened."""
    return check.relation != "source"


def whatever_is_missing(check: Check, verdict: Verdict) -> bool:
    """What did not happen at all, and a program that did not end well."""
    return verdict.missing or check.relation == "clean"


def unfinished(check: Check, verdict: Verdict) -> bool:
    """What is missing, and whatever depends on how and when processes end."""
    return whatever_is_missing(check, verdict) or check.relation in ("time", "ended")


def doings_of(*numbers: ProcessNumber) -> Explains:
    """What those processes did not do, how long they took, and how they ended; and what is
    missing without being known as anybody's.
    """
    blamed = frozenset(numbers)

    def explains(check: Check, verdict: Verdict) -> bool:
        if check.relation in ("clean", "time"):
            return True
        concerned = bool(verdict.about & blamed) or (verdict.missing and not verdict.about)
        return concerned and (
            verdict.missing or check.relation in ("together", "ended", "one_at_a_time")
        )

    return explains
