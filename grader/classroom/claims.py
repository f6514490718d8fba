"""Whose a file is, as its name says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from grader.classroom.contents import FoundFile
from grader.classroom.model import Student


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose a file is.

    ``rest`` is the file's name as the student gave it, with the folders below their own;
    ``context`` are names further out that may tell the exercise, the nearest first.
    ``renamed`` says that the platform put something before the student's own name of the file.
    ``by_file_name`` says that only the file's own name tells whose it is, perhaps together with the
    exercise's. ``attempt`` is None where the layout has no number for it.
    """

    file: FoundFile
    student: Student
    place: str
    rest: PurePosixPath
    context: tuple[str, ...] = ()
    renamed: bool = False
    by_file_name: bool = False
    attempt: int | None = None
    submitted_at: datetime | None = None
    late: bool | None = None


Reader = Callable[[FoundFile], Sequence[Claim] | None]
"""Whose a file is; nobody's and of no interest: an empty list; not understood: None."""
