"""A Grade as text: at the terminal, as one HTML file, as JSON. Pure: text out, nothing run."""

from grader.report.as_json import to_json
from grader.report.html import (
    content_policy,
    prepare_html,
    render_html,
    render_page,
    report_style,
)
from grader.report.terminal import render_terminal

__all__ = [
    "content_policy",
    "prepare_html",
    "render_html",
    "render_page",
    "render_terminal",
    "report_style",
    "to_json",
]
