"""The workers of this machine: what they do, and what their death costs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.classroom import crew as crew_module
from grader.classroom.crew import LocalCrew
from grader.classroom.task import Answer, Broke, Graded, Task
from grader.exercise import load_exercise
from grader.grading import Options
from grader.submission import Submission
from tests.classroom.crashing import Deadly, DeadlyOnce, settle_and_tell, submission

EXERCISE = """
id: clean
title: Anything
task: Anything that ends well.
run: {schedules: {count: 1}}
checks:
  - {id: clean, expect: The program ends without an error, clean: true}
"""


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
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
        Task(number, exercise, each, Options(), "en") for number, each in enumerate(submissions)
    ]


def answers(crew: LocalCrew, tasks: list[Task]) -> dict[int, Answer]:
    with crew:
        return {each[0].number: each[1] for each in crew.answers(tasks) if each is not None}


def test_control_c_never_meets_a_worker(
    tasks: list[Task], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is held back from the worker's first moment on, until the worker ignores it."""
    monkeypatch.setattr(crew_module, "settle", settle_and_tell)
    told = answers(LocalCrew(1, scratch=str(tmp_path)), tasks[:1])
    assert isinstance(told[0], Graded)
    assert (tmp_path / "told").read_text() == "held ignored"
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.parametrize("jobs", [1, 2])
def test_nobody_loses_anything(jobs: int, tasks: list[Task]) -> None:
    """A worker that dies is replaced; its submission is tried again, and then given up. Verdicts
    are the same however many work at once.
    """
    told = answers(LocalCrew(jobs), tasks)
    assert sorted(told) == [0, 1, 2, 3, 4]
    scores = {
        number: (answer.score, answer.outcome)
        for number, answer in told.items()
        if isinstance(answer, Graded)
    }
    assert scores == {0: (1.0, "finished"), 3: (1.0, "finished"), 4: (0.0, "crashed")}
    assert told[1] == Broke(
        "The worker was ended from outside, or crashed, each time that it was tried."
    )
    assert isinstance(told[2], Broke)
    assert told[2].report.strip().splitlines()[-1].startswith("IndexError")


def test_both_languages(tasks: list[Task]) -> None:
    """What a check found is told in every language, and its mistake has a name of its own."""
    (graded,) = answers(LocalCrew(1), tasks[4:]).values()
    assert isinstance(graded, Graded)
    (check,) = graded.checks
    assert check.happened is not None
    assert set(check.happened.by_language) == {"en", "zh"}
    assert "ZeroDivisionError" in check.happened.in_language("en")
    assert check.mistake
    assert "ZeroDivisionError" not in check.mistake


def test_a_processor_each(tasks: list[Task]) -> None:
    """Workers keep to a processor each, and have one thread; without, they may use all."""
    cpus = sorted(os.sched_getaffinity(0))
    crew = LocalCrew(len(cpus))
    with crew:
        given = iter(tasks[:1] * len(cpus))
        first = next(each for each in crew.answers(given) if each is not None)
        assert isinstance(first[1], Graded)
        workers = {worker: os.sched_getaffinity(worker) for worker in crew.workers}
        assert all(len(os.listdir(f"/proc/{worker}/task")) == 1 for worker in workers)
        assert sorted(map(sorted, workers.values())) == [[cpu] for cpu in cpus[: len(workers)]]
    assert crew.workers == ()
    with LocalCrew(1, pinned=False) as free:
        assert len([each for each in free.answers(tasks[:1]) if each]) == 1
        (worker,) = free.workers
        assert os.sched_getaffinity(worker) == set(cpus)


def test_tasks_are_taken_when_somebody_is_free(tasks: list[Task]) -> None:
    """No more tasks are taken than there are workers: a class is never in memory."""
    taken: list[int] = []

    def given() -> Iterator[Task]:
        for task in tasks[:1] * 4:
            taken.append(task.number)
            yield task

    with LocalCrew(1) as crew:
        coming = (each for each in crew.answers(given()) if each is not None)
        next(coming)
        assert len(taken) == 1
        assert len(list(coming)) == 3
