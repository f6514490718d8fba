"""Checks: one module a family. A check and a Trace make a Finding.

A family of another package (`grader.exercise.Family`) is asked as the built-in ones are: its
``judge`` is called with its parameters and the `Scene`, and returns a `Verdict` (by `passed`,
`failed` or `inconclusive`).
"""

from grader.checks.diagnosis import note_on
from grader.checks.feedback import Feedback
from grader.checks.finding import Finding, Mark, Relation, Status
from grader.checks.judging import fails_under_any_schedule, judge_run
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict, failed, inconclusive, passed

__all__ = [
    "Feedback",
    "Finding",
    "Mark",
    "Relation",
    "Scene",
    "Status",
    "Verdict",
    "failed",
    "fails_under_any_schedule",
    "inconclusive",
    "judge_run",
    "note_on",
    "passed",
]
