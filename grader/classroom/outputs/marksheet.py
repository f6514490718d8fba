"""The teacher's own file for marks, read: whose each row is, and where the mark goes.

Moodle's worksheet and Canvas's export are known by how they are built as well as by their
headings, which are in the language of the site.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from grader.classroom.outputs.sheet import Sheet
from grader.messages import Text, say


class Kind(str, Enum):
    """Whose file it is."""

    MOODLE = "moodle"
    CANVAS = "canvas"


class NoMarksheetError(Exception):
    """The file is none that the grader can fill in. ``reason`` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.in_language("en"))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class MarkColumn:
    """Where marks go. ``possible`` are the points of the platform; None: as the exercise's."""

    number: int
    title: str
    possible: float | None
    decimal: str = "."


@dataclass(frozen=True, slots=True)
class Person:
    """A row. ``ids`` are the platform's own numbers, ``others`` further ones, such as that of
    the school; ``names`` all spellings, as `as_key` makes them.
    """

    row: int
    ids: frozenset[str]
    others: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True)
class Marksheet:
    """A file for marks. ``comment`` is the column for feedback, where there is one."""

    kind: Kind
    people: tuple[Person, ...]
    columns: tuple[MarkColumn, ...]
    comment: int | None = None


GRADE_HEADINGS = {
    "grade", "mark", "成绩", "成績", "评分", "分数", "bewertung", "note", "calificación", "nota",
    "valutazione", "avaliação", "qualificació", "оценка", "оцінка", "評点", "評定", "성적",
    "cijfer", "ocena", "not", "známka", "hodnocení", "betyg", "karakter", "arvosana", "βαθμός",
    "الدرجة", "ציון", "điểm", "nilai",
}  # fmt: skip
COMMENT_HEADINGS = {
    "feedback comments", "反馈评论", "反馈意见", "反馈评语", "回饋評論", "評語",
    "feedback als kommentar",
    "feedback par commentaires", "commentaires de feedback",
    "comentarios de retroalimentación",
    "commenti di feedback", "comentários de feedback", "feedbackcommentaar",
    "отзыв в виде комментария", "フィードバックコメント", "피드백 댓글",
}  # fmt: skip


def read_marksheet(sheet: Sheet) -> Marksheet:
    """
    Raises:
        NoMarksheetError: it is neither Moodle's nor Canvas's.
    """
    if len(sheet) < 2:
        raise NoMarksheetError(say("it has no rows"))
    found = _canvas(sheet) or _moodle(sheet)
    if found is None:
        raise NoMarksheetError(
            say(
                "it is neither the grading worksheet of a Moodle assignment nor the export of a "
                "Canvas gradebook"
            )
        )
    return found


def as_key(name: str) -> str:
    """A name as it is compared: without marks, spaces and capitals."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]+", "", plain)


def number_in(text: str) -> float | None:
    """A number in either spelling, ``7.50`` or ``7,50``."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


# Canvas: "Student", "ID", ..., "<Title> (<number>)", and a row "    Points Possible"

_ASSIGNMENT = re.compile(r"(?P<title>.*\S)\s+\((?P<number>\d+)\)\s*", re.DOTALL)
_AT_THE_TOP = 4


def _canvas(sheet: Sheet) -> Marksheet | None:
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
            _texts(sheet, row, [own]),
            _texts(sheet, row, schools),
            frozenset(_spellings(sheet.value(row, 0))),
        )
        for row in range(points_row + 1, len(sheet))
        if sheet.value(row, own).strip()
    )
    return Marksheet(Kind.CANVAS, people, columns)


def _points_row(sheet: Sheet) -> int | None:
    """The row above the students that says how many points there are, in any language."""
    for row in range(1, min(len(sheet), _AT_THE_TOP)):
        cells = sheet.row(row)
        is_nobody = cells[0].startswith("   ") and not "".join(cells[1:2]).strip()
        if is_nobody and any(number_in(cell) is not None for cell in cells[2:]):
            return row
    return None


def _texts(sheet: Sheet, row: int, columns: Sequence[int]) -> frozenset[str]:
    return frozenset(text for n in columns if (text := sheet.value(row, n).strip()))


def _spellings(name: str) -> Iterator[str]:
    """A name as it stands, and ``Last, First`` the other way round."""
    yield as_key(name)
    last, comma, first = name.partition(",")
    if comma:
        yield as_key(first + last)


# Moodle: "Participant 123", ..., "Grade", "Maximum Grade", ..., "Feedback comments"

_PARTICIPANT = re.compile(r"(?P<word>.*\D)(?P<number>\d+)", re.DOTALL)


def _moodle(sheet: Sheet) -> Marksheet | None:
    rows = [row for row in range(1, len(sheet)) if any(sheet.row(row))]
    found = [_PARTICIPANT.fullmatch(sheet.value(row, 0).strip()) for row in rows]
    participants = [one for one in found if one is not None]
    numbers = {one["number"] for one in participants}
    words = {one["word"].strip() for one in participants}
    grade = _grade_column(sheet, rows)
    if len(participants) != len(rows) or len(numbers) != len(rows) or len(words) != 1:
        return None
    if grade is None:
        return None
    known = range(1, grade)
    people = tuple(
        Person(
            row,
            frozenset([one["number"]]),
            _texts(sheet, row, known),
            frozenset(as_key(sheet.value(row, n)) for n in known) - {""},
        )
        for row, one in zip(rows, participants, strict=True)
    )
    comment = _column_called(sheet, COMMENT_HEADINGS)
    return Marksheet(Kind.MOODLE, people, (_mark_column(sheet, rows, grade),), comment)


def _column_called(sheet: Sheet, headings: set[str]) -> int | None:
    called = (n for n, cell in enumerate(sheet.row(0)) if cell.strip().casefold() in headings)
    return next(called, None)


def _grade_column(sheet: Sheet, rows: Sequence[int]) -> int | None:
    """By its heading, else because the same number stands beside it in every row."""
    grade = _column_called(sheet, GRADE_HEADINGS)
    if grade is not None or len(rows) < 2:
        return grade or None
    for column in range(2, len(sheet.row(0))):
        if _points_beside(sheet, rows, column - 1) is not None:
            return column - 1
    return None


def _points_beside(sheet: Sheet, rows: Sequence[int], grade: int) -> float | None:
    """The maximum grade, which stands to the right of the grade in every row."""
    texts = {sheet.value(row, grade + 1).strip() for row in rows}
    points = number_in(next(iter(texts))) if len(texts) == 1 else None
    return points if points is not None and points > 0 else None


def _mark_column(sheet: Sheet, rows: Sequence[int], grade: int) -> MarkColumn:
    beside = sheet.value(rows[0], grade + 1)
    points = _points_beside(sheet, rows, grade)
    decimal = "," if points is not None and "," in beside else "."
    return MarkColumn(grade, sheet.value(0, grade), points, decimal)
