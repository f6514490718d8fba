"""The student's source for the page: coloured, numbered, with the lines that findings are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from pygments.lexers.python import PythonLexer
from pygments.token import STANDARD_TYPES

from grader.grading import Grade
from grader.report.escaping import one_line
from grader.report.words import is_explained
from grader.submission import SourceFile

_LINES_AT_MOST = 1_500
_COLUMNS_AT_MOST = 400
_INDENTATION = " " * 4


@dataclass(frozen=True)
class SourceLine:
    """A line of a file, coloured. ``checks`` are the ids of the findings that point at it."""

    number: int
    code: Markup
    checks: tuple[str, ...]


@dataclass(frozen=True)
class SourceText:
    """A file of the submission. ``left_out`` counts the lines that are not shown.

    A line's anchor on the page is ``anchor`` and its number.
    """

    name: str
    anchor: str
    lines: tuple[SourceLine, ...]
    left_out: int


def sources_of(grade: Grade) -> tuple[SourceText, ...]:
    """The files of the submission, the script first."""
    pointing = _pointing(grade)
    return tuple(
        _source(file, anchor_of(index), pointing.get(file.name, {}))
        for index, file in enumerate(grade.submission.files)
    )


def anchor_of(index: int) -> str:
    """What the anchors of the lines of a submission's file begin with: no name is in them."""
    return "line-" if index == 0 else f"line-{index}-"


def _pointing(grade: Grade) -> dict[str, dict[int, list[str]]]:
    """Which findings point at a line: file, line, ids."""
    found: dict[str, dict[int, list[str]]] = {}
    for judgement in grade.judgements:
        line = judgement.finding.feedback.line
        if line is not None and is_explained(judgement):
            found.setdefault(line.file, {}).setdefault(line.line, []).append(judgement.check.id)
    return found


def _source(file: SourceFile, anchor: str, pointing: Mapping[int, Sequence[str]]) -> SourceText:
    lines = file.lines()
    shown = [
        one_line(line.replace("\t", _INDENTATION), _COLUMNS_AT_MOST)
        for line in lines[:_LINES_AT_MOST]
    ]
    return SourceText(
        one_line(file.name, 120),
        anchor,
        tuple(
            SourceLine(number, code, tuple(pointing.get(number, ())))
            for number, code in enumerate(_coloured(shown), 1)
        ),
        len(lines) - len(shown),
    )


def _coloured(lines: Sequence[str]) -> list[Markup]:
    """Each line with its tokens in spans: a token of several lines has one in each."""
    if not lines:
        return []
    coloured = [Markup("")]
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    for token, text in lexer.get_tokens("\n".join(lines)):
        for index, piece in enumerate(text.split("\n")):
            if index:
                coloured.append(Markup(""))
            if piece:
                kind = STANDARD_TYPES.get(token)
                coloured[-1] += (
                    Markup('<span class="{}">{}</span>').format(kind, piece) if kind else piece
                )
    return coloured
