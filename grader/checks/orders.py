"""Event orders told in a sentence, and which checks each may decide."""

from __future__ import annotations

from grader.exercise import Check, Exercise
from grader.messages import Text, say
from grader.schedules import Late, Plain, Schedule, Slow, parse_schedule
from grader.schedules.schedule import Part
from grader.trace import MAIN, Nanoseconds, Role, Trace
from grader.trace.naming import name_of

_MEASURED_ONLY = ("time",)
"""Relations that only a measured run can judge: under a schedule every event has a fixed cost."""
_WHATEVER_HAPPENS = ("source",)
"""Relations that no run decides."""


def schedule_of(trace: Trace) -> Schedule:
    """The event order that the run was made under."""
    return parse_schedule(trace.schedule)


def decides(schedule: Schedule, check: Check, exercise: Exercise) -> bool:
    """Whether a check may be broken by this schedule.

    Any order of events may; a delay only up to what the exercise says a right answer must bear,
    unless the check must hold however late or slow a process is.
    """
    if schedule.is_natural:
        return True
    if check.relation in _MEASURED_ONLY or check.relation in _WHATEVER_HAPPENS:
        return False
    if check.any_duration:
        return True
    return not schedule.stretches and schedule.injected <= exercise.run.schedules.delay


def tell_order(trace: Trace) -> Text:
    """The event order of a run as the beginning of a sentence: what has to happen for it."""
    told = [_tell(part, trace) for part in schedule_of(trace).parts]
    sentence = told[0]
    for more in told[1:]:
        sentence = say("{this}, and {more}", this=sentence, more=more)
    return sentence


def _tell(part: Part, trace: Trace) -> Text:
    if isinstance(part, Late):
        seconds = _seconds(part.by)
        if part.who == "main":
            return say("if main wakes {seconds} s later from its sleep", seconds=seconds)
        return say(
            "if {process} starts {seconds} s late", process=_named(part.who, trace), seconds=seconds
        )
    if isinstance(part, Slow):
        return say(
            "if {process} needs {times} times as long",
            process=_named(part.who, trace),
            times=part.times,
        )
    if part == Plain("child-first"):
        return say("if the youngest process always goes first")
    if part == Plain("parent-first"):
        return say("if the oldest process always goes first")
    if part == Plain("ties-reversed"):
        return say("if those who are ready at the same instant go the other way round")
    return say("if the machine switches between the processes at other places")


def _named(who: str, trace: Trace) -> Text:
    """The process that a schedule calls ``who``, as the student calls it."""
    if who == "main":
        return name_of(trace, MAIN)
    children = [process for process in trace.processes if process.role is Role.CHILD]
    _, _, number = who.rpartition("-")
    if who.startswith("worker-") and number.isdigit() and int(number) <= len(children):
        return name_of(trace, children[int(number) - 1].number)
    return say("{process}", process=who)


def _seconds(span: Nanoseconds) -> str:
    return f"{span / 10**9:g}"
