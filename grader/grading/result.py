"""One submission's grade: every finding, the runs that they come from, and the sum."""

from __future__ import annotations

from dataclasses import dataclass

from grader.checks.evidence import Belief, evidence_for
from grader.checks.finding import Finding, Status
from grader.exercise import Check, Exercise
from grader.messages import Text
from grader.submission import Submission
from grader.trace import Outcome, Trace, Witness


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
class Places:
    """At how many places a process or thread can be held up so that others get ahead of it: before
    it begins, and within the student's code; and at how many of them one was.
    """

    tried: int
    all: int

    @property
    def is_all(self) -> bool:
        """None was left out."""
        return self.tried == self.all


@dataclass(frozen=True)
class Grade:
    """What a submission was given for an exercise, and why.

    ``runs`` has the natural run of each start method, and after them those of the schedules
    that broke a check; ``tried`` names all schedules that were tried. ``note`` says what the
    grade as a whole needs said: that the script could not be run, hit a limit, or could not be
    judged. ``reported``: where a schedule was asked for by its name and it broke a check, the runs
    that the findings rest on; else none. ``untried`` says that schedules were left out, and why;
    ``unconfirmed`` is for whoever works on the grader. ``places``: how many there are at which
    processes can meet; None where they were not counted. ``fell_back`` says in a clause why the
    kernel was not the witness, where it would have been.
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
    fell_back: Text | None = None
    places: Places | None = None

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
    def witness(self) -> Witness | None:
        """Whose word it rests on; None without a run."""
        return self.runs[0].witness if self.runs else None

    @property
    def is_self_check(self) -> bool:
        """It rests on the script's own word."""
        return self.witness is Witness.SCRIPT

    @property
    def possible(self) -> float:
        """The points of all checks."""
        return sum(judgement.check.points for judgement in self.judgements)

    @property
    def unjudged(self) -> tuple[Judgement, ...]:
        """The counted checks that could not be judged; where there are any, there is no score."""
        return tuple(
            judgement
            for judgement in self.judgements
            if judgement.finding.status is Status.INCONCLUSIVE and not judgement.is_advice
        )

    @property
    def not_judged(self) -> int:
        """How many checks could not be judged, with those that are advice."""
        return sum(each.finding.status is Status.INCONCLUSIVE for each in self.judgements)

    @property
    def judged(self) -> float:
        """The points of the checks that could be judged."""
        return self.possible - sum(judgement.check.points for judgement in self.unjudged)

    @property
    def points(self) -> float:
        """The points scored by the checks that could be judged."""
        return sum(judgement.points for judgement in self.judgements)

    @property
    def is_settled(self) -> bool:
        """Whether grading it again could tell no more: what is not judged can never be on the
        script's own word.
        """
        return not self.unjudged or (
            self.is_self_check
            and all(
                evidence_for(each.check, self.exercise).belief is Belief.NOT_JUDGED
                for each in self.unjudged
            )
        )

    @property
    def score(self) -> float | None:
        """The points scored, or None where not all could be judged."""
        return None if self.unjudged else self.points

    @property
    def passed(self) -> bool | None:
        """Every counted check passed; False where one did not, and None where none failed but some
        could not be judged.
        """
        found = {each.finding.status for each in self.judgements if not each.is_advice}
        if found - {Status.PASSED, Status.INCONCLUSIVE}:
            return False
        return None if Status.INCONCLUSIVE in found else True
