"""Exercise files written to a temporary folder, and what the loader says of them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from grader.exercise import Exercise, ExerciseError, load_exercise

HEAD = "id: a\ntitle: t\ntask: t\n"
"""Three lines."""
GOOD = HEAD + "checks:\n  - {id: b, expect: e, clean: true}\n"
"""The smallest exercise: five lines."""


def load(text: str | bytes) -> Exercise:
    """Load an exercise from a file called ``a.yaml``."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.yaml")
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            return load_exercise(file)
        except ExerciseError as error:
            for problem in error.problems:
                assert problem.file == str(file)
            raise


def told(text: str | bytes) -> list[str]:
    """What the loader says of a wrong file: ``line:column: message`` for each problem."""
    try:
        load(text)
    except ExerciseError as error:
        return [
            one.message if one.line is None else f"{one.line}:{one.column}: {one.message}"
            for one in error.problems
        ]
    raise AssertionError("the file was loaded")


def told_of_check(relation: str) -> str:
    """The one problem of a check, whose relation stands in line 9 from column 5 on."""
    cast = "cast:\n  p: {children-of: main, count: 1}\n  workers: {children-of: main}\nchecks:\n"
    (problem,) = told(f"{HEAD}{cast}  - {{id: b, expect: e,\n    {relation}}}\n")
    return problem
