"""The orders of events that can be had without the kernel: a process that begins late, or one whose
sleeps take longer. Two or three of them, for they are run on the real clock.
"""

from __future__ import annotations

from grader.schedules import MUCH_LATER, Late, Schedule, Slow
from grader.trace import MAIN, Nanoseconds, Role, Slept, Trace
from grader.trace.questions import created
from grader.trace.schedule import WORKERS

_SLOWER = 3
_MOST: Nanoseconds = 30 * 10**9
"""A run that is expected to take longer is left out."""


def schedules(natural: Trace, tolerance: Nanoseconds) -> tuple[Schedule, ...]:
    """Those that are worth their time, the most telling first; none where no process is started.

    Args:
        natural: the natural run.
        tolerance: the delay that a right answer must bear, in nanoseconds.
    """
    children = [each for each in natural.processes if each.role is Role.CHILD]
    if not children:
        return ()
    numbers = {each.number for each in children}
    sleepers = {event.by for event in natural.events if isinstance(event, Slept)}
    row = []
    if sleepers & numbers:
        row.append(Schedule((Slow(WORKERS, _SLOWER),)))
    if tolerance:
        if MAIN in sleepers or not sleepers & numbers:
            row.append(Schedule((Late(WORKERS, MUCH_LATER * tolerance),)))
        row.append(Schedule((Late(f"worker-{len(children)}", tolerance),)))
    return tuple(each for each in row if longest_run(natural, each) <= _MOST)


def longest_run(natural: Trace, schedule: Schedule) -> Nanoseconds:
    """About how long a run takes under a schedule, in nanoseconds of the real clock, if processes
    that are late or slow are so one after another.
    """
    longest = natural.duration
    for number, child in enumerate(created(natural), 1):
        label = f"worker-{number}"
        slept = sum(
            event.until - event.at
            for event in natural.events
            if isinstance(event, Slept) and event.by == child.number
        )
        longest += schedule.lateness(label) + (schedule.slowness(label) - 1) * slept
    return longest


def check_schedule(schedule: Schedule) -> None:
    """
    Raises:
        ValueError: it is none that can be kept without the kernel.
    """
    for part in schedule.parts:
        if schedule.is_natural or isinstance(part, Slow):
            continue
        if not isinstance(part, Late) or part.who == "main":
            raise ValueError(
                f"the order {schedule} needs the kernel: without it there are late:WORKER+TIME and "
                "slow:WHOxTIMES"
            )
