"""The page: one file, complete without a script, safe whatever a student prints."""

import base64
import hashlib
import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import Feedback, Finding, Status
from grader.grading import Grade
from grader.messages import say
from grader.report import render_html
from grader.trace import MAIN, Location, Outcome, Stream, Witness
from tests.building import SCRIPT, Story, s
from tests.report.grades import (
    HOSTILE,
    advice,
    bad,
    five,
    good,
    grade,
    hostile,
    lucky,
    passed,
    spawned,
)
from tests.report.pages import Element, parsed


def page_of(shown: Grade) -> Element:
    return parsed(render_html(shown, "en"))


def texts(elements: list[Element]) -> list[str]:
    return [element.text for element in elements]


def test_the_head_of_the_page() -> None:
    """The exercise, the script, the score."""
    page = page_of(bad())
    assert page.one("h1").text == "Start five and wait for all"
    assert page.one("head").one("title").text == "Start five and wait for all · student.py"
    assert page.one("p", "file").text == "student.py · witness: kernel"
    assert page.one("p", "score").text == "2 of 4.5 points."


def test_a_self_check() -> None:
    """It says first what it is, and the bar is that of what could be judged."""
    unseen = Finding("keeps", Status.INCONCLUSIVE, say("It lets go"))
    trace = replace(five(), witness=Witness.SCRIPT)
    page = page_of(grade([(passed(), 2), (unseen, 1)], [trace]))
    assert page.one("p", "file").text == "student.py · witness: the script itself"
    assert page.one("p", "self-check").text.startswith("This is a self-check: ")
    assert page.one("rect", "got").attributes["width"] == "100"
    assert not page_of(bad()).all("p", "self-check")


def test_failures_are_open_and_first_passes_are_folded() -> None:
    """What there is to learn is read without a click."""
    page = page_of(bad())
    findings = page.all("details", "finding")
    assert [(each.attributes["id"], "open" in each.attributes) for each in findings] == [
        ("check-waits", True),
        ("check-kind", True),
        ("check-last", False),
        ("check-together", False),
    ]
    assert "open" not in page.one("details", "passes").attributes
    assert page.one("details", "passes").all("summary")[0].text == "✔ One check passed"


def test_a_finding_in_full() -> None:
    """Expected, happened, why, the line, the next step, the hint, and where to see it."""
    finding = page_of(bad()).by_id("check-waits")
    assert texts(finding.one("summary").all("span")) == [
        "✘",
        "failed",
        "Main waits for all five",
        "0/1.5",
    ]
    assert texts(finding.one("div", "body").all("p")) == [
        "Main printed its line at 0.01 s.",
        "start() does not wait.",
        'Line 16 print("主进程")',
        "→ What makes main stop until the children have ended?",
        "Hint: Which method waits?",
        "see it in the timeline",
    ]


def test_never_colour_alone() -> None:
    """Each status has its own icon and its own word."""
    findings = [passed("a")] + [
        Finding(name, status, say("x"))
        for name, status in [
            ("b", Status.FAILED),
            ("c", Status.LUCKY),
            ("d", Status.SKIPPED),
            ("e", Status.INCONCLUSIVE),
        ]
    ]
    shown = grade([(each, 1) for each in findings] + [(advice(), 0)], [five()])
    summaries = [each.one("summary") for each in page_of(shown).all("details", "finding")]
    icons = [summary.one("span", "icon").text for summary in summaries]
    words = [summary.one("span", "word").text for summary in summaries]
    assert words == ["failed", "lucky", "not judged", "advice", "skipped", "passed"]
    assert len(set(icons)) == len(icons)


def test_advice_that_was_not_judged_looks_like_what_was_skipped() -> None:
    """It has nothing to say, and does not stand out among the others of its kind."""
    shown = grade([(replace(advice(), status=Status.SKIPPED), 0)], [five()])
    found = page_of(shown).by_id("check-kind")
    assert found.classes == {"finding", "skipped"}


def test_lucky_says_how_to_run_that_order_again() -> None:
    """The order that breaks it is named, drawn beside the natural one, and can be replayed."""
    page = page_of(lucky())
    finding = page.by_id("check-waits")
    assert "Run this order again: --replay slow:worker-5x2" in finding.text
    assert [link.attributes["href"] for link in finding.all("a")] == [
        "#line-16",
        "#run-1",
    ]
    runs = page.all("details", "run")
    assert texts([run.one("summary") for run in runs]) == [
        "In the natural order",
        "Another order: if Process-5 needs twice as long",
    ]
    assert [len(run.all("a", "relation")) for run in runs] == [0, 1]


def test_a_finding_of_another_start_method_is_shown_in_its_run() -> None:
    """The relation is drawn there, the finding leads there, and its output and processes stand
    beside those of the first run.
    """
    page = page_of(spawned())
    runs = page.all("details", "run")
    assert texts([run.one("summary") for run in runs]) == [
        "In the natural order",
        "In the natural order (spawn)",
    ]
    assert [len(run.all("a", "relation")) for run in runs] == [0, 1]
    finding = page.by_id("check-same-lines")
    assert "#run-1" in {link.attributes["href"] for link in finding.all("a")}
    output = page.by_id("output")
    assert texts(output.all("h2")) == [
        "At the terminal (start method fork)",
        "At the terminal (start method spawn)",
    ]
    said = [texts(table.all("code")) for table in output.all("table", "said")]
    assert ["top", "top"] in said
    assert len(page.by_id("processes").all("table")) == 2


def test_links_lead_somewhere() -> None:
    """Every link is to a place in this page, and no place has the name of another."""
    for shown in (good(), bad(), lucky(), spawned()):
        page = page_of(shown)
        ids = [each.attributes["id"] for each in page.all() if "id" in each.attributes]
        assert len(ids) == len(set(ids))
        targets = {link.attributes["href"] for link in page.all("a")}
        assert targets
        assert {target for target in targets if target[1:] not in ids} == set()


def test_the_source_marks_the_lines_concerned() -> None:
    """Numbered, coloured by classes, and the line of a finding leads to it."""
    page = page_of(bad())
    lines = page.by_id("source").all("tr")
    assert len(lines) == 16
    (pointed,) = [line for line in lines if "pointed" in line.classes]
    assert pointed.attributes["id"] == "line-16"
    assert texts(pointed.all("td")) == ["16", 'print("主进程")', "← Main waits for all five"]
    assert pointed.one("a").attributes["href"] == "#check-waits"
    assert lines[0].one("code").all("span")[0].attributes == {"class": "kn"}


@pytest.mark.parametrize(
    ("code", "second"),
    [
        (b"# -*- coding: gbk -*-\nprint('\xd6\xf7')\n", "print('主')"),
        (b"\xef\xbb\xbfx = 1\r\ny = 2\r\n", "y = 2"),
        (b"a\nb\x0cc\xff\n", "b␌c\ufffd"),
        (b"\n\tx", "x"),
        (b"'''one\ntwo'''", "two'''"),
    ],
)
def test_source_in_any_bytes(code: bytes, second: str) -> None:
    """Lines are those that Python counts, whatever the bytes."""
    page = page_of(grade([(passed(), 1)], [five()], code=code))
    assert page.by_id("line-2").one("code").text == second


def test_an_empty_script() -> None:
    """Nothing to show is no error."""
    page = page_of(grade([(passed(), 1)], [], code=b"", note=say("The file is empty.")))
    assert page.one("p", "note").text == "The file is empty."
    assert page.by_id("source").all("tr") == []


def test_output_in_order_and_by_process() -> None:
    """Who said which line when; stdout and stderr are told apart in words."""
    story = Story()
    p = story.start(at=s(0.01), variable="p")
    story.prints(p, "one", at=s(0.02))
    story.prints(MAIN, "two", at=s(0.03), stream=Stream.STDERR)
    story.prints(p, "three", at=s(0.04))
    output = page_of(grade([(passed(), 1)], [story.trace()])).by_id("output")
    at_terminal, *by_process = output.all("table")
    assert [texts(row.all("td")) for row in at_terminal.all("tr")] == [
        ["0.02 s", "p", "one"],
        ["0.03 s", "main", "stderr two"],
        ["0.04 s", "p", "three"],
    ]
    assert texts(output.all("h3")) == ["p", "main"]
    assert [texts(table.all("code")) for table in by_process] == [["one", "three"], ["two"]]


def test_how_the_run_ended_is_said() -> None:
    """A deadlock stands at the head of the page."""
    story = Story()
    story.outcome(Outcome.DEADLOCK)
    page = page_of(grade([(passed(), 1)], [story.trace()]))
    assert page.one("p", "outcome").text == "⚠ deadlock: everything waits, and nothing can go on"


def test_the_task_is_markdown_without_html() -> None:
    """A teacher's HTML is shown as text, and images and links are not made."""
    shown = good()
    task = say("**bold** <b>x</b> ![i](http://a/b.png) [l](http://a)")
    exercise = shown.exercise.model_copy(update={"task": task})
    rendered = render_html(Grade(exercise, shown.submission, shown.judgements, shown.runs), "en")
    prose = parsed(rendered).one("div", "prose")
    assert texts(prose.all("strong")) == ["bold"]
    assert prose.all("b") + prose.all("img") + prose.all("a") == []


def test_the_policy_allows_what_is_there_and_nothing_else() -> None:
    """One style, one script, both by their hashes; no style attributes, no handlers."""
    rendered = render_html(bad(), "en")
    page = parsed(rendered)
    (style,) = re.findall(r"<style>(.*?)</style>", rendered, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", rendered, re.DOTALL)

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    (policy,) = [
        meta.attributes["content"]
        for meta in page.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest(style)}'; "
        f"script-src 'sha256-{digest(script)}'; base-uri 'none'; form-action 'none'"
    )
    attributes = {name for each in page.all() for name in each.attributes}
    assert not {name for name in attributes if name == "style" or name.startswith("on")}
    assert not re.search(r"https?://|@import|url\((?!#)|src=", rendered)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_text_is_only_text(text: str, language: str) -> None:
    """In names, output, source and findings: nothing of it becomes markup, nothing acts."""
    rendered = render_html(hostile(text), "zh" if language == "zh" else "en")
    assert_harmless(rendered)


@settings(max_examples=40)
@given(st.text(st.characters(), max_size=60), st.text(st.characters(), min_size=1, max_size=20))
def test_whatever_a_student_writes(text: str, script: str) -> None:
    """Any text anywhere, any name of the script."""
    assert_harmless(render_html(hostile(text, script=script), "en"))


def assert_harmless(rendered: str) -> None:
    """The page has the tags of any other page, and no character in it acts."""
    page = parsed(rendered)
    assert {each.tag for each in page.all()} <= TAGS
    assert len(page.all("script")) == 1
    names = {name for each in page.all() for name in each.attributes}
    assert not {name for name in names if name.startswith("on") or name == "style"}
    rendered.encode("utf-8")
    for character in set(rendered) - set("\n\t\u200c\u200d"):
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


TAGS = {each.tag for shown in (good(), bad(), lucky()) for each in page_of(shown).all()} | {"h3"}


def test_ten_thousand_events() -> None:
    """The page stays under two megabytes, and says what it leaves out."""
    story = Story()
    children = [story.start(at=s(0.0001 * n), variable=f"p{n}") for n in range(60)]
    for n in range(10_000):
        story.prints(children[n % 60], f"line {n} " + "x" * 100, at=s(0.1) + n * 10**6)
    rendered = render_html(grade([(passed(), 1)], [story.trace()]), "en")
    assert len(rendered.encode()) < 2_000_000
    assert texts(parsed(rendered).all("p", "left-out")) == [
        "9621 things are left out of the drawing. 7721 events are left out of the table.",
        "9600 more are left out.",
    ]


def test_five_megabytes_in_one_line() -> None:
    """A line, a name and a source of megabytes are cut where they are shown."""
    story = Story()
    child = story.start(at=s(0.01), name="n" * 5_000_000)
    story.prints(child, "x" * 5_000_000, at=s(0.02))
    code = b"y = '" + b"z" * 5_000_000 + b"'\n" + b"pass\n" * 3_000
    rendered = render_html(grade([(passed(), 1)], [story.trace()], code=code), "en")
    assert len(rendered.encode()) < 1_000_000
    assert texts(parsed(rendered).all("p", "left-out")) == ["1501 more are left out."]


def test_chinese() -> None:
    """The page says its language, and what the teacher wrote in it."""
    page = parsed(render_html(bad(), "zh"))
    assert page.one("html").attributes["lang"] == "zh-Hans"
    assert page.one("h1").text == "启动五个进程，一起等待"


def test_a_finding_about_a_line_that_is_not_there() -> None:
    """A line number beyond the file quotes nothing."""
    finding = Finding(
        "waits", Status.FAILED, say("x"), Feedback(say("y"), line=Location(SCRIPT, 999))
    )
    body = page_of(grade([(finding, 1)], [five()])).by_id("check-waits").one("div", "body")
    assert texts(body.all("p")) == ["y"]
