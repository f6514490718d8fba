"""Lines that the wrong process prints, and such that have run together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.checks.diagnosis.model import Diagnosis
from grader.checks.feedback import Feedback
from grader.checks.lines import is_like
from grader.checks.scene import Scene
from grader.checks.words import quoted
from grader.exercise import MAIN_NAME, Prints, normalized
from grader.messages import say
from grader.trace import MAIN, Connected, Listened, Printed, ProcessNumber

_SOME_WORDS = re.compile(r"(?<![{\w])\w{2,}(?![}\w])")
"""Literal text by which a line can be known; the name of a hole is none."""


def of_work_in_main(scene: Scene) -> Iterator[Diagnosis]:
    """Main prints what a child is to print, and that child prints nothing at all."""
    speakers = {line.by for line in scene.spoken}
    silent = frozenset(number for number in scene.children if number not in speakers)
    lines = [
        line
        for check in scene.exercise.checks
        if check.prints is not None and not check.prints.never
        for line in _taken_over(check.prints, silent, scene)
    ]
    if not lines:
        return
    yield Diagnosis(
        "work-in-main",
        Feedback(
            say(
                "{line} was printed by main, and {names} printed nothing at all.",
                line=quoted(lines[0].text),
                names=scene.names(sorted(silent)),
            ),
            say(
                "A child executes what its `target` does, and nothing else. All the rest of the "
                "script is main's own work."
            ),
            say("Which line prints it, and from where is that line called?"),
        ),
        lambda check, verdict: check.relation == "prints" and bool(verdict.about & silent),
        ("prints",),
    )


def _taken_over(wanted: Prints, silent: frozenset[ProcessNumber], scene: Scene) -> list[Printed]:
    """Main's lines that are as silent children should print them."""
    if wanted.by in scene.cast.misfits or wanted.by == MAIN_NAME:
        return []
    if not silent & set(scene.cast.of(wanted.by)) or not _SOME_WORDS.search(wanted.text):
        return []
    return [line for line in scene.spoken if line.by == MAIN and is_like(wanted.text, line)]


def of_lines_run_together(scene: Scene) -> Iterator[Diagnosis]:
    """Several of the texts that are asked for stand in one line."""
    texts = {
        normalized(check.prints.text)
        for check in scene.exercise.checks
        if check.prints is not None and not check.prints.never
    }
    literal = sorted(text for text in texts if text and not set(text) & set("*{}"))
    if len(literal) < 2:
        return
    one = "|".join(map(re.escape, literal))
    for line in scene.spoken:
        said = normalized(line.text)
        if said in texts or not re.fullmatch(rf"(?:(?:{one})\s*){{2,}}", said):
            continue
        yield _run_together(line, re.findall(one, said), scene)
        return


def _run_together(line: Printed, parts: list[str], scene: Scene) -> Diagnosis:
    connected = any(isinstance(each, (Connected, Listened)) for each in scene.trace.events)
    return Diagnosis(
        "run-together",
        Feedback(
            say(
                "{name} printed {first} and {second} as one line: {line}.",
                name=scene.subject(line.by),
                first=quoted(parts[0]),
                second=quoted(parts[1]),
                line=quoted(line.text),
            ),
            say(
                "A connection carries bytes and knows no messages: what was sent in two pieces may "
                "arrive as one, and what was sent as one may arrive in pieces."
            )
            if connected
            else say("Two texts are two lines only if something ends the first one."),
            say("How can whoever receives them tell where one message ends and the next begins?")
            if connected
            else say("What stands between the two where they are printed?"),
        ),
        lambda check, verdict: check.relation == "prints" and line.by in verdict.about,
        ("prints",),
    )
