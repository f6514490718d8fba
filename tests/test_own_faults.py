"""What goes wrong on the grader's own side: one sentence, status 3, and nothing half-written."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from itertools import repeat
from pathlib import Path

import pytest

from grader.cli import run, script
from grader.exit_status import ExitStatus
from grader.limits import Limits
from grader.submission import read_submission
from grader.supervisor import Plan, WarmRunner
from grader.supervisor.clock import cpu_time
from grader.supervisor.procfs import children_of, traced_children
from grader.trace import Outcome

EXERCISE = """
id: only-clean
title: Anything
task: Anything that ends well.
run: {limits: {time: 20s, cpu: 4s}}
checks:
  - {id: clean, points: 1, expect: The program ends without an error, clean: true}
"""
CALL = ["exercise.yaml", "student.py", "--lang", "en", "-o", "report.html", "--json", "result.json"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An exercise and a script that is right."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exercise.yaml").write_text(EXERCISE, encoding="utf-8")
    (tmp_path / "student.py").write_text("print('hello')\n")
    return tmp_path


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Have something happen while the script runs."""

    def arrange(deed: Callable[[], object]) -> None:
        monkeypatch.setattr(script, "_prepare_report", lambda: [deed])

    return arrange


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_supervisor_that_is_killed(
    folder: Path,
    meanwhile: Callable[[Callable[[], object]], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is known of the script then, and nothing is written about it."""
    (folder / "student.py").write_text("while True: pass\n")
    before = children_of(os.getpid())

    def kill() -> None:
        for pid in children_of(os.getpid()) - before:
            os.kill(pid, signal.SIGKILL)

    meanwhile(kill)
    assert run(CALL) == ExitStatus.CANNOT_WORK
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        "grade: The supervisor of the run was ended from outside (wait status 9). "
        "Nothing is known about the submission: grade it again.\n"
    )
    assert names(folder) == ["exercise.yaml", "student.py"]


def test_a_template_that_is_killed(folder: Path) -> None:
    """The interpreter that waits to be copied is started again."""
    plan = Plan(read_submission(folder / "student.py"), Limits())
    before = children_of(os.getpid())
    with WarmRunner() as warm:
        warm([plan])
        (host,) = children_of(os.getpid()) - before
        (template,) = traced_children(host, {host})
        os.kill(template, signal.SIGKILL)
        (trace,) = warm([plan])
    assert (trace.outcome, trace.doubts) == (Outcome.FINISHED, ())


def test_the_exercise_and_the_script_are_changed_meanwhile(
    folder: Path, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    """What was read at the beginning is what counts."""

    def change() -> None:
        (folder / "exercise.yaml").write_text("no: exercise")
        (folder / "student.py").write_text("raise ValueError")

    meanwhile(change)
    assert run(CALL) == ExitStatus.PASSED
    assert "hello" in (folder / "report.html").read_text(encoding="utf-8")


def test_the_exercise_and_the_script_are_removed_meanwhile(
    folder: Path, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    """They are not looked for a second time."""

    def remove() -> None:
        (folder / "exercise.yaml").unlink()
        (folder / "student.py").unlink()

    meanwhile(remove)
    assert run(CALL) == ExitStatus.PASSED
    assert names(folder) == ["report.html", "result.json"]


@pytest.mark.parametrize("option", ["-o", "--json"])
def test_a_full_device(folder: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The result is shown, and why it is not kept."""
    assert run([*CALL, option, "/dev/full"]) == ExitStatus.CANNOT_WORK
    told = capsys.readouterr()
    assert "1 of 1 point" in told.out
    assert told.err == (
        "grade: /dev/full cannot be written: No space left on device. The result above stands; "
        "name another place with -o or --json.\n"
    )


def test_no_room_for_the_report(
    folder: Path,
    meanwhile: Callable[[Callable[[], object]], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The report of before stays whole, and nothing half-written lies beside it."""
    (folder / "report.html").write_text("the report of before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    meanwhile(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard)))
    try:
        assert run(CALL) == ExitStatus.CANNOT_WORK
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert capsys.readouterr().err.splitlines() == [
        f"grade: {name} cannot be written: File too large. The result above stands; name another "
        "place with -o or --json."
        for name in ("report.html", "result.json")
    ]
    assert (folder / "report.html").read_text() == "the report of before"
    assert names(folder) == ["exercise.yaml", "report.html", "student.py"]


def test_a_script_that_is_killed_from_outside(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As when the machine runs out of memory, and again each time that the run is made again: no
    point is given or taken, and it is said why.
    """
    (folder / "student.py").write_text("while True: pass\n")
    before = children_of(os.getpid())

    def kill_who_computes() -> None:
        (host,) = children_of(os.getpid()) - before
        for pid in children_of(host):  # a template computes little
            if (cpu_time(pid) or 0) > 6 * 10**8:
                os.kill(pid, signal.SIGKILL)
        os.sched_yield()

    monkeypatch.setattr(script, "_prepare_report", lambda: repeat(kill_who_computes))
    assert run([*CALL, "--schedules", "1"]) == ExitStatus.CANNOT_WORK
    captured = capsys.readouterr()
    told = " ".join(captured.out.split())
    assert "a process was killed from outside the run (signal 9)" in told, captured.err
