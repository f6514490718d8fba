"""`grade test`, and the same as pytest items: samples are graded and compared with what must be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.classroom.batch import job as jobs
from grader.classroom.batch.job import Crashed, Graded, Job, JobResult, NotRun
from grader.cli import run
from grader.messages import Localized
from grader.options import Options

pytest_plugins = "pytester"

EXERCISE = """\
id: greet
title: Greet
task: Main prints `hello` and ends well.
run: {schedules: {count: 1}}
checks:
  - {id: hello, points: 2, expect: It says hello, prints: {text: hello, by: main}}
  - {id: clean, expect: It ends well, clean: true}
"""
MANIFEST = (
    "samples:\n  wrong/silent.py: {fails: [hello], score: 1}\n  wrong/fails.py: {fails: [hello]}\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An exercise with three samples, one of which does not come out as its row says."""
    for name, content in {
        "greet.yaml": EXERCISE,
        "greet.samples/samples.yaml": MANIFEST,
        "greet.samples/solution.py": "print('hello')\n",
        "greet.samples/wrong/silent.py": "print('hi')\n",
        "greet.samples/wrong/fails.py": "print('hello')\nexit(1)\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def test_all_samples_are_graded_and_compared(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line each with its points and what is reported, and below it what is otherwise."""
    assert run(["test", str(folder / "greet.yaml"), "--jobs", "1", "--lang", "en"]) == 1
    assert re.sub(r"[0-9.]+ s,", "_ s,", capsys.readouterr().out) == (
        "greet\n"
        "  ✔ solution.py          3/3\n"
        "  ✘ wrong/fails.py       2/3  ✘ clean\n"
        "      hello must be failed, and is passed.\n"
        "      clean must not be failed: Main ended by itself at _ s, with exit status 1. "
        "Line 2 did that: `exit(1)`.\n"
        "  ✔ wrong/silent.py      1/3  ✘ hello\n"
        "3 samples of 1 exercise: 1 not as they must be.\n"
    )


def test_without_samples_there_is_nothing_to_test(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said where they belong."""
    (folder / "greet.samples").rename(folder / "elsewhere")
    assert run(["test", str(folder), "--lang", "en"]) == 2
    place = folder / "greet.samples"
    assert capsys.readouterr().err == f"grade: There are no samples: put scripts into {place}.\n"


def test_wrong_files_are_told_before_anything_is_graded(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors of the exercises and of the files of their samples."""
    (folder / "wrong.yaml").write_text("id: wrong\n")
    (folder / "greet.samples" / "samples.yaml").write_text("sample: {}\n")
    assert run(["test", str(folder), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert "wrong.yaml:1:1: an exercise needs 'title', 'task' and 'checks'" in told
    assert "samples.yaml:1:1: unknown key 'sample' in a file of samples." in told


def as_items(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, results: dict[str, JobResult]
) -> pytest.RunResult:
    """The samples of the folder as pytest items, graded so."""

    def carried_out(task: Job) -> JobResult:
        assert task.options == Options(schedules=2, witness="kernel")
        return results[task.submission.path.stem]

    monkeypatch.setattr(jobs, "carry_out", carried_out)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    arguments = ("-p", "no:playwright", "--exercise-samples", "--submission-schedules=2", "-rA")
    return pytester.runpytest_inprocess(*arguments)


def test_samples_are_pytest_items(
    folder: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that comes out otherwise fails in the same words, and so does what cannot be run."""
    (folder / "greet.yaml").rename(pytester.path / "greet.yaml")
    (folder / "greet.samples").rename(pytester.path / "greet.samples")
    reason = Localized({"en": "There is no ptrace.", "zh": "没有 ptrace。"})
    right = Graded(3, 3, True, "finished", (), None, b"")
    results = {"solution": right, "silent": Crashed("Oh no"), "fails": NotRun(reason)}
    result = as_items(pytester, monkeypatch, results)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*The grader failed: Oh no*"])
    result.stdout.fnmatch_lines(["*There is no ptrace.*"])
