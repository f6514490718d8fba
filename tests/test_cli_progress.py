"""What a person reads while a script is being run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.cli.progress import told_of
from grader.messages import Language
from grader.schedules import NATURAL, Schedule, parse_schedule
from grader.trace import MAIN, PreemptionPoint
from tests.building import Story, s

POINTS = (PreemptionPoint("main", "call", 14, 2, 2), PreemptionPoint("worker-1", "call", 5, 3, 9))


def told(language: Language, *names: str) -> str:
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p"), at=s(1))
    story.ends(MAIN, at=s(1))
    known = replace(story.trace(), preemption_points=POINTS)
    schedules = [parse_schedule(name) for name in names]
    return told_of("student.py", schedules, known).in_language(language)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("natural", "Running student.py"),
        (
            "pause:main@2+200ms",
            "Running student.py again: what happens if main is held up for 0.2 s at line 14?",
        ),
        (
            "pause:worker-1@9+200ms",
            "Running student.py again: what happens if p is held up for 0.2 s at line 5?",
        ),
        (
            "pause:worker-1@7+200ms",
            "Running student.py again: what happens if p is held up for 0.2 s?",
        ),
        (
            "late:worker-1+200ms",
            "Running student.py again: what happens if p starts 0.2 s late?",
        ),
    ],
)
def test_orders_in_words(name: str, words: str) -> None:
    """Processes and lines are those of the script: no schedule is shown by its name."""
    assert told("en", name) == words


def test_how_long_an_order_takes_on_the_real_clock() -> None:
    """Without the kernel nothing is skipped, and so it is said."""
    story = Story()
    story.is_the_scripts_word()
    story.ends(story.start(at=s(0.01), variable="p"), at=s(1))
    story.ends(MAIN, at=s(1))
    words = told_of("student.py", [parse_schedule("late:worker-1+2s")], story.trace())
    assert words.in_language("en") == (
        "Running student.py again: what happens if p starts 2 s late? That takes about 3.00 s."
    )


def test_two_at_once() -> None:
    """What is tried at the same time is told in one breath."""
    assert told("en", "late:main+200ms", "child-first") == (
        "Running student.py again: what happens if main wakes 0.2 s later from its sleep, or "
        "if the youngest process always goes first?"
    )


def test_in_chinese() -> None:
    """The Chinese says the same."""
    assert told("zh", "pause:main@2+200ms") == (
        "再次运行 student.py：如果主进程在第 14 行被耽搁 0.2 秒，会怎样？"
    )


@pytest.mark.parametrize("schedule", [NATURAL, parse_schedule("child-first")])
def test_before_anything_is_known(schedule: Schedule) -> None:
    """The first run is the script's own."""
    assert told_of("student.py", [schedule], None).in_language("en") == "Running student.py"
