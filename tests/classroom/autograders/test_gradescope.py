"""Gradescope's results, and the zip file of its autograder."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from grader.checks import Status
from grader.classroom.autograders.gradescope import (
    requirements,
    results_json,
    write_autograder,
)
from grader.classroom.autograders.one_student import Graded, answers_of_one
from grader.classroom.batch.job import Crashed, JobResult, NotRun
from grader.classroom.batch.job import Graded as Given
from grader.classroom.course import load_course
from grader.exit_status import UserError
from grader.messages import say
from tests.classroom.class_folder import course_of, write
from tests.classroom.outputs.class_results import check, text


def given(*checks: object) -> Given:
    return Given(3.0, 4.0, False, "finished", checks, text("A note."), b"")  # type: ignore[arg-type]


def graded(tmp_path: Path, *answers: object) -> list[Graded]:
    ids = [f"ex{number}" for number in range(len(answers))]
    course = course_of(tmp_path / "course", *ids)
    return [
        Graded(exercise, answer)  # type: ignore[arg-type]
        for exercise, answer in zip(course.exercises, answers, strict=True)
    ]


def test_a_test_a_check(tmp_path: Path) -> None:
    """Scores and words of each check; advice has no points and fails nobody."""
    answer = given(
        check("waits", Status.PASSED),
        check("once", Status.LUCKY),
        check("polls", Status.FAILED, 0),
    )
    found = json.loads(results_json(graded(tmp_path, answer), "en"))
    assert found.pop("tests") == [
        {
            "status": "passed",
            "output": "✔ passed",
            "tags": ["waits", "passed"],
            "visibility": "visible",
            "score": 2,
            "max_score": 2,
            "name": "The claim of waits",
            "number": "1",
        },
        {
            "status": "failed",
            "output": "☘ lucky\nWhat once saw\nWhy once\nThen once?\nHint: Think of once\n"
            "join.py, line 7",
            "tags": ["once", "lucky"],
            "visibility": "visible",
            "score": 0,
            "max_score": 2,
            "name": "The claim of once",
            "number": "2",
        },
        {
            "status": "passed",
            "output": "☞ advice\nWhat polls saw\nWhy polls\nThen polls?\nHint: Think of polls\n"
            "join.py, line 7",
            "tags": ["polls", "failed"],
            "visibility": "visible",
            "name": "The claim of polls",
            "number": "3",
        },
    ]
    assert found["output"] == "A note."
    assert found["stdout_visibility"] == "hidden"


def test_several_exercises(tmp_path: Path) -> None:
    """Each test says which exercise it is of; what was not handed in has no points."""
    answers = (given(check("waits", Status.PASSED)), say("Nothing was handed in."))
    first, second = json.loads(results_json(graded(tmp_path, *answers), "en"))["tests"]
    assert (first["name"], first["number"]) == ("Anything: The claim of waits", "1.1")
    assert (second["output"], second["score"], second["max_score"]) == (
        "Nothing was handed in.",
        0,
        1,
    )


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (NotRun(text("No Python.")), "No Python."),
        (Crashed("MemoryError"), "The grader failed: MemoryError"),
        (replace(given(check("waits", Status.INCONCLUSIVE)), score=None), "A note."),
    ],
)
def test_no_judgement_is_no_zero(answer: JobResult, reason: str, tmp_path: Path) -> None:
    """There are no results at all, so that Gradescope asks the instructor."""
    with pytest.raises(UserError) as found:
        results_json(graded(tmp_path, given(check("waits", Status.PASSED)), answer), "en")
    assert str(found.value) == reason


def test_which_script_answers(tmp_path: Path) -> None:
    """By names; tests, hidden files and the exercises' own programs answer nothing."""
    home = tmp_path / "home"
    home.mkdir()
    course = course_of(home / "exercises", "join", "start")
    write(
        home,
        ["02-join.py", "src/start.py", "test_join.py", ".venv/join.py", "exercises/start.py"],
    )
    found = answers_of_one(home, course)
    assert {one.exercise: one.file for one in found.hand_ins} == {
        "join": "02-join.py",
        "start": "src/start.py",
    }


def test_the_autograder_grades(tmp_path: Path) -> None:
    """Unpacked as Gradescope does, it grades a folder with nothing but what is in it."""
    course_of(tmp_path / "exercises", "join", "start")
    write(tmp_path / "exercises", {"course.yaml": "exercises: [{file: join.yaml}]\n"})
    path = tmp_path / "autograder.zip"
    write_autograder(path, load_course(tmp_path / "exercises"), "en")
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        modes = {each.filename: each.external_attr >> 16 for each in archive.infolist()}
        archive.extractall(tmp_path / "source")
    assert modes["setup.sh"] == modes["run_autograder"] == 0o100755
    assert {"exercises/join.yaml", "exercises/course.yaml", "grader/cli/__init__.py"} <= set(modes)
    assert "exercises/start.yaml" not in modes
    assert not any("__pycache__" in name for name in modes)
    write(tmp_path / "submission", {"join.py": "print('hello')\n"})
    call = [sys.executable, "-m", "grader.classroom.autograders.gradescope"]
    done = subprocess.run(
        [*call, "exercises", tmp_path / "submission", tmp_path / "out" / "results.json", "en"],
        cwd=tmp_path / "source",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    results = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    assert [(test["status"], test["score"]) for test in results["tests"]] == [("passed", 1)]


def test_the_scripts_are_shell() -> None:
    """Both scripts of the zip file are what bash understands."""
    from grader.classroom.autograders import gradescope

    for script in (gradescope._SETUP, gradescope._RUN.format(language="en")):
        assert script.startswith("#!/usr/bin/env bash\n")
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_requirements() -> None:
    """What the grader itself needs, and no extra."""
    names = {each.partition(">")[0] for each in requirements()}
    assert {"click", "jinja2", "pyyaml"} <= names
    assert not names & {"pytest", "copydetect", "distributed"}
