"""One Exercise and one Submission make one Grade: run it, try other schedules, compare the runs."""

from grader.grading.flow import Progress, grade, plans
from grader.grading.result import Grade, Judgement
from grader.grading.runs import Runner
from grader.options import Options

__all__ = ["Grade", "Judgement", "Options", "Progress", "Runner", "grade", "plans"]
