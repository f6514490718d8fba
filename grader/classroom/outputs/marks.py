"""How the marks of an exercise are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from grader.classroom.model import ExerciseOfClass, Result

_POINTS_AT_MOST = 12
"""An exercise of no more whole points has a bar a point; others have a bar for each tenth."""


@dataclass(frozen=True, slots=True)
class Bar:
    """How many have these marks. ``label`` names them."""

    label: str
    count: int


@dataclass(frozen=True)
class Spread:
    """The marks of an exercise. ``mean`` and ``middle`` are points, None where nobody has any."""

    exercise: ExerciseOfClass
    answers: int
    passed: int
    unsettled: int
    mean: float | None
    middle: float | None
    bars: tuple[Bar, ...]


def spread_of(exercise: ExerciseOfClass, results: Sequence[Result]) -> Spread:
    """
    Args:
        exercise: one of the class.
        results: everybody's for it.
    """
    marks = [result.mark for result in results if result.mark is not None]
    return Spread(
        exercise,
        len(results),
        sum(result.passed for result in results),
        len(results) - len(marks),
        fmean(marks) if marks else None,
        median(marks) if marks else None,
        tuple(_bars(exercise.possible, marks)),
    )


def _bars(possible: float, marks: Sequence[float]) -> list[Bar]:
    whole = possible == int(possible) and all(mark == int(mark) for mark in marks)
    if whole and 0 < possible <= _POINTS_AT_MOST and all(mark <= possible for mark in marks):
        return [
            Bar(str(points), sum(mark == points for mark in marks))
            for points in range(int(possible) + 1)
        ]
    if not possible:
        return []
    tenths = [min(int(10 * mark / possible + 1e-9), 10) for mark in marks]
    labels = [f"{10 * n}–{10 * n + 9} %" for n in range(10)] + ["100 %"]
    return [Bar(label, tenths.count(n)) for n, label in enumerate(labels)]
