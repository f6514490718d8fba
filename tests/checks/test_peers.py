"""What peers met with is told as a client's or a server's story, in the task's words."""

from __future__ import annotations

from typing import Any

import pytest

from grader.trace import MAIN, WaitReason
from tests.building import Story, s
from tests.checks.stage import happened, said, verdict

PORT = 8080
RUN: dict[str, Any] = {
    "peers": [
        {"name": "server", "program": "server.py", "receives": "got: *"},
        {"name": "alice", "program": "alice.py", "receives": "answer: *"},
        {"name": "bob", "program": "bob.py"},
    ]
}


def check(by: str, text: str) -> dict[str, Any]:
    return {"prints": {"text": text, "by": by}}


def serving() -> tuple[Story, int]:
    """A server of the exercise's listens before main's first line."""
    story = Story()
    server = story.peer(at=0, name="server")
    story.listens(server, PORT, at=s(0.001))
    return story, server


def calling(name: str = "alice", error: str | None = None) -> tuple[Story, int]:
    """A client of the exercise's connects to the submission."""
    story = Story()
    story.listens(MAIN, PORT, at=s(0.01))
    client = story.peer(at=s(0.02), name=name)
    story.connects(client, PORT, at=s(0.03), error=error)
    return story, client


def test_a_server_that_received_nothing() -> None:
    """How the server puts it is the exercise's own: what was to be received is told."""
    story, _ = serving()
    story.connects(MAIN, PORT, at=s(0.1))
    assert said(verdict(story, check("server", "got: hello*"), run=RUN)) == [
        "The server should have received “hello…”, but received nothing.",
        "It says what your program sends to it, and only that has reached it.",
        "Which line of your program sends something, and is that line reached?",
    ]


def test_a_server_to_which_nobody_connected() -> None:
    """Nothing that a program only prints comes to a server."""
    story, _ = serving()
    assert said(verdict(story, check("server", "got: hello*"), run=RUN))[1] == (
        "It receives only what is sent to it through a connection, and your program never "
        "connected."
    )


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["answer: hello"], "should have received “HELLO”, but received “hello”."),
        (
            ["answer: hello", "no answer"],
            "should have received “HELLO”, but received “hello” and says “no answer”.",
        ),
        (["no answer"], "should have received “HELLO”, but says “no answer”."),
        ([], "should have received “HELLO”, but received nothing."),
    ],
)
def test_what_a_client_received(lines: list[str], told: str) -> None:
    """What it received is told apart from what else it says."""
    story, alice = calling()
    for line in lines:
        story.prints(alice, line, at=s(0.1))
    found = verdict(story, check("alice", "answer: HELLO"), run=RUN)
    assert happened(found) == f"The client `alice` {told}"


@pytest.mark.parametrize("by", ["alice", "bob"])
def test_a_line_that_says_nothing_of_what_was_received(by: str) -> None:
    """It is told as it stands."""
    story, client = calling(by)
    story.prints(client, "long answer: 5 bytes", at=s(0.1))
    assert happened(verdict(story, check(by, "long answer: whole"), run=RUN)) == (
        f"The client `{by}` should have printed “long answer: whole”, but printed "
        "“long answer: 5 bytes”."
    )


def test_what_a_peer_says_in_each_language() -> None:
    """An exercise has its peers' own words in Chinese, too; what it has no words for stays."""
    for line, shown in (("no answer", "没有回答"), ("never mind", "never mind")):
        story, alice = calling()
        story.prints(alice, line, at=s(0.1))
        run = {**RUN, "peers-say": [{"en": "no answer", "zh": "没有回答"}]}
        found = verdict(story, check("alice", "answer: HELLO"), run=run)
        assert happened(found).endswith(f"but says “{line}”.")
        assert found.feedback.happened is not None
        assert f"“{shown}”" in found.feedback.happened.in_language("zh")


def test_a_client_that_was_turned_away() -> None:
    """Where nobody listens the port is named, and the question is about when somebody does."""
    story, _ = calling(error="ECONNREFUSED")
    assert said(verdict(story, check("alice", "answer: HELLO"), run=RUN))[1:] == [
        "It tried to connect to port 8080, and was refused.",
        "From when to when does your program accept connections at that port?",
    ]


def test_a_client_that_came_when_main_was_over() -> None:
    """Nobody accepts it any more."""
    story = Story()
    story.listens(MAIN, PORT, at=s(0.01))
    story.code_ends(MAIN, at=s(0.02))
    client = story.peer(at=s(0.5), name="alice")
    story.connects(client, PORT, at=s(0.6))
    assert said(verdict(story, check("alice", "answer: HELLO"), run=RUN))[1:] == [
        "Main's code was over at 0.02 s, and no process accepts clients any more.",
        "What should main do when it has handed over one client?",
    ]


def test_a_client_of_children_that_accept() -> None:
    """Where they were made beforehand main may be over, and an error of one of them may be why."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.listens(MAIN, PORT, at=s(0.01))
    story.code_ends(MAIN, at=s(0.02))
    bob, alice = (story.peer(at=s(0.5), name=name) for name in ("bob", "alice"))
    story.connects(bob, PORT, at=s(0.5))
    story.connects(alice, PORT, at=s(0.6))
    story.answers(child, bob)
    report = 'Traceback (most recent call last):\n  File "student.py", line 8, in f\nKeyError: 1'
    story.raises(child, report, at=s(0.7))
    story.prints(alice, "no answer", at=s(0.8))
    found = verdict(story, check("alice", "answer: HELLO"), run=RUN)
    assert child in found.about
    assert said(found)[1].startswith("It is a program of the exercise")


def test_a_client_that_main_keeps_waiting() -> None:
    """Main waits for the child that serves somebody else, at its own line."""
    story, alice = calling()
    child = story.start(at=s(0.011), variable="p")
    story.waits(MAIN, child, began=s(0.02), at=s(2), line=15)
    story.prints(alice, "no answer", at=s(2.1))
    found = verdict(story, check("alice", "answer: HELLO"), run=RUN)
    assert said(found)[1:] == [
        "From 0.02 s to 2.00 s main waited for the end of p (line 15), and accepted no client. "
        "The next client is served only when main comes to accept it.",
        "What would main have to be doing, so that the next client gets through?",
    ]
    assert found.feedback.line is not None
    assert found.feedback.line.line == 15


def test_main_serves_everybody_itself() -> None:
    """One that says nothing holds up all the others."""
    story, alice = calling()
    story.prints(alice, "no answer", at=s(2.1))
    assert said(verdict(story, check("alice", "answer: HELLO"), run=RUN))[1:] == [
        "Main serves its clients itself, one after the other. While one of them is connected and "
        "silent, main waits for it and hears no other.",
        "Who could wait for this one client, so that main is free for the next?",
    ]


def test_both_wait() -> None:
    """For a long time nobody does anything: each waits for the other to say something."""
    story, alice = calling()
    story.start(at=s(0.04), variable="p")
    story.prints(alice, "no answer", at=s(30))
    assert said(verdict(story, check("alice", "answer: HELLO"), run=RUN))[1:] == [
        "From 0.04 s to 30.00 s both waited: alice for an answer, and your program for more from "
        "alice.",
        "How does your program know that a message is complete?",
    ]


def test_nothing_more_is_known() -> None:
    """Then it is told what such a client does."""
    story, alice = calling()
    story.start(at=s(0.04), variable="p")
    story.prints(alice, "answer: hello", at=s(0.1))
    assert said(verdict(story, check("alice", "answer: HELLO"), run=RUN))[1:] == [
        "It is a program of the exercise: it connects to yours, sends something, and prints what "
        "comes back.",
        "Which lines of your program deal with what a client sends, and what do they answer?",
    ]


def test_a_client_that_came_too_late() -> None:
    """A line that should have come first is told as being served first."""
    story, alice = calling()
    bob = story.peer(at=s(0.02), name="bob")
    story.connects(bob, PORT, at=s(0.04))
    story.blocks(MAIN, WaitReason.CLIENT)
    story.prints(bob, "late", at=s(2))
    story.prints(alice, "answer: HELLO", at=s(2.1))
    order = {
        "order": [
            {"prints": "answer: HELLO", "by": "alice"},
            {"prints": "late", "by": "bob"},
        ]
    }
    assert happened(verdict(story, order, run=RUN)) == (
        "Main serves its clients itself, one after the other. The client `alice` was served only "
        "at 2.10 s, after the client `bob` at 2.00 s."
    )


def test_its_servant_ended_after_one_answer() -> None:
    """Which process served the client, and when it ended, while the client went on."""
    story, alice = calling()
    child = story.start(at=s(0.04), variable="p")
    story.prints(alice, "answer: HELLO 1", at=s(0.1))
    story.ends(child, at=s(0.2))
    story.prints(alice, "no answer", at=s(0.5))
    assert said(verdict(story, check("alice", "answer: *2"), run=RUN))[1:] == [
        "p, which served this client, ended at 0.20 s, before the client had left.",
        "For how long should the process go on reading from its connection?",
    ]
