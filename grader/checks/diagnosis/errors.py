"""The exceptions that beginners meet, in plain words: the first row that fits counts."""

from __future__ import annotations

from grader.checks.diagnosis.connection_errors import CONNECTION_ERRORS
from grader.checks.diagnosis.explanation import Explanation
from grader.checks.diagnosis.process_errors import PROCESS_ERRORS
from grader.checks.diagnosis.python_errors import PYTHON_ERRORS
from grader.messages import say
from grader.trace.tracebacks import Traceback

EXPLANATIONS: tuple[Explanation, ...] = (*PROCESS_ERRORS, *CONNECTION_ERRORS, *PYTHON_ERRORS)

ANY_ERROR = Explanation(
    r".*",
    r"",
    say(
        "An exception that nobody catches ends its process on the spot: the lines after it are not "
        "executed."
    ),
    say("What was the value of each name in that line just then?"),
)


def explain(report: Traceback) -> Explanation:
    """The row for a reported exception."""
    return next((row for row in EXPLANATIONS if row.fits(report)), ANY_ERROR)
