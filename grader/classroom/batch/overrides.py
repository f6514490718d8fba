"""Marks that the teacher gave by hand: ``overrides.csv`` in the folder of submissions.

Its columns are ``student`` (id or name), ``exercise``, ``score`` and ``reason``, in any order.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.model import Override, Student
from grader.classroom.sheet import decoded
from grader.exercise import ExerciseError, Problem
from grader.exercise.wording import listed
from grader.messages import Text, say

COLUMNS = ("student", "exercise", "score", "reason")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file. ``line`` counts from 1."""

    line: int
    student: str
    exercise: str
    override: Override


@dataclass(frozen=True)
class Overrides:
    """The marks by the student's id and the exercise, and lines about no known student."""

    marks: dict[tuple[str, str], Override]
    unused: tuple[Text, ...] = ()


def read_overrides(path: Path) -> tuple[Row, ...]:
    """The lines of the file; none where there is no file.

    Raises:
        ExerciseError: it cannot be read, or a line is wrong. It has every problem.
        OSError: it cannot be read.
    """
    if not path.exists():
        return ()
    _, _, text = decoded(path.read_bytes())
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = [name.strip().lower() for name in next(lines, [])]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        message = f"the first line names the columns {listed(COLUMNS)}: {listed(missing, 'and')} "
        message += "is missing" if len(missing) == 1 else "are missing"
        raise ExerciseError([Problem(str(path), message, 1, 1, first.rstrip("\r"), len(first))])
    problems: list[Problem] = []
    rows: list[Row] = []
    for cells in lines:
        row = _row(path, lines.line_num, dict(zip(header, map(str.strip, cells), strict=False)))
        if isinstance(row, Problem):
            problems.append(row)
        elif row is not None:
            rows.append(row)
    problems += _repeated(path, rows)
    if problems:
        raise ExerciseError(problems)
    return tuple(rows)


def _row(path: Path, line: int, cells: dict[str, str]) -> Row | Problem | None:
    if not any(cells.values()):
        return None
    student, exercise, score = (cells.get(name, "") for name in COLUMNS[:3])
    shown = ", ".join(cells.values())
    if not student or not exercise:
        message = "a line needs a student and an exercise"
        return Problem(str(path), message, line, 1, shown, len(shown))
    try:
        number = float(score.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        message = f"'{score}' is no score: write a number such as 7.5"
        return Problem(str(path), message, line, 1, shown, len(shown))
    return Row(line, student, exercise, Override(number, cells.get("reason", "")))


def _repeated(path: Path, rows: Iterable[Row]) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.student, row.exercise)
        if key in first:
            message = f"{row.student} has a mark for {row.exercise} in line {first[key]} already"
            yield Problem(str(path), message, row.line, 1)
        first.setdefault(key, row.line)


def applied(
    path: Path, rows: Iterable[Row], students: Iterable[Student], exercises: Iterable[str]
) -> Overrides:
    """The marks of those who are there.

    Raises:
        ExerciseError: a name is that of several students.
    """
    known = set(exercises)
    by_name: dict[str, set[str]] = {}
    for student in students:
        by_name.setdefault(student.name, set()).add(student.id)
    for student_id in {number for numbers in by_name.values() for number in numbers}:
        by_name[student_id] = {student_id}
    marks: dict[tuple[str, str], Override] = {}
    unused: list[Text] = []
    for row in rows:
        numbers = by_name.get(row.student, set())
        if len(numbers) > 1:
            message = f"{listed(sorted(numbers), 'and')} are called {row.student}: write the id"
            raise ExerciseError([Problem(str(path), message, row.line, 1)])
        if not numbers or row.exercise not in known:
            unused.append(_unused(path, row))
        else:
            marks[next(iter(numbers)), row.exercise] = row.override
    return Overrides(marks, tuple(unused))


def _unused(path: Path, row: Row) -> Text:
    return say(
        "{file}, line {line}: no student called {student} handed in anything for {exercise}.",
        file=path.name,
        line=row.line,
        student=row.student,
        exercise=row.exercise,
    )
