"""Where a dialogue did not go on: what was typed last, what the program does, and what to ask."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks import Status
from grader.trace import MAIN, Outcome, WaitReason
from tests.building import Story, s
from tests.checks.stage import happened, said, verdict

RUN: dict[str, Any] = {
    "dialogue": [
        {"id": "asks", "expect": ">>:"},
        {"id": "first-line", "send": "hello"},
        {"id": "answer", "expect": "HELLO"},
        {"id": "second-line", "send": ""},
        {"id": "over", "press": "end-of-input"},
    ]
}
ANSWER = {"dialogue": "answer"}


def stuck_at(step: str, *, typed: str | None = None) -> Story:
    """The dialogue came as far as that step."""
    story = Story()
    if typed is not None:
        story.prints(MAIN, ">>: ", at=s(0.05), ended=False)
        story.types(MAIN, typed, at=s(0.1))
    story.leaves_unmet(step)
    return story


def test_how_far_it_came() -> None:
    """What lies before the step that was not met passed; without such a step all of it did."""
    assert verdict(stuck_at("answer"), {"dialogue": "asks"}, run=RUN).status is Status.PASSED
    assert verdict(Story(), ANSWER, run=RUN).status is Status.PASSED
    assert verdict(stuck_at("answer"), ANSWER, run=RUN).status is Status.FAILED


def test_another_prompt() -> None:
    """What it asks with is set beside what the task asks for."""
    story = stuck_at("asks")
    story.asks(MAIN, "name? ", at=s(0.1))
    story.outcome(Outcome.WAITING_FOR_INPUT)
    assert said(verdict(story, {"dialogue": "asks"}, run=RUN)) == [
        "The program should have asked with “>>:”, but asks with “name?”.",
        "Whoever talks to the program, a person or another program, goes by that text.",
        "Which text does the task want in front of the input, sign for sign?",
    ]


def test_the_next_question_comes_first() -> None:
    """The program waits for a line again, and what it was to print was left out."""
    story = stuck_at("answer", typed="hello")
    story.asks(MAIN, ">>: ", at=s(0.2))
    story.outcome(Outcome.WAITING_FOR_INPUT)
    run = {"dialogue": [*RUN["dialogue"][:3], {"id": "asks-again", "expect": ">>:"}]}
    assert said(verdict(story, ANSWER, run=run)) == [
        "After “hello” was typed, the program should have printed “HELLO”, but printed nothing.",
        "The program goes on to its next question, “>>:”, and waits.",
        "Which line is to print it, and is that line executed before the next question?",
    ]


@pytest.mark.parametrize(
    ("obstacle", "why", "question"),
    [
        (
            WaitReason.SOCKET,
            "Main waits for something to come through its connection, and nothing comes.",
            "What has your program sent last, and does the other side answer to that?",
        ),
        (
            WaitReason.CHILD,
            "Main waits for the end of a process, and so it cannot deal with the terminal.",
            "Which process deals with the terminal, and what is it doing?",
        ),
        (
            WaitReason.LOCK,
            "The program was doing something else, or waited for something that never came.",
            "Which lines does your program execute after this, up to its next question?",
        ),
    ],
)
def test_what_main_waits_for(obstacle: WaitReason, why: str, question: str) -> None:
    """It is told, and the question is about that."""
    story = stuck_at("answer", typed="hello")
    story.blocks(MAIN, obstacle)
    assert said(verdict(story, ANSWER, run=RUN))[1:] == [why, question]


def test_a_program_that_was_over() -> None:
    """It had ended before the dialogue was."""
    story = stuck_at("answer", typed="hello")
    story.ends(MAIN, at=s(0.2))
    assert said(verdict(story, ANSWER, run=RUN))[1:] == [
        "The program had come to its end by then.",
        "What should make the program go on, and when should it end?",
    ]


def test_a_program_that_waits_without_a_prompt() -> None:
    """Whoever sits there sees nothing."""
    story = stuck_at("answer", typed="hello")
    story.asks(MAIN, "", at=s(0.2))
    story.outcome(Outcome.WAITING_FOR_INPUT)
    assert said(verdict(story, ANSWER, run=RUN))[1:] == [
        "The program waits for a line already, and shows nothing to whoever sits there.",
        "Which line of your program waits, and what does it show before it does?",
    ]


def test_a_line_that_nobody_waited_for() -> None:
    """What was to be typed is told, where it is not an empty line."""
    story = stuck_at("first-line")
    assert said(verdict(story, ANSWER, run=RUN)) == [
        "The program should have waited for the line “hello”, and never did.",
        "A line can only be typed when the program waits for one.",
        "Which line of your program asks, and is that line reached?",
    ]
    story = Story()
    story.leaves_unmet("first-line", "bye\n")
    assert happened(verdict(story, ANSWER, run=RUN)) == (
        "After “bye”, the program should have waited for the line “hello”, and did not."
    )
    empty = stuck_at("second-line")
    check = {"dialogue": "second-line"}
    assert happened(verdict(empty, check, run=RUN)) == (
        "The program should have waited for input, and never did."
    )
