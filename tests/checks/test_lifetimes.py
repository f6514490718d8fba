"""``together`` and ``one-at-a-time``: whose lives overlap."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Mark, Status
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import WORKERS, findings, said, verdict

TOGETHER = {"together": "workers"}
ONE_AT_A_TIME = {"one-at-a-time": "workers"}


def lives(*spans: tuple[float, float]) -> Story:
    story = Story()
    for start, end in spans:
        story.ends(story.start(at=s(start)), at=s(end))
    return story


def test_together() -> None:
    """A pass says when."""
    found = verdict(lives((0.01, 1), (0.02, 1), (0.5, 2)), TOGETHER, WORKERS)
    assert found.status is Status.PASSED
    assert said(found) == ["All of them were alive at 0.50 s."]


def test_not_together() -> None:
    """The one that ended first and the one that came last, with their times."""
    found = verdict(lives((0.01, 1), (0.02, 1.5), (1.2, 2)), TOGETHER, WORKERS)
    assert said(found) == [
        "Process-3 was started at 1.20 s, when Process-1 had already ended at 1.00 s.",
        "Processes work at the same time only if all of them are started before the first one is "
        "done.",
        "What does main do between one start and the next?",
    ]
    assert found.relations[0].start == Mark(1, s(1))
    assert found.relations[0].end == Mark(3, s(1.2))


def test_processes_with_nothing_to_do() -> None:
    """It is not main that was too slow: the first one was gone at once. The hint is about main."""
    story = lives((0.01, 0.012), (0.011, 0.013), (0.02, 0.022))
    found = verdict(story, TOGETHER, WORKERS)
    assert said(found) == [
        "Process-1 ended after 0.002 s, at 0.01 s, and Process-3 was started at 0.02 s.",
        "Processes work at the same time only if the first one is still at work when the last one "
        "is started.",
        "Which lines does each of them execute, and which of these take time?",
    ]
    assert found.suppress_hint


def test_main_that_pauses_between_starts() -> None:
    """However little they have to do, it is main's pause that keeps them apart."""
    story = Story()
    story.ends(story.start(at=s(0.01)), at=s(0.02))
    story.sleeps(MAIN, at=s(0.02), until=s(1))
    story.ends(story.start(at=s(1)), at=s(1.01))
    assert said(verdict(story, TOGETHER, WORKERS))[0].startswith("Process-2 was started at 1.00 s")


@pytest.mark.parametrize(
    "check", [TOGETHER, {"order": [{"ends": "workers"}, {"prints": "main", "by": "main"}]}]
)
def test_fewer_than_are_counted(check: dict[str, Any]) -> None:
    """That two of them did it says nothing of three: it follows from the number."""
    story = lives((0.01, 1), (0.02, 1))
    story.prints(MAIN, "main", at=s(1.1))
    count = {"id": "three", "count": {"who": "workers", "is": 3}}
    found = findings(story, count, {"id": "all", **check}, cast=WORKERS)
    assert found["three"].status is Status.FAILED
    assert (found["all"].status, found["all"].cause) == (Status.SKIPPED, "three")


def test_pairs_that_overlap_are_not_enough() -> None:
    """Each two of them may overlap, and still never all."""
    story = lives((0, 1), (0.5, 1.5), (1.2, 2))
    assert verdict(story, TOGETHER, WORKERS).status is Status.FAILED


def test_one_at_a_time() -> None:
    """One after another, the next at the very instant of the last one's end."""
    story = lives((0.01, 1), (1, 2), (2.5, 3))
    assert verdict(story, ONE_AT_A_TIME, WORKERS).status is Status.PASSED


def test_two_at_once() -> None:
    """The first two that overlap."""
    found = verdict(lives((0.01, 1), (1, 2), (1.5, 3)), ONE_AT_A_TIME, WORKERS)
    assert said(found) == [
        "Process-3 was started at 1.50 s, while Process-2 was at work until 2.00 s.",
        "Starting a process does not wait for it: main goes straight on to the next start.",
        "What should main do after one start and before the next?",
    ]


def test_times_that_look_the_same_are_told_apart() -> None:
    """As many decimals as it takes."""
    found = verdict(lives((0.01, 1.0004), (1.0002, 2)), ONE_AT_A_TIME, WORKERS)
    assert "1.0002 s, while Process-1 was at work until 1.0004 s" in said(found)[0]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=2, max_size=6),
    st.integers(0, 10),
)
def test_a_shift_changes_nothing(spans: list[tuple[int, int]], shift: int) -> None:
    """Both relations depend on the lives alone, not on when they begin."""
    for check in (TOGETHER, ONE_AT_A_TIME):
        here, there = (
            verdict(lives(*((a + by, a + by + n) for a, n in spans)), check, WORKERS).status
            for by in (0, shift)
        )
        assert here is there
