"""From what a teacher unzipped, or did not, to every student's answer to every exercise.

A student's file has four forms on its way: a `File` that was found, a `Claim` that says whose it
is, a `HandIn` that says which exercise it answers, and the `Submission` in it, which was read once
and is what is graded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from os.path import commonpath
from pathlib import Path

from grader.classroom import COURSE_FILES
from grader.classroom.course import Course
from grader.classroom.discover.answers import find_answers
from grader.classroom.discover.exercise_names import ExerciseNames
from grader.classroom.discover.files import list_files
from grader.classroom.discover.layout import read_by_expression, read_names
from grader.classroom.discover.platform import Platform
from grader.classroom.model import Attempt, HandIn, Unmatched
from grader.messages import say

GRADERS_OWN = ".grader"
OVERRIDES = "overrides.csv"


@dataclass(frozen=True)
class Place:
    """The folder of submissions. ``given`` is what was named: it, or zip files and scripts in it.

    ``outer`` is its name, or that of the one zip file in it that was named.
    """

    folder: Path
    given: tuple[Path, ...]
    outer: str

    @property
    def own(self) -> Path:
        """Where the grader keeps its results."""
        return self.folder / GRADERS_OWN

    @property
    def overrides(self) -> Path:
        """Where the teacher gives marks by hand."""
        return self.folder / OVERRIDES


@dataclass(frozen=True)
class Found:
    """Every answer that was found, and the files that answer nothing."""

    platform: Platform
    hand_ins: tuple[HandIn, ...]
    unmatched: tuple[Unmatched, ...]

    @property
    def is_ones_own(self) -> bool:
        """Whether it may be a folder that one student made, with everything in it."""
        students = {one.student.id for one in self.hand_ins}
        students |= {one.student.id for one in self.unmatched if one.student}
        return len(students) < 2 and not self.platform.is_collected


def place_of(given: Sequence[Path]) -> Place:
    """The folder of what was named to the grader, all of which must exist."""
    paths = tuple(dict.fromkeys(path.resolve() for path in given))
    if len(paths) == 1 and paths[0].is_dir():
        return Place(paths[0], paths, paths[0].name)
    folder = Path(commonpath([path.parent for path in paths]))
    is_zip = len(paths) == 1 and paths[0].suffix.lower() == ".zip"
    return Place(folder, paths, paths[0].stem if is_zip else folder.name)


def find_hand_ins(
    place: Place,
    course: Course,
    *,
    students: str | None = None,
    deadline: datetime | None = None,
    own: Collection[Path] = (),
) -> Found:
    """Find what the students handed in.

    Args:
        place: where.
        course: what for.
        students: an expression that says whose a file is; None: the layout's names do, or the
            course's expression.
        deadline: of all exercises; None: as the course says.
        own: files and folders in it that are no hand-ins.

    Raises:
        OSError: what was named cannot be read.
    """
    teachers = {place.folder / name for name in (*COURSE_FILES, OVERRIDES)}
    teachers |= {each.file.resolve() for each in course.exercises}
    files = list_files(place.given, place.folder, {*own, *teachers})
    names = exercise_names(course)
    expression = students or course.students
    if expression is not None:
        read = read_by_expression(files, re.compile(expression))
    else:
        read = read_names(files, place.outer, names.is_exercise)
    graded = [each.exercise.id for each in course.exercises]
    answers = find_answers(read.claims, read.platform, place.outer, names, graded)
    deadlines = {each.exercise.id: deadline or each.deadline for each in course.exercises}
    unread = (
        Unmatched(
            file.shown, file.problem or say("Its name does not say which student it belongs to.")
        )
        for file in read.unread
    )
    return Found(
        read.platform,
        tuple(
            replace(
                one,
                late=_is_late(one, deadlines[one.exercise]),
                earlier=tuple(
                    replace(each, late=_is_late(each, deadlines[one.exercise]))
                    for each in one.earlier
                ),
            )
            for one in answers.hand_ins
        ),
        (*answers.unmatched, *unread),
    )


def exercise_names(course: Course) -> ExerciseNames:
    """What names of files mean in a course."""
    return ExerciseNames(
        {each.exercise.id: {each.exercise.id, each.file.stem} for each in course.exercises},
        {each.exercise.id: each.answers for each in course.exercises},
        course.others,
    )


def _is_late(attempt: Attempt, deadline: datetime | None) -> bool | None:
    if deadline is None or attempt.submitted_at is None:
        return attempt.late
    return bool(attempt.late) or attempt.submitted_at > deadline
