"""A course: the exercises that a class is graded by, and what their files are called.

A folder of exercise files is a course. A ``course.yaml`` in it says what their names do not:
which exercises there are, what their answers are called, until when they were to be handed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, ClassVar

import yaml
from pydantic import BeforeValidator, Field

from grader.classroom import COURSE_FILES, is_course
from grader.classroom.times import time_of
from grader.exercise import Exercise, ExerciseError, Model, Problem, load_exercise
from grader.exercise.document import pairs, read_document
from grader.exercise.loading import validated
from grader.exercise.names import Vocabulary
from grader.exercise.values import Text, one_or_several
from grader.exercise.wording import Takes, did_you_mean


def _time(value: object) -> datetime:
    moment = value if isinstance(value, datetime) else time_of(str(value))
    if moment is None:
        raise ValueError(f"'{value}' is no day and time: write it like 2026-03-31 23:59")
    return moment


def expression(value: object) -> str:
    """A regular expression that says whose a file is.

    Raises:
        ValueError: it is none, or does not say it.
    """
    text = str(value)
    try:
        groups = re.compile(text).groupindex
    except re.error as error:
        raise ValueError(f"this is no regular expression: {error}") from None
    if "student_id" not in groups:
        raise ValueError("the expression needs a group (?P<student_id>...): whose the file is")
    return text


Deadline = Annotated[
    datetime, BeforeValidator(_time), Takes("a day and time such as 2026-03-31 23:59")
]
Expression = Annotated[
    str, BeforeValidator(expression), Takes("a regular expression with the group student_id")
]
Patterns = Annotated[
    tuple[Text, ...],
    BeforeValidator(one_or_several),
    Takes("a file name such as 'join*.py', or several"),
]


class CourseEntry(Model):
    """An exercise of the course."""

    PLACE: ClassVar[str] = "an exercise of the course"
    EXAMPLE: ClassVar[str] = "{file: join.yaml, answers: 'ex3*.py'}"

    file: Text
    """The exercise file, from the folder of ``course.yaml``."""
    answers: Patterns = ()
    """What files that answer it are called, with ``*`` and ``?``. Without it: like the exercise,
    such as ``join.py``, ``03-join.py`` or ``join_zhang.py``."""
    deadline: Deadline | None = None
    """Until when it was to be handed in; what is later is marked as late."""


class CourseFile(Model):
    """What a ``course.yaml`` says. All of it is optional."""

    PLACE: ClassVar[str] = "a course"
    EXAMPLE: ClassVar[str] = "exercises: [{file: join.yaml}]"

    exercises: Annotated[tuple[CourseEntry, ...], Field(min_length=1)] | None = None
    """Those that are graded. Without it: every exercise file in the folder."""
    students: Expression | None = None
    """Finds in a file's path whose it is, where no known layout does; as ``--students``."""
    deadline: Deadline | None = None
    """Of all exercises that have none of their own."""


@dataclass(frozen=True)
class CourseExercise:
    """An exercise as a class is graded by it."""

    exercise: Exercise
    file: Path
    answers: tuple[str, ...] = ()
    deadline: datetime | None = None


@dataclass(frozen=True)
class Course:
    """The exercises that are graded. ``others`` are names of exercises beside them that are not.

    ``students`` is an expression that says whose a file is, ``file`` the ``course.yaml``.
    """

    exercises: tuple[CourseExercise, ...]
    others: tuple[str, ...] = ()
    students: str | None = None
    file: Path | None = None


def load_course(path: Path) -> Course:
    """Load a folder of exercises, a ``course.yaml``, or one exercise file as a course of one.

    Raises:
        ExerciseError: a file is wrong, or there is none. All problems of all files are in it.
    """
    if not is_course(path):
        beside = (file.stem for file in sorted(path.parent.glob("*.yaml")) if file != path)
        others = tuple(name for name in beside if name != "course")
        return Course((CourseExercise(load_exercise(path), path),), others)
    folder = path if path.is_dir() else path.parent
    files = [folder / name for name in COURSE_FILES] if path.is_dir() else [path]
    file = next((each for each in files if each.is_file()), None)
    if file is None and not path.is_dir():
        raise ExerciseError([Problem(str(path), "there is no such file")])
    said, missing = _read(file) if file else (CourseFile(), _nowhere)
    entries = said.exercises or tuple(
        CourseEntry(file=each.name)
        for each in sorted(folder.glob("*.yaml"), key=lambda file: file.stem)
        if each.name not in COURSE_FILES
    )
    if not entries:
        message = "there is no exercise file (*.yaml) in this folder"
        raise ExerciseError([Problem(str(folder), message)])
    exercises = _load_all(folder, entries, said.deadline, missing)
    return Course(exercises, (), said.students, file)


_Missing = Callable[[int, str], Problem]
"""What is wrong where the file of an entry is missing: its index, and what to say."""


def _nowhere(index: int, message: str) -> Problem:
    return Problem("", message)


def _read(file: Path) -> tuple[CourseFile, _Missing]:
    """
    Raises:
        ExerciseError: it is wrong.
    """
    lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    if all(line.lstrip()[:1] in ("", "#") for line in lines):
        return CourseFile(), _nowhere
    document = read_document(file)
    said = validated(CourseFile, document, Vocabulary(cast=None, checks=None))

    def problem(index: int, message: str) -> Problem:
        """At the ``file`` of the entry."""
        entry = _child(document.root, "exercises").value[index]
        return document.problem(message, _child(entry, "file"))

    return said, problem


def _child(mapping: yaml.Node, key: str) -> yaml.Node:
    assert isinstance(mapping, yaml.MappingNode)
    return next(value for written, value in pairs(mapping) if written == key)


def _load_all(
    folder: Path,
    entries: tuple[CourseEntry, ...],
    deadline: datetime | None,
    missing: _Missing,
) -> tuple[CourseExercise, ...]:
    """
    Raises:
        ExerciseError: with the problems of all of them.
    """
    problems: list[Problem] = []
    loaded: dict[str, CourseExercise] = {}
    for index, entry in enumerate(entries):
        file = folder / entry.file
        if not file.is_file():
            hint = did_you_mean(entry.file, [each.name for each in folder.glob("*.yaml")])
            problems.append(missing(index, f"there is no file '{entry.file}'.{hint}"))
            continue
        try:
            exercise = load_exercise(file)
        except ExerciseError as error:
            problems += error.problems
            continue
        if exercise.id in loaded:
            other = loaded[exercise.id].file.name
            message = f"its id '{exercise.id}' is that of {other}, too: give it one of its own"
            problems.append(Problem(str(file), message))
        loaded[exercise.id] = CourseExercise(
            exercise, file, entry.answers, entry.deadline or deadline
        )
    if problems:
        raise ExerciseError(problems)
    return tuple(loaded.values())
