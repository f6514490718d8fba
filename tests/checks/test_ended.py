"""``ended``: how a process ended, by whom, and when."""

from typing import Any

import pytest

from grader.checks import Status
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, happened, said, verdict


def ended(**how: Any) -> dict[str, Any]:
    return {"ended": {"who": "child", **how}}


def by_itself(status: int = 0) -> Story:
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p"), at=s(1), exit_status=status)
    story.prints(MAIN, "done", at=s(1.5))
    return story


def by_signal(signal: int = 15, *, daemon: bool = False) -> Story:
    """Main's own code ends it, at line 14."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", daemon=daemon)
    story.signals(MAIN, child, at=s(0.5), signal=signal, line=14)
    story.ends(child, at=s(0.5), signal=signal, sender=MAIN)
    story.code_ends(MAIN, at=s(0.6))
    return story


def by_shutdown() -> Story:
    story = Story()
    child = story.start(at=s(0.01), variable="p", daemon=True)
    story.code_ends(MAIN, at=s(0.1))
    story.signals(MAIN, child, at=s(0.1), in_shutdown=True)
    story.ends(child, at=s(0.1), signal=15, sender=MAIN)
    return story


@pytest.mark.parametrize(
    ("story", "check"),
    [
        (by_itself(), ended(exit=0)),
        (by_itself(3), ended(exit=3, by="itself")),
        (by_itself(), ended(before={"prints": "done"}, after={"starts": "child"})),
        (by_signal(), ended(signal="SIGTERM", by="main")),
        (by_signal(9), ended(signal="SIGKILL")),
        (by_shutdown(), ended(by="shutdown", signal="SIGTERM")),
    ],
)
def test_as_it_should(story: Story, check: dict[str, Any]) -> None:
    """All that is given fits."""
    assert verdict(story, check, ONE_CHILD).status is Status.PASSED


@pytest.mark.parametrize(
    ("story", "check", "sentences"),
    [
        (
            by_itself(1),
            ended(exit=0),
            [
                "p ended by itself at 1.00 s, with exit status 1; the task asks for exit status 0.",
                "Exit status 0 says that a process came to the end of its work; an uncaught "
                "error makes it 1.",
                "What ended p, and at which line was it then?",
            ],
        ),
        (
            by_signal(),
            ended(exit=0),
            [
                "p was ended by main at 0.50 s (SIGTERM); the task asks for exit status 0.",
                "A signal ends a process in the middle of what it does: it never comes to the rest "
                "of its lines.",
                "What ended p, and at which line was it then?",
            ],
        ),
        (
            by_signal(9),
            ended(signal="SIGTERM"),
            [
                "p was ended by main at 0.50 s (SIGKILL); the task asks for SIGTERM.",
                "There are several signals that end a process. SIGTERM asks it to end, and it "
                "could still tidy up; SIGKILL ends it on the spot.",
                "Which method sends which of the two?",
            ],
        ),
        (
            by_signal(daemon=True),
            ended(by="shutdown"),
            [
                "p was ended by main at 0.50 s (SIGTERM).",
                "The script's own code did that; it did not happen because the script was over.",
                "What would happen to p without that line?",
            ],
        ),
        (
            by_itself(),
            ended(by="shutdown"),
            [
                "p ended by itself at 1.00 s, with exit status 0.",
                "When main's own code is over, it waits for its ordinary children and ends its "
                "daemons.",
                "Which of the two is p when it starts?",
            ],
        ),
        (
            by_shutdown(),
            ended(by="itself"),
            [
                "p was ended at 0.10 s, because the code of main was over (SIGTERM).",
                "A daemon is not waited for: as soon as main's own code is over, it is ended, "
                "wherever it is in its work.",
                "Should p be such a process?",
            ],
        ),
        (
            by_itself(),
            ended(by="main"),
            [
                "p ended by itself at 1.00 s, with exit status 0.",
                "The task asks that it ends by main.",
                "Which line, in which process, is to end it?",
            ],
        ),
        (
            by_itself(),
            ended(after={"prints": "done"}),
            [
                "p ended at 1.00 s, before the line “done” of main at 1.50 s.",
                "Nothing in the script ties the two together, so they can come in either order.",
                "What decides when p ends?",
            ],
        ),
    ],
)
def test_otherwise(story: Story, check: dict[str, Any], sentences: list[str]) -> None:
    """How it ended instead, why, and what to ask oneself."""
    assert said(verdict(story, check, ONE_CHILD)) == sentences


def test_the_line_that_ends_it() -> None:
    """Where the student's own code ended it the line is pointed at."""
    found = verdict(by_signal(daemon=True), ended(by="shutdown"), ONE_CHILD)
    assert found.feedback.line is not None
    assert found.feedback.line.line == 14


def test_a_daemon_that_was_done_before() -> None:
    """Main lived so long that the daemon came to its end."""
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p", daemon=True), at=s(1))
    assert said(verdict(story, ended(by="shutdown"), ONE_CHILD))[1:] == [
        "A daemon is ended when main's own code is over. Here that came too late: p had already "
        "finished its work.",
        "What keeps main's code busy for so long?",
    ]


def test_not_at_all() -> None:
    """Who lives to the end of the run, or is ended by the grader, has not ended."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    found = verdict(story, ended(exit=0), ONE_CHILD)
    assert happened(found) == "p had not ended when the run was over."
    assert found.missing
    story.left_alive(child)
    story.ends(child, at=s(9), signal=9)
    assert verdict(story, ended(signal="SIGKILL"), ONE_CHILD).missing


def test_by_the_system() -> None:
    """A fault is nobody's signal."""
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p"), at=s(1), signal=11)
    assert happened(verdict(story, ended(by="main"), ONE_CHILD)) == (
        "p was ended by the system at 1.00 s (SIGSEGV)."
    )


def test_each_of_a_group() -> None:
    """One that ended otherwise is enough."""
    story = Story()
    for number, status in ((1, 0), (2, 1)):
        story.ends(story.start(at=s(number / 100)), at=s(1), exit_status=status)
    cast = {"workers": {"children-of": "main"}}
    check = {"ended": {"who": "workers", "exit": 0}}
    assert happened(verdict(story, check, cast)).startswith("Process-2 ended by itself")
