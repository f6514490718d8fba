"""One submission's grade: every finding, the runs that they come from, and the sum."""

from __future__ import annotations

from dataclasses import dataclass

from grader.checks.finding import Finding, Status
from grader.exercise import Check, Exercise
from grader.messages import Text
from grader.submission import Submission
from grader.trace import Outcome, Trace


@dataclass(frozen=True)
class Judgement:
    """A check of the exercise and what it found."""

    check: Check
    finding: Finding

    @property
    def points(self) -> float:
        """What it scored: all of its points on a pass, else none."""
        return self.check.points if self.finding.status is Status.PASSED else 0.0

    @property
    def is_advice(self) -> bool:
        """Shown, never counted."""
        return self.check.points == 0


@dataclass(frozen=True)
class Unconfirmed:
    """A schedule broke a check, and did not when it was run again: nothing is made of it."""

    schedule: str
    check: str


@dataclass(frozen=True)
class Grade:
    """What a submission was given for an exercise, and why.

    ``runs`` has the natural run of each start method, and after them those of the schedules
    that broke a check; ``tried`` names all schedules that were tried. ``note`` says what the
    grade as a whole needs said: that the script could not be run, hit a limit, or could not be
    judged. ``reported``: where a schedule was asked for by its name and it broke a check, the runs
    that the findings rest on; else none. ``untried`` says that schedules were left out, and why;
    ``unconfirmed`` is for whoever works on the grader.
    """

    exercise: Exercise
    submission: Submission
    judgements: tuple[Judgement, ...]
    runs: tuple[Trace, ...]
    note: Text | None = None
    tried: tuple[str, ...] = ()
    reported: tuple[Trace, ...] = ()
    untried: Text | None = None
    unconfirmed: tuple[Unconfirmed, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """How the first run ended that did not just finish, else ``FINISHED``: of all runs, or
        of those that are reported.

        Without a run Python refused the script: ``CRASHED``.
        """
        if not self.runs:
            return Outcome.CRASHED
        ends = (run.outcome for run in self.reported or self.runs)
        return next((end for end in ends if end is not Outcome.FINISHED), Outcome.FINISHED)

    @property
    def possible(self) -> float:
        """The points of all checks."""
        return sum(judgement.check.points for judgement in self.judgements)

    @property
    def inconclusive(self) -> bool:
        """Some counted check could not be judged; then there is no score."""
        return any(
            judgement.finding.status is Status.INCONCLUSIVE and not judgement.is_advice
            for judgement in self.judgements
        )

    @property
    def score(self) -> float | None:
        """The points scored, or None when the grade is inconclusive."""
        if self.inconclusive:
            return None
        return sum(judgement.points for judgement in self.judgements)

    @property
    def passed(self) -> bool:
        """Every counted check passed."""
        return all(
            judgement.finding.status is Status.PASSED
            for judgement in self.judgements
            if not judgement.is_advice
        )
