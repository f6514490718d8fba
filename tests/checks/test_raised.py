"""``raises`` and ``clean``: the exceptions of a run, and whether it ended well."""

import pytest

from grader.checks import Status
from grader.trace import MAIN, Outcome, Stream
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, happened, said, verdict

ERROR = """
Traceback (most recent call last):
  File "/home/li/student.py", line 4, in f
    1/0
ZeroDivisionError: division by zero
"""
CLEAN = {"clean": True}


def ending(status: int = 0) -> Story:
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.ends(child, at=s(1))
    story.ends(MAIN, at=s(1.1), exit_status=status)
    return story


def test_clean() -> None:
    """Nothing to complain of."""
    assert verdict(ending(), CLEAN).status is Status.PASSED


def test_a_traceback() -> None:
    """Whose, where, and which; in a child as well as in main."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.raises(child, ERROR, at=s(0.5))
    story.ends(MAIN, at=s(1))
    found = verdict(story, CLEAN)
    assert said(found) == [
        "p stopped with an error at line 4: `ZeroDivisionError: division by zero`.",
        "An uncaught exception ends its process on the spot.",
        "What was the value of each name in that line just then?",
    ]
    assert found.feedback.line is not None
    assert found.feedback.line.line == 4


def test_an_exit_status() -> None:
    """Main says that it did not end well."""
    assert happened(verdict(ending(3), CLEAN)) == (
        "Main ended by itself at 1.10 s, with exit status 3."
    )


@pytest.mark.parametrize(
    "outcome", [each for each in Outcome if each not in (Outcome.FINISHED, Outcome.CRASHED)]
)
def test_no_end(outcome: Outcome) -> None:
    """Whatever stopped the run, the program did not come to its end."""
    story = ending()
    story.outcome(outcome)
    assert happened(verdict(story, CLEAN)) == "The program did not come to its end."


def test_stopped() -> None:
    """A server that serves until it is stopped has done nothing wrong."""
    story = Story()
    story.is_stopped()
    story.ends(MAIN, at=s(1), signal=15)
    found = verdict(story, CLEAN)
    assert found.status is Status.PASSED
    assert happened(found) == "It was still serving when it was stopped, which is fine."


def test_a_peer_that_fails() -> None:
    """What the exercise's own programs do is not the student's fault, nor the student's line."""
    story = ending()
    peer = story.peer(at=s(0.1))
    story.prints(peer, "hello", at=s(0.2))
    story.raises(peer, ERROR, at=s(0.3))
    assert verdict(story, CLEAN).status is Status.PASSED
    assert verdict(story, {"prints": {"text": "hello"}}).status is Status.FAILED


def test_survivors() -> None:
    """Somebody outlives main."""
    story = Story()
    story.helper(at=s(0.01))
    child = story.start(at=s(0.02), variable="p")
    story.ends(MAIN, at=s(0.5))
    story.ends(child, at=s(1))
    assert happened(verdict(story, CLEAN)) == "Main had ended, and still alive: p."


def test_raises() -> None:
    """The exception that the task asks for, by whom it asks."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.raises(child, ERROR, at=s(0.5))
    for who in ("child", "any"):
        check = {"raises": {"text": "ZeroDivisionError: *", "in": who}}
        assert verdict(story, check, ONE_CHILD).status is Status.PASSED
    in_main = {"raises": {"text": "ZeroDivisionError: *", "in": "main"}}
    assert happened(verdict(story, in_main, ONE_CHILD)) == (
        "It was raised in p: `ZeroDivisionError: division by zero`."
    )
    another = {"raises": {"text": "ValueError*", "in": "child"}}
    assert happened(verdict(story, another, ONE_CHILD)) == (
        "p stopped with another error: `ZeroDivisionError: division by zero`."
    )
    assert happened(verdict(ending(), another, ONE_CHILD)) == (
        "No process stopped with the error `ValueError*`."
    )


def test_an_exception_in_a_thread() -> None:
    """It ends the thread and not main; what two threads report at the same time is taken apart."""
    story = Story()
    reports = [
        f"Exception in thread Thread-{n} (f):\n{ERROR.strip()}".replace("line 4", f"line {3 + n}")
        for n in (1, 2)
    ]
    for lines in zip(*(report.splitlines() for report in reports), strict=True):
        for thread, line in enumerate(lines, 1):
            story.prints(MAIN, line, at=s(0.5), stream=Stream.STDERR, thread=thread)
    story.ends(MAIN, at=s(1))
    found = verdict(story, CLEAN)
    assert said(found)[:2] == [
        "The thread `Thread-1 (f)` of main stopped with an error at line 4: "
        "`ZeroDivisionError: division by zero`.",
        "An uncaught exception in a thread ends that thread on the spot, and no other: the process "
        "goes on without what it had still to do.",
    ]
