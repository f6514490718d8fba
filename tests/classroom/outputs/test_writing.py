"""What is written after a class was graded, and what is said about it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.classroom.batch.config import BatchConfig
from grader.classroom.model import ClassResults
from grader.classroom.outputs import OutputOptions, class_page, outputs, writers
from grader.cli import run
from grader.exit_status import ExitStatus, UserError
from grader.grading import Options
from tests.classroom.class_folder import course_of
from tests.classroom.outputs.class_results import class_of, exercise, result

WORKSHEET = (
    "Identifier,Full name,Status,Grade,Maximum Grade,Feedback comments\n"
    "Participant 1,Ada,Submitted,,100.00,\n"
    "Participant 2,Bo,Submitted,,100.00,\n"
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to write into."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


def written(
    results: ClassResults, options: OutputOptions, json: str | None = None
) -> Sequence[str]:
    batch = BatchConfig(
        Path("x.yaml"), (), Options(), "en", json=None if json is None else Path(json)
    )
    return [str(path) for write in writers(options) for path in write(results, batch)]


def test_always() -> None:
    """A gradebook and the page of the class."""
    assert written(class_of(result("Ada")), OutputOptions()) == [
        "reports/gradebook.csv",
        "reports/index.html",
    ]
    assert Path("reports/gradebook.csv").read_bytes().startswith(b"\xef\xbb\xbfstudent,id,")


def test_the_class_page_is_not_made_again_for_the_same_results(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Making it for a thousand students takes a good part of a second."""
    made: list[ClassResults] = []
    render = class_page.render_class

    def rendered(results: ClassResults, *rest: Any, **options: Any) -> str:
        made.append(results)
        return render(results, *rest, **options)

    monkeypatch.setattr(class_page, "render_class", rendered)
    results = class_of(result("Ada"))
    written(results, OutputOptions())
    page = Path("reports/index.html").read_text()
    written(results, OutputOptions())
    assert (len(made), Path("reports/index.html").read_text()) == (1, page)


@pytest.mark.parametrize("change", ["result", "wish", "deleted", "cut", "edited"])
def test_the_class_page_is_made_again_when_anything_is_another(change: str) -> None:
    """Another result, another wish; and a file that is gone, or not what was written."""
    results = class_of(result("Ada"))
    written(results, OutputOptions())
    place = Path("reports/index.html")
    page = place.read_text()
    if change == "deleted":
        place.unlink()
    elif change == "cut":
        place.write_text(page[: len(page) // 2])
    elif change == "edited":
        place.write_text(page.replace("Ada", "Mallory"))
    others = class_of(result("Ada", "wrong")) if change == "result" else results
    written(others, OutputOptions(anonymous=change == "wish"))
    assert (place.read_text() == page) == (change in ("deleted", "cut", "edited"))
    assert "Mallory" not in place.read_text()


def test_everything(tmp_path: Path) -> None:
    """All that can be wished, each told by its name; nothing else lies around."""
    Path("marks.csv").write_text(WORKSHEET)
    Path("ada.html").write_text("Ada's report")
    ada = result("Ada", place="Ada_1_assignsubmission_file", report=tmp_path / "ada.html")
    results = class_of(ada, platform="moodle")
    wishes = OutputOptions((Path("marks.csv"),), (), True, Path("j.xml"), False, 80)
    assert written(results, wishes, "r.jsonl") == [
        "reports/gradebook.csv",
        "r.jsonl",
        "j.xml",
        "reports/index.html",
        "reports/similar.html",
        "reports/feedback.zip",
        "reports/marks-filled.csv",
    ]
    assert len(list(Path("reports").iterdir())) == 5
    assert Path("marks.csv").read_text() == WORKSHEET
    assert 'href="similar.html"' in Path("reports/index.html").read_text("utf-8")


def test_every_module_with_an_output_is_one() -> None:
    """Each is written in an order of its own."""
    orders = [output.order for output in outputs()]
    assert orders == list(range(7))


def test_who_was_not_filled_in(capsys: pytest.CaptureFixture[str]) -> None:
    """How many were, and who was not, and why."""
    Path("marks.csv").write_text(WORKSHEET)
    written(
        class_of(result("Ada"), result("Cy", student_id="17")), OutputOptions((Path("marks.csv"),))
    )
    assert capsys.readouterr().out.splitlines() == [
        "marks-filled.csv: 1 mark is filled in. Rows without a submission: 1.",
        "  not filled in: Cy (17) · join: No row has this student's id or name.",
    ]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("none.csv", "none.csv cannot be read: No such file or directory."),
        (
            "odd.csv",
            "odd.csv cannot be filled in: it is neither the grading worksheet of a Moodle "
            "assignment nor the export of a Canvas gradebook.",
        ),
    ],
)
def test_a_file_that_cannot_be_filled_in(name: str, problem: str) -> None:
    """It is told before anything is graded."""
    Path("odd.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError) as found:
        writers(OutputOptions((Path(name),)))
    assert (str(found.value), found.value.status) == (problem, ExitStatus.WRONG_CALL)


def test_nothing_says_which_exercise() -> None:
    """It is told, when all else is written."""
    Path("marks.csv").write_text(WORKSHEET)
    results = class_of(result("Ada"), exercises=(exercise("join"), exercise("start")))
    with pytest.raises(UserError) as found:
        written(results, OutputOptions((Path("marks.csv"),)))
    assert str(found.value).startswith("marks.csv cannot be filled in: it has marks for one ")
    assert Path("reports/index.html").is_file()


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is told before anything is graded."""
    monkeypatch.setitem(sys.modules, "copydetect", None)
    with pytest.raises(UserError) as found:
        writers(OutputOptions(similar=80))
    assert (str(found.value), found.value.status) == (
        "--similar needs a package: pip install 'grader[similarity]'",
        ExitStatus.CANNOT_WORK,
    )


def test_no_feedback_for_moodle(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing came from Moodle that is said, and the rest is written."""
    assert len(written(class_of(result("Ada")), OutputOptions(feedback=True))) == 2
    assert capsys.readouterr().out == (
        "There is no feedback for Moodle: the submissions do not come from there.\n"
    )


def test_the_autograder_of_gradescope(capsys: pytest.CaptureFixture[str]) -> None:
    """It takes exercises only, and says what is wrong with a call."""
    course_of(Path("course"), "any")
    assert run(["course/any.yaml", "--gradescope", "out/a.zip"]) == 0
    assert capsys.readouterr().out == "out/a.zip\n"
    assert Path("out/a.zip").is_file()
    assert run(["course/any.yaml", "x.py", "--gradescope", "a.zip"]) == ExitStatus.WRONG_CALL
    assert run(["course/none.yaml", "--gradescope", "a.zip"]) == ExitStatus.WRONG_CALL
    assert run(["course/any.yaml", "--gradescope", "out/a.zip/b.zip"]) == ExitStatus.CANNOT_WORK
    assert not Path("a.zip").exists()


@pytest.mark.parametrize(
    "option", [["--fill", "x"], ["--column", "x"], ["--feedback"], ["--anonymous"]]
)
def test_options_of_a_class(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """For a single script they mean nothing, and are refused."""
    course_of(Path("course"), "any")
    Path("one.py").write_text("")
    assert run(["course/any.yaml", "one.py", *option]) == ExitStatus.WRONG_CALL
    assert capsys.readouterr().err == (
        f"grade: {option[0]} is for a class: name a folder of submissions.\n"
    )
