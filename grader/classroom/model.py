"""A class: who handed in what, and what it was given. Frozen data; everything else is done to it.

Scores are points of the exercise. Times are aware datetimes where the platform says a zone, else
in the zone of this machine. Paths in ``file`` are relative to the folder of submissions, with
``/`` between their parts; what is inside a zip file goes on after its name, as in
``week3.zip/zhang/join.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.checks import Status
from grader.messages import Localized, Text, plural, say
from grader.submission import Submission
from grader.trace import Witness

NOT_GRADED = "not-graded"
"""The outcome of a hand-in that the grader could not judge at all: it is to be graded again."""


@dataclass(frozen=True, slots=True)
class Student:
    """``id`` is the platform's own where it has one (Moodle: the participant's number, Canvas:
    the user's), else what stands in the name of the folder or file. Unique in a class.
    """

    id: str
    name: str
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What one student handed in for one exercise at one time.

    ``place`` is the name that the platform gave the student's folder, or the beginning of the
    name of a file that stands alone: Moodle takes feedback back under it. ``late`` is None
    where nothing is known about the time.
    """

    student: Student
    exercise: str
    file: str
    place: str = ""
    attempt: int = 1
    submitted_at: datetime | None = None
    late: bool | None = None


@dataclass(frozen=True, kw_only=True)
class HandIn(Attempt):
    """The attempt that counts, read. ``earlier`` are those that it replaces, the latest first."""

    submission: Submission = field(repr=False)
    earlier: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A file or folder that answers no exercise, and why."""

    file: str
    reason: Text
    student: Student | None = None
    """Whose it is, where that is known."""
    exercise: str = ""
    """What it would answer, if it could be read."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found. Texts are in both languages.

    ``mistake`` is the same for the same finding whatever names, lines and times it was filled
    with: equal ones are one cluster. It is empty on a pass. ``recognized`` is its id in
    ``docs/mistakes.md``, where it is one of those. ``line`` counts from 1 in the file
    ``line_file`` of the submission.
    """

    id: str
    status: Status
    points: float
    possible: float
    expected: Localized
    happened: Localized | None = None
    why: Localized | None = None
    next: Localized | None = None
    line: int | None = None
    line_file: str | None = None
    schedule: str | None = None
    cause: str | None = None
    mistake: str = ""
    hint: Localized | None = None
    recognized: str | None = None

    @property
    def is_advice(self) -> bool:
        """Shown, never counted."""
        return self.possible == 0

    @property
    def explanation(self) -> tuple[Text, ...]:
        """What a student reads below the claim: seen, why, the next step, the hint."""
        hint = None if self.hint is None else say("Hint: {hint}", hint=self.hint)
        texts = (self.happened, self.why, self.next, hint)
        return tuple(text for text in texts if text is not None)


@dataclass(frozen=True, slots=True)
class Override:
    """A mark that the teacher gave by hand, and why. It stands whatever the grader finds."""

    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """What one student has for one exercise.

    ``score``, ``passed``, ``outcome`` and ``checks`` are what the grader found; ``mark`` is what
    counts. ``score`` is None where the grader could not judge: never to be taken for a 0.
    ``outcome`` is a `grader.trace.Outcome`'s value or `NOT_GRADED`. ``note`` says what the whole
    needs said. ``report`` is None where no report could be made. ``witness`` is whose word it rests
    on, the value of a `grader.trace.Witness`; None where nothing was run.

    Where the script's own word can never decide some checks, ``score`` and ``possible`` are of the
    others, and ``passed`` is None where none of those failed.
    """

    student: Student
    exercise: str
    file: str
    place: str
    attempt: int
    attempts: int
    """How many there are of this student for this exercise."""
    submitted_at: datetime | None
    late: bool | None
    score: float | None
    possible: float
    passed: bool | None
    outcome: str
    checks: tuple[CheckResult, ...]
    note: Localized | None
    report: Path | None
    submission: Submission = field(repr=False)
    sha256: str
    graded_at: datetime
    override: Override | None = None
    witness: str | None = None

    @property
    def mark(self) -> float | None:
        """What counts: the teacher's word, else the score."""
        return self.score if self.override is None else self.override.score

    @property
    def is_settled(self) -> bool:
        """There is a mark: nothing is left to be graded again."""
        return self.mark is not None

    @property
    def unjudged(self) -> tuple[CheckResult, ...]:
        """The checks that count and could not be judged."""
        return tuple(
            each
            for each in self.checks
            if each.status is Status.INCONCLUSIVE and not each.is_advice
        )

    @property
    def in_part(self) -> Text | None:
        """That the score is of some checks only; None where it is of all, or there is none."""
        if self.score is None or not self.unjudged:
            return None
        return plural(
            "{count} check, worth {rest}, could not be judged on the script's own word.",
            "{count} checks, worth {rest}, could not be judged on the script's own word.",
            sum(each.status is Status.INCONCLUSIVE for each in self.checks),
            rest=f"{sum(each.possible for each in self.unjudged):g}",
        )

    @property
    def remark(self) -> Localized | None:
        """What the whole needs said; where there is no score, why."""
        if self.note is not None or self.score is not None:
            return self.note
        return next((each.happened for each in self.unjudged), None)

    @property
    def is_beyond_the_script(self) -> bool:
        """No check can be judged on the script's own word: to grade it again is no help."""
        return self.score is None and bool(self.unjudged) and not self.possible


@dataclass(frozen=True, slots=True)
class ExerciseOfClass:
    """An exercise as a class is graded by it. ``checks`` are the ids of its checks, in order."""

    id: str
    title: Text
    possible: float
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedMark:
    """A mark that is another than when this folder was last graded to the end, and why."""

    student: Student
    exercise: str
    old: float | None
    new: float | None
    reason: Text


@dataclass(frozen=True, slots=True)
class ClassResults:
    """Everything about one grading of a class, ordered by student's name and exercise.

    ``platform`` is the name of where the submissions come from. ``results`` has one a student and
    exercise that was handed in. ``earlier`` are attempts that were replaced, ``unmatched`` what
    answers no exercise.
    """

    folder: Path
    platform: str
    exercises: tuple[ExerciseOfClass, ...]
    results: tuple[Result, ...]
    unmatched: tuple[Unmatched, ...] = ()
    earlier: tuple[Attempt, ...] = ()
    changed: tuple[ChangedMark, ...] = ()

    @property
    def students(self) -> tuple[Student, ...]:
        """All who handed in anything, in the order of the results."""
        of_results = dict.fromkeys(result.student for result in self.results)
        others = dict.fromkeys(one.student for one in self.unmatched if one.student)
        return tuple(of_results | others)

    @property
    def missing(self) -> tuple[tuple[Student, ExerciseOfClass], ...]:
        """Who has no answer to what."""
        there = {(result.student, result.exercise) for result in self.results}
        return tuple(
            (student, exercise)
            for student in self.students
            for exercise in self.exercises
            if (student, exercise.id) not in there
        )

    @property
    def by_script(self) -> bool:
        """Whether some result rests on the script's own word."""
        return any(result.witness == Witness.SCRIPT.value for result in self.results)

    @property
    def unsettled(self) -> tuple[Result, ...]:
        """What has no mark, and is to be graded again."""
        return tuple(result for result in self.results if not result.is_settled)
