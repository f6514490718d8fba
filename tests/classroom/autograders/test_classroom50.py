"""What Classroom 50 is given, in the form that it documents."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.checks import Status
from grader.classroom.autograders import one_student
from grader.classroom.autograders.classroom50 import SCHEMA, release_body, result_json
from grader.classroom.autograders.one_student import Graded
from grader.classroom.batch.job import Graded as Judged
from grader.exit_status import UserError
from grader.messages import say
from grader.options import Options
from tests.classroom.class_folder import course_of, write
from tests.classroom.outputs.class_results import check, text
from tests.classroom.test_documentation import OUTPUTS, blocks

RUNNER = {
    "CLASSROOM": "os-2026",
    "ASSIGNMENT": "join",
    "SUBMISSION_TAG": "submit/2026-09-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://github.com/x/os-2026-join-ada/commit/a1b2c3d",
    "RELEASE_URL": "https://github.com/x/os-2026-join-ada/releases/tag/submit%2Fa1b2c3d",
    "REVIEW_URL": "",
}
"""What the runner puts into the environment."""


def require_documented_form(result: dict[str, object]) -> None:
    """What ``schemas/result-v1.schema.json`` of foundation50/classroom50 asks of a file, before
    the runner puts ``owner`` and ``assignment_type`` into it.
    """
    of_texts = ("classroom", "assignment", "submission", "commit", "release", "review", "datetime")
    assert set(result) == {"schema", *of_texts, "score", "max-score", "tests"}
    assert result["schema"] == "classroom50/result/v1" == SCHEMA
    assert all(isinstance(result[name], str) and result[name] for name in of_texts)
    assert str(result["submission"]).startswith("submit/")
    shape = r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ"
    assert re.fullmatch(shape, str(result["datetime"]))
    tests = result["tests"]
    assert isinstance(tests, list)
    for test in tests:
        assert isinstance(test["test-name"], str)
        assert test["test-name"]
        assert type(test["passed"]) is bool
        assert type(test["score"]) is type(test["max-score"]) is int
        assert 0 <= test["score"] <= test["max-score"]
    for name in ("score", "max-score"):
        assert type(result[name]) is int
        assert result[name] == sum(test[name] for test in tests)


def graded(tmp_path: Path, *checks: object) -> Graded:
    answer = Judged(3.0, 4.0, False, "finished", checks, text("A note."), b"")  # type: ignore[arg-type]
    (exercise,) = course_of(tmp_path / "course", "join").exercises
    return Graded(exercise, answer)


def test_a_test_a_check(tmp_path: Path) -> None:
    """Points of each check; advice has none and is no test."""
    grade = graded(
        tmp_path,
        check("waits", Status.PASSED),
        check("once", Status.LUCKY),
        check("polls", Status.FAILED, 0),
    )
    result = json.loads(result_json([grade], RUNNER))
    require_documented_form(result)
    assert result["tests"] == [
        {"test-name": "join: waits", "passed": True, "score": 2, "max-score": 2},
        {"test-name": "join: once", "passed": False, "score": 0, "max-score": 2},
    ]
    assert result["review"] == RUNNER["COMMIT_URL"]


def test_parts_of_points(tmp_path: Path) -> None:
    """Classroom 50 has whole points: all are multiplied until they are whole."""
    grade = graded(
        tmp_path, check("waits", Status.PASSED, 0.5), check("once", Status.PASSED, 1 / 3)
    )
    result = json.loads(result_json([grade], RUNNER))
    require_documented_form(result)
    assert [(test["score"], test["max-score"]) for test in result["tests"]] == [(3, 3), (2, 2)]


def test_no_answer(tmp_path: Path) -> None:
    """What was not handed in is a test that did not pass."""
    (exercise,) = course_of(tmp_path / "course", "join").exercises
    grade = Graded(exercise, say("Nothing was handed in for {exercise}.", exercise="join"))
    result = json.loads(result_json([grade], RUNNER))
    require_documented_form(result)
    assert result["tests"] == [{"test-name": "join", "passed": False, "score": 0, "max-score": 1}]


def test_what_cannot_be_judged(tmp_path: Path) -> None:
    """There is no result, so the runner reports an error and nobody loses points."""
    (exercise,) = course_of(tmp_path / "course", "join").exercises
    unjudged = Judged(None, 4.0, False, "finished", (), text("Nobody knows."), b"")
    with pytest.raises(UserError, match="Nobody knows"):
        result_json([Graded(exercise, unjudged)], RUNNER)


def test_what_the_student_reads(tmp_path: Path) -> None:
    """The finding's words, in blocks that nothing a program printed can end."""
    grade = graded(tmp_path, check("waits", Status.FAILED, happened="~~~\n<img src=x>"))
    body = release_body([grade], "en")
    assert "~~~~text\nThe claim of waits\n" in body
    assert "**3 / 4**" in body
    assert body.count("~~~~") == 2


def test_in_a_container_of_the_platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root grades there, and mostly without namespaces: what is left is asked for by name."""
    asked: list[str] = []

    def grade_answer(exercise: object, found: object, options: Options, language: str) -> None:
        asked.append(options.isolation)

    monkeypatch.setattr(one_student, "grade_answer", grade_answer)
    course = course_of(tmp_path / "course", "join")
    (tmp_path / "handed-in").mkdir()
    for namespaces in (False, True):
        monkeypatch.setattr(one_student, "has_private_mounts", lambda has=namespaces: has)
        one_student.grade_folder(tmp_path / "handed-in", course, "en")
    assert asked == ["basic", "auto"]


def test_the_example(tmp_path: Path) -> None:
    """The ``autograder.py`` in docs/class-outputs.md, called as the runner calls it, leaves a
    result and a release body; what it installs is here already.
    """
    (example,) = (block for block in blocks(OUTPUTS, "python") if "classroom50" in block)
    assert "pip" in example
    bundle = tmp_path / "bundle"
    course_of(bundle, "join")
    pip = write(tmp_path / "here", {"pip/__init__.py": "", "pip/__main__.py": ""})
    write(bundle, {"autograder.py": example})
    checkout = write(
        tmp_path / "checkout",
        {"join.py": "print('hello')\n", ".classroom50.yaml": "", "tests/test_join.py": ""},
    )
    done = subprocess.run(
        [sys.executable, bundle / "autograder.py"],
        cwd=checkout,
        env={**os.environ, **RUNNER, "PYTHONPATH": str(pip)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads((checkout / "result.json").read_text("utf-8"))
    require_documented_form(result)
    assert (result["score"], result["max-score"]) == (1, 1)
    assert "**1 / 1**" in (checkout / "release-body.md").read_text("utf-8")
