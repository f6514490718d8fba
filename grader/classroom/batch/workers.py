"""The workers that grade on this machine, a process and a processor each.

Every worker has an executor of its own. So it is always known whose worker died, and over which
submission; no other submission loses anything by it.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from typing import Protocol

from grader.classroom.batch.job import Crashed, Job, JobResult, carry_out
from grader.interrupts import interrupts_held

TICK_S = 0.5
"""How often a pool that waits gives its caller a moment, so that the time can be shown."""
_ATTEMPTS = 2
"""A worker may be ended from outside, by a system short of memory: that is tried again."""
_PR_SET_PDEATHSIG = 1


class WorkerPool(Protocol):
    """Carries out jobs, several at a time."""

    def results(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, JobResult] | None]:
        """Every job with its result, as they come, and None from time to time between them.

        A job is taken from the iterable only when a worker is free for it.
        """
        ...

    def __enter__(self) -> WorkerPool: ...

    def __exit__(self, *exception: object) -> None: ...


@dataclass
class _Running:
    """A job that a worker has. ``until`` is when the worker is given up, by `time.monotonic`."""

    job: Job
    until: float
    attempt: int = 1


class WorkerSlot:
    """A place for a worker, which is replaced when it dies.

    Args:
        cpu: the processor that its workers keep to; None: any.
        scratch: the folder for their temporary files; None: the system's.
    """

    def __init__(self, cpu: int | None, scratch: str | None) -> None:
        self._cpu = cpu
        self._scratch = scratch
        self._executor: ProcessPoolExecutor | None = None
        self._initialized: Future[int] | None = None

    @property
    def pid(self) -> int | None:
        """The worker's, when it has begun; None where there is none, or it died before."""
        if self._initialized is None:
            return None
        try:
            return self._initialized.result()
        except BrokenProcessPool:
            return None

    def submit(self, job: Job) -> Future[JobResult]:
        """Give the worker a job, and begin the worker first where there is none.

        Raises:
            BrokenProcessPool: the worker died before it had begun.
        """
        if self._executor is None:
            self._executor = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
            with interrupts_held():  # until it ignores them one would end it, with a traceback
                self._initialized = self._executor.submit(
                    init_worker, os.getpid(), self._cpu, self._scratch
                )
        return self._executor.submit(carry_out, job)

    def kill(self) -> None:
        """End the worker at once; what it was doing fails."""
        pid = self.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """End the worker, whatever it is doing. The next job begins another."""
        self.kill()
        executor, self._executor, self._initialized = self._executor, None, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)


class LocalPool:
    """As many workers as ``jobs`` says, each pinned to a processor unless there is only one that
    may use them all.

    Args:
        jobs: how many.
        pinned: whether each keeps to one processor. Exercises about parallel speed-up need all.
        scratch: the folder for the workers' temporary files.
    """

    def __init__(self, jobs: int, *, pinned: bool = True, scratch: str | None = None) -> None:
        cpus = sorted(os.sched_getaffinity(0))
        self._slots = [
            WorkerSlot(cpus[place % len(cpus)] if pinned else None, scratch)
            for place in range(jobs)
        ]

    @property
    def workers(self) -> tuple[int, ...]:
        """The pids of the workers that there are."""
        return tuple(pid for slot in self._slots if (pid := slot.pid) is not None)

    def __enter__(self) -> LocalPool:
        return self

    def __exit__(self, *exception: object) -> None:
        for slot in self._slots:
            slot.close()

    def results(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, JobResult] | None]:
        """As `WorkerPool` says."""
        waiting = iter(jobs)
        free = list(reversed(self._slots))
        busy: dict[Future[JobResult], tuple[WorkerSlot, _Running]] = {}
        exhausted = False
        while True:
            while free and not exhausted:
                job = next(waiting, None)
                if job is None:
                    exhausted = True
                    break
                _hand_over(free.pop(), _Running(job, _given_up_at(job)), busy)
            if not busy:
                return
            done, _ = wait(busy, timeout=TICK_S, return_when=FIRST_COMPLETED)
            for future in done:
                slot, running = busy.pop(future)
                result = _result(future, slot, running)
                if result is None:
                    running.attempt += 1
                    _hand_over(slot, running, busy)
                else:
                    free.append(slot)
                    yield running.job, result
            if not done:
                for slot, running in busy.values():
                    if time.monotonic() >= running.until:  # its future fails after that
                        slot.kill()
                yield None


def _hand_over(
    slot: WorkerSlot,
    running: _Running,
    busy: dict[Future[JobResult], tuple[WorkerSlot, _Running]],
) -> None:
    try:
        busy[slot.submit(running.job)] = slot, running
    except BrokenProcessPool as error:  # the worker died before it had begun
        future: Future[JobResult] = Future()
        future.set_exception(error)
        busy[future] = slot, running


def _result(future: Future[JobResult], slot: WorkerSlot, running: _Running) -> JobResult | None:
    """The result, or None when the job is to be tried again."""
    try:
        return future.result()
    except BrokenProcessPool:
        slot.close()
        if time.monotonic() >= running.until:
            return Crashed("The grading did not end in a time in which it always does.")
        if running.attempt < _ATTEMPTS:
            return None
        return Crashed(
            "The worker was ended from outside, or crashed, each time that it was tried."
        )
    except Exception as error:  # the result could not be brought back
        return Crashed(f"{type(error).__name__}: {error}")


def _given_up_at(job: Job) -> float:
    """Far beyond everything that the limits allow: a grader that is stuck, not a slow script."""
    run = job.exercise.run
    schedules = (job.options.schedules or run.schedules.count) + len(run.start_method)
    real = run.limits.time if "real" in (run.clock, job.options.clock) else 0
    return time.monotonic() + 120 + 3 * schedules * (20 * run.limits.cpu + real) / 10**9


# In the worker. It has no thread besides its main one, because the supervisor forks.


def init_worker(parent_pid: int, cpu: int | None, scratch: str | None) -> int:
    """Make this process a worker. Returns its pid.

    Args:
        parent_pid: the process that it works for, and with which it dies.
        cpu: the processor that it keeps to; None: any.
        scratch: the folder for everything temporary; None: the system's.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)  # the parent died before that could be seen
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Control-C is meant for the parent
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})
    if scratch is not None:
        tempfile.tempdir = scratch
    _load()
    return os.getpid()


def _load() -> None:
    """Load what every grading needs, and set it apart from what is looked through for garbage: that
    takes time here, and in each supervisor process a copy of every page that is looked at.
    """
    import_module("grader.grading")
    from grader.report import prepare_html

    prepare_html()
    gc.collect()
    gc.freeze()
