"""The tasks of the exercises that are shipped: what is graded stands in them, in each language."""

from __future__ import annotations

import re

import pytest

from grader.exercise import Exercise, find_exercise, load_exercise, shipped_exercises
from grader.messages import LANGUAGES, Language

BEGINS: dict[Language, str] = {"en": "What is graded", "zh": "评分内容"}
EXERCISES = [load_exercise(find_exercise(name)) for name in shipped_exercises()]


def graded(exercise: Exercise, language: Language) -> list[str]:
    """The points of the list of what is graded."""
    _, found, rest = exercise.task.in_language(language).partition(BEGINS[language])
    assert found, exercise.id
    return re.findall(r"^- (.*(?:\n  .*)*)", rest, re.MULTILINE)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.id)
def test_what_is_graded(exercise: Exercise) -> None:
    """Each task ends in a list, equally long in both languages, and no longer than the checks."""
    lengths = {len(graded(exercise, language)) for language in LANGUAGES}
    assert len(lengths) == 1
    assert 2 < lengths.pop() <= len(exercise.checks)
    for language in LANGUAGES:
        for point in graded(exercise, language):
            assert point.rstrip().endswith(("。", ".", "？", "?")), point
