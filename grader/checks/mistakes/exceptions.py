"""The exceptions that beginners meet, in plain words: the first row that fits counts."""

from __future__ import annotations

from grader.checks.mistakes.connection_errors import CONNECTION_ERRORS
from grader.checks.mistakes.model import RaisedException
from grader.checks.mistakes.process_errors import PROCESS_ERRORS
from grader.checks.mistakes.python_errors import PYTHON_ERRORS
from grader.checks.relations.outcome import ENDS_ITS_THREAD
from grader.messages import say
from grader.trace.tracebacks import Traceback

ANY_EXCEPTION = RaisedException(
    "uncaught-exception",
    r".*",
    r"",
    say("An uncaught exception ends its process on the spot: the lines after it are not executed."),
    say("What was the value of each name in that line just then?"),
)
ANY_IN_THREAD = RaisedException(
    "uncaught-exception-in-thread",
    r".*",
    r"",
    ENDS_ITS_THREAD,
    say("What was the value of each name in that line just then?"),
)
TOO_DEEP = RaisedException(
    "nested-too-deeply",
    "RecursionError|MemoryError",
    r"",
    say(
        "Something in it is nested thousands of levels deep, as a sum of thousands of numbers is. "
        "Python gave up before it had executed a single line."
    ),
    say("Which expression or statement is it, and could a loop say the same?"),
)
EXCEPTIONS = (*PROCESS_ERRORS, *CONNECTION_ERRORS, *PYTHON_ERRORS, ANY_EXCEPTION)


def explain(report: Traceback) -> RaisedException:
    """The row for a reported exception."""
    if report.is_too_deep:
        return TOO_DEEP
    row = next((row for row in EXCEPTIONS if row.fits(report)), ANY_EXCEPTION)
    return ANY_IN_THREAD if row is ANY_EXCEPTION and report.thread is not None else row
