"""With --watch, what changes is graded again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from grader.classroom.batch import session as grading_of_classes
from grader.classroom.batch.config import BatchConfig
from grader.classroom.batch.session import grade_batch
from grader.classroom.batch.watching import changes, stamps
from grader.exit_status import ExitStatus
from grader.grading import Options
from tests.classroom.class_folder import write
from tests.classroom.test_batch import EXERCISE, RIGHT, WRONG
from tests.classroom.test_interruptions import started


def put(folder: Path, name: str, content: str) -> None:
    """Replace a file in one step, so that nobody finds half of it."""
    beside = folder / "tmp" / "beside"
    beside.write_text(content, encoding="utf-8")
    beside.replace(folder / name)


def test_watching(tmp_path: Path) -> None:
    """A script that changes is graded again and its new mark told; a wrong exercise is told, and
    waited for; Control-C ends it.
    """
    folder = write(
        tmp_path,
        {
            "tmp/.keep": "",
            "exercises/any.yaml": EXERCISE.format(id="any", points=2),
            "in/ada.py": RIGHT,
            "in/bo.py": WRONG,
        },
    )
    watching = "Watching in. Control-C ends it.\n"
    written = ["reports/gradebook.csv\n", "reports/index.html\n"]
    with started(folder, "--jobs", "1", "--watch") as grading:
        assert grading.stdout is not None
        assert grading.stderr is not None
        lines = (line for line in iter(grading.stdout.readline, "") if line not in written)
        assert next(lines) == "2 submissions: 1 passed, 1 did not, 0 not judged.\n"
        assert next(lines) == watching
        put(folder, "in/bo.py", RIGHT)
        assert next(lines) == "1 mark has changed since the last time:\n"
        assert next(lines) == "  bo · any: 1 → 3 (another program was handed in)\n"
        assert next(lines) == "2 submissions: 2 passed, 0 did not, 0 not judged.\n"
        assert next(lines) == watching
        put(folder, "exercises/any.yaml", "id: any\n")
        assert grading.stderr.readline().startswith("exercises/any.yaml:1:1: ")
        assert next(lines) == watching
        put(folder, "exercises/any.yaml", EXERCISE.format(id="any", points=2))
        assert next(lines) == "2 submissions: 2 passed, 0 did not, 0 not judged.\n"
        assert next(lines) == watching
        os.killpg(grading.pid, signal.SIGINT)
        told, complaints = grading.communicate()
    assert (grading.returncode, told, complaints) == (ExitStatus.ALL_GRADED, "", "")


def test_what_is_a_change(tmp_path: Path) -> None:
    """A file that comes, goes or is written is a change; one that an editor hides, and the
    grader's own, are none.
    """
    folder = write(tmp_path, ["in/ada.py", "in/bo.py", "in/reports/gradebook.csv"])
    own = {folder / "in" / "reports"}
    before = stamps([folder / "in"], own)
    write(folder, ["in/.ada.py.swp", "in/reports/index.html", "in/__pycache__/ada.pyc"])
    assert stamps([folder / "in"], own) == before
    write(folder, {"in/ada.py": "print('another')\n"})
    changed = stamps([folder / "in"], own)
    assert {path.name for path in changed if changed[path] != before[path]} == {"ada.py"}
    (folder / "in" / "bo.py").unlink()
    assert set(changed) - set(stamps([folder / "in"], own)) == {folder / "in" / "bo.py"}


def test_only_changes_are_told(tmp_path: Path) -> None:
    """What changed while nobody looked is told afterwards; a hidden file never is."""
    folder = write(tmp_path, ["in/ada.py", "tmp/.keep"])
    with closing(watching(folder / "in")) as told:
        next(told)
        write(folder, ["in/.hidden.py"])
        put(folder, "in/ada.py", "1\n")
        next(told)
        assert stamps([folder / "in"], ())[folder / "in" / "ada.py"][1] == 2


def watching(folder: Path) -> Iterator[None]:
    return changes([folder], ())


def test_control_c_between_two_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control-C is how watching ends, whatever it is that it interrupts."""
    write(tmp_path, {"any.yaml": EXERCISE.format(id="any", points=2), "in/ada.py": RIGHT})
    batch = BatchConfig(
        tmp_path / "any.yaml",
        (tmp_path / "in",),
        Options(schedules=1),
        "en",
        watch=True,
        jobs=1,
        reports=tmp_path / "reports",
    )

    def interrupted(*_: object) -> Iterator[None]:
        yield
        raise KeyboardInterrupt

    monkeypatch.setattr(grading_of_classes, "changes", interrupted)
    assert grade_batch(batch) == ExitStatus.ALL_GRADED
