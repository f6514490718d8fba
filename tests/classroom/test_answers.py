"""Which file answers which exercise."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from grader.classroom.course import load_course
from grader.classroom.discover import find_hand_ins, place_of
from tests.classroom.class_folder import course_of, found, left, who, write, zipped

NONE_OF_THESE = "Its name matches none of the exercises, which are join, join-all, start."


def test_a_course(tmp_path: Path) -> None:
    """File names mean exercises: with numbers, words joined in any way, and students' names."""
    course = course_of(tmp_path / "exercises", "join", "join-all", "start")
    folder = write(
        tmp_path / "in",
        [
            "ada/join.py",
            "ada/02-join_all.py",
            "ada/Start.py",
            "bo/week1/join_bo.py",
            "bo/week2/joinAll.py",
            "bo/start/solution.py",
            "bo/rejoin.py",
            "cy/start-join.py",
        ],
    )
    result = found(course, folder)
    assert who(result) == {
        "ada ada join": "ada/join.py",
        "ada ada join-all": "ada/02-join_all.py",
        "ada ada start": "ada/Start.py",
        "bo bo join": "bo/week1/join_bo.py",
        "bo bo join-all": "bo/week2/joinAll.py",
        "bo bo start": "bo/start/solution.py",
    }
    assert left(result) == {
        "bo/rejoin.py": NONE_OF_THESE,
        "cy/start-join.py": (
            "Its name can mean any of join, start: say in course.yaml which it answers."
        ),
    }


def test_a_course_of_plain_files(tmp_path: Path) -> None:
    """One folder for all: the name has the exercise's and the student's."""
    course = course_of(tmp_path / "exercises", "join", "join-all", "start")
    folder = write(
        tmp_path / "in",
        ["join_ada.py", "bo-join-all.py", "01_start_ada.py", "20260007_张三_start.py"],
    )
    assert who(found(course, folder)) == {
        "ada ada join": "join_ada.py",
        "ada ada start": "01_start_ada.py",
        "bo bo join-all": "bo-join-all.py",
        "20260007 张三 start": "20260007_张三_start.py",
    }


def test_a_folder_an_exercise(tmp_path: Path) -> None:
    """Folders may be named after exercises, and files in them after students."""
    course = course_of(tmp_path / "exercises", "join", "start")
    folder = write(tmp_path / "in", ["join/ada.py", "2-start/ada.py", "join/bo/x.py"])
    assert who(found(course, folder)) == {
        "ada ada join": "join/ada.py",
        "ada ada start": "2-start/ada.py",
        "bo bo join": "join/bo/x.py",
    }


def test_ones_own_answers(tmp_path: Path) -> None:
    """Files that are named after exercises and nobody are those of the folder's owner."""
    course = course_of(tmp_path / "exercises", "join", "start")
    folder = write(tmp_path / "zhang", ["join.py", "start.py"])
    assert who(found(course, folder)) == {
        "zhang zhang join": "join.py",
        "zhang zhang start": "start.py",
    }


def test_the_course_file_decides(tmp_path: Path) -> None:
    """What ``course.yaml`` calls answers is one, whatever else its name means."""
    exercises = tmp_path / "exercises"
    course_of(exercises, "join", "start")
    (exercises / "course.yaml").write_text(
        "exercises:\n"
        "  - {file: start.yaml, answers: ['ex1*.py', 'join-first/*']}\n"
        "  - {file: join.yaml, answers: EX2.py}\n"
    )
    folder = write(tmp_path / "in", ["ada/ex1-ada.py", "ada/ex2.py", "bo/join-first/a.py"])
    assert who(found(load_course(exercises), folder)) == {
        "ada ada join": "ada/ex2.py",
        "ada ada start": "ada/ex1-ada.py",
        "bo bo start": "bo/join-first/a.py",
    }


def test_the_only_script(tmp_path: Path) -> None:
    """For one exercise a student's only script is the answer, whatever it is called."""
    course = course_of(tmp_path / "exercises", "join")
    folder = write(tmp_path / "in", ["ada/homework.py", "bo/x/程序.py"])
    assert who(found(course, folder)) == {
        "ada ada join": "ada/homework.py",
        "bo bo join": "bo/x/程序.py",
    }


def test_modules_are_no_answers(tmp_path: Path) -> None:
    """A script that another imports belongs to it, and is listed nowhere."""
    course = course_of(tmp_path / "exercises", "join")
    folder = write(
        tmp_path / "in",
        {
            "ada/run.py": "from tools import x\n",
            "ada/tools.py": "import deep.deeper\nx = 1\n",
            "ada/deep/__init__.py": "",
            "ada/deep/deeper.py": "",
            "bo/main.py": "",
            "bo/spare.py": "",
        },
    )
    result = found(course, folder)
    assert who(result) == {"ada ada join": "ada/run.py", "bo bo join": "bo/main.py"}
    assert left(result) == {"bo/spare.py": "Another script of this student answers join."}


@pytest.mark.parametrize("packed", [False, True])
def test_data_files_come_with_the_answer(tmp_path: Path, packed: bool) -> None:
    """Those that it names, of the same student, from a folder or a zip file."""
    files = {
        "ada/join.py": "open('names.txt'), open('data/all.csv')",
        "ada/names.txt": "Li",
        "ada/data/all.csv": "1",
        "ada/picture.png": "",
        "bo/join.py": "open('names.txt'), open('../ada/names.txt')",
    }
    given = zipped(tmp_path / "in.zip", files) if packed else write(tmp_path / "in", files)
    ada, bo = found(course_of(tmp_path / "exercises", "join"), given).hand_ins
    assert {file.name: file.content for file in ada.submission.data} == {
        "data/all.csv": b"1",
        "names.txt": b"Li",
    }
    assert ada.submission.left_behind == ("picture.png",)
    assert bo.submission.data == ()


def test_nothing_says_which(tmp_path: Path) -> None:
    """Where two could be the answer nobody guesses: both are listed."""
    course = course_of(tmp_path / "exercises", "join")
    folder = write(tmp_path / "in", ["ada/a.py", "ada/b.py", "bo/x/join.py", "bo/y/join.py"])
    result = found(course, folder)
    assert who(result) == {}
    assert left(result) == {
        "ada/a.py": "It could be the answer, and so could ada/b.py: nothing tells which.",
        "ada/b.py": "It could be the answer, and so could ada/a.py: nothing tells which.",
        "bo/x/join.py": "It could be the answer, and so could bo/y/join.py: nothing tells which.",
        "bo/y/join.py": "It could be the answer, and so could bo/x/join.py: nothing tells which.",
    }


def test_answers_to_what_is_not_graded(tmp_path: Path) -> None:
    """One exercise of a folder is graded: files that are named after its neighbours wait, unless
    a platform collected them for this one.
    """
    course_of(tmp_path / "exercises", "join", "start")
    course = load_course(tmp_path / "exercises" / "join.yaml")
    folder = write(tmp_path / "in", ["join_ada.py", "start_ada.py", "start_bo.py"])
    result = found(course, folder)
    assert who(result) == {"ada ada join": "join_ada.py"}
    not_now = "It seems to answer start, which is not graded now."
    assert left(result) == {"start_ada.py": not_now, "start_bo.py": not_now}
    moodle = write(tmp_path / "moodle", ["Bo_1_assignsubmission_file/start.py"])
    assert who(found(course, moodle)) == {"1 Bo join": "Bo_1_assignsubmission_file/start.py"}


@pytest.mark.parametrize(
    ("deadline", "late"), [("2026-03-01 10:00", False), ("2026-03-01 09:59:59", True)]
)
def test_the_deadline(deadline: str, late: bool, tmp_path: Path) -> None:
    """What came after the deadline is late; where the time is not known, that is not known."""
    course = course_of(tmp_path / "exercises", "join")
    folder = write(tmp_path / "in", ["Join_ada_attempt_2026-03-01-10-00-00_join.py"])
    moment = datetime.fromisoformat(deadline).astimezone()
    (ada,) = find_hand_ins(place_of([folder]), course, deadline=moment).hand_ins
    assert ada.late is late
    plain = write(tmp_path / "plain", ["ada.py"])
    (ada,) = find_hand_ins(place_of([plain]), course, deadline=moment).hand_ins
    assert ada.late is None


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link in a folder is listed, not read."""
    course = course_of(tmp_path / "exercises", "join")
    folder = write(tmp_path / "in", ["ada/join.py"])
    (folder / "bo").mkdir()
    (folder / "bo" / "join.py").symlink_to(tmp_path / "secret.py")
    (folder / "cy").symlink_to(tmp_path)
    result = found(course, folder)
    assert who(result) == {"ada ada join": "ada/join.py"}
    link = "This is a link, not a file: it is not followed."
    assert left(result) == {"bo/join.py": link, "cy": link}


def test_names_of_another_encoding(tmp_path: Path) -> None:
    """Names that a Chinese Windows left on disk are read."""
    course = course_of(tmp_path / "exercises", "join")
    (tmp_path / "in").mkdir()
    path = bytes(tmp_path / "in") + "/张三.py".encode("gbk")
    with open(path, "w") as script:
        script.write("print()\n")
    (zhang,) = found(course, tmp_path / "in").hand_ins
    assert (zhang.student.name, zhang.file) == ("张三", "张三.py")
    assert zhang.submission.script.text() == "print()\n"


def test_several_things_at_once(tmp_path: Path) -> None:
    """Scripts and zip files may be named one by one."""
    course = course_of(tmp_path / "exercises", "join")
    folder = write(tmp_path / "in", ["ada.py", "bo.py", "other.py"])
    archive = zipped(folder / "cy.zip", ["join.py"])
    assert who(found(course, folder / "ada.py", folder / "bo.py", archive)) == {
        "ada ada join": "ada.py",
        "bo bo join": "bo.py",
        "cy cy join": "cy.zip/join.py",
    }


def test_nothing(tmp_path: Path) -> None:
    """Who handed in an empty folder or zip file is told by name, and counts as a student."""
    course = course_of(tmp_path / "exercises", "join")
    folder = write(tmp_path / "in", ["Ada_1_assignsubmission_file/join.py"])
    (folder / "Bo_2_assignsubmission_file").mkdir()
    (folder / "Dee_4_assignsubmission_file").mkdir()
    (folder / "Dee_4_assignsubmission_file" / ".DS_Store").touch()
    zipped(folder / "Cy_3_assignsubmission_file" / "join.zip", {})
    result = found(course, folder)
    assert left(result) == {
        "Bo_2_assignsubmission_file": "Bo handed in an empty folder or file.",
        "Cy_3_assignsubmission_file/join.zip": "Cy handed in an empty folder or file.",
        "Dee_4_assignsubmission_file": "Dee handed in an empty folder or file.",
    }
    students = {one.student.id for one in result.unmatched if one.student is not None}
    assert students == {"2", "3", "4"}


def test_the_teachers_own_files(tmp_path: Path) -> None:
    """Exercises and marks by hand that lie among the submissions are nobody's answers."""
    course = course_of(tmp_path, "join")
    write(tmp_path, ["ada.py", "overrides.csv", "course.yaml"])
    result = found(course, tmp_path)
    assert (who(result), left(result)) == ({"ada ada join": "ada.py"}, {})


def test_a_whole_library(tmp_path: Path) -> None:
    """Of a student who hands in a whole library the first files are listed and the others
    counted; the answer in it is found all the same.
    """
    course = course_of(tmp_path / "exercises", "join")
    library = [f"ada/lib/part{number:03}.py" for number in range(300)]
    folder = write(tmp_path / "in", [*library, "bo/join.py"])
    result = found(course, folder)
    assert set(who(result)) == {"bo bo join"}
    told = left(result)
    assert len(told) == 21
    assert told["ada"] == "ada handed in 280 more scripts that were not graded."
    assert told["ada/lib/part000.py"] == (
        "It could be the answer, and so could ada/lib/part001.py, ada/lib/part002.py, "
        "ada/lib/part003.py, …: nothing tells which."
    )
    write(folder, ["ada/join.py"])
    assert who(found(course, folder))["ada ada join"] == "ada/join.py"
