"""From what a teacher unzipped, or did not, to every student's answer to every exercise."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from os.path import commonpath
from pathlib import Path

from grader.classroom import COURSE_FILES
from grader.classroom.answers import find_answers
from grader.classroom.claims import Claim
from grader.classroom.contents import FoundFile, contents_of
from grader.classroom.course import Course
from grader.classroom.exercise_names import ExerciseNames
from grader.classroom.layouts import read_by_expression, read_names
from grader.classroom.model import HandIn, Layout, Unmatched
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
        """Where the grader keeps its results, and zip files unpacked."""
        return self.folder / GRADERS_OWN

    @property
    def overrides(self) -> Path:
        """Where the teacher gives marks by hand."""
        return self.folder / OVERRIDES


@dataclass(frozen=True)
class Found:
    """Every answer that was found, and what is nobody's answer to anything."""

    layout: Layout
    hand_ins: tuple[HandIn, ...]
    unmatched: tuple[Unmatched, ...]


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
    """Find what everybody handed in.

    Args:
        place: where.
        course: what for.
        students: an expression that says whose a file is; None: the layout's names do, or the
            course's expression.
        deadline: of all exercises; None: as the course says.
        own: files and folders in it that nobody handed in.

    Raises:
        OSError: something cannot be read, or there is no room to unpack a zip file.
    """
    teachers = {place.folder / name for name in (*COURSE_FILES, OVERRIDES)}
    teachers |= {each.file.resolve() for each in course.exercises}
    files = contents_of(place.given, place.folder, place.own / "unpacked", {*own, *teachers})
    names = exercise_names(course)
    expression = students or course.students
    if expression is not None:
        read = read_by_expression(files, re.compile(expression))
    else:
        read = read_names(files, place.outer, names.is_exercise)
    claims = _with_their_names(read.claims, place.own / "renamed")
    graded = [each.exercise.id for each in course.exercises]
    answers = find_answers(claims, read.layout, place.outer, names, graded)
    deadlines = {each.exercise.id: deadline or each.deadline for each in course.exercises}
    unread = (
        Unmatched(file.shown, file.problem or say("Its name does not say whose it is."))
        for file in read.unread
    )
    return Found(
        read.layout,
        tuple(_with_lateness(one, deadlines[one.exercise]) for one in answers.hand_ins),
        (*answers.unmatched, *unread),
    )


def exercise_names(course: Course) -> ExerciseNames:
    """What names of files mean in a course."""
    return ExerciseNames(
        {each.exercise.id: {each.exercise.id, each.file.stem} for each in course.exercises},
        {each.exercise.id: each.answers for each in course.exercises},
        course.others,
    )


def _with_lateness(hand_in: HandIn, deadline: datetime | None) -> HandIn:
    late = hand_in.late
    if deadline is not None and hand_in.submitted_at is not None:
        late = bool(late) or hand_in.submitted_at > deadline
    earlier = tuple(_with_lateness(one, deadline) for one in hand_in.earlier)
    return replace(hand_in, late=late, earlier=earlier)


def _with_their_names(claims: Iterable[Claim], below: Path) -> list[Claim]:
    """The claims, with the names that the students gave their scripts given back to them.

    Copies are made below ``below``; modules are found by their names, and line numbers are told
    with them.

    Raises:
        OSError: there is no room.
    """
    named: list[Claim] = []
    used: set[Path] = set()
    for claim in claims:
        path = claim.file.path
        if claim.renamed and claim.file.is_script and path is not None:
            copy = _folder_of(claim, below) / claim.rest.name
            if copy in used:
                copy = (
                    copy.parent / sha256(str(claim.file.name).encode()).hexdigest()[:8] / copy.name
                )
            used.add(copy)
            _copy(path, copy)
            claim = replace(claim, file=FoundFile(claim.file.name, copy))
        named.append(claim)
    _forget(below, {path for copy in used for path in (copy, *copy.parents)})
    return named


def _folder_of(claim: Claim, below: Path) -> Path:
    """The folder of all that a student handed in together."""
    together = (claim.student.id, claim.context, claim.submitted_at, claim.attempt)
    return below / _digest(repr(together))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:24]


def _copy(path: Path, copy: Path) -> None:
    status = path.stat()
    if copy.is_file():
        there = copy.stat()
        if (there.st_size, there.st_mtime_ns) == (status.st_size, status.st_mtime_ns):
            return
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, copy)


def _forget(below: Path, used: Collection[Path]) -> None:
    """Remove copies of what is no longer there."""
    if below.is_dir():
        for path in sorted(below.rglob("*"), reverse=True):
            if path not in used:
                if path.is_dir():
                    path.rmdir()
                else:
                    path.unlink()
