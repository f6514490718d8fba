"""Marks go into the teacher's own files, and nothing else in them changes."""

from __future__ import annotations

import pytest

from grader.classroom.outputs.marksheets import Filled, NoMarksheetError, filled
from tests.classroom.outputs.class_results import class_of, exercise, result

MOODLE = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade",'
    '"Grade can be changed","Last modified (submission)","Last modified (grade)",'
    '"Feedback comments"\n'
    '"Participant 101","张三",z@x.edu,"Submitted for grading",,100.00,Yes,"Monday, 2 March",-,\n'
    '"Participant 102","Bo Li",b@x.edu,"Submitted for grading",,100.00,Yes,"Monday, 2 March",-,\n'
    '"Participant 103","Cy Ng",c@x.edu,"No submission",,100.00,Yes,-,-,\n'
)
ZH = (
    "识别号,全名,状态,成绩,最高分,成绩可以更改,最后修改（提交）,最后修改（成绩）,反馈评语\r\n"
    "参与者101,张三,已提交,,10,是,2026年3月2日,-,\r\n"
    "参与者102,李四,已提交,,10,是,2026年3月2日,-,\r\n"
)
UNKNOWN = (
    'Auðkenni;"Fullt nafn";Staða;Einkunn;Hámark;Má breyta\n'
    '"Þátttakandi 101";"张三";Skilað;;20,00;Já\n'
    '"Þátttakandi 102";"Bo Li";Skilað;;20,00;Já\n'
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Start and wait (7),Other (8),Final Score\n"
    "    Points Possible,,,,,10.00,5.00,(read only)\n"
    '"Li, Bo",42,S1,bo@x.edu,A,,,88\n'
    '"张, 三",43,S2,zs@x.edu,A,1.00,,90\n'
    '"Student, Test",44,,t,A,,,\n'
)


def in_moodle(name: str, number: int, how: str = "right", **more: object):
    place = f"{name}_{number}_assignsubmission_file"
    return result(name, how, student_id=str(number), place=place, file=f"{place}/join.py", **more)


def moodle_class(*extra: object, **more: object):
    people = (in_moodle("张三", 101), in_moodle("Bo Li", 102, "lucky"))
    return class_of(*people, *extra, platform="moodle", **more)


def reasons(of: Filled) -> dict[str, str]:
    return {
        f"{one.result.student.name} {one.result.student.id}": one.reason.in_language("en")
        for one in of.unfilled
    }


def test_moodle() -> None:
    """Marks in points of Moodle, comments beside them, all else as it was."""
    done = filled(MOODLE.encode(), moodle_class(), "en")
    lines = MOODLE.splitlines(keepends=True)
    assert done.content.decode() == "".join(
        [
            lines[0],
            lines[1].replace(",,100", ",100.00,100").replace("-,\n", "-,4 of 4 points.\n"),
            lines[2]
            .replace(",,100", ",50.00,100")
            .replace("-,\n", "-,2 of 4 points.<br>What waits saw\n"),
            lines[3],
        ]
    )
    assert (done.written, done.unfilled, done.others) == (2, (), 1)


def test_moodle_in_chinese() -> None:
    """Headings and participants of a Chinese site; comments in the language asked for."""
    done = filled(ZH.encode("utf-8-sig"), moodle_class(), "zh")
    assert done.content.decode("utf-8").splitlines()[1:] == [
        "参与者101,张三,已提交,10.00,10,是,2026年3月2日,-,4 分得 4 分。",
        "参与者102,李四,已提交,5.00,10,是,2026年3月2日,-,4 分得 2 分。<br>中：What waits saw",
    ]


def test_moodle_in_a_language_that_nobody_foresaw() -> None:
    """The grade stands left of the maximum, which is the same in every row; numbers are
    written as the site writes them.
    """
    done = filled(UNKNOWN.encode(), moodle_class(), "en")
    assert done.content.decode() == UNKNOWN.replace("Skilað;;", "Skilað;20,00;", 1).replace(
        "Skilað;;", "Skilað;10,00;"
    )


def test_by_name() -> None:
    """Where the submissions have no participants' numbers, names find the rows."""
    done = filled(MOODLE.encode(), class_of(result("bo li"), result("ada")), "en")
    assert b'"Bo Li",b@x.edu,"Submitted for grading",100.00,' in done.content
    assert reasons(done) == {"ada ada": "No row has this student's id or name."}


def test_a_number_that_is_not_the_platforms() -> None:
    """A student's number from a plain folder's name is no participant's number."""
    done = filled(MOODLE.encode(), class_of(result("ada", student_id="101")), "en")
    assert (done.content, done.written) == (MOODLE.encode(), 0)


def test_who_cannot_be_told_apart() -> None:
    """Two of one name, in the file or in the class, are listed and not guessed."""
    twice = MOODLE + MOODLE.splitlines()[2].replace("102", "104") + "\n"
    done = filled(twice.encode(), class_of(result("Bo Li")), "en")
    assert reasons(done) == {"Bo Li Bo Li": "Several rows could be this student's."}
    pair = class_of(result("Bo Li", student_id="1"), result("Bo Li", student_id="2"))
    done = filled(MOODLE.encode(), pair, "en")
    assert set(reasons(done).values()) == {"Others match the same row."}
    assert (done.content, len(done.unfilled)) == (MOODLE.encode(), 2)


def test_no_mark_is_no_zero() -> None:
    """What could not be judged is left as it was, and listed; the teacher's word counts."""
    cy = in_moodle("Cy Ng", 103, "unseen")
    done = filled(MOODLE.encode(), moodle_class(cy), "en")
    assert reasons(done) == {"Cy Ng 103": "It has no mark yet: grade the class again."}
    assert MOODLE.splitlines()[3].encode() in done.content
    cy = in_moodle("Cy Ng", 103, "unseen", mark=(3, "=seen, <b>well</b>"))
    done = filled(MOODLE.encode(), moodle_class(cy), "en")
    assert (
        done.content.decode().splitlines()[3]
        == '"Participant 103","Cy Ng",c@x.edu,"No submission",75.00,100.00,Yes,-,-,'
        '"3 of 4 points.<br>=seen, &lt;b&gt;well&lt;/b&gt;"'
    )


def test_a_comment_that_is_there_stays() -> None:
    """Nothing that the teacher wrote is overwritten."""
    before = MOODLE.replace("-,\n", "-,Well done\n")
    assert filled(before.encode(), moodle_class(), "en").content.count(b"Well done") == 3


def test_canvas() -> None:
    """By Canvas's own number, into the assignment that is called as the exercise is."""
    people = (
        result("libo", student_id="42"),
        result("zhangsan", "lucky", student_id="43"),
        result("nobody", student_id="99"),
    )
    results = class_of(*people, platform="canvas", exercises=(exercise("join"),))
    done = filled(CANVAS.encode(), results, "en")
    assert done.content.decode() == CANVAS.replace(",A,,,88", ",A,10.00,,88").replace(
        ",A,1.00,,90", ",A,5.00,,90"
    )
    assert reasons(done) == {"nobody 99": "No row has this student's id or name."}
    assert done.others == 1


@pytest.mark.parametrize(("name", "number"), [("Bo Li", "x"), ("li bo", "y"), ("x", "S1")])
def test_canvas_by_other_keys(name: str, number: str) -> None:
    """By the school's number, or by the name in either order; never by another's number."""
    results = class_of(result(name, student_id=number), exercises=(exercise("join"),))
    done = filled(CANVAS.encode(), results, "en")
    assert b'"Li, Bo",42,S1,bo@x.edu,A,10.00,,88' in done.content
    assert done.written == 1


def test_canvas_says_which_assignment() -> None:
    """An assignment that is called otherwise is named by the teacher."""
    results = class_of(result("Bo Li"))
    for said in ("Other", "join=other"):
        done = filled(CANVAS.encode(), results, "en", columns=[said])
        assert b",A,,5.00,88" in done.content
    with pytest.raises(NoMarksheetError) as found:
        filled(CANVAS.encode(), results, "en")
    assert str(found.value) == (
        "none of its assignments has the name of an exercise. Say which one it is: --column "
        "'join=Start and wait'. There are: Start and wait, Other"
    )
    with pytest.raises(NoMarksheetError) as found:
        filled(CANVAS.encode(), results, "en", columns=["join=Third"])
    assert str(found.value) == ("it has no assignment 'Third'. There are: Start and wait, Other")


def test_a_worksheet_and_several_exercises() -> None:
    """A worksheet is for one assignment: its name says for which, or nobody does."""
    course = moodle_class(
        exercises=(exercise("join", "Wait"), exercise("join-all", "Wait for all"))
    )
    for name in ("Grades-Python-Wait--7.csv", "join.csv", "2026 join-3.csv"):
        assert filled(MOODLE.encode(), course, "en", name=name).written == 2
    for name in ("Grades.csv", "join-all.csv"):
        if name == "join-all.csv":
            assert filled(MOODLE.encode(), course, "en", name=name).written == 0
            continue
        with pytest.raises(NoMarksheetError) as found:
            filled(MOODLE.encode(), course, "en", name=name)
        assert str(found.value) == (
            "it has marks for one assignment, and 2 exercises are graded. Grade the one that it is "
            "for, by its own file: what is graded is not done again"
        )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it has no rows"),
        (b"a,b\n", "it has no rows"),
        (
            b"student,grade\nada,\nbo,\n",
            "it is neither the grading worksheet of a Moodle assignment nor the export of a Canvas "
            "gradebook",
        ),
    ],
)
def test_any_other_file(content: bytes, reason: str) -> None:
    """Is refused, and never guessed at."""
    with pytest.raises(NoMarksheetError) as found:
        filled(content, class_of(result("ada")), "en")
    assert str(found.value) == reason
