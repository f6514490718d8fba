"""Who does the grading: workers on this machine, a processor each, through `concurrent.futures`.

Every worker has an executor of its own. So it is always known whose worker died, and over which
submission; nobody else loses anything by it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from types import TracebackType
from typing import Protocol

from grader.classroom.task import Answer, Broke, Task, carry_out
from grader.classroom.worker import settle
from grader.interrupts import interrupts_held

TICK_S = 0.5
"""How often those who wait are given a word, so that they can show the time."""
_ATTEMPTS = 2
"""A worker may be ended from outside, by a system short of memory: that is tried again."""


class Crew(Protocol):
    """Carries out tasks, several at a time."""

    def answers(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Answer] | None]:
        """Every task with its answer, as they come, and None from time to time between them.

        Tasks are taken only when there is somebody to do them.
        """
        ...

    def __enter__(self) -> Crew: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


@dataclass
class _Job:
    """A task in a worker's hands."""

    task: Task
    until: float
    """When the worker is given up, by `time.monotonic`."""
    attempt: int = 1


class _Seat:
    """A place for a worker, who is replaced when it dies."""

    def __init__(self, cpu: int | None, scratch: str | None) -> None:
        self._cpu = cpu
        self._scratch = scratch
        self._executor: ProcessPoolExecutor | None = None
        self.pid: int | None = None

    def submit(self, task: Task) -> Future[Answer]:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
            with interrupts_held():  # until it has settled one would end it, with a traceback
                hired = self._executor.submit(settle, os.getpid(), self._cpu, self._scratch)
            self.pid = hired.result()
        return self._executor.submit(carry_out, task)

    def kill(self) -> None:
        """End the worker at once; what it was doing fails."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def dismiss(self) -> None:
        """End the worker, whatever it is doing. The next task finds another."""
        self.kill()
        executor, self._executor, self.pid = self._executor, None, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)


class LocalCrew:
    """As many workers as ``jobs`` says, each pinned to a processor unless there is only one that
    may use them all.

    Args:
        jobs: how many.
        pinned: whether each keeps to one processor. Exercises about parallel speed-up need all.
        scratch: the folder for what the workers need only for a moment.
    """

    def __init__(self, jobs: int, *, pinned: bool = True, scratch: str | None = None) -> None:
        cpus = sorted(os.sched_getaffinity(0))
        self._seats = [
            _Seat(cpus[place % len(cpus)] if pinned else None, scratch) for place in range(jobs)
        ]

    @property
    def workers(self) -> tuple[int, ...]:
        """The pids of those who are there."""
        return tuple(seat.pid for seat in self._seats if seat.pid is not None)

    def __enter__(self) -> LocalCrew:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for seat in self._seats:
            seat.dismiss()

    def answers(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Answer] | None]:
        waiting = iter(tasks)
        free = list(reversed(self._seats))
        busy: dict[Future[Answer], tuple[_Seat, _Job]] = {}
        exhausted = False
        while True:
            while free and not exhausted:
                task = next(waiting, None)
                if task is None:
                    exhausted = True
                    break
                _hand_over(free.pop(), _Job(task, _given_up_at(task)), busy)
            if not busy:
                return
            done, _ = wait(busy, timeout=TICK_S, return_when=FIRST_COMPLETED)
            for future in done:
                seat, job = busy.pop(future)
                answer = _answer(future, seat, job)
                if answer is None:
                    job.attempt += 1
                    _hand_over(seat, job, busy)
                else:
                    free.append(seat)
                    yield job.task, answer
            if not done:
                _give_up(busy.values())
                yield None


def _hand_over(seat: _Seat, job: _Job, busy: dict[Future[Answer], tuple[_Seat, _Job]]) -> None:
    try:
        busy[seat.submit(job.task)] = seat, job
    except BrokenProcessPool as error:  # the worker died before it had begun
        future: Future[Answer] = Future()
        future.set_exception(error)
        busy[future] = seat, job


def _answer(future: Future[Answer], seat: _Seat, job: _Job) -> Answer | None:
    """The answer, or None when the task is to be tried again."""
    try:
        return future.result()
    except BrokenProcessPool:
        seat.dismiss()
        if time.monotonic() >= job.until:
            return Broke("The grading did not end in a time in which it always does.")
        if job.attempt < _ATTEMPTS:
            return None
        return Broke("The worker was ended from outside, or crashed, each time that it was tried.")
    except Exception as error:  # the answer could not be brought back
        return Broke(f"{type(error).__name__}: {error}")


def _give_up(busy: Iterable[tuple[_Seat, _Job]]) -> None:
    """End the workers that can only be stuck; their futures say so by and by."""
    for seat, job in busy:
        if time.monotonic() >= job.until:
            seat.kill()


def _given_up_at(task: Task) -> float:
    """Far beyond everything that the limits allow: a grader that is stuck, not a slow script."""
    run = task.exercise.run
    orders = (task.options.schedules or run.schedules.count) + len(run.start_method)
    real = run.limits.time if "real" in (run.clock, task.options.clock) else 0
    return time.monotonic() + 120 + 3 * orders * (20 * run.limits.cpu + real) / 10**9
