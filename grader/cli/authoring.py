"""The commands for those who write exercises.

What they say of a place in a file is English, as the language of exercises is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import click

from grader.exit_status import ExitStatus
from grader.messages import Language, plural, say


def lint_files(named: Sequence[str], language: Language) -> ExitStatus:
    """Print what is wrong with exercise files, and what in them is hardly meant so.

    Args:
        named: files, names of shipped exercises, and folders of files.
        language: of what is said about all of them.

    Raises:
        UserError: nothing is called so, or a folder has no exercise file.
    """
    from grader.authoring import exercise_files, lint

    results = [lint(file) for file in exercise_files(named)]
    for result in results:
        for problem in result.errors:
            click.echo(str(problem))
        for problem in result.warnings:
            click.echo(str(replace(problem, message=f"warning: {problem.message}")))
    errors = sum(len(result.errors) for result in results)
    warnings = sum(len(result.warnings) for result in results)
    told = say(
        "{files}: {errors}, {warnings}.",
        files=plural("{count} file", "{count} files", len(results)),
        errors=plural("{count} error", "{count} errors", errors),
        warnings=plural("{count} warning", "{count} warnings", warnings),
    )
    click.echo(told.in_language(language))
    if errors:
        return ExitStatus.WRONG_CALL
    return ExitStatus.NOT_PASSED if warnings else ExitStatus.PASSED


COMMANDS: dict[str, Callable[[Sequence[str], Language], ExitStatus]] = {"lint": lint_files}
"""By name: each is given what the call names, and the language."""
