"""The swimlane timeline: laid out as plain data first, then drawn as SVG."""

from grader.report.timeline.axis import Axis
from grader.report.timeline.drawing import anchor_of_relation, draw
from grader.report.timeline.endings import room_for_ends
from grader.report.timeline.instants import repetitions, times_of
from grader.report.timeline.layout import lay_out
from grader.report.timeline.meanings import legend
from grader.report.timeline.shapes import BESIDE, EDGE, LABELS, Callout, Timeline

__all__ = [
    "BESIDE",
    "EDGE",
    "LABELS",
    "Axis",
    "Callout",
    "Timeline",
    "anchor_of_relation",
    "draw",
    "lay_out",
    "legend",
    "repetitions",
    "room_for_ends",
    "times_of",
]
