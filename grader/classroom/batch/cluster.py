"""Many machines: the same jobs, carried out by the workers of a dask.distributed scheduler.

The grader must be installed for the workers, in the same version. A job whose worker is lost is
given to another one by the scheduler.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import ExitStack

from grader.classroom.batch.cluster_worker import carry_out_there
from grader.classroom.batch.fingerprint import of_grader
from grader.classroom.batch.job import Crashed, Job, JobResult
from grader.classroom.batch.workers import TICK_S
from grader.exit_status import ExitStatus, UserError
from grader.messages import say

_CONNECTING_S = 10
_WITHOUT_WORKERS_S = 60
"""Workers may start a little later than the scheduler; this is how long they are waited for."""


class ClusterPool:
    """The workers of a scheduler.

    Args:
        address: the scheduler's, such as ``tcp://10.0.0.5:8786``.
        pinned: whether each keeps to a processor; if not, there is one job at a time.
    """

    def __init__(self, address: str, *, pinned: bool = True) -> None:
        self._address = address
        self._pinned = pinned
        self._stack = ExitStack()

    def __enter__(self) -> ClusterPool:
        """
        Raises:
            UserError: no scheduler answers there, or dask.distributed is not installed.
        """
        try:
            from distributed import Client
        except ImportError as error:
            raise UserError(
                say("--cluster needs a package: pip install 'grader[cluster]'"),
                ExitStatus.CANNOT_WORK,
            ) from error
        for name in ("distributed", "distributed.client"):  # what goes wrong is said once, below
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            client = Client(  # type: ignore[no-untyped-call]  # distributed says no types of it
                self._address, timeout=_CONNECTING_S, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise UserError(
                say("No scheduler answers at {address}.", address=self._address),
                ExitStatus.CANNOT_WORK,
            ) from error
        self._client = self._stack.enter_context(client)
        executor: Executor = client.get_executor(  # type: ignore[no-untyped-call]  # nor of this
            pure=False
        )
        self._executor = executor
        return self

    def __exit__(self, *exception: object) -> None:
        self._executor.shutdown(wait=False)
        self._stack.close()

    def results(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, JobResult] | None]:
        """As `WorkerPool` says.

        Raises:
            UserError: the cluster went away, has no workers, or has not this grader.
        """
        waiting = iter(jobs)
        busy: dict[Future[JobResult], Job] = {}
        exhausted = False
        alone_since = time.monotonic()
        while True:
            room = self._room()
            if room:
                alone_since = time.monotonic()
            while len(busy) < room and not exhausted:
                job = next(waiting, None)
                if job is None:
                    exhausted = True
                else:
                    args = (job, of_grader(), self._pinned)
                    busy[self._executor.submit(carry_out_there, *args)] = job
            if exhausted and not busy:
                return
            if time.monotonic() - alone_since > _WITHOUT_WORKERS_S:
                raise UserError(
                    say("The cluster at {address} has no workers.", address=self._address),
                    ExitStatus.CANNOT_WORK,
                )
            done, _ = wait(busy, timeout=TICK_S, return_when=FIRST_COMPLETED)
            if not busy:
                time.sleep(TICK_S)
            for future in done:
                yield busy.pop(future), self._result(future)
            if not done:
                yield None

    def _room(self) -> int:
        """How many jobs the workers take that are there now: one in work, and one to come."""
        try:
            threads: dict[str, int] = self._client.nthreads()
        except Exception as error:  # whatever way the connection broke
            raise self._lost() from error
        if not self._pinned:
            return min(1, len(threads))
        return 2 * sum(threads.values())

    def _result(self, future: Future[JobResult]) -> JobResult:
        """
        Raises:
            UserError: the cluster went away, or has not this grader.
        """
        from distributed import KilledWorker

        try:
            return future.result()
        except KilledWorker as error:
            return Crashed(f"KilledWorker: {error}")
        except CancelledError as error:
            raise self._lost() from error
        except ImportError as error:
            raise UserError(
                say(
                    "The workers of the cluster have no grader installed: {error}", error=str(error)
                ),
                ExitStatus.CANNOT_WORK,
            ) from error
        except Exception as error:
            if self._client.status != "running":
                raise self._lost() from error
            return Crashed(f"{type(error).__name__}: {error}")

    def _lost(self) -> UserError:
        return UserError(
            say(
                "The cluster at {address} went away. Everything that was graded is kept: the same "
                "command goes on from there.",
                address=self._address,
            ),
            ExitStatus.CANNOT_WORK,
        )
