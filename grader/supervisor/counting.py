"""What is counted, and where it is decided who goes on: threads of the student's code, preemption
points, preemptions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from grader.supervisor.journal import Journal, altered
from grader.supervisor.reports import TABLE, ProbeReport, parse_places
from grader.supervisor.tree import TracedProcess
from grader.trace import (
    MAIN,
    Location,
    Nanoseconds,
    Preemption,
    PreemptionPoint,
    ProcessNumber,
    StartedThread,
    ThreadStep,
)


class Counting:
    """What the probe has counted in one run."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._ended_threads: set[tuple[ProcessNumber, int]] = set()
        self._opcodes_of_main = 0
        self._opcodes_of_others = 0
        self._points: list[PreemptionPoint] = []
        self._preemptions: list[Preemption] = []
        self._threads: dict[tuple[ProcessNumber, int], StartedThread] = {}

    # Threads that the student's code starts

    @property
    def threads(self) -> tuple[StartedThread, ...]:
        """In the order of their births."""
        return tuple(self._threads.values())

    def thread_started(
        self, number: ProcessNumber, nth: int, index: int, report: ProbeReport
    ) -> None:
        """The student's code has started the ``nth`` thread of a process, which has this
        ``index`` among all of its threads.
        """
        self._threads[number, nth] = StartedThread(
            number, nth, index, report.name, report.variable, report.line, daemon=report.daemon
        )

    def thread_seen(
        self, number: ProcessNumber, nth: int, report: ProbeReport, by: int | None
    ) -> None:
        """The exercise asks for threads, and this one was started in the thread ``by``."""
        now = self._journal.now()
        self._journal.happened(ThreadStep(now, number, nth, "started", by, report.line))

    def thread_ended(self, number: ProcessNumber, nth: int) -> None:
        """It is over, or so far that who waits for it learns of that."""
        if (number, nth) not in self._ended_threads:
            self._ended_threads.add((number, nth))
            self._journal.happened(ThreadStep(self._journal.now(), number, nth, "ended"))

    def thread_joined(self, number: ProcessNumber, report: ProbeReport, by: int | None) -> None:
        """The thread ``by`` has learned by a join, or by asking, that another one is over."""
        self.thread_ended(number, report.count)
        what: Literal["joined", "asked"] = "joined" if report.name == "wait" else "asked"
        now = self._journal.now()
        self._journal.happened(ThreadStep(now, number, report.count, what, by, report.line))

    def slept(self, number: ProcessNumber, nth: int | None) -> None:
        """That thread sleeps; None: it is none that the student's code has started."""
        known = None if nth is None else self._threads.get((number, nth))
        if known is not None and not known.has_slept:
            self._threads[number, known.number] = altered(known, has_slept=True)

    # Opcodes

    @property
    def opcodes(self) -> int:
        """How many the busiest of the others has executed; main, where there are none."""
        return self._opcodes_of_others or self._opcodes_of_main

    @property
    def points(self) -> tuple[PreemptionPoint, ...]:
        """Sorted by who comes to them."""
        return tuple(sorted(self._points, key=lambda each: each.who))

    def counted(self, number: ProcessNumber, opcodes: int, thread: int | None = None) -> None:
        """So many opcodes were executed by a process, or by a thread of it."""
        if number == MAIN and thread is None:
            self._opcodes_of_main = max(self._opcodes_of_main, opcodes)
        else:
            self._opcodes_of_others = max(self._opcodes_of_others, opcodes)

    def came_to(self, process: TracedProcess, who: Callable[[int | None], str]) -> None:
        """The preemption points that a process has come to, at the end of its code or, if it is
        killed, of itself. ``who``: what schedules call it, or that thread of it.
        """
        tables, process.places = process.places, {}
        for thread, address in tables.items():
            try:
                points = parse_places(process.memory.read(address, TABLE))
            except OSError:
                continue  # it runs another program by now
            nth = thread or None
            self.counted(process.number, max((each.last for each in points), default=0), nth)
            self._points += (
                PreemptionPoint(who(nth), each.kind, each.line, each.first, each.last)
                for each in points
            )

    def preempted(self, number: ProcessNumber, who: str, count: int, line: Location | None) -> None:
        """The schedule makes it give way before its ``count``-th opcode that meets others."""
        self._preemptions.append(Preemption(self._journal.now(), number, who, count, line))

    def preemptions(self, epoch: Nanoseconds) -> tuple[Preemption, ...]:
        """In time since the ``epoch``."""
        return tuple(altered(each, at=max(0, each.at - epoch)) for each in self._preemptions)
