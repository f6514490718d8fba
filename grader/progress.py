"""Says what is being run while it is being run, without a thread: the grader forks."""

from __future__ import annotations

from rich.console import Console
from rich.live import Live
from rich.text import Text as RichText

from grader.checks import Grade
from grader.exercise import Exercise
from grader.grading import Options, grade
from grader.messages import Language, say
from grader.submission import Submission


def graded_with_progress(
    exercise: Exercise, submission: Submission, options: Options, language: Language
) -> Grade:
    """The grade; meanwhile a terminal shows, on stderr, which event order is being tried.

    Raises:
        grader.supervisor.CannotSuperviseError: nothing can be run on this machine.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        return grade(exercise, submission, options)
    name = submission.path.name
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(order: str) -> None:
            told = say("Running {script}: {order}", script=name, order=order)
            live.update(RichText(told.in_language(language), style="dim"), refresh=True)

        return grade(exercise, submission, options, progress=show)
