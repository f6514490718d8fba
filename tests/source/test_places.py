"""At which line something happened, where the trace does not say it and the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.source import Code
from grader.source.places import Places
from grader.submission import SourceFile, Submission
from grader.trace import MAIN, BlockedInterval, Printed, Slept, Trace, WaitReason
from tests.building import SCRIPT, Story, at_line, s

CODE = """\
from multiprocessing import Process, Queue
import time
def work(q):
    print("hello")
    time.sleep(1)
    q.put("done")
if __name__ == "__main__":
    q = Queue()
    p = Process(target=work, args=(q,))
    p.start()
    time.sleep(1)
    q.get()
    print("main")
    print("main")
"""


def places(trace: Trace, code: str = CODE) -> Places:
    return Places(trace, Code(Submission(Path(SCRIPT), (SourceFile(SCRIPT, code.encode()),))))


def story() -> tuple[Story, int]:
    told = Story()
    return told, told.start(at=s(0.01), variable="p")


@pytest.mark.parametrize(("who", "line"), [("child", 5), ("main", 11)])
def test_a_sleep_is_at_the_line_of_its_length_in_what_that_process_executes(
    who: str, line: int
) -> None:
    """Main and the child sleep equally long, each at a line of its own."""
    told, child = story()
    told.sleeps(child if who == "child" else MAIN, at=s(0.1), until=s(1.1))
    trace = told.trace()
    (slept,) = trace.of_kind(Slept)
    assert places(trace).of(slept) == at_line(line)


def test_a_slow_sleep_is_at_its_line_too() -> None:
    """Where a schedule makes it twice as long."""
    told, child = story()
    told.sleeps(child, at=s(0.1), until=s(2.1))
    trace = told.trace(schedule="slow:worker-1x2")
    (slept,) = trace.of_kind(Slept)
    assert places(trace).of(slept) == at_line(5)


def test_a_wait_is_at_the_only_call_that_can_wait_so() -> None:
    """Main stands still in a queue: it gets, and the child puts."""
    told, _ = story()
    told.idles(MAIN, WaitReason.PIPE, at=s(0.1), until=s(1))
    told.idles(MAIN, WaitReason.LOCK, at=s(1.1), until=s(2))
    trace = told.trace()
    queue, lock = trace.of_kind(BlockedInterval)
    assert places(trace).of(queue) == at_line(12)
    assert places(trace).of(lock) is None


def test_of_two_lines_that_print_the_same_neither_is_named() -> None:
    """Nothing is guessed."""
    told, child = story()
    told.prints(child, "hello", at=s(0.1))
    told.prints(MAIN, "main", at=s(0.2))
    trace = told.trace()
    hello, main = trace.of_kind(Printed)
    assert places(trace).of(hello) == at_line(4)
    assert places(trace).of(main) is None
