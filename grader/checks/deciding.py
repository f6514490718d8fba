"""Which checks a schedule may decide."""

from __future__ import annotations

from grader.checks.registry import is_unordered
from grader.exercise import Check, Exercise
from grader.schedules import Schedule


def decides(schedule: Schedule, check: Check, exercise: Exercise) -> bool:
    """Whether a check may be broken by this schedule.

    Any order of events may; a delay only up to what the exercise says a right answer must bear,
    unless the check must hold however late or slow a process is.
    """
    if schedule.is_natural:
        return True
    if is_unordered(check):
        return False
    return check.any_duration or is_tolerable(schedule, exercise)


def is_tolerable(schedule: Schedule, exercise: Exercise) -> bool:
    """Whether a right answer must bear this schedule, whatever its checks are about."""
    return not schedule.stretches and schedule.injected <= exercise.run.schedules.delay


def may_break(schedule: Schedule, check: Check, exercise: Exercise) -> bool:
    """Whether what is missing in a run under this schedule counts against a check.

    A check that only natural runs decide needs moments, and other checks, that may be missing:
    where processes race, the natural run may have shown them or not.
    """
    return decides(schedule, check, exercise) or (
        is_unordered(check) and is_tolerable(schedule, exercise)
    )
