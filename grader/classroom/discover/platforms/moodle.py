"""Moodle: ``张三_101_assignsubmission_file/join.py``, or the same without folders.

A student who is marked blindly is called ``Participant_101_...``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

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
from grader.classroom.model import Result, Student
from grader.classroom.sheet import Sheet

_ENTRY = re.compile(
    r"(?P<place>(?P<name>[^_]*)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext))"
    r"(?:_(?P<rest>.*)|\.html?)?",
    re.DOTALL,
)
_BLIND = ("", "Participant", "参与者")
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


def _reader(export: Export) -> Reader:
    def read(file: File) -> Sequence[Claim] | None:
        """Whose a file is, by the name that Moodle gave to its folder or to it."""
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


def _feedback(result: Result) -> tuple[tuple[str, ...], str]:
    """The folders around a student's own, and the report's name in the zip file."""
    parts = PurePosixPath(result.file).parts
    for position, part in enumerate(parts):
        if part == result.place:
            around, is_folder = parts[:position], True
            break
        if part.startswith(f"{result.place}_"):
            around, is_folder = parts[:position], False
            break
    else:
        around, is_folder = (), True
    joint = "/" if is_folder else "_"
    return around, f"{result.place}{joint}{result.exercise}.html"


# The worksheet: "Participant 123", ..., "Grade", "Maximum Grade", ..., "Feedback comments". It is
# known by how it is built as well as by its headings, which are in the language of the site.

_PARTICIPANT = re.compile(r"(?P<word>.*\D)(?P<number>\d+)", re.DOTALL)


def _worksheet(sheet: Sheet) -> Marksheet | None:
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
            texts_in(sheet, row, known),
            frozenset(as_key(sheet.value(row, n)) for n in known) - {""},
        )
        for row, one in zip(rows, participants, strict=True)
    )
    comment = _column_called(sheet, COMMENT_HEADINGS)
    column = _mark_column(sheet, rows, grade)
    return Marksheet(people, (column,), comment, is_of_one=True)


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


_PLACE = re.compile(r"[^_]*_(\d+)_assignsubmission_.*", re.DOTALL)


def _number(result: Result) -> str:
    """The participant's in the assignment that this was handed in for."""
    found = _PLACE.fullmatch(result.place)
    return found[1] if found else result.student.id


PLATFORM = Platform(
    "moodle",
    _reader,
    together=_by_name,
    feedback=_feedback,
    marksheet=_worksheet,
    number=_number,
)
