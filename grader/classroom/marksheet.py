"""A teacher's own file for marks: whose each row is, and where the mark goes.

How a platform's file is read stands in the platform's module.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from grader.classroom.sheet import Sheet


@dataclass(frozen=True, slots=True)
class MarkColumn:
    """Where marks go. ``possible`` are the points of the platform; None: as the exercise's."""

    number: int
    title: str
    possible: float | None
    decimal: str = "."


@dataclass(frozen=True, slots=True)
class Person:
    """A row. ``ids`` are the platform's own numbers, ``others`` further ones, such as that of
    the school; ``names`` all spellings, as `as_key` makes them.
    """

    row: int
    ids: frozenset[str]
    others: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True)
class Marksheet:
    """A file for marks: of one assignment, whatever it is called, or with a column for each.

    ``comment`` is the column for feedback, where there is one.
    """

    people: tuple[Person, ...]
    columns: tuple[MarkColumn, ...]
    comment: int | None = None
    is_of_one: bool = False


def as_key(name: str) -> str:
    """A name as it is compared: without marks, spaces and capitals."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]+", "", plain)


def number_in(text: str) -> float | None:
    """A number in either spelling, ``7.50`` or ``7,50``."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def texts_in(sheet: Sheet, row: int, columns: Sequence[int]) -> frozenset[str]:
    """What stands in some cells of a row, without empty ones."""
    return frozenset(text for n in columns if (text := sheet.value(row, n).strip()))
