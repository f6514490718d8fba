"""From a file to an Exercise, or to everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from grader.exercise.document import data_of, read_document
from grader.exercise.model import Exercise
from grader.exercise.problem import ExerciseError
from grader.exercise.references import vocabulary_of, wrong_references
from grader.exercise.structure import wrong_keys
from grader.exercise.translation import translated


def load_exercise(path: Path) -> Exercise:
    """Read an exercise file.

    Raises:
        ExerciseError: the file cannot be read, or is no right exercise. It has every problem
            that was found, not only the first (only a syntax error of YAML hides others).
    """
    document = read_document(path)
    data = data_of(document.root)
    problems = [
        *document.problems,
        *wrong_keys(document, document.root, Exercise),
        *wrong_references(document, data),
    ]
    try:
        exercise = Exercise.model_validate(data, context=vocabulary_of(data, path.parent))
    except ValidationError as error:
        problems += translated(document, error)
        raise ExerciseError(problems) from None
    if problems:
        raise ExerciseError(problems)
    return exercise.with_programs(
        {peer.program: (path.parent / peer.program).read_bytes() for peer in exercise.run.peers}
    )
