"""What a course is made of, and what is said of a wrong ``course.yaml``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from grader.classroom.course import Course, load_course
from grader.exercise import ExerciseError
from tests.classroom.class_folder import EXERCISE, write


def course(folder: Path, text: str | None) -> Course:
    """The course of two exercises and a ``course.yaml`` with this text."""
    write(folder, {f"{name}.yaml": EXERCISE.format(id=name) for name in ("join", "start")})
    if text is not None:
        (folder / "course.yaml").write_text(text)
    return load_course(folder)


def problems(folder: Path, text: str) -> str:
    with pytest.raises(ExerciseError) as caught:
        course(folder, text)
    return str(caught.value).replace(f"{folder}/", "")


def test_without_a_file(tmp_path: Path) -> None:
    """A folder of exercises is a course of all of them."""
    assert [each.exercise.id for each in course(tmp_path, None).exercises] == ["join", "start"]


@pytest.mark.parametrize("text", ["", "# nothing yet\n\n"])
def test_an_empty_file(text: str, tmp_path: Path) -> None:
    """A file that says nothing changes nothing."""
    assert [each.exercise.id for each in course(tmp_path, text).exercises] == ["join", "start"]


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    """Which exercises, in which order, what answers are called, and until when."""
    loaded = course(
        tmp_path,
        """
        students: '(?P<student_id>\\d+)'
        deadline: 2026-03-31 23:59
        exercises:
          - {file: start.yaml, answers: ['ex1*.py', 'first.py'], deadline: 2026-03-01}
          - {file: join.yaml}
        """,
    )
    start, join = loaded.exercises
    assert (start.exercise.id, start.answers) == ("start", ("ex1*.py", "first.py"))
    assert start.deadline == datetime(2026, 3, 1).astimezone()
    assert (join.exercise.id, join.answers) == ("join", ())
    assert join.deadline == datetime(2026, 3, 31, 23, 59).astimezone()
    assert loaded.students == r"(?P<student_id>\d+)"


def test_one_exercise(tmp_path: Path) -> None:
    """One exercise file is a course of one, which knows the names of its neighbours."""
    course(tmp_path, "")
    loaded = load_course(tmp_path / "join.yaml")
    assert [each.exercise.id for each in loaded.exercises] == ["join"]
    assert loaded.others == ("start",)


def test_errors_have_their_place(tmp_path: Path) -> None:
    """Everything that is wrong is told, each with its line and column."""
    text = (
        "exercises:\n"
        "  - {fiel: join.yaml}\n"
        "  - {file: start.yaml, deadline: soon}\n"
        "students: '(?P<name>.*'\n"
        "deadlines: 2026-03-31\n"
    )
    assert problems(tmp_path, text).splitlines() == [
        "course.yaml:2:6: unknown key 'fiel' in an exercise of the course. Did you mean 'file'? "
        "Allowed here: file, answers, deadline",
        "    2 |   - {fiel: join.yaml}",
        "      |      ^~~~",
        "course.yaml:3:34: 'soon' is no day and time: write it like 2026-03-31 23:59",
        "    3 |   - {file: start.yaml, deadline: soon}",
        "      |                                  ^~~~",
        "course.yaml:4:11: this is no regular expression: missing ), unterminated subpattern at "
        "position 0",
        "    4 | students: '(?P<name>.*'",
        "      |           ^~~~~~~~~~~~~",
        "course.yaml:5:1: unknown key 'deadlines' in a course. Did you mean 'deadline'? Allowed "
        "here: exercises, students, deadline",
        "    5 | deadlines: 2026-03-31",
        "      | ^~~~~~~~~",
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The exercise that was meant is named."""
    assert problems(tmp_path, "exercises: [{file: jion.yaml}]\n").splitlines() == [
        "course.yaml:1:20: there is no file 'jion.yaml'. Did you mean 'join.yaml'?",
        "    1 | exercises: [{file: jion.yaml}]",
        "      |                    ^~~~~~~~~",
    ]


def test_an_expression_that_does_not_say_who(tmp_path: Path) -> None:
    """Without the group for the student nothing can be found by it."""
    told = problems(tmp_path, "students: '(.*)'\n").splitlines()[0]
    assert told == (
        "course.yaml:1:11: the expression needs a group (?P<student_id>...): whose the file is"
    )


def test_wrong_exercises(tmp_path: Path) -> None:
    """The problems of all exercise files are told together."""
    write(tmp_path, {"a.yaml": "id: a\n", "b.yaml": "id: [\n"})
    with pytest.raises(ExerciseError) as caught:
        load_course(tmp_path)
    files = {Path(problem.file).name for problem in caught.value.problems}
    assert files == {"a.yaml", "b.yaml"}


def test_two_of_one_name(tmp_path: Path) -> None:
    """Marks go by the exercises' ids: each has its own."""
    write(tmp_path, {"a.yaml": EXERCISE.format(id="join"), "b.yaml": EXERCISE.format(id="join")})
    with pytest.raises(ExerciseError) as caught:
        load_course(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/b.yaml: its id 'join' is that of a.yaml, too: give it one of its own"
    )


def test_no_exercises(tmp_path: Path) -> None:
    """A folder without any is no course."""
    with pytest.raises(ExerciseError) as caught:
        load_course(tmp_path)
    assert str(caught.value) == f"{tmp_path}: there is no exercise file (*.yaml) in this folder"


def test_the_example_in_the_documentation(tmp_path: Path) -> None:
    """What the documentation shows can be used as it stands."""
    document = Path(__file__).parent.parent.parent / "docs" / "classes.md"
    example = document.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    start, join = course(tmp_path, example).exercises
    assert (start.answers, join.answers) == (("ex1*.py",), ("ex2*.py", "week2/*.py"))
