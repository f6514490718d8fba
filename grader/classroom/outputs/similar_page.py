"""The page of programs that are alike: a hint where to look, and no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup, escape

from grader.classroom.batch.config import BatchConfig
from grader.classroom.model import ClassResults
from grader.classroom.outputs import Output, OutputOptions
from grader.classroom.outputs.class_page import SIMILAR_PAGE, TEMPLATES, ClassPage
from grader.classroom.outputs.similarity import (
    Alike,
    Pair,
    Program,
    Slices,
    find_alike,
    require_library,
)
from grader.messages import Language
from grader.report import render_page, report_style
from grader.report.escaping import visible
from grader.saving import write_whole

_PAIRS_AT_MOST = 100
_OPEN = 3


def render_similar(
    results: ClassResults,
    alike: Sequence[Alike],
    threshold: float,
    language: Language,
    folder: Path,
    *,
    anonymous: bool = False,
) -> str:
    """The whole page as text.

    Args:
        results: the class.
        alike: what was found, by exercise.
        threshold: from which share, 0 to 1, pairs are shown.
        language: of the page.
        folder: where the page will be.
        anonymous: whether it names no student.
    """
    style = report_style() + (TEMPLATES / "class.css").read_text("utf-8")
    page, shown = SimilarPage(results, language, folder, anonymous=anonymous), f"{threshold:.0%}"
    template = TEMPLATES / "similar.html"
    return render_page(template, page, language, style, alike=alike, threshold=shown)


class SimilarPage(ClassPage):
    """What the template asks for, beside what pages of the class share."""

    def pairs(self, alike: Alike) -> Sequence[Pair]:
        """The pairs that are shown."""
        return alike.pairs[:_PAIRS_AT_MOST]

    def is_open(self, number: int) -> bool:
        """Whether a pair is seen at once."""
        return number < _OPEN

    def names(self, program: Program) -> str:
        """All students who handed the program in."""
        return ", ".join(self.naming.name(result.student) for result in program.results)

    def percent(self, share: float) -> str:
        """A share from 0 to 1 as people read it."""
        return f"{share:.0%}"

    def marked(self, program: Program, slices: Slices) -> Markup:
        """The program's text with what is shared marked in it."""
        pieces, at = [], 0
        for start, end in slices:
            pieces.append(self._code(program.text[at:start]))
            pieces.append(Markup("<mark>{}</mark>").format(self._code(program.text[start:end])))
            at = end
        pieces.append(self._code(program.text[at:]))
        return Markup("").join(pieces)

    def _code(self, text: str) -> Markup:
        return escape(self.naming.without_names(visible(text)))


def _write(options: OutputOptions, results: ClassResults, config: BatchConfig) -> Sequence[Path]:
    if options.similar is None:
        return []
    path, least = config.reports / SIMILAR_PAGE, options.similar / 100
    page = render_similar(
        results,
        find_alike(results.results, least),
        least,
        config.language,
        config.reports,
        anonymous=options.anonymous,
    )
    write_whole(path, page)
    return [path]


OUTPUT = Output(4, _write, lambda options: None if options.similar is None else require_library())
