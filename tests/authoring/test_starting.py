"""`grade new`, `grade show`, `grade schema`: a draft works as it is, and is read as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring import lint
from grader.authoring.schema import SCHEMA, schema_text
from grader.authoring.starting import TEMPLATES
from grader.cli import run
from grader.cli.options import OPTIONS


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, where the commands are called."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_draft_is_written(template: str, place: Path) -> None:
    """It has no warning, has samples of right and wrong answers, and names the schema beside it."""
    assert run(["new", "sub/two-locks", "--template", template]) == 0
    file = place / "sub" / "two-locks.yaml"
    found = lint(file)
    assert (found.errors, found.warnings) == ((), ())
    first, second, *_ = file.read_text("utf-8").splitlines()
    assert (first, second) == (f"# yaml-language-server: $schema={SCHEMA}", "id: two-locks")
    assert (place / "sub" / SCHEMA).read_text("utf-8") == schema_text()
    scripts = [each.parent.name for each in place.glob("sub/two-locks.samples/**/*.py")]
    assert scripts.count("right") >= 1
    assert scripts.count("wrong") >= 5


@pytest.mark.parametrize(
    ("template", "orders"),
    [("wait", 1), *(pytest.param(each, 12, marks=pytest.mark.exhaustive) for each in TEMPLATES)],
)
def test_all_samples_of_a_draft_come_out_as_they_must(template: str, orders: int) -> None:
    """Whoever begins with it begins with an exercise that catches mistakes."""
    assert run(["new", "draft", "--template", template]) == 0
    assert run(["test", "draft.yaml", "--schedules", str(orders)]) == 0


def test_the_templates_are_those_of_the_option() -> None:
    """None is left out, and the first is what one gets without it."""
    (option,) = (each for each in OPTIONS if each.flags == ("--template",))
    assert set(option.kind.choices) == set(TEMPLATES)  # type: ignore[union-attr]
    assert option.default in TEMPLATES


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["new"], "Name the new exercise: grade new ID"),
        (["new", "a", "b"], "Name the new exercise: grade new ID"),
        (
            ["new", "Join"],
            "“Join” cannot be the id of an exercise: it has small letters a to z, digits and -, "
            "and begins with a letter, such as start-two.",
        ),
        (["new", "here"], "here.yaml is there already: choose another id."),
        (["new", "mine"], "mine.samples is there already: choose another id."),
        (["new", "file/mine"], "file/mine.yaml cannot be written: File exists."),
        (["show"], "Name one exercise: grade show EXERCISE"),
        (["schema", "join"], "grade schema takes no file or name."),
        (["lint"], "Name an exercise file, or a folder of them."),
    ],
)
def test_what_cannot_be_done(
    call: list[str], said: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, and nothing that is there is written over."""
    (place / "here.yaml").write_text("mine")
    (place / "mine.samples").mkdir()
    (place / "file").touch()
    assert run(call) == 2
    told = capsys.readouterr().err
    assert told.splitlines()[0] == f"grade: {said}"
    assert (place / "here.yaml").read_text() == "mine"


def test_an_exercise_is_shown_as_a_teacher_reads_it(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The task, the cast, and each check: points, claim, relation, what it needs, and hint."""
    (place / "a.yaml").write_text(
        "id: a\ntitle: A title\ntask: The task.\ncast:\n  p: {children-of: main, count: 1}\n"
        "checks:\n  - {id: starts, expect: It starts one, count: {who: p, is: 1}, hint: How so}\n"
        "  - id: waits\n    points: 2.5\n    any-duration: true\n    expect: It waits\n"
        "    needs: [starts]\n    waited:\n      for: p\n"
        "  - {id: nice, points: 0, expect: It is clean, clean: true}\n"
    )
    capsys.readouterr()
    assert run(["show", "a.yaml"]) == 0
    told = capsys.readouterr().out
    assert "A title" in told.splitlines()[0]
    assert told.partition("The task.")[2].strip() == (
        "Who takes part:\n"
        "  p: {children-of: main, count: 1}\n"
        "\n"
        "3 checks, 3.5 points:\n"
        "  starts (1): It starts one\n"
        "      count: {who: p, is: 1}\n"
        "      Hint: How so\n"
        "  waits (2.5): It waits\n"
        "      waited: for: p\n"
        "      needs: [starts]\n"
        "      any-duration: true\n"
        "  nice (advice): It is clean\n"
        "      clean: true"
    )


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """As its file has it, and nothing else."""
    assert run(["schema"]) == 0
    assert capsys.readouterr().out == schema_text()
