"""The grading on a worker of a cluster.

Such a worker has threads, and the supervisor forks: so everything is done by servers, processes
with one thread, each on a processor of its own. They are plain children on pipes, because the
worker's process may have no children by `multiprocessing`.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Lock
from typing import IO

from grader.classroom.batch.fingerprint import of_grader
from grader.classroom.batch.job import Crashed, Job, JobResult, NotRun, carry_out, in_all_languages
from grader.messages import say

_ATTEMPTS = 2
_idle: list[_Server] = []
_idle_lock = Lock()


def carry_out_there(job: Job, grader: str, pinned: bool) -> JobResult:
    """Grade one submission on a machine of the cluster.

    Args:
        job: what is to be graded.
        grader: the hash of the grader that sent it; another one's verdict might be another.
        pinned: whether it keeps to one processor.
    """
    if of_grader() != grader:
        reason = say("The workers of the cluster have another version of the grader than this one.")
        return NotRun(in_all_languages(reason))
    for _ in range(_ATTEMPTS):
        server = _taken()
        try:
            result = server.result(job, pinned)
        except (OSError, EOFError, pickle.UnpicklingError):
            server.end()
            continue
        with _idle_lock:
            _idle.append(server)
        return result
    return Crashed("The worker was ended from outside, or crashed, each time that it was tried.")


def _taken() -> _Server:
    with _idle_lock:
        if _idle:
            return _idle.pop()
    return _Server()


class _Server:
    """A process that grades the jobs that it is sent. It ends when its pipe does."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "grader.classroom.batch.cluster_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def result(self, job: Job, pinned: bool) -> JobResult:
        """
        Raises:
            OSError, EOFError, pickle.UnpicklingError: it has ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump((job, pinned), self._process.stdin)
        self._process.stdin.flush()
        result: JobResult = pickle.load(self._process.stdout)
        return result

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.communicate()


def _serve(jobs: IO[bytes], results: IO[bytes]) -> None:
    everywhere = os.sched_getaffinity(0)
    processor = _claimed(sorted(everywhere))
    while True:
        try:
            job, pinned = pickle.load(jobs)
        except EOFError:
            return
        os.sched_setaffinity(0, {processor} if pinned and processor is not None else everywhere)
        pickle.dump(carry_out(job), results)
        results.flush()


def _claimed(processors: list[int]) -> int | None:
    """A processor that no other server of this user has, None if all are taken.

    The claim is a lock on a file, kept open until this process ends.
    """
    for processor in processors:
        path = Path(tempfile.gettempdir()) / f"grader-processor-{os.getuid()}-{processor}"
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return processor
    return None


if __name__ == "__main__":
    received, sent = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)  # what is printed does not come between the results
    with os.fdopen(received, "rb") as jobs, os.fdopen(sent, "wb") as results:
        _serve(jobs, results)
