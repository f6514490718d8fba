"""Exercises as tests: an item a check, failures in the finding's words."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from grader.checks import Status
from grader.classroom.autograders import one_student
from grader.classroom.batch.job import Crashed, Graded, Job, JobResult, NotRun
from tests.classroom.outputs.class_results import check, text
from tests.classroom.test_documentation import OUTPUTS, blocks

pytest_plugins = "pytester"

EXERCISE = """
id: {id}
title: Anything
task: Anything that ends well.
run: {{schedules: {{count: 1}}}}
checks:
  - {{id: clean, points: 2, expect: The program ends without an error, clean: true}}
  - {{id: hello, needs: [clean], expect: It says hello, prints: {{text: hello, by: main}}}}
"""


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Exercises, an answer to one of them, and what else lies around in a repository."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for path, content in {
        "exercises/any.yaml": EXERCISE.format(id="any"),
        "exercises/other.yaml": EXERCISE.format(id="other"),
        "exercises/course.yaml": "exercises: [{file: any.yaml}]\n",
        "exercises/notes.yaml": "- not an exercise\n",
        "exercises/any.py": "the teacher's own\n",
        "any.py": "1 / 0\n",
        "test_any.py": "def test_own(): pass\n",
    }.items():
        place = pytester.path / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(content)
    return pytester


def graded_as(monkeypatch: pytest.MonkeyPatch, answer: JobResult) -> list[Job]:
    """Every grading comes to this; what was asked for."""
    asked: list[Job] = []

    def carried_out(task: Job) -> JobResult:
        asked.append(task)
        return answer

    monkeypatch.setattr(one_student, "carry_out", carried_out)
    return asked


def graded(*statuses: Status, points: Sequence[float] = (2, 1)) -> Graded:
    checks = tuple(
        check(name, status, possible)
        for name, status, possible in zip(("clean", "hello"), statuses, points, strict=True)
    )
    return Graded(1.5, 3, False, "crashed", checks, text("A note on it."), b"")


def run(folder: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Without a plugin that cannot run inside itself."""
    return folder.runpytest_inprocess("-p", "no:playwright", *arguments)


def run_apart(folder: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """In a process of its own: what grades is loaded once in a process, and a run inside of this
    one would have it forgotten.
    """
    return folder.runpytest_subprocess("-p", "no:playwright", *arguments)


def test_a_real_answer(folder: pytest.Pytester) -> None:
    """A failure prints what was expected and what happened; what depends on it is skipped."""
    result = run_apart(folder, "exercises/any.yaml", "--submission", ".", "-rs")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "*any: clean*",
            "✘ failed: The program ends without an error",
            "Main stopped with an error at line 1: `ZeroDivisionError: division by zero`.",
            "any.py:1",
            "*= grader =*",
            "any: 0 of 3 points.",
            "SKIPPED*↷ skipped: It says hello*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_in_any_ci(folder: pytest.Pytester) -> None:
    """The command in docs/class-outputs.md does all that a CI needs: its status says whether all
    passed, and the JUnit file has a case a check. The workflow that is shown runs the same lines.
    """
    (script,) = blocks(OUTPUTS, "sh")[-1:]
    install, command = script.splitlines()
    assert install.startswith("pip install pytest git+https://")
    (workflow,) = (yaml.safe_load(block) for block in blocks(OUTPUTS, "yaml"))
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [
        install.partition("  #")[0],
        command,
    ]
    shutil.copy("any.py", "other.py")
    Path("any.py").write_text("print('hello')\n")
    program, *arguments = shlex.split(command)
    assert program == "pytest"
    result = run_apart(folder, *arguments)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=2, failed=1, skipped=1)
    cases = ElementTree.parse("results.xml").iter("testcase")
    assert [case.get("name") for case in cases] == ["clean", "hello", "clean", "hello"]


def test_an_exercise_is_graded_once(
    folder: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the number of its checks; passes are passes."""
    asked = graded_as(monkeypatch, graded(Status.PASSED, Status.LUCKY))
    options = (
        "--submission",
        ".",
        "--submission-schedules",
        "4",
        "--submission-isolation",
        "basic",
    )
    result = run(folder, "exercises/any.yaml", *options)
    result.assert_outcomes(passed=1, failed=1)
    (task,) = asked
    assert (task.submission.script.content, task.options.schedules) == (b"1 / 0\n", 4)
    assert result.stdout.str().count("any: 1.5 of 3 points.") == 1
    assert result.stdout.str().count("A note on it.") == 1


def test_all_of_a_folder(folder: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exercises are told from other files; what nobody answered fails and says so; the teacher's
    own scripts and tests are no answers.
    """
    graded_as(monkeypatch, graded(Status.PASSED, Status.PASSED))
    result = run(folder, "exercises", "--submission", ".")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["Nothing was handed in for other: call it other.py."])


def test_an_answer_of_another_name(
    folder: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one exercise is graded and one script is there, its name does not matter."""
    asked = graded_as(monkeypatch, graded(Status.PASSED, Status.PASSED))
    (folder.path / "any.py").rename(folder.path / "solution.py")
    run(folder, "exercises/any.yaml", "--submission", ".").assert_outcomes(passed=2)
    assert asked[0].submission.path == Path("solution.py")


def test_advice_is_told_and_passes(
    folder: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Advice is told as advice, and never counted."""
    graded_as(monkeypatch, graded(Status.PASSED, Status.FAILED, points=(2, 0)))
    result = run(folder, "exercises/any.yaml", "--submission", ".")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["hello: ☞ advice: The claim of hello*"])


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (NotRun(text("There is no Python.")), "There is no Python."),
        (Crashed("Traceback\nMemoryError"), "MemoryError"),
        (replace(graded(*[Status.INCONCLUSIVE] * 2), score=None), "What clean saw"),
    ],
)
def test_what_cannot_be_judged(
    answer: JobResult, told: str, folder: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error of the test, and no failure of the student."""
    graded_as(monkeypatch, answer)
    result = run(folder, "exercises/any.yaml", "--submission", ".")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines([told])


def test_on_the_scripts_own_word(folder: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --submission-witness script the script's own word is asked for, and said to be no more;
    what it can never decide is skipped, and the score is that of the others.
    """
    found = replace(graded(Status.INCONCLUSIVE, Status.PASSED), witness="script", possible=1)
    asked = graded_as(monkeypatch, found)
    options = ("--submission", ".", "--submission-witness", "script")
    result = run(folder, "exercises/any.yaml", *options)
    assert [task.options.witness for task in asked] == ["script"]
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["This is a self-check: *", "any: 1.5 of 1 points."])


def test_the_kernel_is_insisted_upon(
    folder: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing else is said no answer is graded on its own word."""
    asked = graded_as(monkeypatch, graded(Status.PASSED, Status.PASSED))
    run(folder, "exercises/any.yaml", "--submission", ".")
    assert [task.options.witness for task in asked] == ["kernel"]


def test_what_cannot_be_had_together(folder: pytest.Pytester) -> None:
    """Nothing is shut off from a script on its own word."""
    options = ("--submission", ".", "--submission-witness", "script")
    result = run(folder, *options, "--submission-isolation", "bwrap")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--submission-isolation bwrap cannot be had together*"])


def test_in_chinese(folder: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the language asked for."""
    graded_as(monkeypatch, graded(Status.FAILED, Status.PASSED))
    options = ("--submission", ".", "--submission-lang", "zh")
    result = run(folder, "exercises/any.yaml", *options)
    result.stdout.fnmatch_lines(["✘ 没通过: 中：The claim of clean", "中：What clean saw"])


def test_a_wrong_exercise(folder: pytest.Pytester) -> None:
    """Its problems are told with their places, when the tests are collected."""
    (folder.path / "exercises/any.yaml").write_text("id: any\ntask: x\n")
    result = run(folder, "exercises/any.yaml", "--submission", ".")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*exercises/any.yaml:1:1:*title*"])


def test_no_such_folder(folder: pytest.Pytester) -> None:
    """A wrong call is told, and nobody fails by it."""
    result = run(folder, "exercises/any.yaml", "--submission", "nowhere")
    result.stderr.fnmatch_lines(["*--submission: there is no folder *nowhere*"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_without_a_submission(folder: pytest.Pytester) -> None:
    """The plugin does nothing where nobody asks for it."""
    result = run(folder, "exercises")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
