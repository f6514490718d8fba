"""Moodle: ``张三_101_assignsubmission_file/join.py``, or the same without folders.

Whoever is marked blindly is called ``Participant_101_...``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from grader.classroom.discover.files import File
from grader.classroom.discover.platform import Claim, Export, Platform, Reader, rest_of
from grader.classroom.model import Student

_ENTRY = re.compile(
    r"(?P<place>(?P<name>[^_]*)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext))"
    r"(?:_(?P<rest>.*)|\.html?)?",
    re.DOTALL,
)
_BLIND = ("", "Participant", "参与者")


def _reader(export: Export) -> Reader:
    def read(file: File) -> Sequence[Claim] | None:
        found = _ENTRY.fullmatch(export.entry(file))
        if found is None:
            return None
        inside = export.inside(file)
        is_folder = bool(inside) and not found["rest"]
        name = " ".join(found["name"].split())
        if name in _BLIND:
            name = f"Participant {found['id']}"
        return [
            Claim(
                file,
                Student(found["id"], name),
                found[0] if is_folder else found["place"],
                rest_of(found["rest"], inside, file),
                export.context,
                renamed=not is_folder,
            )
        ]

    return read


def _by_name(claims: Sequence[Claim]) -> list[Claim]:
    """Moodle numbers a student anew for each assignment: the same name in two downloads is one
    student, unless one of the downloads has that name twice.
    """
    numbers: dict[str, dict[tuple[str, ...], set[str]]] = {}
    for claim in claims:
        downloads = numbers.setdefault(claim.student.name, {})
        downloads.setdefault(claim.context, set()).add(claim.student.id)
    first = {
        name: min(number for ids in downloads.values() for number in ids)
        for name, downloads in numbers.items()
        if all(len(ids) == 1 for ids in downloads.values())
    }
    return [
        replace(claim, student=replace(claim.student, id=first[claim.student.name]))
        if claim.student.name in first
        else claim
        for claim in claims
    ]


PLATFORM = Platform("moodle", _reader, together=_by_name)
