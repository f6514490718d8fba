"""Write the tables of ``docs/platforms.md``: ``python docs/platforms.py``.

What may be believed without the kernel is `grader.checks.evidence`; what that leaves out of each
exercise follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from grader.checks.evidence import ON_THE_SCRIPTS_WORD, Belief, evidence_for
from grader.exercise import RELATIONS, load_exercise, shipped_exercises

DOCUMENT = Path(__file__).parent / "platforms.md"
_WORDS = {
    Belief.JUDGED: "judged",
    Belief.WIDER: "**judged with a wider bound**",
    Belief.NOT_JUDGED: "**not judged**",
}
_HURRIED = {"chat-server": ("patient",)}
"""Checks of peers that pause for minutes: only a run shows that their pauses are cut short."""


def _relations() -> Iterator[str]:
    yield "| relation | on the script's own word | because |"
    yield "|---|---|---|"
    for name, model in RELATIONS.items():
        found = ON_THE_SCRIPTS_WORD[model]
        yield f"| `{name}` | {_WORDS[found.belief]} | {found.because} |"


def _exercises() -> Iterator[str]:
    whole = []
    yield "| exercise | points that are judged | not judged |"
    yield "|---|---|---|"
    for name, path in shipped_exercises().items():
        exercise = load_exercise(path)
        counted = [check for check in exercise.checks if check.points]
        left_out = [
            check
            for check in counted
            if check.id in _HURRIED.get(name, ()) or evidence_for(check, exercise).told is not None
        ]
        if not left_out:
            whole.append(name)
            continue
        possible = sum(check.points for check in counted)
        judged = possible - sum(check.points for check in left_out)
        names = ", ".join(f"`{check.id}`" for check in left_out)
        yield f"| {name} | {judged:g} of {possible:g} | {names} |"
    yield f"| {', '.join(whole)} | all | |"


TABLES = {"relations": _relations, "exercises": _exercises}


def document() -> str:
    """The whole of the page, with its tables as they should be."""
    page = DOCUMENT.read_text("utf-8")
    for name, rows in TABLES.items():
        table = "\n".join(rows())
        page = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
            lambda found, table=table: f"{found[1]}{table}\n{found[2]}",
            page,
            flags=re.DOTALL,
        )
    return page


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
