"""Write ``docs/mutants.md``, the mistakes that `grade audit` makes: ``python docs/mutants.py``."""

from __future__ import annotations

from pathlib import Path

from grader.authoring.mutation import OPERATORS

DOCUMENT = Path(__file__).parent / "mutants.md"
_HEAD = """\
# The mistakes that `grade audit` makes

[`grade audit`](writing-exercises.md#what-the-exercise-catches) makes each of these {count}
mistakes in the solution of an exercise, at every place where it can be made, and sees whether a
check notices.

| mutant | what is done to the solution |
|---|---|
{rows}

This page is written by `python docs/mutants.py` from the operators in `grader/authoring/mutation`.
"""


def document() -> str:
    """The whole of the page."""
    rows = "\n".join(f"| `{each.name}` | {each.says} |" for each in OPERATORS.values())
    return _HEAD.format(count=len(OPERATORS), rows=rows)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
