"""`grade` where the kernel refuses to be the witness: a self-check, and nothing that looks like a
grade.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.exit_status import ExitStatus
from tests.refusing import refuse_the_kernel

ROOT = Path(__file__).parents[1]
SUBMISSIONS = ROOT / "tests" / "submissions"


@dataclass(frozen=True)
class Answer:
    """What the command answered: its status, its words on one line, the JSON and the report."""

    status: int
    told: str
    complaint: str
    json: Any
    page: str


def graded(folder: Path, exercise: str, script: Path, *options: str) -> Answer:
    """The answer of the command, in a process in which ptrace and seccomp are refused."""
    made = folder / "result.json", folder / "report.html"
    process = subprocess.run(
        [
            *(sys.executable, "-m", "grader", exercise, str(script), "--lang", "en"),
            *("--json", str(made[0]), "-o", str(made[1]), *options),
        ],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        preexec_fn=refuse_the_kernel,
    )
    texts = [path.read_text("utf-8") if path.exists() else "" for path in made]
    told = " ".join(process.stdout.split())
    saved = json.loads(texts[0]) if texts[0] else None
    return Answer(process.returncode, told, process.stderr, saved, texts[1])


def test_a_right_answer(tmp_path: Path) -> None:
    """Terminal, JSON and report say first that it is a self-check; a timeline is drawn."""
    found = graded(tmp_path, "subclass", ROOT / "solutions/subclass.py", "--schedules", "1")
    assert (found.status, found.complaint) == (ExitStatus.PASSED, "")
    assert " · subclass.py · witness: the script itself This is a self-check: " in found.told
    assert "points: right as far as it was tried here." in found.told
    assert (found.json["witness"], found.json["passed"]) == ("script", True)
    assert {each["role"] for each in found.json["processes"]} == {"main", "child"}
    assert "This is a self-check: " in found.page
    assert '<svg class="timeline"' in found.page


@pytest.mark.exhaustive
def test_a_wrong_answer(tmp_path: Path) -> None:
    """It fails as it does by the kernel's word."""
    wrong = SUBMISSIONS / "subclass/wrong/no_join.py"
    found = graded(tmp_path, "subclass", wrong, "--schedules", "1")
    assert (found.status, found.complaint) == (ExitStatus.NOT_PASSED, "")
    assert found.json["passed"] is False


@pytest.mark.exhaustive
def test_a_lucky_answer(tmp_path: Path) -> None:
    """sleep() in place of join() is caught: by a delay on the real clock, where the machine itself
    was not slow enough to show it.
    """
    found = graded(tmp_path, "join", SUBMISSIONS / "join/wrong/sleep_for_join.py")
    assert found.status == ExitStatus.NOT_PASSED
    assert {each["status"] for each in found.json["checks"]} & {"lucky", "failed"}


EXERCISE = """\
id: lets-go
title: Let go
task: Print hello, and keep no connection open.
checks:
  - {id: says, expect: It says hello, prints: {text: hello, by: main}}
  - {id: lets-go, expect: It keeps nothing open, keeps-open: {who: main, at-most: 0}}
"""


def test_what_cannot_be_judged(tmp_path: Path) -> None:
    """Nothing failed, and yet it is no pass: status 3, and why."""
    exercise, script = tmp_path / "lets-go.yaml", tmp_path / "student.py"
    exercise.write_text(EXERCISE)
    script.write_text("print('hello')\n")
    found = graded(tmp_path, str(exercise), script)
    assert (found.status, found.complaint) == (ExitStatus.CANNOT_WORK, "")
    assert (found.json["score"], found.json["passed"], found.json["unjudged"]) == (None, None, 1)
    assert "Only the kernel can say which connections a process still has open" in found.told
    assert "1 of 1 points. 1 check, worth 1, could not be judged here." in found.told


@pytest.mark.exhaustive
def test_what_the_platforms_page_says_is_left_out(tmp_path: Path) -> None:
    """Of the chat server the check of the client that pauses for minutes, and advice."""
    script = ROOT / "solutions/chat-server.py"
    found = graded(tmp_path, "chat-server", script, "--schedules", "1")
    unjudged = [each["id"] for each in found.json["checks"] if each["status"] == "inconclusive"]
    assert unjudged == ["patient", "lets-go"]


@pytest.mark.exhaustive
def test_the_kernel_or_nothing(tmp_path: Path) -> None:
    """Who insists on the kernel hears why it cannot be had."""
    found = graded(tmp_path, "join", ROOT / "solutions/join.py", "--witness", "kernel")
    assert (found.status, found.json) == (ExitStatus.CANNOT_WORK, None)
    assert "does not allow ptrace or seccomp here" in found.complaint


@pytest.mark.needs("bwrap")
def test_nothing_is_shut_off_from_a_self_check(tmp_path: Path) -> None:
    """Who wants the script shut off gets no self-check instead, and hears how to have one."""
    found = graded(tmp_path, "join", ROOT / "solutions/join.py", "--isolation", "bwrap")
    assert (found.status, found.json) == (ExitStatus.CANNOT_WORK, None)
    assert "does not allow ptrace or seccomp here" in found.complaint
    assert "because --isolation bwrap was asked for: leave that out to have one." in found.complaint


@pytest.mark.exhaustive
def test_an_order_that_needs_the_kernel(tmp_path: Path) -> None:
    """It is said which ones can be had without it."""
    found = graded(tmp_path, "join", ROOT / "solutions/join.py", "--replay", "child-first")
    assert found.status == ExitStatus.CANNOT_WORK
    assert "This order of events needs the kernel as witness." in found.complaint


def class_of_one(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """A class in which ada's script does nothing but print."""
    (folder / "class" / "ada").mkdir(parents=True)
    (folder / "class" / "ada" / "start.py").write_text("print('hello')\n")
    return subprocess.run(
        [
            *(sys.executable, "-m", "grader", "class", "start", "class", "--lang", "en"),
            *("--schedules", "1", "--jobs", "1", *options),
        ],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        preexec_fn=refuse_the_kernel,
    )


@pytest.mark.exhaustive
def test_a_class_is_not_graded_on_the_scripts_word(tmp_path: Path) -> None:
    """Not unless that is asked for: there is no mark, and no 0 either."""
    process = class_of_one(tmp_path)
    assert process.returncode == ExitStatus.CANNOT_WORK
    with (tmp_path / "reports" / "gradebook.csv").open(encoding="utf-8-sig") as file:
        (ada,) = csv.DictReader(file)
    assert (ada["outcome"], ada["score"], ada.get("witness")) == ("not-graded", "", None)


@pytest.mark.exhaustive
def test_a_class_that_is_graded_on_the_scripts_word(tmp_path: Path) -> None:
    """It is said before, after, and in the gradebook."""
    process = class_of_one(tmp_path, "--witness", "script")
    assert process.returncode == ExitStatus.ALL_GRADED, process.stderr
    assert "With --witness script nothing is shut off from the scripts" in process.stderr
    assert "These marks rest on the scripts' own word" in process.stdout
    heads, ada = (tmp_path / "reports" / "gradebook.csv").read_text("utf-8-sig").splitlines()
    assert (heads.split(",")[-1], ada.split(",")[-1]) == ("witness", "script")
