"""What docs/classes.md and docs/class-outputs.md say is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from grader.classroom.batch.overrides import COLUMNS as OVERRIDE_COLUMNS
from grader.classroom.batch.overrides import read_overrides
from grader.classroom.course import load_course
from grader.classroom.outputs.class_page import CLASS_PAGE, SIMILAR_PAGE
from grader.classroom.outputs.gradebook import COLUMNS, GRADEBOOK, WITNESS
from grader.cli.options import FOR_A_CLASS, OPTIONS
from grader.exit_status import ExitStatus
from tests.classroom.class_folder import course_of

DOCS = Path(__file__).parents[2] / "docs"
CLASSES = (DOCS / "classes.md").read_text(encoding="utf-8")
OUTPUTS = (DOCS / "class-outputs.md").read_text(encoding="utf-8")


def options() -> set[str]:
    return {flag for each in OPTIONS for flag in each.flags}


def blocks(text: str, kind: str = "") -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M)
    return [block for name, block in found if name == kind]


def test_every_option_is_there() -> None:
    """Each option that is named is one of the command's, of the plugin's, or another program's."""
    others = {"--submission", "--submission-lang", "--submission-schedules", "--junit-xml"}
    others |= {"--submission-isolation", "--submission-witness"}
    others |= {"--infilter", "--quiet"}  # LibreOffice's, pip's
    others |= {"--help"}  # which every command has
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", CLASSES + OUTPUTS))
    assert named - others <= options()


def test_every_option_for_a_class_is_documented() -> None:
    """No option that is for a class only is left out."""
    for each in OPTIONS:
        if each.section in FOR_A_CLASS:
            assert each.flags[-1] in CLASSES + OUTPUTS, each.flags[-1]


def test_the_columns_of_the_gradebook() -> None:
    """The table has the columns of the gradebook, in their order."""
    table = OUTPUTS[OUTPUTS.index("## The gradebook") : OUTPUTS.index("## Your own file")]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert tuple(name for row in rows for name in re.findall(r"`(\w+)`", row)) == (
        *COLUMNS,
        WITNESS,
    )


def test_the_files_that_are_written() -> None:
    """The files are called as it says."""
    for name in (GRADEBOOK, CLASS_PAGE, SIMILAR_PAGE):
        assert f"| `{name}` |" in OUTPUTS


def test_the_exit_statuses() -> None:
    """The table has every exit status of a class, and no other."""
    statuses = [int(number) for number in re.findall(r"^\| (\d+) \|", CLASSES, re.M)]
    assert statuses == [
        ExitStatus.ALL_GRADED,
        ExitStatus.NOT_PASSED,
        ExitStatus.WRONG_CALL,
        ExitStatus.CANNOT_WORK,
        ExitStatus.INTERRUPTED,
    ]


def test_the_course_in_the_documentation(tmp_path: Path) -> None:
    """The `course.yaml` that is shown is right."""
    (shown,) = blocks(CLASSES, "yaml")
    course_of(tmp_path, "start", "join")
    (tmp_path / "course.yaml").write_text(shown, encoding="utf-8")
    course = load_course(tmp_path)
    assert {one.exercise.id: one.answers for one in course.exercises} == {
        "start": ("ex1*.py",),
        "join": ("ex2*.py", "week2/*.py"),
    }
    assert all(one.deadline is not None for one in course.exercises)


def test_the_overrides_in_the_documentation(tmp_path: Path) -> None:
    """The `overrides.csv` that is shown is right."""
    (shown,) = (block for block in blocks(CLASSES) if block.startswith(",".join(OVERRIDE_COLUMNS)))
    (tmp_path / "overrides.csv").write_text(shown, encoding="utf-8")
    rows = read_overrides(tmp_path / "overrides.csv")
    assert [(row.student, row.override.score, row.override.reason) for row in rows] == [
        ("张三", 7.5, "asked, and knew why"),
        ("501", 0, "copied"),
    ]
