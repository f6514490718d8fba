"""Control-C, whenever it comes: one sentence and status 130, and never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grader.exit_status import ExitStatus

LOADED = ("click", "grader.classroom", "grader.cli.command", "pydantic", "grader.grading")
"""Modules on the way to a grade, from the first that is imported on."""
AT_AN_IMPORT = """
import importlib.abc, os, runpy, signal, sys

class Watching(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            sys.meta_path.remove(self)
            {deed}

sys.meta_path.insert(0, Watching())
runpy.run_module("grader", run_name="__main__", alter_sys=True)
"""
CALL = ["join-all", "student.py", "--lang", "en", "--clock", "real"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "student.py").write_text("import time\nwhile True: time.sleep(0.1)\n")
    return tmp_path


@pytest.mark.parametrize("name", LOADED)
def test_while_it_is_loaded(
    folder: Path, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Before `main` is there, and after, also in the midst of code that is made from a string, as
    that of a dataclass is.
    """
    deed = "exec('os.kill(os.getpid(), signal.SIGINT)')"
    beside = tmp_path_factory.mktemp("beside")
    (beside / "interrupted.py").write_text(AT_AN_IMPORT.format(name=name, deed=deed))
    process = subprocess.run(
        [sys.executable, "-m", "interrupted", *CALL],
        env={**os.environ, "PYTHONPATH": str(beside)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == ExitStatus.INTERRUPTED
    assert process.stderr.lstrip("\n") == "grade: Stopped. Nothing was graded.\n"
    assert process.stdout == ""
    assert [path.name for path in folder.iterdir()] == ["student.py"]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(steps, marks=[pytest.mark.exhaustive] if steps % 10 else [])
        for steps in range(20)
    ],
)
def test_of_the_whole_group_at_any_moment(folder: Path, steps: int) -> None:
    """As a terminal sends it: to the supervisors, too, which are not to think that they were
    meant.
    """
    source = AT_AN_IMPORT.format(name="grader.cli", deed="os.write(1, b'.')")
    with subprocess.Popen(
        [sys.executable, "-c", source, *CALL],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        for _ in range(steps * 10_000):
            os.sched_yield()
        os.killpg(process.pid, signal.SIGINT)
        told, complaints = process.communicate()
    assert (process.returncode, told) == (ExitStatus.INTERRUPTED, b"")
    assert complaints.lstrip(b"\n") == b"grade: Stopped. Nothing was graded.\n"
