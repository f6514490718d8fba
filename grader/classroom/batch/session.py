"""Grades a class, from the names on the command line to the exit status."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

import click
from rich.console import Console

from grader.classroom.batch.config import BatchConfig, Writer
from grader.classroom.batch.grading import ClassGrading
from grader.classroom.batch.overrides import Overrides, applied, read_overrides
from grader.classroom.batch.progress import ProgressDisplay
from grader.classroom.batch.store import Store, open_store
from grader.classroom.batch.summary import Summary
from grader.classroom.batch.watching import changes
from grader.classroom.batch.workers import LocalPool, WorkerPool
from grader.classroom.course import Course, expression, load_course
from grader.classroom.discover import Found, Place, find_hand_ins, place_of
from grader.classroom.model import ClassResults
from grader.classroom.times import time_of
from grader.exercise import ExerciseError
from grader.exit_status import ExitStatus, UserError
from grader.messages import say
from grader.report.escaping import one_line


def grade_batch(config: BatchConfig, writers: Sequence[Writer] = ()) -> ExitStatus:
    """Grade a class, print what came out, and write it. Returns the exit status.

    Args:
        config: what is asked for.
        writers: are given the results when everything is graded.

    Raises:
        UserError: it cannot be graded.
        grader.exercise.ExerciseError: an exercise, ``course.yaml`` or ``overrides.csv`` is wrong.
    """
    for path in config.given:
        if not path.exists():
            raise UserError(say("There is no file or folder {path}.", path=str(path)))
    if config.options.witness == "auto":  # a class is never graded on the script's word unasked
        config = replace(config, options=replace(config.options, witness="kernel"))
    elif config.options.witness == "script":  # which knows no other clock
        config = replace(config, options=replace(config.options, clock="real"))
    place = place_of(config.given)
    with open_store(place.own) as store:
        if config.fresh:
            store.forget_results()
        session = _Session(config, place, store, writers)
        return session.watch() if config.watch else session.grade()


class _Session:
    """The grading of everything that is there, as often as it is wanted."""

    def __init__(
        self, config: BatchConfig, place: Place, store: Store, writers: Sequence[Writer]
    ) -> None:
        self._config = config
        self._place = place
        self._store = store
        self._writers = writers
        self._summary = Summary(Console(), config.language)
        own = (config.reports, *config.own, *([] if config.json is None else [config.json]))
        self._own_files = frozenset(path.resolve() for path in own)
        """Files that are no hand-ins, though they may lie among them."""

    def grade(self) -> ExitStatus:
        """Grade everything that has no result yet.

        Raises:
            UserError: nothing can be graded.
            ExerciseError: an exercise, ``course.yaml`` or ``overrides.csv`` is wrong.
        """
        course = load_course(self._config.spec)
        found = self._find(course)
        overrides = self._overrides(course, found)
        for unused in overrides.unused:
            self._summary.say(unused, "yellow")
        options = replace(self._config.options, at_once=1)  # the submissions are many enough
        config = replace(self._config, options=options)
        grading: ClassGrading | None = None
        try:
            with ProgressDisplay(Console(stderr=True), config.language) as display:
                grading = ClassGrading(course, found, overrides.marks, self._store, config)
                grading.grade_all(self._pool, display)
                results = grading.results(self._place)
            return self._report(grading, results)
        except KeyboardInterrupt:
            if grading is None:
                raise
            return self._stopped(grading)
        except OSError as error:
            raise _cannot_write(error) from error

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
                folder=str(self._config.given[0]),
            )
            return Overrides({}, (ignored,))
        students = dict.fromkeys(one.student for one in found.hand_ins)
        exercises = [each.exercise.id for each in course.exercises]
        return applied(path, read_overrides(path), students, exercises)

    def _find(self, course: Course) -> Found:
        """
        Raises:
            UserError: a folder cannot be read, an option is wrong, or nothing was handed in.
        """
        config = self._config
        deadline = time_of(config.deadline)
        if config.deadline is not None and deadline is None:
            raise UserError(
                say(
                    "--deadline takes a day and time such as '2026-03-31 23:59', not {given}.",
                    given=config.deadline,
                )
            )
        try:
            students = None if config.students is None else expression(config.students)
        except ValueError as error:
            raise UserError(say("--students: {problem}", problem=str(error))) from error
        own = self._own_files
        try:
            found = find_hand_ins(
                self._place, course, students=students, deadline=deadline, own=own
            )
        except OSError as error:
            problem = say(
                "{path} cannot be read: {reason}.",
                path=str(error.filename or self._place.folder),
                reason=str(error.strerror or error),
            )
            raise UserError(problem, ExitStatus.CANNOT_WORK) from error
        if not found.hand_ins and not any(one.exercise for one in found.unmatched):
            for one in found.unmatched:
                self._summary.say(say("{file}: {reason}", file=one.file, reason=one.reason))
            raise UserError(
                say("There is nothing to grade in {folder}.", folder=str(config.given[0]))
            )
        return found

    def _pool(self, pinned: bool) -> AbstractContextManager[WorkerPool]:
        if self._config.cluster is not None:
            from grader.classroom.batch.cluster import ClusterPool

            return ClusterPool(self._config.cluster, pinned=pinned)
        jobs = self._config.jobs or len(os.sched_getaffinity(0))
        return LocalPool(jobs if pinned else 1, pinned=pinned, scratch=str(self._store.scratch))

    def _stopped(self, grading: ClassGrading) -> ExitStatus:
        done, total = grading.kept
        self._summary.say(
            say(
                "Stopped. {done} of {total} are graded and kept: the same command goes on from "
                "there.",
                done=done,
                total=total,
            )
        )
        return ExitStatus.INTERRUPTED

    def _report(self, grading: ClassGrading, results: ClassResults) -> ExitStatus:
        """
        Raises:
            OSError: something cannot be written.
            UserError: an output cannot be made of these results.
        """
        if self._config.amount != "quiet":
            self._summary.tell(results, every_mark=self._config.amount == "verbose")
        written = [path for write in self._writers for path in write(results, self._config)]
        for path in written:
            click.echo(one_line(str(path)))
        grading.accept(results)
        if results.unsettled:
            return ExitStatus.CANNOT_WORK
        if self._config.strict and not all(result.passed for result in results.results):
            return ExitStatus.NOT_PASSED
        return ExitStatus.ALL_GRADED

    def watch(self) -> ExitStatus:
        """Grade everything, and again whatever changes, until Control-C.

        Raises:
            UserError: watchfiles is not installed.
        """
        status = ExitStatus.ALL_GRADED
        spec, own = self._config.spec, {self._place.own, *self._own_files}
        exercises = spec if spec.is_dir() else spec.parent
        watched = (*self._place.given, exercises.resolve())
        folder = str(self._config.given[0])
        try:
            for _ in changes(watched, own):
                status = self._grade_again()
                if status == ExitStatus.INTERRUPTED:
                    break
                self._summary.say(say("Watching {folder}. Control-C ends it.", folder=folder))
        except KeyboardInterrupt:
            pass  # it came between two looks: that is how watching ends
        except ImportError as error:
            problem = say("--watch needs a package: pip install 'grader[class]'")
            raise UserError(problem, ExitStatus.CANNOT_WORK) from error
        return status

    def _grade_again(self) -> ExitStatus:
        """The exit status of a grading; what is wrong is printed and waited for."""
        try:
            return self.grade()
        except ExerciseError as error:
            click.echo(str(error), err=True)
            return ExitStatus.WRONG_CALL
        except UserError as error:
            click.echo(one_line(error.problem.in_language(self._config.language)), err=True)
            return error.status


def _cannot_write(error: OSError) -> UserError:
    problem = say(
        "{path} cannot be written: {reason}. Everything that was graded is kept: name another "
        "place (the reports' with -o), and grade again.",
        path=str(error.filename or ""),
        reason=str(error.strerror or error),
    )
    return UserError(problem, ExitStatus.CANNOT_WORK)
