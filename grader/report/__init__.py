"""A Grade as text: at the terminal, as one HTML file, as JSON. Pure: text out, nothing run."""

from grader.report.as_json import to_json
from grader.report.html import (
    HTML_LANGUAGES,
    content_policy,
    page_environment,
    page_text,
    prepare_html,
    render_html,
    report_style,
)
from grader.report.terminal import render_terminal

__all__ = [
    "HTML_LANGUAGES",
    "content_policy",
    "page_environment",
    "page_text",
    "prepare_html",
    "render_html",
    "render_terminal",
    "report_style",
    "to_json",
]
