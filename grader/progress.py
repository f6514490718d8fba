"""Says what is being run while it is being run, without a thread: the grader forks."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.text import Text as RichText

from grader.checks import Grade
from grader.exercise import Exercise
from grader.grading import Options, grade
from grader.messages import Language, say
from grader.submission import Submission


def graded_with_progress(
    exercise: Exercise,
    submission: Submission,
    options: Options,
    language: Language,
    meanwhile: Callable[[], object] = lambda: None,
) -> Grade:
    """The grade; a terminal shows, on stderr, which event order is being tried.

    Args:
        exercise: what is asked for.
        submission: what was handed in.
        options: what the caller decides.
        language: of what is shown.
        meanwhile: may be called once while the script runs.

    Raises:
        grader.supervisor.CannotSuperviseError: nothing can be run on this machine.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        return grade(exercise, submission, options, meanwhile=meanwhile)
    from grader.report.escaping import one_line  # whose room costs time to load

    name = submission.path.name
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(order: str) -> None:
            told = say("Running {script}: {order}", script=name, order=order)
            shown = one_line(told.in_language(language))
            live.update(RichText(shown, style="dim"), refresh=True)

        return grade(exercise, submission, options, progress=show, meanwhile=meanwhile)
