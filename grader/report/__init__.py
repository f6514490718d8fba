"""A Grade as text: at the terminal, as one HTML file, as JSON. Pure: text out, nothing run."""

from grader.report.as_json import to_json
from grader.report.html import content_policy, prepare_html, render_html
from grader.report.terminal import render_terminal

__all__ = ["content_policy", "prepare_html", "render_html", "render_terminal", "to_json"]
