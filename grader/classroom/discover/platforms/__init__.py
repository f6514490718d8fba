"""All platforms that the grader knows: each module in this folder is one."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from grader.classroom.discover.platform import Platform


@cache
def platforms() -> tuple[Platform, ...]:
    """Every platform, those first that are meant where two could be."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found: list[Platform] = [module.PLATFORM for module in modules]
    return tuple(sorted(found, key=lambda platform: (platform.rank, platform.name)))


def platform_called(name: str) -> Platform | None:
    """The platform of that name; None for a plain layout."""
    return next((platform for platform in platforms() if platform.name == name), None)
