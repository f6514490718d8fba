"""Many machines: a real scheduler and two workers, on this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from grader.exit_status import ExitStatus
from tests.classroom.class_folder import write
from tests.classroom.test_batch import EXERCISE, RIGHT, WRONG
from tests.classroom.test_interruptions import (
    ALL_GRADED,
    STUDENTS,
    kept,
    many_more,
    until_reports,
    without_times,
)

CALL = ["exercises/any.yaml", "in", "--lang", "en", "--fresh"]


@contextmanager
def running(*arguments: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of dask's, and all that it starts, as long as it is needed."""
    with subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},  # in the end it is killed in the middle
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


class Cluster:
    """``scheduler`` and ``workers`` are processes; ``address`` is the scheduler's."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        file = folder / "scheduler.json"
        self.scheduler = stack.enter_context(
            running(
                "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                "--scheduler-file", str(file),
                folder=folder,
            )
        )  # fmt: skip
        while not file.exists() or not file.read_text().endswith("}"):
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"it has ended: {self.scheduler.wait(timeout=0.02)}")
        self.address = json.loads(file.read_text())["address"]
        self.workers = [
            stack.enter_context(
                running(
                    "worker", self.address, "--nthreads", "1", "--no-dashboard",
                    "--local-directory", str(folder / f"worker{number}"),
                    folder=folder,
                )
            )
            for number in range(2)
        ]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scripts = {f"in/student{i:02}.py": (RIGHT, WRONG)[i % 2] for i in range(STUDENTS)}
    (tmp_path / "tmp").mkdir()
    return write(tmp_path, {"exercises/any.yaml": EXERCISE.format(id="any", points=2), **scripts})


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(stack, folder)


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "grader", *CALL, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.exhaustive
def test_a_worker_is_killed(folder: Path, cluster: Cluster) -> None:
    """One of two workers is killed in the middle: the other does its work, and every result is
    what this machine alone gives.
    """
    with started(folder, "--cluster", cluster.address) as grading:
        until_reports(folder, 2, grading)
        end(cluster.workers[0])
        told, complaints = grading.communicate()
    assert (grading.returncode, complaints) == (ExitStatus.PASSED, "")
    assert told.splitlines()[0] == ALL_GRADED
    by_cluster = without_times(kept(folder))
    with started(folder) as grading:
        grading.communicate()
    assert without_times(kept(folder)) == by_cluster


def test_the_scheduler_goes_away(folder: Path, cluster: Cluster) -> None:
    """Without its scheduler a cluster is lost: status 3, one sentence, and what is done is kept."""
    students = many_more(folder)
    with started(folder, "--cluster", cluster.address) as grading:
        until_reports(folder, 2, grading)
        end(cluster.scheduler)
        told, complaints = grading.communicate()
    assert (grading.returncode, told) == (ExitStatus.CANNOT_WORK, "")
    assert complaints == (
        f"grade: The cluster at {cluster.address} went away. Everything that was graded is kept: "
        "the same command goes on from there.\n"
    )
    assert 2 <= len(kept(folder)) < students


def test_no_scheduler(folder: Path) -> None:
    """An address at which nobody answers is told in a sentence."""
    with started(folder, "--cluster", "tcp://127.0.0.1:9") as grading:
        told, complaints = grading.communicate()
    assert (grading.returncode, told) == (ExitStatus.CANNOT_WORK, "")
    assert complaints == "grade: No scheduler answers at tcp://127.0.0.1:9.\n"
