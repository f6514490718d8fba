"""The mistakes of a class: the same finding of several students is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from grader.checks import Status
from grader.classroom.model import CheckResult, Result, Student

MistakeKey = tuple[str, str, Status, str]
"""The exercise, the check, whether it failed or was lucky, and what was told."""


def key_of(result: Result, check: CheckResult) -> MistakeKey:
    """Equal ones are one mistake."""
    return result.exercise, check.id, check.status, check.mistake


@dataclass(frozen=True, slots=True)
class Mistake:
    """Who was told the same. ``example`` is the finding as most of them were told it."""

    key: MistakeKey
    example: CheckResult
    made_by: tuple[Result, ...]

    @property
    def exercise(self) -> str:
        return self.key[0]

    @property
    def check(self) -> str:
        return self.key[1]

    @property
    def students(self) -> tuple[Student, ...]:
        return tuple(result.student for result in self.made_by)


def mistakes_of(results: Iterable[Result]) -> tuple[Mistake, ...]:
    """All mistakes, the commonest first; what counts before mere advice."""
    found: dict[MistakeKey, list[tuple[Result, CheckResult]]] = {}
    for result in results:
        for check in result.checks:
            if check.status in (Status.FAILED, Status.LUCKY):
                found.setdefault(key_of(result, check), []).append((result, check))
    mistakes = (
        Mistake(key, _most_told([one for _, one in pairs]), tuple(result for result, _ in pairs))
        for key, pairs in found.items()
    )
    return tuple(sorted(mistakes, key=lambda each: (each.example.is_advice, -len(each.made_by))))


def _most_told(checks: list[CheckResult]) -> CheckResult:
    told = Counter(_said(check) for check in checks)
    most, _ = told.most_common(1)[0]
    return next(check for check in checks if _said(check) == most)


def _said(check: CheckResult) -> str:
    return "" if check.happened is None else check.happened.in_language("en")
