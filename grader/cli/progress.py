"""Says what is being run while it is being run, without a thread: the grader forks."""

from __future__ import annotations

from rich.console import Console
from rich.live import Live
from rich.text import Text as RichText

from grader.exercise import Exercise
from grader.grading import Grade, Options, Runner, grade
from grader.messages import Language, say
from grader.submission import Submission


def graded_with_progress(
    exercise: Exercise,
    submission: Submission,
    options: Options,
    language: Language,
    runner: Runner | None = None,
) -> Grade:
    """The grade; a terminal shows, on stderr, which event order is being tried.

    Args:
        exercise: what is asked for.
        submission: what was handed in.
        options: what the caller decides.
        language: of what is shown.
        runner: runs plans; None: the supervisor does.

    Raises:
        grader.supervisor.CannotSuperviseError: nothing can be run on this machine.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        return grade(exercise, submission, options, runner)
    from grader.report.escaping import one_line  # whose room costs time to load

    name = submission.path.name
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(order: str) -> None:
            told = say("Running {script}: {order}", script=name, order=order)
            shown = one_line(told.in_language(language))
            live.update(RichText(shown, style="dim"), refresh=True)

        return grade(exercise, submission, options, runner, progress=show)
