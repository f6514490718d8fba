"""Grades a class, or writes the autograder of a platform."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from grader.cli.arguments import options_of, require_linux
from grader.cli.options import values_for
from grader.exit_status import ExitStatus, UserError
from grader.messages import Language, say

_REPORTS = Path("reports")


def grade_class(
    spec: str,
    given: Sequence[Path],
    values: dict[str, Any],
    language: Language,
    amount: str,
) -> ExitStatus:
    """Grade a class.

    Args:
        spec: an exercise's file or name, a folder of them, or a ``course.yaml``.
        given: what was handed in.
        values: those of the options, by the names of their fields.
        language: of what is printed and written.
        amount: how much is printed.

    Raises:
        UserError: the call is wrong, or nothing can be graded or written.
    """
    if not given:
        raise UserError(say("Name the submissions, too: grade class EXERCISE FOLDER"))
    require_linux()
    from grader.classroom import calls
    from grader.report.words import NOT_SHUT_OFF, SERVICES_OPEN
    from grader.sandbox import services_are_open

    options = options_of(**values_for("options", values))
    if options.witness == "script":
        click.echo(NOT_SHUT_OFF.in_language(language), err=True)
    elif services_are_open(options.isolation):
        click.echo(SERVICES_OPEN.in_language(language), err=True)
    reports: Path | None = values["report"]
    batch = values_for("batch", values)
    batch |= {"language": language, "json": values["json"], "amount": amount}
    outputs = values_for("outputs", values)
    status = _told(lambda: calls.grade_class(spec, given, options, reports, batch, outputs))
    if values["open"] and status in (ExitStatus.ALL_GRADED, ExitStatus.NOT_PASSED):
        from grader.classroom.batch.reports import CLASS_PAGE
        from grader.cli.script import open_report

        open_report((reports or _REPORTS) / CLASS_PAGE, language)
    return status


def write_autograder(
    spec: str, path: Path, given: Sequence[Path], language: Language
) -> ExitStatus:
    """Write the autograder of some exercises for Gradescope.

    Raises:
        UserError: there is something to grade, too, or it cannot be written.
    """
    from grader.classroom.calls import write_autograder_of

    return _told(lambda: write_autograder_of(spec, path, given, language))


def _told(act: Callable[[], ExitStatus]) -> ExitStatus:
    """The exit status; errors of files that the teacher wrote are printed as they are."""
    from grader.exercise import ExerciseError

    try:
        return act()
    except ExerciseError as error:
        click.echo(str(error), err=True)
        return ExitStatus.WRONG_CALL
