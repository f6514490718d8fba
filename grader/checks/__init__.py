"""Checks: a check and the runs of a submission make a Finding.

The judge of another package's relation (`grader.exercise.Family`) is asked as the built-in ones
are: it is called with its parameters and the `JudgeContext`, once every name in its parameters
stands for the processes that the exercise describes, and returns a `Verdict` (by `passed`,
`failed` or `inconclusive`).
"""

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.finding import Finding, Mark, Relation, Status
from grader.checks.judging import fails_under_any_schedule, judge_run
from grader.checks.mistakes import note_on
from grader.checks.verdict import Verdict, failed, inconclusive, passed

__all__ = [
    "Feedback",
    "Finding",
    "JudgeContext",
    "Mark",
    "Relation",
    "Status",
    "Verdict",
    "failed",
    "fails_under_any_schedule",
    "inconclusive",
    "judge_run",
    "note_on",
    "passed",
]
