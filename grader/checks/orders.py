"""Schedules described in a sentence, and which checks each may decide."""

from __future__ import annotations

from grader.checks.registry import is_unordered
from grader.exercise import Check, Exercise
from grader.messages import Text, say
from grader.schedules import Late, Pause, Random, Schedule, Slow
from grader.trace import MAIN, Location, Nanoseconds, PreemptionPoint, Role, Trace
from grader.trace.naming import line_of, name_of
from grader.trace.schedule import WORKERS, Part


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
    """Whether a right answer must bear this order, whatever its checks are about."""
    return not schedule.stretches and schedule.injected <= exercise.run.schedules.delay


def may_break(schedule: Schedule, check: Check, exercise: Exercise) -> bool:
    """Whether what is missing in a run of this order counts against a check.

    Those that only natural runs decide speak of moments, and need other checks. Where processes
    race, the natural run may have shown them or not.
    """
    return decides(schedule, check, exercise) or (
        is_unordered(check) and is_tolerable(schedule, exercise)
    )


def tell_order(trace: Trace, schedule: Schedule | None = None) -> Text:
    """An event order as the beginning of a sentence: what has to happen for it.

    Args:
        trace: the run that was made in it, or another run of the same submission.
        schedule: the event order; None: that of the run.
    """
    told = [_tell(part, trace) for part in (schedule or trace.schedule).parts]
    sentence = told[0]
    for more in told[1:]:
        sentence = say("{this}, and {more}", this=sentence, more=more)
    return sentence


def _tell(part: Part, trace: Trace) -> Text:
    if isinstance(part, Late):
        if part.who == "main":
            return say("if main wakes {seconds} s later from its sleep", seconds=_seconds(part.by))
        return say(
            "if {process} starts {seconds} s late",
            process=_named(part.who, trace),
            seconds=_seconds(part.by),
        )
    if isinstance(part, Slow):
        return say(
            "if {process} needs {times} times as long",
            process=_named(part.who, trace),
            times=part.times,
        )
    if isinstance(part, Pause):
        return _tell_pause(part, trace)
    if isinstance(part, Random):
        return _tell_switches(trace)
    if part.name == "child-first":
        return say("if the youngest process always goes first")
    if part.name == "parent-first":
        return say("if the oldest process always goes first")
    return say("if those who are ready at the same instant go the other way round")


def _tell_pause(pause: Pause, trace: Trace) -> Text:
    who = _named(pause.who, trace)
    line = next((each.line for each in trace.preemptions if each.count == pause.at), None)
    if line is None:
        points = (each for each in trace.preemption_points if _is_at(pause, each))
        line = next((Location(_script(trace), point.line) for point in points), None)
    if line is None:
        return say(
            "if {process} is held up for {seconds} s", process=who, seconds=_seconds(pause.by)
        )
    return say(
        "if {process} is held up for {seconds} s at {line}",
        process=who,
        seconds=_seconds(pause.by),
        line=_told_line(line, trace),
    )


def _tell_switches(trace: Trace) -> Text:
    """The first place within the student's code where others went first, if there was one."""
    change = next((each for each in trace.preemptions if each.line is not None), None)
    if change is None or change.line is None:
        return say("if the machine switches between the processes at other places")
    return say(
        "if the machine lets others go first when {process} is at {line}",
        process=name_of(trace, change.by),
        line=_told_line(change.line, trace),
    )


def _is_at(pause: Pause, point: PreemptionPoint) -> bool:
    who_is_meant = pause.who == point.who or (pause.who == WORKERS and point.who != "main")
    return who_is_meant and pause.at in (point.first, point.last)


def _told_line(line: Location, trace: Trace) -> Text:
    """Which file it is in is said where that is not the script itself."""
    return line_of(line, _script(trace) or line.file)


def _script(trace: Trace) -> str:
    _, *arguments = trace.processes[MAIN].command or ("",)
    return arguments[-1] if arguments else ""


def _named(who: str, trace: Trace) -> Text:
    """The process that a schedule calls ``who``, as the student calls it."""
    if who == "main":
        return name_of(trace, MAIN)
    if who == WORKERS:
        return say("each of the processes")
    children = [process for process in trace.processes if process.role is Role.CHILD]
    _, _, number = who.rpartition("-")
    if who.startswith("worker-") and number.isdigit() and int(number) <= len(children):
        return name_of(trace, children[int(number) - 1].number)
    return say("{process}", process=who)


def _seconds(span: Nanoseconds) -> str:
    return f"{span / 10**9:g}"
