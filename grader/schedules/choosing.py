"""Which schedules to try on a submission, in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, islice, takewhile, zip_longest

from grader.trace import (
    Nanoseconds,
    PreemptionPoint,
    Role,
    Slept,
    StartedThread,
    Trace,
    WaitBegan,
)
from grader.trace.questions import created, ended_by, labelled_threads, labels, waited_for
from grader.trace.schedule import (
    THREADS,
    WORKERS,
    Late,
    LateEnd,
    Pause,
    Plain,
    Random,
    Schedule,
    Slow,
    is_thread,
)

_SLOWER = 4
MUCH_LATER = 20
"""Times the tolerance, or the longest time-out of a wait: for what has to hold however late a
process is."""
_LONGEST_TIMEOUT: Nanoseconds = 86_400 * 10**9
"""A day. A wait with a longer time-out is taken for one without."""
_DEPTHS = (1, 2, 3)
_DEPTHS_WITH_OPCODES = (2, 2, 3)
_PAUSES_IN_ROW = 2
"""After so many pauses come a very late or slow process and a random schedule."""
_MOST_PROMISING = ("end", "store", "with", "call")
"""Kinds of places: those come first at which a process that is held up is most often too late."""


def choose_schedules(
    natural: Trace,
    how_many: int,
    tolerance: Nanoseconds,
    seed: int = 0,
    useful: Callable[[Schedule], bool] = lambda schedule: True,
    besides: Sequence[Trace] = (),
) -> tuple[Schedule, ...]:
    """At most so many schedules besides the natural one: first the directed ones, then pauses
    within the student's code (where it is known) and random ones in turn.

    Args:
        natural: the natural run, which says who takes part (``opcodes`` and
            ``preemption_points`` where they were counted).
        how_many: at most; none for a submission that starts no process and no thread.
        tolerance: the delay that a right answer must bear, in nanoseconds.
        seed: where the seeds of random schedules begin.
        useful: whether a schedule could show anything.
        besides: runs of other orders, in which more may have come to work or to sleep.
    """
    traces = (natural, *besides)
    most = max(sum(process.role is Role.CHILD for process in trace.processes) for trace in traces)
    threads = _threads(traces)
    if not most and not threads:
        return ()
    workers = [f"worker-{number}" for number in range(1, most + 1)]
    busy = _labels_of_busy(traces)
    edges = list(dict.fromkeys((*_edges(workers), *_edges(list(threads)))))
    alone = dict.fromkeys((*edges, *_first_and_last_of_each_line(traces, threads)))
    rest = [who for who in (*workers, *threads) if who not in alone]
    directed = chain(
        _directed(edges, busy, tolerance),
        _lingering(traces, tolerance),
        _outlasting(traces, tolerance),
        _each_once([who for who in alone if who not in edges], busy, tolerance),
    )
    stream = chain(
        filter(useful, directed),
        _in_turn(
            (filter(useful, _pauses(natural, most, len(threads), tolerance)), _PAUSES_IN_ROW),
            (filter(useful, _each_once(rest, busy, tolerance)), 1),
            (takewhile(useful, _random(natural, seed)), 1),
        ),
    )
    return tuple(islice(stream, how_many))


def _edges(members: Sequence[str]) -> Sequence[str]:
    """The last and the first one."""
    return (members[-1], members[0]) if members else ()


def _threads(traces: Sequence[Trace]) -> dict[str, StartedThread]:
    """Those of all runs, in the order of their births."""
    found: dict[str, StartedThread] = {}
    for trace in traces:
        for label, thread in labelled_threads(trace).items():
            found.setdefault(label, thread)
    return found


def _labels_of_busy(traces: Sequence[Trace]) -> set[str]:
    """Those who slept or computed in one of the runs: being slow makes a difference to them."""
    busy = set()
    for trace in traces:
        numbers = {event.by for event in trace.events if isinstance(event, Slept)}
        numbers |= {step.process for step in trace.work}
        busy |= {label for number, label in labels(trace).items() if number in numbers}
        worked = {(step.process, step.thread) for step in trace.work}
        busy |= {
            label
            for label, thread in labelled_threads(trace).items()
            if thread.has_slept or (thread.process, thread.index) in worked
        }
    return busy


def _first_and_last_of_each_line(
    traces: Sequence[Trace], threads: Mapping[str, StartedThread]
) -> list[str]:
    """Of the children and threads that one line of the student's starts, in a loop, the first and
    the last; the last line's first. Who starts at a line of its own is both.
    """
    by_line: dict[object, list[str]] = {}
    for trace in traces:
        for number, child in enumerate(created(trace), 1):
            alike = by_line.setdefault(child.started_at, [])
            if f"worker-{number}" not in alike:
                alike.append(f"worker-{number}")
    for label, thread in threads.items():
        by_line.setdefault(("thread", thread.started_at), []).append(label)
    return [who for alike in reversed(by_line.values()) for who in _edges(alike)]


def _directed(
    edges: Sequence[str], busy: Collection[str], tolerance: Nanoseconds
) -> Iterator[Schedule]:
    """Each asks one question: what if this process is slow, late, first? ``edges`` are the last
    child and the first one: who waits for some and not for all mostly forgets one of them.
    """
    yield from _slow(edges, busy)
    yield Schedule((Plain("child-first"),))
    yield Schedule((Plain("parent-first"),))
    if tolerance:
        for worker in edges:
            yield Schedule((Late(worker, tolerance),))
        if "main" in busy:
            yield Schedule((Late("main", tolerance),))
        yield from _much_later(edges, tolerance)


def _each_once(
    whom: Sequence[str], busy: Collection[str], tolerance: Nanoseconds
) -> Iterator[Schedule]:
    """Each is very late once, and slow once: in which order they were started says nothing about
    who comes first.
    """
    yield from _much_later(whom, tolerance)
    yield from _slow(whom, busy)


def _slow(workers: Iterable[str], busy: Collection[str]) -> Iterator[Schedule]:
    for worker in workers:
        if worker in busy:
            yield Schedule((Slow(worker, _SLOWER),))


def _much_later(workers: Iterable[str], tolerance: Nanoseconds) -> Iterator[Schedule]:
    if tolerance:
        for worker in workers:
            yield Schedule((Late(worker, MUCH_LATER * tolerance),))


def _lingering(traces: Sequence[Trace], tolerance: Nanoseconds) -> Iterator[Schedule]:
    """The process that another one ends by a signal takes its time to be gone. Who ends by itself
    is late under other schedules.
    """
    ended = {
        number
        for trace in traces
        for number, child in enumerate(created(trace), 1)
        if isinstance(by := ended_by(trace, child.number), int) and by != child.number
    }
    if tolerance and ended:
        for late in (tolerance, MUCH_LATER * tolerance):
            yield Schedule((LateEnd(f"worker-{max(ended)}", late),))


def _outlasting(traces: Sequence[Trace], tolerance: Nanoseconds) -> Iterator[Schedule]:
    """The process that is waited for with the longest time-out is later than that; where it is for
    a message or the like, and anybody may be to send it, all are. Idle time costs nothing, so that
    it may be days.
    """
    timeouts = [
        (event.timeout, number)
        for trace in traces
        for number, child in enumerate(created(trace), 1)
        for event in trace.events
        if isinstance(event, WaitBegan)
        and event.timeout is not None
        and tolerance < event.timeout <= _LONGEST_TIMEOUT
        and child.number in event.children
    ]
    if tolerance and timeouts:
        timeout, number = max(timeouts)
        yield Schedule((Late(f"worker-{number}", MUCH_LATER * timeout),))
    if any(process.role is Role.PEER for trace in traces for process in trace.processes):
        return  # nor would the programs of the exercise wait so long
    longest = max(trace.longest_timeout for trace in traces)
    if tolerance and tolerance < longest <= _LONGEST_TIMEOUT:
        yield Schedule((Late(WORKERS, MUCH_LATER * longest),))


def _in_turn(*streams: tuple[Iterator[Schedule], int]) -> Iterator[Schedule]:
    """So many of each, again and again, until all are used up."""
    while True:
        some = [each for stream, in_row in streams for each in islice(stream, in_row)]
        if not some:
            return
        yield from some


def _pauses(
    natural: Trace, workers: int, threads: int, tolerance: Nanoseconds
) -> Iterator[Schedule]:
    """Processes and threads are held up at preemption points.

    All workers, or all threads, at the same place: each has looked, and none has acted on it yet.
    One at its last visit of a place: the others get ahead of it. Before their end, where a child is
    not waited for: what they have written last may be what others look for. For those that all do
    the same, the order of ties is reversed once.
    """
    if not tolerance:
        return
    everybody, one, main = [], [], []
    end_shows = any(waited_for(natural, each.number) is None for each in created(natural))
    for place in _places(natural.preemption_points):
        if place.kind == "end":
            if end_shows:
                yield Schedule((Pause(WORKERS, place.last, tolerance),))
            continue
        if place.who == "main":
            main.append(Pause(place.who, place.last, tolerance))
            continue
        group, members = (THREADS, threads) if is_thread(place.who) else (WORKERS, workers)
        if place.first > 1 and members > 1:
            everybody.append(Pause(group, place.first, tolerance))
        one.append(Pause(place.who, place.last, tolerance))
    in_turn = chain.from_iterable(zip_longest(everybody, one))
    for pause in dict.fromkeys((*filter(None, in_turn), *main)):
        yield Schedule((pause,))
    yield Schedule((Plain("ties-reversed"),))


def _places(points: Sequence[PreemptionPoint]) -> list[PreemptionPoint]:
    """The places where a pause may show something, the most promising first.

    Of the calls in a line the first and the last will do. A process's very first preemption point
    is left out: a pause there is a late start and nothing else. A place that several workers visit
    counts for the one that visits it most often.
    """
    best: dict[tuple[str, str, int, int], PreemptionPoint] = {}
    for (who, kind, line), places in _by_line(points).items():
        for nth, place in enumerate(dict.fromkeys((places[0], places[-1]))):
            group = THREADS if is_thread(who) else WORKERS if who != "main" else who
            key = (group, kind, line, nth)
            known = best.get(key)
            if place.last > 1 and (known is None or place.last > known.last):
                best[key] = place
    return sorted(best.values(), key=lambda each: (_MOST_PROMISING.index(each.kind), each.first))


def _by_line(
    points: Sequence[PreemptionPoint],
) -> dict[tuple[str, str, int], list[PreemptionPoint]]:
    lines: dict[tuple[str, str, int], list[PreemptionPoint]] = {}
    for each in points:
        lines.setdefault((each.who, each.kind, each.line), []).append(each)
    return lines


def _random(natural: Trace, seed: int) -> Iterator[Schedule]:
    """Seeds one after another, each with the next depth. Steps are rounded up, so that a small
    change of the submission leaves the schedules as they are.
    """
    steps = max(16, 1 << (natural.steps - 1).bit_length())
    opcodes = natural.opcodes
    depths = _DEPTHS_WITH_OPCODES if opcodes else _DEPTHS
    for number in count(seed + 1):
        yield Schedule((Random(number, depths[number % len(depths)], steps, opcodes),))
