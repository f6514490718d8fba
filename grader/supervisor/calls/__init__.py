"""The trapped system calls: what each means, and what the supervisor makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from grader.supervisor.architecture import Architecture
from grader.supervisor.calls.base import DECLARED, Call


def call_classes() -> tuple[type[Call], ...]:
    """The class of each trapped call, from all modules of this package."""
    for module in iter_modules(__path__, f"{__name__}."):
        import_module(module.name)
    return tuple(DECLARED)


@cache
def call_types(architecture: Architecture) -> dict[int, type[Call]]:
    """Call number -> the class for it, for every trapped call that this machine has."""
    return by_number(call_classes(), architecture)


def by_number(classes: Iterable[type[Call]], architecture: Architecture) -> dict[int, type[Call]]:
    """Call number -> the one of these classes that is for it.

    Raises:
        TypeError: two are for the same call.
    """
    types: dict[int, type[Call]] = {}
    for each in classes:
        for name in each.trapped.keys() & architecture.numbers.keys():
            number = architecture.numbers[name]
            if number in types:
                raise TypeError(f"{types[number].__name__} and {each.__name__} both trap {name}")
            types[number] = each
    return types
