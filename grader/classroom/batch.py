"""Grades a class, from the names on the command line to the exit status.

`grade_batch` is all that the `grade` command needs of this room.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from grader.classroom.course import Course, expression, load_course
from grader.classroom.crew import Crew, LocalCrew
from grader.classroom.discover import Found, Place, find_hand_ins, place_of
from grader.classroom.display import Display, Summary
from grader.classroom.marking import CannotGradeError, Manner, Marking, WrongExerciseError
from grader.classroom.model import ClassResults
from grader.classroom.overrides import Overrides, applied, read_overrides
from grader.classroom.store import Store, StoreError, open_store
from grader.classroom.times import time_of
from grader.classroom.watching import changes
from grader.exercise import ExerciseError
from grader.exit_status import ExitStatus, UserError
from grader.messages import Language, say
from grader.options import Options
from grader.report.escaping import one_line


class BatchError(UserError):
    """The class cannot be graded. ``status`` is ``WRONG_CALL`` or ``CANNOT_WORK``."""


@dataclass(frozen=True)
class Batch:
    """What the command line asks for."""

    spec: Path
    """An exercise file, a folder of them, or a ``course.yaml``."""
    given: tuple[Path, ...]
    """A folder of submissions, or zip files, or scripts."""
    options: Options
    language: Language
    students: str | None = None
    """An expression that finds in a path whose it is."""
    deadline: str | None = None
    fresh: bool = False
    """Forget all results first."""
    strict: bool = False
    """Status 1 if anybody did not pass."""
    watch: bool = False
    """Go on, and grade what changes."""
    cluster: str | None = None
    """The address of a scheduler of dask.distributed."""
    jobs: int | None = None
    """How many at a time; None: as there are processors."""
    reports: Path = Path("reports")
    """The folder for everybody's report and the gradebook."""
    json: Path | None = None
    """A file for the results as JSON, a line each."""
    own: tuple[Path, ...] = ()
    """Files of the teacher's: if they lie among the submissions, they are none."""
    amount: Literal["quiet", "normal", "verbose"] = "normal"


Writer = Callable[[ClassResults, Batch], Sequence[Path]]
"""Writes results in some format; what it wrote.

Raises OSError where it cannot."""


def grade_batch(batch: Batch, writers: Sequence[Writer] = ()) -> ExitStatus:
    """Grade a class, say what came out, and write it. The exit status.

    Args:
        batch: what is asked for.
        writers: are given the results when everything is graded.

    Raises:
        BatchError: it cannot be graded.
        grader.exercise.ExerciseError: an exercise, ``course.yaml`` or ``overrides.csv`` is wrong.
    """
    place = _place(batch.given)
    try:
        with open_store(place.own) as store:
            if batch.fresh:
                store.forget_results()
            round_ = _Round(batch, place, store, writers)
            return _watch(batch, place, round_) if batch.watch else round_.grade()
    except StoreError as error:
        raise BatchError(error.reason, ExitStatus.CANNOT_WORK) from error


def _place(given: Sequence[Path]) -> Place:
    """
    Raises:
        BatchError: there is no such file or folder.
    """
    for path in given:
        if not path.exists():
            problem = say("There is no file or folder {path}.", path=str(path))
            raise BatchError(problem, ExitStatus.WRONG_CALL)
    return place_of(given)


class _Round:
    """One grading of everything that is there, as often as it is wanted."""

    def __init__(self, batch: Batch, place: Place, store: Store, writers: Sequence[Writer]) -> None:
        self._batch = batch
        self._place = place
        self._store = store
        self._writers = writers
        self._summary = Summary(Console(), batch.language)
        own = (batch.reports, *batch.own, *([] if batch.json is None else [batch.json]))
        self.own_files = frozenset(path.resolve() for path in own)
        """What nobody handed in, though it may lie among what was."""

    def grade(self) -> ExitStatus:
        """
        Raises:
            BatchError: nothing can be graded.
            ExerciseError: an exercise, ``course.yaml`` or ``overrides.csv`` is wrong.
        """
        course = load_course(self._batch.spec)
        found = self._find(course)
        overrides = self._overrides(course, found)
        for unused in overrides.unused:
            self._summary.say(unused, "yellow")
        with Display(Console(stderr=True), self._batch.language) as display:
            options = replace(self._batch.options, at_once=1)  # the submissions are many enough
            manner = Manner(options, self._batch.language, self._batch.reports, self._crew, display)
            marking = None
            try:
                marking = Marking(course, found, overrides, self._store, manner)
                marking.grade_all()
                results = marking.results(self._place)
            except KeyboardInterrupt:
                if marking is None:
                    raise
                return self._stopped(marking)
            except CannotGradeError as error:
                raise BatchError(error.reason, ExitStatus.CANNOT_WORK) from error
            except WrongExerciseError as error:
                problem = say("The exercise cannot be used: {problem}", problem=str(error))
                raise BatchError(problem, ExitStatus.WRONG_CALL) from error
            except OSError as error:
                raise _cannot_write(error) from error
        try:
            return self._tell(marking, results)
        except KeyboardInterrupt:
            return self._stopped(marking)

    def _overrides(self, course: Course, found: Found) -> Overrides:
        """
        Raises:
            ExerciseError: ``overrides.csv`` is wrong.
        """
        path = self._place.overrides
        if not path.is_symlink() and not path.exists():
            return Overrides({})
        if found.is_ones_own:
            ignored = say(
                "{file} is not used: all that is in {folder} is one student's, and so may that be. "
                "Marks by hand stand in the folder of a class.",
                file=path.name,
                folder=str(self._batch.given[0]),
            )
            return Overrides({}, (ignored,))
        students = dict.fromkeys(one.student for one in found.hand_ins)
        exercises = [each.exercise.id for each in course.exercises]
        return applied(path, read_overrides(path), students, exercises)

    def _find(self, course: Course) -> Found:
        """
        Raises:
            BatchError: a folder cannot be read, an option is wrong, or nothing was handed in.
        """
        deadline = time_of(self._batch.deadline)
        if self._batch.deadline is not None and deadline is None:
            problem = say(
                "--deadline takes a day and time such as '2026-03-31 23:59', not {given}.",
                given=self._batch.deadline,
            )
            raise BatchError(problem, ExitStatus.WRONG_CALL)
        try:
            students = None if self._batch.students is None else expression(self._batch.students)
        except ValueError as error:
            problem = say("--students: {problem}", problem=str(error))
            raise BatchError(problem, ExitStatus.WRONG_CALL) from error
        try:
            found = find_hand_ins(
                self._place, course, students=students, deadline=deadline, own=self.own_files
            )
        except OSError as error:
            problem = say(
                "{path} cannot be read: {reason}.",
                path=str(error.filename or self._place.folder),
                reason=str(error.strerror or error),
            )
            raise BatchError(problem, ExitStatus.CANNOT_WORK) from error
        if not found.hand_ins and not any(one.exercise for one in found.unmatched):
            for one in found.unmatched:
                self._summary.say(say("{file}: {reason}", file=one.file, reason=one.reason))
            problem = say(
                "There is nothing to grade in {folder}.", folder=str(self._batch.given[0])
            )
            raise BatchError(problem, ExitStatus.WRONG_CALL)
        return found

    def _crew(self, store: Store, pinned: bool) -> AbstractContextManager[Crew]:
        if self._batch.cluster is not None:
            from grader.classroom.cluster import ClusterCrew

            return ClusterCrew(self._batch.cluster, pinned=pinned)
        jobs = self._batch.jobs or len(os.sched_getaffinity(0))
        return LocalCrew(jobs if pinned else 1, pinned=pinned, scratch=str(store.scratch))

    def _stopped(self, marking: Marking) -> ExitStatus:
        done, total = marking.kept
        self._summary.say(
            say(
                "Stopped. {done} of {total} are graded and kept: the same command goes on from "
                "there.",
                done=done,
                total=total,
            )
        )
        return ExitStatus.INTERRUPTED

    def _tell(self, marking: Marking, results: ClassResults) -> ExitStatus:
        """
        Raises:
            BatchError: something cannot be written.
        """
        if self._batch.amount != "quiet":
            self._summary.tell(results, every_mark=self._batch.amount == "verbose")
        try:
            written = [path for write in self._writers for path in write(results, self._batch)]
        except OSError as error:
            raise _cannot_write(error) from error
        for path in written:
            click.echo(one_line(str(path)))
        marking.accept(results)
        if results.unsettled:
            return ExitStatus.CANNOT_WORK
        if self._batch.strict and not all(result.passed for result in results.results):
            return ExitStatus.NOT_PASSED
        return ExitStatus.ALL_GRADED


def _cannot_write(error: OSError) -> BatchError:
    problem = say(
        "{path} cannot be written: {reason}. Everything that was graded is kept: name another "
        "place (the reports' with -o), and grade again.",
        path=str(error.filename or ""),
        reason=str(error.strerror or error),
    )
    return BatchError(problem, ExitStatus.CANNOT_WORK)


def _watch(batch: Batch, place: Place, round_: _Round) -> ExitStatus:
    """Grade everything, and again whatever changes, until somebody stops it.

    Raises:
        BatchError: watchfiles is not installed.
    """
    status = ExitStatus.ALL_GRADED
    summary = Summary(Console(), batch.language)
    exercises = batch.spec if batch.spec.is_dir() else batch.spec.parent
    watched = (*place.given, exercises.resolve())
    try:
        for _ in changes(watched, lambda: {place.own, *round_.own_files}):
            status = _graded_once_more(batch, round_)
            if status == ExitStatus.INTERRUPTED:
                break
            summary.say(say("Watching {folder}. Control-C ends it.", folder=str(batch.given[0])))
    except KeyboardInterrupt:
        pass  # it came between two looks: that is how watching ends
    except ImportError as error:
        problem = say("--watch needs a package: pip install 'grader[class]'")
        raise BatchError(problem, ExitStatus.CANNOT_WORK) from error
    return status


def _graded_once_more(batch: Batch, round_: _Round) -> ExitStatus:
    """The exit status of a grading; what is wrong is told and waited for."""
    try:
        return round_.grade()
    except ExerciseError as error:
        click.echo(str(error), err=True)
        return ExitStatus.WRONG_CALL
    except BatchError as error:
        click.echo(one_line(error.problem.in_language(batch.language)), err=True)
        return error.status
