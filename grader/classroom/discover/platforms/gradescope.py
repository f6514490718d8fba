"""Gradescope: ``submission_11/join.py``, and a note beside the folders that says who handed in
which, and when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

import yaml

from grader.classroom.discover.files import File
from grader.classroom.discover.names import readable
from grader.classroom.discover.platform import Claim, Export, Platform, Reader
from grader.classroom.model import Student
from grader.classroom.times import time_of

_NOTE = "submission_metadata.yml"
_LARGEST_NOTE = 50_000_000


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed in under one number, by one student or several together."""

    students: tuple[Student, ...]
    submitted_at: datetime | None
    attempt: int


def _reader(export: Export) -> Reader | None:
    note = next((file for file in export.notes() if export.entry(file) == _NOTE), None)
    handed = {} if note is None else _read(note)
    if not handed:
        return None

    def read(file: File) -> Sequence[Claim] | None:
        """Whose a file is, by what the note says of its folder."""
        inside = export.inside(file)
        if not inside:
            return [] if file is note else None
        folder = export.entry(file)
        entry = handed.get(folder)
        if entry is None:
            return None
        return [
            Claim(
                file,
                student,
                folder,
                PurePosixPath(*inside),
                export.context,
                attempt=entry.attempt,
                submitted_at=entry.submitted_at,
            )
            for student in entry.students
        ] or None

    return read


def _read(note: File) -> dict[str, Handed]:
    """What the note says, by the names of the folders; nothing where it cannot be read."""
    try:
        data = yaml.load(note.read(_LARGEST_NOTE), _LOADER)
    except (yaml.YAMLError, OSError, RecursionError):
        return {}
    if not isinstance(data, Mapping):
        return {}
    return {
        readable(key): _handed(entry)
        for key, entry in data.items()
        if isinstance(key, str) and isinstance(entry, Mapping)
    }


_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Everything is read as text: no tag and no date in it means anything. The one in C is many times
quicker, and not built everywhere."""


def _handed(entry: Mapping[object, object]) -> Handed:
    people = entry.get(":submitters")
    history = entry.get(":history")
    students: dict[Student, None] = {}
    for person in people if isinstance(people, list) else ():
        if isinstance(person, Mapping):
            sid, email, name = (_text(person.get(key)) for key in (":sid", ":email", ":name"))
            if sid or email or name:
                students[Student(sid or email or name, name or email or sid, email)] = None
    return Handed(
        tuple(students),
        time_of(_text(entry.get(":created_at"))),
        1 + (len(history) if isinstance(history, list) else 0),
    )


def _text(value: object) -> str:
    return readable(value) if isinstance(value, str) and value not in ("~", "null") else ""


PLATFORM = Platform("gradescope", _reader)
