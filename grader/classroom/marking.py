"""Grades what was found, keeps each result as it comes, and collects them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.classroom.course import Course, CourseExercise
from grader.classroom.crew import Crew
from grader.classroom.discover import Found, Place
from grader.classroom.fingerprint import of_file, of_result
from grader.classroom.model import (
    NOT_GRADED,
    ChangedMark,
    ClassResults,
    ExerciseOfClass,
    HandIn,
    Override,
    Result,
)
from grader.classroom.overrides import Overrides
from grader.classroom.pages import Pages, PageWriter
from grader.classroom.store import Mark, Store, Stored
from grader.classroom.task import (
    Answer,
    Broke,
    Graded,
    Judged,
    Refused,
    Task,
    WrongExercise,
    in_all_languages,
)
from grader.messages import Language, Localized, Text, say
from grader.options import Options

_REFUSALS = 3
"""So many submissions that cannot be run, and none that can, are no accident."""


class CannotGradeError(Exception):
    """Nothing can be graded here. ``reason`` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.in_language("en"))
        self.reason = reason


class WrongExerciseError(Exception):
    """An exercise asks for a check that cannot be used; the text says which."""


@dataclass(frozen=True)
class Wanted:
    """A hand-in that is graded, and what its result depends on."""

    hand_in: HandIn
    exercise: CourseExercise
    key: str

    @property
    def sha256(self) -> str:
        return self.hand_in.submission.sha256


class Listener:
    """Is told how the grading goes on. Does nothing by itself."""

    def begins(self, total: int, kept: int) -> None:
        """So many are wanted, and of those so many were graded before."""

    def graded(self, hand_in: HandIn, answer: Answer) -> None:
        """One has an answer."""

    def tick(self) -> None:
        """Time goes by."""


@dataclass(frozen=True)
class Manner:
    """How a class is graded. ``reports`` is the folder for everybody's report."""

    options: Options
    language: Language
    reports: Path
    crew: Callable[[Store, bool], AbstractContextManager[Crew]]
    """Makes a crew; told whether each of its workers keeps to one processor."""
    listener: Listener = field(default_factory=Listener)


class Marking:
    """The grading of one class.

    Raises:
        OSError: an exercise file cannot be read any more.
    """

    def __init__(
        self, course: Course, found: Found, overrides: Overrides, store: Store, manner: Manner
    ) -> None:
        self._found = found
        self._store = store
        self._manner = manner
        self._overrides = overrides.marks
        self._exercises = {each.exercise.id: each for each in course.exercises}
        self._hashes = {name: of_file(each.file) for name, each in self._exercises.items()}
        self._wanted = [self._want(one) for one in found.hand_ins]
        pages = Pages(manner.reports, (wanted.hand_in for wanted in self._wanted))
        self._pages = PageWriter(pages, store, manner.language)
        self._unkept: dict[str, Graded | Localized] = {}
        """What has no score, or why there is nothing at all, by fingerprint."""
        self._refusals = 0
        self._could_grade = False
        """Whether the machine lets any be graded: then one that it refuses is an accident."""

    def _want(self, hand_in: HandIn) -> Wanted:
        exercise = self._exercises[hand_in.exercise]
        options, language = self._manner.options, self._manner.language
        exercise_hash = self._hashes[hand_in.exercise]
        key = of_result(exercise_hash, hand_in.submission, options, language)
        return Wanted(hand_in, exercise, key)

    def grade_all(self) -> None:
        """Grade what has no result. Exercises about speed have the machine for themselves.

        Raises:
            CannotGradeError: nothing can be run on this machine, or the cluster went away.
            WrongExerciseError: an exercise cannot be used.
            OSError: a report cannot be written.
        """
        missing: dict[str, Wanted] = {}
        for wanted in self._wanted:
            if not self._store.has(wanted.key):
                missing.setdefault(wanted.key, wanted)
        keys = {wanted.key for wanted in self._wanted}
        self._manner.listener.begins(len(keys), len(keys) - len(missing))
        for real in (False, True):
            together = [one for one in missing.values() if self._is_real(one) == real]
            if together:
                with self._manner.crew(self._store, not real) as crew:
                    self._grade(together, crew)

    @property
    def kept(self) -> tuple[int, int]:
        """How many results are kept, and how many there are to be."""
        keys = {wanted.key for wanted in self._wanted}
        return sum(map(self._store.has, keys)), len(keys)

    def _is_real(self, wanted: Wanted) -> bool:
        return (self._manner.options.clock or wanted.exercise.exercise.run.clock) == "real"

    def _grade(self, missing: Sequence[Wanted], crew: Crew) -> None:
        for coming in crew.answers(self._tasks(missing)):
            if coming is None:
                self._manner.listener.tick()
                continue
            task, answer = coming
            wanted = missing[task.number]
            self._keep(wanted, answer)
            self._manner.listener.graded(wanted.hand_in, answer)

    def _tasks(self, missing: Iterable[Wanted]) -> Iterator[Task]:
        options, language = self._manner.options, self._manner.language
        for number, wanted in enumerate(missing):
            exercise = wanted.exercise.exercise
            yield Task(number, exercise, wanted.hand_in.submission, options, language)

    def _keep(self, wanted: Wanted, answer: Answer) -> None:
        """
        Raises:
            CannotGradeError: one after the other cannot be run, and none could.
            WrongExerciseError: the exercise cannot be used.
        """
        hand_in = wanted.hand_in
        if isinstance(answer, WrongExercise):
            raise WrongExerciseError(answer.problem)
        if isinstance(answer, Graded):
            self._could_grade = True
            student, file = hand_in.student.id, hand_in.file
            self._store.put(hand_in.exercise, student, file, wanted.key, answer)
            if answer.score is None:
                self._unkept[wanted.key] = answer
            self._pages.write(hand_in, wanted.key, answer.report, self._override(hand_in))
            return
        if isinstance(answer, Refused):
            self._refusals += 1
            if self._refusals >= _REFUSALS and not self._could_grade:
                raise CannotGradeError(answer.reason)
            self._unkept[wanted.key] = answer.reason
        else:
            self._unkept[wanted.key] = in_all_languages(_broke(answer))

    def _override(self, hand_in: HandIn) -> Override | None:
        return self._overrides.get((hand_in.student.id, hand_in.exercise))

    def results(self, place: Place) -> ClassResults:
        """Everything together.

        Raises:
            OSError: a report cannot be written.
        """
        results = tuple(self._result(wanted) for wanted in self._wanted)
        return ClassResults(
            place.folder,
            self._found.platform.name,
            tuple(_of_class(each) for each in self._exercises.values()),
            results,
            self._found.unmatched,
            tuple(early for wanted in self._wanted for early in wanted.hand_in.earlier),
            tuple(self._changed(results)),
        )

    def accept(self, results: ClassResults) -> None:
        """The marks are told: the next grading is compared with them."""
        self._store.set_marks(
            {
                (result.exercise, result.student.id): self._mark(result)
                for result in results.results
                if result.is_settled
            }
        )

    def _changed(self, results: Iterable[Result]) -> Iterator[ChangedMark]:
        before = self._store.marks()
        for result in results:
            old = before.get((result.exercise, result.student.id))
            if old is not None and result.is_settled and old.mark != result.mark:
                why = _why(old, self._mark(result))
                yield ChangedMark(result.student, result.exercise, old.mark, result.mark, why)

    def _mark(self, result: Result) -> Mark:
        reason = None if result.override is None else result.override.reason
        return Mark(result.mark, self._hashes[result.exercise], result.sha256, reason)

    def _result(self, wanted: Wanted) -> Result:
        hand_in, override = wanted.hand_in, self._override(wanted.hand_in)
        unkept = self._unkept.get(wanted.key)
        found = self._store.get(wanted.key) or _not_kept(unkept, wanted.exercise)
        judged = found.judged
        packed = unkept.report if isinstance(unkept, Graded) else None
        return Result(
            hand_in.student,
            hand_in.exercise,
            hand_in.file,
            hand_in.place,
            hand_in.attempt,
            len(hand_in.earlier) + 1,
            hand_in.submitted_at,
            hand_in.late,
            judged.score,
            judged.possible,
            judged.passed,
            judged.outcome,
            judged.checks,
            judged.note,
            self._pages.write(hand_in, wanted.key, packed, override),
            hand_in.submission,
            wanted.sha256,
            found.graded_at,
            override,
        )


def _not_kept(found: Graded | Localized | None, exercise: CourseExercise) -> Stored:
    """A result without a score, which is made anew the next time."""
    if isinstance(found, Graded):
        judged: Judged = found
    else:
        judged = Judged(None, _possible(exercise), False, NOT_GRADED, (), found)
    return Stored(judged, datetime.now().astimezone())


def _broke(answer: Broke) -> Text:
    return say(
        "The grader broke down over this script; it was not judged. Grade the class again, and if "
        "it happens again, please report it: {error}",
        error=answer.report.strip().splitlines()[-1],
    )


def _possible(exercise: CourseExercise) -> float:
    return sum(check.points for check in exercise.exercise.checks)


def _of_class(each: CourseExercise) -> ExerciseOfClass:
    exercise = each.exercise
    checks = tuple(check.id for check in exercise.checks)
    return ExerciseOfClass(exercise.id, exercise.title, _possible(each), checks)


def _why(old: Mark, new: Mark) -> Text:
    """Why a mark is another than before."""
    if old.override != new.override or new.override is not None:
        return say("by the teacher's hand")
    if old.submission_hash != new.submission_hash:
        return say("another program was handed in")
    if old.exercise_hash != new.exercise_hash:
        return say("the exercise was changed")
    return say("the grader, the Python or its options are others")
