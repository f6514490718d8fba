"""A Grade as one HTML file: it opens offline, and reads without a script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from jinja2 import Environment, StrictUndefined, select_autoescape
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from grader import __version__
from grader.checks import Grade, Judgement, Relation, Status
from grader.messages import Language, Text, say
from grader.report.escaping import one_line, visible
from grader.report.narration import OUTCOMES, Narrator, exit_of, name_of_run, role_of
from grader.report.terminal import quoted_line
from grader.report.timeline import Axis, draw, lay_out
from grader.report.timeline.layout import LABELS, times_of
from grader.report.words import because, is_told, points_of, score_line, sign_of
from grader.submission import SourceFile
from grader.trace import Location, Outcome, Printed, Role, Stream, Trace, Typed
from grader.trace.naming import line_as_subject, seconds

_TEMPLATES = Path(__file__).parent / "templates"
_EVENTS_AT_MOST = 600
_LINES_AT_MOST = 400
_SOURCE_LINES_AT_MOST = 1500
_WIDTH = 760.0


def render_html(grade: Grade, language: Language) -> str:
    """The whole page as text, with its style and script inside and nothing to fetch."""
    style, script = _file("report.css") + _pygments_style(), _file("report.js")
    return (
        _environment()
        .get_template("report.html")
        .render(
            page=_Page(grade, language),
            lang={"en": "en", "zh": "zh-Hans"}[language],
            style=Markup(style),
            script=Markup(script),
            policy=content_policy(style, script),
            version=__version__,
        )
    )


def content_policy(style: str, script: str) -> str:
    """A Content-Security-Policy that allows these two texts and nothing else."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    from jinja2 import FileSystemLoader

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _file(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _pygments_style() -> str:
    light: str = HtmlFormatter(style="default").get_style_defs(".code")  # type: ignore[no-untyped-call]
    dark: str = HtmlFormatter(style="github-dark").get_style_defs(".code")  # type: ignore[no-untyped-call]
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


@dataclass(frozen=True)
class _SourceLine:
    number: int
    code: Markup
    checks: tuple[str, ...]
    """The ids of the findings that point at it."""


@dataclass(frozen=True)
class _Said:
    at: str
    who: str
    text: str
    kind: str


@dataclass(frozen=True)
class _Run:
    """One run as the page shows it."""

    title: str
    drawing: Markup
    events: tuple[tuple[str, str, str], ...]
    left_out: str


class _Page:
    """What the template asks for. Every text it gives is safe to be escaped and shown."""

    def __init__(self, grade: Grade, language: Language) -> None:
        self.grade = grade
        self._language = language

    def t(self, text: str) -> str:
        """A sentence of the page's own, in its language (the template calls it ``t``)."""
        return self.told(_PAGE_TEXTS[text])

    def told(self, text: Text | None) -> str:
        return "" if text is None else visible(text.in_language(self._language))

    def prose(self, text: Text | None) -> Markup:
        """A sentence in which `code` between backticks is shown as code."""
        pieces = self.told(text).split("`")
        if len(pieces) % 2 == 0:
            return escape("`".join(pieces))
        shown = (
            Markup("<code>{}</code>").format(piece) if index % 2 else escape(piece)
            for index, piece in enumerate(pieces)
        )
        return Markup("").join(shown)

    @property
    def title(self) -> str:
        return self.told(self.grade.exercise.title)

    @property
    def file_name(self) -> str:
        return one_line(self.grade.submission.path.name, 120)

    @property
    def task(self) -> Markup:
        """The task's Markdown; raw HTML in it stays text."""
        renderer = MarkdownIt("commonmark", {"html": False})
        renderer.disable(["link", "image", "autolink"])
        return Markup(
            renderer.render(visible(self.grade.exercise.task.in_language(self._language)))
        )

    @property
    def score(self) -> str:
        return self.told(score_line(self.grade))

    @property
    def share(self) -> int:
        """The score in percent, for the bar."""
        score, possible = self.grade.score, self.grade.possible
        return 0 if not score or not possible else round(100 * score / possible)

    @property
    def outcome(self) -> str:
        outcome = self.grade.outcome
        return "" if outcome is Outcome.FINISHED else self.told(OUTCOMES[outcome])

    @property
    def note(self) -> str:
        return self.told(self.grade.note)

    # Findings

    def sign(self, judgement: Judgement) -> tuple[str, str, str]:
        """Icon, word and class."""
        sign = sign_of(judgement)
        advice = judgement.is_advice and judgement.finding.status is not Status.PASSED
        return (
            sign.icon,
            self.told(sign.word),
            "advice" if advice else judgement.finding.status.value,
        )

    def points(self, judgement: Judgement) -> str:
        return points_of(judgement)

    def is_open(self, judgement: Judgement) -> bool:
        return is_told(judgement)

    def because(self, judgement: Judgement) -> str:
        cause = judgement.finding.cause
        return "" if cause is None else self.told(because(self.grade, cause))

    def place(self, location: Location | None) -> str:
        if location is None:
            return ""
        return self.told(line_as_subject(location, self.grade.submission.script.name))

    def quote(self, location: Location | None) -> str:
        line = None if location is None else quoted_line(self.grade, location)
        return "" if line is None else one_line(line.strip(), 300)

    def order(self, judgement: Judgement) -> str:
        finding = judgement.finding
        return finding.schedule or "" if finding.status is Status.LUCKY else ""

    # Source

    @cached_property
    def sources(self) -> list[tuple[str, list[_SourceLine]]]:
        return [
            (one_line(file.name, 120), self._lines(file)) for file in self.grade.submission.files
        ]

    def _lines(self, file: SourceFile) -> list[_SourceLine]:
        try:
            text = file.text()
        except (SyntaxError, UnicodeError, LookupError):
            text = file.content.decode("utf-8", "replace")
        text = "\n".join(one_line(line, 500) for line in text.split("\n")[:_SOURCE_LINES_AT_MOST])
        from pygments import highlight

        lexer = PythonLexer(stripnl=False, ensurenl=False)
        coloured = highlight(text, lexer, HtmlFormatter(nowrap=True)).rstrip("\n").split("\n")
        pointing: dict[int, list[str]] = {}
        for judgement in self.grade.judgements:
            line = judgement.finding.line
            if line is not None and line.file == file.name and is_told(judgement):
                pointing.setdefault(line.line, []).append(judgement.check.id)
        return [
            _SourceLine(number, Markup(code), tuple(pointing.get(number, ())))
            for number, code in enumerate(coloured, 1)
        ]

    # Runs

    @cached_property
    def runs(self) -> list[_Run]:
        traces = self.grade.runs
        axis = Axis({at for trace in traces for at in times_of(trace)}, LABELS, _WIDTH)
        return [self._run(number, trace, axis) for number, trace in enumerate(traces)]

    def _run(self, number: int, trace: Trace, axis: Axis) -> _Run:
        script = self.grade.submission.script.name
        timeline = lay_out(trace, axis, self._relations(number, trace), script, self._language)
        title = self.told(name_of_run(trace))
        narrator = Narrator(trace, script)
        shown = trace.events[:_EVENTS_AT_MOST]
        events = tuple(
            (
                self.told(seconds(event.at)),
                one_line(narrator.name(event.by).in_language(self._language), 60),
                one_line(narrator.what(event).in_language(self._language), 400),
            )
            for event in shown
        )
        missing = len(trace.events) - len(shown) + timeline.left_out
        left_out = self.told(say("{count} more are left out.", count=missing)) if missing else ""
        return _Run(title, draw(timeline, axis, number, title, self._language), events, left_out)

    def _relations(self, number: int, trace: Trace) -> Iterable[Relation]:
        """Those of the findings that rest on this run."""
        for judgement in self.grade.judgements:
            rests_on = judgement.finding.schedule or "natural"
            first_natural = number == 0 and rests_on == "natural"
            if is_told(judgement) and (first_natural or trace.schedule == rests_on != "natural"):
                yield from judgement.finding.relations

    # Output

    @cached_property
    def terminal(self) -> list[_Said]:
        """What stood at the terminal, line by line, and who typed or printed it."""
        return self._said(peers=False)

    @cached_property
    def peers(self) -> list[_Said]:
        """What the exercise's own programs printed."""
        return self._said(peers=True)

    def _said(self, *, peers: bool) -> list[_Said]:
        if not self.grade.runs:
            return []
        trace = self.grade.runs[0]
        narrator = Narrator(trace, self.grade.submission.script.name)
        said: list[_Said] = []
        for event in trace.events:
            if not isinstance(event, (Printed, Typed)) or len(said) >= _LINES_AT_MOST:
                continue
            if (narrator.processes[event.by].role is Role.PEER) is not peers:
                continue
            kind = "typed"
            if isinstance(event, Printed):
                kind = "stderr" if event.stream is Stream.STDERR else "stdout"
            text = event.text or ("" if isinstance(event, Printed) else event.what)
            name = narrator.name(event.by).in_language(self._language)
            said.append(
                _Said(self.told(seconds(event.at)), one_line(name, 40), one_line(text), kind)
            )
        return said

    @cached_property
    def processes(self) -> list[tuple[str, str, int, str, str, str]]:
        """Name, role, pid, begin, end, how it ended: of the first run."""
        if not self.grade.runs:
            return []
        trace = self.grade.runs[0]
        narrator = Narrator(trace, self.grade.submission.script.name)
        return [
            (
                one_line(narrator.name(process.number).in_language(self._language), 60),
                self.told(role_of(process, narrator)),
                process.pid,
                self.told(seconds(process.began if process.began is not None else process.started)),
                "" if process.ended is None else self.told(seconds(process.ended)),
                self.told(exit_of(process, narrator)),
            )
            for process in trace.processes[:200]
        ]

    @property
    def facts(self) -> str:
        """How it was judged, in one line."""
        if not self.grade.runs:
            return ""
        trace = self.grade.runs[0]
        return self.told(
            say(
                "Python {python}, {clock} clock, isolation: {isolation}, "
                "event orders tried: {count}",
                python=trace.python or "?",
                clock=trace.clock,
                isolation=trace.isolation,
                count=len(self.grade.tried),
            )
        )


_PAGE_TEXTS: dict[str, Text] = {
    "task": say("The task"),
    "findings": say("Findings"),
    "all": say("all"),
    "open": say("not passed"),
    "expected": say("Expected"),
    "happened": say("What happened"),
    "why": say("Why"),
    "next": say("Next"),
    "hint": say("Hint"),
    "again": say("Run this order again"),
    "timeline": say("What the processes did"),
    "timeline help": say(
        "A lane a process, time from left to right. Where the axis is broken nothing happened: "
        "the script's clock skips idle time."
    ),
    "alive": say("alive"),
    "asleep": say("asleep"),
    "waiting": say("waits for another process"),
    "uncollected": say("ended, but nobody has asked for it yet"),
    "start arrow": say("starts"),
    "wait arrow": say("its end lets the other go on"),
    "events": say("Every event, in order"),
    "time": say("Time"),
    "who": say("Who"),
    "what": say("What"),
    "source": say("Your script"),
    "terminal": say("At the terminal"),
    "peers": say("What the other programs printed"),
    "processes": say("Processes"),
    "role": say("Role"),
    "began": say("Began"),
    "ended": say("Ended"),
    "how": say("How"),
    "nothing printed": say("Nothing was printed."),
    "typed": say("typed"),
    "zoom": say("Zoom"),
    "keys": say("Keys"),
    "keys help": say(
        "j and k: next and previous finding. n and p: next and previous event. "
        "+ and -: zoom. ?: these keys."
    ),
    "predict": say("Look before you read on: in which order did the processes end, and why?"),
    "made by": say("Made by grader"),
}
