"""The events of the runs as tables: a row an event, and where there is room a column a process.

It is what a screen reader reads, what is printed, and where the page's script looks up which
event stands where in the drawing and at which line of the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from grader.messages import Language, Text, say
from grader.report.escaping import one_line, shortened
from grader.report.narration import Narrator
from grader.report.timeline import Axis, repetitions
from grader.trace import (
    Connected,
    Ended,
    Listened,
    Printed,
    ProcessNumber,
    Signalled,
    Trace,
    Typed,
    WaitedFor,
)
from grader.trace.canonical import canonical
from grader.trace.naming import seconds

_COLUMNS_AT_MOST = 7
"""With more processes, who it was stands in a column of its own."""
_NAME_CELLS = 24
_ON_PAPER = 24
"""So many rows of a table are printed: the first ones, or those about the first difference."""
_BEFORE = 8
"""So many of them come before it."""
_TIMES = ("at", "until", "began", "timeout", "polls")
"""What of an event says only when it was, or for how long."""
_SEEN_FROM_OUTSIDE = (Printed, Ended, WaitedFor, Signalled, Typed, Listened, Connected)


@dataclass(frozen=True)
class EventRow:
    """An event in a table.

    ``index`` is its place in the trace, ``x`` its place in the drawing, ``line`` the anchor of its
    line in the source, if one is known. ``column`` counts from 0. ``differs``: it is the first
    that is another than in the first run.
    """

    index: int
    at: str
    by: ProcessNumber
    who: str
    what: str
    x: float
    line: str
    column: int
    is_end: bool
    differs: bool


@dataclass(frozen=True)
class EventTable:
    """The events of a run. ``names`` are the heads of its columns; empty: it has none of them.

    ``row_of``: the anchor of the row in which an event stands, by its place in the trace.
    ``printed``: which rows are printed; a screen shows all.
    """

    names: tuple[str, ...]
    rows: tuple[EventRow, ...]
    printed: slice
    row_of: Mapping[int, str]
    left_out: int

    @property
    def parts(self) -> Iterator[tuple[tuple[EventRow, ...], bool]]:
        """The rows in up to three parts, and whether a part is printed."""
        first, end = self.printed.start, self.printed.stop
        parts = ((self.rows[:first], False), (self.rows[first:end], True), (self.rows[end:], False))
        return ((rows, is_printed) for rows, is_printed in parts if rows)


def table_of(
    run: int,
    narrator: Narrator,
    axis: Axis,
    anchors: Mapping[str, str],
    other: Trace,
    language: Language,
    at_most: int,
) -> EventTable:
    """The table of a run. What is done again and again has one row.

    Args:
        run: its number on the page.
        narrator: of the run.
        axis: of its drawing.
        anchors: what the anchors of each file's lines begin with.
        other: the run that it is compared with: the first, and for the first the second.
        language: of the table.
        at_most: so many rows are shown.
    """
    trace = narrator.trace
    row_of: dict[int, str] = {}
    shown = tuple(islice(_folded(run, narrator, row_of), at_most))
    acting = sorted({trace.events[index].by for index, _ in shown})
    difference = None if other is trace else first_difference(other, trace)
    names = {number: one_line(narrator.name(number).in_language(language), 60) for number in acting}

    def row(index: int, what: Text) -> EventRow:
        """The row of the event at a place of the trace."""
        event = trace.events[index]
        line = narrator.line(event)
        return EventRow(
            index,
            seconds(event.at).in_language(language),
            event.by,
            names[event.by],
            one_line(what.in_language(language), 300),
            axis.x(event.at),
            f"{anchors[line.file]}{line.line}" if line and line.file in anchors else "",
            acting.index(event.by),
            isinstance(event, Ended),
            bool(run) and index == difference,
        )

    has_columns = len(acting) <= _COLUMNS_AT_MOST
    heads = tuple(shortened(names[each], _NAME_CELLS) for each in acting) if has_columns else ()
    rows = tuple(row(index, what) for index, what in shown)
    differs_at = next((at for at, (index, _) in enumerate(shown) if index == difference), 0)
    start = max(0, min(differs_at - _BEFORE, len(rows) - _ON_PAPER))
    printed = slice(start, start + _ON_PAPER)
    return EventTable(heads, rows, printed, row_of, len(trace.events) - len(row_of))


def _folded(run: int, narrator: Narrator, row_of: dict[int, str]) -> Iterator[tuple[int, Text]]:
    """The rows: the place of an event, and what is said of it. Notes which row each event has."""
    loops = {loop.places[0]: loop for loop in repetitions(narrator.trace)}
    for index, event in enumerate(narrator.trace.events):
        if index in row_of:
            continue
        what, loop = narrator.what(event), loops.get(index)
        places = (index,) if loop is None else loop.places
        row_of.update(dict.fromkeys(places, f"event-{run}-{index}"))
        if loop is not None:
            what = say(
                "{what}, and so on: {count} times until {time}",
                what=what,
                count=len(loop.places),
                time=seconds(loop.end),
            )
        yield index, what


def first_difference(one: Trace, other: Trace) -> int | None:
    """The place of the first event of ``other`` that is not what happens there in ``one``.

    Only what can be seen from outside counts, and who did it, not when. None: neither does
    anything that the other does not.
    """
    mine, theirs = _deeds(one), _deeds(other)
    same = 0
    while same < min(len(mine), len(theirs)) and mine[same][1] == theirs[same][1]:
        same += 1
    return theirs[same][0] if same < len(theirs) else None


def _deeds(trace: Trace) -> Sequence[tuple[int, object]]:
    """Each with its place in the trace."""
    return [
        (
            place,
            (type(event), *(value for name, value in vars(event).items() if name not in _TIMES)),
        )
        for place, event in enumerate(canonical(trace).events)
        if isinstance(event, _SEEN_FROM_OUTSIDE)
    ]
