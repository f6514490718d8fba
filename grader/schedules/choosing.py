"""Which schedules to try on a submission, in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, islice, takewhile, zip_longest

from grader.schedules.places import MUCH_LATER, Place, meeting_places, members_of
from grader.trace import (
    Nanoseconds,
    Role,
    Slept,
    StartedThread,
    Trace,
    WaitBegan,
)
from grader.trace.questions import created, ended_by, labelled_threads, labels
from grader.trace.schedule import (
    WORKERS,
    Late,
    LateEnd,
    Plain,
    Random,
    Schedule,
    Slow,
)

_SLOWER = 4
_LONGEST_TIMEOUT: Nanoseconds = 86_400 * 10**9
"""A day. A wait with a longer time-out is taken for one without."""
_DEPTHS = (1, 2, 3)
_DEPTHS_WITH_OPCODES = (2, 2, 3)
_PAUSES_IN_ROW = 2
"""After so many pauses come a very late or slow process and a random schedule."""
_EARLY_PAUSES = 2
"""So many of the places that follow a signal come before those in the midst of the members: few
places are missed so often, and no other schedule shows them."""


def choose_schedules(
    natural: Trace,
    how_many: int,
    tolerance: Nanoseconds,
    seed: int = 0,
    useful: Callable[[Schedule], bool] = lambda schedule: True,
    besides: Sequence[Trace] = (),
    signals: Collection[int] = (),
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
        signals: the lines by which others can go on; see `meeting_places`.
    """
    traces = (natural, *besides)
    workers, threads = members_of(traces)
    if not workers and not threads:
        return ()
    places = meeting_places(natural, tolerance, signals, besides)
    busy = _labels_of_busy(traces)
    edges = list(dict.fromkeys((*_edges(workers), *_edges(list(threads)))))
    alone = dict.fromkeys((*edges, *_first_and_last_of_each_line(traces, threads)))
    rest = [who for who in (*workers, *threads) if who not in alone]
    following = [place.alone[0] for place in places if place.kind == "after-signal"]
    starts = [place.alone[0] for place in places if place.kind == "start"]
    directed = chain(
        _directed(edges, busy, tolerance),
        _lingering(traces, tolerance),
        _outlasting(traces, tolerance),
        following[:_EARLY_PAUSES],
        _each_once([who for who in alone if who not in edges], busy, tolerance),
    )
    stream = chain(
        filter(useful, directed),
        _in_turn(
            (filter(useful, _pauses(places)), _PAUSES_IN_ROW),
            (filter(useful, chain(_each_once(rest, busy, tolerance), starts)), 1),
            (takewhile(useful, _random(natural, seed)), 1),
        ),
    )
    return tuple(islice(_unlike(stream), how_many))


def _unlike(stream: Iterable[Schedule]) -> Iterator[Schedule]:
    """Each only once."""
    known = set()
    for schedule in stream:
        if schedule not in known:
            known.add(schedule)
            yield schedule


def _edges(members: Sequence[str]) -> Sequence[str]:
    """The last and the first one."""
    return (members[-1], members[0]) if members else ()


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


def _pauses(places: Sequence[Place]) -> Iterator[Schedule]:
    """Processes and threads are held up: before their end; all at the same place, where each has
    looked, and none has acted on it yet; one at its last visit, so that the others get ahead of it;
    main at last. For those that all do the same, the order of ties is reversed once.
    """
    yield from (each.together for each in places if each.kind == "end" and each.together)
    inner = [each for each in places if each.kind not in ("start", "end")]
    in_turn = zip_longest(
        (each.together for each in inner if each.together),
        chain.from_iterable(each.alone for each in inner if each.who != "main"),
    )
    yield from filter(None, chain.from_iterable(in_turn))
    yield from chain.from_iterable(each.alone for each in inner if each.who == "main")
    if places:
        yield Schedule((Plain("ties-reversed"),))


def _random(natural: Trace, seed: int) -> Iterator[Schedule]:
    """Seeds one after another, each with the next depth. Steps are rounded up, so that a small
    change of the submission leaves the schedules as they are.
    """
    steps = max(16, 1 << (natural.steps - 1).bit_length())
    opcodes = natural.opcodes
    depths = _DEPTHS_WITH_OPCODES if opcodes else _DEPTHS
    for number in count(seed + 1):
        yield Schedule((Random(number, depths[number % len(depths)], steps, opcodes),))
