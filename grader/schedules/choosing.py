"""Which schedules to try on a submission, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice

from grader.schedules.schedule import Late, Plain, Random, Schedule, Slow
from grader.trace import MAIN, Nanoseconds, Role, Slept, Trace

_SLOWER = 4
_MUCH_LATER = 20
"""Times the tolerance: for what has to hold however late a process is."""
_DEPTHS = (1, 2, 3)
_DEPTHS_WITH_OPCODES = (2, 2, 3)


def choose_schedules(
    natural: Trace, how_many: int, tolerance: Nanoseconds, seed: int = 0
) -> tuple[Schedule, ...]:
    """At most so many schedules besides the natural one: first the directed ones, then random.

    Args:
        natural: the natural run, which says who takes part (``opcodes`` where they were counted).
        how_many: at most; fewer for a submission that starts nobody.
        tolerance: the delay that a right answer must bear, in nanoseconds.
        seed: where the seeds of random schedules begin.
    """
    if not any(process.role is Role.CHILD for process in natural.processes):
        return ()
    schedules = dict.fromkeys((*_directed(natural, tolerance),))
    randoms = (schedule for schedule in _random(natural, seed) if schedule not in schedules)
    return (*islice(schedules, how_many), *islice(randoms, max(0, how_many - len(schedules))))


def _directed(natural: Trace, tolerance: Nanoseconds) -> Iterator[Schedule]:
    """Each asks one question: what if this one is slow, late, first?"""
    workers = [
        f"worker-{number}"
        for number, _ in enumerate(
            (process for process in natural.processes if process.role is Role.CHILD), 1
        )
    ]
    edges = dict.fromkeys((workers[-1], workers[0]))
    sleeps = {event.by for event in natural.events if isinstance(event, Slept)}
    if sleeps or natural.work:
        for worker in edges:
            yield Schedule((Slow(worker, _SLOWER),))
    yield Schedule((Plain("child-first"),))
    yield Schedule((Plain("parent-first"),))
    if tolerance:
        for worker in edges:
            yield Schedule((Late(worker, tolerance),))
        if MAIN in sleeps:
            yield Schedule((Late("main", tolerance),))
    yield Schedule((Plain("ties-reversed"),))
    if tolerance:
        yield Schedule((Late(workers[-1], _MUCH_LATER * tolerance),))


def _random(natural: Trace, seed: int) -> Iterator[Schedule]:
    """Seeds one after another, each with the next depth. Steps are rounded up, so that a small
    change of the submission leaves the schedules as they are.
    """
    steps = max(16, 1 << (natural.steps - 1).bit_length())
    opcodes = natural.opcodes
    depths = _DEPTHS_WITH_OPCODES if opcodes else _DEPTHS
    for number in count(seed + 1):
        yield Schedule((Random(number, depths[number % len(depths)], steps, opcodes),))
