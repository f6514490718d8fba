"""Grades what was found, keeps each result as it comes, and collects them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime

from grader.classroom.batch.config import BatchConfig
from grader.classroom.batch.fingerprint import of_exercise, of_result
from grader.classroom.batch.job import (
    Crashed,
    Graded,
    Job,
    JobResult,
    Judged,
    NotRun,
    WrongExercise,
    in_all_languages,
)
from grader.classroom.batch.reports import ReportFiles
from grader.classroom.batch.store import Mark, Store, Stored
from grader.classroom.batch.workers import WorkerPool
from grader.classroom.course import Course, CourseExercise
from grader.classroom.discover import Found, Place
from grader.classroom.model import (
    NOT_GRADED,
    ChangedMark,
    ClassResults,
    ExerciseOfClass,
    HandIn,
    Override,
    Result,
)
from grader.exit_status import ExitStatus, UserError
from grader.messages import Localized, Text, say

_NOT_RUN = 3
"""So many submissions that cannot be run, and none that can, are no accident."""


class Listener:
    """Is notified how the grading goes on. Does nothing by itself."""

    def begins(self, total: int, kept: int) -> None:
        """So many are to be graded, and of those so many were before."""

    def graded(self, hand_in: HandIn, result: JobResult) -> None:
        """One has a result."""

    def tick(self) -> None:
        """Time goes by."""


class ClassGrading:
    """The grading of one class.

    Args:
        course: by which exercises.
        found: what was handed in.
        overrides: the teacher's marks, by student's id and exercise.
        store: where results are kept.
        config: how it is graded.

    Raises:
        OSError: an exercise file cannot be read any more.
    """

    def __init__(
        self,
        course: Course,
        found: Found,
        overrides: Mapping[tuple[str, str], Override],
        store: Store,
        config: BatchConfig,
    ) -> None:
        self._found = found
        self._store = store
        self._config = config
        self._overrides = overrides
        self._exercises = {each.exercise.id: each for each in course.exercises}
        self._hashes = {
            name: of_exercise(each.file, each.exercise) for name, each in self._exercises.items()
        }
        self._keys = [
            of_result(self._hashes[one.exercise], one.submission, config.options, config.language)
            for one in found.hand_ins
        ]
        """The fingerprint of each result that is wanted: equal ones are graded once."""
        self._reports = ReportFiles(config.reports, found.hand_ins, store, config.language)
        self._uncached: dict[str, Graded | Localized] = {}
        """What has no score, or why there is no result at all, by fingerprint."""
        self._not_run = 0
        self._could_run = False
        """Whether any could be run: then one that cannot is an accident."""

    def grade_all(
        self,
        pool: Callable[[bool], AbstractContextManager[WorkerPool]],
        listener: Listener | None = None,
    ) -> None:
        """Grade what has no result. Exercises about speed have the machine for themselves.

        Args:
            pool: makes workers; its argument is whether each keeps to one processor.
            listener: is notified of every result.

        Raises:
            UserError: nothing can be run on this machine, the cluster went away, or an exercise
                cannot be used.
            OSError: a report cannot be written.
        """
        listener = listener or Listener()
        missing: dict[str, HandIn] = {}
        for key, hand_in in zip(self._keys, self._found.hand_ins, strict=True):
            if not self._store.has(key):
                missing.setdefault(key, hand_in)
        total = len(set(self._keys))
        listener.begins(total, total - len(missing))
        real_time = {
            name
            for name, each in self._exercises.items()
            if (self._config.options.clock or each.exercise.run.clock) == "real"
        }
        for real in (False, True):
            together = {
                key: one for key, one in missing.items() if (one.exercise in real_time) == real
            }
            if together:
                with pool(not real) as workers:
                    self._grade(together, workers, listener)

    @property
    def kept(self) -> tuple[int, int]:
        """How many results are kept, and how many there are to be."""
        keys = set(self._keys)
        return sum(map(self._store.has, keys)), len(keys)

    def _grade(
        self, missing: Mapping[str, HandIn], workers: WorkerPool, listener: Listener
    ) -> None:
        for coming in workers.results(self._jobs(missing)):
            if coming is None:
                listener.tick()
                continue
            job, result = coming
            hand_in = missing[job.key]
            self._keep(hand_in, job.key, result)
            listener.graded(hand_in, result)

    def _jobs(self, missing: Mapping[str, HandIn]) -> Iterator[Job]:
        options, language = self._config.options, self._config.language
        for key, hand_in in missing.items():
            exercise = self._exercises[hand_in.exercise].exercise
            yield Job(key, exercise, hand_in.submission, options, language)

    def _keep(self, hand_in: HandIn, key: str, result: JobResult) -> None:
        """
        Raises:
            UserError: one after the other cannot be run, and none could; or the exercise cannot be
                used.
        """
        if isinstance(result, WrongExercise):
            raise UserError(say("The exercise cannot be used: {problem}", problem=result.problem))
        if isinstance(result, Graded):
            self._could_run = True
            self._store.put(hand_in.exercise, hand_in.student.id, hand_in.file, key, result)
            if result.score is None:
                self._uncached[key] = result
            self._reports.write(hand_in, key, result.report, self._override(hand_in))
        elif isinstance(result, NotRun):
            self._not_run += 1
            if self._not_run >= _NOT_RUN and not self._could_run:
                raise UserError(result.reason, ExitStatus.CANNOT_WORK)
            self._uncached[key] = result.reason
        else:
            self._uncached[key] = in_all_languages(_crashed(result))

    def _override(self, hand_in: HandIn) -> Override | None:
        return self._overrides.get((hand_in.student.id, hand_in.exercise))

    def results(self, place: Place) -> ClassResults:
        """Everything together.

        Raises:
            OSError: a report cannot be written.
        """
        hand_ins = self._found.hand_ins
        results = tuple(
            self._result(key, hand_in) for key, hand_in in zip(self._keys, hand_ins, strict=True)
        )
        exercises = tuple(
            ExerciseOfClass(
                each.exercise.id,
                each.exercise.title,
                _possible(each),
                tuple(check.id for check in each.exercise.checks),
            )
            for each in self._exercises.values()
        )
        return ClassResults(
            place.folder,
            self._found.platform.name,
            exercises,
            results,
            self._found.unmatched,
            tuple(early for hand_in in hand_ins for early in hand_in.earlier),
            tuple(self._changed(results)),
        )

    def accept(self, results: ClassResults) -> None:
        """The marks were reported: the next grading is compared with them."""
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

    def _result(self, key: str, hand_in: HandIn) -> Result:
        override = self._override(hand_in)
        uncached = self._uncached.get(key)
        exercise = self._exercises[hand_in.exercise]
        found = self._store.get(key) or _without_score(uncached, exercise)
        packed = uncached.report if isinstance(uncached, Graded) else None
        return Result(
            student=hand_in.student,
            exercise=hand_in.exercise,
            file=hand_in.file,
            place=hand_in.place,
            attempt=hand_in.attempt,
            attempts=len(hand_in.earlier) + 1,
            submitted_at=hand_in.submitted_at,
            late=hand_in.late,
            score=found.judged.score,
            possible=found.judged.possible if override is None else _possible(exercise),
            passed=found.judged.passed,
            outcome=found.judged.outcome,
            checks=found.judged.checks,
            note=found.judged.note,
            report=self._reports.write(hand_in, key, packed, override),
            submission=hand_in.submission,
            sha256=hand_in.submission.sha256,
            graded_at=found.graded_at,
            override=override,
            witness=found.judged.witness,
        )


def _without_score(found: Graded | Localized | None, exercise: CourseExercise) -> Stored:
    """A result without a score, which is made anew the next time."""
    if isinstance(found, Graded):
        judged: Judged = found
    else:
        judged = Judged(None, _possible(exercise), False, NOT_GRADED, (), found)
    return Stored(judged, datetime.now().astimezone())


def _crashed(result: Crashed) -> Text:
    return say(
        "The grader failed on this script, which was not judged. Grade the class again, and if it "
        "happens again, please report it: {error}",
        error=result.report.strip().splitlines()[-1],
    )


def _possible(exercise: CourseExercise) -> float:
    return sum(check.points for check in exercise.exercise.checks)


def _why(old: Mark, new: Mark) -> Text:
    """Why a mark is another than before."""
    if old.override != new.override or new.override is not None:
        return say("by the teacher's hand")
    if old.submission_hash != new.submission_hash:
        return say("another program was handed in")
    if old.exercise_hash != new.exercise_hash:
        return say("the exercise was changed")
    return say("the grader, the Python or the options have changed")
