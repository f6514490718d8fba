"""axe-core finds nothing at the levels A and AA of WCAG on any of our pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from grader.classroom.outputs.class_page import render_class
from grader.messages import LANGUAGES, Language
from grader.report import render_html
from tests.browser import Opener
from tests.classroom.outputs.class_results import class_of, result
from tests.repeating import exhaustive
from tests.report.grades import lucky

LEVELS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def opener(chromium: Browser, tmp_path: Path) -> Iterator[Opener]:
    yield Opener(chromium, tmp_path)
    for context in chromium.contexts:
        context.close()


def violations(page: Page) -> list[str]:
    """What axe-core says of the page with everything unfolded, and where."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = Axe().run(page, options=LEVELS).response["violations"]
    return [
        f"{each['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for each in found
        for node in each["nodes"][:3]
    ]


def student_page(language: Language, folder: Path) -> str:
    return render_html(lucky(), language)


def class_page(language: Language, folder: Path) -> str:
    shown = class_of(
        result("Ada Lovelace", "right"),
        result("Bo Li", "lucky", student_id="20230017"),
        result("Cy Ng", "wrong"),
        result("张三", "broken"),
    )
    return render_class(shown, language, folder)


VIEWS: dict[str, dict[str, object]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": PHONE},
    "print": {},
}


@pytest.mark.parametrize(
    ("view", "language"),
    [
        ("dark", "en"),
        *exhaustive(
            *(
                pytest.param(view, language)
                for view in VIEWS
                for language in LANGUAGES
                if (view, language) != ("dark", "en")
            )
        ),
    ],
)
@pytest.mark.parametrize("rendered", [student_page, class_page])
def test_axe_core_finds_nothing(
    opener: Opener, rendered: object, view: str, language: Language
) -> None:
    """Everything is unfolded for it, and in the report the cursor stands on an event."""
    text = rendered(language, opener.folder)  # type: ignore[operator]
    page = opener.open("page.html", text, **VIEWS[view])
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    if view == "print":
        page.emulate_media(media="print")
    assert violations(page) == []
