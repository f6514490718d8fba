"""The list of the exercises, and the task of one."""

from __future__ import annotations

import click

from grader.exit_status import ExitStatus
from grader.messages import Language, say
from grader.messages.wrapping import pad, wrap


def list_exercises(language: Language) -> ExitStatus:
    """Print the exercises that the grader ships with, in the order of the course."""
    import shutil

    from grader.exercise import load_exercise, shipped_exercises

    shipped = shipped_exercises()
    width = max(30, shutil.get_terminal_size().columns)
    left = max(map(len, shipped), default=0) + 1
    for name, path in shipped.items():
        first, *more = wrap(load_exercise(path).title.in_language(language), width - left)
        click.echo(f"{pad(name, left)}{first}")
        for line in more:
            click.echo(f"{'':{left}}{line}")
    click.echo()
    hint = say("grade NAME shows the task, grade NAME SCRIPT grades a script.")
    for line in wrap(hint.in_language(language), width):
        click.echo(line)
    return ExitStatus.PASSED


def print_task(spec: str, language: Language) -> ExitStatus:
    """Print what an exercise asks for."""
    from rich.console import Console
    from rich.markdown import Markdown

    from grader.exercise import ExerciseError, find_exercise, load_exercise

    try:
        exercise = load_exercise(find_exercise(spec))
    except ExerciseError as error:
        click.echo(str(error), err=True)
        return ExitStatus.WRONG_CALL
    console = Console()
    console.rule(exercise.title.in_language(language))
    console.print(Markdown(exercise.task.in_language(language)))
    return ExitStatus.PASSED
