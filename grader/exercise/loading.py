"""From a file to an Exercise, or to everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from grader.exercise.document import Document, data_of, read_document
from grader.exercise.fields import language_keys
from grader.exercise.model import Exercise
from grader.exercise.problem import ExerciseError, Problem
from grader.exercise.punctuation import decimal_commas, with_full_width_found
from grader.exercise.references import vocabulary_of, wrong_references
from grader.exercise.structure import wrong_keys
from grader.exercise.translation import translated


def load_exercise(path: Path) -> Exercise:
    """Read an exercise file.

    Raises:
        ExerciseError: the file cannot be read, or is no right exercise. It has every problem
            that was found, not only the first (only a syntax error of YAML hides others).
    """
    keys = language_keys()
    try:
        document = read_document(path)
    except ExerciseError as error:
        if error.text is None:
            raise
        raise ExerciseError(with_full_width_found(error.problems, error.text, keys)) from None
    try:
        return _exercise(document, path)
    except ExerciseError as error:
        found = with_full_width_found(error.problems, document.text, keys, only_colons=True)
        raise ExerciseError(found) from None


def _exercise(document: Document, path: Path) -> Exercise:
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
        raise ExerciseError(_with_commas(problems, document)) from None
    if problems:
        raise ExerciseError(_with_commas(problems, document))
    return exercise.with_programs(
        {peer.program: (path.parent / peer.program).read_bytes() for peer in exercise.run.peers}
    )


def _with_commas(problems: list[Problem], document: Document) -> list[Problem]:
    """A decimal comma, in the place of what YAML makes of it."""
    for comma, places in decimal_commas(document):
        problems = [
            each
            for each in problems
            if each.line is None
            or each.column is None
            or (each.line - 1, each.column - 1) not in places
        ]
        problems.append(comma)
    return problems
