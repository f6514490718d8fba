"""The places at which the processes and threads of a submission can meet, and which schedules hold
a process or thread up there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from grader.trace import MAIN, Nanoseconds, PreemptionPoint, Role, StartedThread, Trace
from grader.trace.questions import created, labelled_threads, waited_for
from grader.trace.schedule import THREADS, WORKERS, Late, Pause, Plain, Schedule, is_thread

MUCH_LATER = 20
"""Times the tolerance, or the longest time-out of a wait: for what has to hold however late a
process is."""
_MOST_PROMISING = ("end", "store", "after-signal", "with", "call")
"""Kinds of places: those come first at which a process that is held up is most often too late."""


@dataclass(frozen=True)
class Place:
    """Where a process or thread can be held up so that others get ahead of it.

    ``who``: what schedules call it. ``kind``: that of a preemption point, ``after-signal`` (what
    follows the call by which others can go on), or ``start``. ``together``: the schedule that
    holds up all that come there, at their first visit; ``alone``: those that hold up one, at its
    last.
    """

    who: str
    kind: str
    alone: tuple[Schedule, ...]
    together: Schedule | None = None

    def is_tried_by(self, tried: Collection[Schedule]) -> bool:
        """Whether one of these schedules holds a process or thread up there."""
        return self.together in tried or any(each in tried for each in self.alone)


def members_of(traces: Sequence[Trace]) -> tuple[list[str], dict[str, StartedThread]]:
    """What schedules call the children and the threads of all these runs, each in the order of
    their births.
    """
    most = max(sum(process.role is Role.CHILD for process in trace.processes) for trace in traces)
    threads: dict[str, StartedThread] = {}
    for trace in traces:
        for label, thread in labelled_threads(trace).items():
            threads.setdefault(label, thread)
    return [f"worker-{number}" for number in range(1, most + 1)], threads


def meeting_places(
    natural: Trace,
    tolerance: Nanoseconds,
    signals: Collection[int] = (),
    besides: Sequence[Trace] = (),
) -> tuple[Place, ...]:
    """All places at which a process or thread can be too late, the most promising first, the starts
    at last.

    Args:
        natural: the natural run, with the preemption points that were counted.
        tolerance: the delay that a right answer must bear; without one there are none.
        signals: the lines by which others can go on: an event is set, a lock given back.
        besides: runs of other orders, in which more may have come to work.
    """
    workers, threads = members_of((natural, *besides))
    if not tolerance or not (workers or threads):
        return ()
    return (
        *_within_code(natural, len(workers), len(threads), tolerance, signals),
        *(
            Place(
                who,
                "start",
                tuple(Schedule((Late(who, by),)) for by in (tolerance, MUCH_LATER * tolerance)),
            )
            for who in (*workers, *threads)
        ),
    )


def _within_code(
    natural: Trace,
    workers: int,
    threads: int,
    tolerance: Nanoseconds,
    signals: Collection[int],
) -> Iterable[Place]:
    """Preemption points; the end of a child's code, where it is not waited for: what it has written
    last may be what others look for. Those of main come last.
    """
    end_shows = any(waited_for(natural, each.number) is None for each in created(natural))
    mains = []
    for point, kind in _points(natural, signals):
        pause = Pause(point.who, point.last, tolerance)
        at_last: tuple[Schedule, ...] = (Schedule((pause,)),)
        if kind == "after-signal":  # in the order in which it was counted, to be sure to come there
            at_last = (Schedule((pause, Plain("child-first"))), *at_last)
        if kind == "end":
            if end_shows:
                everybody = Schedule((Pause(WORKERS, point.last, tolerance),))
                yield Place(WORKERS, kind, (), everybody)
        elif point.who == "main":
            mains.append(Place(point.who, kind, at_last))
        else:
            group, members = (THREADS, threads) if is_thread(point.who) else (WORKERS, workers)
            together = Schedule((Pause(group, point.first, tolerance),))
            is_shared = point.first > 1 and members > 1
            yield Place(point.who, kind, at_last, together if is_shared else None)
    yield from mains


def _points(natural: Trace, signals: Collection[int]) -> list[tuple[PreemptionPoint, str]]:
    """The preemption points where a pause may show something, the most promising first, with the
    kinds of their places.

    Of the calls in a line the first and the last will do. A process's very first preemption point
    is left out: a pause there is a late start and nothing else. One that several workers visit
    counts for the worker that visits it most often. Nor can a pause of main change any order where
    it is alone: before it starts a process or thread, and after the last has
    ended.
    """
    best: dict[tuple[str, str, int, int], tuple[PreemptionPoint, str]] = {}
    following = set(_after_signals(natural.preemption_points, signals))
    alone = _mains_alone(natural)
    for (who, kind, line), points in _by_line(natural.preemption_points).items():
        for nth, point in enumerate(dict.fromkeys((points[0], points[-1]))):
            group = THREADS if is_thread(who) else WORKERS if who != "main" else who
            key = (group, kind, line, nth)
            known = best.get(key)
            if point.last == 1 or point in alone:
                continue
            if known is None or point.last > known[0].last:
                after = kind == "call" and not following.isdisjoint(points)
                best[key] = point, "after-signal" if after else kind
    return sorted(best.values(), key=lambda each: (_MOST_PROMISING.index(each[1]), each[0].first))


def _by_line(
    points: Sequence[PreemptionPoint],
) -> Mapping[tuple[str, str, int], Sequence[PreemptionPoint]]:
    lines: dict[tuple[str, str, int], list[PreemptionPoint]] = {}
    for each in points:
        lines.setdefault((each.who, each.kind, each.line), []).append(each)
    return lines


def _after_signals(
    points: Sequence[PreemptionPoint], signals: Collection[int]
) -> Iterable[PreemptionPoint]:
    """The calls in the line to which a process comes next after one of these lines, or after a
    ``with``, whose end is a call in its line.
    """
    for _, own in groupby(sorted(points, key=lambda each: each.who), lambda each: each.who):
        in_order = sorted(own, key=lambda each: each.last)
        withs = {each.line for each in in_order if each.kind == "with"}
        for before, after in pairwise(in_order):
            is_signal = before.kind == "call" and before.line in withs.union(signals)
            if is_signal and after.kind == "call" and after.line not in {before.line, *withs}:
                yield after


def _mains_alone(natural: Trace) -> Collection[PreemptionPoint]:
    """The points of main at which nobody else is there in any schedule: before the first line that
    starts a process or thread, and after the one that has waited for the last, however long that
    took. The programs of an exercise are always there.
    """
    if any(process.role is Role.PEER for process in natural.processes):
        return ()
    points = [each for each in natural.preemption_points if each.who == "main"]
    lines = [each.started_at for each in created(natural) if each.creator == MAIN]
    lines += [each.started_at for each in natural.threads if each.process == MAIN]
    starts = [
        min((each.first for each in points if line and line.line == each.line), default=0)
        for line in lines
    ]
    waits = [waited_for(natural, each.number, MAIN) for each in created(natural)]
    waited = {wait.line.line for wait in waits if wait and wait.line and wait.how == "wait"}
    ends = [each.last for each in points if each.line in waited]
    all_end = bool(ends) and all(wait and wait.how == "wait" for wait in waits)
    first = min(starts, default=0)
    last = max(ends) if all_end and not natural.threads else float("inf")
    return {each for each in points if each.last <= first or each.first > last}
