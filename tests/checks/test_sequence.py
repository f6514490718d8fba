"""``order`` and ``time``: the moments of a run compared with each other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Mark, Status
from grader.trace import MAIN, Location, ProcessNumber
from tests.building import SCRIPT, Story, s
from tests.checks.stage import ONE_CHILD, WORKERS, happened, said, verdict

END, LINE = {"ends": "child"}, {"prints": "done", "by": "main"}


def play(line_at: float = 1.1) -> Story:
    """A child ``p`` lives until 1 s; main prints ``done`` when told."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.prints(child, "hello", at=s(0.5))
    story.ends(child, at=s(1))
    story.waits(MAIN, child, at=s(1))
    story.prints(MAIN, "done", at=s(line_at))
    story.code_ends(MAIN, at=s(max(line_at, 1.2)))
    story.ends(MAIN, at=s(max(line_at, 1.2)))
    return story


@pytest.mark.parametrize(
    "moments",
    [
        [END, LINE],
        [{"starts": "child"}, {"begins": "child"}, END],
        [{"begins": "main"}, {"starts": "child"}],
        [{"waits-for": "child"}, LINE],
        [{"prints": "hello"}, {"prints": "done"}],
        [[{"starts": "child"}, {"prints": "hello"}], [END, {"waits-for": "child"}], LINE],
        [LINE, {"code-ends": "main"}, {"ends": "main"}],
    ],
)
def test_in_order(moments: list[Any]) -> None:
    """Every kind of moment, and moments in any order within a step."""
    assert verdict(play(), {"order": moments}, ONE_CHILD).status is Status.PASSED
    reverse = {"order": moments[::-1]}
    assert verdict(play(), reverse, ONE_CHILD).status is Status.FAILED


def test_out_of_order() -> None:
    """The first pair that is out of order, with both times, and for the timeline both marks."""
    found = verdict(play(line_at=0.2), {"order": [END, LINE]}, ONE_CHILD)
    assert said(found) == [
        "Too early: the line “done” of main came at 0.20 s, before the end of p at 1.00 s.",
        "Once started, processes run side by side. Nothing here makes one wait for the other.",
        "What, in your script, makes the line “done” of main come after the end of p?",
    ]
    (relation,) = found.relations
    assert (relation.start, relation.end) == (Mark(1, s(1)), Mark(MAIN, s(0.2)))
    assert not relation.holds


def test_the_order_of_one_instant() -> None:
    """Events of the same time are in the order in which they happened."""
    story = play(line_at=1)
    assert verdict(story, {"order": [END, LINE]}, ONE_CHILD).status is Status.PASSED
    assert verdict(story, {"order": [LINE, END]}, ONE_CHILD).status is Status.FAILED


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ({"prints": "bye", "by": "child"}, "p did not print “bye”."),
        ({"prints": "bye"}, "No process printed “bye”."),
        ({"waits-for": "main", "by": "child"}, "p never waited for main."),
        ({"ends": "nobody"}, "None of the processes that the program started printed “x”."),
        (
            {"waits-for": "child", "by": "nobody"},
            "None of the processes that the program started printed “x”.",
        ),
    ],
)
def test_a_moment_that_did_not_come(moment: dict[str, str], sentence: str) -> None:
    """The check fails for what is missing."""
    cast = {**ONE_CHILD, "nobody": {"prints": "x"}}
    found = verdict(play(), {"order": [{"begins": "main"}, moment]}, cast)
    assert happened(found) == sentence
    assert found.missing


def test_a_process_that_never_ended() -> None:
    """Its end is a moment that did not come."""
    story = Story()
    story.start(at=s(0.01), variable="p")
    found = verdict(story, {"order": [{"starts": "child"}, END]}, ONE_CHILD)
    assert happened(found) == "p had not ended when the run was over."


def test_the_last_of_a_group() -> None:
    """A moment of a group is the last one's; a line is any one's, or each one's first."""
    story = Story()
    for number in (1, 2):
        worker = story.start(at=s(number / 100))
        story.prints(worker, "hello", at=s(number / 10))
        story.prints(worker, "hello", at=s(0.5))
        story.ends(worker, at=s(number))
    story.prints(MAIN, "done", at=s(1.5))
    ends_first = {"order": [{"ends": "workers"}, {"prints": "done"}]}
    assert verdict(story, ends_first, WORKERS).status is Status.FAILED
    for which, at in ((None, "0.1s"), ("first", "0.1s"), ("last", "0.2s")):
        line = {"prints": "hello", "by": "workers", **({"which": which} if which else {})}
        check = {"time": {"from": {"begins": "main"}, "to": line, "at-least": at, "at-most": at}}
        assert verdict(story, check, WORKERS).status is Status.PASSED


def time(**bounds: str) -> dict[str, Any]:
    """From the child's start to main's line."""
    return {"time": {"from": {"starts": "child"}, "to": LINE, **bounds}}


def test_in_time() -> None:
    """A pass says how long it took."""
    found = verdict(play(), time(**{"at-least": "0.95s", "at-most": "1.5s"}), ONE_CHILD)
    assert found.status is Status.PASSED
    assert said(found) == [
        "From the start of p (0.01 s) to the line “done” of main (1.10 s) it took 1.09 s."
    ]
    assert found.relations[0].holds


def test_too_short() -> None:
    """Both marks, the span, and the bounds."""
    found = verdict(play(0.2), time(**{"at-least": "0.95s", "at-most": "1.5s"}), ONE_CHILD)
    assert said(found) == [
        "From the start of p (0.01 s) to the line “done” of main (0.20 s) it took 0.19 s. Right "
        "is 0.95 s to 1.50 s.",
        "It took some time, but less than it should.",
        "Which lines take time between the two, and how long should each of them?",
    ]
    (relation,) = found.relations
    assert (relation.start, relation.end) == (Mark(1, s(0.01)), Mark(MAIN, s(0.2)))
    assert relation.label.in_language("en") == "0.19 s"


def test_no_time_at_all() -> None:
    """Of what took no time it is not said that it took some."""
    found = verdict(play(0.02), time(**{"at-least": "0.95s"}), ONE_CHILD)
    assert said(found)[1] == (
        "Something that should take time takes none, or it takes it somewhere else."
    )


@pytest.mark.parametrize(
    ("code", "slept", "status"),
    [
        ("import sys\nsys.stdout = open(1, 'w')\n", 0.7, Status.PASSED),
        ("import sys\nsys.stdout = open(1, 'w')\n", 0.3, Status.FAILED),
        ("import time\n", 0.7, Status.FAILED),
    ],
)
def test_two_lines_that_waited_in_a_buffer(code: str, slept: float, status: Status) -> None:
    """Where the script has dealt with ``sys.stdout`` a pause before both may have lain between."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.sleeps(child, at=s(0.1), until=s(0.1 + slept))
    for line in ("begin", "end"):
        story.prints(child, line, at=s(1))
    between = {"from": {"prints": "begin"}, "to": {"prints": "end"}, "at-least": "0.5s"}
    found = verdict(story, {"time": between}, ONE_CHILD, code)
    assert found.status is status
    if status is Status.PASSED:
        assert said(found)[0] == "p sent both lines at once, after pauses of 0.70 s."


def test_two_lines_that_were_sent_at_once() -> None:
    """They waited in a buffer: nothing is said of what happened between the two."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    for line in ("begin", "end"):
        story.prints(child, line, at=s(1))
    between = {"from": {"prints": "begin"}, "to": {"prints": "end"}, "at-least": "0.5s"}
    assert said(verdict(story, {"time": between}, ONE_CHILD))[1:] == [
        "Both lines were sent at the same instant. What is printed waits in a buffer until it is "
        "sent: at the end of a line, by `flush`, or when the process ends.",
        "When does your script print each of the two, and when is it sent?",
    ]


def test_a_sleep_that_was_cut_off() -> None:
    """Who was ended in its sleep slept no line's length."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.sleeps(child, at=s(0.02), until=s(3.02))
    story.signals(MAIN, child, at=s(3.02))
    story.ends(child, at=s(3.02), signal=15, sender=MAIN)
    story.prints(MAIN, "done", at=s(3.1))
    code = "import time\ndef work():\n    time.sleep(3)\n"
    assert verdict(story, TOO_LONG, ONE_CHILD, code).feedback.line is None


def test_too_long() -> None:
    """Only the bound that is given is told."""
    found = verdict(play(5), time(**{"at-most": "1.5s"}), ONE_CHILD)
    assert said(found)[:2] == [
        "From the start of p (0.01 s) to the line “done” of main (5.00 s) it took 4.99 s. At most "
        "1.50 s is right.",
        "One of the steps takes longer than it should, or some come one after another that could "
        "come at once.",
    ]
    assert "At least 9.00 s is right." in happened(
        verdict(play(5), time(**{"at-least": "9s"}), ONE_CHILD)
    )


def overslept(*pauses: float) -> Story:
    """A child that sleeps so often and so long, and says "done" at its end."""
    story = Story()
    child, at = story.start(at=0, variable="p"), 0.01
    for length in pauses:
        story.sleeps(child, at=s(at), until=s(at + length))
        at += length + 0.01
        story.prints(child, "awake", at=s(at))
    story.prints(child, "done", at=s(at))
    story.ends(child, at=s(at + 0.01))
    return story


TOO_LONG = {
    "time": {
        "from": {"begins": "child"},
        "to": {"prints": "done", "by": "child"},
        "at-most": "1.5s",
    }
}


def test_a_sleep_that_is_too_long() -> None:
    """Who slept is told, how long, and at which line where one line asks for just that."""
    code = "import time\ntime.sleep(3)\ndef work():\n    time.sleep(0.5)\n    time.sleep(3)\n"
    found = verdict(overslept(3), TOO_LONG, ONE_CHILD, code)
    assert said(found)[1:] == [
        "p slept 3.00 s at one go, at line 5.",
        "Does the task ask for that pause, and how long should it be?",
    ]
    assert found.feedback.line == Location(SCRIPT, 5)
    assert found.suppress_hint


@pytest.mark.parametrize("longer", [MAIN, 1])
def test_of_two_that_slept_as_long_the_older_is_told(longer: ProcessNumber) -> None:
    """Which of two that asked for the same pause slept a moment longer is chance."""
    story = overslept(3)
    story.sleeps(MAIN, at=s(0.015), until=s(3.018 if longer == MAIN else 3.012))
    found = verdict(story, TOO_LONG, ONE_CHILD)
    assert said(found)[1] == "Main slept 3.00 s at one go."


@pytest.mark.parametrize("code", ["import time\ntime.sleep(n)\n", "from time import *\n"])
def test_a_sleep_that_is_too_long_at_a_line_that_is_not_known(code: str) -> None:
    """A length that is computed, or that no call has, names no line."""
    found = verdict(overslept(3), TOO_LONG, ONE_CHILD, code)
    assert said(found)[1] == "p slept 3.00 s at one go."
    assert found.feedback.line is None


def test_a_sleep_that_two_lines_ask_for() -> None:
    """Which of the two it was is not known."""
    code = "import time\ndef work():\n    time.sleep(3)\n    time.sleep(3)\n"
    assert verdict(overslept(3), TOO_LONG, ONE_CHILD, code).feedback.line is None


def test_sleeps_that_are_too_long_together() -> None:
    """None of them is, but one process sleeps them all."""
    found = verdict(overslept(1, 1, 1), TOO_LONG, ONE_CHILD)
    assert said(found)[1:] == [
        "p slept 3 times in between, 3.00 s in all.",
        "Which of these pauses does the task ask for, and how long is it to be?",
    ]


@given(st.integers(0, 3 * 10**9), st.integers(0, 10**9), st.integers(10**9, 2 * 10**9))
def test_bounds_are_inclusive(line_at: int, at_least: int, at_most: int) -> None:
    """A span is right exactly if it lies within the bounds, ends included."""
    story = Story()
    story.start(at=0)
    story.prints(MAIN, "done", at=line_at)
    found = verdict(
        story, time(**{"at-least": f"{at_least}ns", "at-most": f"{at_most}ns"}), ONE_CHILD
    )
    assert (found.status is Status.PASSED) == (at_least <= line_at <= at_most)


@pytest.mark.parametrize("waits", [True, False])
def test_a_sleep_of_another_process_that_was_waited_for(waits: bool) -> None:
    """The line that waits is shown: the sleep may be what the task asks for."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.start(at=s(0.015), variable="other")
    story.sleeps(child, at=s(0.02), until=s(3.02))
    story.ends(child, at=s(3.03))
    if waits:
        story.waits(MAIN, child, at=s(3.03), began=s(0.02), line=8)
    story.prints(MAIN, "done", at=s(3.04))
    story.ends(MAIN, at=s(3.05))
    soon = {
        "time": {
            "from": {"starts": "workers"},
            "to": {"prints": "done", "by": "main"},
            "at-most": "0.6s",
        }
    }
    why = said(verdict(story, soon, WORKERS))[1]
    assert why == (
        "Main waited for the end of p at line 8, and p slept 3.00 s."
        if waits
        else "p slept 3.00 s at one go."
    )
