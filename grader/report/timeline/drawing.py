"""A timeline as inline SVG: shapes with classes, no styles and no scripts of its own."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from grader.messages import Language, Text, say
from grader.report.timeline.axis import Axis
from grader.report.timeline.layout import BAR, INDENT, ROW, Arrow, Lane, Line, Point, Timeline
from grader.trace.naming import seconds

_HEAD = 5.0
_AXIS_Y = 18.0


def draw(timeline: Timeline, axis: Axis, run: int, title: str, language: Language) -> Markup:
    """The SVG of one run. ``run`` tells its event anchors from those of other runs."""
    return _Drawing(timeline, axis, run, language).svg(title)


def _element(tag: str, *children: Markup | str, **attributes: object) -> Markup:
    """``class_`` is class; an underscore in a name is a hyphen. Everything is escaped."""
    written = Markup("").join(
        Markup(' {}="{}"').format(Markup(name.rstrip("_").replace("_", "-")), _value(value))
        for name, value in attributes.items()
        if value is not None
    )
    inside = Markup("").join(map(escape, children))
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), written, inside)


def _value(value: object) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


class _Drawing:
    def __init__(self, timeline: Timeline, axis: Axis, run: int, language: Language) -> None:
        self._timeline = timeline
        self._axis = axis
        self._run = run
        self._language = language

    def _told(self, text: Text) -> str:
        return text.in_language(self._language)

    def svg(self, title: str) -> Markup:
        timeline = self._timeline
        parts = [
            _element("title", title),
            self._patterns(),
            *self._axis_marks(),
            *(part for lane in timeline.lanes for part in self._lane(lane)),
            *self._spans(),
            *(part for arrow in timeline.arrows for part in _arrow(arrow)),
            *(part for point in timeline.points for part in self._point(point)),
            *(_element("text", words, x=x, y=y, class_="end") for x, y, words in timeline.ends),
            *(part for line in timeline.relations for part in _relation(line)),
        ]
        return _element(
            "svg",
            *parts,
            class_="timeline",
            role="img",
            viewBox=f"0 0 {timeline.width:.0f} {timeline.height:.0f}",
            width=round(timeline.width),
            height=round(timeline.height),
        )

    def _patterns(self) -> Markup:
        """Textures, so that nothing is told by colour alone. Each run has its own: ids."""
        hatch = _element(
            "pattern",
            _element("path", d="M0 6L6 0", class_="ink"),
            id=f"hatch-{self._run}",
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
        )
        dots = _element(
            "pattern",
            _element("circle", cx=2, cy=2, r=1, class_="dot"),
            id=f"dots-{self._run}",
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
        )
        stripes = _element(
            "pattern",
            _element("path", d="M0 0V5", class_="ink"),
            id=f"stripes-{self._run}",
            width=4,
            height=5,
            patternUnits="userSpaceOnUse",
        )
        return _element("defs", hatch, dots, stripes)

    def _axis_marks(self) -> Iterable[Markup]:
        bottom = self._timeline.height - 12
        yield _element(
            "path", d=f"M{self._axis.x(0):.1f} {_AXIS_Y}H{self._axis.end:.1f}", class_="axis"
        )
        ticks = self._axis.ticks()
        for tick in ticks:
            told = self._told(seconds(tick.at, [each.at for each in ticks]))
            yield _element("path", d=f"M{tick.x:.1f} {_AXIS_Y}V{bottom:.1f}", class_="grid")
            yield _element("text", told, x=tick.x, y=_AXIS_Y - 6, class_="tick")
        for gap in self._axis.breaks():
            told = self._told(say("nothing happens for {time}", time=seconds(gap.length)))
            yield _element(
                "path",
                _element("title", told),
                d=f"M{gap.x - 5:.1f} {_AXIS_Y + 5}l4 -10m3 10l4 -10",
                class_="break",
            )

    def _lane(self, lane: Lane) -> Iterable[Markup]:
        muted = " muted" if lane.is_muted else ""
        x = 4 + lane.depth * INDENT
        if lane.depth:
            yield _element(
                "path", d=f"M{x - 8:.1f} {lane.y - 6:.1f}v{BAR / 2 + 4:.1f}h5", class_="branch"
            )
        yield _element("text", lane.name, x=x, y=lane.y + 5, class_="name" + muted)
        yield _element("text", lane.about, x=x, y=lane.y + 17, class_="about" + muted)

    def _spans(self) -> Iterable[Markup]:
        textures = {"asleep": "dots", "uncollected": "hatch", "waiting": "stripes"}
        for span in self._timeline.spans:
            inset = 0 if span.kind == "alive" else 2
            shape = {
                "x": span.x,
                "y": span.y + inset,
                "width": span.width,
                "height": BAR - 2 * inset,
                "rx": 3,
            }
            children = [_element("title", span.title)] if span.title else []
            yield _element("rect", *children, class_=span.kind, **shape)
            texture = textures.get(span.kind)
            if texture is not None:
                fill = f"url(#{texture}-{self._run})"
                yield _element("rect", class_="texture", fill=fill, **shape)

    def _point(self, point: Point) -> Iterable[Markup]:
        y = point.lane.y + BAR / 2
        if point.row:
            top = point.lane.y - point.row * ROW + 9
            yield _element("path", d=f"M{point.x:.1f} {y - 3:.1f}V{top - 4:.1f}", class_="leader")
            yield _element("text", point.words, x=point.x + 4, y=top, class_=f"words {point.kind}")
        yield _element(
            "circle",
            _element("title", point.title),
            cx=point.x,
            cy=y,
            r=3.5,
            class_=f"mark {point.kind}",
            id=f"event-{self._run}-{point.index}",
            tabindex=-1,
        )


def _arrow(arrow: Arrow) -> Iterable[Markup]:
    (x1, y1), (x2, y2) = arrow.start, arrow.end
    direction = 1 if y2 >= y1 else -1
    tip = y2 - direction * _HEAD
    yield _element(
        "path",
        _element("title", arrow.title),
        d=f"M{x1:.1f} {y1:.1f}L{x2:.1f} {tip:.1f}",
        class_=f"arrow {arrow.kind}",
    )
    yield _element(
        "path",
        d=f"M{x2 - 3.5:.1f} {tip:.1f}h7L{x2:.1f} {y2:.1f}Z",
        class_=f"head {arrow.kind}",
    )
    if arrow.words:
        x, y = (x1 + x2) / 2 + 5, (y1 + y2) / 2
        yield _element("text", arrow.words, x=x, y=y, class_="words signal")


def _relation(line: Line) -> Iterable[Markup]:
    (x1, y1), (x2, y2) = line.start, line.end
    kind = "holds" if line.holds else "violated"
    icon = "✓" if line.holds else "✗"
    yield _element("path", d=f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}", class_=f"relation {kind}")
    for x, y in (line.start, line.end):
        yield _element("circle", cx=x, cy=y, r=6, class_=f"relation {kind}")
    yield _element(
        "text",
        f"{icon} {line.label}",
        x=(x1 + x2) / 2,
        y=(y1 + y2) / 2 - 8,
        class_=f"relation-label {kind}",
    )
