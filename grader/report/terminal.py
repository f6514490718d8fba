"""A Grade at the terminal: a line a check, then the failures in full.

Whatever a student can have a word in is on one line or indented: a name with a line end in it
cannot put a score of its own at the left edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text as Words

from grader.checks import Status
from grader.grading import Grade, Judgement
from grader.messages import Language, Text, say
from grader.messages.wrapping import pad, wrap
from grader.report.escaping import one_line, visible
from grader.report.narration import OUTCOMES, Narrator, exit_of, name_of_run, role_of
from grader.report.words import (
    WITNESSES,
    because,
    has_advice,
    is_explained,
    isolation_of,
    note_of,
    openness_of,
    places_tried,
    points_of,
    quoted_line,
    score_line,
    self_check_of,
    sign_of,
)
from grader.trace import Location, Outcome, Printed, Trace
from grader.trace.naming import line_as_subject, seconds

_WIDEST = 88
"""Beyond so many columns the eye does not find the points that belong to a claim."""
_NARROWEST_CLAIM = 12
"""Where less is left, lines are wider than the terminal, which breaks them itself."""
_INDENT = 2
_TIMES = 11

Amount = Literal["quiet", "normal", "verbose"]


def render_terminal(
    grade: Grade,
    language: Language,
    console: Console,
    amount: Amount = "normal",
    report: Path | None = None,
) -> None:
    """Print a grade.

    Args:
        grade: what to print.
        language: of the words.
        console: where to; it decides on colour and width.
        amount: ``quiet`` is the score only, ``verbose`` has the processes and their output too.
        report: where the HTML report is, if it was written.
    """
    writer = _Writer(grade, language, console)
    if amount == "quiet":
        writer.score()
        return
    writer.checks()
    writer.note()
    writer.failures()
    if amount == "verbose":
        for trace in grade.runs:
            writer.processes(trace)
        writer.circumstances()
    writer.openness()
    console.print()
    writer.score()
    if report is not None:
        writer.say_unbroken(say("Report: {path}", path=one_line(str(report))), "dim")


class _Writer:
    def __init__(self, grade: Grade, language: Language, console: Console) -> None:
        self._grade = grade
        self._language = language
        self._console = console

    def _text(self, text: Text) -> str:
        return visible(text.in_language(self._language))

    def _line(self, words: Words | str, style: str = "") -> None:
        """Rich neither breaks nor cuts it: it fits, or is to be copied."""
        if isinstance(words, str):
            words = Words(words, style=style)
        self._console.print(words, soft_wrap=True)

    def _lines(self, text: str, style: str = "", indent: int = 0) -> None:
        for line in wrap(text, max(_NARROWEST_CLAIM, self._console.width - indent)):
            self._line(" " * indent + line, style)

    def say(self, text: Text, style: str = "") -> None:
        """Print one text, wrapped to the width of the terminal."""
        self._lines(self._text(text), style)

    def say_unbroken(self, text: Text, style: str = "") -> None:
        """For a path, which is to be copied in one piece."""
        self._line(self._text(text), style)

    def checks(self) -> None:
        """The table of checks: a sign, the claim and the points of each."""
        title = one_line(self._grade.exercise.title.in_language(self._language))
        parts = [title, one_line(self._grade.submission.path.name, 80)]
        if self._grade.witness is not None:
            witness = WITNESSES[self._grade.witness]
            parts.append(self._text(say("witness: {witness}", witness=witness)))
        self._lines(" · ".join(parts), "bold")
        if self._grade.is_self_check:
            self._lines(self._text(self_check_of(self._grade)), "yellow")
        rows = [
            (sign, self._text(sign.word), self._claim(each), points_of(each), cause)
            for each, cause in zip(self._grade.judgements, self._causes(), strict=True)
            for sign in [sign_of(each.finding.status, each.is_advice)]
        ]
        widest_word = max((cell_len(word) for _, word, *_ in rows), default=0)
        widest_points = max((len(points) for *_, points, _ in rows), default=0)
        indent = len("✔ ") + widest_word + 1
        width = min(self._console.width, _WIDEST) - indent - 1 - widest_points
        for sign, word, claim, points, cause in rows:
            first, *others = wrap(claim, max(_NARROWEST_CLAIM, width))
            self._line(
                Words.assemble(
                    (f"{sign.icon} {pad(word, widest_word)}", sign.style),
                    f" {pad(first, width)} ",
                    (points.rjust(widest_points), sign.style),
                )
            )
            for line in others:
                self._line(" " * indent + line)
            if cause is not None:
                for line in wrap(self._text(cause), max(_NARROWEST_CLAIM, width)):
                    self._line(" " * indent + line, "dim")

    def _causes(self) -> Iterator[Text | None]:
        """Why each check was skipped; of several one after the other for the same reason, it stands
        below the last.
        """
        for cause, alike in groupby(self._grade.judgements, _cause_of):
            checks = len(list(alike))
            yield from [None] * (checks - 1)
            yield None if cause is None else because(self._grade, cause, checks)

    def _claim(self, judgement: Judgement) -> str:
        return one_line(judgement.finding.expected.in_language(self._language))

    def note(self) -> None:
        """How the run ended, unless it finished, and the note on the grade."""
        outcome = self._grade.outcome
        if outcome is not Outcome.FINISHED and self._grade.runs:
            self._console.print()
            self.say(say("The run: {outcome}.", outcome=OUTCOMES[outcome]), "bold")
        note = note_of(self._grade)
        for text in (note, self._grade.untried):
            if text is not None:
                self._console.print()
                self._paragraph(self._text(text))

    def failures(self) -> None:
        """Each finding that explains something, in the exercise's order."""
        for judgement in self._grade.judgements:
            if is_explained(judgement) or has_advice(judgement):
                self._failure(judgement)

    def _failure(self, judgement: Judgement) -> None:
        finding, sign = judgement.finding, sign_of(judgement.finding.status, judgement.is_advice)
        word = self._text(sign.word)
        self._console.print()
        self._lines(f"{sign.icon} {word} · {self._claim(judgement)}", sign.style)
        feedback = finding.feedback
        for text in (feedback.happened, feedback.why):
            if text is not None:
                self._paragraph(self._text(text))
        if feedback.line is not None:
            self._quote(feedback.line)
        if feedback.next is not None:
            self._paragraph("→ " + self._text(feedback.next), "bold")
        if finding.hint is not None:
            hint = say("Hint: {hint}", hint=finding.hint)
            self._paragraph(self._text(hint), "italic")
        if finding.schedule is not None and finding.status is Status.LUCKY:
            again = say("Run this order again: --replay {order}", order=finding.schedule)
            self._paragraph(self._text(again), "dim")

    def _paragraph(self, text: str, style: str = "") -> None:
        self._lines(text, style, _INDENT)

    def _quote(self, place: Location) -> None:
        code = quoted_line(self._grade, place)
        if code is not None:
            label = self._text(line_as_subject(place, self._grade.submission.script.name))
            self._paragraph(f"{label}:  {one_line(code, 200)}", "cyan")

    def processes(self, trace: Trace) -> None:
        """Who ran when, and who said what."""
        narrator = Narrator.of(trace, self._grade.submission)
        self._console.print()
        if len(self._grade.runs) > 1:
            self.say(name_of_run(trace), "bold underline")
        for process in trace.processes:
            begin = process.began if process.began is not None else process.started
            span = self._text(seconds(begin))
            if process.ended is not None:
                span += " – " + self._text(seconds(process.ended))
            name = one_line(narrator.name(process.number).in_language(self._language), 40)
            about = self._text(role_of(process, narrator))
            end = self._text(exit_of(process))
            heading = f"{name} ({about}, pid {process.pid}): {span}, {end}"
            self._lines(one_line(heading), "bold")
            for event in trace.events:
                if isinstance(event, Printed) and event.by == process.number:
                    mark = "!" if narrator.is_on_stderr(event) else "│"
                    at = self._text(seconds(event.at)).rjust(_TIMES)
                    self._output(f"{at} {mark} ", event.text)

    def _output(self, heading: str, text: str) -> None:
        indent = cell_len(heading)
        width = max(_NARROWEST_CLAIM, self._console.width - indent)
        for number, line in enumerate(wrap(one_line(text, 500), width)):
            self._line((" " * indent if number else heading) + line)

    def circumstances(self) -> None:
        """How the submission was isolated, and at how many places a process or thread
        was held up.
        """
        if self._grade.runs:
            isolation = isolation_of(self._grade.runs[0])
            self._console.print()
            self.say(say("Isolation: {isolation}", isolation=isolation), "dim")
        places = places_tried(self._grade)
        if places is not None:
            self.say(places, "dim")

    def openness(self) -> None:
        """What stood open to the submission, where the isolation is not whole."""
        openness = openness_of(self._grade.runs[0]) if self._grade.runs else None
        if openness is not None:
            self._console.print()
            self.say(openness, "yellow")

    def score(self) -> None:
        """The points that were scored."""
        passed = self._grade.passed
        self.say(score_line(self._grade), "bold green" if passed else "bold")


def _cause_of(judgement: Judgement) -> str | None:
    """The check that explains why this one was skipped; None where it was not."""
    finding = judgement.finding
    return finding.cause if finding.status is Status.SKIPPED else None
