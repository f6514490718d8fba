"""How often, where and with which values a line is printed, and for which process."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks import Status
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import WORKERS, said, verdict


def play(*lines: str) -> Story:
    """Two workers print these lines in turn, 0.1 s apart, and end; main prints ``done``."""
    story = Story()
    workers = [story.start(at=s(number / 100)) for number in (1, 2)]
    for place, line in enumerate(lines):
        story.prints(workers[place % 2], line, at=s(0.1 + place / 10))
    for number in workers:
        story.ends(number, at=s(2))
    story.prints(MAIN, "done", at=s(2.1))
    story.ends(MAIN, at=s(2.2))
    return story


ITEMS = {"text": "item {int}", "by": "workers", "each-of": {"from": 1, "to": 3}}


@pytest.mark.parametrize(
    ("lines", "asked", "sentences"),
    [
        (
            ["item 1", "item 3"],
            ITEMS,
            [
                "Nobody printed “item 2”.",
                "The task asks for each of these lines once, and some of them never came.",
                "How does each value come to the line that prints it, and which of them do not?",
            ],
        ),
        (
            ["item 1", "item 1", "item 2", "item 3"],
            ITEMS,
            [
                "“item 1” was printed twice: by Process-1 at 0.10 s and by Process-2 at 0.20 s.",
                "The task asks for each of these lines once.",
                "How can the same value come to that line more than once?",
            ],
        ),
        (
            ["item 1", "item 4"],
            ITEMS,
            [
                "Process-2 printed “item 4”, which is none of the lines that the task asks for.",
                "The words are right, and the value among them is not one of those asked for.",
                "Where does the value in this line come from, and which values are there?",
            ],
        ),
        (
            ["item 2", "item 1", "item 3"],
            {**ITEMS, "in-order": True},
            [
                "“item 2” came at 0.10 s, before “item 1” at 0.20 s.",
                "The task asks for these lines in an order of their own.",
                "What, in your script, keeps the values in their order?",
            ],
        ),
        (
            ["a", "b", "c"],
            {"text": "a", "by": "workers", "line": "last"},
            [
                "The last line of Process-1 and Process-2 is “c”; the task asks for “a” there.",
                "The line was printed, but not in that place.",
                "Which lines of your script print something before it, and which after it?",
            ],
        ),
        (
            ["a", "b", "c"],
            {"text": "a", "line": 2},
            [
                "Line 2 of the program is “b”; the task asks for “a” there.",
                "The line was printed, but not in that place.",
                "Which lines of your script print something before it, and which after it?",
            ],
        ),
        (
            ["a", "b"],
            {"text": "a", "by": "workers", "line": 3},
            [
                "There are only 2 lines of Process-1 and Process-2; the task asks for “a” as "
                "line 3.",
                "The line was printed, but not in that place.",
                "Which lines of your script print something before it, and which after it?",
            ],
        ),
        (
            ["a", "b", "c"],
            {"text": "c", "by": "workers", "before": {"prints": "b"}},
            [
                "Process-1 printed “c” at 0.30 s, after the line “b” of Process-2 at 0.20 s.",
                "Only what is printed by then counts here.",
                "What, in your script, makes the line “b” of Process-2 come after the line “c” of "
                "Process-1?",
            ],
        ),
        (
            ["a", "b", "c"],
            {"text": "x", "by": "workers", "before": {"prints": "done"}, "after": {"prints": "a"}},
            [
                "Between its line “a” and the line “done” of main, Process-1 printed "
                "“c”; the task asks for “x”.",
                "Only what is printed by then counts here.",
                "Which line of your script should print it, and when does it come to it?",
            ],
        ),
        (
            ["a", "b", "a"],
            {"text": "a", "by": "workers", "times": {"at-least": 3}},
            [
                "Process-1 printed “a” twice; the task asks for at least 3 times.",
                "Each time that a process comes to the line that prints it, it appears once more.",
                "How often does each process come to that line?",
            ],
        ),
    ],
)
def test_what_is_said_of_a_line_in_the_wrong_place(
    lines: list[str], asked: dict[str, Any], sentences: list[str]
) -> None:
    """What was printed, where, and what the task asks for."""
    found = verdict(play(*lines), {"prints": asked}, WORKERS)
    assert found.status is Status.FAILED
    assert said(found) == sentences


@pytest.mark.parametrize("text", ["item {int}", "item *", "item {word}", "item {text}"])
def test_numbers_are_compared_by_their_values(text: str) -> None:
    """`01` is 1, whatever the open part is called."""
    asked = {"prints": {**ITEMS, "text": text}}
    assert verdict(play("item 01", "item +2", "item  3"), asked, WORKERS).status is (
        Status.FAILED if text == "item {word}" else Status.PASSED
    )


def test_a_check_for_each_says_which_process_breaks_it() -> None:
    """The first of the group for which it does not hold is the one that is spoken of."""
    check = {
        "for-each": "workers",
        "order": [{"prints": "begin", "by": "each"}, {"prints": "end", "by": "each"}],
    }
    assert verdict(play("begin", "begin", "end", "end"), check, WORKERS).status is Status.PASSED
    found = verdict(play("begin", "end", "end", "begin"), check, WORKERS)
    assert said(found)[0] == (
        "Too early: the line “end” of Process-2 came at 0.20 s, before the line “begin” of "
        "Process-2 at 0.40 s."
    )
    assert found.about == {2}


def test_where_no_order_came_about_the_first_is_explained() -> None:
    """An order whose moments came says more than one of which some are missing."""
    orders = [[{"prints": "x"}, {"prints": "a"}], [{"prints": "b"}, {"prints": "a"}]]
    found = verdict(play("a", "b"), {"order": {"any-of": orders}}, WORKERS)
    assert said(found)[0] == (
        "None of the orders that are right came about. Too early: the line “a” of Process-1 came "
        "at 0.10 s, before the line “b” of Process-2 at 0.20 s."
    )


def test_a_later_line_that_never_came() -> None:
    """How often it came, and which one was waited for."""
    check = {"order": [{"prints": "a", "by": "workers", "nth": 3}, {"prints": "done"}]}
    found = verdict(play("a", "a"), check, WORKERS)
    assert found.missing
    assert said(found)[0] == ("A line like “a” came only twice, and this check waits for number 3.")
