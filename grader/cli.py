"""The `grade` command: arguments in, exit status out.

Exit status 0: every check passed; 1: some check did not; 2: the call or the exercise file is
wrong; 3: the grader itself could not work. What costs time to import is imported where it is
needed, so that a wrong call is answered at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from grader import __version__
from grader.messages import Language, Text, say

if TYPE_CHECKING:
    from grader.checks import Grade
    from grader.exercise import Exercise
    from grader.grading import Options
    from grader.report.terminal import Amount

PASSED, NOT_PASSED, WRONG_CALL, CANNOT_WORK = 0, 1, 2, 3


def main() -> NoReturn:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Carry out one call of the command. Returns its exit status."""
    language = language_of(arguments)
    if sys.platform != "linux":
        _complain(
            say(
                "Grading needs Linux, and this is {system}. On Windows, WSL2 will do; elsewhere, "
                "any Linux machine or virtual machine.",
                system=sys.platform,
            ),
            language,
        )
        return CANNOT_WORK
    try:
        status: int = command(language).main(list(arguments), "grade", standalone_mode=False)
        return status
    except click.ClickException as error:
        error.show()
        return WRONG_CALL
    except (click.Abort, KeyboardInterrupt):
        _complain(say("Stopped. Nothing was graded."), language)
        return 130
    except Exception as error:
        return _own_fault(error, language, "-v" in arguments or "--verbose" in arguments)


def language_of(arguments: Sequence[str]) -> Language:
    """The language asked for by ``--lang``, else that of the locale, else English."""
    for index, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else None
        if argument == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        if value in ("en", "zh"):
            return "zh" if value == "zh" else "en"
    wanted = next(
        (value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), ""
    )
    return "zh" if wanted.lower().startswith("zh") else "en"


def _complain(text: Text, language: Language) -> None:
    click.echo(f"grade: {text.in_language(language)}", err=True)


def _own_fault(error: Exception, language: Language, verbose: bool) -> int:
    """What cannot be the student's fault, nor the teacher's."""
    from grader.supervisor import CannotSuperviseError

    if isinstance(error, CannotSuperviseError):
        _complain(error.reason, language)
        return CANNOT_WORK
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
    return CANNOT_WORK


def command(language: Language) -> click.Command:
    """The command with its help in a language."""

    def told(text: Text) -> str:
        return text.in_language(language)

    def option(*names: str, says: Text, **settings: object) -> click.Option:
        return click.Option(names, help=told(says), **settings)  # type: ignore[arg-type]

    return click.Command(
        "grade",
        callback=_dispatch,
        help=told(
            say(
                "Run a script and learn from what its processes really did whether it is right, "
                "and why.\n\nSPEC is an exercise: a file such as exercises/join.yaml, or the name "
                "of one that comes with the grader, such as join. SUBMISSION is your script."
                "\n\n\b\n  grade                     all exercises that come with the grader"
                "\n  grade join                what the exercise asks for"
                "\n  grade join student.py     is my script right?"
            )
        ),
        epilog=told(
            say(
                "Exit status: 0 every check passed, 1 some check did not, 2 the call or the "
                "exercise is wrong, 3 the grader could not work here."
            )
        ),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 90},
        params=[
            click.Argument(["spec"], required=False, metavar="[SPEC]"),
            click.Argument(
                ["submission"], required=False, metavar="[SUBMISSION]", type=click.Path()
            ),
            option(
                "-o",
                "--report",
                type=click.Path(path_type=Path),
                metavar="PATH",
                says=say("Where the HTML report goes (reports/EXERCISE/SUBMISSION.html)."),
            ),
            option(
                "--json",
                type=click.Path(path_type=Path),
                metavar="PATH",
                says=say("Write the result and all that happened as JSON, too."),
            ),
            option(
                "--schedules",
                type=click.IntRange(1, 1000),
                metavar="N",
                says=say(
                    "How many event orders are tried, to tell right from lucky; 1 is the natural "
                    "one only. (as the exercise says)"
                ),
            ),
            option(
                "--seed",
                type=click.IntRange(0),
                default=0,
                metavar="N",
                says=say("Try other random event orders."),
            ),
            option(
                "--replay",
                metavar="ORDER",
                says=say("Run one event order again, by its name from a report."),
            ),
            option(
                "--clock",
                type=click.Choice(["virtual", "real"]),
                says=say("Whether sleeping takes real time. (as the exercise says)"),
            ),
            option(
                "--python",
                type=click.Path(path_type=Path),
                metavar="PATH",
                says=say("The Python that runs the script. (the grader's own)"),
            ),
            option(
                "--lang",
                type=click.Choice(["en", "zh"]),
                says=say("The language of what is said. (that of the locale)"),
            ),
            option("-q", "--quiet", is_flag=True, says=say("Only the score.")),
            option("-v", "--verbose", is_flag=True, says=say("Also who ran when and said what.")),
            click.Option(
                ["--version"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_version,
                help=told(say("The version of the grader.")),
            ),
        ],
    )


def _version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"grade {__version__}")
        context.exit(PASSED)


def _dispatch(
    spec: str | None,
    submission: str | None,
    report: Path | None,
    json: Path | None,
    schedules: int | None,
    seed: int,
    replay: str | None,
    clock: str | None,
    python: Path | None,
    lang: str | None,
    quiet: bool,
    verbose: bool,
) -> int:
    language = language_of(["--lang", lang] if lang else [])
    if spec is None:
        return _list_exercises(language)
    exercise = _load(spec)
    if exercise is None:
        return WRONG_CALL
    if submission is None:
        return _print_task(exercise, language)
    options = _options(schedules, seed, replay, clock, python)
    return _grade(exercise, Path(submission), options, report, json, language, quiet, verbose)


def _load(spec: str) -> Exercise | None:
    """The exercise, or None after its errors were shown."""
    from grader.exercise import ExerciseError, find_exercise, load_exercise

    try:
        return load_exercise(find_exercise(spec))
    except ExerciseError as error:
        click.echo(str(error), err=True)
        return None


def _options(
    schedules: int | None,
    seed: int,
    replay: str | None,
    clock: str | None,
    python: Path | None,
) -> Options:
    from grader.grading import Options
    from grader.schedules import ScheduleError, parse_schedule

    try:
        order = None if replay is None else parse_schedule(replay)
    except ScheduleError as error:
        raise click.BadParameter(str(error), param_hint="--replay") from error
    return Options(
        clock="real" if clock == "real" else "virtual" if clock == "virtual" else None,
        python=python,
        schedules=schedules,
        seed=seed,
        replay=order,
        at_once=len(os.sched_getaffinity(0)),
    )


def _list_exercises(language: Language) -> int:
    from grader.exercise import load_exercise, shipped_exercises

    for name, path in shipped_exercises().items():
        title = load_exercise(path).title.in_language(language)
        click.echo(f"{name:16} {title}")
    click.echo()
    click.echo(
        say("grade NAME shows the task, grade NAME SCRIPT grades a script.").in_language(language)
    )
    return PASSED


def _print_task(exercise: Exercise, language: Language) -> int:
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    console.rule(exercise.title.in_language(language))
    console.print(Markdown(exercise.task.in_language(language)))
    return PASSED


def _grade(
    exercise: Exercise,
    path: Path,
    options: Options,
    report: Path | None,
    json: Path | None,
    language: Language,
    quiet: bool,
    verbose: bool,
) -> int:
    from grader.submission import read_submission

    try:
        submission = read_submission(path)
    except OSError as error:
        _complain(_unreadable(path, error), language)
        return WRONG_CALL
    from grader.progress import graded_with_progress

    grade = graded_with_progress(exercise, submission, options, language)
    return _tell(grade, report, json, language, quiet, verbose)


def _unreadable(path: Path, error: OSError) -> Text:
    if isinstance(error, FileNotFoundError):
        return say("There is no file {path}.", path=str(path))
    if isinstance(error, IsADirectoryError):
        return say("{path} is a folder: name the script itself.", path=str(path))
    if isinstance(error, PermissionError):
        return say("{path} may not be read: look at its permissions.", path=str(path))
    return say("{path} cannot be read: {reason}.", path=str(path), reason=str(error.strerror))


def _tell(
    grade: Grade,
    report: Path | None,
    json: Path | None,
    language: Language,
    quiet: bool,
    verbose: bool,
) -> int:
    from rich.console import Console

    from grader.report import render_html, render_terminal, to_json

    report = report or default_report(grade)
    texts = {report: render_html(grade, language)}
    if json is not None:
        texts[json] = to_json(grade, language)
    problems = {path: why for path, text in texts.items() if (why := _try_to_write(path, text))}
    amount: Amount = "quiet" if quiet else "verbose" if verbose else "normal"
    written = None if report in problems else report
    render_terminal(grade, language, Console(), amount=amount, report=written)
    for problem in problems.values():
        _complain(problem, language)
    if problems or grade.score is None:
        return CANNOT_WORK
    return PASSED if grade.passed else NOT_PASSED


def _try_to_write(path: Path, text: str) -> Text | None:
    """Why the file could not be written, if it could not."""
    try:
        write_whole(path, text)
    except OSError as error:
        return say(
            "{path} cannot be written: {reason}. Name another place with -o or --json.",
            path=str(path),
            reason=str(error.strerror),
        )
    return None


def default_report(grade: Grade) -> Path:
    """``reports/<exercise>/<submission>.html`` below the current folder."""
    return Path("reports") / grade.exercise.id / f"{grade.submission.path.stem}.html"


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place and then put it there: nobody ever finds half of it.

    Raises:
        OSError: there is no room, or no right to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", errors="backslashreplace")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
