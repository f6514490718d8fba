"""The `grade` command: arguments in, exit status out.

What costs time to import is imported where it is needed, so that a wrong call is answered at once.
"""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from grader.classroom import is_class
from grader.cli.command import GradeCommand, split, what_is_wrong
from grader.cli.language import language_of
from grader.cli.options import FOR_A_CLASS, OPTIONS, values_for
from grader.cli.pages import CommandName
from grader.exit_status import ExitStatus, UserError
from grader.messages import Language, Text, say

__all__ = ["main", "run", "stopped"]

_STDOUT = Path("-")
"""As the file of ``--json``."""


def main() -> ExitStatus:
    """Carry out the call of this process. Returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without Unicode is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    return run(sys.argv[1:])


def stopped(arguments: Sequence[str]) -> ExitStatus:
    """What is said to a person who stops the command before it has graded anything."""
    _complain(say("Stopped. Nothing was graded."), language_of(arguments))
    return ExitStatus.INTERRUPTED


def run(arguments: Sequence[str]) -> ExitStatus:
    """Carry out one call of the command. Returns its exit status."""
    language = language_of(arguments)
    name, rest = split(arguments)
    try:
        command = GradeCommand(name, language, _CALLBACKS[name])
        return ExitStatus(command.main(rest, "grade", standalone_mode=False))
    except click.UsageError as error:
        _complain(what_is_wrong(error), language)
        call = "grade" if name == "grade" else f"grade {name}"
        _complain(say("{call} --help shows how to call it.", call=call), language)
        return ExitStatus.WRONG_CALL
    except UserError as error:
        _complain(error.problem, language)
        return error.status
    except (click.Abort, KeyboardInterrupt):
        return stopped(arguments)
    except BrokenPipeError:  # as in `grade | head`: its reader has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.CANNOT_WORK
    except Exception as error:
        flags = "".join(each for each in arguments if each[:1] == "-" and each[:2] != "--")
        return _own_fault(error, language, "v" in flags or "--verbose" in arguments)


def _complain(text: Text, language: Language) -> None:
    told = text.in_language(language)
    if not told.isprintable():  # a file name, or what a script has written
        from grader.report.escaping import one_line

        told = one_line(told)
    told = f"grade: {told}"
    if sys.stderr.isatty():
        from grader.messages.wrapping import wrap

        told = "\n".join(wrap(told, shutil.get_terminal_size().columns))
    click.echo(told, err=True)


def _own_fault(error: Exception, language: Language, verbose: bool) -> ExitStatus:
    """What nobody foresaw is neither the student's fault nor the teacher's."""
    if verbose:
        traceback.print_exception(error)
    _complain(
        say(
            "This is the grader's own fault, not the script's: {error}. The script was not "
            "judged. Please report it; -v shows more.",
            error=f"{type(error).__name__}: {error}".splitlines()[0][:200],
        ),
        language,
    )
    return ExitStatus.CANNOT_WORK


def _grade(spec: str | None, scripts: tuple[str, ...], **values: Any) -> ExitStatus:
    """One script, unless what is named is a class; without a script, its task."""
    language = language_of(["--lang", values["lang"]] if values["lang"] else [])
    if spec is None:
        from grader.cli.exercises import list_exercises

        return list_exercises(language)
    _require_exercise(spec)
    given = [Path(script) for script in scripts]
    if values["gradescope"] is not None or is_class(spec, given):
        return _grade_class(spec, scripts, **values)
    if not given:
        from grader.cli.exercises import print_task

        return print_task(spec, language)
    _require_no_option_of_a_class(values)
    from grader.cli.script import grade_script

    options = values_for("options", values)
    with _json_place(values["json"]) as json:
        places = {"report": values["report"], "json": json, "opens": values["open"]}
        return grade_script(spec, given[0], options, language, _amount(values), **places)


def _grade_class(spec: str | None, scripts: tuple[str, ...], **values: Any) -> ExitStatus:
    from grader.cli.classes import grade_class, write_autograder

    language = language_of(["--lang", values["lang"]] if values["lang"] else [])
    if spec is None:
        raise UserError(say("Name an exercise: grade class EXERCISE FOLDER"))
    _require_exercise(spec)
    given = [Path(script) for script in scripts]
    if values["gradescope"] is not None:
        return write_autograder(spec, values["gradescope"], given, language)
    if values["json"] == _STDOUT and values["watch"]:
        raise UserError(say("With --watch, --json needs the name of a file: it is written again."))
    with _json_place(values["json"]) as json:
        return grade_class(spec, given, {**values, "json": json}, language, _amount(values))


@contextmanager
def _json_place(wanted: Path | None) -> Iterator[Path | None]:
    """Where the JSON is to be written. With ``--json -`` it goes to the standard output in the end,
    and what is said to a person to stderr: programs read JSON and nothing else.
    """
    if wanted != _STDOUT:
        yield wanted
        return
    with TemporaryDirectory(prefix="grader-") as folder:
        place = Path(folder) / "result.json"
        with redirect_stdout(sys.stderr):
            yield place
        if place.exists():
            click.echo(place.read_bytes(), nl=False)


def _examine(
    spec: str | None, scripts: tuple[str, ...], lang: str | None, json: Path | None
) -> ExitStatus:
    if spec is not None:
        raise UserError(
            say(
                "grade doctor examines this machine and takes no file or name: leave out {given}.",
                given=" ".join((spec, *scripts)),
            )
        )
    from grader.cli.doctor import examine_machine

    with _json_place(json) as place:
        return examine_machine(language_of(["--lang", lang] if lang else []), place)


def _author(
    name: CommandName, spec: str | None, scripts: tuple[str, ...], **values: Any
) -> ExitStatus:
    from grader.cli.authoring import COMMANDS

    named = [] if spec is None else [spec, *scripts]
    language = language_of(["--lang", values["lang"]] if values["lang"] else [])
    return COMMANDS[name](named, language, values)


_CALLBACKS: dict[CommandName, Callable[..., ExitStatus]] = {
    "grade": _grade,
    "class": _grade_class,
    "doctor": _examine,
    "new": partial(_author, "new"),
    "show": partial(_author, "show"),
    "lint": partial(_author, "lint"),
    "test": partial(_author, "test"),
    "audit": partial(_author, "audit"),
    "preview": partial(_author, "preview"),
    "schema": partial(_author, "schema"),
}


def _amount(values: dict[str, Any]) -> Any:
    return "quiet" if values["quiet"] else "verbose" if values["verbose"] else "normal"


def _require_exercise(spec: str) -> None:
    """
    Raises:
        UserError: what stands in the exercise's place is a script.
    """
    if spec.endswith(".py"):
        raise UserError(
            say(
                "{script} is a script. Name the exercise first: grade EXERCISE {script}",
                script=os.path.normpath(spec),
            )
        )


def _require_no_option_of_a_class(values: dict[str, Any]) -> None:
    """
    Raises:
        UserError: an option is given that only a class has.
    """
    for each in OPTIONS:
        if each.section in FOR_A_CLASS and values[each.field]:
            raise UserError(
                say("{option} is for a class: name a folder of submissions.", option=each.flags[-1])
            )
