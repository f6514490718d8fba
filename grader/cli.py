"""The `grade` command: arguments in, exit status out.

What costs time to import is imported where it is needed, so that a wrong call is answered at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from grader.arguments import (
    CallError,
    CannotWorkError,
    interpreter_of,
    options_of,
    processors,
    read_script,
    require_linux,
    require_named,
)
from grader.classroom import is_class
from grader.command import GradeCommand, language_of, what_is_wrong
from grader.exit_status import ExitStatus
from grader.messages import Language, Text, say

if TYPE_CHECKING:
    from grader.exercise import Exercise
    from grader.grading import Grade, Runner
    from grader.options import Options
    from grader.submission import Submission


def main() -> ExitStatus:
    """Carry out the call of this process. Returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without Unicode is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    return run(sys.argv[1:])


def stopped(arguments: Sequence[str]) -> ExitStatus:
    """What is said to who stops the command before it has graded anything."""
    _complain(say("Stopped. Nothing was graded."), language_of(arguments))
    return ExitStatus.INTERRUPTED


def run(arguments: Sequence[str]) -> ExitStatus:
    """Carry out one call of the command. Returns its exit status."""
    language = language_of(arguments)
    try:
        command = GradeCommand(language, _dispatch)
        return ExitStatus(command.main(list(arguments), "grade", standalone_mode=False))
    except click.UsageError as error:
        _complain(what_is_wrong(error), language)
        _complain(say("grade --help says how it is called."), language)
        return ExitStatus.WRONG_CALL
    except CallError as error:
        _complain(error.problem, language)
        return ExitStatus.WRONG_CALL
    except CannotWorkError as error:
        _complain(error.reason, language)
        return ExitStatus.CANNOT_WORK
    except (click.Abort, KeyboardInterrupt):
        return stopped(arguments)
    except BrokenPipeError:  # as in `grade | head`: nobody listens any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.CANNOT_WORK
    except Exception as error:
        return _own_fault(error, language, _is_verbose(arguments))


def _is_verbose(arguments: Sequence[str]) -> bool:
    flags = "".join(each for each in arguments if each[:1] == "-" and each[:2] != "--")
    return "v" in flags or "--verbose" in arguments


def _complain(text: Text, language: Language) -> None:
    told = text.in_language(language)
    if not told.isprintable():  # a file name, or what a script has written
        from grader.report.escaping import one_line

        told = one_line(told)
    click.echo(f"grade: {told}", err=True)


def _own_fault(error: Exception, language: Language, verbose: bool) -> ExitStatus:
    """What nobody foresaw is neither the student's fault nor the teacher's."""
    if verbose:
        traceback.print_exception(error)
    _complain(
        say(
            "This is a fault of the grader's own, not of the script: {error}. The script was not "
            "judged. Please report it; with -v it says more.",
            error=f"{type(error).__name__}: {error}".splitlines()[0][:200],
        ),
        language,
    )
    return ExitStatus.CANNOT_WORK


def _dispatch(
    spec: str | None,
    scripts: tuple[str, ...],
    report: Path | None,
    json: Path | None,
    lang: str | None,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> ExitStatus:
    language = language_of(["--lang", lang] if lang else [])
    of_class = {name: options.pop(name) for name in _OF_A_CLASS}
    wishes = {name: options.pop(name) for name in _WISHES}
    gradescope: Path | None = options.pop("gradescope")
    amount: Literal["quiet", "normal", "verbose"]
    amount = "quiet" if quiet else "verbose" if verbose else "normal"
    if spec is None:
        return _list_exercises(language)
    if spec.endswith(".py"):
        raise CallError(
            say(
                "{script} is a script. Name the exercise first: grade EXERCISE {script}",
                script=spec,
            )
        )
    given = [Path(script) for script in scripts]
    if gradescope is not None:
        from grader.classroom.outputs.calls import write_autograder_of

        return _about_a_class(lambda: write_autograder_of(spec, gradescope, given, language))
    if is_class(Path(spec), given):
        from grader.classroom.outputs.calls import grade_class

        require_linux()
        running = options_of(**options)
        settings = {**of_class, "language": language, "json": json, "amount": amount}
        return _about_a_class(lambda: grade_class(spec, given, running, report, settings, wishes))
    with ExitStack() as held:
        runner = _run_up(held, scripts, options)
        exercise = _load(spec)
        if exercise is None:
            return ExitStatus.WRONG_CALL
        if not scripts:
            return _print_task(exercise, language)
        _require_no_wishes(of_class | wishes)
        require_linux()
        submission = read_script(Path(scripts[0]))
        grade = _graded(exercise, submission, options_of(**options), language, runner)
    complaints = _save(grade, report, json, language)
    return _tell(grade, complaints, report, amount, language)


_OF_A_CLASS = ("students", "deadline", "jobs", "cluster", "fresh", "watch", "strict")
_WISHES = ("fill", "columns", "feedback", "junit", "similar", "anonymous")


def _require_no_wishes(wishes: dict[str, Any]) -> None:
    """
    Raises:
        CallError: something is wished for that only a class has.
    """
    for name, value in wishes.items():
        if value:
            option = "column" if name == "columns" else name
            raise CallError(
                say("--{option} is for a class: name a folder of submissions.", option=option)
            )


def _about_a_class(act: Callable[[], ExitStatus]) -> ExitStatus:
    """
    Raises:
        CallError: an option is wrong, or there is nothing to grade.
        CannotWorkError: nothing can be run, or nothing can be written.
    """
    from grader.classroom.batch import BatchError
    from grader.exercise import ExerciseError

    try:
        return act()
    except ExerciseError as error:
        click.echo(str(error), err=True)
        return ExitStatus.WRONG_CALL
    except BatchError as error:
        if error.status == ExitStatus.WRONG_CALL:
            raise CallError(error.problem) from error
        raise CannotWorkError(error.problem) from error


def _run_up(held: ExitStack, scripts: Sequence[str], options: dict[str, Any]) -> Runner | None:
    """What will run the script, making itself ready while the exercise is being loaded.

    None where that comes to nothing. What is wrong with the call is told later, in its turn.
    """
    if not scripts or sys.platform != "linux":
        return None
    from grader.supervisor import WarmRunner

    try:
        submission, python = read_script(Path(scripts[0])), interpreter_of(options["python"])
    except CallError:
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


def _list_exercises(language: Language) -> ExitStatus:
    from grader.exercise import load_exercise, shipped_exercises

    for name, path in shipped_exercises().items():
        title = load_exercise(path).title.in_language(language)
        click.echo(f"{name:16} {title}")
    click.echo()
    click.echo(
        say("grade NAME shows the task, grade NAME SCRIPT grades a script.").in_language(language)
    )
    return ExitStatus.PASSED


def _print_task(exercise: Exercise, language: Language) -> ExitStatus:
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    console.rule(exercise.title.in_language(language))
    console.print(Markdown(exercise.task.in_language(language)))
    return ExitStatus.PASSED


def _graded(
    exercise: Exercise,
    submission: Submission,
    options: Options,
    language: Language,
    runner: Runner | None,
) -> Grade:
    """
    Raises:
        CallError: the exercise uses a check that cannot be used, or the event order to be run
            names a process that there is not.
        CannotWorkError: nothing can be run on this machine.
    """
    from grader.exercise import FamilyError
    from grader.progress import graded_with_progress
    from grader.supervisor import CannotSuperviseError

    try:
        grade = graded_with_progress(exercise, submission, options, language, runner)
    except FamilyError as error:
        raise CallError(
            say("The exercise cannot be used: {problem}", problem=str(error))
        ) from error
    except CannotSuperviseError as error:
        raise CannotWorkError(error.reason) from error
    if options.replay is not None and grade.runs:
        require_named(options.replay, grade.runs[0])
    return grade


def _prepare_report() -> Iterator[Callable[[], object]]:
    """What the report needs is loaded while the script runs: a processor may be idle then."""
    for name in ("jinja2", "markdown_it", "pygments.lexers.python", "grader.report"):
        yield partial(import_module, name)
    from grader.report import prepare_html

    yield prepare_html


def _save(
    grade: Grade, report: Path | None, json: Path | None, language: Language
) -> list[tuple[Path, Text]]:
    """Write the report and the JSON; what could not be written, and why."""
    from grader.report import render_html, to_json
    from grader.saving import default_report, write_whole

    wanted: list[tuple[Path, Callable[[Grade, Language], str]]] = [
        (report or default_report(grade), render_html)
    ]
    if json is not None:
        wanted.append((json, to_json))
    complaints: list[tuple[Path, Text]] = []
    for path, rendered in wanted:
        try:
            write_whole(path, rendered(grade, language))
        except OSError as error:
            complaint = say(
                "{path} cannot be written: {reason}. The result above stands; name another place "
                "with -o or --json.",
                path=str(path),
                reason=str(error.strerror),
            )
            complaints.append((path, complaint))
    return complaints


def _tell(
    grade: Grade,
    complaints: Sequence[tuple[Path, Text]],
    report: Path | None,
    amount: Literal["quiet", "normal", "verbose"],
    language: Language,
) -> ExitStatus:
    from rich.console import Console

    from grader.report import render_terminal
    from grader.saving import default_report

    place = report or default_report(grade)
    unwritten = [path for path, _ in complaints]
    written = None if place in unwritten else place
    render_terminal(grade, language, Console(), amount=amount, report=written)
    for _, complaint in complaints:
        _complain(complaint, language)
    asked_for = [path for path in unwritten if report is not None or path != place]
    if asked_for or grade.score is None:
        return ExitStatus.CANNOT_WORK
    return ExitStatus.PASSED if grade.passed else ExitStatus.NOT_PASSED
