"""What one check found in one run, before causes are weighed and runs compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.checks.feedback import NO_FEEDBACK, Feedback
from grader.checks.finding import Relation, Status
from grader.messages import Text
from grader.trace import Location, ProcessNumber


@dataclass(frozen=True)
class Verdict:
    """What a judge returns: by `passed`, `failed` or `inconclusive`, or from a `Feedback`.

    ``about`` are the processes whose doing is judged; empty: any process's. ``missing``: it
    failed because something did *not* happen, which a crash or a deadlock can explain, and not
    because something wrong did. ``shared_cause`` is equal in the verdicts that fail for one and
    the same reason. ``suppress_hint``: the mistake itself is named, so that the teacher's hint,
    which is written for the usual one, would only mislead. ``awaited_line``: it failed because this
    line never came; a check that asks for the line itself says so better. ``out_of_reach``: this
    witness can never say whether it holds, whatever happens, so that what needs it is judged
    without it.
    """

    status: Status
    feedback: Feedback = NO_FEEDBACK
    relations: tuple[Relation, ...] = ()
    about: frozenset[ProcessNumber] = frozenset()
    missing: bool = False
    shared_cause: str | None = None
    suppress_hint: bool = False
    awaited_line: str | None = None
    out_of_reach: bool = False


def passed(happened: Text | None = None, relations: tuple[Relation, ...] = ()) -> Verdict:
    """It holds; ``happened`` may say by how much."""
    return Verdict(Status.PASSED, Feedback(happened), relations)


def failed(
    happened: Text,
    *,
    why: Text,
    next: Text,  # noqa: A002 - the word that findings and the JSON use
    line: Location | None = None,
    relations: tuple[Relation, ...] = (),
    about: Iterable[ProcessNumber] = (),
    missing: bool = False,
    shared_cause: str | None = None,
    suppress_hint: bool = False,
) -> Verdict:
    """It does not hold: the parts of the feedback, and what `Verdict` says of the others."""
    return Verdict(
        Status.FAILED,
        Feedback(happened, why, next, line),
        relations,
        frozenset(about),
        missing,
        shared_cause,
        suppress_hint,
    )


def inconclusive(happened: Text) -> Verdict:
    """The grader could not see enough; ``happened`` says what it could not see."""
    return Verdict(Status.INCONCLUSIVE, Feedback(happened))
