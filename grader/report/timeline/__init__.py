"""The swimlane timeline: laid out as plain data first, then drawn as SVG."""

from grader.report.timeline.axis import Axis
from grader.report.timeline.drawing import draw
from grader.report.timeline.layout import lay_out, times_of
from grader.report.timeline.meanings import legend
from grader.report.timeline.shapes import LABELS, Timeline

__all__ = ["LABELS", "Axis", "Timeline", "draw", "lay_out", "legend", "times_of"]
