"""The list of the exercises, and the task of one."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, ClassVar

import click

from grader.exit_status import ExitStatus
from grader.messages import Language, say
from grader.messages.wrapping import breaks, pad, wrap

if TYPE_CHECKING:
    from rich.markdown import Markdown

_CHINESE = r"[\u3000-\u9fff\uff00-\uffef]"
_BETWEEN_CHINESE = re.compile(f"(?<={_CHINESE})\n(?={_CHINESE})")
"""A line end that is no blank."""


def list_exercises(language: Language) -> ExitStatus:
    """Print the exercises that the grader ships with, in the order of the course."""
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

    from grader.exercise import ExerciseError, find_exercise, load_exercise

    try:
        exercise = load_exercise(find_exercise(spec))
    except ExerciseError as error:
        click.echo(str(error), err=True)
        return ExitStatus.WRONG_CALL
    console = Console()
    console.rule(exercise.title.in_language(language))
    shows_code = console.color_system is not None and not console.no_color
    console.print(_markdown(exercise.task.in_language(language), shows_code))
    return ExitStatus.PASSED


def _markdown(task: str, shows_code: bool) -> Markdown:
    """The task for Rich, whose own paragraphs break Chinese at blanks only. Where code is not
    shown by colour, it keeps its backticks.
    """
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import Markdown, Paragraph

    class Wrapped(Paragraph):
        """A paragraph whose lines break where our own texts do."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            width = options.max_width
            for line in self.text.divide(breaks(self.text.plain, width)):
                line.rstrip()
                yield line

    class Task(Markdown):
        """A text in Markdown with such paragraphs."""

        elements: ClassVar = {**Markdown.elements, "paragraph_open": Wrapped}

    made = Task(_BETWEEN_CHINESE.sub("", task))
    if not shows_code:
        for token in made.parsed:
            for part in token.children or ():
                if part.type == "code_inline":
                    part.content = f"`{part.content}`"
    return made
