"""A timeline as inline SVG: shapes with classes, no styles and no scripts of its own.

Two drawings of the same height, side by side: the names of the lanes, which stay in sight
while the other one, with everything else, is moved sideways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from markupsafe import Markup, escape

from grader.messages import Language, Text, say
from grader.report.timeline.axis import Axis
from grader.report.timeline.shapes import (
    BAR,
    LABELS,
    ROW,
    Arrow,
    Callout,
    End,
    EndKind,
    Lane,
    Point,
    PointKind,
    Span,
    SpanKind,
    Timeline,
)
from grader.trace.naming import seconds

_AXIS_Y = 24.0
_TEXTURES: dict[SpanKind, str] = {
    "asleep": "dots",
    "looping": "rings",
    "paused": "hatch",
    "polling": "rings",
    "uncollected": "hatch",
    "waiting": "stripes",
}
_HEAD, _TOOTH = 6.0, 5.0


def draw(
    timeline: Timeline,
    axis: Axis,
    run: int,
    title: str,
    language: Language,
    rows: Mapping[int, str] = MappingProxyType({}),
) -> Markup:
    """Both drawings of one run.

    Args:
        timeline: the run.
        axis: the one that it was laid out on.
        run: tells its anchors from those of other runs.
        title: of the whole.
        language: of the words.
        rows: the anchors on the page of what is known of each event, by its place in the trace.
    """
    return _Drawing(timeline, axis, run, language, rows).both(title)


def element(tag: str, *children: Markup | str, **attributes: object) -> Markup:
    """``class_`` is class; an underscore in a name is a hyphen. Everything is escaped.

    Attributes that are None are left out.
    """
    written = ""
    for name, value in attributes.items():
        if isinstance(value, float):
            value = f"{value:.1f}".rstrip("0").rstrip(".")
        if value is not None:
            written += f' {_attribute(name)}="{escape(str(value))}"'
    inside = "".join(map(escape, children))
    return Markup(f"<{tag}{written}>{inside}</{tag}>")  # its parts are escaped; no name is a text


@cache
def _attribute(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class _Drawing:
    def __init__(
        self,
        timeline: Timeline,
        axis: Axis,
        run: int,
        language: Language,
        rows: Mapping[int, str],
    ) -> None:
        self._rows = rows
        self._timeline = timeline
        self._axis = axis
        self._run = run
        self._language = language

    def _text(self, text: Text) -> str:
        return text.in_language(self._language)

    def both(self, title: str) -> Markup:
        """The drawing: names at the left, and the plot that scrolls beside them."""
        timeline = self._timeline
        names = [part for lane in timeline.lanes for part in _name(lane)]
        right = timeline.width - 8
        plot = [
            _patterns(self._run),
            *self._axis_marks(),
            # A thin line from each name to the words about the end.
            *(
                element("path", d=f"M{LABELS} {lane.middle:.1f}H{right:.1f}", class_="base")
                for lane in timeline.lanes
            ),
            *(self._arrow(arrow) for arrow in timeline.arrows if arrow.kind != "blocked"),
            *(part for span in timeline.spans for part in self._span(span)),
            *(self._arrow(arrow) for arrow in timeline.arrows if arrow.kind == "blocked"),
            *(_tether(callout) for callout in timeline.callouts),
            *map(_end, timeline.ends),
            *map(_leader, timeline.points),
            *map(self._point, timeline.points),
            *(_callout(each, self._run, row) for row, each in enumerate(timeline.callouts)),
        ]
        # A narrow window shows the left part of the names, in their size.
        cut = {"preserveAspectRatio": "xMinYMin slice", "aria_hidden": "true"}
        return element("svg", *names, **self._frame(0.0, LABELS, "names"), **cut) + (
            element(
                "svg",
                element("title", title),
                *plot,
                **self._frame(LABELS, timeline.width - LABELS, "timeline"),
                role="group",
            )
        )

    def _frame(self, left: float, width: float, kind: str) -> dict[str, object]:
        height = self._timeline.height
        return {
            "class_": kind,
            "viewBox": f"{left:.0f} 0 {width:.0f} {height:.0f}",
            "width": round(width),
            "height": round(height),
        }

    def _axis_marks(self) -> Iterator[Markup]:
        axis, bottom = self._axis, self._timeline.height - 10
        for each in axis.breaks:
            words = self._text(say("nothing new happens for {time}", time=seconds(each.length)))
            yield element(
                "rect",
                element("title", words),
                x=each.x0,
                y=_AXIS_Y,
                width=each.x1 - each.x0,
                height=bottom - _AXIS_Y,
                class_="idle",
            )
        for tick in axis.ticks():
            yield element("path", d=f"M{tick.x:.1f} {_AXIS_Y - 3}V{bottom:.1f}", class_="grid")
            words = self._text(say("{seconds} s", seconds=tick.label))
            yield element("text", words, x=tick.x, y=_AXIS_Y - 8, class_="tick")
        x = axis.left
        for each in axis.breaks:
            yield element("path", d=f"M{x:.1f} {_AXIS_Y}H{each.x0:.1f}", class_="axis")
            yield from self._break(each.x0, each.x1, self._text(seconds(each.length)))
            x = each.x1
        yield element("path", d=f"M{x:.1f} {_AXIS_Y}H{axis.end:.1f}", class_="axis")

    def _break(self, x0: float, x1: float, length: str) -> Iterator[Markup]:
        """A line in zigzag, and how long nothing happened."""
        count = max(4, round((x1 - x0) / _TOOTH))
        width = (x1 - x0) / count
        teeth = "".join(
            f"L{x0 + width * tooth:.1f} {_AXIS_Y + (3 if tooth % 2 else -3)}"
            for tooth in range(1, count)
        )
        line = f"M{x0:.1f} {_AXIS_Y}{teeth}L{x1:.1f} {_AXIS_Y}"
        yield element("path", d=line, class_="axis zigzag")
        yield element("text", length, x=(x0 + x1) / 2, y=_AXIS_Y + 15, class_="tick gap")

    def _span(self, each: Span) -> Iterator[Markup]:
        yield from span(each.kind, each.x, each.width, each.y, self._run, each.title)
        if each.words:
            x, y = each.x + each.width / 2, each.y + BAR / 2 + 4
            yield element("text", each.words, x=x, y=y, class_=f"inside {each.kind}")

    def _arrow(self, arrow: Arrow) -> Markup:
        direction = 1 if arrow.end > arrow.start else -1
        tip = arrow.end - direction * _HEAD
        kind = arrow.kind + (" shutdown" if arrow.in_shutdown else "")
        words = []
        if arrow.words:
            x, side = arrow.x - direction * 7, "before" if direction > 0 else "after"
            y = (arrow.start + arrow.end) / 2 + 4
            words = [element("text", arrow.words, x=x, y=y, class_=side)]
        return element(
            "g",
            element("title", arrow.title),
            element("path", d=f"M{arrow.x:.1f} {arrow.start:.1f}V{tip:.1f}", class_="shaft"),
            element("path", d=head(arrow.x, arrow.end, direction), class_="head"),
            *words,
            class_=f"arrow {kind}",
        )

    def _point(self, point: Point) -> Markup:
        """The mark links to the event's row in the table."""
        x, y = point.x, point.lane.middle
        parts = [element("title", point.title), sign(point.kind, x, y)]
        if point.count > 1 and point.has_room_for_count:
            parts.append(element("text", f"×{point.count}", x=x + 6, y=y + 4, class_="count"))
        if point.row:
            top = point.lane.y - point.row * ROW + 9
            parts.append(element("text", point.words, x=point.words_x, y=top, class_="words"))
        return element(
            "a",
            *parts,
            href=f"#{row}" if (row := self._rows.get(point.index)) else None,
            class_=f"mark {point.kind}",
            tabindex=-1,
        )


def _patterns(run: int) -> Markup:
    """Textures, so that nothing depends on colour alone. Each run has its own: ids."""

    def pattern(name: str, size: int, shape: Markup) -> Markup:
        """A square of this size, filled with a shape."""
        return element(
            "pattern",
            shape,
            id=f"{name}-{run}",
            width=size,
            height=size,
            patternUnits="userSpaceOnUse",
        )

    return element(
        "defs",
        pattern("hatch", 6, element("path", d="M-1 1L1 -1M0 6L6 0M5 7L7 5", class_="ink")),
        pattern("dots", 6, element("circle", cx=3, cy=3, r=1, class_="dot")),
        pattern("rings", 9, element("circle", cx=4.5, cy=4.5, r=3, class_="ink")),
        pattern("stripes", 5, element("path", d="M2.5 0V5", class_="ink")),
    )


def _name(lane: Lane) -> Iterator[Markup]:
    muted = " muted" if lane.is_muted else ""
    x = lane.x
    if lane.depth:
        yield element(
            "path", d=f"M{x - 9:.1f} {lane.y - 8:.1f}v{BAR / 2 + 6:.1f}h6", class_="branch"
        )
    name = {"class_": "name" + muted, "data_p": lane.process.number, "data_y": lane.middle}
    yield element("text", lane.name, x=x, y=lane.y + 7, **name)
    pid, dot, role = lane.about.partition(" · ")
    rest = [element("tspan", dot + role, class_="role")] if dot else []
    yield element("text", pid, *rest, x=x, y=lane.y + 20, class_="about" + muted)


def _leader(point: Point) -> Markup:
    """From a mark up to its words."""
    if not point.row:
        return Markup("")
    top = point.lane.y - point.row * ROW + 2
    return element("path", d=f"M{point.x:.1f} {point.lane.y:.1f}V{top:.1f}", class_="leader")


def span(
    kind: SpanKind, x: float, width: float, y: float, run: int, title: str = ""
) -> Iterator[Markup]:
    """A stretch of a bar, with the texture of its kind over it."""
    inset = 0 if kind in ("alive", "starting") else 2
    shape: dict[str, object] = {
        "x": x,
        "y": y + inset,
        "width": width,
        "height": BAR - 2 * inset,
        "rx": 2,
    }
    children = [element("title", title)] if title else []
    yield element("rect", *children, class_=f"span {kind}", **shape)
    texture = _TEXTURES.get(kind)
    if texture is not None:
        yield element("rect", class_="texture", fill=f"url(#{texture}-{run})", **shape)


def head(x: float, y: float, direction: int) -> str:
    """The path of an arrow's head with its tip at a place; ``direction`` 1 points down."""
    return f"M{x - 4:.1f} {y - direction * _HEAD:.1f}h8L{x:.1f} {y:.1f}Z"


def sign(kind: PointKind, x: float, y: float) -> Markup:
    """A shape of its own for each kind of event."""
    if kind == "stderr":
        return element("path", d=f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5Z", class_="sign")
    if kind == "signal":
        d = f"M{x + 1:.1f} {y - 6:.1f}l-5 7h4l-1 5l5 -7h-4Z"
        return element("path", d=d, class_="sign")
    if kind in ("typed", "network"):
        return element("rect", x=x - 4, y=y - 4, width=8, height=8, rx=1, class_="sign")
    if kind == "code-ended":
        return element("path", d=f"M{x:.1f} {y - BAR / 2 - 3:.1f}v{BAR + 6:.1f}", class_="sign")
    return element("circle", cx=x, cy=y, r=4, class_="sign")


def _end(end: End) -> Markup:
    """How a bar ends, as a shape, and in words at the right edge."""
    return element(
        "g",
        *([element("title", end.title)] if end.title != end.words else []),
        cap(end.kind, end.x, end.lane.y),
        element("text", end.words, x=end.words_x, y=end.lane.middle + 4, class_="how"),
        class_=f"end {end.kind}",
    )


def cap(kind: EndKind, x: float, top: float) -> Markup:
    """The sign at the end of a bar whose top is there."""
    shapes = {
        "well": f"M{x:.1f} {top - 2:.1f}v{BAR + 4:.1f}",
        "badly": f"M{x - 5:.1f} {top + 4:.1f}l10 10m0 -10l-10 10",
        "by-signal": f"M{x + 2:.1f} {top - 2:.1f}l-6 12h6l-2 10l7 -13h-6Z",
        "alive": f"M{x:.1f} {top:.1f}l7 {BAR / 2:.1f}l-7 {BAR / 2:.1f}",
    }
    return element("path", d=shapes[kind], class_="cap")


def _tether(callout: Callout) -> Markup:
    """From the line down to the two instants that it is about."""
    parts = [
        element("path", d=f"M{x:.1f} {callout.y:.1f}V{y - 8:.1f}", class_="tether")
        for x, y in callout.ends
    ]
    return element("g", *parts, class_=_relation_class(callout))


def anchor_of_relation(run: int, row: int) -> str:
    """The id of a relation in the drawing of a run."""
    return f"relation-{run}-{row}"


def _callout(callout: Callout, run: int, row: int) -> Markup:
    (x0, y0), (x1, y1) = callout.ends
    y = callout.y
    direction = 1 if callout.points_right else -1
    rings = [
        element("circle", cx=x, cy=ring, r=8, class_="ring") for x, ring in ((x0, y0), (x1, y1))
    ]
    tip = x1 - direction * 8
    line = (
        []
        if abs(x1 - x0) < 9
        else [
            element("path", d=f"M{x0:.1f} {y:.1f}H{tip:.1f}", class_="line"),
            element("path", d=f"M{tip:.1f} {y - 4:.1f}v8L{x1:.1f} {y:.1f}Z", class_="head"),
        ]
    )
    words = element(
        "text", f"{callout.icon} {callout.words}", x=callout.words_x, y=y - 6, class_="label"
    )
    return element(
        "a",
        element("title", callout.title),
        *rings,
        *line,
        words,
        id=anchor_of_relation(run, row),
        href=f"#check-{callout.check}",
        class_=_relation_class(callout),
    )


def _relation_class(callout: Callout) -> str:
    return "relation holds" if callout.holds else "relation violated"
