"""A Grade as one HTML file: it opens offline, and reads without a script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from grader import __version__
from grader.grading import Grade
from grader.messages import Language, Message
from grader.report.escaping import visible

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_HTML_LANGUAGES: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}
"""What HTML calls each language."""


def prepare_html() -> None:
    """Load what `render_html` needs; it takes longer than rendering does."""
    import_module("grader.report.page")

    _environment(_TEMPLATES).get_template("report.html")


def render_html(grade: Grade, language: Language) -> str:
    """The whole page as text, with its style and script inside and nothing to fetch."""
    from grader.report.page import Page

    page = Page(grade, language)
    style = report_style() + _file("events.css") + _file("print.css")
    script = _file("report.js") + _file("stepper.js")
    return render_page(_TEMPLATES / "report.html", page, language, style, script)


def render_page(
    template: Path, page: object, language: Language, style: str, script: str = "", **values: object
) -> str:
    """A page as text, with its style and script inside and nothing to fetch.

    Args:
        template: the file; its own sentences stand in it in English, as ``_('...')``.
        page: what the template calls ``page``.
        language: of the page.
        style: all of its style sheet.
        script: all of its script, if it has one.
        values: what else the template asks for, by its names.
    """
    return (
        _environment(template.parent)
        .get_template(template.name)
        .render(
            page=page,
            gettext=lambda text: Message(text).in_language(language),
            lang=_HTML_LANGUAGES[language],
            style=Markup(style),
            script=Markup(script),
            policy=content_policy(style, script),
            version=__version__,
            **values,
        )
    )


def content_policy(style: str, script: str) -> str:
    """A Content-Security-Policy that allows these two texts and nothing else."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def report_style() -> str:
    """The style of the report, on which other pages build theirs."""
    return _file("report.css")


@cache
def _environment(folder: Path) -> Environment:
    """Makes pages of the templates in a folder; all that they show is escaped and visible."""
    from jinja2 import Environment as Templates
    from jinja2 import FileSystemLoader, StrictUndefined  # it takes long to load

    from grader.report.compiled import CompiledTemplates

    return Templates(
        loader=FileSystemLoader(folder),
        bytecode_cache=CompiledTemplates(folder),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else visible(str(value)),
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _file(name: str) -> str:
    """Without what only helps to read it: every report carries it."""
    text = (_TEMPLATES / name).read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"
