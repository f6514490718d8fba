"""A shared value that two processes update at once."""

from __future__ import annotations

from dataclasses import replace

from grader.checks.mistakes.copies import detect_lost_update
from grader.trace import MAIN, Preemption
from tests.building import Story, at_line, s
from tests.checks.stage import context

CODE = """\
from multiprocessing import Process, Value
def add(v, lock):
    v.value += 1
    v.value = v.value + 1
    with lock:
        v.value += 1
    v.value = 1
"""


def found(line: int, *others: str) -> list[str]:
    story = Story()
    child = story.start(at=s(0.01))
    story.ends(child, at=s(1))
    story.ends(MAIN, at=s(1.1))
    scene = context(story, code=CODE)
    held = tuple(Preemption(s(0.1), child, who, 1, at_line(line)) for who in ("worker-1", *others))
    scene = replace(scene, trace=replace(scene.trace, preemptions=held))
    happened = [each.feedback.happened for each in detect_lost_update(scene)]
    return [text.in_language("en") for text in happened if text is not None]


def test_held_up_between_reading_and_writing() -> None:
    """An order that holds a process up there loses what others write meanwhile."""
    for line in (3, 4):
        assert found(line, "worker-2")[:1] == [
            f"Line {line} reads `v.value`, works out a new one and writes it back. Process-1 had "
            "read it when others wrote theirs, and wrote over it: an update was lost."
        ]


def test_held_up_under_a_lock_or_before_a_plain_store() -> None:
    """Nobody else comes in between, or nothing was read."""
    assert found(6, "worker-2") == []
    assert found(7, "worker-2") == []


def test_nobody_else_comes_to_that_line() -> None:
    """What is held up there has nobody to lose an update to."""
    assert found(3) == []
