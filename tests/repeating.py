"""What only repeats a claim, and is left to ``--exhaustive``."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet

T = TypeVar("T")


def exhaustive(*values: object) -> list[ParameterSet]:
    """Parameters of a test that show nothing that another one does not."""
    return [_repeated(value) for value in values]


def first_of_each(values: Iterable[T], alike: Callable[[T], Hashable]) -> list[T | ParameterSet]:
    """All of the values as parameters. A value that is ``alike`` with an earlier one repeats it."""
    seen: set[Hashable] = set()
    chosen: list[T | ParameterSet] = []
    for value in values:
        chosen.append(_repeated(value) if alike(value) in seen else value)
        seen.add(alike(value))
    return chosen


def _repeated(value: object) -> ParameterSet:
    if isinstance(value, ParameterSet):
        marks = [*value.marks, pytest.mark.exhaustive]
        return pytest.param(*value.values, id=value.id, marks=marks)
    return pytest.param(value, marks=pytest.mark.exhaustive)
