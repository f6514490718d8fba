"""The other side of a connection has hung up, and nobody takes notice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.checks import Finding, Status
from grader.trace import MAIN, Outcome, Trace
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, findings, said

CHECK: dict[str, Any] = {"id": "ends", "ended": {"who": "child", "by": "itself"}}
SPINS = [
    "while True:\n    data = c.recv(9)\n    c.sendall(data)\n",
    "while True:\n    c.sendall(c.recv(9).upper())\n    print(c.recv(9))\n",
    "for _ in range(9**9):\n    data = c.recv(9).decode()\n    print(data)\n",
]
ASKS = [
    "while True:\n    data = c.recv(9)\n    if not data:\n        break\n",
    "while True:\n    data = c.recv(9)\n    if len(data) == 0:\n        break\n",
    "data = c.recv(9)\nwhile data:\n    data = c.recv(9)\n",
    "while data := c.recv(9):\n    c.sendall(data)\n",
    "while True:\n    print(9)\n",
]


def spinning(outcome: Outcome) -> Trace:
    """A child that is stopped after four seconds of processor time."""
    story = Story()
    child = story.start(at=s(0.1), variable="p")
    story.left_alive(child)
    story.left_alive(MAIN)
    story.outcome(outcome)
    trace = story.trace()
    processes = tuple(replace(each, cpu=s(4 * each.number)) for each in trace.processes)
    return replace(trace, processes=processes)


def told(code: str, outcome: Outcome = Outcome.CPU_LIMIT) -> Finding:
    found = findings(spinning(outcome), CHECK, cast=ONE_CHILD, code=code)["ends"]
    assert found.status is Status.FAILED
    return found


@pytest.mark.parametrize("code", SPINS)
def test_empty_bytes_are_not_asked_for(code: str) -> None:
    """Row 37: the loop goes on for ever, since nothing that comes is empty bytes."""
    assert said(told(code)) == [
        "p went round and round its loop at line 2 until it had used 4.00 s on the processor.",
        "When the other side has closed the connection, `recv` no longer waits: it returns empty "
        "bytes, `b''`, at once, every time. This loop does not check for them.",
        "How does a process see that the other side has gone, and what should follow then?",
    ]


@pytest.mark.parametrize("code", ASKS)
def test_who_asks_is_not_accused_of_it(code: str) -> None:
    """Something else keeps it going."""
    assert "round its loop" not in said(told(code))[0]


def test_nobody_is_accused_of_it_who_was_not_stopped_at_a_limit() -> None:
    """A server that waits for its next client goes round no loop."""
    assert "round its loop" not in said(told(SPINS[0], Outcome.DEADLOCK))[0]
