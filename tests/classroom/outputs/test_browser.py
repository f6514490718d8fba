"""The class page in a real browser: Debian's Chromium (``apt install chromium``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from grader.classroom.model import ClassResults
from grader.classroom.outputs.class_page import render_class
from tests.browser import Opener
from tests.classroom.outputs.class_results import class_of, exercise, result
from tests.repeating import exhaustive

PHONE = {"width": 360, "height": 740}


class Opened(Opener):
    """Opens classes."""

    def __call__(
        self, shown: ClassResults, address: str = "", *, lang: str = "en", **options: object
    ) -> Page:
        text = render_class(shown, "zh" if lang == "zh" else "en", self.folder)
        return self.open("index.html", text, address, **options)


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Opened]:
    """The browser stays; pages are closed after each test."""
    yield Opened(chromium, tmp_path)
    for context in chromium.contexts:
        context.close()


def small_class() -> ClassResults:
    return class_of(
        result("Ada Lovelace", "right"),
        result("Bo Li", "lucky", student_id="20230017"),
        result("Cy Ng", "wrong"),
        result("Di <img src=x onerror=alert(1)>", "broken"),
        replace(result("张三", "wrong", mark=(3, "fine")), late=True),
    )


def course() -> ClassResults:
    return class_of(
        result("Ada"),
        result("Ada", "wrong", exercise="start"),
        result("Bo"),
        exercises=(exercise("join", "One"), exercise("start", "Two")),
    )


def names(page: Page) -> list[str]:
    """Of the rows that are seen, from top to bottom."""
    rows = page.locator("#heat tbody tr:not([hidden]) .name bdi")
    return [name.split(" ")[0] for name in rows.all_inner_texts()]


@pytest.mark.parametrize("scheme", ["light", *exhaustive("dark")])
@pytest.mark.parametrize("shown", [small_class, course])
def test_nothing_is_fetched_and_the_policy_is_kept(
    opened: Opened, shown: object, scheme: str
) -> None:
    """One file, no complaint, and whatever students are called does nothing."""
    page = opened(shown(), color_scheme=scheme)  # type: ignore[operator]
    assert page.locator("#heat tbody tr").count() > 1
    assert opened.complaints == []
    assert len(opened.requests) == 1


def test_without_javascript(opened: Opened) -> None:
    """Everything can be read; what would not work is not there."""
    page = opened(small_class(), java_script_enabled=False)
    assert names(page) == ["Ada", "Bo", "Cy", "Di", "张三"]
    assert page.locator(".cell.lucky").last.inner_text() == "☘lucky"
    assert not page.locator(".tools").is_visible()
    assert page.locator("#mistake-0 .next").is_visible()


def test_search_and_filter_are_in_the_address(opened: Opened) -> None:
    """What is chosen stands in the address, and an address with it shows the same."""
    page = opened(small_class())
    page.keyboard.press("/")
    page.keyboard.type("2023")
    assert names(page) == ["Bo"]
    assert page.url.endswith("#q=2023")
    assert page.locator("#shown").inner_text() == "1 of 5 students"
    page.locator("#reset").click()
    assert names(page) == ["Ada", "Bo", "Cy", "Di", "张三"]
    page.locator("#show").select_option("late")
    assert (names(page), page.url.partition("#")[2]) == (["张三"], "show=late")
    assert names(opened(small_class(), "#show=unjudged")) == ["Di"]
    assert names(opened(small_class(), "#show=lucky&q=bo")) == ["Bo"]
    assert names(opened(small_class(), "#show=by-hand&sort=mark")) == ["张三"]


def test_who_made_a_mistake(opened: Opened) -> None:
    """A mistake leads to those who made it in the table, and back."""
    page = opened(small_class())
    page.locator("#mistake-0 [data-only]").click()
    assert names(page) == ["Cy", "张三"]
    assert (
        page.locator(".only").inner_text() == "Only students who made this mistake: What waits saw"
    )
    page.locator("#heat th [data-only='check-join/once']").click()
    assert names(page) == ["Cy", "张三"]
    assert page.locator(".only strong").inner_text() == "join/once"
    page.locator("#heat th [data-only='check-join/once']").click()
    assert len(names(page)) == 5


def test_nobody(opened: Opened) -> None:
    """Where nobody fits the page says so."""
    page = opened(small_class(), "#q=xyz")
    assert names(page) == []
    assert page.locator(".nobody").is_visible()


def test_lowest_mark_first(opened: Opened) -> None:
    """The order changes and comes back."""
    page = opened(small_class(), "#sort=mark")
    assert names(page) == ["Cy", "Di", "Bo", "张三", "Ada"]
    page.locator("#sort").select_option("")
    assert names(page) == ["Ada", "Bo", "Cy", "Di", "张三"]


@pytest.mark.parametrize(
    ("head", "upwards"),
    [
        ("Student", ["Ada", "Bo", "Cy", "Di", "张三"]),
        ("Number", ["Ada", "Cy", "Di", "张三", "Bo"]),
        ("Mark", ["Cy", "Di", "Bo", "张三", "Ada"]),
    ],
)
def test_heads_sort(opened: Opened, head: str, upwards: list[str]) -> None:
    """A click sorts by the column, another one the other way round; the head says which."""
    page = opened(small_class(), "#sort=mark" if head == "Student" else "")
    button = page.locator("#heat thead button", has_text=head)
    button.click()
    assert names(page) == upwards
    assert page.locator("th[aria-sort=ascending] [aria-pressed=true]").inner_text() == head
    button.click()
    assert names(page)[0] == upwards[-1]
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    assert opened.complaints == []


def test_one_exercise_of_a_course(opened: Opened) -> None:
    """Columns of the others are hidden; who handed in nothing is found."""
    page = opened(course(), "#exercise=start")
    assert page.locator("#heat th.check").filter(visible=True).count() == 3
    page.locator("#exercise").select_option("")
    assert page.locator("#heat th.check").filter(visible=True).count() == 6
    page.locator("#show").select_option("missing")
    assert names(page) == ["Bo"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_on_a_phone(opened: Opened, lang: str) -> None:
    """The page is no wider than the screen; the table scrolls, and names stay in view."""
    page = opened(small_class(), lang=lang, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    before = page.locator("#heat tbody .name").first.bounding_box()
    page.locator(".heat").evaluate("pane => { pane.scrollLeft = 60; }")
    after = page.locator("#heat tbody .name").first.bounding_box()
    assert before is not None
    assert after is not None
    assert before["x"] == after["x"]


def long_names() -> ClassResults:
    return class_of(
        result("exercise_three_lovelace_ada.py", "lucky"),
        result("exercise_three_li_bo.py", "wrong"),
        result("A" * 60, "right"),
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_phone_shows_all_checks_beside_the_names(opened: Opened, lang: str) -> None:
    """Icons alone, their heads standing on end: nothing has to be moved sideways."""
    page = opened(small_class(), lang=lang, viewport={"width": 420, "height": 800})
    pane = page.locator(".heat")
    assert pane.evaluate("pane => pane.scrollWidth <= pane.clientWidth")
    heads = page.locator("#heat .check button").all()
    assert len(heads) == 3
    for head in heads:
        box = head.bounding_box()
        assert box is not None
        assert box["height"] > box["width"]
    assert page.locator("#heat .cell.failed").first.inner_text().startswith("✘")


def test_names_of_files_are_broken_between_their_parts(opened: Opened) -> None:
    """And nowhere else, unless one part alone is wider than the column."""
    page = opened(long_names(), viewport={"width": 420, "height": 800})
    lines = page.locator("#heat tbody .name bdi").evaluate_all(
        """all => all.map(name => {
          const lines = [];
          let top = null;
          for (const part of name.childNodes)
            for (let at = 0; at < (part.data || "").length; at += 1) {
              const range = document.createRange();
              range.setStart(part, at);
              range.setEnd(part, at + 1);
              const box = range.getBoundingClientRect();
              if (box.top !== top) { lines.push(""); top = box.top; }
              lines[lines.length - 1] += part.data[at];
            }
          return lines;
        })"""
    )
    for name in lines:
        assert len(name) > 1
        if not name[0].startswith("A"):
            assert all(line[-1] == "_" for line in name[:-1])
