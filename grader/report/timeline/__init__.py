"""The swimlane timeline: laid out as plain data first, then drawn as SVG."""

from grader.report.timeline.axis import Axis
from grader.report.timeline.drawing import draw
from grader.report.timeline.layout import Timeline, lay_out

__all__ = ["Axis", "Timeline", "draw", "lay_out"]
