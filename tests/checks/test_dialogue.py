"""Where a dialogue did not go on: what was typed last, what the program does, and what to ask."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks import Status
from grader.checks.judging import judge_check, judge_run
from grader.trace import MAIN, Outcome, WaitReason
from tests.building import Story, s
from tests.checks.stage import context, happened, said, verdict

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
        "Anyone who talks to the program, a person or another program, goes by that text.",
        "Which text does the task want in front of the input, character for character?",
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
        "The program already waits for a line, and shows nothing to the person at the keyboard.",
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


# What is expected, and what came in its place


def stuck_over(expect: Any, before: str) -> list[str]:
    """What is said where the first step expects that, and these lines came."""
    story = Story()
    story.leaves_unmet("asks", before)
    run = {"dialogue": [{"id": "asks", "expect": expect}]}
    return said(verdict(story, {"dialogue": "asks"}, run=run))


def test_a_near_miss_is_set_beside_what_was_expected() -> None:
    """Of several lines the one that is a try at it, so that the difference can be seen."""
    assert stuck_over("waiting", "hello\nWaiting\nbye\n") == [
        "At the beginning, the program should have printed “waiting”, but printed “Waiting”.",
        "The text is compared with that of the task. White space beside punctuation makes no "
        "difference; letters, capitals and punctuation marks do.",
        "Where exactly do the two differ?",
    ]


def test_an_exact_text_shows_its_white_space() -> None:
    """It is part of what was expected."""
    assert stuck_over({"exact": ">>: "}, ">>:\n")[:2] == [
        "At the beginning, the program should have printed “>>: ”, but printed “>>:”.",
        "Here the text must be exactly that, with its white space.",
    ]


def test_a_control_code_can_be_seen() -> None:
    """What does not show at a terminal shows here."""
    assert stuck_over("done", "\x1b[1mdone\x1b[0m\n")[0] == (
        "At the beginning, the program should have printed “done”, but printed "
        "“\N{REPLACEMENT CHARACTER}[1mdone\N{REPLACEMENT CHARACTER}[0m”."
    )


def test_several_things_and_a_regular_expression() -> None:
    """Each in its own way, with an or between them."""
    assert stuck_over(["yes *", {"regex": "n[o]+"}, {"exact": "?"}], "")[0] == (
        "At the beginning, the program should have printed “yes …” or text that fits `n[o]+` or "
        "“?”, but printed nothing."
    )


def test_what_was_met_before_is_where_it_did_not_go_on() -> None:
    """As it was printed."""
    story = Story()
    story.meets("asks", ">>: ", at=s(0.1))
    story.meets("first-line", at=s(0.1))
    story.meets("answer", "HELLO", at=s(0.2))
    story.leaves_unmet("second-line")
    assert happened(verdict(story, {"dialogue": "second-line"}, run=RUN)) == (
        "After “HELLO”, the program should have waited for input, and did not."
    )


KEYS = {
    "dialogue": [
        {"id": "works", "expect": "working"},
        {"id": "enough", "press": "interrupt"},
        {"id": "over", "expect": "bye"},
    ]
}


def test_a_key_finds_nobody() -> None:
    """The program was over, or never came to rest."""
    story = Story()
    story.meets("works", "working", at=s(0.1))
    story.leaves_unmet("enough")
    check = {"dialogue": "enough"}
    assert happened(verdict(story, check, run=KEYS)) == (
        "After “working”, the program should have come to a point where it waits or sleeps, so "
        "that control-C can be pressed, and never did."
    )
    story.ends(MAIN, at=s(0.2))
    assert said(verdict(story, check, run=KEYS))[:2] == [
        "After “working”, the program should have been running still when control-C was pressed.",
        "The program had come to its end by then.",
    ]


def statuses(story: Story, *checks: dict[str, Any], run: dict[str, Any] = KEYS) -> dict[str, str]:
    """How each check fares beside the others."""
    played = context(story, *checks, run=run)
    judged = {check.id: judge_check(check, played) for check in played.exercise.checks}
    return {name: found.status.value for name, found in judge_run(played, judged).items()}


CHECKS: tuple[dict[str, Any], ...] = (
    {"id": "says-bye", "prints": {"text": "bye", "by": "main"}},
    {"id": "works", "dialogue": "works"},
    {"id": "over", "dialogue": "over"},
    {"id": "clean", "clean": True},
)


@pytest.mark.parametrize("outcome", [Outcome.TIME_LIMIT, Outcome.DEADLOCK])
def test_a_prompt_that_never_comes_is_one_finding(outcome: Outcome) -> None:
    """The step at which it is stuck tells it: that the program then sleeps, or waits, for ever for
    what nobody has pressed follows from it, as does what it has not printed.
    """
    story = Story()
    story.leaves_unmet("works", "Working\n")
    story.outcome(outcome)
    assert statuses(story, *CHECKS) == {
        "says-bye": "skipped",
        "works": "failed",
        "over": "skipped",
        "clean": "skipped",
    }


def test_what_a_step_needs_tells_it() -> None:
    """A check that comes before the step at which the dialogue is stuck is nearer to the cause."""
    story = Story()
    story.meets("works", "working", at=s(0.1))
    story.meets("enough", at=s(0.2))
    story.leaves_unmet("over")
    story.ends(MAIN, at=s(0.3))
    tidies = {"id": "tidies", "prints": {"text": "tidying up", "by": "main"}}
    over = {"id": "over", "dialogue": "over", "needs": ["tidies"]}
    assert statuses(story, tidies, over) == {"tidies": "failed", "over": "skipped"}
