"""A grading that is ended, in any way and at any moment, loses nothing and does nothing twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from grader.exit_status import ExitStatus
from tests.classroom.class_folder import write
from tests.classroom.test_batch import EXERCISE, RIGHT, WRONG

STUDENTS = 8
ALL_GRADED = "8 submissions: 4 passed, 4 did not, 0 not judged."
CALL = ["exercises/any.yaml", "in", "--lang", "en"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scripts = {f"in/student{i:02}.py": (RIGHT, WRONG)[i % 2] for i in range(STUDENTS)}
    (tmp_path / "tmp").mkdir()
    return write(tmp_path, {"exercises/any.yaml": EXERCISE.format(id="any", points=2), **scripts})


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "grader", *CALL, *arguments],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def kept(folder: Path) -> dict[str, str]:
    """Each result that is in the store, as it is there."""
    path = folder / "in" / ".grader" / "results.sqlite"
    if not path.exists():
        return {}
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("SELECT file, graded_at || result FROM results").fetchall()
    except sqlite3.OperationalError:  # killed before there were tables
        return {}
    finally:
        connection.close()
    return dict(rows)


def without_times(results: dict[str, str]) -> dict[str, str]:
    return {file: row[row.index("{") :] for file, row in results.items()}


def helpers(folder: Path) -> list[int]:
    """The living processes that a grading has started: they have its folder for temporary files."""
    mark = f"TMPDIR={folder}/tmp".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            alive = (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
            if alive and mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except (OSError, IndexError):
            continue
    return found


def until_reports(folder: Path, count: int, grading: subprocess.Popen[str]) -> None:
    """Looks again and again, and leaves the processors to the grading meanwhile."""
    while len(list(folder.glob("reports/any/*.html"))) < count:
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"it has ended: {grading.wait(timeout=0.02)}")


def test_killed_in_the_middle(folder: Path) -> None:
    """When the grading is killed its workers and everything that they run go with it. What was
    kept stays as it is, what was only for the moment is removed by the next one, and that makes
    no result twice.
    """
    with started(folder, "--jobs", "2") as grading:
        until_reports(folder, 2, grading)
        assert len(helpers(folder)) > 1
        grading.kill()
    while helpers(folder):
        os.sched_yield()
    before = kept(folder)
    assert before
    goes_on(folder, before)
    assert list((folder / "tmp").iterdir()) == []


@pytest.mark.exhaustive
def test_killed_at_any_moment(folder: Path) -> None:
    """Killed with -9 six times, at random: what was kept stays as it is, and in the end all
    results are what an undisturbed grading gives.
    """
    chance = random.Random(20260301)
    before: dict[str, str] = {}
    killed = 0
    for _ in range(6):
        with started(folder, "--jobs", "2") as grading:
            try:
                grading.wait(timeout=chance.uniform(0.3, 3))
            except subprocess.TimeoutExpired:
                grading.kill()
                killed += 1
        now = kept(folder)
        assert {file: now.get(file) for file in before} == before
        before = now
    assert killed > 0
    goes_on(folder, before)
    disturbed = kept(folder)
    with started(folder, "--fresh") as grading:
        grading.communicate()
    assert without_times(kept(folder)) == without_times(disturbed)


def goes_on(folder: Path, before: Mapping[str, str]) -> None:
    """The next grading makes those results that there are not, and in the end there are all."""
    with started(folder) as grading:
        told, complaints = grading.communicate()
    assert (grading.returncode, complaints) == (ExitStatus.PASSED, "")
    assert told.splitlines()[0] == ALL_GRADED
    now = kept(folder)
    assert len(now) == STUDENTS
    assert {file: now[file] for file in before} == before
    assert len(list((folder / "reports" / "any").glob("student*.html"))) == STUDENTS


def many_more(folder: Path) -> int:
    """How many there are then: so many that none but the interruption ends the grading."""
    write(folder, {f"in/student{i:03}.py": RIGHT for i in range(100, 160)})
    return STUDENTS + 60


def test_control_c(folder: Path) -> None:
    """Control-C ends the grading at once; what is done is kept, and it is said how to go on."""
    students = many_more(folder)
    with started(folder) as grading:
        until_reports(folder, 1, grading)
        os.killpg(grading.pid, signal.SIGINT)  # as a terminal does
        told, complaints = grading.communicate()
    assert (grading.returncode, complaints) == (ExitStatus.INTERRUPTED, "")
    done = len(kept(folder))
    assert told == (
        f"Stopped. {done} of {students} are graded and kept: the same command goes on from there.\n"
    )
    while helpers(folder):
        os.sched_yield()
    assert list((folder / "tmp").iterdir()) == []
