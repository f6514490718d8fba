"""The orders of events that can be had without the kernel: a process that begins late, or one whose
sleeps take longer. Two or three of them, for they are run on the real clock.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from grader.schedules import Late, LateEnd, Schedule, Slow
from grader.trace import (
    MAIN,
    Nanoseconds,
    Process,
    Signalled,
    Slept,
    Trace,
    WaitBegan,
    WaitedFor,
)
from grader.trace.questions import created, every, last_instant
from grader.trace.schedule import WORKERS

_SLOWER = 3
_LATER: Nanoseconds = 10**9
"""By so much workers are later than all that main does instead of waiting for them."""
_WHOLE: Nanoseconds = 10**6
"""Delays are of whole milliseconds."""
_MOST: Nanoseconds = 30 * 10**9
"""A run that is expected to take longer is left out."""


def schedules(natural: Trace, tolerance: Nanoseconds) -> tuple[Schedule, ...]:
    """Those that are worth their time, at most four; none where no process is started.

    Those that others end by a signal are gone a while later. The sleeps of all workers take longer;
    all workers begin later than main's own pauses are long; and those that were started first begin
    last.

    Args:
        natural: the natural run.
        tolerance: the delay that a right answer must bear, in nanoseconds.
    """
    sleepers = {event.by for event in every(natural, Slept)}
    slow = [Slow(WORKERS, _SLOWER)] if any(p.number in sleepers for p in created(natural)) else []
    signalled = {event.target for event in every(natural, Signalled) if not event.in_shutdown}
    can_linger = tolerance and sys.platform != "win32"
    lingers = can_linger and signalled & {child.number for child in created(natural)}
    row = (
        *([Schedule((LateEnd(WORKERS, tolerance),))] if lingers else []),
        *(Schedule((part,)) for part in slow),
        *_late(natural),
        *_reversed(natural, tolerance),
    )
    return tuple(each for each in row if longest_run(natural, each) <= _MOST)


def _late(natural: Trace) -> Iterator[Schedule]:
    """Where main sleeps, waits with a time-out or asks again and again, which may be in vain."""
    sleeps = sum(event.until - event.at for event in every(natural, Slept) if event.by == MAIN)
    timeouts = sum(event.timeout or 0 for event in every(natural, WaitBegan) if event.by == MAIN)
    polls = any(event.polls for event in every(natural, WaitedFor) if event.by == MAIN)
    if created(natural) and (sleeps or timeouts or polls):
        yield Schedule((Late(WORKERS, sleeps + timeouts + _LATER),))


def _reversed(natural: Trace, tolerance: Nanoseconds) -> Iterator[Schedule]:
    """Within the tolerance, all in all: the first begins latest, the last at once."""
    count = len(created(natural))
    steps = range(count - 1, 0, -1) if count > 1 else range(1, count + 1)
    step = tolerance // max(1, sum(steps)) // _WHOLE * _WHOLE
    if count and step:
        yield Schedule(
            tuple(Late(f"worker-{place}", step * late) for place, late in enumerate(steps, 1))
        )


def longest_run(natural: Trace, schedule: Schedule) -> Nanoseconds:
    """About how long a run takes under a schedule, in nanoseconds of the real clock: of processes
    that live at the same time the one counts that the schedule holds up longest.
    """
    longest = natural.duration
    held_up, until = 0, -1
    for number, child in enumerate(created(natural), 1):
        if child.started >= until:
            longest, held_up = longest + held_up, 0
        held_up = max(held_up, _held_up(natural, child, f"worker-{number}", schedule))
        until = max(until, last_instant(natural, child))
    return longest + held_up


def _held_up(natural: Trace, child: Process, label: str, schedule: Schedule) -> Nanoseconds:
    slept = sum(
        event.until - event.at for event in every(natural, Slept) if event.by == child.number
    )
    late = schedule.lateness(label) + schedule.end_lateness(label)
    return late + (schedule.slowness(label) - 1) * slept


def check_schedule(schedule: Schedule) -> None:
    """
    Raises:
        ValueError: it is none that can be kept without the kernel.
    """
    for part in schedule.parts:
        if schedule.is_natural or isinstance(part, Slow):
            continue
        if isinstance(part, LateEnd) and part.who == WORKERS:
            continue
        if not isinstance(part, Late) or part.who == "main":
            raise ValueError(
                f"the order {schedule} needs the kernel: without it there are late:WORKER+TIME, "
                "slow:WHOxTIMES and late-end:workers+TIME"
            )
