"""Lines that have run together into one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.checks import Status
from grader.trace import MAIN, Connected, Trace
from tests.building import Story, s
from tests.checks.stage import findings, said

CHECKS: list[dict[str, Any]] = [
    {"id": "one", "prints": {"text": "one", "by": "main"}},
    {"id": "two", "prints": {"text": "two", "by": "main"}},
]


def prints(*lines: str) -> Trace:
    story = Story()
    for number, line in enumerate(lines):
        story.prints(MAIN, line, at=s(number / 10))
    story.ends(MAIN, at=s(1))
    return story.trace()


@pytest.mark.parametrize("line", ["onetwo", "one two", "twoone"])
def test_two_lines_in_one(line: str) -> None:
    """It is told once, and not as a line that is nearly right."""
    found = findings(prints(line), *CHECKS)
    assert found["two"].status is Status.SKIPPED
    first, second = ("two", "one") if line.startswith("two") else ("one", "two")
    assert said(found["one"]) == [
        f"Main printed “{first}” and “{second}” as one line: “{line}”.",
        "Two texts are two lines only if something ends the first one.",
        "What stands between the two where they are printed?",
    ]


def test_two_messages_in_one() -> None:
    """Row 39: a connection has no messages."""
    trace = prints("onetwo")
    connected = Connected(0, MAIN, "127.0.0.1", 8080, None)
    found = findings(replace(trace, events=(connected, *trace.events)), *CHECKS)
    assert said(found["one"]) == [
        "Main printed “one” and “two” as one line: “onetwo”.",
        "A connection carries bytes, not messages: what was sent in two pieces may arrive as "
        "one, and what was sent as one may arrive in pieces.",
        "How can the receiver tell where one message ends and the next begins?",
    ]


@pytest.mark.parametrize("line", ["one and two", "ones", "one"])
def test_other_lines_are_told_as_ever(line: str) -> None:
    """Only texts that are asked for, and nothing else, have run together."""
    found = findings(prints(line), *CHECKS)
    failed = [each for each in found.values() if each.status is Status.FAILED]
    assert failed
    assert all("as one line" not in said(each)[0] for each in failed)
