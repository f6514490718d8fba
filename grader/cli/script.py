"""Grades one script: the report is written, the result is printed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from grader.cli.arguments import (
    interpreter_of,
    options_of,
    processors,
    read_script,
    require_linux,
    require_named,
)
from grader.exit_status import ExitStatus, UserError
from grader.messages import Language, Text, say

if TYPE_CHECKING:
    from grader.exercise import Exercise
    from grader.grading import Grade, Runner
    from grader.options import Options
    from grader.submission import Submission

Amount = Literal["quiet", "normal", "verbose"]


def grade_script(
    spec: str,
    script: Path,
    options: Mapping[str, Any],
    language: Language,
    amount: Amount,
    report: Path | None,
    json: Path | None,
    opens: bool,
) -> ExitStatus:
    """Grade one script.

    Args:
        spec: the exercise's file or name.
        script: the file that was handed in.
        options: how it is run, by the names of `grader.cli.arguments.options_of`.
        language: of the result and the report.
        amount: how much is printed.
        report: where the HTML report goes; None: to the usual place.
        json: where the JSON goes, if it is wanted.
        opens: whether the report is shown in the browser.

    Raises:
        UserError: the call is wrong, or nothing can be run on this machine.
    """
    with ExitStack() as held:
        runner = _run_up(held, script, options)
        exercise = _load(spec)
        if exercise is None:
            return ExitStatus.WRONG_CALL
        if options["witness"] == "kernel":
            require_linux()
        submission = read_script(script)
        grade = _graded(exercise, submission, options_of(**options), language, runner)
    place = report or default_report(grade)
    problems = _save(grade, place, json, language)
    written = None if place in problems else place
    _print(grade, written, amount, language)
    for problem in problems.values():
        click.echo(f"grade: {problem.in_language(language)}", err=True)
    if opens and written is not None:
        open_report(written, language)
    asked_for = [path for path in problems if report is not None or path != place]
    if asked_for or grade.passed is None:
        return ExitStatus.CANNOT_WORK
    return ExitStatus.PASSED if grade.passed else ExitStatus.NOT_PASSED


def default_report(grade: Grade) -> Path:
    """``reports/<exercise>/<submission>.html`` below the current folder."""
    return Path("reports") / grade.exercise.id / f"{grade.submission.path.stem}.html"


def _run_up(held: ExitStack, script: Path, options: Mapping[str, Any]) -> Runner | None:
    """What will run the script, making itself ready while the exercise is being loaded.

    None where that comes to nothing. What is wrong with the call is told later, in its turn.
    """
    if sys.platform != "linux" or options["witness"] == "script":
        return None
    from grader.supervisor import WarmRunner

    try:
        submission, python = read_script(script), interpreter_of(options["python"])
    except UserError:
        return None
    at_once = 1 if options["schedules"] == 1 else processors()
    runner = held.enter_context(WarmRunner(_prepare_report()))
    runner.prepare(submission, python, options["isolation"], at_once)
    return runner


def _load(spec: str) -> Exercise | None:
    """The exercise, or None after its errors were shown."""
    from grader.exercise import ExerciseError, find_exercise, load_exercise

    try:
        return load_exercise(find_exercise(spec))
    except ExerciseError as error:
        click.echo(str(error), err=True)
        return None


def _graded(
    exercise: Exercise,
    submission: Submission,
    options: Options,
    language: Language,
    runner: Runner | None,
) -> Grade:
    """
    Raises:
        UserError: the exercise uses a check that cannot be used, the event order to be run names
            a process that does not exist, or nothing can be run on this machine.
    """
    from grader.cli.progress import graded_with_progress
    from grader.exercise import FamilyError
    from grader.plan import CannotSuperviseError

    try:
        grade = graded_with_progress(exercise, submission, options, language, runner)
    except FamilyError as error:
        problem = say("The exercise cannot be used: {problem}", problem=str(error))
        raise UserError(problem) from error
    except CannotSuperviseError as error:
        raise UserError(error.reason, ExitStatus.CANNOT_WORK) from error
    if options.replay is not None and grade.runs:
        require_named(options.replay, grade.runs[0])
    return grade


def _prepare_report() -> Iterator[Callable[[], object]]:
    """What the report needs is loaded while the script runs: a processor may be idle then."""
    for name in ("jinja2", "markdown_it", "pygments.lexers.python", "grader.report"):
        yield partial(import_module, name)
    from grader.report import prepare_html

    yield prepare_html


def _save(grade: Grade, report: Path, json: Path | None, language: Language) -> dict[Path, Text]:
    """Write the report and the JSON; what could not be written, and why."""
    from grader.report import render_html, to_json
    from grader.report.escaping import one_line
    from grader.saving import write_whole

    wanted: list[tuple[Path, Callable[[Grade, Language], str]]] = [(report, render_html)]
    if json is not None:
        wanted.append((json, to_json))
    problems: dict[Path, Text] = {}
    for path, rendered in wanted:
        try:
            write_whole(path, rendered(grade, language))
        except OSError as error:
            problems[path] = say(
                "{path} cannot be written: {reason}. The result above stands; name another place "
                "with -o or --json.",
                path=one_line(str(path)),
                reason=str(error.strerror),
            )
    return problems


def _print(grade: Grade, report: Path | None, amount: Amount, language: Language) -> None:
    from rich.console import Console

    from grader.report import render_terminal

    render_terminal(grade, language, Console(), amount=amount, report=report)


def open_report(path: Path, language: Language) -> None:
    """Show a report. Where there is no browser, that is said: the grade stands all the same."""
    import webbrowser

    if not webbrowser.open(path.resolve().as_uri()):
        told = say("There is no browser to open {path} with.", path=str(path))
        click.echo(f"grade: {told.in_language(language)}", err=True)
