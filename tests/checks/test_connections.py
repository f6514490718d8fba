"""``one-connection-each``: who answers at which connection."""

from __future__ import annotations

from grader.checks import Status
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import happened, verdict

CHECK = {"one-connection-each": "workers"}
WORKERS = {"workers": {"children-of": "main"}}
RUN = {
    "peers": [
        {"name": name, "program": "client.py", "begins": {"listens": 8080}}
        for name in ("alice", "bob")
    ]
}


def served(*answers: tuple[str, str, int]) -> Story:
    """Who (``main``, ``one``, ``two``) answers whom (``alice``, ``bob``) at which connection."""
    story = Story()
    who = {"main": MAIN, "one": story.start(at=s(0.1)), "two": story.start(at=s(0.1))}
    clients = {name: story.peer(at=s(0.2), name=name) for name in ("alice", "bob")}
    for server, client, ordinal in answers:
        story.answers(who[server], clients[client], ordinal)
    return story


def told(*answers: tuple[str, str, int]) -> str | None:
    """What is said of it; None where it holds."""
    found = verdict(served(*answers), CHECK, cast=WORKERS, run=RUN)
    return None if found.status is Status.PASSED else happened(found)


def test_a_process_for_each_connection() -> None:
    """Two clients, or one that comes twice, and a process that nobody called."""
    assert told(("one", "alice", 1), ("two", "bob", 1)) is None
    assert told(("one", "alice", 1), ("two", "alice", 2)) is None
    assert told(("one", "bob", 1)) is None


def test_main_answers_while_children_stand_by() -> None:
    """It does not matter that they are there."""
    assert told(("main", "alice", 1)) == "What alice received was sent by main."


def test_main_answers_first() -> None:
    """What the child sends later does not make up for it."""
    assert told(("main", "alice", 1), ("one", "alice", 1)) == (
        "What alice received was sent by main and Process-1."
    )


def test_one_child_serves_all() -> None:
    """Each connection has one process, but not one of its own."""
    assert told(("one", "alice", 1), ("one", "bob", 1)) == (
        "Process-1 answered at 2 connections: alice and bob."
    )


def test_two_children_share_a_connection() -> None:
    """Nobody knows which of them gets the next message."""
    assert told(("one", "alice", 1), ("two", "alice", 1)) == (
        "What alice received was sent by Process-1 and Process-2."
    )


def test_nobody_answers() -> None:
    """A server that says nothing serves nobody."""
    assert told() == "No connection was answered."


def test_on_the_scripts_own_word() -> None:
    """What it says is judged; where it says nothing of answers they may have gone another way."""
    story = served(("main", "alice", 1))
    story.is_the_scripts_word()
    assert verdict(story, CHECK, cast=WORKERS, run=RUN).status is Status.FAILED
    silent = served()
    silent.is_the_scripts_word()
    assert verdict(silent, CHECK, cast=WORKERS, run=RUN).status is Status.INCONCLUSIVE
