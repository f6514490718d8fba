"""The gradebook: a row a student and exercise, for spreadsheets and for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.checks import Status
from grader.classroom.batch.config import BatchConfig
from grader.classroom.model import ClassResults, Result
from grader.classroom.outputs import Output, OutputOptions
from grader.classroom.sheet import harmless
from grader.messages import Language, Localized
from grader.report.escaping import one_line
from grader.saving import write_whole

GRADEBOOK = "gradebook.csv"

COLUMNS = (
    "student",
    "id",
    "email",
    "exercise",
    "file",
    "score",
    "possible",
    "passed",
    "outcome",
    "attempt",
    "attempts",
    "submitted",
    "late",
    "found",
    "reason",
    "note",
)
"""``score`` is what counts; ``found`` what the grader found, and ``reason`` why the teacher
gave something else. No score is no 0: that answer could not be judged, or there is none."""

WITNESS = "witness"
"""A further column, only where some result rests on the script's own word."""

MISSING = "missing"
"""The outcome of an answer that was never handed in."""

_OPEN = (Status.FAILED, Status.LUCKY)

Cell = str | float | int | None


def gradebook(results: ClassResults, language: Language) -> str:
    """The whole class as CSV, beginning with the mark by which spreadsheets know UTF-8.

    Its columns are `COLUMNS`, and `WITNESS` where it is needed; it has a row for each missing
    answer, too. No cell can be taken for a formula.
    """
    written = io.StringIO(newline="")
    rows = csv.writer(written, lineterminator="\r\n")
    columns = (*COLUMNS, WITNESS) if results.by_script else COLUMNS
    rows.writerow(columns)
    for whole in sorted(_rows(results, language), key=lambda row: tuple(map(str, row[:4]))):
        row = whole[: len(columns)]
        shown = (harmless(one_line(cell)) if isinstance(cell, str) else cell for cell in row)
        rows.writerow(f"{cell:g}" if isinstance(cell, (int, float)) else cell for cell in shown)
    return f"\ufeff{written.getvalue()}"


def _rows(results: ClassResults, language: Language) -> Iterable[tuple[Cell, ...]]:
    for result in results.results:
        yield tuple(_graded(result, language))
    for student, exercise in results.missing:
        named = (student.name, student.id, student.email, exercise.id)
        yield (*named, None, None, exercise.possible, None, MISSING, *[None] * 8)


def _graded(result: Result, language: Language) -> Iterator[Cell]:
    student = result.student
    is_judged = result.score is not None
    yield from (student.name, student.id, student.email, result.exercise, result.file)
    yield from (result.mark, result.possible, _yes(result.passed) if is_judged else None)
    yield from (result.outcome, result.attempt, result.attempts)
    yield None if result.submitted_at is None else result.submitted_at.isoformat(" ", "seconds")
    yield _yes(result.late)
    yield result.score
    yield None if result.override is None else result.override.reason
    notes = (each for each in (result.in_part, _note(result)) if each is not None)
    yield " ".join(each.in_language(language) for each in notes) or None
    yield result.witness


def _note(result: Result) -> Localized | None:
    """What is to be said of the answer as a whole, else what the first check saw that did not
    hold: advice costs no points, and is none.
    """
    if result.remark is not None:
        return result.remark
    seen = (each.happened for each in result.checks if each.status in _OPEN and not each.is_advice)
    return next(filter(None, seen), None)


def _yes(fact: bool | None) -> str | None:
    return None if fact is None else "yes" if fact else "no"


def _write(options: OutputOptions, results: ClassResults, config: BatchConfig) -> Sequence[Path]:
    path = config.reports / GRADEBOOK
    write_whole(path, gradebook(results, config.language))
    return [path]


OUTPUT = Output(0, _write)
