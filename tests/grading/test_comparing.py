"""Several runs together: which of them decides a check, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks import Finding, Status
from grader.grading.comparing import compare
from grader.trace import MAIN, StartMethod
from tests.building import Story, s
from tests.checks.stage import (
    BYE,
    CHILD,
    HELLO,
    WORKERS,
    exercise,
    findings,
    happened,
    judged_runs,
    play,
    said,
    submission,
)

CODE_CHECK = {"id": "code", "source": {"avoids": "os.fork"}}


def test_the_worst_start_method_counts() -> None:
    """What holds under one start method and breaks under another has failed, and says where."""
    traces = [play("hello").trace(), play(method=StartMethod.SPAWN).trace()]
    found = findings(traces, CHILD, HELLO, cast=WORKERS)
    assert found["child"].status is Status.PASSED
    assert found["hello"].status is Status.FAILED
    assert happened(found["hello"]) == (
        "With the start method spawn: Process-1 printed nothing at all; the task asks for “hello”."
    )


def test_what_breaks_under_each_start_method_needs_no_name() -> None:
    """The first run tells it."""
    traces = [play().trace(), play(method=StartMethod.SPAWN).trace()]
    found = findings(traces, CHILD, HELLO, cast=WORKERS)
    assert happened(found["hello"]).startswith("Process-1 printed nothing at all")


def test_lucky() -> None:
    """It held in the natural order and broke in another, which is named."""
    traces = [play("hello").trace(), play().trace(schedule="child-first")]
    found = findings(traces, CHILD, HELLO, BYE, cast=WORKERS)
    assert found["hello"].status is Status.LUCKY
    assert found["hello"].schedule == "child-first"
    assert found["child"].status is Status.PASSED
    assert found["child"].schedule is None
    assert found["bye"].status is Status.FAILED


def test_two_that_say_the_same_say_it_once() -> None:
    """The other one depends on it."""
    traces = [play("hello").trace(), play().trace(schedule="child-first")]
    found = findings(traces, CHILD, HELLO, {**HELLO, "id": "again"}, cast=WORKERS)
    assert found["hello"].status is Status.LUCKY
    assert (found["again"].status, found["again"].cause) == (Status.SKIPPED, "hello")


def test_what_fails_naturally_is_not_lucky() -> None:
    """The natural order comes first."""
    traces = [play().trace(schedule="child-first"), play().trace()]
    assert findings(traces, CHILD, HELLO, cast=WORKERS)["hello"].status is Status.FAILED


def test_what_an_order_may_not_decide_is_to_blame_for_nothing() -> None:
    """A delay beyond the tolerance breaks what must bear any delay, and that only."""
    strict = {**BYE, "prints": HELLO["prints"], "any-duration": True}
    traces = [play("hello").trace(), play().trace(schedule="late:worker-1+2s")]
    found = findings(traces, CHILD, HELLO, strict, cast=WORKERS)
    assert found["hello"].status is Status.PASSED
    assert found["bye"].status is Status.LUCKY


def test_what_no_order_saves_has_failed() -> None:
    """That it held once is chance, and nobody says that it went well."""
    traces = (play("hello").trace(), play().trace(schedule="child-first"))
    runs = judged_runs(exercise(CHILD, HELLO, cast=WORKERS), traces, submission())
    hello = compare(runs, unsaved=["hello"])[1].finding
    assert (hello.status, hello.schedule) == (Status.FAILED, "child-first")
    assert happened(hello) == "Process-1 printed nothing at all; the task asks for “hello”."


LATE = "late:worker-1+200ms"


def replayed(natural: Story, again: Story, *checks: dict[str, Any], order: str) -> list[Finding]:
    """The findings of all checks for somebody who asked for that order."""
    traces = (natural.trace(), again.trace(schedule=order))
    runs = judged_runs(exercise(*checks, cast=WORKERS), traces, submission())
    return [each.finding for each in compare(runs, replayed=runs[1])]


def test_what_breaks_in_the_order_that_was_asked_for() -> None:
    """It held in the natural order: that is lucky, whoever asked for the order that breaks it."""
    _, finding = replayed(play("hello"), play("hullo"), CHILD, HELLO, order=LATE)
    assert (finding.status, finding.schedule) == (Status.LUCKY, LATE)
    assert happened(finding).startswith(
        "In the natural order it goes well, but if Process-1 starts 0.2 s late it breaks."
    )


def test_what_breaks_in_both_is_told_of_the_order_that_was_asked_for() -> None:
    """Where processes race, the natural run of this time is not what the student asked about."""
    _, finding = replayed(play("hi"), play("hullo"), CHILD, HELLO, order=LATE)
    alone = findings(play("hullo"), CHILD, HELLO, cast=WORKERS)["hello"]
    assert (finding.status, finding.schedule) == (Status.FAILED, LATE)
    assert said(finding) == said(alone)
    assert (finding.feedback.line, finding.relations) == (alone.feedback.line, alone.relations)


def test_what_follows_in_the_order_that_was_asked_for_is_told_of_it_too() -> None:
    """What it follows from did not hold in that order, whatever it was in the natural one."""
    _, hello, bye = replayed(play("hullo"), play(), CHILD, HELLO, BYE, order=LATE)
    assert (hello.status, hello.schedule) == (Status.FAILED, LATE)
    assert (bye.status, bye.cause, bye.schedule) == (Status.SKIPPED, "hello", LATE)


def test_what_goes_well_in_the_order_that_was_asked_for_only() -> None:
    """It has failed, and the student is told that the order was not what broke it."""
    _, finding = replayed(play(), play("hello"), CHILD, HELLO, order=LATE)
    assert (finding.status, finding.schedule) == (Status.FAILED, None)
    assert finding.feedback.happened is not None
    assert happened(finding) == (
        "In the order that you asked for it went well, but not when the machine runs the program "
        "by itself. Process-1 printed nothing at all; the task asks for “hello”."
    )
    assert finding.feedback.happened.in_language("zh").startswith(
        "按你指定的顺序运行时没有问题，但让机器自己运行这个程序时就不行了。"
    )


def test_what_goes_well_in_both() -> None:
    """There is nothing to tell."""
    found = replayed(play("hello"), play("hello"), CHILD, HELLO, order=LATE)
    assert [(each.status, each.schedule) for each in found] == [(Status.PASSED, None)] * 2


@pytest.mark.parametrize("line", ["hello", "hullo"])
def test_what_the_order_that_was_asked_for_may_not_decide(line: str) -> None:
    """A delay beyond the tolerance is no excuse and no blame: the natural run is told."""
    _, finding = replayed(play(), play(line), CHILD, HELLO, order="late:worker-1+2s")
    assert (finding.status, finding.schedule) == (Status.FAILED, None)
    assert happened(finding).startswith("Process-1 printed nothing at all")


def test_what_could_not_be_seen_in_the_order_that_was_asked_for() -> None:
    """A run that was not seen whole says nothing beside the natural one."""
    _, finding = replayed(play(), play(doubt="a line was lost."), CHILD, HELLO, order=LATE)
    assert (finding.status, finding.schedule) == (Status.FAILED, None)
    assert happened(finding).startswith("Process-1 printed nothing at all")


LOST = "a line was lost."


@pytest.mark.parametrize("lines", [(), ("hello",)])
def test_an_order_that_was_not_seen_whole_proves_nothing(lines: tuple[str, ...]) -> None:
    """What it could have broken has not passed, whatever was seen of it."""
    traces = [play("hello").trace(), play(*lines, doubt=LOST).trace(schedule="child-first")]
    found = findings(traces, CHILD, HELLO, CODE_CHECK, cast=WORKERS)
    assert found["hello"].status is Status.INCONCLUSIVE
    assert found["code"].status is Status.PASSED
    assert happened(found["hello"]) == (
        "It went well this time, but if the youngest process always goes first it could not be "
        "judged. The grader could not see everything: a line was lost."
    )


def test_an_order_that_breaks_it_outweighs_one_that_was_not_seen() -> None:
    """It is known to be wrong."""
    doubtful = play(doubt=LOST).trace(schedule="parent-first")
    traces = [play("hello").trace(), doubtful, play().trace(schedule="child-first")]
    assert findings(traces, CHILD, HELLO, cast=WORKERS)["hello"].status is Status.LUCKY


def test_what_a_lost_order_may_not_decide_is_passed() -> None:
    """It would have counted for nothing, had it been seen."""
    doubtful = play(doubt=LOST).trace(schedule="late:worker-1+2s")
    traces = [play("hello").trace(), doubtful]
    assert findings(traces, CHILD, HELLO, cast=WORKERS)["hello"].status is Status.PASSED


def left_alone(*, done: float) -> Story:
    """A child that works for a second, and main that prints at that time without a wait."""
    story = Story()
    child = story.start(at=s(0.01))
    story.sleeps(MAIN, at=s(0.02), until=s(done))
    story.prints(MAIN, "done", at=s(done))
    story.ends(child, at=s(1))
    story.ends(MAIN, at=s(2))
    return story


WAITS = {"id": "waits", "waited": {"for": "workers", "before": {"prints": "done", "by": "main"}}}
LAST = {"id": "last", "order": [{"ends": "workers"}, {"prints": "done", "by": "main"}]}


def test_an_order_that_broke_naturally_is_not_told_as_lucky() -> None:
    """A missing wait that broke it in both runs is told as the wait, of the run asked for."""
    early, earlier = left_alone(done=0.6), left_alone(done=0.5)
    waits, last = replayed(early, earlier, WAITS, LAST, order="child-first")
    assert (waits.status, waits.schedule) == (Status.FAILED, "child-first")
    assert (last.status, last.cause) == (Status.SKIPPED, "waits")


def test_a_missing_wait_that_went_well_once() -> None:
    """What main did in place of the wait comes first, and then what that leads to."""
    lucky, early = left_alone(done=1.5), left_alone(done=0.5)
    traces = [lucky.trace(), early.trace(schedule="parent-first")]
    found = findings(traces, WAITS, LAST, cast=WORKERS)
    assert (found["waits"].status, found["last"].status) == (Status.SKIPPED, Status.LUCKY)
    assert happened(found["last"]).startswith(
        "Main did not wait for Process-1: it slept from 0.02 s to 1.50 s. Process-1 happened to be "
        "done at 1.00 s. It went well this time, but if the oldest process always goes first it "
        "breaks."
    )


def test_a_missing_wait_that_broke_an_order_by_chance() -> None:
    """It did not go well this time, and nobody says that it did."""
    early = left_alone(done=0.5)
    waits, last = (
        each.finding
        for each in compare(
            judged_runs(
                exercise(WAITS, LAST, cast=WORKERS),
                (early.trace(), early.trace(schedule="parent-first")),
                submission(),
            ),
            by_chance=["last"],
        )
    )
    assert (waits.status, waits.cause) == (Status.SKIPPED, "last")
    assert last.status is Status.LUCKY
    assert happened(last).startswith(
        "It can go well, but if the oldest process always goes first it breaks."
    )


def test_an_order_broke_by_chance_for_want_of_some_of_the_waits() -> None:
    """It names all for which main did not wait, not only the one that broke it."""

    def only_the_last() -> Story:
        story = Story()
        *others, last = [story.start(at=s(number / 100)) for number in (1, 2, 3)]
        story.ends(last, at=s(0.5))
        story.waits(MAIN, last, at=s(0.5))
        story.prints(MAIN, "done", at=s(0.5))
        for child in others:
            story.ends(child, at=s(1))
        return story

    early = only_the_last()
    asked = exercise(WAITS, LAST, cast=WORKERS)
    traces = (early.trace(), early.trace(schedule="parent-first"))
    last = compare(judged_runs(asked, traces, submission()), by_chance=["last"])[1].finding
    assert happened(last).startswith(
        "Main waited for Process-3, but not for Process-1 and Process-2. Process-1 was at work "
        "until 1.00 s. It can go well, but if the oldest process always goes first it breaks. "
        "This is what happened in another run. Too early: the line “done” of main came at 0.50 s"
    )


def test_what_failed_by_chance_is_to_blame_for_nothing() -> None:
    """What is wrong besides is told as it would be had the natural run fallen the other way."""
    told = []
    for lines, by_chance in ((["hello"], []), ([], ["hello"])):
        traces = (play(*lines).trace(), play().trace(schedule="parent-first"))
        asked = exercise(CHILD, HELLO, BYE, cast=WORKERS)
        judged = compare(judged_runs(asked, traces, submission()), by_chance)
        told.append([(each.finding.status, each.finding.cause) for each in judged])
    assert told[0] == told[1]
    assert told[0] == [(Status.PASSED, None), (Status.LUCKY, None), (Status.FAILED, None)]


def test_what_no_order_breaks_is_to_blame_though_it_failed_by_chance() -> None:
    """The natural run is all that is known of it."""
    traces = (play().trace(), play("hello").trace(schedule="parent-first"))
    asked = exercise(CHILD, HELLO, BYE, cast=WORKERS)
    judged = compare(judged_runs(asked, traces, submission()), ["hello"])
    assert [(each.finding.status, each.finding.cause) for each in judged][1:] == [
        (Status.FAILED, None),
        (Status.SKIPPED, "hello"),
    ]


POSSIBLE = {
    "id": "two-first",
    "possible": True,
    "expect": "The second may come first.",
    "order": [{"prints": "two"}, {"prints": "one"}],
}


def in_turn(*lines: str) -> Story:
    """One child prints these lines."""
    story = Story()
    child = story.start(at=s(0.01))
    for place, line in enumerate(lines, 1):
        story.prints(child, line, at=s(place / 10))
    story.ends(child, at=s(1))
    story.ends(MAIN, at=s(1.1))
    return story


def test_what_is_possible_needs_one_run_that_shows_it() -> None:
    """It passes, and the order that showed it is named."""
    asked = exercise(CHILD, POSSIBLE, cast=WORKERS)
    traces = (in_turn("one", "two").trace(), in_turn("two", "one").trace(schedule=LATE))
    runs = judged_runs(asked, traces, submission())
    finding = compare(runs[:1], shown={"two-first": runs[1]})[1].finding
    assert (finding.status, finding.schedule) == (Status.PASSED, LATE)
    assert happened(finding) == "It happens if Process-1 starts 0.2 s late."


def test_what_no_run_shows_is_not_possible() -> None:
    """What is wrong is not that it happened otherwise, but that it never happened so."""
    asked = exercise(CHILD, POSSIBLE, cast=WORKERS)
    traces = (in_turn("one", "two").trace(), in_turn("one", "two").trace(schedule=LATE))
    finding = compare(judged_runs(asked, traces, submission()))[1].finding
    assert (finding.status, finding.schedule) == (Status.FAILED, None)
    assert said(finding) == [
        "Too early: the line “one” of Process-1 came at 0.10 s, before the line “two” of Process-1 "
        "at 0.20 s.",
        "It need not always be so, but it should be possible, and it happened in none of the event "
        "orders that were tried.",
        "What makes one wait for the other there, although it need not?",
    ]


def test_what_holds_without_help_is_possible() -> None:
    """The natural run is one of the runs, and what another finds does not count."""
    asked = exercise(CHILD, POSSIBLE, cast=WORKERS)
    traces = (in_turn("two", "one").trace(), in_turn("one", "two").trace(schedule=LATE))
    finding = compare(judged_runs(asked, traces, submission()))[1].finding
    assert (finding.status, finding.schedule) == (Status.PASSED, None)
