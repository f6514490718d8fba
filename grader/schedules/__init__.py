"""Which event orders to try, their names, and making a breaking one small."""

from grader.schedules.policy import Candidate, Policy, opcode_changes
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
    "opcode_changes",
    "parse_schedule",
]
