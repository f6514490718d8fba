"""From a file to an Exercise, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from grader.exercise.base import Model
from grader.exercise.document import Document, data_of, read_document
from grader.exercise.fields import language_keys
from grader.exercise.model import Exercise
from grader.exercise.names import Vocabulary
from grader.exercise.problem import ExerciseError, Problem
from grader.exercise.punctuation import misread_commas, with_full_width_found
from grader.exercise.references import vocabulary_of, wrong_references
from grader.exercise.translation import translated

M = TypeVar("M", bound=Model)


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
        data = data_of(document.root)
        names = vocabulary_of(data, path.parent)
        return validated(Exercise, document, names, wrong_references(document, data))
    except ExerciseError as error:
        found = with_full_width_found(error.problems, document.text, keys, only_colons=True)
        raise ExerciseError(found) from None


def validated(
    model: type[M], document: Document, names: Vocabulary, others: Iterable[Problem] = ()
) -> M:
    """A file as its model, by the ``names`` that it defines.

    Raises:
        ExerciseError: it does not fit. It has the ``others``, too, which were found elsewhere.
    """
    problems = [*document.problems, *others]
    try:
        made = model.model_validate(data_of(document.root), context=names)
    except ValidationError as error:
        problems += translated(document, error, model)
        raise ExerciseError(_with_commas(problems, document)) from None
    if problems:
        raise ExerciseError(_with_commas(problems, document))
    return made


def _with_commas(problems: list[Problem], document: Document) -> list[Problem]:
    """A comma that was meant otherwise, in the place of what YAML makes of it."""
    for comma, places in misread_commas(document):
        problems = [
            each
            for each in problems
            if each.line is None
            or each.column is None
            or (each.line - 1, each.column - 1) not in places
        ]
        problems.append(comma)
    return problems
