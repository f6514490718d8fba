"""The rules of the table of mistakes, and of the tables of exceptions beside it."""

from __future__ import annotations

import importlib.util
import re
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

from grader.checks.grouping import find_causes
from grader.checks.mistakes import (
    EXCEPTIONS,
    MISTAKES,
    Detected,
    Mistake,
    RaisedException,
    Recognised,
    table,
)
from grader.checks.verdict import failed, passed
from grader.exercise import RELATIONS
from grader.messages import say
from grader.trace import MAIN
from tests.building import Story
from tests.checks.stage import context
from tests.messages.catalogues import po_file

ROOT = Path(__file__).parent.parent.parent
ROWS: tuple[Mistake | RaisedException, ...] = (*MISTAKES, *EXCEPTIONS)
CRASHES = ("main-crashed", "child-crashed")
"""Rows of which the exception's row says more."""


def by_id(row: Mistake | RaisedException) -> str:
    return row.id


def documents() -> ModuleType:
    """The script that writes the page."""
    spec = importlib.util.spec_from_file_location("mistakes", ROOT / "docs/mistakes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_ids_are_unique_and_in_kebab_case() -> None:
    """Reports in JSON carry them: each means one thing."""
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert [each for each in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each)] == []


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_who_reports_it(row: Mistake | RaisedException) -> None:
    """Only relations that there are can be named, each once."""
    assert set(row.report_via) <= set(RELATIONS)
    assert len(set(row.report_via)) == len(row.report_via)


@pytest.mark.parametrize("row", MISTAKES, ids=by_id)
def test_every_row_has_a_detector_of_its_own(row: Mistake) -> None:
    """It finds nothing in a run in which nothing happened, and is in no other row."""
    assert list(row.detect(context(Story()))) == []
    assert [other.id for other in MISTAKES if _same(other, row)] == [row.id]
    assert row.description


def _same(one: Mistake, other: Mistake) -> bool:
    if isinstance(one.detect, partial) and isinstance(other.detect, partial):
        return (one.detect.func, one.detect.args) == (other.detect.func, other.detect.args)
    return one.detect == other.detect


def test_submissions_are_told_mistakes_that_there_are() -> None:
    """An id that changed would be found nowhere."""
    told = {name for name in documents()._examples() if name}
    assert told - {row.id for row in ROWS} == set()


def test_the_first_row_that_explains_a_check_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of the table is from the most telling to the least."""
    rows = [
        Mistake(name, lambda context: iter([Detected(SAID)]), explains, ("clean",))
        for name, explains in (
            ("elsewhere", lambda check, verdict, detected: check.relation == "count"),
            ("first", lambda check, verdict, detected: True),
            ("second", lambda check, verdict, detected: True),
        )
    ]
    monkeypatch.setattr(table, "MISTAKES", rows)
    verdict = failed(say("x"), why=say("y"), next=say("z?"), about=[MAIN])
    played = context(
        Story(), {"id": "prints", "prints": {"text": "x"}}, {"id": "ends", "clean": True}
    )
    causes = find_causes(played, {"prints": verdict, "ends": verdict})
    first = Recognised(rows[1], Detected(SAID))
    assert [each.check for each in causes.values()] == ["ends", "ends"]
    assert [each.mistake for each in causes.values()] == [first, first]


SAID = failed(say("x"), why=say("y"), next=say("z?")).feedback


def test_no_mistake_is_looked_for_where_nothing_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right answer is not accused of anything."""
    monkeypatch.setattr(table, "MISTAKES", [None])
    assert find_causes(context(Story(), {"id": "ends", "clean": True}), {"ends": passed()}) == {}


def test_the_page_is_up_to_date() -> None:
    """``python docs/mistakes.py`` writes what stands there."""
    page = documents()
    assert page.DOCUMENT.read_text("utf-8") == page.document()


@pytest.mark.parametrize("row", MISTAKES, ids=by_id)
def test_the_page_says_what_is_said(row: Mistake) -> None:
    """Each says what happened or why, and ends with a question; exceptions have their own."""
    said = documents()._sentences(row.detect)
    if row.id not in CRASHES:
        assert "happened" in said or "why" in said
        assert said["next"].endswith("?")


def test_each_row_is_translated() -> None:
    """What is said of a mistake is said in Chinese, too."""
    with po_file("zh").open("rb") as file:
        catalogue = read_po(file)
    page = documents()
    said = [text for row in MISTAKES for text in page._sentences(row.detect).values()]
    said += [text for row in EXCEPTIONS for text in (row.why.text, row.next.text)]
    assert [each for each in said if each not in catalogue or not catalogue[each].string] == []


@pytest.mark.parametrize(
    ("special", "general"),
    [
        ("start-not-called", "never-started"),
        ("start-not-called", "main-crashed"),
        ("main-crashed", "main-ended-early"),
        ("false-guard", "start-not-reached"),
        ("lock-lost", "deadlock"),
        ("queue-not-read", "deadlock"),
        ("join-not-called", "no-wait"),
        ("wait-timed-out", "pause-for-wait"),
        ("gave-up-asking", "asks-for-something-else"),
        ("asks-for-something-else", "pause-for-wait"),
        ("pause-for-wait", "some-not-joined"),
        ("message-for-end", "some-not-joined"),
        ("some-not-joined", "no-wait"),
        ("no-wait", "late-wait"),
    ],
)
def test_the_special_comes_before_the_general(special: str, general: str) -> None:
    """Both are detected in the same run, and the first says more."""
    ids = [row.id for row in MISTAKES]
    assert ids.index(special) < ids.index(general)
