"""Which schedules to try, how they are described, and making a breaking one small."""

from grader.schedules.choosing import choose_schedules
from grader.schedules.places import MUCH_LATER, Place, meeting_places
from grader.schedules.policy import Candidate, Policy, is_preempted, preemption_counts
from grader.schedules.shrinking import as_pauses, shrink
from grader.schedules.wording import describe
from grader.trace.schedule import (
    NATURAL,
    Late,
    LateEnd,
    Pause,
    Plain,
    Random,
    Schedule,
    ScheduleError,
    Slow,
    parse_schedule,
)

__all__ = [
    "MUCH_LATER",
    "NATURAL",
    "Candidate",
    "Late",
    "LateEnd",
    "Pause",
    "Place",
    "Plain",
    "Policy",
    "Random",
    "Schedule",
    "ScheduleError",
    "Slow",
    "as_pauses",
    "choose_schedules",
    "describe",
    "is_preempted",
    "meeting_places",
    "parse_schedule",
    "preemption_counts",
    "shrink",
]
