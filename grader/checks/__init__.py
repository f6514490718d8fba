"""Checks: one module a family. A check and Traces make a Finding, Findings make a Grade.

A family of another package (`grader.exercise.Family`) is asked as the built-in ones are: its
``judge`` is called with its parameters and the `Scene`, and returns a `Verdict` (by `passed`,
`failed` or `inconclusive`).
"""

from grader.checks.comparing import judge
from grader.checks.diagnosis import note_on
from grader.checks.finding import Finding, Mark, Relation, Status
from grader.checks.grade import Grade, Judgement
from grader.checks.judging import fails_under_any_schedule, judge_run
from grader.checks.refusal import Refusal, judge_refused, refusal_of
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict, failed, inconclusive, passed

__all__ = [
    "Finding",
    "Grade",
    "Judgement",
    "Mark",
    "Refusal",
    "Relation",
    "Scene",
    "Status",
    "Verdict",
    "failed",
    "fails_under_any_schedule",
    "inconclusive",
    "judge",
    "judge_refused",
    "judge_run",
    "note_on",
    "passed",
    "refusal_of",
]
