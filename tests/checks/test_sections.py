"""``concurrent`` and ``pairs``: what is inside at once, and which lines belong together."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks import Status
from grader.checks.judging import judge_check
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import WORKERS, context, said, verdict

INSIDE = {"from": {"prints": "* enters"}, "to": {"prints": "* leaves"}, "by": "workers"}
PAIRS = {"each": {"prints": "made {item}"}, "once": {"prints": "used {item}"}}
KEPT_OUT = [
    "Processes and threads run side by side. Others are kept out only by something that all of "
    "them share, and that each takes before the first line and gives back after the second.",
    "What must happen before the next one may come to the first line, and what, in your script, "
    "makes it wait for that?",
]
TOO_FEW = [
    "They come one after another where they could be there at once: each waits for one that it "
    "need not wait for, or it has nothing to do there that takes time.",
    "What does each of them wait for before it begins, and how long does it stay?",
]


def play(*lines: str, workers: int = 2) -> Story:
    """Workers print these lines 0.1 s apart: ``1: A enters`` is printed by the first one."""
    story = Story()
    numbers = [story.start(at=s(number / 100)) for number in range(1, workers + 1)]
    for place, line in enumerate(lines, 1):
        who, text = line.split(": ")
        story.prints(numbers[int(who) - 1], text, at=s(place / 10))
    for number in numbers:
        story.ends(number, at=s(2))
    story.ends(MAIN, at=s(2.2))
    return story


ONE_BY_ONE = ["1: A enters", "1: A leaves", "2: B enters", "2: B leaves"]


@pytest.mark.parametrize(
    ("asked", "lines", "sentences"),
    [
        (
            {**INSIDE, "at-most": 1},
            ["1: A enters", "2: B enters", "1: A leaves", "2: B leaves"],
            [
                "At 0.20 s 2 were between the two lines at once, from the line “A enters” of "
                "Process-1 and the line “B enters” of Process-2 on; at most 1 is right.",
                *KEPT_OUT,
            ],
        ),
        (
            {**INSIDE, "reaches": 2},
            ONE_BY_ONE,
            [
                "Never was there more than 1 between the two lines, as at 0.10 s from the line "
                "“A enters” of Process-1 on; the task asks for 2 at once.",
                *TOO_FEW,
            ],
        ),
        (
            {"by": "workers", "at-most": 1},
            ONE_BY_ONE,
            [
                "At 0.02 s 2 processes were alive at once: Process-1 and Process-2; at most 1 is "
                "right.",
                "Whatever is started runs from then on, beside all that is running already.",
                "What, in your script, has to end before the next one is started?",
            ],
        ),
        (
            {"by": "workers", "reaches": 3},
            ONE_BY_ONE,
            [
                "Never were more than 2 processes alive, as at 0.02 s: Process-1 and Process-2; "
                "the task asks for 3 at once.",
                *TOO_FEW,
            ],
        ),
        (
            {**INSIDE, "at-most": 2},
            ["1: A enters", "2: B enters", "2: B leaves"],
            [
                "Process-1 printed “A enters” at 0.10 s, and then ended without “… leaves”.",
                "The second line belongs to the first one: without it nobody sees the end.",
                "Which line of your script should print it, and is that line always reached?",
            ],
        ),
        (
            {**INSIDE, "at-most": 2},
            ["1: A leaves", "1: A enters"],
            [
                "Process-1 printed “A leaves” at 0.10 s, and had not printed “… enters” before it.",
                "The second line belongs to the first one: without it nobody sees the beginning.",
                "In which order does each process come to the lines that print the two?",
            ],
        ),
        (
            {**INSIDE, "at-most": 2},
            ["1: A enters", "1: A leaves"],
            [
                "Process-2 did not print “… enters”.",
                "Either no line of the script prints this text, or the process never came to it.",
                "Which line of your script should print it, and which process runs that line?",
            ],
        ),
    ],
)
def test_what_is_said_of_sections(
    asked: dict[str, Any], lines: list[str], sentences: list[str]
) -> None:
    """Who was there at which instant, and what the task asks for."""
    found = verdict(play(*lines), {"concurrent": asked}, WORKERS)
    assert found.status is Status.FAILED
    assert said(found) == sentences


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ({**INSIDE, "at-most": 1}, ONE_BY_ONE),
        ({**INSIDE, "at-most": 1}, [*ONE_BY_ONE, *ONE_BY_ONE]),
        (
            {**INSIDE, "at-most": 2, "reaches": 2},
            ["1: A enters", "2: B enters", "1: A leaves", "2: B leaves"],
        ),
        (
            {"from": {"prints": "{who} enters"}, "to": {"prints": "{who} leaves"}, "reaches": 2},
            ["1: A enters", "1: B enters", "1: B leaves", "1: A leaves"],
        ),
        ({"by": "workers", "at-most": 2, "reaches": 2}, ["1: A enters"]),
    ],
)
def test_sections_that_are_as_asked(asked: dict[str, Any], lines: list[str]) -> None:
    """One after another, several at once, several of one process, and lives."""
    assert verdict(play(*lines), {"concurrent": asked}, WORKERS).status is Status.PASSED


def test_a_section_of_a_process_that_lives_on_is_open() -> None:
    """What the run cuts off is no mistake of the two lines."""
    story = Story()
    worker, other = story.start(at=s(0.01)), story.start(at=s(0.02))
    story.prints(worker, "A enters", at=s(0.1))
    story.prints(other, "B enters", at=s(0.2))
    story.ends(MAIN, at=s(1))
    assert verdict(story, {"concurrent": {**INSIDE, "at-most": 2}}, WORKERS).status is Status.PASSED
    assert verdict(story, {"concurrent": {**INSIDE, "at-most": 1}}, WORKERS).status is Status.FAILED


@pytest.mark.parametrize(
    ("lines", "sentences"),
    [
        (
            ["1: made 1", "2: used 2"],
            [
                "Process-2 printed “used 2” at 0.20 s, and “made 2” was never printed.",
                "Each of these lines belongs to another one that comes before it.",
                "Where does that which stands in this line come from?",
            ],
        ),
        (
            ["1: made 1", "1: made 2", "2: used 2"],
            [
                "Process-1 printed “made 1” at 0.10 s, and “used 1” never came after it.",
                "Each of these lines has another one that belongs to it, exactly one.",
                "Which process should go on with it, and what does that one wait for?",
            ],
        ),
        (
            ["1: made 1", "2: used 1", "1: used 1"],
            [
                "“used 1” was printed twice, by Process-2 at 0.20 s and by Process-1 at 0.30 s, "
                "and “made 1” once.",
                "Each of these lines has another one that belongs to it, exactly one.",
                "How can two of them get hold of the same thing?",
            ],
        ),
        (
            ["2: used 1", "1: made 1"],
            [
                "“used 1” came at 0.10 s, before “made 1” at 0.20 s.",
                "Once started, processes run side by side. Nothing here makes one wait for the "
                "other.",
                "What tells the one process that the other has come so far?",
            ],
        ),
        (
            ["1: made 1", "1: made 2", "2: used 2", "2: used 1"],
            [
                "“used 2” came at 0.30 s, before “used 1” at 0.40 s, although “made 2” had come "
                "after “made 1”.",
                "The task asks for these lines in an order of their own.",
                "What, in your script, keeps the values in their order?",
            ],
        ),
        (
            ["1: hello"],
            [
                "No process printed “made <item>”.",
                "Either no line of the script prints this text, or the process never came to it.",
                "Which line of your script should print it, and which process runs that line?",
            ],
        ),
    ],
)
def test_what_is_said_of_pairs(lines: list[str], sentences: list[str]) -> None:
    """Which line has none that belongs to it, too many, or one that comes too early."""
    found = verdict(play(*lines), {"pairs": {**PAIRS, "in-order": True}}, WORKERS)
    assert found.status is Status.FAILED
    assert said(found) == sentences


def test_two_lines_for_one_are_both_said() -> None:
    """Lines that differ in what is open are told as they were printed."""
    pairs = {"each": {"prints": "made {item}"}, "once": {"prints": "{word} used {item}"}}
    found = verdict(play("1: made 1", "2: A used 1", "1: B used 1"), {"pairs": pairs}, WORKERS)
    assert said(found)[0] == (
        "“A used 1” of Process-2 came at 0.20 s and “B used 1” of Process-1 at 0.30 s: such a line "
        "was printed twice, and “made 1” once."
    )


def test_the_same_thing_made_twice_is_used_twice() -> None:
    """Lines of the same text are paired in the order in which they come."""
    lines = ["1: made 1", "2: used 1", "1: made 1", "2: used 1"]
    assert verdict(play(*lines), {"pairs": PAIRS}, WORKERS).status is Status.PASSED
    late = ["1: made 1", "2: used 1", "2: used 1", "1: made 1"]
    assert verdict(play(*late), {"pairs": PAIRS}, WORKERS).status is Status.FAILED


def test_a_check_with_named_holes_holds_for_every_text() -> None:
    """What is said is about the text for which it does not hold."""
    check = {"order": [{"prints": "made {item}"}, {"prints": "used {item}"}]}
    lines = ["1: made a", "2: used a", "2: used {b*}", "1: made {b*}"]
    found = verdict(play(*lines), check, WORKERS)
    assert said(found)[0] == (
        "Too early: the line “used {b*}” of Process-2 came at 0.30 s, before the line “made {b*}” "
        "of Process-1 at 0.40 s."
    )
    assert said(verdict(play("1: hello"), check, WORKERS))[0] == "No process printed “made <item>”."


def test_what_stands_in_two_holes_belongs_together() -> None:
    """A text of both names at once is one case, and not each with each."""
    check = {
        "order": [
            {"prints": "{who} takes {item}"},
            {"prints": "{who} returns {item}"},
        ]
    }
    lines = ["1: A takes x", "2: B takes y", "2: B returns y", "1: A returns x"]
    assert verdict(play(*lines), check, WORKERS).status is Status.PASSED
    swapped = ["1: A takes x", "2: B takes y", "2: B returns x", "1: A returns y"]
    assert verdict(play(*swapped), check, WORKERS).status is Status.FAILED


def test_more_texts_than_can_be_compared_decide_nothing() -> None:
    """A script cannot keep the grader busy for ever by printing ever new texts."""
    story = Story()
    worker = story.start(at=s(0.01))
    for number in range(700):
        story.prints(worker, f"made {number}", at=s(0.1))
    story.ends(worker, at=s(1))
    story.ends(MAIN, at=s(2))
    check = {"order": [{"prints": "made {item}"}, {"prints": "used {item}"}]}
    assert verdict(story, check, WORKERS).status is Status.INCONCLUSIVE
    assert verdict(story, {"pairs": PAIRS}, WORKERS).status is Status.FAILED


FOLLOWS = {
    "for-each": "workers",
    "follows": {"what": {"waits-for": "each"}, "on": {"ends": "each"}, "within": "100ms"},
}


def ending(*, heard: float) -> Story:
    """The first of two workers ends at 1 s, and main hears of it later."""
    story = Story()
    first, second = story.start(at=s(0.01)), story.start(at=s(0.02))
    story.ends(first, at=s(1))
    story.ends(second, at=s(1.3))
    story.waits(MAIN, second, at=s(1.3))
    story.waits(MAIN, first, at=s(heard), line=7)
    story.ends(MAIN, at=s(2))
    return story


def test_what_follows_at_once() -> None:
    """How long it took, and who should ask himself what he waits for."""
    assert verdict(ending(heard=1.05), FOLLOWS, WORKERS).status is Status.PASSED
    found = verdict(ending(heard=1.3), FOLLOWS, WORKERS)
    assert said(found) == [
        "the wait of main for Process-1 came 0.30 s after the end of Process-1: at 1.30 s, and not "
        "at 1.00 s.",
        "It should come at once, within 0.10 s, however late or slow others are.",
        "What does main wait for before it comes to that, and is it this that it waits for?",
    ]
    assert verdict(ending(heard=0.9), FOLLOWS, WORKERS).status is Status.FAILED


@pytest.mark.parametrize(
    ("schedule", "status"),
    [
        ("late:worker-2+10s", Status.FAILED),
        ("random:1", Status.FAILED),
        ("late:worker-1+10s", Status.PASSED),
        ("slow:workersx4", Status.PASSED),
        ("pause:main@3+200ms", Status.PASSED),
        ("late:worker-1/thread-1+200ms", Status.PASSED),
        ("late:worker-2/thread-1+200ms", Status.FAILED),
        ("late:thread-1+200ms", Status.PASSED),
    ],
)
def test_whoever_is_held_up_cannot_follow_at_once(schedule: str, status: Status) -> None:
    """What holds up others counts, and what holds up the two processes themselves does not."""
    played = context(ending(heard=1.3).trace(schedule), FOLLOWS, cast=WORKERS)
    assert judge_check(played.exercise.checks[0], played).status is status


GO = {
    "any-duration": True,
    "follows": {"what": {"prints": "runs"}, "on": {"prints": "go"}, "within": "100ms"},
}


@pytest.mark.parametrize(
    ("schedule", "status"),
    [
        ("late:thread-1+10s", Status.FAILED),
        ("pause:thread-1@3+200ms", Status.FAILED),
        ("late:thread-2+10s", Status.PASSED),
        ("pause:threads@3+200ms", Status.PASSED),
        ("late:main+200ms", Status.PASSED),
        ("slow:thread-1x4", Status.PASSED),
    ],
)
def test_a_thread_that_is_held_up_excuses_only_itself(schedule: str, status: Status) -> None:
    """Of lines it is the thread that counts; one that computes longer may keep all others."""
    story = Story()
    story.prints(MAIN, "go", at=s(1))
    story.prints(MAIN, "runs", at=s(1.3), thread=2)
    story.ends(MAIN, at=s(2))
    played = context(story.trace(schedule), GO)
    assert judge_check(played.exercise.checks[0], played).status is status
