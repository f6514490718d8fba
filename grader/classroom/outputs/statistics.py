"""What the results of a class come to: how marks are spread, and the commonest mistakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from grader.checks import Status
from grader.classroom.model import CheckResult, ExerciseOfClass, Result, Student

_POINTS_AT_MOST = 12
"""An exercise of no more whole points has a bar a point; others have a bar for each tenth."""


@dataclass(frozen=True, slots=True)
class Bar:
    """How many have these marks. ``label`` names them."""

    label: str
    count: int


@dataclass(frozen=True)
class Spread:
    """The marks of an exercise. ``mean`` and ``middle`` are points, None where there are none."""

    exercise: ExerciseOfClass
    answers: int
    passed: int
    unsettled: int
    mean: float | None
    middle: float | None
    bars: tuple[Bar, ...]


def spread_of(exercise: ExerciseOfClass, results: Sequence[Result]) -> Spread:
    """How the marks of an exercise are spread.

    Args:
        exercise: one of the class.
        results: all students' for it.
    """
    marks = [result.mark for result in results if result.mark is not None]
    possible = max((result.possible for result in results), default=exercise.possible)
    return Spread(
        exercise,
        len(results),
        sum(result.passed is True for result in results),
        len(results) - len(marks),
        fmean(marks) if marks else None,
        median(marks) if marks else None,
        tuple(_bars(possible, marks)),
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


# Mistakes: the same finding of several students is one

MistakeKey = tuple[str, str, Status, str]
"""The exercise, the check, whether it failed or was lucky, and what was said."""


def key_of(result: Result, check: CheckResult) -> MistakeKey:
    """Equal ones are one mistake."""
    return result.exercise, check.id, check.status, check.mistake


@dataclass(frozen=True, slots=True)
class Mistake:
    """Students with the same finding. ``example`` is its commonest wording."""

    key: MistakeKey
    example: CheckResult
    made_by: tuple[Result, ...]

    @property
    def exercise(self) -> str:
        """The id of the exercise."""
        return self.key[0]

    @property
    def check(self) -> str:
        """The id of the check."""
        return self.key[1]

    @property
    def students(self) -> tuple[Student, ...]:
        """All who made it."""
        return tuple(result.student for result in self.made_by)


def mistakes_of(results: Iterable[Result]) -> tuple[Mistake, ...]:
    """All mistakes, the commonest first; what counts before mere advice."""
    found: dict[MistakeKey, list[tuple[Result, CheckResult]]] = {}
    for result in results:
        for check in result.checks:
            if check.status in (Status.FAILED, Status.LUCKY):
                found.setdefault(key_of(result, check), []).append((result, check))
    mistakes = []
    for key, pairs in found.items():
        said = Counter(_said(check) for _, check in pairs)
        (commonest, _), *_ = said.most_common(1)
        example = next(check for _, check in pairs if _said(check) == commonest)
        mistakes.append(Mistake(key, example, tuple(result for result, _ in pairs)))
    return tuple(sorted(mistakes, key=lambda each: (each.example.is_advice, -len(each.made_by))))


def _said(check: CheckResult) -> str:
    return "" if check.happened is None else check.happened.in_language("en")
