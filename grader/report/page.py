"""A Grade as the page's template asks for it: texts in one language, safe to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from grader.checks import Finding, Status
from grader.checks.threads import with_threads
from grader.grading import Grade, Judgement
from grader.messages import Language, Text, plural, say
from grader.report.columns import EventTable, table_of
from grader.report.escaping import one_line, shortened, visible, with_code
from grader.report.narration import OUTCOMES, Narrator, exit_of, name_of_run, role_of
from grader.report.output import Output, output_of
from grader.report.source import SourceText, anchor_of, sources_of
from grader.report.timeline import (
    BESIDE,
    EDGE,
    LABELS,
    Axis,
    Callout,
    Timeline,
    anchor_of_relation,
    draw,
    lay_out,
    legend,
    room_for_ends,
    times_of,
)
from grader.report.words import (
    WITNESSES,
    because,
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
from grader.trace import Location, Nanoseconds, Outcome, ThreadStep, Trace
from grader.trace.naming import line_as_subject, seconds

_EVENTS_AT_MOST = 2_400
_RUNS_AT_MOST = 6
_MARGIN_CELLS = 36
_PROCESSES_AT_MOST = 200
_WIDTH, _MARGIN = 708.0, 24.0
"""The widest that an axis is, and the room at its left."""
_ALIKE = 3
"""Runs are on one axis if none lasts more than so many times as long as another."""
_IN_SIGHT = 1036.0
"""So wide may a drawing be that a window of 1100 pixels shows the whole of it."""
_TALL = 700.0
"""A drawing of that height gets half of the width on paper."""


_CLOCKS = {"virtual": say("the script's own clock"), "real": say("the real clock")}


@dataclass(frozen=True)
class Run:
    """One run as the page shows it. ``missing`` says what is left out, if anything is;
    ``relations`` are those in the drawing, with their anchors there. ``is_tall``: it is drawn
    smaller on paper.
    """

    number: int
    title: str
    relations: tuple[tuple[str, Callout], ...]
    drawing: Markup
    table: EventTable
    missing: str
    is_tall: bool


@dataclass(frozen=True)
class ProcessRow:
    """A process in the table of processes."""

    name: str
    role: str
    pid: int
    began: str
    ended: str
    how: str


@dataclass(frozen=True)
class Record:
    """What was said in a run, and its processes. ``title`` is empty where there is but one."""

    number: int
    title: str
    terminal: Output
    peers: Output
    processes: tuple[ProcessRow, ...]


class Page:
    """What the template asks for. Every text it gives is safe to be escaped and shown."""

    def __init__(self, grade: Grade, language: Language) -> None:
        self.grade = grade
        self._language = language
        self._script = grade.submission.script.name

    def text(self, text: Text | None) -> str:
        """A text in the page's language, with control characters made visible; '' for None."""
        return "" if text is None else visible(text.in_language(self._language))

    def prose(self, text: Text | None) -> Markup:
        """A sentence in which `code` between backticks is shown as code."""
        return with_code(self.text(text))

    def left_out(self, count: int) -> str:
        """That something is not shown; nothing if all is."""
        if not count:
            return ""
        return self.text(plural("One more is left out.", "{count} more are left out.", count))

    def on_screen(self, count: int) -> str:
        """On paper, that so many rows of a table are not printed."""
        return self.text(
            plural("… one more row on the screen", "… {count} more rows on the screen", count)
        )

    # The head of the page

    @property
    def title(self) -> str:
        """The title of the exercise."""
        return self.text(self.grade.exercise.title)

    @property
    def file_name(self) -> str:
        """The name of the script, at most 120 characters."""
        return one_line(self.grade.submission.path.name, 120)

    @property
    def task(self) -> Markup:
        """The task's Markdown; raw HTML in it stays text."""
        return rendered_markdown(visible(self.grade.exercise.task.in_language(self._language)))

    @property
    def score(self) -> str:
        """The points that were scored, as a sentence."""
        return self.text(score_line(self.grade))

    @property
    def witness(self) -> str:
        """Whose word it rests on; nothing where the script was not run."""
        if self.grade.witness is None:
            return ""
        return self.text(say("witness: {witness}", witness=WITNESSES[self.grade.witness]))

    @property
    def self_check(self) -> str:
        """What a self-check is, where this is one."""
        return self.text(self_check_of(self.grade)) if self.grade.is_self_check else ""

    @property
    def share(self) -> int:
        """The score in percent, for the bar; of a self-check, the points that could be judged."""
        score, possible = self.grade.score, self.grade.possible
        if self.grade.is_self_check:
            score, possible = self.grade.points, self.grade.judged
        return 0 if not score or not possible else round(100 * score / possible)

    @property
    def outcome(self) -> str:
        """How the run ended, unless it finished."""
        outcome = self.grade.outcome
        return "" if outcome is Outcome.FINISHED else self.text(OUTCOMES[outcome])

    @property
    def notes(self) -> list[str]:
        """What the grade as a whole needs said."""
        texts = (note_of(self.grade), self.grade.untried)
        return [self.text(text) for text in texts if text is not None]

    # Findings

    @property
    def open_findings(self) -> list[Judgement]:
        """Those that have something to teach, and after them what they keep from being judged."""
        not_passed = [each for each in self.grade.judgements if not self._is_passed(each)]
        return sorted(not_passed, key=lambda each: not is_explained(each))

    @property
    def passed_findings(self) -> list[Judgement]:
        """The judgements that passed, in the exercise's order."""
        return [each for each in self.grade.judgements if self._is_passed(each)]

    @staticmethod
    def _is_passed(judgement: Judgement) -> bool:
        return judgement.finding.status is Status.PASSED

    @property
    def passed_summary(self) -> str:
        """How many checks passed."""
        count = len(self.passed_findings)
        return self.text(plural("One check passed", "{count} checks passed", count))

    def sign(self, judgement: Judgement) -> tuple[str, str, str]:
        """Icon, word and class."""
        sign = sign_of(judgement.finding.status, judgement.is_advice)
        advice = judgement.is_advice and is_explained(judgement)
        return (
            sign.icon,
            self.text(sign.word),
            "advice" if advice else judgement.finding.status.value,
        )

    def points(self, judgement: Judgement) -> str:
        """The points of a check, such as `2/2`."""
        return points_of(judgement)

    def is_open(self, judgement: Judgement) -> bool:
        """Whether the finding is shown unfolded."""
        return is_explained(judgement)

    def because(self, judgement: Judgement) -> Markup:
        """For a skipped check: which other it depends on."""
        cause = judgement.finding.cause
        return self.prose(None if cause is None else because(self.grade, cause))

    def place(self, location: Location | None) -> str:
        """The line that a finding is about, such as `Line 7`."""
        return "" if location is None else self.text(line_as_subject(location, self._script))

    def anchor(self, location: Location) -> str:
        """Where the line stands on the page."""
        names = [file.name for file in self.grade.submission.files]
        return f"{anchor_of(names.index(location.file))}{location.line}"

    def claim(self, check: str) -> str:
        """What the check of that id expects, short enough for the margin of the source."""
        expected = next(
            each.finding.expected for each in self.grade.judgements if each.check.id == check
        )
        words = one_line(self.text(expected).replace("`", ""))
        return shortened(words, _MARGIN_CELLS)

    def quote(self, location: Location | None) -> str:
        """The line of source that a finding is about, at most 300 characters."""
        line = None if location is None else quoted_line(self.grade, location)
        return "" if line is None else one_line(line, 300)

    def order(self, judgement: Judgement) -> str:
        """The name of the schedule that breaks a lucky check, for `--replay`."""
        finding = judgement.finding
        return finding.schedule or "" if finding.status is Status.LUCKY else ""

    def run_of(self, judgement: Judgement) -> int | None:
        """The number of the run in which the finding can be seen: where its relations are drawn,
        or one that is not the first.
        """
        for number in range(len(self._traces)):
            if judgement.finding in self._resting_on(number):
                return number if judgement.finding.relations or number else None
        return None

    # Source

    @cached_property
    def sources(self) -> tuple[SourceText, ...]:
        """The files of the submission that the page shows."""
        return sources_of(self.grade)

    # Runs

    @cached_property
    def _traces(self) -> tuple[Trace, ...]:
        """The runs that are shown; where threads were watched each is drawn as a process is."""
        return tuple(
            with_threads(run) if run.of_kind(ThreadStep) else run
            for run in self.grade.runs[:_RUNS_AT_MOST]
        )

    @cached_property
    def _narrators(self) -> tuple[Narrator, ...]:
        return tuple(Narrator.of(trace, self.grade.submission) for trace in self._traces)

    @cached_property
    def _axes(self) -> list[Axis]:
        """One for all runs, unless it has no break and some last many times as long as others."""
        every = [times_of(trace) for trace in self._traces]
        lasted = [trace.duration for trace in self._traces]
        shared = self._axis(set().union(*every))
        if shared.breaks or max(lasted) <= _ALIKE * min(lasted):
            return [shared] * len(every)
        return list(map(self._axis, every))

    def _axis(self, times: set[Nanoseconds]) -> Axis:
        ends = max(
            (room_for_ends(each, self._language) for each in self._narrators),
            default=0.0,
        )
        left = LABELS + _MARGIN
        return Axis(times, left, min(_WIDTH, _IN_SIGHT - left - BESIDE - ends - EDGE))

    @cached_property
    def _timelines(self) -> list[Timeline]:
        return [
            lay_out(self._narrators[number], axis, self._resting_on(number), self._language)
            for number, axis in enumerate(self._axes)
        ]

    @property
    def legend(self) -> list[tuple[Markup, str]]:
        """Each sign that occurs in the timelines, and its meaning."""
        return [(each.drawing, self.text(each.meaning)) for each in legend(self._timelines)]

    @cached_property
    def runs(self) -> list[Run]:
        """The runs that the page shows."""
        return [self._run(number, trace) for number, trace in enumerate(self._traces)]

    @property
    def runs_left_out(self) -> str:
        """How many runs the page does not show, if any."""
        return self.left_out(len(self.grade.runs) - len(self._traces))

    def _run(self, number: int, trace: Trace) -> Run:
        title = self.text(name_of_run(trace))
        timeline = self._timelines[number]
        table = table_of(
            number,
            self._narrators[number],
            self._axes[number],
            {file.name: anchor_of(at) for at, file in enumerate(self.grade.submission.files)},
            self._traces[0 if number else min(1, len(self._traces) - 1)],
            self._language,
            max(100, _EVENTS_AT_MOST // len(self._traces)),
        )
        missing = []
        if timeline.left_out:
            missing.append(
                say("{count} things are left out of the drawing.", count=timeline.left_out)
            )
        if table.left_out:
            missing.append(say("{count} events are left out of the table.", count=table.left_out))
        return Run(
            number,
            title,
            tuple(
                (anchor_of_relation(number, row), each)
                for row, each in enumerate(timeline.callouts)
            ),
            draw(timeline, self._axes[number], number, title, self._language, table.row_of),
            table,
            " ".join(map(self.text, missing)),
            timeline.height > _TALL,
        )

    def row_of(self, run: int, index: int) -> str:
        """The anchor of the row that an event has in the table of a run; '' where it has none."""
        return self.runs[run].table.row_of.get(index, "")

    def _resting_on(self, number: int) -> list[Finding]:
        """The findings that rest on this run."""
        return [
            judgement.finding
            for judgement in self.grade.judgements
            if is_explained(judgement) and judgement.finding.run is self.grade.runs[number]
        ]

    # Output and processes

    @cached_property
    def records(self) -> list[Record]:
        """What was said and who ran, in the natural run of each start method."""
        natural = [
            (number, trace)
            for number, trace in enumerate(self._traces)
            if trace.schedule.is_natural or number == 0
        ]
        return [self._record(number, trace, len(natural) > 1) for number, trace in natural]

    def _record(self, number: int, trace: Trace, is_one_of_several: bool) -> Record:
        narrator = self._narrators[number]
        method = say("start method {method}", method=trace.start_method.value)
        return Record(
            number,
            self.text(method) if is_one_of_several else "",
            output_of(trace, narrator, self._language, peers=False),
            output_of(trace, narrator, self._language, peers=True),
            tuple(self._process_rows(trace, narrator)),
        )

    def _process_rows(self, trace: Trace, narrator: Narrator) -> Iterable[ProcessRow]:
        for each in trace.processes[:_PROCESSES_AT_MOST]:
            yield ProcessRow(
                one_line(narrator.name(each.number).in_language(self._language), 60),
                self.text(role_of(each, narrator)),
                each.pid,
                self.text(seconds(each.started if each.began is None else each.began)),
                "" if each.ended is None else self.text(seconds(each.ended)),
                self.text(exit_of(each)),
            )

    @property
    def facts(self) -> str:
        """How it was judged, in one line."""
        if not self.grade.runs:
            return ""
        trace = self.grade.runs[0]
        facts = say(
            "Python {python}, {clock}, isolation: {isolation}, event orders tried: {count}",
            python=trace.python or "?",
            clock=_CLOCKS[trace.clock],
            isolation=isolation_of(trace),
            count=len(self.grade.tried),
        )
        known = (facts, places_tried(self.grade), openness_of(trace))
        return ". ".join(self.text(each) for each in known if each is not None)


@lru_cache(maxsize=32)  # a class has many reports of few exercises
def rendered_markdown(markdown: str) -> Markup:
    """Markdown as HTML, without what could lead elsewhere."""
    renderer = MarkdownIt("commonmark", {"html": False})
    renderer.disable(["link", "image", "autolink"])
    return Markup(renderer.render(markdown))
