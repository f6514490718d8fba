"""Blackboard: ``Week 3_lisi_attempt_2026-03-02-09-30-00_join.py``, and a receipt without a file's
name, which has the full name in its first line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.classroom.discover.files import File
from grader.classroom.discover.names import readable
from grader.classroom.discover.platform import (
    Claim,
    Export,
    Platform,
    Reader,
    rest_of,
)
from grader.classroom.model import Student
from grader.classroom.times import time_of

_ENTRY = re.compile(
    r"(?P<head>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|\.txt)", re.DOTALL
)
"""The first time in a name is Blackboard's: what follows it is the student's own."""
_RECEIPT_BYTES = 1000
"""The first line of a receipt is no longer."""


def _reader(export: Export) -> Reader:
    people = _receipts(export)

    def read(file: File) -> Sequence[Claim] | None:
        """Whose a file is, by the name that Blackboard gave to it."""
        found = _ENTRY.fullmatch(export.entry(file))
        submitted = None if found is None else time_of(found["time"])
        if found is None or submitted is None:
            return None
        assignment, _, user = found["head"].rpartition("_")
        if not assignment or not user:
            return None
        if found["rest"] is None:
            return []  # a receipt
        inside = export.inside(file)
        student = people.get(found["head"], Student(user, user))
        return [
            Claim(
                file,
                student,
                f"{found['head']}_attempt_{found['time']}",
                rest_of(found["rest"], inside, file),
                (found["head"].removesuffix(f"_{student.id}"), *export.context),
                renamed=not inside,
                submitted_at=submitted,
            )
        ]

    return read


def _receipts(export: Export) -> dict[str, Student]:
    """Whose the files are that begin as a receipt's name does."""
    found: dict[str, Student] = {}
    for file in export.notes():
        entry = _ENTRY.fullmatch(export.entry(file))
        if entry is None or entry["rest"] is not None:
            continue
        name, user = _named_in(file)
        if user and entry["head"].endswith(f"_{user}"):
            found[entry["head"]] = Student(user, name or user)
    return found


def _named_in(receipt: File) -> tuple[str, str]:
    """Full name and user name: the first line is ``Name: 李四 (lisi)``, and the only one that is
    not the student's own.
    """
    try:
        text = receipt.read(_RECEIPT_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return "", ""
    said = text.partition("\n")[0].strip()
    if not said.startswith("Name:") or not said.endswith(")"):
        return "", ""
    name, _, user = said.removeprefix("Name:")[:-1].rpartition("(")
    return readable(name.strip()), readable(user.strip())


PLATFORM = Platform("blackboard", _reader, rank=1)
