"""Where everything of a timeline goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from grader.checks import Finding, Mark, Relation
from grader.messages import Language, say
from grader.report.escaping import one_line, shortened, shortened_inside
from grader.report.narration import Narrator, role_of
from grader.report.timeline.axis import Axis
from grader.report.timeline.endings import end_kind, words_about_end
from grader.report.timeline.shapes import (
    BAR,
    BESIDE,
    CALLOUT,
    EDGE,
    GAP,
    LABELS,
    ROW,
    TOP,
    Arrow,
    ArrowKind,
    Callout,
    End,
    Lane,
    Point,
    PointKind,
    Timeline,
)
from grader.report.timeline.spans import Spans
from grader.report.timeline.words import Speech, place_words, touching, width_of
from grader.trace import (
    MAIN,
    AskedForInput,
    CodeEnded,
    Connected,
    Event,
    Listened,
    Outcome,
    Printed,
    Process,
    ProcessNumber,
    Role,
    Signalled,
    Started,
    Stream,
    Typed,
    WaitedFor,
)
from grader.trace.intervals import Stuck, Wait
from grader.trace.naming import seconds

LANES_AT_MOST = 40
_MARKS_AT_MOST = 400
_CALLOUTS_AT_MOST = 6
_TITLE_AT_MOST = 300
_EVENTS_IN_TITLE = 6
_AWAITED_AT_MOST, _BLOCKED_AT_MOST = 2, 8
"""Of a deadlock: how many one process may wait for to be drawn, and how many arrows there are."""
_NAME_CELL, _ABOUT_CELL = 8.0, 5.8
"""Widths of a column of words at the left."""
_COUNT_WIDTH = 34.0
_APART = 10.0
"""The least distance between two instants of which a relation says which one came first."""


def lay_out(
    narrator: Narrator, axis: Axis, findings: Iterable[Finding], language: Language
) -> Timeline:
    """Find a place for everything that a run did.

    Args:
        narrator: of the run.
        axis: shared with other runs that are drawn with it.
        findings: those that this run is the evidence for: their relations are drawn.
        language: of the words.
    """
    return _Layout(narrator, axis, language).timeline(findings)


class _Layout:
    def __init__(self, narrator: Narrator, axis: Axis, language: Language) -> None:
        self._trace = trace = narrator.trace
        self._axis = axis
        self._narrator = narrator
        self._language = language
        order = _in_family_order(trace.processes)
        self._order = order[:LANES_AT_MOST]
        self._shown = {process.number for process, _ in self._order}
        self._end_words = {
            process.number: words_about_end(trace, process, narrator, language)
            for process, _ in self._order
        }
        self._side = axis.end + BESIDE
        widths = (width_of(each.words) for each in self._end_words.values())
        self._right = self._side + max(widths, default=0.0)
        speech = Speech(trace, narrator, language)
        self._placed = place_words(
            [
                (index, event.by, axis.x(event.at), words)
                for index, event in enumerate(trace.events)
                if event.by in self._shown and (words := speech.of(event))
            ],
            self._right,
        )
        self._lanes: dict[ProcessNumber, Lane] = {}

    def timeline(self, findings: Iterable[Finding]) -> Timeline:
        """Place lanes, bars, marks and arrows of the run, and the relations of these findings."""
        relations = _distinct_relations(findings, self._shown)
        self._make_lanes(TOP + CALLOUT * len(relations))
        points = self._points()
        arrows = list(self._arrows())
        drawn = points[:_MARKS_AT_MOST]
        marked = sum(_point_kind(event) is not None for event in self._trace.events)
        hidden = len(self._trace.processes) - len(self._lanes)
        hidden += marked - sum(point.count for point in drawn)
        hidden += max(0, len(arrows) - _MARKS_AT_MOST)
        bottom = max((lane.y + BAR for lane in self._lanes.values()), default=TOP)
        return Timeline(
            lanes=tuple(self._lanes.values()),
            spans=Spans(
                self._trace, self._axis, self._narrator, self._language, self._lanes
            ).laid_out(),
            points=tuple(drawn),
            arrows=tuple(arrows[:_MARKS_AT_MOST]),
            callouts=tuple(
                self._callout(row, check, relation)
                for row, (check, relation) in enumerate(relations)
            ),
            ends=tuple(
                End(
                    end_kind(lane.process),
                    self._last_x(lane.process),
                    lane,
                    said.words,
                    self._side,
                    said.title,
                )
                for lane in self._lanes.values()
                if (said := self._end_words[lane.process.number]).words
            ),
            width=self._right + EDGE,
            height=bottom + 16,
            left_out=hidden,
        )

    def _say(self, event: Event) -> str:
        what = self._narrator.what(event).in_language(self._language)
        name = self._narrator.name(event.by).in_language(self._language)
        when = seconds(event.at).in_language(self._language)
        return one_line(f"{when} · {name}: {what}", _TITLE_AT_MOST)

    # Lanes and their ends

    def _make_lanes(self, top: float) -> None:
        rows_of: dict[ProcessNumber, int] = {}
        for index, placed in self._placed.items():
            by = self._trace.events[index].by
            rows_of[by] = max(rows_of.get(by, 0), placed.row)
        y = top
        for process, depth in self._order:
            rows = rows_of.get(process.number, 0)
            y += max(rows * ROW + 4, GAP)
            if depth and self._trace.outcome is Outcome.DEADLOCK:
                y += ROW  # the arrows of who waits for whom stand between the lanes
            self._lanes[process.number] = self._lane(process, depth, y)
            y += BAR

    def _lane(self, process: Process, depth: int, y: float) -> Lane:
        name = self._narrator.name(process.number).in_language(self._language)
        role = say("daemon") if process.daemon else role_of(process, self._narrator)
        about = f"pid {process.pid} · {role.in_language(self._language)}"
        lane = Lane(process, "", "", depth, y)
        room = LABELS - lane.x - 6
        return replace(
            lane,
            name=shortened_inside(one_line(name), int(room / _NAME_CELL)),
            about=shortened(one_line(about), int(room / _ABOUT_CELL)),
        )

    def _last_x(self, process: Process) -> float:
        return self._axis.x(self._trace.duration if process.ended is None else process.ended)

    # What stands in the lanes, and between them

    def _points(self) -> list[Point]:
        points: list[Point] = []
        nearest: dict[tuple[ProcessNumber, PointKind], int] = {}
        for index, event in enumerate(self._trace.events):
            kind = _point_kind(event)
            if kind is None or event.by not in self._lanes:
                continue
            x = self._axis.x(event.at)
            known = nearest.get((event.by, kind))
            if known is not None and touching(points[known].x, x) and index not in self._placed:
                points[known] = self._joined(points[known], event)
                continue
            placed = self._placed.get(index)
            point = Point(kind, x, self._lanes[event.by], index, self._say(event))
            if placed is not None:
                point = replace(point, words=placed.words, words_x=placed.x, row=placed.row)
            nearest[event.by, kind] = len(points)
            points.append(point)
        return self._with_room(points)

    def _with_room(self, points: Sequence[Point]) -> list[Point]:
        """The same, each knowing whether a number fits between it and what comes next."""
        checked: list[Point] = []
        next_in: dict[ProcessNumber, float] = {}
        for point in reversed(points):
            process = point.lane.process
            following = next_in.get(process.number, self._last_x(process))
            has_room = following - point.x >= _COUNT_WIDTH
            checked.append(replace(point, has_room_for_count=has_room))
            next_in[process.number] = point.x
        return checked[::-1]

    def _joined(self, point: Point, event: Event) -> Point:
        """One mark for both, its title telling the first few."""
        title = point.title
        if point.count < _EVENTS_IN_TITLE:
            title += "\n" + self._say(event)
        elif point.count == _EVENTS_IN_TITLE:
            title += "\n…"
        return replace(point, title=title, count=point.count + 1)

    def _arrows(self) -> Iterator[Arrow]:
        yield from self._blocked()
        yield from self._served()
        for event in self._trace.events:
            if isinstance(event, Started):
                yield from self._of_event("start", event, event.by, event.child)
            elif isinstance(event, WaitedFor):
                yield from self._of_event("wait", event, event.child, event.by)
            elif isinstance(event, Signalled) and event.signal:
                yield from self._of_event("signal", event, event.by, event.target)

    def _of_event(
        self, kind: ArrowKind, event: Event, source: ProcessNumber, target: ProcessNumber
    ) -> Iterator[Arrow]:
        x = self._axis.x(event.at)
        for arrow in self._arrow(kind, x, source, target, self._say(event)):
            yield replace(arrow, in_shutdown=self._narrator.in_shutdown(event.by, event.at))

    def _arrow(
        self,
        kind: ArrowKind,
        x: float,
        source: ProcessNumber,
        target: ProcessNumber,
        title: str,
        words: str = "",
    ) -> Iterator[Arrow]:
        start, end = self._lanes.get(source), self._lanes.get(target)
        if start is None or end is None or start is end:
            return
        down = end.y > start.y
        begin = start.y + (BAR if down else 0.0)
        yield Arrow(kind, x, begin, end.y + (0.0 if down else BAR), title, words)

    def _blocked(self) -> Iterator[Arrow]:
        """Of a deadlock who waits for whom: side by side, where all of them wait."""
        trace = self._trace
        if trace.outcome is not Outcome.DEADLOCK:
            return
        waits = {
            each.by: each
            for each in trace.intervals
            if isinstance(each, Stuck) or (isinstance(each, Wait) and each.closed is None)
        }
        awaited = [
            (waits[blocked.process], other)
            for blocked in trace.blocked
            if blocked.process in waits and len(blocked.waiting_for) <= _AWAITED_AT_MOST
            for other in blocked.waiting_for
        ][:_BLOCKED_AT_MOST]
        begin = self._axis.x(max((each.at for each, _ in awaited), default=0))
        apart = (self._axis.x(trace.duration) - begin) / (len(awaited) + 1)
        for place, (wait, other) in enumerate(awaited, 1):
            who, whom = self._narrator.name(wait.by), self._narrator.name(other)
            waits_for = self._narrator.at_line(
                say("{who} waits for {whom}", who=who, whom=whom), wait
            )
            line = self._narrator.line_name(wait)
            words = "" if line is None else line.in_language(self._language)
            yield from self._arrow(
                "blocked",
                begin + place * apart,
                wait.by,
                other,
                one_line(waits_for.in_language(self._language), _TITLE_AT_MOST),
                words,
            )

    def _served(self) -> Iterator[Arrow]:
        """From each client of the exercise's to the process that answered it."""
        for process in self._trace.processes:
            began = process.started if process.began is None else process.began
            for each in process.answered:
                calls = [
                    event
                    for event in self._trace.of_kind(Connected, each.client)
                    if event.error is None
                ][each.ordinal - 1 : each.ordinal]
                for call in calls:
                    title = say(
                        "{server} answers {client}",
                        server=self._narrator.name(process.number),
                        client=self._narrator.name(each.client),
                    ).in_language(self._language)
                    x = self._axis.x(max(call.at, began))
                    yield from self._arrow(
                        "served", x, each.client, process.number, one_line(title)
                    )

    def _callout(self, row: int, check: str, relation: Relation) -> Callout:
        start, end = self._ends_of(relation)
        words = shortened(one_line(relation.label.in_language(self._language)), 60)
        width = width_of(words) + 26
        # The words stand at the start, on the side of the line, and within the drawing.
        begin = start[0] + 6 if end[0] >= start[0] else start[0] - 6 - width
        begin = min(max(begin, self._axis.left + 2), self._right - width)
        y = TOP + CALLOUT * row + CALLOUT - 7
        moments = []
        for mark in (relation.start, relation.end):
            name = self._narrator.name(mark.process).in_language(self._language)
            when = seconds(mark.at).in_language(self._language).replace(" ", "\N{NO-BREAK SPACE}")
            moments.append(f"{shortened(one_line(name), 40)} {when}")
        title = " → ".join(moments)
        return Callout((start, end), y, words, begin, check, relation.holds, title)

    def _ends_of(self, relation: Relation) -> tuple[tuple[float, float], tuple[float, float]]:
        """Where its two instants are drawn: as far apart as lets their order be seen."""
        marks = relation.start, relation.end
        first, second = (self._axis.x(mark.at) for mark in marks)
        if marks[0].at != marks[1].at and abs(second - first) < _APART:
            half = _APART / 2 if marks[1].at > marks[0].at else -_APART / 2
            middle = (first + second) / 2
            first, second = middle - half, middle + half
        one, other = (self._lanes[mark.process].middle for mark in marks)
        return (first, one), (second, other)


def _distinct_relations(
    findings: Iterable[Finding], shown: set[ProcessNumber]
) -> list[tuple[str, Relation]]:
    """Of the findings, those that can be drawn, each once, with their checks."""
    relations: dict[tuple[Mark, Mark, bool], tuple[str, Relation]] = {}
    for finding in findings:
        for each in finding.relations:
            if {each.start.process, each.end.process} <= shown:
                relations.setdefault((each.start, each.end, each.holds), (finding.check, each))
    return list(relations.values())[:_CALLOUTS_AT_MOST]


def _in_family_order(processes: Sequence[Process]) -> list[tuple[Process, int]]:
    """Every process after its creator, with its depth; peers and helpers come last."""
    children: dict[ProcessNumber | None, list[Process]] = {}
    for process in processes:
        children.setdefault(process.creator, []).append(process)
    order = list(Role)
    roots = sorted(children.get(None, []), key=lambda each: order.index(each.role))
    ordered: list[tuple[Process, int]] = []
    waiting = [(root, 0) for root in reversed(roots)]
    while waiting:
        process, depth = waiting.pop()
        ordered.append((process, depth))
        mine = children.get(process.number, ())
        waiting += [(child, depth + 1) for child in reversed(mine)]
    return ordered


def _point_kind(event: Event) -> PointKind | None:
    if isinstance(event, Printed):
        return "stderr" if event.stream is Stream.STDERR else "printed"
    if isinstance(event, (Typed, AskedForInput)):
        return "typed"
    if isinstance(event, (Listened, Connected)):
        return "network"
    if isinstance(event, Signalled) and event.signal:
        return "signal"
    if isinstance(event, CodeEnded) and event.by == MAIN:
        return "code-ended"
    return None
