"""Write ``docs/marks.md``, what each mistake costs: ``python docs/marks.py``.

The wrong answers and the checks that each of them loses stand in ``tests/submissions``, and a test
grades them; the points stand in the exercises.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from grader.authoring.samples import load_samples
from grader.exercise import Exercise, find_exercise, load_exercise, shipped_exercises

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "marks.md"
SUBMISSIONS = "tests/submissions"
_HEAD = """\
# What a mistake costs

One mistake costs once: a check that fails only because of another one is skipped, and which others
are lost with it says the last column. Of ten points

- the wrong kind of process (a `Pool`, `os.fork`, threads) costs 2 to 3,
- one process too many costs 0.5 to 1; one too few also what the exercise asks of all of them
  together,
- a line that is not spelled as in the task costs 0.5 to 1, and counts as that line in time and
  order,
- a missing wait costs 3 to 4.5 where waiting is what the exercise is about and 1 to 1.5 elsewhere,
  and a pause or a time-out in its place, however long, as much,
- a program that never starts a process, or ends before it does, keeps next to nothing.

This page is written by `python docs/marks.py` from the wrong answers below
[tests/submissions](../tests/submissions), each of which is graded by a test.
"""


def document() -> str:
    """The whole of the page."""
    return "\n".join([_HEAD, *map(_section, shipped_exercises())])


def _section(name: str) -> str:
    exercise = load_exercise(find_exercise(name))
    lines = [
        f"## {name}",
        "",
        "| wrong answer | loses | because of | and with it |",
        "|---|---|---|---|",
    ]
    samples = load_samples(exercise, ROOT / SUBMISSIONS / name)
    wrong = [each for each in samples if each.wanted.loses]
    costs = {each.name: _points(each.wanted.loses or (), exercise) for each in wrong}
    for sample in sorted(wrong, key=lambda each: (-costs[each.name], each.name)):
        path = f"../{SUBMISSIONS}/{name}/{sample.name}"
        words = sample.path.stem.replace("_", " ")
        besides = ", ".join(sample.wanted.follows)
        cost = float(costs[sample.name])
        lines.append(f"| [{words}]({path}) | {cost:g} | {sample.wanted.reported[0]} | {besides} |")
    return "\n".join([*lines, ""])


def _points(loses: Sequence[str], exercise: Exercise) -> Fraction:
    return sum((Fraction(str(exercise.check(each).points)) for each in loses), Fraction(0))


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
