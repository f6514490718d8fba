"""Says what is being run while it is being run, without a thread: the grader forks."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.live import Live
from rich.text import Text as RichText

from grader.exercise import Exercise
from grader.grading import Grade, Options, Runner, grade
from grader.messages import Language, Text, say
from grader.messages.wrapping import wrap
from grader.schedules import Schedule, describe
from grader.submission import Submission
from grader.trace import Trace, Witness
from grader.trace.naming import seconds


def graded_with_progress(
    exercise: Exercise,
    submission: Submission,
    options: Options,
    language: Language,
    runner: Runner | None = None,
) -> Grade:
    """The grade; a terminal shows, on stderr, which event orders are being tried, in words.

    Args:
        exercise: what is asked for.
        submission: what was handed in.
        options: what the caller decides.
        language: of what is shown.
        runner: runs plans; None: the supervisor does.

    Raises:
        grader.plan.CannotSuperviseError: nothing can be run on this machine.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        return grade(exercise, submission, options, runner)
    from grader.report.escaping import one_line  # whose room costs time to load

    name = submission.path.name
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(schedules: Sequence[Schedule], known: Trace | None) -> None:
            """Say which schedules are being tried."""
            told = one_line(told_of(name, schedules, known).in_language(language))
            lines = wrap(told, console.width - 1)
            live.update(RichText("\n".join(lines), style="dim"), refresh=True)

        return grade(exercise, submission, options, runner, progress=show)


def told_of(script: str, schedules: Sequence[Schedule], known: Trace | None) -> Text:
    """What is being run: the script, or what happens if something comes otherwise."""
    others = [] if known is None else [each for each in schedules if not each.is_natural]
    if known is None or not others:
        return say("Running {script}", script=script)
    told = describe(others[0], known)
    for other in others[1:]:
        told = say("{this}, or {that}", this=told, that=describe(other, known))
    again = say("Running {script} again: what happens {order}?", script=script, order=told)
    if known.witness is Witness.KERNEL:
        return again
    from grader.selfcheck import longest_run

    longest = max(longest_run(known, each) for each in others)
    return say("{again} That takes about {time}.", again=again, time=seconds(longest))
