"""Checks whose names stand for other programs, and `signalled`."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks import Status
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, said, verdict

SORT: dict[str, Any] = {"sorter": {"programs-of": "main", "named": "sort", "count": 1}}
WAITED = {"waited": {"for": "sorter", "before": {"prints": "done", "by": "main"}}}


def pipeline(*, waited: bool = True, shell_waits: bool = True) -> Story:
    """Main has a shell run ``sort``, and waits for the shell."""
    story = Story()
    shell = story.runs("/bin/sh", at=s(0.1))
    sort = story.runs("/usr/bin/sort", shell, at=s(0.2))
    story.prints(sort, "a b", at=s(0.3))
    story.ends(sort, at=s(0.4))
    if shell_waits:
        story.waits(shell, sort, at=s(0.4))
    story.ends(shell, at=s(0.5))
    if waited:
        story.waits(MAIN, shell, at=s(0.5))
    story.prints(MAIN, "done", at=s(0.6))
    story.ends(MAIN, at=s(0.7))
    return story


@pytest.mark.parametrize(
    "check",
    [
        WAITED,
        {"ended": {"who": "sorter", "exit": 0}},
        {"prints": {"text": "a b", "by": "sorter"}},
        {"order": [{"starts": "sorter"}, {"ends": "sorter"}, {"prints": "done", "by": "main"}]},
        {"order": [{"waits-for": "sorter"}, {"prints": "done", "by": "main"}]},
        {"count": {"who": "sorter", "is": 1}},
    ],
)
def test_a_program_that_a_shell_runs_for_main(check: dict[str, Any]) -> None:
    """It is known by its name, has its own end, and main waits for it by waiting for the shell."""
    assert verdict(pipeline(), check, SORT).status is Status.PASSED


def test_a_program_that_is_not_waited_for() -> None:
    """Neither where main does not wait, nor where the shell does not."""
    assert said(verdict(pipeline(waited=False), WAITED, SORT)) == [
        "Main did not wait for sort before its line “done” at 0.60 s. sort happened to be done "
        "already, at 0.40 s.",
        "`Popen` does not wait: it comes back at once, while the program works.",
        "What, in your script, makes main stop until sort has ended?",
    ]
    assert verdict(pipeline(shell_waits=False), WAITED, SORT).status is Status.FAILED


def test_a_program_that_is_not_run() -> None:
    """The names of those that are run are shown."""
    cast = {"sorter": {"programs-of": "main", "named": "uniq", "count": 1}}
    assert said(verdict(pipeline(), WAITED, cast)) == [
        "None of the processes that main started is named “uniq”. There should be 1. They are "
        "named “sh” and “sort”.",
        "Another program is run by `subprocess.run`, `subprocess.Popen`, `os.system` or one of the "
        "`exec` functions, and is known by its name.",
        "Which line of your script should run it, and is that line reached?",
    ]


def signalled(signal: int = 10, *, by: int = MAIN, at: float = 0.5) -> Story:
    story = Story()
    child = story.start(at=s(0.1), variable="child", name="child")
    story.prints(child, "ready", at=s(0.3))
    story.signals(MAIN if by == MAIN else child, child, at=s(at), signal=signal, line=9)
    story.ends(child, at=s(1))
    story.ends(MAIN, at=s(2))
    return story


WAKES = {
    "who": "child",
    "signal": "SIGUSR1",
    "by": "main",
    "after": {"prints": "ready", "by": "child"},
}


def test_a_signal_that_is_sent() -> None:
    """By whom it should be, and when."""
    assert verdict(signalled(), {"signalled": WAKES}, ONE_CHILD).status is Status.PASSED


@pytest.mark.parametrize(
    ("story", "happened"),
    [
        (
            signalled(at=0.2),
            "Main sent child the signal `SIGUSR1` at 0.20 s, before the line “ready” of child at "
            "0.30 s.",
        ),
        (signalled(by=1), "It was child that sent child the signal `SIGUSR1`."),
        (
            signalled(15),
            "No process sent child the signal `SIGUSR1`; main sent it `SIGTERM`.",
        ),
        (signalled(0), "No process sent child the signal `SIGUSR1`."),
    ],
)
def test_a_signal_that_is_not_sent_as_it_should(story: Story, happened: str) -> None:
    """Too early, by another one, another one, or none at all."""
    found = verdict(story, {"signalled": WAKES}, ONE_CHILD)
    assert (found.status, said(found)[0]) == (Status.FAILED, happened)


def test_a_signal_that_is_never_to_be_sent() -> None:
    """Another one may be."""
    spared = {"signalled": {"who": "child", "signal": "SIGKILL", "never": True}}
    assert verdict(signalled(), spared, ONE_CHILD).status is Status.PASSED
    assert said(verdict(signalled(9), spared, ONE_CHILD))[0] == (
        "Main sent child the signal `SIGKILL` at 0.50 s."
    )
