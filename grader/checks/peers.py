"""What a peer saw of the submission: its lines are evidence, and nobody's to change."""

from __future__ import annotations

from dataclasses import replace

from grader.checks.finding import Status
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict
from grader.checks.words import like, quoted
from grader.exercise import Prints
from grader.messages import Text, say
from grader.trace.naming import listing

_LINES_AT_MOST = 3


def seen_by_peer(wanted: Prints, verdict: Verdict, scene: Scene) -> Verdict:
    """A verdict on a peer's lines, told as what the peer met with and not as a fault of its own.

    Of processes of the submission the verdict stays as it is.
    """
    names = {peer.name for peer in scene.exercise.run.peers}
    if verdict.status is not Status.FAILED or wanted.by not in names:
        return verdict
    if wanted.by in scene.cast.misfits:
        return verdict
    numbers = scene.cast.of(wanted.by)
    said = [event.text for event in scene.heard if event.by in numbers and event.text.strip()]
    return replace(
        verdict,
        happened=_met_with(wanted, said),
        why=say(
            "{name} is a program of the exercise that deals with yours. It prints what it gets "
            "from your program, or that it gets nothing.",
            name=wanted.by,
        ),
        next=say(
            "What does your program do with what {name} sends, line by line, and what does it "
            "send back?",
            name=wanted.by,
        ),
        missing=True,
    )


def _met_with(wanted: Prints, said: list[str]) -> Text:
    if not said:
        return say(
            "{name} should have seen {line}, and saw nothing.",
            name=wanted.by,
            line=like(wanted.text),
        )
    lines = listing([quoted(text) for text in said[:_LINES_AT_MOST]])
    return say(
        "{name} should have seen {line}, and saw {lines}.",
        name=wanted.by,
        line=like(wanted.text),
        lines=lines,
    )
