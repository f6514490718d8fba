"""The class page: what it shows, what it hides, and that nothing in it acts."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from grader.checks import Status
from grader.classroom.model import Attempt, ChangedMark, ClassResults, Student
from grader.classroom.outputs.class_page import render_class
from grader.classroom.outputs.naming import Naming
from grader.classroom.outputs.statistics import mistakes_of, spread_of
from grader.report import content_policy
from tests.classroom.outputs.class_results import (
    check,
    class_of,
    exercise,
    nobodys,
    result,
    text,
)

HERE = Path("reports")


def small_class() -> ClassResults:
    return class_of(
        result("张三", "wrong", report=HERE / "join/张三.html"),
        result(
            "Bo", "lucky", student_id="20230017", mark=(4, "fine"), report=HERE / "join/Bo.html"
        ),
        replace(result("Cy"), late=True, attempts=3, attempt=3),
        result("Di", "broken"),
    )


def test_it_is_one_file_that_does_nothing_but_what_it_brings() -> None:
    """A strict policy, no address outside, no handler or style in an attribute."""
    page = render_class(small_class(), "en", HERE)
    style, script = (
        re.search(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1]  # type: ignore[index]
        for tag in ("style", "script")
    )
    policy = unescape(re.search('Policy" content="([^"]*)"', page)[1])  # type: ignore[index]
    assert policy == content_policy(style, script)
    assert not re.search(r"https?:|//[a-z]|\son\w+=|\sstyle=", page.replace(script, ""))
    assert "http" not in script


def test_a_row_a_student_and_a_word_in_each_cell() -> None:
    """No cell tells by its colour alone; what did not pass leads to its place in the report."""
    page = render_class(small_class(), "en", HERE)
    row = re.search("<tr data-[^\n]*张三[^\n]*</tr>", page)
    assert row is not None
    assert row[0] == (
        '<tr data-tokens="check-join/once check-join/waits failed mistake-0 open skipped" '
        'data-share="0.0"><th scope="row" class="name"><bdi>张三</bdi></th>'
        '<td class="cell failed x0"><a href="join/%E5%BC%A0%E4%B8%89.html#check-waits">✘'
        "<span>failed</span></a></td>"
        '<td class="cell skipped x0"><a href="join/%E5%BC%A0%E4%B8%89.html#check-once">↷'
        "<span>skipped</span></a></td>"
        '<td class="cell x0"></td>'
        '<td class="mark x0"><a href="join/%E5%BC%A0%E4%B8%89.html"><b>0</b>/4</a></td></tr>'
    )


def test_a_mistake_has_the_hint_of_the_exercise() -> None:
    """Below the question stands what the exercise's author thought of."""
    page = render_class(small_class(), "en", HERE)
    assert '<p class="hint"><strong>Hint:</strong> Think of waits</p>' in page


def test_remarks() -> None:
    """A mark by hand, lateness and the attempt stand beside the mark; no mark is no 0."""
    page = render_class(small_class(), "en", HERE)
    assert '<b>4</b>/4</a> <span class="tag">✎ mark set by hand</span></td>' in page
    assert '<span class="tag">⏱ late</span> <span class="tag">attempt 3</span></td>' in page
    assert '<td class="mark x0"><b>?</b>/4</td>' in page


def test_missing_answers() -> None:
    """Who handed in nothing for an exercise has a cell that says so."""
    course = class_of(result("Bo"), exercises=(exercise("join", "One"), exercise("start", "Two")))
    page = render_class(course, "en", HERE)
    assert '<td class="cell none x1" colspan="3">∅<span>nothing handed in</span></td>' in page


def test_what_else_is_told() -> None:
    """What is nobody's, what was replaced, and which marks changed."""
    bo = Student("Bo", "Bo")
    results = replace(
        small_class(),
        unmatched=(nobodys("notes <1>.txt", "No script."),),
        earlier=(Attempt(student=bo, exercise="join", file="Bo/old.py"),),
        changed=(ChangedMark(bo, "join", None, 2.5, text("by hand")),),
    )
    results = replace(results, results=(result("Bo"), *results.results))
    page = render_class(results, "en", HERE).replace("<wbr>", "")
    for told in ("notes &lt;1&gt;.txt", "No script.", "Bo/old.py", '<td class="num">2.5</td>'):
        assert told in page


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "a\x1b‮b"])
def test_hostile_names(name: str) -> None:
    """Whatever students are called or print, it is shown and does nothing."""
    told = check("waits", Status.FAILED, happened=f"It printed `{name}`.")
    page = render_class(class_of(result(name, checks=[told])), "en", HERE)
    assert name not in page
    assert "<img" not in page
    assert page.count("<script>") == 1


def test_anonymous() -> None:
    """Nobody's name, number, address or file is anywhere in the page, also not in findings."""
    hostile = check("waits", Status.FAILED, happened="It printed `hello 张三, BO and 20230017`.")
    results = class_of(
        result("张三", checks=[hostile]),
        replace(result("Bo Li"), student=Student("20230017", "Bo Li", "bo@x.edu")),
        unmatched=(nobodys("Bo Li/x.txt", "Bo Li handed in no script."),),
    )
    page = render_class(results, "en", HERE, anonymous=True)
    for known in ("张三", "Bo Li", "20230017", "bo@x.edu", ".html", "x.txt"):
        assert known not in page
    assert "It printed <code>hello ···, BO and ···</code>." in page
    assert page.count("Student 1") + page.count("Student 2") == 3


def test_pseudonyms() -> None:
    """They stay the same, tell everybody apart, and do not follow the order of names."""
    people = [Student(str(number), f"name {number:02}") for number in range(12)]
    naming = Naming(people, "en", anonymous=True)
    names = [naming.name(each) for each in people]
    assert sorted(names) == [f"Student {number:02}" for number in range(1, 13)]
    assert names != sorted(names)
    again = Naming(reversed(people), "en", anonymous=True)
    assert [again.name(each) for each in people] == names


def test_chinese() -> None:
    """The page is in one language throughout."""
    page = render_class(small_class(), "zh", HERE)
    assert '<html lang="zh-Hans">' in page
    assert "中：What waits saw" in page
    for english in ("students", "passed", "Everybody", "Search", "The claim"):
        assert f">{english}" not in page


def test_one_mistake_is_what_several_were_told() -> None:
    """Names and lines make no difference; what counts comes before advice, then the commonest."""
    told = [
        result("a", checks=[check("waits", Status.FAILED, happened="at 7", mistake="m")]),
        result("b", checks=[check("waits", Status.FAILED, happened="at 9", mistake="m")]),
        result("c", checks=[check("waits", Status.FAILED, happened="at 9", mistake="m")]),
        result("d", checks=[check("waits", Status.LUCKY, mistake="n")]),
        *(result(f"e{n}", checks=[check("polls", Status.FAILED, 0)]) for n in range(4)),
        result("f", checks=[check("once", Status.SKIPPED)]),
    ]
    found = mistakes_of(told)
    assert [("".join(each.name[0] for each in one.students), one.check) for one in found] == [
        ("abc", "waits"),
        ("d", "waits"),
        ("eeee", "polls"),
    ]
    assert found[0].example.happened == text("at 9")


def test_the_spread_of_marks() -> None:
    """A bar a point where points are few and whole, else a bar a tenth; what has no mark is in
    none; the teacher's word counts.
    """
    results = [result("a"), result("b", "wrong"), result("c", "unseen"), result("d", mark=(1, ""))]
    spread = spread_of(exercise(), results)
    assert [(bar.label, bar.count) for bar in spread.bars] == [
        ("0", 1),
        ("1", 1),
        ("2", 0),
        ("3", 0),
        ("4", 1),
    ]
    assert (spread.answers, spread.unsettled, spread.middle) == (4, 1, 1)
    tenths = spread_of(exercise(), [*results, result("e", mark=(2.8, ""))]).bars
    assert [bar.count for bar in tenths] == [1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1]
    assert tenths[7].label == "70–79 %"
    assert spread_of(exercise(possible=0), []).bars == ()


def test_marks_on_the_scripts_own_word() -> None:
    """It is said at the head of the page, and only where there are any."""
    told = "rest on the scripts' own word (--witness script)"
    by_script = class_of(replace(result("ada"), witness="script"))
    assert told in unescape(render_class(by_script, "en", HERE))
    assert told not in unescape(render_class(class_of(result("ada")), "en", HERE))


def test_names_are_sorted_by_pinyin() -> None:
    """Latin letters first, in whatever case; then frequent characters as they are pronounced."""
    people = [Student(each, each) for each in ("张三", "李四", "bo", "王五", "Cy", "陈六", "Ada")]
    order = [each.name for each in Naming(people, "zh").order]
    assert order == ["Ada", "bo", "Cy", "陈六", "李四", "王五", "张三"]
