"""The exceptions that beginners meet, in plain words: the first row that fits counts."""

from __future__ import annotations

from grader.checks.mistakes.connection_errors import CONNECTION_ERRORS
from grader.checks.mistakes.model import RaisedException
from grader.checks.mistakes.process_errors import PROCESS_ERRORS
from grader.checks.mistakes.python_errors import PYTHON_ERRORS
from grader.messages import say
from grader.trace.tracebacks import Traceback

ANY_EXCEPTION = RaisedException(
    "uncaught-exception",
    r".*",
    r"",
    say("An uncaught exception ends its process on the spot: the lines after it are not executed."),
    say("What was the value of each name in that line just then?"),
)
EXCEPTIONS = (*PROCESS_ERRORS, *CONNECTION_ERRORS, *PYTHON_ERRORS, ANY_EXCEPTION)


def explain(report: Traceback) -> RaisedException:
    """The row for a reported exception."""
    return next((row for row in EXCEPTIONS if row.fits(report)), ANY_EXCEPTION)
