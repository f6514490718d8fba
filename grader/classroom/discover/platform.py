"""What a platform is: how its downloads are read, and what it takes back.

A platform is a module of `grader.classroom.discover.platforms` that has a `Platform` called
``PLATFORM``; nothing else has to know of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from grader.classroom.discover.files import File
from grader.classroom.marksheet import Marksheet
from grader.classroom.model import Result, Student
from grader.classroom.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Meant:
    """The exercises that a name can mean, and how plainly: smaller ``distance`` is plainer.

    0: the course says so; 1: the file has no other name; 2: its name contains the exercise's;
    3 and more: a folder around it does.
    """

    exercises: tuple[str, ...]
    distance: int


NOTHING = Meant((), 99)


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose a file is.

    ``rest`` is the file's name as the student gave it, with the folders below their own;
    ``context`` are names further out that may tell the exercise, the nearest first.
    ``place`` is the name that the platform gave the student's folder, or the beginning of the name
    of a file that stands alone. ``renamed`` says that the platform put something before the
    student's own name of the file. ``by_file_name`` says that only the file's own name tells whose
    it is, perhaps together with the exercise's. ``attempt`` is None where the layout has no number
    for it.
    """

    file: File
    student: Student
    place: str
    rest: PurePosixPath
    context: tuple[str, ...] = ()
    renamed: bool = False
    by_file_name: bool = False
    attempt: int | None = None
    submitted_at: datetime | None = None
    late: bool | None = None
    meant: Meant = NOTHING
    """What its name means; found out when it is known whose it is."""
    copy: int = 1
    """Which attempt its own name says it is."""


@dataclass(frozen=True)
class Export:
    """One download of a platform: a folder or zip file, and everything in it.

    Its entries are the outermost parts of the names in it, and with the files between them they
    are all that the platform itself wrote. Whatever stands further inside was written by a student,
    and does not decide whose it is.

    Args:
        name: of the folder or zip file.
        context: the names in front of each file's entry, the nearest first.
        files: all that is in it.
    """

    name: str
    context: tuple[str, ...]
    files: tuple[File, ...]

    def entry(self, file: File) -> str:
        """The outermost part of a file's name."""
        return file.name.parts[len(self.context)]

    def inside(self, file: File) -> tuple[str, ...]:
        """What of a file's name lies inside its entry; nothing where the file is the entry."""
        return file.name.parts[len(self.context) + 1 :]

    def notes(self) -> Iterable[File]:
        """The files that lie in no student's folder and may be the platform's own."""
        return (file for file in self.files if not self.inside(file))


Reader = Callable[[File], Sequence[Claim] | None]
"""Whose a file is; no student's and of no interest: an empty list; not understood: None."""


@dataclass(frozen=True)
class Platform:
    """Where submissions come from. Its functions take no part in comparing and showing it.

    Attributes:
        name: as results call it.
        reader: makes what reads the names in an export; None if it cannot be one of this platform.
        rank: of two platforms that understand as much of an export the one with the lower rank is
            meant.
        together: what all claims of all exports say together, where one alone does not.
        is_collected: whether everything was handed in for one assignment, whatever it is called.
        is_template: whether a file in a student's folder is the teacher's, who gave it to all.
        feedback: how a report is called in a zip file that the platform takes back: the names
            around the student's own, and the name with ``.html``. None: it takes none back.
        marksheet: reads the platform's file for marks; what it returns None for is none.
        number: by which the platform's file for marks knows a student.
    """

    name: str
    reader: Callable[[Export], Reader | None] = field(repr=False, compare=False)
    rank: int = 0
    together: Callable[[Sequence[Claim]], Sequence[Claim]] = field(
        default=lambda claims: claims, repr=False, compare=False
    )
    is_collected: bool = True
    is_template: Callable[[PurePosixPath], bool] = field(
        default=lambda name: False, repr=False, compare=False
    )
    feedback: Callable[[Result], tuple[tuple[str, ...], str]] | None = field(
        default=None, repr=False, compare=False
    )
    marksheet: Callable[[Sheet], Marksheet | None] | None = field(
        default=None, repr=False, compare=False
    )
    number: Callable[[Result], str] = field(
        default=lambda result: result.student.id, repr=False, compare=False
    )


def rest_of(first: str | None, inside: Sequence[str], file: File) -> PurePosixPath:
    """The name that a student gave a file, from what is left of the entry's and what is inside."""
    parts = [*([first] if first else []), *inside]
    return PurePosixPath(*parts) if parts else PurePosixPath(file.name.name)
