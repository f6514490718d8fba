"""Opens a report in the browser."""

from __future__ import annotations

from pathlib import Path

import click

from grader.messages import Language, say


def open_report(path: Path, language: Language) -> None:
    """Show a report. Where there is no browser, that is said: the grade stands all the same."""
    import webbrowser

    if not webbrowser.open(path.resolve().as_uri()):
        told = say("There is no browser to open {path} with.", path=str(path))
        click.echo(f"grade: {told.in_language(language)}", err=True)
