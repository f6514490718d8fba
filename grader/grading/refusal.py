"""Scripts that Python itself refuses: reported before anything is run."""

from __future__ import annotations

from dataclasses import replace

from grader.checks.feedback import Feedback
from grader.checks.finding import Finding, Status
from grader.checks.mistakes import explain
from grader.checks.relations.outcome import unreadable
from grader.exercise import Exercise
from grader.grading.result import Judgement
from grader.messages import say
from grader.source import code_of
from grader.source.reading import error_in
from grader.submission import SourceFile, Submission
from grader.trace import MAIN, Location
from grader.trace.tracebacks import Frame, Traceback


def refusal_of(submission: Submission, *, by_another_python: bool = False) -> Feedback | None:
    """Why the script need not be run: Python cannot read it, or it says nothing.

    None if it can be run. ``by_another_python``: it is run by another Python than the grader
    itself, and that one decides what it can read.
    """
    script = submission.script
    error = error_in(script)
    if error is not None:
        return None if by_another_python else _refusal(submission, error)
    if code_of(submission).is_empty:
        return Feedback(
            say("The script does nothing: there is no line in it that could be executed."),
            say("Perhaps the file was not saved, or another one was handed in."),
            say("Is this the file that you meant?"),
            Location(script.name, 1),
        )
    return None


def _refusal(submission: Submission, error: SyntaxError | ValueError) -> Feedback:
    script = submission.script
    is_syntax_error = isinstance(error, SyntaxError)
    kind = type(error).__name__ if is_syntax_error else "SyntaxError"
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    place = Location(script.name, _line(script, error))
    report = Traceback(MAIN, 0, kind, message, (Frame(script.name, place.line, None),), ())
    happened = unreadable(report.last_line, place, submission)
    return replace(explain(report).feedback(report), happened=happened, line=place)


def _line(script: SourceFile, error: SyntaxError | ValueError) -> int:
    """The line that is to blame, also where Python names none."""
    if b"\0" in script.content:
        return script.content[: script.content.index(b"\0")].count(b"\n") + 1
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno
    try:
        script.content.decode()
    except UnicodeDecodeError as undecodable:
        return script.content[: undecodable.start].count(b"\n") + 1
    return 1


def judge_refused(exercise: Exercise, refusal: Feedback) -> tuple[Judgement, ...]:
    """Nothing was run, so nothing holds: the first counted check says why."""
    teller = next((check for check in exercise.checks if check.points), exercise.checks[0])
    return tuple(
        Judgement(
            check,
            Finding(check.id, Status.FAILED, check.expect, refusal)
            if check is teller
            else Finding(check.id, Status.SKIPPED, check.expect, cause=teller.id),
        )
        for check in exercise.checks
    )
