"""Lines that the wrong process prints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.checks.diagnosis.model import Diagnosis
from grader.checks.lines import is_like
from grader.checks.scene import Scene
from grader.checks.words import quoted
from grader.exercise import MAIN_NAME, Prints
from grader.messages import say
from grader.trace import MAIN, Printed, ProcessNumber

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
