"""The gradebook, JSON lines and JUnit XML."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from xml.etree import ElementTree

from grader.classroom.model import Student
from grader.classroom.outputs.gradebook import gradebook
from grader.classroom.outputs.json_lines import json_lines
from grader.classroom.outputs.junit import junit_xml
from tests.classroom.outputs.class_results import NOON, class_of, exercise, nobodys, result


def rows(written: str) -> list[dict[str, str]]:
    assert written.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(written[1:], newline="")))


def test_a_row_a_student_and_exercise() -> None:
    """The whole file: names as they are, a mark by hand with its reason, what was never judged
    without a score, and what was never handed in.
    """
    late = replace(result("张三"), late=True, attempt=2, attempts=2, submitted_at=NOON)
    written = gradebook(
        class_of(
            late,
            result("bo", "lucky", student_id="20230017", mark=(3.5, "Spoke to me, at length")),
            result("cy", "broken"),
            exercises=(exercise("join"), exercise("start")),
        ),
        "en",
    )
    heads = "student,id,email,exercise,file,score,possible,passed,outcome,attempt,attempts"
    assert written.splitlines() == [
        f"\ufeff{heads},submitted,late,found,reason,note",
        "bo,20230017,,join,bo/join.py,3.5,4,no,finished,1,1,,,2,"
        '"Spoke to me, at length",What waits saw',
        "bo,20230017,,start,,,4,,missing,,,,,,,",
        "cy,cy,,join,cy/join.py,,4,,not-graded,1,1,,,,,The grader broke down.",
        "cy,cy,,start,,,4,,missing,,,,,,,",
        "张三,张三,,join,张三/join.py,4,4,yes,finished,2,2,2026-03-31 12:00:00+00:00,yes,4,,",
        "张三,张三,,start,,,4,,missing,,,,,,,",
    ]


def test_the_note_of_an_ordinary_answer() -> None:
    """What the first check saw that did not hold: a teacher reads it beside the mark."""
    written = rows(gradebook(class_of(result("ada"), result("bo", "lucky")), "en"))
    assert [row["note"] for row in written] == ["", "What waits saw"]


def test_marks_on_the_scripts_own_word() -> None:
    """Where there is one, a further column says of each whose word it is."""
    by_script = replace(result("ada"), witness="script")
    written = rows(gradebook(class_of(by_script, replace(result("bo"), witness="kernel")), "en"))
    assert [row["witness"] for row in written] == ["script", "kernel"]
    assert "witness" not in rows(gradebook(class_of(result("bo")), "en"))[0]


def test_lines_end_as_spreadsheets_want() -> None:
    """RFC 4180: a carriage return and a line feed."""
    assert gradebook(class_of(result("ada")), "en").count("\r\n") == 2


def test_hostile_cells() -> None:
    """Names and reasons that a spreadsheet would run, or a terminal act on, do nothing."""
    hostile = result("=cmd|' /C calc'!A0", mark=(1, "+1\n\x1b[2J"), file="@SUM(A1).py")
    (row,) = rows(gradebook(class_of(hostile), "en"))
    assert row["student"] == row["id"] == "'=cmd|' /C calc'!A0"
    assert (row["file"], row["reason"]) == ("'@SUM(A1).py", "'+1␊␛[2J")


def test_json_lines() -> None:
    """An object a line; the same keys in every language; texts in the one that is asked for."""
    results = class_of(
        result("ada", "lucky", mark=(4, "fine")),
        result("bo", "broken"),
        exercises=(exercise("join"), exercise("start")),
        unmatched=(nobodys("odd.txt", "Nobody's."),),
    )
    found = [json.loads(line) for line in json_lines(results, "zh").splitlines()]
    assert [each["kind"] for each in found] == [*["result"] * 2, *["missing"] * 2, "unmatched"]
    ada, bo = found[:2]
    assert (ada["score"], ada["found"], ada["reason"], ada["passed"]) == (4, 2, "fine", False)
    assert ada["checks"][0] == {
        "id": "waits",
        "status": "lucky",
        "points": 0,
        "possible": 2,
        "expected": "中：The claim of waits",
        "happened": "中：What waits saw",
        "why": "中：Why waits",
        "next": "中：Then waits?",
        "hint": "中：Think of waits",
        "line": 7,
        "file": "join.py",
        "cause": None,
        "schedule": "late:worker-2+200ms",
        "mistake": "mistake of waits",
    }
    assert (bo["score"], bo["outcome"], bo["note"]) == (
        None,
        "not-graded",
        "中：The grader broke down.",
    )
    assert found[4]["reason"] == "中：Nobody's."


def test_json_lines_of_names_that_are_no_text() -> None:
    """A file name that is no Unicode neither breaks a line nor is lost."""
    odd = replace(result("ada"), student=Student("a", "a\udcff\u2028b"))
    written = json_lines(class_of(odd), "en")
    assert written.isascii()
    assert json.loads(written)["student"] == "a\udcff\u2028b"


def test_junit() -> None:
    """A suite an answer with its counts; failures in the finding's words; advice and skipped
    checks are skipped, what could not be judged is an error, unless there is a mark without it.
    """
    unreachable = replace(result("ed", "unseen"), score=2.0, witness="script")
    root = ElementTree.fromstring(
        junit_xml(
            class_of(
                result("ada", "advised"),
                result("bo", "wrong", student_id="17"),
                result("cy", "unseen"),
                result("di", "broken"),
                unreachable,
            ),
            "en",
        )
    )
    counts = [
        tuple(suite.get(key) for key in ("name", "tests", "failures", "errors", "skipped"))
        for suite in root
    ]
    assert counts == [
        ("join: ada", "3", "0", "0", "1"),
        ("join: bo (17)", "2", "1", "0", "1"),
        ("join: cy", "2", "0", "1", "0"),
        ("join: di", "1", "0", "1", "0"),
        ("join: ed", "2", "0", "0", "1"),
    ]
    failure = root[1].find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "What waits saw"
    assert failure.text == "What waits saw\nWhy waits\nThen waits?\nHint: Think of waits"
    error = root[3].find("testcase/error")
    assert error is not None
    assert error.get("message") == "The grader broke down."


def test_junit_of_hostile_texts() -> None:
    """Whatever a student is called, the document stays well-formed."""
    written = junit_xml(class_of(result("<a>&\x00\x1b\ud800\uffff\ufffe]]>")), "en")
    assert ElementTree.fromstring(written.encode())[0].get("name") == "join: <a>&␀␛���]]>"
