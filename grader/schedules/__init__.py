"""Which event orders to try, their names, and making a breaking one small."""

from grader.schedules.choosing import choose_schedules
from grader.schedules.policy import Candidate, Policy, has_change, opcode_changes
from grader.schedules.schedule import (
    NATURAL,
    Late,
    Pause,
    Plain,
    Random,
    Schedule,
    ScheduleError,
    Slow,
    parse_schedule,
)
from grader.schedules.shrinking import as_pauses, shrink

__all__ = [
    "NATURAL",
    "Candidate",
    "Late",
    "Pause",
    "Plain",
    "Policy",
    "Random",
    "Schedule",
    "ScheduleError",
    "Slow",
    "as_pauses",
    "choose_schedules",
    "has_change",
    "opcode_changes",
    "parse_schedule",
    "shrink",
]
