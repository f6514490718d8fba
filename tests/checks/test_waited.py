"""``waited``: whether somebody really waited for the end of others."""

from typing import Any, Literal

import pytest

from grader.checks import Mark, Status
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, WORKERS, happened, said, verdict

BEFORE_DONE = {"waited": {"for": "child", "before": {"prints": "done", "by": "main"}}}
EVER = {"waited": {"for": "child"}}


def play(line_at: float, **wait: Any) -> Story:
    """A child ``p`` works until 1 s; main waits as told and prints ``done``."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.ends(child, at=s(1))
    if wait:
        story.waits(MAIN, child, **wait)
    story.prints(MAIN, "done", at=s(line_at))
    return story


@pytest.mark.parametrize("how", ["wait", "poll", "sentinel"])
def test_ways_of_waiting(how: Literal["wait", "poll", "sentinel"]) -> None:
    """A blocking wait, a loop that saw the end, and a wait on the sentinel are all waits."""
    story = play(1.1, at=s(1.01), how=how, polls=3)
    found = verdict(story, BEFORE_DONE, ONE_CHILD)
    assert found.status is Status.PASSED
    assert found.feedback.happened is None


def test_a_join_whose_timeout_was_long_enough() -> None:
    """It ended because the child did."""
    story = play(1.1, at=s(1.01), began=s(0.02))
    assert verdict(story, BEFORE_DONE, ONE_CHILD).status is Status.PASSED


def test_a_busy_loop_is_right_and_gets_advice() -> None:
    """Asking again and again is a wait, and keeps a core busy."""
    found = verdict(
        play(1.1, at=s(1.01), began=s(0.1), how="poll", polls=576), BEFORE_DONE, ONE_CHILD
    )
    assert found.status is Status.PASSED
    assert said(found) == [
        "Main asked again and again whether p had ended.",
        "That is a wait, but a process that asks again and again keeps a whole core busy.",
        "Is there a way to wait that costs nothing?",
    ]


def test_a_loop_that_pauses_keeps_no_core_busy() -> None:
    """What it costs is that it wakes up for nothing, and that it is late."""
    story = play(1.1, at=s(1.01), began=s(0.1), how="poll", polls=90)
    for nth in range(90):
        story.sleeps(MAIN, at=s(0.1 + nth / 100), until=s(0.109 + nth / 100))
    found = verdict(story, BEFORE_DONE, ONE_CHILD)
    assert found.status is Status.PASSED
    assert said(found)[1] == (
        "That is a wait, but it wakes up again and again, and notices the end late."
    )


def test_a_moment_of_asking_gets_none() -> None:
    """How often that was is chance."""
    story = play(1.1, at=s(1.01), began=s(0.9), how="poll", polls=576)
    assert verdict(story, BEFORE_DONE, ONE_CHILD).feedback.happened is None


def test_nobody_waited() -> None:
    """Main spoke while the child was at work."""
    found = verdict(play(0.02), BEFORE_DONE, ONE_CHILD)
    assert said(found) == [
        "Main did not wait for p before its line “done” at 0.02 s. p was at work until 1.00 s.",
        "`start()` does not wait: it comes back at once, while the child works.",
        "What, in your script, makes main stop until p has ended?",
    ]
    assert not found.missing
    (relation,) = found.relations
    assert (relation.start, relation.end) == (Mark(1, s(1)), Mark(MAIN, s(0.02)))


def test_it_happened_to_be_over() -> None:
    """The child was quick; that is no wait."""
    assert happened(verdict(play(1.1), BEFORE_DONE, ONE_CHILD)) == (
        "Main did not wait for p before its line “done” at 1.10 s. p happened to be done "
        "already, at 1.00 s."
    )


def test_waited_too_late() -> None:
    """The wait came after the moment."""
    assert happened(verdict(play(0.02, at=s(1.01)), BEFORE_DONE, ONE_CHILD)) == (
        "Main waited for p only after its line “done” at 0.02 s. p was at work until 1.00 s."
    )


def test_the_shutdown_is_no_wait() -> None:
    """What multiprocessing collects at main's end the student did not wait for."""
    story = play(0.02, at=s(1.01), in_shutdown=True)
    assert verdict(story, EVER, ONE_CHILD).status is Status.FAILED


def test_never_at_all() -> None:
    """Without a moment any wait will do, and none is missing."""
    assert verdict(play(0.02, at=s(1.01)), EVER, ONE_CHILD).status is Status.PASSED
    found = verdict(play(0.02), EVER, ONE_CHILD)
    assert happened(found) == "Main never waited for the end of p."
    assert found.missing


def test_the_moment_did_not_come() -> None:
    """A line that was never printed is the first thing to say."""
    story = Story()
    story.start(at=s(0.01), variable="p")
    found = verdict(story, BEFORE_DONE, ONE_CHILD)
    assert happened(found) == "Main did not print “done”."
    assert found.missing


def test_every_one_of_a_group() -> None:
    """Who was not waited for is named."""
    story = Story()
    workers = [story.start(at=s(n / 100)) for n in (1, 2, 3)]
    for worker in workers:
        story.ends(worker, at=s(1))
    story.waits(MAIN, workers[2], at=s(1))
    story.prints(MAIN, "done", at=s(1.01))
    check = {"waited": {"for": "workers", "before": {"prints": "done", "by": "main"}}}
    found = verdict(story, check, WORKERS)
    assert happened(found).startswith("Main did not wait for Process-1 and Process-2 before")
    assert found.about == {MAIN, 1, 2}


@pytest.mark.parametrize("later", [1, 2])
def test_of_those_that_ended_together_the_first_is_named(later: int) -> None:
    """Which of two processes that do the same takes a moment longer is chance: the report names
    the same one each time, and of those only that ended after the moment.
    """
    story = Story()
    workers = [story.start(at=s(n / 100)) for n in (1, 2)]
    story.prints(MAIN, "done", at=s(0.05))
    for worker in workers:
        story.ends(worker, at=s(1.008 if worker == later else 1.002))
    check = {"waited": {"for": "workers", "before": {"prints": "done", "by": "main"}}}
    found = verdict(story, check, WORKERS)
    assert happened(found).partition("s. ")[2].startswith("Process-1 was at work until 1.0")


def test_who_was_done_is_not_named_for_who_was_not() -> None:
    """Of two that end at nearly the same time, the one that was still at work is named."""
    story = Story()
    first, second = (story.start(at=s(n / 100)) for n in (1, 2))
    story.ends(first, at=s(1.001))
    story.prints(MAIN, "done", at=s(1.002))
    story.ends(second, at=s(1.003))
    check = {"waited": {"for": "workers", "before": {"prints": "done", "by": "main"}}}
    found = verdict(story, check, WORKERS)
    assert happened(found).endswith("Process-2 was at work until 1.003 s.")


def test_somebody_else_waits() -> None:
    """The waiter is who the check says."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    grandchild = story.start(child, at=s(0.02))
    story.ends(grandchild, at=s(1))
    story.waits(child, grandchild, at=s(1))
    cast = {**ONE_CHILD, "grandchild": {"children-of": "child", "count": 1}}
    by_child = {"waited": {"for": "grandchild", "by": "child"}}
    by_main = {"waited": {"for": "grandchild"}}
    assert verdict(story, by_child, cast).status is Status.PASSED
    assert verdict(story, by_main, cast).status is Status.FAILED


NEVER = {"waited": {"for": "child", "never": True}}


def test_a_wait_that_nobody_needs() -> None:
    """`never`: the wait and its line are told."""
    story = play(1.02)
    story.waits(MAIN, 1, at=s(1.01), line=12)
    found = verdict(story, NEVER, ONE_CHILD)
    assert said(found) == [
        "Main waited for the end of p (line 12), until 1.01 s.",
        "This wait is not needed here: the program does what it should without it.",
        "What would happen to p if nobody waited for it?",
    ]
    before = {"waited": {**NEVER["waited"], "before": {"prints": "done", "by": "main"}}}
    assert verdict(story, before, ONE_CHILD).status is Status.FAILED


def test_no_wait_where_nobody_needs_one() -> None:
    """Neither the shutdown's wait nor a single question is one, nor one that comes later."""
    assert verdict(play(1.02), NEVER, ONE_CHILD).status is Status.PASSED
    story = play(1.02)
    story.waits(MAIN, 1, at=s(1.03), in_shutdown=True)
    assert verdict(story, NEVER, ONE_CHILD).status is Status.PASSED
    story = play(1.02)
    story.waits(MAIN, 1, at=s(1.01), how="poll", polls=1)
    assert verdict(story, NEVER, ONE_CHILD).status is Status.PASSED
    story = play(0.02)
    story.waits(MAIN, 1, at=s(1.01))
    before = {"waited": {**NEVER["waited"], "before": {"prints": "done", "by": "main"}}}
    assert verdict(story, before, ONE_CHILD).status is Status.PASSED
