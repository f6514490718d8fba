"""Canvas: ``zhangsan_LATE_501_9001_join.py``, or ``anon_501_9001_join.py``.

The numbers are the user's and the file's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from grader.classroom.discover.files import File
from grader.classroom.discover.platform import Claim, Export, Platform, Reader, rest_of
from grader.classroom.marksheet import (
    MarkColumn,
    Marksheet,
    Person,
    as_key,
    number_in,
    texts_in,
)
from grader.classroom.model import Student
from grader.classroom.sheet import Sheet

_ENTRY = re.compile(
    r"(?:(?P<late_anonymous>LATE_)?(?P<anonymous>anon)|(?P<name>[^\W_][\w-]*?)(?P<late>_LATE)?)"
    r"_(?P<id>\d+)_(?P<file>\d+)_(?P<rest>.+)",
    re.DOTALL,
)


def _reader(export: Export) -> Reader | None:
    entries = {export.entry(file) for file in export.files}
    found = {entry: match for entry in entries if (match := _ENTRY.fullmatch(entry))}
    if not _are_canvas_numbers(found.values()):
        return None

    def read(file: File) -> Sequence[Claim] | None:
        """Whose a file is, by the name that Canvas gave to it."""
        match = found.get(export.entry(file))
        return None if match is None else [_claim(match, export, file)]

    return read


def _claim(match: re.Match[str], export: Export, file: File) -> Claim:
    inside = export.inside(file)
    return Claim(
        file,
        Student(match["id"], f"anon {match['id']}" if match["anonymous"] else match["name"]),
        match[0][: match.start("rest")].rstrip("_"),
        rest_of(match["rest"], inside, file),
        export.context,
        renamed=not inside,
        late=bool(match["late"] or match["late_anonymous"]),
    )


def _are_canvas_numbers(found: Iterable[re.Match[str]]) -> bool:
    """Whether most files have a number of their own and most users one name: `lab_1_2_zhang.py`
    is no file of Canvas. Files with the same number count as one.
    """
    files: dict[str, list[re.Match[str]]] = {}
    names: dict[str, set[str | None]] = {}
    for match in found:
        files.setdefault(match["file"], []).append(match)
        names.setdefault(match["id"], set()).add(match["name"])
    consistent = sum(
        len(matches) == 1 and len(names[matches[0]["id"]]) == 1 for matches in files.values()
    )
    return 2 * consistent > len(files)


# The gradebook: "Student", "ID", ..., "<Title> (<number>)", and a row "    Points Possible"

_ASSIGNMENT = re.compile(r"(?P<title>.*\S)\s+\((?P<number>\d+)\)\s*", re.DOTALL)
_AT_THE_TOP = 4


def _gradebook(sheet: Sheet) -> Marksheet | None:
    header = sheet.row(0)
    points_row = _points_row(sheet)
    assignments = [
        (column, found)
        for column, heading in enumerate(header)
        if (found := _ASSIGNMENT.fullmatch(heading))
    ]
    if points_row is None or not assignments:
        return None
    columns = tuple(
        MarkColumn(
            column,
            found["title"],
            number_in(sheet.value(points_row, column)),
            "," if "," in sheet.value(points_row, column) else ".",
        )
        for column, found in assignments
    )
    own = next((n for n, heading in enumerate(header) if heading.strip().upper() == "ID"), 1)
    schools = [n for n, heading in enumerate(header) if heading.strip().upper().startswith("SIS ")]
    people = tuple(
        Person(
            row,
            texts_in(sheet, row, [own]),
            texts_in(sheet, row, schools),
            frozenset(_spellings(sheet.value(row, 0))),
        )
        for row in range(points_row + 1, len(sheet))
        if sheet.value(row, own).strip()
    )
    return Marksheet(people, columns)


def _points_row(sheet: Sheet) -> int | None:
    """The row above the students that says how many points there are, in any language."""
    for row in range(1, min(len(sheet), _AT_THE_TOP)):
        cells = sheet.row(row)
        is_nobody = cells[0].startswith("   ") and not "".join(cells[1:2]).strip()
        if is_nobody and any(number_in(cell) is not None for cell in cells[2:]):
            return row
    return None


def _spellings(name: str) -> Iterator[str]:
    """A name as it stands, and ``Last, First`` the other way round."""
    yield as_key(name)
    last, comma, first = name.partition(",")
    if comma:
        yield as_key(first + last)


PLATFORM = Platform("canvas", _reader, rank=2, marksheet=_gradebook)
