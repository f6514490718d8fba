"""Where words stand beside marks: in rows above a bar, so that no two touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.messages import Language
from grader.report.escaping import cells, one_line, shortened
from grader.report.narration import Narrator
from grader.report.timeline.shapes import BETWEEN
from grader.trace import (
    Connected,
    Event,
    Listened,
    Printed,
    ProcessNumber,
    Signalled,
    Trace,
    Typed,
)
from grader.trace.naming import signal_name
from grader.trace.tracebacks import reported

CELL = 6.9
"""The width of one column of words, at their size and rather too wide than too narrow."""
_ROWS_AT_MOST = 3
_CELLS_AT_MOST = 30
_TOUCHING = 3.0
"""Marks nearer to each other than this are one mark."""


@dataclass(frozen=True)
class Placed:
    """Words with their place: ``row`` counts upwards from the bar."""

    words: str
    x: float
    row: int


def width_of(words: str) -> float:
    """How wide words are, in user units."""
    return cells(words) * CELL


def touching(x: float, other: float) -> bool:
    """Whether two marks at these places are drawn as one."""
    return abs(x - other) < _TOUCHING


def place_words(
    words: Sequence[tuple[int, ProcessNumber, float, str]], right: float
) -> dict[int, Placed]:
    """Find a row for each of the words, if there is room for it.

    Args:
        words: of each the event's index, whose lane it is in, the mark's place, and the words;
            in the order of time.
        right: what no words may go beyond.

    Returns:
        The places by the event's index. What finds no room is left out.
    """
    taken: dict[ProcessNumber, list[float]] = {}
    placed: dict[int, Placed] = {}
    for index, whose, x, said in words:
        width = width_of(said)
        begin = min(x + 4, right - width)
        ends = taken.setdefault(whose, [])
        row = next((row for row, end in enumerate(ends) if end <= min(begin, x)), len(ends))
        if row >= _ROWS_AT_MOST:
            continue
        ends[row : row + 1] = [begin + width + BETWEEN]
        placed[index] = Placed(said, begin, row + 1)
    return placed


class Speech:
    """What is written beside each event's mark; empty for most."""

    def __init__(self, trace: Trace, narrator: Narrator, language: Language) -> None:
        self._narrator = narrator
        self._language = language
        reports = reported(trace)
        self._in_report = {id(line) for report in reports for line in report.lines}
        self._last_lines = {id(report.lines[-1]): report.last_line for report in reports}

    def of(self, event: Event) -> str:
        """The words that stand beside the mark of an event, shortened."""
        return shortened(one_line(self._raw(event), 200), _CELLS_AT_MOST)

    def _raw(self, event: Event) -> str:
        if isinstance(event, Printed):
            if id(event) in self._in_report:
                return self._last_lines.get(id(event), "")
            return event.text.strip()
        if isinstance(event, Typed):
            return "⌨ " + (event.text or event.what)
        if isinstance(event, Listened):
            return f"⇤ {event.port}" if event.port is not None else ""
        if isinstance(event, Connected):
            return f"⇥ {event.port}" if event.port is not None else ""
        if isinstance(event, Signalled) and event.signal:
            target = self._narrator.name(event.target).in_language(self._language)
            return f"{signal_name(event.signal)} → {target}"
        return ""
