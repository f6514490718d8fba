"""The examination itself: what it is there to find, it finds."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import Any

import pytest

from grader.exit_status import ExitStatus
from grader.sandbox.privileges import show_memory
from grader.supervisor import ptrace

from .corpus import Expected, Row, faults
from .examining import Examined, in_a_family_of_its_own, is_dying

ROW = Row(
    "kills",
    "parent.py",
    {},
    False,
    False,
    {"basic": Expected(("finished",), (0,), "no process", ("reached 0",))},
)
RESULT: dict[str, object] = {
    "outcome": "finished",
    "score": 0,
    "isolation": "basic",
    "processes": [{"number": 0}],
    "events": [{"kind": "printed", "text": "reached 0"}],
}
AS_EXPECTED = Examined(
    status=ExitStatus.NOT_PASSED,
    status_of_next=ExitStatus.PASSED,
    descriptors_kept=0,
    peak=50_000_000,
    survivors=[],
    files=[],
    said="Main started no\nprocess.",
    result=RESULT,
    page="<script>",
)


def test_nothing_is_wrong() -> None:
    """With what the row says."""
    assert faults(ROW, "basic", AS_EXPECTED) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"status": 3}, "exit status: 3, not 1 (Main started no process.)"),
        ({"status_of_next": 1}, "exit status of the next grading: 1, not 0"),
        ({"descriptors_kept": 2}, "descriptors kept open: 2, not 0"),
        ({"survivors": ["sleep"]}, "process left: sleep"),
        ({"files": ["/dev/shm/x"]}, "file left: /dev/shm/x"),
        ({"said": "All is right."}, "said: All is right."),
        ({"said": "no process \x1b"}, "acts: '\\x1b'"),
        ({"page": ""}, "scripts in the page: 0, not 1"),
        ({"page": "<script><img"}, "images in the page: 1, not 0"),
        ({"result": {**RESULT, "score": 2}}, "score: 2, not (0,)"),
        ({"result": {**RESULT, "outcome": "crashed"}}, "outcome: crashed, not ('finished',)"),
        ({"result": {**RESULT, "isolation": "bwrap"}}, "isolation: bwrap, not basic"),
        ({"result": {**RESULT, "events": []}}, "printed [], not 'reached 0'"),
    ],
)
def test_what_is_wrong(change: dict[str, Any], fault: str) -> None:
    """Each is told, and it alone."""
    assert faults(ROW, "basic", replace(AS_EXPECTED, **change)) == [fault]


def test_who_is_left_is_found() -> None:
    """Though its parents are gone, and it has left their session."""

    def leave_somebody() -> list[int]:
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp("sleep", ["sleep", "100000"])
            os._exit(0)
        os.wait()
        return [1]

    figures, survivors = in_a_family_of_its_own(leave_somebody)
    assert figures == [1]
    assert len(survivors) == 1


def test_who_was_killed_is_not_left() -> None:
    """However long a busy machine keeps it on its way out."""
    show_memory()  # an earlier grading hid it, and an ordinary user traces no copy of the hidden
    pid = os.fork()
    if pid == 0:
        signal.pause()
    ptrace.seize(pid)
    assert not is_dying(pid)
    os.kill(pid, signal.SIGKILL)
    stop = ptrace.next_stop(block=True, tid=pid)
    assert stop is not None
    assert stop.event == ptrace.Event.EXIT
    assert is_dying(pid)
    ptrace.resume(pid)
    os.waitpid(pid, 0)
