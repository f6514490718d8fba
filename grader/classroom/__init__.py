"""A class: finding its submissions, grading them on all cores, keeping the results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

COURSE_FILES = ("course.yaml", "course.yml")


def is_course(path: Path) -> bool:
    """Whether a person who names this path means a whole course and not one exercise."""
    return path.is_dir() or path.name in COURSE_FILES


def is_class(spec: str, given: Sequence[Path]) -> bool:
    """Whether a class is to be graded and not one script.

    Args:
        spec: what was named as the exercise.
        given: what was named to be graded.
    """
    return (
        len(given) > 1
        or (bool(given) and _names_a_course(spec))
        or any(path.is_dir() or path.suffix.lower() == ".zip" for path in given)
    )


def _names_a_course(spec: str) -> bool:
    if not is_course(Path(spec)):
        return False
    from grader.exercise import is_shipped  # it takes long to import, and is seldom needed

    return not is_shipped(spec)
