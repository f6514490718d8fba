"""A class as one HTML file: who did what, what goes wrong most, and where that is explained."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup, escape

from grader.checks import Status
from grader.classroom.batch.config import BatchConfig
from grader.classroom.batch.fingerprint import fingerprint, of_package
from grader.classroom.batch.reports import CLASS_PAGE
from grader.classroom.model import (
    Attempt,
    CheckResult,
    ClassResults,
    ExerciseOfClass,
    Result,
    Student,
)
from grader.classroom.outputs import Output, OutputOptions
from grader.classroom.outputs.naming import Naming
from grader.classroom.outputs.statistics import (
    Mistake,
    MistakeKey,
    Spread,
    key_of,
    mistakes_of,
    spread_of,
)
from grader.messages import Language, Localized, Text, plural, say
from grader.report import render_page, report_style
from grader.report.escaping import one_line, visible, with_code
from grader.report.words import ADVICE, BY_SCRIPT, SIGNS, Sign, sign_of
from grader.saving import write_whole

TEMPLATES = Path(__file__).parent / "templates"
SIMILAR_PAGE = "similar.html"
_ALWAYS_SHOWN = 4
_MISTAKES_OPEN = 3
_MISTAKES_AT_ONCE = 8
_WORDS_IN_CELLS = 10
"""Of so few checks each cell has room for its word beside the icon."""


def render_class(
    results: ClassResults,
    language: Language,
    folder: Path,
    *,
    anonymous: bool = False,
    similar: str | None = None,
) -> str:
    """The whole page as text, with its style and script inside and nothing to fetch.

    Args:
        results: the class.
        language: of the page.
        folder: where the page will be: links to reports begin there.
        anonymous: whether it names no student.
        similar: the file name of the page of similar programs, if there is one.
    """
    style = report_style() + (TEMPLATES / "class.css").read_text("utf-8")
    script = (TEMPLATES / "class.js").read_text("utf-8")
    page = ClassPage(results, language, folder, anonymous=anonymous)
    template = TEMPLATES / "class.html"
    return render_page(template, page, language, style, script, similar=similar)


@dataclass(frozen=True, slots=True)
class Row:
    """A student's row. ``tokens`` is what the filter asks for, ``share`` what is sorted by."""

    student: Student
    cells: Markup
    tokens: str
    share: float


@dataclass(frozen=True, slots=True)
class Column:
    """A check as the head of a column. ``share`` is how many passed it, in percent; None: it
    judged no student.
    """

    check: str
    claim: str
    share: int | None
    is_advice: bool


class ClassPage:
    """What the template asks for. Every text it gives is safe to be escaped and shown."""

    def __init__(
        self, results: ClassResults, language: Language, folder: Path, *, anonymous: bool = False
    ) -> None:
        self.results = results
        self.naming = Naming(results.students, language, anonymous=anonymous)
        self._language: Language = language
        self._folder = folder
        self._shown_before: dict[tuple[Status, bool], tuple[str, Markup]] = {}
        self._of = {(one.student.id, one.exercise): one for one in results.results}

    def text(self, text: Text | None) -> str:
        """A text in the page's language, without names if the page is anonymous."""
        if text is None:
            return ""
        return self.naming.without_names(visible(text.in_language(self._language)))

    def prose(self, text: Localized | None) -> Markup:
        """A sentence in which `code` between backticks is shown as code."""
        return with_code(self.text(text))

    # The head of the page

    @property
    def exercises(self) -> tuple[ExerciseOfClass, ...]:
        """All exercises, in the order of the course."""
        return self.results.exercises

    @property
    def is_course(self) -> bool:
        """Whether there are several."""
        return len(self.exercises) > 1

    @property
    def title(self) -> str:
        """The only exercise's, or that of any class."""
        only = self.exercises[0].title if len(self.exercises) == 1 else None
        return self.text(only) if only else self.text(say("The class"))

    @property
    def figures(self) -> list[tuple[str, str, str]]:
        """Number, what it counts, and a class where it needs attention; the first ones always."""
        results = self.results.results
        passed = sum(result.passed is True for result in results)
        in_part = sum(result.is_settled and result.passed is None for result in results)
        not_judged = len(self.results.unsettled)
        shown = [
            (len(self.results.students), say("students"), ""),
            (len(results), say("answers"), ""),
            (passed, say("passed"), "good"),
            (len(results) - passed - in_part - not_judged, say("did not pass"), ""),
            (in_part, say("right as far as judged"), ""),
            (self._lucky, say("lucky"), "warm"),
            (not_judged, say("not judged"), "bad"),
            (len(self.results.missing), say("missing"), "bad"),
            (sum(bool(result.late) for result in results), say("late"), "bad"),
        ]
        return [
            (str(number), self.text(what), kind)
            for place, (number, what, kind) in enumerate(shown)
            if number or place < _ALWAYS_SHOWN
        ]

    @property
    def by_script(self) -> str:
        """That marks rest on the scripts' own word, where some do."""
        return self.text(BY_SCRIPT) if self.results.by_script else ""

    @property
    def _lucky(self) -> int:
        """Whose program does the right thing in the usual order only."""
        return sum(
            any(check.status is Status.LUCKY and not check.is_advice for check in result.checks)
            for result in self.results.results
        )

    # Marks

    @property
    def spreads(self) -> list[Spread]:
        """How the marks of each exercise are spread."""
        return [
            spread_of(each, [one for one in self.results.results if one.exercise == each.id])
            for each in self.exercises
        ]

    def number(self, value: float | None) -> str:
        """Points as they are shown; a dash where there are none."""
        return "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")

    # Mistakes

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """All mistakes, the commonest first."""
        return mistakes_of(self.results.results)

    @property
    def first_mistakes(self) -> list[tuple[int, Mistake]]:
        """Those that are seen at once, with their numbers."""
        return list(enumerate(self.mistakes))[:_MISTAKES_AT_ONCE]

    @property
    def other_mistakes(self) -> list[tuple[int, Mistake]]:
        """Those that are folded away, with their numbers."""
        return list(enumerate(self.mistakes))[_MISTAKES_AT_ONCE:]

    def is_open(self, number: int) -> bool:
        """Whether a mistake is shown in full at once."""
        return number < _MISTAKES_OPEN

    def sign(self, check: CheckResult) -> tuple[str, str, str]:
        """Icon, word and class."""
        sign = sign_of(check.status, check.is_advice)
        return sign.icon, self.text(sign.word), _kind(sign, check.status)

    def how_many(self, mistake: Mistake) -> str:
        """How many students made a mistake, in words."""
        return self.text(plural("{count} student", "{count} students", len(mistake.made_by)))

    def share(self, mistake: Mistake) -> int:
        """Of those who answered that exercise, in percent."""
        all_ = sum(result.exercise == mistake.exercise for result in self.results.results)
        return round(100 * len(mistake.made_by) / all_)

    def exercise_title(self, exercise_id: str) -> str:
        """The title of an exercise."""
        return next(self.text(each.title) for each in self.exercises if each.id == exercise_id)

    def link(self, result: Result, check: str = "") -> str:
        """The address of a report, or of a check in it; nothing where it may not be shown."""
        if result.report is None or self.naming.anonymous:
            return ""
        path = quote(os.path.relpath(result.report, self._folder))
        return f"{path}#check-{quote(check)}" if check else path

    # The table

    def columns(self, exercise: ExerciseOfClass) -> list[Column]:
        """A column for each check of an exercise."""
        found: dict[str, list[CheckResult]] = {each: [] for each in exercise.checks}
        for result in self.results.results:
            if result.exercise == exercise.id:
                for check in result.checks:
                    found.setdefault(check.id, []).append(check)
        return [self._column(check, each) for check, each in found.items()]

    def _column(self, check: str, results: Sequence[CheckResult]) -> Column:
        judged = [one for one in results if one.status is not Status.INCONCLUSIVE]
        passed = sum(one.status is Status.PASSED for one in judged)
        share = round(100 * passed / len(judged)) if judged else None
        claim = self.text(results[0].expected) if results else ""
        return Column(check, claim, share, any(one.is_advice for one in results))

    @property
    def has_words(self) -> bool:
        """Whether the cells of the table have room for words."""
        return sum(len(each.checks) for each in self.exercises) <= _WORDS_IN_CELLS

    @property
    def signs(self) -> list[tuple[str, str, str]]:
        """The legend: icon, word and class."""
        signs = [(sign, status.value) for status, sign in SIGNS.items()] + [(ADVICE, "advice")]
        return [(sign.icon, self.text(sign.word), kind) for sign, kind in signs]

    @property
    def rows(self) -> list[Row]:
        """A row for each student."""
        return [self._row(student) for student in self.naming.order]

    def _row(self, student: Student) -> Row:
        mine = [self._of.get((student.id, each.id)) for each in self.exercises]
        cells = Markup("").join(
            self._cells(number, exercise, result)
            for number, (exercise, result) in enumerate(zip(self.exercises, mine, strict=True))
        )
        there = [result for result in mine if result is not None]
        points = sum(result.mark or 0 for result in there)
        possible = sum(
            each.possible if result is None else result.possible
            for each, result in zip(self.exercises, mine, strict=True)
        )
        tokens = {token for result in there for token in self._tokens(result)}
        if len(there) < len(mine):
            tokens.add("missing")
        share = points / possible if possible else 0.0
        return Row(student, cells, " ".join(sorted(tokens)), share)

    def _tokens(self, result: Result) -> set[str]:
        is_judged = result.is_settled and result.passed is not None
        tokens = {"passed" if result.passed else "open" if is_judged else "unjudged"}
        tokens |= {"late"} if result.late else set()
        tokens |= {"by-hand"} if result.override else set()
        for check in result.checks:
            tokens.add(check.status.value)
            if check.status in (Status.FAILED, Status.LUCKY):
                tokens.add(f"mistake-{self._number[key_of(result, check)]}")
            if check.status is not Status.PASSED:
                tokens.add(f"check-{result.exercise}/{check.id}")
        return tokens

    @cached_property
    def _number(self) -> dict[MistakeKey, int]:
        return {each.key: number for number, each in enumerate(self.mistakes)}

    def _cells(self, number: int, exercise: ExerciseOfClass, result: Result | None) -> Markup:
        if result is None or not result.checks:
            text = self.text(say("nothing handed in") if result is None else say("not judged"))
            icon, kind = ("∅", "none") if result is None else ("?", "inconclusive")
            wide = max(1, len(exercise.checks))
            cells = Markup('<td class="cell {} x{}" colspan="{}">{}<span>{}</span></td>').format(
                kind, number, wide, icon, text
            )
        else:
            by_id = {check.id: check for check in result.checks}
            cells = Markup("").join(
                self._cell(number, result, by_id.get(check)) for check in exercise.checks
            )
        return cells + self._mark(number, result)

    def _cell(self, number: int, result: Result, check: CheckResult | None) -> Markup:
        if check is None:
            return Markup('<td class="cell x{}"></td>').format(number)
        kind, inside = self._shown(check.status, check.is_advice)
        link = "" if check.status is Status.PASSED else self.link(result, check.id)
        if link:
            inside = Markup(f'<a href="{escape(link)}">{inside}</a>')
        return Markup(f'<td class="cell {kind} x{number}">{inside}</td>')

    def _shown(self, status: Status, is_advice: bool) -> tuple[str, Markup]:
        """The class of a cell and what stands in it: the same in very many of them."""
        if (status, is_advice) not in self._shown_before:
            sign = sign_of(status, is_advice)
            inside = Markup("{}<span>{}</span>").format(sign.icon, self.text(sign.word))
            self._shown_before[status, is_advice] = _kind(sign, status), inside
        return self._shown_before[status, is_advice]

    def _mark(self, number: int, result: Result | None) -> Markup:
        if result is None:
            return Markup('<td class="mark x{}">–</td>').format(number)
        mark = "?" if result.mark is None else f"{result.mark:g}"
        shown = Markup("<b>{}</b>/{}").format(mark, f"{result.possible:g}")
        link = self.link(result)
        if link:
            shown = Markup('<a href="{}">{}</a>').format(link, shown)
        for text in self._remarks(result):
            shown += Markup(' <span class="tag">{}</span>').format(text)
        return Markup('<td class="mark x{}">{}</td>').format(number, shown)

    def _remarks(self, result: Result) -> list[str]:
        remarks = [] if result.in_part is None else [self.text(result.in_part)]
        if result.override is not None:
            by_hand = self.text(say("mark set by hand"))
            remarks.append(f"✎ {by_hand}")
        if result.late:
            late = self.text(say("late"))
            remarks.append(f"⏱ {late}")
        if result.attempts > 1:
            attempt = self.text(say("attempt"))
            remarks.append(f"{attempt} {result.attempt}")
        return remarks

    # What else there is

    def file(self, name: str) -> str:
        """The name of a file, in one line."""
        return one_line(name, 200)

    def breaking(self, name: str) -> Markup:
        """A name that is often a file's: a narrow column breaks it between its parts."""
        parts = re.split(r"(?<=[_@/-])(?=.)", visible(name))
        return Markup("<wbr>").join(parts)  # what is no Markup is escaped by it

    @property
    def unmatched(self) -> list[tuple[str, str, str]]:
        """File, whose, why."""
        if self.naming.anonymous:
            return []
        return [
            (self.file(one.file), one.student.name if one.student else "", self.text(one.reason))
            for one in self.results.unmatched
        ]

    @property
    def earlier(self) -> list[Attempt]:
        """The attempts that later ones replaced."""
        return [] if self.naming.anonymous else list(self.results.earlier)

    @property
    def shown_template(self) -> str:
        """The sentence that says how many rows are shown, with its holes."""
        holes = {"shown": "{shown}", "total": "{total}"}
        text = say("{shown} of {total} students", **holes)
        return text.in_language(self._language)


def _kind(sign: Sign, status: Status) -> str:
    """What the page's style sheet calls it."""
    return "advice" if sign is ADVICE else status.value


# Making a page for a thousand students takes a good part of a second. So it is signed: its last
# line is a comment with the hash of what it was made of, and that of the page itself. Whatever was
# cut off, changed by hand or made by another grader is made again.


def signed(page: str, made_of: str) -> str:
    """The page with its signature. ``made_of`` is the hash of all that it depends on."""
    return f"{page}\n{_signature(page, made_of)}\n"


def is_signed(path: Path, made_of: str) -> bool:
    """Whether the file is whole, and was made of the same."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    page, _, signature = text.removesuffix("\n").rpartition("\n")
    return signature == _signature(page, made_of)


def _signature(page: str, made_of: str) -> str:
    digest = sha256(page.encode("utf-8", "backslashreplace")).hexdigest()
    return f"<!-- {made_of} {digest} -->"


def _write(options: OutputOptions, results: ClassResults, config: BatchConfig) -> Sequence[Path]:
    path = config.reports / CLASS_PAGE
    similar = None if options.similar is None else SIMILAR_PAGE
    made_of = fingerprint(
        of_package(),
        config.language,
        os.path.abspath(config.reports),
        f"{options.anonymous} {similar}",
        repr(replace(results, results=())),
        *(fingerprint(repr(result)) for result in results.results),  # as one it is many MB
    )
    if not is_signed(path, made_of):
        page = render_class(
            results, config.language, config.reports, anonymous=options.anonymous, similar=similar
        )
        write_whole(path, signed(page, made_of))
    return [path]


OUTPUT = Output(3, _write)
