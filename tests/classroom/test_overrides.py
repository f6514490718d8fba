"""Marks that a teacher gives by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.classroom.batch.overrides import applied, read_overrides
from grader.classroom.model import Override, Student
from grader.exercise import ExerciseError

ADA, BO, OTHER_BO = Student("a1", "Ada"), Student("b1", "李四"), Student("b2", "李四")


def marks(path: Path, content: bytes) -> dict[tuple[str, str], Override]:
    path.write_bytes(content)
    return applied(path, read_overrides(path), [ADA, BO], ["join"]).marks


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "overrides.csv"


AS_CSV = 'student,exercise,score,reason\nAda,join,7.5,"asked, and knew"\n李四,join,0,copied\n'
AS_SEMICOLONS = """\
\ufeffStudent;Exercise;Score;Reason\r
a1;join;7,5;asked, and knew\r
\r
b1;join;0;copied\r
"""
AS_TABS = """\
reason\tscore\tstudent\texercise
asked, and knew\t7.5\tAda\tjoin
copied\t0\t李四\tjoin
"""


@pytest.mark.parametrize(
    "content", [AS_CSV.encode(), AS_SEMICOLONS.encode(), AS_TABS.encode("gbk")]
)
def test_as_spreadsheets_save_it(content: bytes, file: Path) -> None:
    """Commas, semicolons or tabs, UTF-8 or what Excel writes in China, names or ids."""
    assert marks(file, content) == {
        ("a1", "join"): Override(7.5, "asked, and knew"),
        ("b1", "join"): Override(0, "copied"),
    }


def test_no_file(file: Path) -> None:
    """A file is needed only by those who have something to say."""
    assert read_overrides(file) == ()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            "student,exercise,mark\n",
            "1:1: the first line names the columns student, exercise, score, reason: score and "
            "reason are missing\n    1 | student,exercise,mark\n      | ^~~~~~~~~~~~~~~~~~~~~",
        ),
        (
            "student,exercise,score,reason\nAda,join,many,\n",
            "2:1: 'many' is no score: write a number such as 7.5\n"
            "    2 | Ada, join, many,\n      | ^~~~~~~~~~~~~~~~~",
        ),
        (
            "student,exercise,score,reason\nAda,join,-1,\n",
            "2:1: '-1' is no score: write a number such as 7.5\n"
            "    2 | Ada, join, -1,\n      | ^~~~~~~~~~~~~~~",
        ),
        (
            "student,exercise,score,reason\nAda,,1,\n",
            "2:1: a line needs a student and an exercise\n    2 | Ada, , 1,\n      | ^~~~~~~~~~",
        ),
        (
            "student,exercise,score,reason\nAda,join,1,\nBo,join,2,\nAda,join,3,\n",
            "4:1: Ada has a mark for join in line 2 already",
        ),
    ],
)
def test_wrong_lines(content: str, problem: str, file: Path) -> None:
    """What is wrong is told with its line; nothing is guessed."""
    file.write_text(content)
    with pytest.raises(ExerciseError) as caught:
        read_overrides(file)
    assert str(caught.value) == f"{file}:{problem}"


def test_nobody(file: Path) -> None:
    """A line about nobody who is there is told, not dropped."""
    file.write_text("student,exercise,score,reason\nAdda,join,1,\nAda,jion,1,\n")
    overrides = applied(file, read_overrides(file), [ADA], ["join"])
    assert overrides.marks == {}
    assert [text.in_language("en") for text in overrides.unused] == [
        "overrides.csv, line 2: no student called Adda handed in anything for join.",
        "overrides.csv, line 3: no student called Ada handed in anything for jion.",
    ]


def test_two_of_one_name(file: Path) -> None:
    """A name that two students have does not do."""
    file.write_text("student,exercise,score,reason\n李四,join,1,\n", encoding="utf-8")
    with pytest.raises(ExerciseError) as caught:
        applied(file, read_overrides(file), [BO, OTHER_BO], ["join"])
    assert str(caught.value) == f"{file}:2:1: b1 and b2 are called 李四: write the id"
