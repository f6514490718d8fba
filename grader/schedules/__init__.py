"""Which event orders to try, their names, and making a breaking one small."""

from grader.schedules.choosing import choose_schedules
from grader.schedules.policy import Candidate, Policy, changes_main, opcode_changes
from grader.schedules.schedule import (
    NATURAL,
    Late,
    Plain,
    Random,
    Schedule,
    ScheduleError,
    Slow,
    parse_schedule,
)
from grader.schedules.shrinking import shrink

__all__ = [
    "NATURAL",
    "Candidate",
    "Late",
    "Plain",
    "Policy",
    "Random",
    "Schedule",
    "ScheduleError",
    "Slow",
    "changes_main",
    "choose_schedules",
    "opcode_changes",
    "parse_schedule",
    "shrink",
]
