"""The workers of this machine: what they do, and what their death costs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.classroom.batch import workers as workers_module
from grader.classroom.batch.job import Crashed, Graded, Job, JobResult, carry_out
from grader.classroom.batch.workers import LocalPool
from grader.exercise import load_exercise
from grader.grading import Options
from grader.submission import Submission
from tests.classroom.crashing import Deadly, DeadlyOnce, init_and_tell, submission
from tests.repeating import exhaustive

EXERCISE = """
id: clean
title: Anything
task: Anything that ends well.
run: {schedules: {count: 1}}
checks:
  - {id: clean, expect: The program ends without an error, clean: true}
"""


@pytest.fixture
def tasks(tmp_path: Path) -> list[Job]:
    """Five: the second ends its worker, the third breaks the grader, the fifth is wrong."""
    (tmp_path / "clean.yaml").write_text(EXERCISE)
    exercise = load_exercise(tmp_path / "clean.yaml")
    right = submission("print('hello')\n")
    submissions: list[Submission] = [
        right,
        Deadly(right.path, right.files),
        Submission(right.path, ()),
        DeadlyOnce(tmp_path / "died", right.files),
        submission("1 / 0\n"),
    ]
    return [
        Job(str(number), exercise, each, Options(), "en") for number, each in enumerate(submissions)
    ]


def results_of(pool: LocalPool, tasks: list[Job]) -> dict[str, JobResult]:
    with pool:
        return {each[0].key: each[1] for each in pool.results(tasks) if each is not None}


def test_control_c_never_meets_a_worker(
    tasks: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is held back from the worker's first moment on, until the worker ignores it."""
    monkeypatch.setattr(workers_module, "init_worker", init_and_tell)
    told = results_of(LocalPool(1, scratch=str(tmp_path)), tasks[:1])
    assert isinstance(told["0"], Graded)
    assert (tmp_path / "told").read_text() == "held ignored"
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.parametrize("jobs", [2, *exhaustive(1)])
def test_nobody_loses_anything(jobs: int, tasks: list[Job]) -> None:
    """A worker that dies is replaced; its submission is tried again, and then given up. Verdicts
    are the same however many work at once.
    """
    told = results_of(LocalPool(jobs), tasks)
    assert sorted(told) == ["0", "1", "2", "3", "4"]
    scores = {
        number: (answer.score, answer.outcome)
        for number, answer in told.items()
        if isinstance(answer, Graded)
    }
    assert scores == {"0": (1.0, "finished"), "3": (1.0, "finished"), "4": (0.0, "crashed")}
    assert told["1"] == Crashed(
        "The worker was ended from outside, or crashed, each time that it was tried."
    )
    assert isinstance(told["2"], Crashed)
    assert told["2"].report.strip().splitlines()[-1].startswith("IndexError")


def test_both_languages(tasks: list[Job]) -> None:
    """What a check found is told in every language, and its mistake has a name of its own."""
    graded = carry_out(tasks[4])
    assert isinstance(graded, Graded)
    (check,) = graded.checks
    assert check.happened is not None
    assert set(check.happened.by_language) == {"en", "zh"}
    assert "ZeroDivisionError" in check.happened.in_language("en")
    assert check.mistake
    assert "ZeroDivisionError" not in check.mistake


def test_a_processor_each(tasks: list[Job]) -> None:
    """Workers keep to a processor each, and have one thread."""
    cpus = sorted(os.sched_getaffinity(0))
    pool = LocalPool(len(cpus))
    with pool:
        given = iter(tasks[:1] * len(cpus))
        first = next(each for each in pool.results(given) if each is not None)
        assert isinstance(first[1], Graded)
        workers = {worker: os.sched_getaffinity(worker) for worker in pool.workers}
        assert all(len(os.listdir(f"/proc/{worker}/task")) == 1 for worker in workers)
        assert sorted(map(sorted, workers.values())) == [[cpu] for cpu in cpus[: len(workers)]]
    assert pool.workers == ()


def test_tasks_are_taken_when_somebody_is_free(tasks: list[Job]) -> None:
    """No more tasks are taken than there are workers: a class is never in memory. A worker that
    keeps to no processor may use all.
    """
    taken: list[str] = []

    def given() -> Iterator[Job]:
        for task in tasks[:1] * 4:
            taken.append(task.key)
            yield task

    with LocalPool(1, pinned=False) as pool:
        coming = (each for each in pool.results(given()) if each is not None)
        next(coming)
        assert len(taken) == 1
        (worker,) = pool.workers
        assert os.sched_getaffinity(worker) == os.sched_getaffinity(0)
        assert len(list(coming)) == 3
