"""Families of checks that other packages bring along.

A package adds a relation to the language by an entry point of the group ``grader.checks``::

    [project.entry-points."grader.checks"]
    fair-shares = "their_package:FAIR_SHARES"

which names a `Family`. In an exercise the relation is then a key like any other
(``fair-shares: {who: workers}``); its parameters are checked as the built-in ones are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points

from grader.exercise.base import Model

GROUP = "grader.checks"


class FamilyError(Exception):
    """A family is installed and cannot be used."""


@dataclass(frozen=True)
class Family:
    """A relation of another package.

    ``name`` is its key in a check. ``parameters`` is the model of what stands under the key; it
    builds on `grader.exercise.Model`, so that unknown keys are refused and named. ``judge`` is
    called by `grader.checks`, which says with what.
    """

    name: str
    parameters: type[Model]
    judge: Callable[..., object]


def family_names() -> tuple[str, ...]:
    """The names of all installed families. None of them is imported for that."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def find_family(name: str) -> Family | None:
    """The installed family of that name, or None if there is none.

    Raises:
        FamilyError: it cannot be imported, is no `Family`, or two packages offer the name.
    """
    found = {point.value: point for point in entry_points(group=GROUP, name=name)}
    if not found:
        return None
    if len(found) > 1:
        raise FamilyError(f"'{name}' is offered by two packages: {', '.join(sorted(found))}")
    ((value, point),) = found.items()
    try:
        family = point.load()
    except Exception as error:
        raise FamilyError(
            f"'{name}' comes from {value}, which cannot be imported: "
            f"{type(error).__name__}: {error}"
        ) from error
    if not isinstance(family, Family) or family.name != name:
        raise FamilyError(f"'{name}' comes from {value}, which is no Family of that name")
    if not issubclass(family.parameters, Model):
        raise FamilyError(f"'{name}' comes from {value}, whose parameters are no grader Model")
    return family
