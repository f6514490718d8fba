"""Writes what a teacher wants of a graded class, where the batch says."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from grader.classroom.batch import Batch, BatchError, Writer
from grader.classroom.display import Summary
from grader.classroom.fingerprint import fingerprint, of_package
from grader.classroom.model import ClassResults
from grader.classroom.outputs.as_jsonl import json_lines
from grader.classroom.outputs.class_page import render_class
from grader.classroom.outputs.feedback import write_feedback
from grader.classroom.outputs.filling import Filled, copy_of, filled
from grader.classroom.outputs.gradebook import gradebook
from grader.classroom.outputs.junit import junit_xml
from grader.classroom.outputs.marksheet import NoMarksheetError, read_marksheet
from grader.classroom.outputs.sheet import Sheet
from grader.classroom.outputs.signing import is_signed, signed
from grader.classroom.outputs.similar_page import render_similar
from grader.classroom.outputs.similarity import (
    SimilarityMissingError,
    find_alike,
    require_library,
)
from grader.exit_status import ExitStatus
from grader.messages import Language, Text, plural, say
from grader.saving import write_whole

GRADEBOOK, CLASS_PAGE, SIMILAR_PAGE = "gradebook.csv", "index.html", "similar.html"


@dataclass(frozen=True)
class Wishes:
    """What is written besides the gradebook and the class page."""

    fill: tuple[Path, ...] = ()
    """The teacher's own worksheets and exports, of which filled-in copies are made."""
    columns: tuple[str, ...] = ()
    """Which assignment of an export is meant: ``HEADING`` or ``EXERCISE=HEADING``."""
    feedback: bool = False
    """Everybody's report as a zip file for Moodle."""
    junit: Path | None = None
    anonymous: bool = False
    """Nobody may be known by the pages of the class."""
    similar: int | None = None
    """From how much percent on pairs of programs are shown; None: they are not compared."""


def writers(wishes: Wishes) -> Sequence[Writer]:
    """What writes all that is wished, in order; the files to be filled in come last.

    Raises:
        BatchError: a file cannot be filled in, or a library is not there.
    """
    for path in wishes.fill:
        _require_marksheet(path)
    if wishes.similar is not None:
        _require_similarity()
    outputs = _Outputs(wishes)
    return (outputs.tables, outputs.pages, outputs.feedback, outputs.filled)


def _require_marksheet(path: Path) -> None:
    try:
        read_marksheet(Sheet(path.read_bytes()))
    except OSError as error:
        reason = str(error.strerror)
        problem = say("{path} cannot be read: {reason}.", path=str(path), reason=reason)
        raise BatchError(problem, ExitStatus.WRONG_CALL) from error
    except NoMarksheetError as error:
        raise BatchError(_not_filled(path, error), ExitStatus.WRONG_CALL) from error


def _not_filled(path: Path, error: NoMarksheetError) -> Text:
    return say("{path} cannot be filled in: {reason}.", path=str(path), reason=error.reason)


def _require_similarity() -> None:
    try:
        require_library()
    except SimilarityMissingError as error:
        problem = say("--similar needs a package: pip install 'grader[similarity]'")
        raise BatchError(problem, ExitStatus.CANNOT_WORK) from error


class _Outputs:
    """Each method is a `Writer`."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes

    def tables(self, results: ClassResults, batch: Batch) -> Sequence[Path]:
        language = batch.language
        wanted = [(batch.reports / GRADEBOOK, gradebook(results, language))]
        if batch.json is not None:
            wanted.append((batch.json, json_lines(results, language)))
        if self._wishes.junit is not None:
            wanted.append((self._wishes.junit, junit_xml(results, language)))
        for path, text in wanted:
            write_whole(path, text)
        return [path for path, _ in wanted]

    def pages(self, results: ClassResults, batch: Batch) -> Sequence[Path]:
        anonymous, similar = self._wishes.anonymous, self._wishes.similar
        class_page, similar_page = batch.reports / CLASS_PAGE, batch.reports / SIMILAR_PAGE
        link = None if similar is None else SIMILAR_PAGE
        place = os.path.abspath(batch.reports)
        made_of = fingerprint(
            of_package(),
            batch.language,
            place,
            f"{anonymous} {link}",
            repr(replace(results, results=())),
            *(fingerprint(repr(result)) for result in results.results),  # as one it is many MB
        )
        if not is_signed(class_page, made_of):
            page = render_class(
                results, batch.language, batch.reports, anonymous=anonymous, similar=link
            )
            write_whole(class_page, signed(page, made_of))
        if similar is None:
            return [class_page]
        least = similar / 100
        page = render_similar(
            results,
            find_alike(results.results, least),
            least,
            batch.language,
            batch.reports,
            anonymous=anonymous,
        )
        write_whole(similar_page, page)
        return [class_page, similar_page]

    def feedback(self, results: ClassResults, batch: Batch) -> Sequence[Path]:
        if not self._wishes.feedback:
            return []
        written = list(write_feedback(results, batch.reports))
        if not written:
            told = say("There is no feedback for Moodle: the submissions do not come from there.")
            _tell(batch.language, told)
        return written

    def filled(self, results: ClassResults, batch: Batch) -> Sequence[Path]:
        """
        Raises:
            BatchError: nothing says which exercise or assignment is meant.
        """
        written = []
        for path in self._wishes.fill:
            try:
                done = filled(
                    path.read_bytes(),
                    results,
                    batch.language,
                    name=path.stem,
                    columns=self._wishes.columns,
                )
            except NoMarksheetError as error:
                raise BatchError(_not_filled(path, error), ExitStatus.WRONG_CALL) from error
            copy = copy_of(path, batch.reports)
            _write_bytes(copy, done.content)
            for told in _told(copy, done):
                _tell(batch.language, told)
            written.append(copy)
        return written


def _tell(language: Language, text: Text) -> None:
    Summary(Console(), language).say(text)


def _told(copy: Path, done: Filled) -> Iterator[Text]:
    """What was filled in, whose mark was not, and how many rows were left as they were."""
    yield plural(
        "{file}: {count} mark is filled in. Rows without a submission: {others}.",
        "{file}: {count} marks are filled in. Rows without a submission: {others}.",
        done.written,
        file=copy.name,
        others=done.others,
    )
    for one in done.unfilled:
        student = one.result.student
        who = student.name if student.name == student.id else f"{student.name} ({student.id})"
        yield say(
            "  not filled in: {who} · {exercise}: {reason}",
            who=who,
            exercise=one.result.exercise,
            reason=one.reason,
        )


def _write_bytes(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
