"""What a timeline is made of, as plain data. Coordinates are user units of the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grader.trace import Process, Role

BAR, ROW, GAP = 18.0, 15.0, 15.0
"""Heights: of a process's bar, of a row of words above it, and between two lanes."""
INDENT, LABELS = 14.0, 212.0
"""Widths: of one step of descent, and of the names at the left."""
BESIDE, EDGE = 16.0, 8.0
"""Room between the axis and the words about the ends, and at the right of these."""
TOP, CALLOUT = 43.0, 27.0
"""Heights: of the axis, and of the row of one relation under it."""
BETWEEN, DEEPEST = 8.0, 6
"""Room between two words in one row; generations that are indented."""

SpanKind = Literal[
    "starting", "alive", "asleep", "waiting", "polling", "looping", "paused", "uncollected"
]
PointKind = Literal["printed", "stderr", "typed", "network", "signal", "code-ended"]
ArrowKind = Literal["start", "wait", "signal", "served", "blocked"]
EndKind = Literal["well", "badly", "by-signal", "alive"]


@dataclass(frozen=True)
class Lane:
    """One process. ``y`` is the top of its bar."""

    process: Process
    name: str
    about: str
    depth: int
    y: float

    @property
    def middle(self) -> float:
        """The height at which arrows meet the bar, in pixels."""
        return self.y + BAR / 2

    @property
    def x(self) -> float:
        """Where its name begins."""
        return 12 + min(self.depth, DEEPEST) * INDENT

    @property
    def is_muted(self) -> bool:
        """Whether it is drawn paler: a process that the student did not create."""
        return self.process.role in (Role.HELPER, Role.PEER)


@dataclass(frozen=True)
class Span:
    """A stretch of a lane, and the words that fit into it."""

    kind: SpanKind
    x: float
    width: float
    y: float
    title: str = ""
    words: str = ""


@dataclass(frozen=True)
class Point:
    """The mark of an event, or of ``count`` events that stand at one place.

    ``index`` is the first one's place in the trace. ``words`` stand in a ``row`` that counts
    upwards from the bar (0: in none), from ``words_x`` to the right.
    """

    kind: PointKind
    x: float
    lane: Lane
    index: int
    title: str
    words: str = ""
    words_x: float = 0.0
    row: int = 0
    count: int = 1
    has_room_for_count: bool = True


@dataclass(frozen=True)
class Arrow:
    """Straight up or down, from one lane's bar to another's. ``words`` stand beside it."""

    kind: ArrowKind
    x: float
    start: float
    end: float
    title: str
    words: str = ""
    in_shutdown: bool = False


@dataclass(frozen=True)
class Callout:
    """A relation that a check is about, drawn as a dimension line in a row of its own.

    It points from the first to the second of ``ends``, each an instant in a lane; the words
    stand at the first. ``y`` is the line's. ``title`` says who and when.
    """

    ends: tuple[tuple[float, float], tuple[float, float]]
    y: float
    words: str
    words_x: float
    check: str
    holds: bool
    title: str = ""

    @property
    def icon(self) -> str:
        """A sign that says without colour whether the relation holds."""
        return "✓" if self.holds else "✗"

    @property
    def points_right(self) -> bool:
        """Whether its second end lies at the right of the first."""
        return self.ends[1][0] >= self.ends[0][0]


@dataclass(frozen=True)
class End:
    """How a process ended: a sign at the end of its bar (``x``), and words at the right edge,
    where no arrow crosses them. ``title`` is the whole of what ``words`` may shorten.
    """

    kind: EndKind
    x: float
    lane: Lane
    words: str
    words_x: float
    title: str = ""


@dataclass(frozen=True)
class Timeline:
    """One run, laid out. ``left_out`` counts processes, marks and arrows that are not drawn."""

    lanes: tuple[Lane, ...]
    spans: tuple[Span, ...]
    points: tuple[Point, ...]
    arrows: tuple[Arrow, ...]
    callouts: tuple[Callout, ...]
    ends: tuple[End, ...]
    width: float
    height: float
    left_out: int
