"""What the shapes of a timeline mean: a drawing and a few words for each that occurs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from grader.messages import Text, say
from grader.report.timeline.drawing import cap, element, head, sign, span
from grader.report.timeline.shapes import BAR, ArrowKind, EndKind, PointKind, SpanKind, Timeline

_WIDTH = 30.0


@dataclass(frozen=True)
class Entry:
    """A shape and what it means."""

    drawing: Markup
    meaning: Text


_SPANS: dict[SpanKind, Text] = {
    "starting": say("started, its first instruction still to come"),
    "alive": say("alive: at work, or in a wait too short to be drawn"),
    "asleep": say("asleep"),
    "waiting": say("waits for something"),
    "polling": say("asks again and again"),
    "looping": say("goes round a loop until it is stopped"),
    "paused": say("held up by this event order: what was read, others may write meanwhile"),
    "uncollected": say("ended, but not collected yet"),
}
_POINTS: dict[PointKind, Text] = {
    "printed": say("prints a line"),
    "stderr": say("prints a line to stderr"),
    "typed": say("at the keyboard"),
    "network": say("listens or connects"),
    "signal": say("sends a signal"),
    "code-ended": say("main's own code is over, its shutdown begins"),
}
_ARROWS: dict[ArrowKind, Text] = {
    "start": say("starts a process"),
    "wait": say("its end is noticed by the one who waits"),
    "signal": say("a signal"),
    "served": say("a client, and the process that answers it"),
    "blocked": say("waits for this one, which never goes on"),
}
_ENDS: dict[EndKind, Text] = {
    "well": say("ended with exit status 0"),
    "badly": say("ended with another exit status"),
    "by-signal": say("ended by a signal"),
    "alive": say("still alive when the run was over"),
}

_ABOVE_ALIVE = ("asleep", "waiting", "polling", "looping", "paused")
"""What is drawn on the bar of a process that is alive."""


def legend(timelines: Iterable[Timeline]) -> list[Entry]:
    """The shapes that occur in these timelines, in an order that reads well."""
    drawn, middle = list(timelines), _WIDTH / 2
    spans = {each.kind for timeline in drawn for each in timeline.spans}
    points = {each.kind for timeline in drawn for each in timeline.points}
    arrows = {each.kind for timeline in drawn for each in timeline.arrows}
    ends = {each.kind for timeline in drawn for each in timeline.ends}
    entries = [
        *(
            _entry(
                (
                    *(span("alive", 1.0, _WIDTH - 2, 2.0, run=0) if kind in _ABOVE_ALIVE else ()),
                    *span(kind, 3.0 if kind == "waiting" else 1.0, _WIDTH - 2, 2.0, run=0),
                ),
                meaning,
            )
            for kind, meaning in _SPANS.items()
            if kind in spans
        ),
        *(_entry([_arrow(kind)], _ARROWS[kind]) for kind in _ARROWS if kind in arrows),
        *(
            _entry([element("g", sign(kind, middle, BAR / 2 + 2), class_=f"mark {kind}")], meaning)
            for kind, meaning in _POINTS.items()
            if kind in points
        ),
        *(
            _entry([element("g", cap(end, middle, 2.0), class_=f"end {end}")], meaning)
            for end, meaning in _ENDS.items()
            if end in ends
        ),
    ]
    for holds, meaning in (
        (False, say("what a check expected otherwise")),
        (True, say("what a check expected")),
    ):
        if any(each.holds is holds for timeline in drawn for each in timeline.callouts):
            entries.append(_entry([_relation(holds)], meaning))
    return entries


def _entry(parts: Iterable[Markup], meaning: Text) -> Entry:
    drawing = element(
        "svg",
        *parts,
        viewBox=f"0 0 {_WIDTH:.0f} {BAR + 4:.0f}",
        width=round(_WIDTH),
        height=round(BAR + 4),
        aria_hidden="true",
    )
    return Entry(drawing, meaning)


def _arrow(kind: ArrowKind) -> Markup:
    x, bottom = _WIDTH / 2, BAR + 3
    down = kind not in ("wait", "served")
    shaft = f"M{x:.1f} {1.0 if down else bottom:.1f}V{bottom - 6 if down else 7.0:.1f}"
    return element(
        "g",
        element("path", d=shaft, class_="shaft"),
        element("path", d=head(x, bottom if down else 1.0, 1 if down else -1), class_="head"),
        class_=f"arrow {kind}",
    )


def _relation(holds: bool) -> Markup:
    y = BAR / 2 + 2
    return element(
        "g",
        element("path", d=f"M2 {y:.1f}H{_WIDTH - 9:.1f}", class_="line"),
        element("path", d=f"M{_WIDTH - 9:.1f} {y - 4:.1f}v8l8 -4Z", class_="head"),
        class_="relation holds" if holds else "relation violated",
    )
