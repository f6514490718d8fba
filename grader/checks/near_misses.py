"""Lines that are nearly as they should be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from grader.checks.lines import is_like
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict, failed
from grader.checks.words import like, quoted
from grader.exercise import Prints, normalized
from grader.messages import say
from grader.trace import Printed

_HOLE_OR_NUMBER = re.compile(r"\{\w+\}|[0-9]+")
_BEGINNING = re.compile(r"\w{2,}(?=\W+[*{])")
"""A word, followed by something for which anything may stand."""
_ALIKE = 0.6
"""Share of common characters from which on a line is taken for a try at the right one."""


def is_another(line: Printed, wanted: Prints, scene: Scene) -> bool:
    """The line is one of those that the task asks for, and so no try at this one."""
    others = [check.prints.text for check in scene.exercise.checks if check.prints is not None]
    others += [each.prints for each in scene.exercise.cast.values() if each.prints is not None]
    return any(is_like(other, line) for other in others if other != wanted.text)


def nearest(pattern: str, lines: Sequence[Printed]) -> Printed | None:
    """The line that is most like a try at the right one; None if none is."""
    beginning = _BEGINNING.match(pattern)
    if beginning is not None:
        for line in lines:
            if normalized(line.text).startswith(normalized(beginning[0])):
                return line
    wanted = _outline(pattern)
    rated = [
        (SequenceMatcher(None, wanted, _outline(line.text)[:200]).ratio(), -index, line)
        for index, line in enumerate(lines[:50])
    ]
    best = max(rated, default=None, key=lambda each: each[:2])
    return best[2] if best is not None and best[0] >= _ALIKE else None


def _outline(text: str) -> str:
    """A text without what a hole could hold."""
    return _HOLE_OR_NUMBER.sub("#", normalized(text))


def nearly(wanted: Prints, near: Printed, scene: Scene) -> Verdict:
    """Almost the right line."""
    return failed(
        say(
            "{name} printed {near}; the task asks for {line}.",
            name=scene.subject(near.by),
            near=quoted(near.text),
            line=like(wanted.text),
        ),
        why=say(
            "The text is compared with that of the task. White space beside punctuation makes "
            "no difference; letters, capitals and punctuation marks do."
        ),
        next=say("Where exactly do the two differ?"),
        about=[near.by],
    )
