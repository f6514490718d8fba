"""How far a dialogue has come: what meets a step does not stand in the way of the next."""

from __future__ import annotations

from grader.dialogue import Shown, Steps
from grader.exercise import DialogueStep
from grader.trace import Exchange

PROMPT = Shown(1, "main", "name? ")


def expecting(*texts: str) -> Steps:
    steps = (
        DialogueStep.model_validate({"id": f"step-{number}", "expect": text})
        for number, text in enumerate(texts, 1)
    )
    return Steps(tuple(steps))


def test_a_prompt_that_has_met_its_step_is_not_told_again() -> None:
    """It is not among what came before the step that never was."""
    steps = expecting("name?", "age?")
    steps.show_unended([PROMPT])
    assert steps.transcript(9, [PROMPT]) == (
        Exchange("step-1", 1, "", "name? "),
        Exchange("step-2", 9, "", None),
    )


def test_what_stands_at_the_terminal_meets_a_step_once() -> None:
    """Nor when its line has ended."""
    steps = expecting("name?", "name?")
    steps.show_unended([PROMPT])
    steps.show([Shown(2, "main", "name? Anna")])
    assert [each.after for each in steps.transcript(9, [])] == ["name? ", None]
