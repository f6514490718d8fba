"""What main waits for in place of a child's end, told on hand-written traces."""

from __future__ import annotations

import pytest

from grader.checks import Finding, Status
from grader.trace import MAIN, Outcome, WaitReason
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, findings, said

WAITS = {
    "id": "waits",
    "waited": {"for": "child", "before": {"prints": "done", "by": "main"}},
}
CODE = (
    "from multiprocessing import Barrier, Event, Lock, Process, Queue\n"
    "e, b, lock, q = Event(), Barrier(2), Lock(), Queue()\n"
    "e = Event()\n"
    "b = Barrier(2)\n"
    "lock = Lock()\n"
    "q = Queue()\n"
    "def work(): e.set(); b.wait()\n"
    "p = Process(target=work)\n"
    "p.start()\n"
)


def found(line: str, *, blocked: bool = True, pause: bool = False, ends: bool = True) -> Finding:
    """What is said where main has that line, was held up there or not, and then spoke."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=9)
    if pause:
        story.sleeps(MAIN, at=s(0.02), until=s(0.2))
    if blocked:
        story.idles(MAIN, WaitReason.SEMAPHORE, at=s(0.2), until=s(1))
    story.prints(MAIN, "done", at=s(1))
    if ends:
        story.ends(child, at=s(2))
    else:
        story.left_alive(child)
        story.outcome(Outcome.TIME_LIMIT)
        story.prints(child, "still here", at=s(60))
    return findings(story, WAITS, cast=ONE_CHILD, code=CODE + line)["waits"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("e.wait()\n", "`e.wait` (line 10) waits until another process wakes it."),
        ("b.wait()\n", "`b.wait` (line 10) waits until all have come to that place."),
        ("lock.acquire()\n", "`lock.acquire` (line 10) waits until the child releases something."),
        ("with lock: pass\n", "`with lock` (line 10) waits until the child releases something."),
        (
            "from multiprocessing import Value\nv = Value('i', 0)\nwhile not v.value: pass\n",
            "`while not v.value` (line 12) waits until a value changes.",
        ),
        ("q.get()\n", "`q.get` (line 10) waits for a message."),
    ],
)
def test_what_main_waits_for(line: str, why: str) -> None:
    """It is called what it is, and not a start that does not wait."""
    assert said(found(line))[1].startswith(why)


def test_a_lock_that_did_not_hold_main_up() -> None:
    """It is no wait at all, and a pause before it is one in its place."""
    assert said(found("with lock: pass\n", blocked=False))[1].startswith("`start()` does not wait")
    assert found("with lock: pass\n", blocked=False, pause=True).mistake == "pause-for-wait"


def test_a_wait_beside_a_pause() -> None:
    """What held main up last is told, and not the pause before it."""
    assert found("e.wait()\n", pause=True).mistake == "message-for-end"


@pytest.mark.parametrize(
    ("loop", "is_told"),
    [
        ("while not os.path.exists('done'):\n    time.sleep(0.18)\n", True),
        ("while True:\n    time.sleep(0.18)\n    if os.path.exists('done'): break\n", True),
        ("n = 0\nwhile n < 3:\n    n += 1\n    time.sleep(0.18)\n", False),
        ("for n in range(3):\n    time.sleep(0.18)\n", False),
        ("time.sleep(0.18)\n", False),
    ],
)
def test_a_loop_that_looks_for_something_else(loop: str, is_told: bool) -> None:
    """It is no pause: it goes on until something changes. A loop that counts is one."""
    told = found(f"import os, time\n{loop}", blocked=False, pause=True)
    assert (told.mistake == "asks-for-something-else") is is_told
    if is_told:
        assert said(told)[1:] == [
            "The loop at line 11 looks again and again whether something has changed. A wait is "
            "another thing: main asks the system for the end of p, and goes on only then.",
            "What does line 11 look at, and has p ended when that changes?",
        ]


def test_a_loop_that_gives_up() -> None:
    """Main looked at the child, and not for long enough."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=9)
    for at in (0.02, 0.9):
        story.calls(MAIN, "is_alive", at=s(at), target=child, line=11)
    story.prints(MAIN, "done", at=s(1))
    story.ends(child, at=s(2))
    code = CODE + "for _ in range(9):\n    if not p.is_alive(): break\n"
    told = findings(story, WAITS, cast=ONE_CHILD, code=code)["waits"]
    assert said(told)[0] == (
        "Main asked whether p was alive at line 11, for the last time at 0.90 s, and did not wait "
        "any longer. p was at work until 2.00 s."
    )


def test_a_child_that_never_ends() -> None:
    """It was not at work until anything."""
    assert said(found("import time\n", blocked=False, pause=True, ends=False))[0] == (
        "Main did not wait for p: it slept from 0.02 s to 0.20 s. p had not ended when the run was "
        "over."
    )


def test_an_order_of_beginnings_asks_for_no_wait() -> None:
    """Where a child is to have begun, no wait for its end is missing."""
    story = Story()
    story.prints(MAIN, "done", at=s(0.005))
    child = story.start(at=s(0.01), variable="p", line=9)
    story.ends(child, at=s(1))
    order = {"id": "order", "order": [{"begins": "child"}, {"prints": "done", "by": "main"}]}
    told = findings(story, order, cast=ONE_CHILD, code=CODE)["order"]
    assert told.status is Status.FAILED
    assert told.mistake is None


def test_a_pause_in_place_of_several_waits() -> None:
    """All for which main did not wait are named, and how long the last of them took."""
    story = Story()
    children = [story.start(at=s(number / 100)) for number in (1, 2, 3)]
    story.sleeps(MAIN, at=s(0.04), until=s(1.5))
    for child in children:
        story.ends(child, at=s(1 + child / 100))
    story.prints(MAIN, "done", at=s(1.5))
    told = findings(story, WAITS, cast={"child": {"children-of": "main"}})["waits"]
    assert said(told)[0] == (
        "Main did not wait for Process-1, Process-2 and Process-3: it slept from 0.04 s to 1.50 s. "
        "The last of them happened to be done at 1.03 s."
    )


def test_a_daemon_for_which_main_gave_up_waiting() -> None:
    """It was ended with main's code, and the time-out is why main did not wait for its end."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=9, daemon=True)
    story.gives_up_waiting(MAIN, child, began=s(0.02), at=s(2), line=10)
    story.code_ends(MAIN, at=s(2))
    story.signals(MAIN, child, at=s(2), in_shutdown=True)
    story.ends(child, at=s(2), signal="SIGTERM", sender=MAIN)
    asked = {"id": "waits", "waited": {"for": "child"}}
    told = findings(story, asked, cast=ONE_CHILD, code=CODE + "p.join(2)\n")["waits"]
    assert said(told)[0] == "Main gave up waiting for p at 2.00 s. p was at work until 2.00 s."
    assert told.feedback.line is not None
    assert told.feedback.line.line == 10
