"""Whose a file is, in every layout that a teacher may have before them."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from grader.classroom.course import Course
from grader.classroom.model import Student
from tests.classroom.class_folder import course_of, found, left, who, write, zipped


@pytest.fixture
def join(tmp_path: Path) -> Course:
    return course_of(tmp_path / "exercises", "join")


def test_moodle_folders(tmp_path: Path, join: Course) -> None:
    """Moodle: a folder a student; what was typed into the page is no script."""
    folder = write(
        tmp_path / "Concurrency-Join-1234",
        [
            "张三_101_assignsubmission_file/join.py",
            "Ada de la Cruz_102_assignsubmission_file_/homework/main.py",
            "Bo Li_103_assignsubmission_file/.keep",
            "Bo Li_103_assignsubmission_onlinetext/onlinetext.html",
        ],
    )
    result = found(join, folder)
    assert result.platform.name == "moodle"
    assert who(result) == {
        "101 张三 join": "张三_101_assignsubmission_file/join.py",
        "102 Ada de la Cruz join": "Ada de la Cruz_102_assignsubmission_file_/homework/main.py",
    }
    assert {one.student.id: one.place for one in result.hand_ins} == {
        "101": "张三_101_assignsubmission_file",
        "102": "Ada de la Cruz_102_assignsubmission_file_",
    }
    assert left(result) == {
        "Bo Li_103_assignsubmission_onlinetext/onlinetext.html": (
            "Bo Li handed in no Python script, only onlinetext.html."
        )
    }


def test_moodle_files(tmp_path: Path, join: Course) -> None:
    """Moodle without folders, marked blindly: scripts get back the names that students gave them,
    so that the modules beside them are found.
    """
    folder = write(
        tmp_path / "in",
        {
            "Participant_7_assignsubmission_file_join.py": "import tools\n",
            "Participant_7_assignsubmission_file_tools.py": "x = 1\n",
            "Participant_8_assignsubmission_file_mine.py": "print()\n",
            "Participant_9_assignsubmission_onlinetext.html": "print()\n",
        },
    )
    result = found(join, folder)
    assert result.platform.name == "moodle"
    assert who(result) == {
        "7 Participant 7 join": "Participant_7_assignsubmission_file_join.py",
        "8 Participant 8 join": "Participant_8_assignsubmission_file_mine.py",
    }
    seven, eight = result.hand_ins
    assert [file.name for file in seven.submission.files] == ["join.py", "tools.py"]
    assert [file.name for file in eight.submission.files] == ["mine.py"]
    assert seven.submission.files[1].text() == "x = 1\n"
    assert left(result) == {
        "Participant_9_assignsubmission_onlinetext.html": (
            "Participant 9 handed in no Python script, only "
            "Participant_9_assignsubmission_onlinetext.html."
        )
    }


def test_moodle_of_several_assignments(tmp_path: Path) -> None:
    """Moodle numbers everybody anew for each assignment: names tell who is the same, unless two
    students have the same.
    """
    course = course_of(tmp_path / "exercises", "join", "start")
    folder = write(
        tmp_path / "in",
        [
            "CS-Start-1/Ada_10_assignsubmission_file/x.py",
            "CS-Join-2/Ada_20_assignsubmission_file/y.py",
            "CS-Start-1/Bo_11_assignsubmission_file/x.py",
            "CS-Join-2/Bo_21_assignsubmission_file/x.py",
            "CS-Join-2/Bo_22_assignsubmission_file/x.py",
        ],
    )
    assert who(found(course, folder)) == {
        "10 Ada join": "CS-Join-2/Ada_20_assignsubmission_file/y.py",
        "10 Ada start": "CS-Start-1/Ada_10_assignsubmission_file/x.py",
        "11 Bo start": "CS-Start-1/Bo_11_assignsubmission_file/x.py",
        "21 Bo join": "CS-Join-2/Bo_21_assignsubmission_file/x.py",
        "22 Bo join": "CS-Join-2/Bo_22_assignsubmission_file/x.py",
    }


def test_canvas(tmp_path: Path, join: Course) -> None:
    """Canvas: who is late is known, and of what was handed in again the latest counts."""
    folder = write(
        tmp_path / "in",
        [
            "zhangsan_501_9001_join.py",
            "lovelaceada_LATE_502_9002_join.py",
            "lovelaceada_LATE_502_9003_join-1.py",
        ],
    )
    result = found(join, folder)
    assert result.platform.name == "canvas"
    assert who(result) == {
        "501 zhangsan join": "zhangsan_501_9001_join.py",
        "502 lovelaceada join": "lovelaceada_LATE_502_9003_join-1.py",
    }
    ada, zhang = result.hand_ins
    assert (ada.late, ada.attempt, zhang.late, zhang.attempt) == (True, 2, False, 1)
    assert [(one.file, one.attempt) for one in ada.earlier] == [
        ("lovelaceada_LATE_502_9002_join.py", 1)
    ]


def test_canvas_anonymous(tmp_path: Path, join: Course) -> None:
    """Canvas, marked anonymously; one handed in a zip file."""
    folder = write(tmp_path / "in", ["anon_501_9001_join.py"])
    zipped(folder / "LATE_anon_502_9002_work.zip", ["homework/join.py"])
    result = found(join, folder)
    assert result.platform.name == "canvas"
    assert who(result) == {
        "501 anon 501 join": "anon_501_9001_join.py",
        "502 anon 502 join": "LATE_anon_502_9002_work.zip/homework/join.py",
    }
    assert [one.late for one in result.hand_ins] == [False, True]


def test_blackboard(tmp_path: Path, join: Course) -> None:
    """Blackboard: the latest attempt counts, and receipts tell full names."""
    receipt = "Name: 李四 (lisi)\nAssignment: Week 3\nDate Submitted: ...\n"
    folder = write(
        tmp_path / "in",
        {
            "Week 3_lisi_attempt_2026-03-01-10-00-00_first try.py": "print(1)\n",
            "Week 3_lisi_attempt_2026-03-01-10-00-00.txt": receipt,
            "Week 3_lisi_attempt_2026-03-02-09-30-00_join.py": "print(2)\n",
            "Week 3_lisi_attempt_2026-03-02-09-30-00.txt": receipt,
            "Week 3_ada_attempt_2026-02-28-23-59-59_join.py": "print(3)\n",
        },
    )
    result = found(join, folder)
    assert result.platform.name == "blackboard"
    assert who(result) == {
        "ada ada join": "Week 3_ada_attempt_2026-02-28-23-59-59_join.py",
        "lisi 李四 join": "Week 3_lisi_attempt_2026-03-02-09-30-00_join.py",
    }
    _, latest = result.hand_ins
    assert latest.attempt == 2
    assert latest.submitted_at == datetime(2026, 3, 2, 9, 30).astimezone()
    assert [one.file for one in latest.earlier] == [
        "Week 3_lisi_attempt_2026-03-01-10-00-00_first try.py"
    ]
    assert left(result) == {}


def test_github_classroom(tmp_path: Path, join: Course) -> None:
    """GitHub Classroom: a repository a student; the teacher's tests in it are nobody's answer, and
    not worth a word.
    """
    folder = write(
        tmp_path / "week-3-submissions",
        [
            "week-3-ada/solution.py",
            "week-3-ada/test_solution.py",
            "week-3-ada/.github/classroom/run.py",
            "week-3-bo-li/join.py",
        ],
    )
    result = found(join, folder)
    assert result.platform.name == "github-classroom"
    assert who(result) == {
        "ada ada join": "week-3-ada/solution.py",
        "bo-li bo-li join": "week-3-bo-li/join.py",
    }
    assert left(result) == {}


METADATA = """\
submission_11:
  :submitters:
  - :name: 张三
    :sid: '3001'
    :email: zhang@example.edu
  - :name: Ada
    :sid:
    :email: ada@example.edu
  :created_at: 2026-03-01 08:00:00.000000000 Z
  :score: 1.0
  :history:
  - :id: 10
    :created_at: 2026-02-28 08:00:00.000000000 Z
    :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess {tests: []}
submission_12:
  :submitters:
  - :name: Bo
    :sid: 3002
    :email: bo@example.edu
  :created_at: 2026-03-01 09:00:00.000000000 Z
"""


def test_gradescope(tmp_path: Path, join: Course) -> None:
    """Gradescope: its note says who, together with whom, when, and how often."""
    folder = write(
        tmp_path / "assignment_5_export",
        {
            "submission_metadata.yml": METADATA,
            "submission_11/join.py": "print(1)\n",
            "submission_12/join.py": "print(2)\n",
            "submission_13/join.py": "print(3)\n",
        },
    )
    result = found(join, folder)
    assert result.platform.name == "gradescope"
    assert who(result) == {
        "ada@example.edu Ada join": "submission_11/join.py",
        "3002 Bo join": "submission_12/join.py",
        "3001 张三 join": "submission_11/join.py",
    }
    ada, _, zhang = result.hand_ins
    assert (ada.attempt, zhang.student.email) == (2, "zhang@example.edu")
    assert ada.submitted_at == datetime(2026, 3, 1, 8, tzinfo=timezone.utc)
    assert left(result) == {
        "submission_13/join.py": "Its name does not say which student it belongs to."
    }


def test_a_folder_a_student(tmp_path: Path, join: Course) -> None:
    """Plain folders are named after students; a number before a name is the student's."""
    folder = write(tmp_path / "in", ["ada/join.py", "20260001_张三/week3/answer.py"])
    zipped(folder / "bo.zip", ["join.py"])
    result = found(join, folder)
    assert result.platform.name == "folders"
    assert who(result) == {
        "ada ada join": "ada/join.py",
        "bo bo join": "bo.zip/join.py",
        "20260001 张三 join": "20260001_张三/week3/answer.py",
    }


def test_what_cannot_be_read_is_somebodys(tmp_path: Path, join: Course) -> None:
    """Whoever handed in something that cannot be read is known: as one whose answer is missing."""
    folder = write(
        tmp_path / "in",
        {"ada/join.py": "", "bo.zip": b"PK\x03\x04 and no more", "cy/join.py": b"#" * 1_000_001},
    )
    (folder / "dee").mkdir()
    (folder / "dee" / "join.py").symlink_to(folder / "ada" / "join.py")
    result = found(join, folder)
    assert set(who(result)) == {"ada ada join"}
    assert {one.file: one.student and one.student.name for one in result.unmatched} == {
        "bo.zip": "bo",
        "cy/join.py": "cy",
        "dee/join.py": "dee",
    }
    assert left(result) == {
        "bo.zip": "It is damaged, or packed in a way that cannot be read.",
        "cy/join.py": "It is larger than 1 MB, too large for a script.",
        "dee/join.py": "This is a link, not a file: it is not followed.",
    }
    files = write(tmp_path / "files", {"join_ada.py": "", "join_bo.py": b"#" * 1_000_001})
    (unread,) = found(join, files).unmatched
    assert unread.student == Student("bo", "bo")


def test_numbered_folders(tmp_path: Path, join: Course) -> None:
    """If all folders have a number of their own behind the name it is the student's, however
    short; where it is all that tells them apart it belongs to the name.
    """
    folder = write(tmp_path / "in", ["张三_101/join.py", "Ada Lovelace_7_/join.py", "Bo_9/x.py"])
    assert who(found(join, folder)) == {
        "101 张三 join": "张三_101/join.py",
        "7 Ada Lovelace join": "Ada Lovelace_7_/join.py",
        "9 Bo join": "Bo_9/x.py",
    }
    teams = write(tmp_path / "teams", ["team_1/join.py", "team_2/join.py"])
    assert set(who(found(join, teams))) == {"team_1 team_1 join", "team_2 team_2 join"}


def test_a_file_a_student(tmp_path: Path, join: Course) -> None:
    """Plain files are named after students, with or without the exercise."""
    folder = write(
        tmp_path / "in",
        ["join_ada.py", "03-join-bo.py", "cy.py", "李四join.py", "join_ada (1).py", "dee_v3.py"],
    )
    result = found(join, folder)
    assert result.platform.name == "files"
    assert who(result) == {
        "ada ada join": "join_ada (1).py",
        "bo bo join": "03-join-bo.py",
        "cy cy join": "cy.py",
        "dee dee join": "dee_v3.py",
        "李四 李四 join": "李四join.py",
    }
    assert [one.attempt for one in result.hand_ins] == [2, 1, 1, 3, 1]


def test_zip_as_it_was_downloaded(tmp_path: Path, join: Course) -> None:
    """A zip file is a folder: of a platform, or with a folder for the whole class in it."""
    moodle = zipped(tmp_path / "a" / "CS.zip", ["张三_1_assignsubmission_file/join.py"])
    assert who(found(join, moodle)) == {
        "1 张三 join": "CS.zip/张三_1_assignsubmission_file/join.py"
    }
    plain = zipped(tmp_path / "b" / "class.zip", ["class/ada.py", "class/bo.py"])
    assert who(found(join, plain)) == {
        "ada ada join": "class.zip/class/ada.py",
        "bo bo join": "class.zip/class/bo.py",
    }
    assert who(found(join, plain.parent)) == who(found(join, plain))


def test_one_student_decides_nothing(tmp_path: Path, join: Course) -> None:
    """A file that looks like another platform's does not change how all the others are read."""
    folder = write(
        tmp_path / "in",
        {
            "ada/join.py": "",
            "bo/join.py": "",
            "eve/submission_metadata.yml": METADATA,
            "eve/Ada_1_assignsubmission_file_join.py": "",
        },
    )
    result = found(join, folder)
    assert result.platform.name == "folders"
    assert who(result) == {
        "ada ada join": "ada/join.py",
        "bo bo join": "bo/join.py",
        "eve eve join": "eve/Ada_1_assignsubmission_file_join.py",
    }


def test_numbers_that_are_not_canvas(tmp_path: Path, join: Course) -> None:
    """Two numbers in a name make no Canvas download."""
    folder = write(tmp_path / "in", ["lab_1_2_ada.py", "lab_1_2_bo.py"])
    assert found(join, folder).platform.name == "files"


def test_expression(tmp_path: Path, join: Course) -> None:
    """Any other layout is read by the teacher's own expression."""
    folder = write(
        tmp_path / "in",
        [
            "2026-03-01T10:00 Ada Lovelace [a77]/homework/x.py",
            "2026-03-02T10:00 Ada Lovelace [a77]/homework/x.py",
            "notes.txt",
        ],
    )
    expression = (
        r"(?P<timestamp>\S+) (?P<first_name>\w+) (?P<last_name>\w+) \[(?P<student_id>\w+)\]"
    )
    result = found(join, folder, students=expression)
    assert result.platform.name == "regex"
    assert who(result) == {
        "a77 Ada Lovelace join": "2026-03-02T10:00 Ada Lovelace [a77]/homework/x.py"
    }
    assert result.hand_ins[0].attempt == 2
    assert left(result) == {"notes.txt": "Its name does not say which student it belongs to."}
