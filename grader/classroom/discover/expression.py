"""Any other layout, read by the teacher's own expression."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from grader.classroom.discover.files import File
from grader.classroom.discover.layout import Reading, read_by
from grader.classroom.discover.platform import Claim, Platform
from grader.classroom.model import Student
from grader.classroom.times import time_of

_LARGEST_ATTEMPT = 9
"""Digits of a number of attempts."""
REGEX = Platform("regex", lambda export: None, is_collected=False)


def read_by_expression(files: Sequence[File], expression: re.Pattern[str]) -> Reading:
    """Read the names by an expression that is searched in each file's whole name.

    Its named groups are those of nbgrader (``student_id``, ``file_id``, ``timestamp``,
    ``first_name``, ``last_name``, ``email``) and ``name``, ``exercise``, ``attempt``, ``late``.
    """

    def read(file: File) -> Sequence[Claim] | None:
        found = expression.search(str(file.name))
        return [_claim(file, found.groupdict())] if found and found["student_id"] else None

    return read_by(REGEX, [(files, read)])


def _claim(file: File, groups: dict[str, str | None]) -> Claim:
    full = " ".join(filter(None, (groups.get("first_name"), groups.get("last_name"))))
    student_id = groups["student_id"] or ""
    attempt = groups.get("attempt") or ""
    is_number = attempt.isdecimal() and len(attempt) <= _LARGEST_ATTEMPT
    return Claim(
        file,
        Student(student_id, groups.get("name") or full or student_id, groups.get("email") or ""),
        student_id,
        PurePosixPath(groups.get("file_id") or file.name.name),
        (*filter(None, [groups.get("exercise")]), *file.name.parts[:-1][::-1]),
        attempt=int(attempt) if is_number else None,
        submitted_at=time_of(groups.get("timestamp")),
        late=groups.get("late") is not None if "late" in groups else None,
    )
