"""`file` and `shares`: what is left when the program is over."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks import Status
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import said, verdict

SOLD_OUT = {"file": {"name": "tickets.json", "json": {"count": 0}}}


def left(text: str | None, name: str = "tickets.json") -> Story:
    story = Story()
    story.leaves(name, text)
    story.ends(MAIN, at=s(1))
    return story


@pytest.mark.parametrize("text", ['{"count": 0}', '{"count": 0.0, "name": "陈松"}\n'])
def test_the_keys_that_are_given_count(text: str) -> None:
    """Others may stand beside them."""
    assert verdict(left(text), SOLD_OUT).status is Status.PASSED


@pytest.mark.parametrize(
    ("text", "happened"),
    [
        ('{"count": 3}', "In `tickets.json` `count` is `3`; the task asks for `0`."),
        ('{"count": false}', "In `tickets.json` `count` is `false`; the task asks for `0`."),
        ("{}", "In `tickets.json` `count` is nothing; the task asks for `0`."),
        ("[]", 'In `tickets.json` stands `[]`; the task asks for `{"count": 0}`.'),
        (
            '{"count": 0}}',
            "`tickets.json` holds no JSON: `Extra data: line 1 column 13 (char 12)`.",
        ),
        (None, "There is no file `tickets.json` beside the script when the program is over."),
    ],
)
def test_what_json_differs_in(text: str | None, happened: str) -> None:
    """The first place that differs is shown; what is mixed up is no JSON; a missing file is told
    as that.
    """
    found = verdict(left(text), SOLD_OUT)
    assert (found.status, said(found)[0]) == (Status.FAILED, happened)


def test_a_given_file_that_is_gone() -> None:
    """It is not said that it never was there."""
    from grader.submission import SourceFile

    run = {"files": (SourceFile("tickets.json", b"{}"),)}
    assert said(verdict(left(None), SOLD_OUT, run=run))[0] == (
        "`tickets.json` lay beside the script at the beginning, and is gone when the program is "
        "over."
    )


@pytest.mark.parametrize(
    ("wanted", "text", "status"),
    [
        ({"text": "sold * tickets"}, "begin\nsold 4 tickets\n", Status.PASSED),
        ({"text": "sold * tickets"}, "begin\n", Status.FAILED),
        ({"text": "sold * tickets"}, "", Status.FAILED),
        ({"exists": True}, "", Status.PASSED),
        ({"exists": True}, None, Status.FAILED),
        ({"exists": False}, None, Status.PASSED),
        ({"exists": False}, "", Status.FAILED),
    ],
)
def test_a_line_of_a_file_and_whether_it_is_there(
    wanted: dict[str, Any], text: str | None, status: Status
) -> None:
    """One of its lines is like the pattern, or it need only be there or not."""
    story = left(text, "log.txt")
    assert verdict(story, {"file": {"name": "log.txt", **wanted}}).status is status


def shared(*values: tuple[str | None, str, int]) -> Story:
    story = Story()
    for variable, held, line in values:
        story.shares(variable, held, line)
    story.ends(MAIN, at=s(1))
    return story


TOTAL = {"shares": {"value": "total", "ends-at": 4000}}


def test_shared_memory_by_the_name_of_its_variable() -> None:
    """That of a global variable, or the one that the line which makes it gives a value to."""
    assert verdict(shared(("total", "4000", 3)), TOTAL).status is Status.PASSED
    code = "def main():\n    self.total = Value('i', 0)\n"
    assert verdict(shared((None, "4000", 2)), TOTAL, code=code).status is Status.PASSED
    found = verdict(shared((None, "3127", 2), (None, "7", 1)), TOTAL, code=code)
    assert said(found) == [
        "`total` holds `3127` when main and its children are done; the task asks for `4000`.",
        "This is read from the shared memory itself, whatever is printed.",
        "Which lines change it, and what if two processes execute them at the same time?",
    ]
    assert found.feedback.line is not None
    assert found.feedback.line.line == 2


def test_arrays_texts_and_any_variable() -> None:
    """An array is a list, bytes are their text, and without a name any of all will do."""
    play = shared(("a", "[1, 4, 9]", 1), ("b", "b'x'", 2))
    for held in ([1, 4, 9], '"x"'):
        assert verdict(play, {"shares": {"ends-at": held}}).status is Status.PASSED
    assert verdict(play, {"shares": {"ends-at": [1, 4]}}).status is Status.FAILED


def test_shared_memory_that_is_not_found() -> None:
    """It is said what there is instead, or that main did not come so far."""
    assert said(verdict(shared(("sum", "1", 1)), TOTAL))[0] == (
        "No shared memory that main makes is called `total`; there is `sum`."
    )
    assert said(verdict(shared(), TOTAL))[0] == (
        "Main made no `Value` and no `Array` of multiprocessing's."
    )
    story = Story()
    story.ends(MAIN, at=s(1), signal=9)
    assert said(verdict(story, TOTAL))[0] == (
        "Main did not come to its end, where the grader reads what its shared memory holds."
    )
