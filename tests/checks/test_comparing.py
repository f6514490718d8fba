"""Several runs together: which of them decides a check, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks import Status, comparing, judge
from grader.trace import StartMethod
from tests.checks.stage import (
    BYE,
    CHILD,
    HELLO,
    WORKERS,
    exercise,
    findings,
    happened,
    play,
    submission,
)


def test_the_worst_start_method_counts() -> None:
    """What holds under one start method and breaks under another has failed, and says where."""
    traces = [play("hello").trace(), play(method=StartMethod.SPAWN).trace()]
    found = findings(traces, CHILD, HELLO, cast=WORKERS)
    assert found["child"].status is Status.PASSED
    assert found["hello"].status is Status.FAILED
    assert happened(found["hello"]) == (
        "With the start method spawn: Process-1 printed nothing at all; “hello” was asked for."
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


def test_the_natural_run_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of it for the sake of other orders is not asked again for its own."""
    judged: list[str] = []
    judge_run = comparing.judge_run

    def counted(scene: Scene, *settled: Any) -> Any:
        judged.append(scene.trace.schedule)
        return judge_run(scene, *settled)

    monkeypatch.setattr(comparing, "judge_run", counted)
    traces = [play("hello").trace(), play().trace(schedule="child-first")]
    judge(exercise(CHILD, HELLO, cast=WORKERS), traces, submission())
    assert judged == ["natural", "child-first"]
