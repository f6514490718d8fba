"""The page in a real browser: Debian's Chromium (``apt install chromium``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from grader.checks import Mark, Relation
from grader.grading import Grade
from grader.messages import Language, say
from grader.report import render_html
from grader.trace import MAIN, Outcome, Stream, WaitReason
from tests.browser import Opener
from tests.building import Story, s
from tests.repeating import exhaustive
from tests.report.grades import (
    HOSTILE,
    bad,
    five,
    good,
    grade,
    hostile,
    lucky,
    not_waited,
    passed,
)

PHONE = {"width": 360, "height": 740}


class Opened(Opener):
    """Opens grades."""

    def __call__(
        self, shown: Grade, address: str = "", *, language: Language = "en", **options: object
    ) -> Page:
        return self.open("report.html", render_html(shown, language), address, **options)


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Opened]:
    """The browser stays; pages are closed after each test."""
    yield Opened(chromium, tmp_path)
    for context in chromium.contexts:
        context.close()


def ids(elements: Locator) -> list[str]:
    found: list[str] = elements.evaluate_all("all => all.map(each => each.id)")
    return found


def focused(page: Page) -> str:
    """The id of what has the focus, or of the finding that it is in."""
    found: str = page.evaluate(
        "(document.activeElement.closest('[id]') || document.activeElement).id"
    )
    return found


@pytest.mark.parametrize("shown", [good, bad, lucky])
@pytest.mark.parametrize("scheme", ["dark", *exhaustive("light")])
def test_nothing_is_fetched_and_the_policy_is_kept(
    opened: Opened, shown: Callable[[], Grade], scheme: str
) -> None:
    """One request, for the file itself, and nothing that the browser would complain of."""
    page = opened(shown(), color_scheme=scheme)
    for key in "jknp+-0?":
        page.keyboard.press(key)
    assert opened.complaints == []
    assert len(opened.requests) == 1


@pytest.mark.parametrize("text", [*HOSTILE[1:4], *exhaustive(HOSTILE[0], *HOSTILE[4:])])
def test_hostile_text_runs_nothing(opened: Opened, text: str) -> None:
    """A page full of it opens without an alert, an error or a request."""
    page = opened(hostile(text))
    assert page.locator("script").count() == 1
    assert opened.complaints == []
    assert len(opened.requests) == 1


def test_all_of_it_reads_without_a_script(opened: Opened) -> None:
    """Failures are open, passes fold out by a click, and no button is shown that does nothing."""
    page = opened(bad(), java_script_enabled=False)
    assert page.locator("#check-waits .happened").is_visible()
    assert page.locator("#check-together").is_hidden()
    page.locator(".passes > summary").click()
    assert page.locator("#check-together").is_visible()
    assert page.locator(".timeline").is_visible()
    assert page.locator("button:visible").count() == 0
    page.locator("#check-waits a", has_text="Line 16").click()
    assert page.url.endswith("#line-16")


def test_j_and_k_go_from_finding_to_finding(opened: Opened) -> None:
    """In the order of the page, and at the ends they stay."""
    page = opened(bad())
    order = []
    for key in "jjjjkkkk":
        page.keyboard.press(key)
        order.append(focused(page).removeprefix("check-"))
    assert order == ["waits", "kind", "last", "last", "kind", "waits", "waits", "waits"]


def test_the_arrows_walk_every_event(opened: Opened) -> None:
    """One after the other, whatever it is; at the ends they stay. `n` and `p` do the same."""
    page = opened(good())
    told = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "n", "n", "p"):
        page.keyboard.press(key)
        told.append(page.locator(".readout").inner_text())
    first, second, third = (
        "0.00 s · main: begins",
        "0.00 s · main: starts Process-1 (line 13)",
        "0.00 s · Process-1: begins",
    )
    assert told == [first, second, first, first, second, third, second]
    rows = page.locator("#timeline tbody tr[id]").count()
    for _ in range(rows):
        page.keyboard.press("ArrowRight")
    assert page.locator(".position").inner_text() == f"{rows}/{rows}"
    page.keyboard.press("Escape")
    assert page.locator(".stepper, .cursor, .lit").locator("visible=true").count() == 0


def test_home_and_end_go_to_the_first_and_the_last_event(opened: Opened) -> None:
    """Only while one steps through them: else they move the page. The run stays in sight."""
    page = opened(lucky(), viewport={"width": 1100, "height": 700})
    rows = page.locator("#timeline tbody tr[id]")
    page.keyboard.press("n")
    for key, place in (("End", -1), ("Home", 0)):
        page.keyboard.press(key)
        assert rows.nth(place).get_attribute("aria-current") == "step"
        assert (
            page.locator(".run")
            .nth(place)
            .evaluate(
                "run => run.getBoundingClientRect().bottom > 0"
                " && run.getBoundingClientRect().top < innerHeight"
            )
        )
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    assert not page.locator(".stepper").is_visible()


def test_main_stands_on_its_wait_while_others_move(opened: Opened) -> None:
    """Its line stays lit in the source, and beside the drawing, until it goes on."""
    page = opened(good(), viewport={"width": 1100, "height": 900})
    for moving in ("begins to wait for Process-1", "ends with exit", "has waited for Process-1"):
        row = page.locator("#timeline tr", has_text=moving).first
        page.evaluate("id => goTo(id)", row.get_attribute("id"))
        assert page.locator("#line-15.lit:not(.left)").count() == 1
        assert page.locator("#line-15 .here").inner_text() == "main"
        assert page.locator(".lines li").first.inner_text().split() == [
            "main",
            "15",
            "worker.join()",
        ]
    assert opened.complaints == []


@pytest.mark.parametrize("way", ["mark", "bar", "output", "source"])
def test_whatever_is_clicked_moves_the_one_cursor(opened: Opened, way: str) -> None:
    """A mark, a bar, a line of output, a line of source: lanes, source and output follow."""
    page = opened(bad(), viewport={"width": 1100, "height": 900})
    told, clicked = {
        "mark": ("0.00 s · Process-1: prints: hello 0", ".mark.printed .sign"),
        "bar": ("0.01 s · main: begins to wait for Process-1", ".span.waiting"),
        "output": ("0.00 s · Process-2: prints: hello 1", ".said code:has-text('hello 1')"),
        "source": ("0.00 s · main: starts Process-1 (line 13)", "#line-13 .num"),
    }[way]
    page.locator(clicked).first.click(position={"x": 4, "y": 4})
    assert page.locator(".readout").inner_text().startswith(told)
    assert page.locator("g.cursor").count() == 1
    assert page.locator("#timeline tr[aria-current=step]").count() == 1
    said = page.locator(".said tr[aria-current=step]")
    assert bool(said.count()) is (way in ("mark", "output"))


def test_output_yet_to_come_is_pale(opened: Opened) -> None:
    """What has been printed up to the cursor stands out."""
    page = opened(good())
    page.locator(".said code", has_text="hello 1").first.click()
    said = page.locator("#output .said").first.locator("tr:not(.later) code")
    assert said.all_inner_texts() == ["hello 0", "hello 1"]


def test_the_keys_are_told(opened: Opened) -> None:
    """`?` shows the keys and hides them again; Escape does, too."""
    page = opened(good())
    help_ = page.get_by_role("dialog")
    assert help_.count() == 0
    page.keyboard.press("?")
    assert help_.is_visible()
    assert help_.locator("kbd").all_inner_texts() == [
        *["j", "k", "←", "→", "Home", "End", "Esc", "+", "-", "0", "?"]
    ]
    page.keyboard.press("?")
    assert help_.count() == 0
    page.get_by_role("button", name="Keys").click()
    page.keyboard.press("Escape")
    assert help_.count() == 0


def test_the_filter_stands_in_the_address(opened: Opened) -> None:
    """Who is sent the address sees what the sender saw."""
    page = opened(bad())
    page.get_by_role("button", name="not passed").click()
    assert page.url.endswith("#show=open")
    assert page.locator(".passes").is_hidden()
    page.reload()
    assert page.locator(".passes").is_hidden()
    assert page.locator("[data-show=open]").get_attribute("aria-pressed") == "true"
    page.go_back()
    assert page.locator(".passes").is_visible()


@pytest.mark.parametrize("place", ["check-together", "event-0-20", "line-16", "run-0"])
def test_a_deep_link_opens_what_it_leads_to(opened: Opened, place: str) -> None:
    """A check that passed, an event, a line: unfolded and in sight."""
    page = opened(bad(), f"#{place}")
    target = page.locator(f"#{place}")
    assert target.is_visible()
    box = target.bounding_box()
    assert box is not None
    assert 0 <= box["y"] + box["height"] / 2 <= 720


def test_zoom(opened: Opened) -> None:
    """Both parts of the drawing grow together; 0 is the size that it had."""
    page = opened(good())
    width = "[...document.querySelectorAll('.drawing svg')].map(each => each.clientHeight)"
    before = page.evaluate(width)
    page.keyboard.press("+")
    names, plot = page.evaluate(width)
    assert names == plot > before[0]
    page.keyboard.press("0")
    assert page.evaluate(width) == before


def stuck() -> Grade:
    """A run whose lanes end in as many words as there are."""
    story = Story()
    child = story.start(at=s(0.1), variable="a_worker_with_quite_a_long_name")
    story.prints(child, "x", at=s(0.4))
    story.blocks(MAIN, WaitReason.CHILD, child)
    story.blocks(child, WaitReason.SOCKET)
    story.outcome(Outcome.DEADLOCK)
    return grade([(passed(), 1)], [story.trace()])


def endless() -> Grade:
    """It goes well in the natural order; in another one main looks again until it is stopped."""
    story = Story()
    child = story.start(at=s(0.002), variable="p")
    story.prints(child, "hello", at=s(0.005))
    for count in range(590):
        story.sleeps(MAIN, at=s(0.02 + 0.101 * count), until=s(0.12 + 0.101 * count))
    story.outcome(Outcome.TIME_LIMIT)
    trace = story.trace("slow:worker-1x2")
    relation = Relation(Mark(MAIN, trace.duration), Mark(child, s(0.005)), say("comes too late"))
    late = replace(five(joined=False), schedule=trace.schedule)
    finding = replace(not_waited(late), run=trace, relations=(relation,))
    return grade([(passed(), 2), (finding, 1)], [five(), trace])


@pytest.mark.parametrize("scheme", ["light", *exhaustive("dark")])
def test_both_runs_of_a_pair_break_their_axis_at_the_same_places(
    opened: Opened, scheme: str
) -> None:
    """The break says how long it is, stands at one place in both, and is seen in both schemes."""
    page = opened(endless(), color_scheme=scheme, viewport={"width": 1100, "height": 900})
    upper, lower = page.locator("svg.timeline").all()
    gaps = upper.locator(".gap").all_inner_texts()
    assert len(gaps) == 2
    assert lower.locator(".gap").all_inner_texts() == gaps
    places = "all => all.map(each => each.getBoundingClientRect().left)"
    assert upper.locator(".zigzag").evaluate_all(places) == lower.locator(".zigzag").evaluate_all(
        places
    )
    assert contrast(page, ".drawing .gap") >= 4.5
    assert opened.complaints == []


@pytest.mark.parametrize("language", ["en", *exhaustive("zh")])
@pytest.mark.parametrize("shown", [good, bad, lucky, stuck, endless])
def test_a_window_of_1100_pixels_shows_the_whole_timeline(
    opened: Opened, shown: Callable[[], Grade], language: Language
) -> None:
    """Nothing at the right is cut off, and there is nothing to scroll."""
    page = opened(shown(), language=language, viewport={"width": 1100, "height": 800})
    for pane in page.locator(".run .scroll").all():
        assert pane.evaluate("pane => pane.scrollWidth <= pane.clientWidth")
        beyond = """pane => [...pane.querySelectorAll("text, path, rect")].filter(each =>
          each.getBoundingClientRect().right > pane.getBoundingClientRect().right).length"""
        assert pane.evaluate(beyond) == 0


def test_a_shadow_says_that_there_is_more(opened: Opened) -> None:
    """Where the pane is narrower than the drawing, its edge is darker until all is seen."""
    page = opened(good(), viewport={"width": 700, "height": 700})
    pane = page.locator(".run .scroll")
    box = pane.bounding_box()
    assert box is not None
    edge = {"x": box["x"] + box["width"] - 3, "y": box["y"] + 40, "width": 2, "height": 20}
    shadowed = page.screenshot(clip=edge)  # type: ignore[arg-type]
    pane.evaluate("pane => { pane.scrollLeft = pane.scrollWidth; }")
    assert page.screenshot(clip=edge) != shadowed  # type: ignore[arg-type]


def test_the_names_stay_in_sight(opened: Opened) -> None:
    """When the drawing is moved sideways, whose lane it is can still be read."""
    page = opened(good(), viewport={"width": 800, "height": 700})
    names = page.locator(".drawing .names").first
    before = names.bounding_box()
    page.locator(".run .scroll").evaluate("pane => { pane.scrollLeft = 200; }")
    assert page.locator(".run .scroll").evaluate("pane => pane.scrollLeft") > 100
    assert names.bounding_box() == before


@pytest.mark.parametrize("language", ["zh", *exhaustive("en")])
@pytest.mark.parametrize("shown", [good, bad, lucky])
def test_a_phone_scrolls_in_one_direction(
    opened: Opened, shown: Callable[[], Grade], language: Language
) -> None:
    """Nothing is wider than the screen, except inside of panes that scroll by themselves."""
    page = opened(shown(), language=language, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


NARROW = {"width": 420, "height": 800}
IN_SIGHT = """label => {
  const box = label.getBoundingClientRect();
  const pane = label.closest(".scroll").getBoundingClientRect();
  const names = label.closest(".scroll").querySelector(".names").getBoundingClientRect();
  return names.right <= box.left && box.right <= pane.right;
}"""


@pytest.mark.parametrize("language", ["en", *exhaustive("zh")])
@pytest.mark.parametrize("shown", [bad, lucky, endless])
def test_a_narrow_window_shows_what_breaks_a_check(
    opened: Opened, shown: Callable[[], Grade], language: Language
) -> None:
    """The drawing has been moved to it, and whose lanes they are is still in sight."""
    page = opened(shown(), language=language, viewport=NARROW)
    rings = page.locator(".relation.violated .ring").all()
    early = min(rings, key=lambda ring: float(ring.get_attribute("cx") or 0))
    assert early.evaluate(IN_SIGHT)
    names = page.locator(".drawing .names").last.bounding_box()
    assert names is not None
    assert names["x"] >= 0
    assert names["width"] <= NARROW["width"] / 3


def test_a_narrow_window_shows_by_what_error_somebody_ended(opened: Opened) -> None:
    """Where no relation is drawn."""
    story = Story()
    child = story.start(at=s(0.002), variable="p")
    story.sleeps(child, at=s(0.01), until=s(1.01))
    story.prints(child, "ValueError: no", at=s(1.02), stream=Stream.STDERR)
    story.ends(child, at=s(1.03), exit_status=1)
    story.waits(MAIN, child, began=s(0.005), at=s(1.03))
    story.ends(MAIN, at=s(1.04))
    page = opened(grade([(passed(), 1)], [story.trace()]), viewport=NARROW)
    words = page.locator(".mark.stderr .words")
    assert words.text_content() == "ValueError: no"
    assert words.evaluate(IN_SIGHT)


def test_a_narrow_window_shows_who_never_ended(opened: Opened) -> None:
    """Of a run that was stopped the end is seen first."""
    page = opened(stuck(), viewport=NARROW)
    assert page.locator(".end.alive .cap").first.evaluate(IN_SIGHT)
    assert page.locator(".run .scroll").evaluate("pane => pane.scrollLeft") > 0


def test_a_narrow_window_tells_relations_in_words(opened: Opened) -> None:
    """Above the drawing, also without a script; the words lead to their place in it."""
    page = opened(bad(), java_script_enabled=False, viewport=NARROW)
    told = page.locator(".relations li")
    assert told.inner_text() == "✗ not waited for Process-5 1.01\u00a0s → main 0.01\u00a0s"
    told.locator("a").click()
    assert page.url.endswith("#relation-0-0")
    assert page.locator("#relation-0-0 .label").evaluate(IN_SIGHT)


def test_a_wide_window_shows_relations_in_the_drawing_alone(opened: Opened) -> None:
    """All of it is in sight there, and nothing is told twice."""
    page = opened(bad(), viewport={"width": 1100, "height": 800})
    assert page.locator(".relations").is_hidden()
    assert page.locator(".relation .label").is_visible()


def test_a_long_word_does_not_widen_a_phone(opened: Opened) -> None:
    """Names and lines without a blank are broken or scroll in their pane."""
    page = opened(hostile("x" * 3_000, script="y" * 200), viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_dark_and_light(opened: Opened) -> None:
    """The page follows the reader's choice, and text stands out in both."""
    for scheme in ("light", "dark"):
        page = opened(bad(), color_scheme=scheme)
        for selector in ("h1", ".happened", ".help", ".drawing .about", ".source .kn", ".points"):
            assert contrast(page, selector) >= 4.5, (scheme, selector)


def contrast(page: Page, selector: str) -> float:
    """The contrast ratio (1 to 21) of the first such text to what is behind it."""
    ratio: float = page.evaluate(
        """selector => {
          const rgb = text => text.match(/[\\d.]+/g).map(Number);
          const light = ([r, g, b]) => {
            const [x, y, z] = [r, g, b].map(each => (each /= 255) <= 0.03928
              ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
            return 0.2126 * x + 0.7152 * y + 0.0722 * z;
          };
          const element = document.querySelector(selector);
          const style = getComputedStyle(element);
          const ink = light(rgb(element instanceof SVGElement ? style.fill : style.color));
          let behind = element;
          while (/, 0\\)|transparent/.test(getComputedStyle(behind).backgroundColor))
            behind = behind.parentElement;
          const paper = light(rgb(getComputedStyle(behind).backgroundColor));
          return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
        }""",
        selector,
    )
    return ratio


def pages_of(page: Page) -> int:
    """How many sheets of A4 the page is printed on."""
    page.emulate_media(media="print")
    pdf = page.pdf(format="A4", margin=dict.fromkeys(("top", "right", "bottom", "left"), "12mm"))
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("language", ["zh", *exhaustive("en")])
def test_an_ordinary_result_is_printed_on_one_page(opened: Opened, language: Language) -> None:
    """In light colours, without what only a screen has; also where the window is dark."""
    page = opened(bad(), language=language, color_scheme="dark")
    assert pages_of(page) == 1
    assert page.locator(".controls:visible, .events table:visible").count() == 0
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"


def test_paper_shows_what_the_reader_has_opened(opened: Opened) -> None:
    """The table of the events is printed where it is open, in as many columns."""
    page = opened(bad(), "#event-0-3")
    page.emulate_media(media="print")
    assert page.locator("#event-0-3").is_visible()
    assert page.locator("#check-together").is_hidden()


def four_findings() -> Grade:
    """A failing join as students hand it in: four checks fail, with hints."""
    run = five(joined=False)
    findings = [replace(not_waited(run), check=check) for check in ("waits", "last", "kind", "all")]
    return grade([(passed(), 1), *((each, 1) for each in findings)], [run])


def stress() -> Grade:
    """Two orders of thirty processes, of which each prints twenty lines, and a long script."""
    runs = []
    for schedule in ("natural", "slow:worker-1x2"):
        story = Story()
        children = [story.start(at=s(0.001 * (at + 1))) for at in range(30)]
        for at in range(600):
            child = children[at % 30 if at < 300 or not runs else -1 - at % 30]
            story.prints(child, f"line {at} of this process", at=s(0.1 + 0.001 * at))
        story.prints(MAIN, "done", at=s(0.8))
        for child in children:
            story.ends(child, at=s(0.9))
        story.ends(MAIN, at=s(1))
        runs.append(story.trace(schedule))
    checks = [replace(not_waited(runs[0]), check=f"check-{at}") for at in range(12)]
    code = "".join(f"print({at}, 'a line of a long script')\n" for at in range(600))
    return grade([(each, 1) for each in checks], runs, code=code)


@pytest.mark.parametrize("language", ["zh", *exhaustive("en")])
def test_four_findings_are_printed_on_one_page(opened: Opened, language: Language) -> None:
    """With what each says of the mistake."""
    page = opened(four_findings(), language=language)
    assert pages_of(page) == 1
    assert page.locator(".finding .happened:visible").count() == 4


def test_nothing_is_printed_on_more_than_four_pages(opened: Opened) -> None:
    """Not even with everything open; of a long table it says how much only the screen shows."""
    page = opened(stress())
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert pages_of(page) <= 4
    tables = page.locator(".events table").all()
    assert [each.locator("tr[id]:visible").count() for each in tables] == [24, 24]
    differs = page.locator(".events .differs")
    assert differs.is_visible()
    hidden = page.locator(".events .on-screen tr").count()
    told = page.locator(".events tbody.on-paper:visible").all_inner_texts()
    assert sum(int(each.split()[1]) for each in told) == hidden > 1_000


def test_less_motion(opened: Opened) -> None:
    """Who asks for less motion is not scrolled smoothly."""
    behaviours = [
        opened(good(), reduced_motion=wish).evaluate(
            "getComputedStyle(document.documentElement).scrollBehavior"
        )
        for wish in ("reduce", "no-preference")
    ]
    assert behaviours == ["auto", "smooth"]


def test_the_focus_is_seen(opened: Opened) -> None:
    """What the Tab key reaches has an outline."""
    page = opened(bad())
    for _ in range(4):
        page.keyboard.press("Tab")
        style = "getComputedStyle(document.activeElement)"
        assert page.evaluate(f"{style}.outlineStyle") == "solid"
        assert page.evaluate(f"{style}.outlineWidth") == "3px"


def test_words_in_the_drawing_do_not_overlap(opened: Opened) -> None:
    """As the browser really sets them: what is written in the lanes can be read."""
    for what in (good(), lucky(), grade([(passed(), 1)], [five(joined=False)])):
        page = opened(what)
        boxes = page.locator("svg.timeline").first.evaluate(
            """drawing => [...drawing.querySelectorAll(".words, .how, .tick, .label")]
              .map(each => each.getBoundingClientRect())
              .map(box => [box.left, box.right, box.top + 2, box.bottom - 2])"""
        )
        assert len(boxes) > 10
        for index, one in enumerate(boxes):
            for other in boxes[index + 1 :]:
                apart = one[1] <= other[0] or other[1] <= one[0]
                assert apart or one[3] <= other[2] or other[3] <= one[2], (one, other)
