"""Where everything of a timeline goes, as plain data: lanes, spans, marks, arrows, relations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.checks import Relation
from grader.messages import Language
from grader.report.escaping import cells, one_line, shortened
from grader.report.narration import Narrator, exit_of, role_of, signal_name, stuck_in
from grader.report.timeline.axis import Axis
from grader.trace import (
    AskedForInput,
    CodeEnded,
    Connected,
    Event,
    Listened,
    Nanoseconds,
    Printed,
    Process,
    ProcessNumber,
    Role,
    Signalled,
    Slept,
    Started,
    Stream,
    Trace,
    Typed,
    WaitBegan,
    WaitedFor,
    WaitTimedOut,
)
from grader.trace.naming import seconds

BAR, ROW, GAP = 14.0, 15.0, 12.0
"""Heights: of a process's bar, of a row of words above it, and between two lanes."""
INDENT, LABELS, RIGHT = 14.0, 190.0, 130.0
"""Widths: of one step of descent, of the names at the left, of what stands after the end."""
_ROWS_AT_MOST = 3
_CELL = 7.0
_WORDS_AT_MOST = 26
_LANES_AT_MOST = 40
_MARKS_AT_MOST = 500


@dataclass(frozen=True)
class Lane:
    """One process. ``y`` is the top of its bar; ``rows`` of words stand above that."""

    process: Process
    name: str
    about: str
    depth: int
    y: float
    rows: int

    @property
    def middle(self) -> float:
        return self.y + BAR / 2

    @property
    def is_muted(self) -> bool:
        return self.process.role is Role.HELPER


@dataclass(frozen=True)
class Span:
    """A stretch of a lane. ``kind``: alive, asleep, waiting or uncollected."""

    kind: str
    x: float
    width: float
    y: float
    title: str


@dataclass(frozen=True)
class Point:
    """An event's mark in its lane, with words beside it where there is room (``row`` counts
    upwards from the bar, 0: none). ``index`` is the event's place in the trace.
    """

    kind: str
    x: float
    lane: Lane
    title: str
    index: int
    words: str = ""
    row: int = 0


@dataclass(frozen=True)
class Arrow:
    """From one lane to another. ``kind``: start, wait or signal."""

    kind: str
    start: tuple[float, float]
    end: tuple[float, float]
    title: str
    words: str = ""


@dataclass(frozen=True)
class Line:
    """A relation that a check is about."""

    start: tuple[float, float]
    end: tuple[float, float]
    label: str
    holds: bool


@dataclass(frozen=True)
class Timeline:
    """One run, laid out."""

    lanes: tuple[Lane, ...]
    spans: tuple[Span, ...]
    points: tuple[Point, ...]
    arrows: tuple[Arrow, ...]
    relations: tuple[Line, ...]
    ends: tuple[tuple[float, float, str], ...]
    """x, y and words at the end of each bar."""
    width: float
    height: float
    left_out: int
    """Processes and marks that are not drawn: there are too many."""


TIMED = (
    Started,
    Printed,
    Signalled,
    Slept,
    WaitBegan,
    WaitedFor,
    WaitTimedOut,
    Typed,
    AskedForInput,
    Listened,
    Connected,
)


def times_of(trace: Trace) -> set[Nanoseconds]:
    """When something happens that has its own place on the axis."""
    times = {event.at for event in trace.events if isinstance(event, TIMED)}
    times |= {event.until for event in trace.events if isinstance(event, Slept)}
    for process in trace.processes:
        times |= {at for at in (process.started, process.began, process.ended) if at is not None}
    return {*times, trace.duration}


def lay_out(
    trace: Trace,
    axis: Axis,
    relations: Iterable[Relation],
    script: str,
    language: Language,
) -> Timeline:
    """Find a place for everything that a run did.

    Args:
        trace: the run.
        axis: shared with other runs that are drawn with it.
        relations: of the findings that this run is the evidence for.
        script: the name of the main script, which lines are named without.
        language: of the words.
    """
    return _Layout(trace, axis, script, language).timeline(tuple(relations))


class _Layout:
    def __init__(self, trace: Trace, axis: Axis, script: str, language: Language) -> None:
        self._trace = trace
        self._axis = axis
        self._language = language
        self._narrator = Narrator(trace, script)
        self._order = _in_family_order(trace.processes)
        self._words = self._words_in_rows()
        self._lanes = self._make_lanes()

    def _say(self, event: Event) -> str:
        what = self._narrator.what(event).in_language(self._language)
        return one_line(f"{seconds(event.at).in_language(self._language)} {what}", 300)

    def timeline(self, relations: Sequence[Relation]) -> Timeline:
        lanes = tuple(self._lanes.values())
        lines = tuple(line for relation in relations if (line := self._line(relation)) is not None)
        points = tuple(self._points())
        bottom = max((lane.y + BAR for lane in lanes), default=0.0)
        left_out = len(self._trace.processes) - len(lanes) + max(0, len(points) - _MARKS_AT_MOST)
        return Timeline(
            lanes=lanes,
            spans=tuple(self._spans()),
            points=points[:_MARKS_AT_MOST],
            arrows=tuple(self._arrows()),
            relations=lines,
            ends=tuple(self._ends()),
            width=self._axis.end + RIGHT,
            height=bottom + 34,
            left_out=left_out,
        )

    # Lanes

    def _words_in_rows(self) -> dict[int, int]:
        """Event index -> the row above its lane's bar in which its words fit, 0 for none."""
        rows: dict[int, int] = {}
        taken: dict[ProcessNumber, list[float]] = {}
        for index, event in enumerate(self._trace.events):
            words = _words_of(event)
            if not words:
                continue
            x = self._axis.x(event.at)
            ends = taken.setdefault(event.by, [])
            row = next((row for row, end in enumerate(ends) if end <= x), len(ends))
            if row >= _ROWS_AT_MOST:
                rows[index] = 0
                continue
            end = x + cells(words) * _CELL + 10
            ends[row : row + 1] = [end]
            rows[index] = row + 1
        return rows

    def _make_lanes(self) -> dict[ProcessNumber, Lane]:
        rows_of: dict[ProcessNumber, int] = {}
        for index, row in self._words.items():
            by = self._trace.events[index].by
            rows_of[by] = max(rows_of.get(by, 0), row)
        lanes: dict[ProcessNumber, Lane] = {}
        y = 30.0
        for process, depth in self._order[:_LANES_AT_MOST]:
            rows = rows_of.get(process.number, 0)
            y += GAP + max(rows * ROW, 10.0)
            name = self._narrator.name(process.number).in_language(self._language)
            about = role_of(process, self._narrator).in_language(self._language)
            about = f"{about} · pid {process.pid}"
            lanes[process.number] = Lane(
                process, one_line(name, 40), one_line(about, 60), depth, y, rows
            )
            y += BAR
        return lanes

    # What stands in them

    def _spans(self) -> Iterable[Span]:
        for lane in self._lanes.values():
            process = lane.process
            end = self._trace.duration if process.ended is None else process.ended
            begin = process.began if process.began is not None else process.started
            yield self._span("alive", lane, begin, end, "")
            collected = process.collected
            if process.ended is not None and collected is not None and collected > process.ended:
                yield self._span("uncollected", lane, process.ended, collected, "")
        yield from self._sleeps_and_waits()

    def _span(
        self, kind: str, lane: Lane, begin: Nanoseconds, end: Nanoseconds, title: str
    ) -> Span:
        x = self._axis.x(begin)
        return Span(kind, x, max(1.5, self._axis.x(end) - x), lane.y, title)

    def _sleeps_and_waits(self) -> Iterable[Span]:
        waiting: dict[ProcessNumber, WaitBegan] = {}
        for event in self._trace.events:
            lane = self._lanes.get(event.by)
            if lane is None:
                continue
            if isinstance(event, Slept):
                ended = lane.process.ended
                until = event.until if ended is None else min(event.until, ended)
                yield self._span("asleep", lane, event.at, until, self._say(event))
            elif isinstance(event, WaitBegan):
                waiting[event.by] = event
            elif isinstance(event, (WaitedFor, WaitTimedOut)):
                begun = waiting.pop(event.by, None)
                if begun is not None:
                    yield self._span("waiting", lane, begun.at, event.at, self._say(begun))
        for number, begun in waiting.items():
            lane = self._lanes[number]
            end = self._trace.duration if lane.process.ended is None else lane.process.ended
            yield self._span("waiting", lane, begun.at, end, self._say(begun))

    def _points(self) -> Iterable[Point]:
        for index, event in enumerate(self._trace.events):
            lane = self._lanes.get(event.by)
            kind = _kind_of(event)
            if lane is None or not kind:
                continue
            row = self._words.get(index, 0)
            yield Point(
                kind,
                self._axis.x(event.at),
                lane,
                self._say(event),
                index,
                _words_of(event) if row else "",
                row,
            )

    def _arrows(self) -> Iterable[Arrow]:
        for event in self._trace.events:
            if isinstance(event, Started):
                yield from self._arrow("start", event, event.by, event.child, upper=True)
            elif isinstance(event, WaitedFor) and event.child in self._lanes:
                ended = self._lanes[event.child].process.ended
                begin = event.at if ended is None else ended
                yield from self._arrow("wait", event, event.child, event.by, begin=begin)
            elif isinstance(event, Signalled) and event.target != event.by:
                words = signal_name(event.signal)
                yield from self._arrow("signal", event, event.by, event.target, words=words)

    def _arrow(
        self,
        kind: str,
        event: Event,
        source: ProcessNumber,
        target: ProcessNumber,
        *,
        begin: Nanoseconds | None = None,
        upper: bool = False,
        words: str = "",
    ) -> Iterable[Arrow]:
        if source not in self._lanes or target not in self._lanes or source == target:
            return
        start, end = self._lanes[source], self._lanes[target]
        down = end.y > start.y
        at = event.at if begin is None else begin
        finish = self._axis.x(event.at)
        if upper:
            began = end.process.began
            finish = self._axis.x(event.at if began is None else began)
        yield Arrow(
            kind,
            (self._axis.x(at), start.y + (BAR if down else 0)),
            (finish, end.y + (0 if down else BAR)),
            self._say(event),
            words,
        )

    def _ends(self) -> Iterable[tuple[float, float, str]]:
        for lane in self._lanes.values():
            process = lane.process
            if lane.is_muted:
                continue
            stuck = stuck_in(self._trace, process.number, self._narrator)
            ended = process.ended is not None and not process.killed_by_grader
            text = exit_of(process, self._narrator) if ended or stuck is None else stuck
            last = process.collected or process.ended or self._trace.duration
            words = shortened(one_line(text.in_language(self._language), 80), 34)
            yield self._axis.x(last) + 6, lane.y + BAR - 3, words

    def _line(self, relation: Relation) -> Line | None:
        start, end = self._lanes.get(relation.start.process), self._lanes.get(relation.end.process)
        if start is None or end is None:
            return None
        return Line(
            (self._axis.x(relation.start.at), start.middle),
            (self._axis.x(relation.end.at), end.middle),
            one_line(relation.label.in_language(self._language), 80),
            relation.holds,
        )


def _in_family_order(processes: Sequence[Process]) -> list[tuple[Process, int]]:
    """Every process after its creator, with its depth; peers and helpers come last."""
    children: dict[ProcessNumber | None, list[Process]] = {}
    for process in processes:
        children.setdefault(process.creator, []).append(process)
    ordered: list[tuple[Process, int]] = []

    def add(process: Process, depth: int) -> None:
        ordered.append((process, depth))
        for child in children.get(process.number, ()):
            add(child, depth + 1)

    roots = children.get(None, [])
    for role in Role:
        for root in (each for each in roots if each.role is role):
            add(root, 0)
    return ordered


def _kind_of(event: Event) -> str:
    if isinstance(event, Printed):
        return "stderr" if event.stream is Stream.STDERR else "printed"
    if isinstance(event, (Typed, AskedForInput)):
        return "typed"
    if isinstance(event, (Listened, Connected)):
        return "network"
    if isinstance(event, CodeEnded) and event.by == 0:
        return "code-ended"
    return ""


def _words_of(event: Event) -> str:
    """What is written beside an event's mark."""
    if isinstance(event, Printed):
        return shortened(one_line(event.text, 200), _WORDS_AT_MOST) if event.text.strip() else ""
    if isinstance(event, Typed):
        return shortened("⌨ " + one_line(event.text or event.what, 200), _WORDS_AT_MOST)
    if isinstance(event, Listened):
        return f"⇤ {event.port}" if event.port is not None else ""
    if isinstance(event, Connected):
        return f"⇥ {event.port}" if event.port is not None else ""
    return ""
