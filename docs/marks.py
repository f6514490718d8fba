"""Write ``docs/marks.md``, what each mistake costs: ``python docs/marks.py``.

The wrong answers and the checks that each of them loses stand in ``tests/submissions/table.yaml``,
and a test grades them; the points stand in the exercises.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

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
    table = yaml.safe_load((ROOT / SUBMISSIONS / "table.yaml").read_text("utf-8"))
    return "\n".join([_HEAD, *(_section(name, table[name]) for name in shipped_exercises())])


def _section(name: str, rows: dict[str, dict[str, Any]]) -> str:
    exercise = load_exercise(find_exercise(name))
    lines = [
        f"## {name}",
        "",
        "| wrong answer | loses | because of | and with it |",
        "|---|---|---|---|",
    ]
    costs = {file: _points(row["loses"], exercise) for file, row in rows.items()}
    for file in sorted(rows, key=lambda each: (-costs[each], each)):
        row = rows[file]
        path = f"../{SUBMISSIONS}/{name}/wrong/{file}"
        words = file.removesuffix(".py").replace("_", " ")
        besides = ", ".join(check for check in row["loses"] if check != row["check"])
        lines.append(f"| [{words}]({path}) | {float(costs[file]):g} | {row['check']} | {besides} |")
    return "\n".join([*lines, ""])


def _points(loses: list[str], exercise: Exercise) -> Fraction:
    return sum((Fraction(str(exercise.check(each).points)) for each in loses), Fraction(0))


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
