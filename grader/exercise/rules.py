"""Which keys of a mapping go together: rules that the loader, the schema and the reference read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from grader.exercise.wording import listed


@dataclass(frozen=True)
class HowMany:
    """At least ``least`` and at most ``most`` of ``keys`` are given."""

    keys: tuple[str, ...]
    least: int
    most: int

    def with_plugins(self, names: tuple[str, ...]) -> HowMany:
        """The same rule, where the place of ``plugin`` is taken by what a file calls it."""
        if "plugin" not in self.keys:
            return self
        return replace(self, keys=(*(key for key in self.keys if key != "plugin"), *names))

    def problem(self, place: str, given: Collection[str]) -> str | None:
        """What is wrong with these keys, or None. ``place`` is such as ``a check``."""
        found = [key for key in given if key in self.keys]
        if len(found) < self.least:
            number = "exactly one" if self.most == 1 else "at least one"
            return f"{place} needs {number} of {listed(self.keys)}"
        if len(found) > self.most:
            both = listed((f"'{key}'" for key in found), "and")
            which = f": {place} takes exactly one of {listed(self.keys)}" if self.least else ""
            return f"{both} do not go together{which}"
        return None

    def culprit(self, given: Collection[str]) -> str | None:
        """The key to point at: the first that is too many."""
        found = [key for key in given if key in self.keys]
        return found[self.most] if len(found) > self.most else None


@dataclass(frozen=True)
class Accompanies:
    """``key`` is given only together with one of ``others``."""

    key: str
    others: tuple[str, ...]

    def problem(self, place: str, given: Collection[str]) -> str | None:
        """What is wrong with these keys, or None."""
        if self.key in given and not any(other in given for other in self.others):
            return f"'{self.key}' goes with {listed(self.others, 'or')} only"
        return None

    def culprit(self, given: Collection[str]) -> str | None:
        """The key to point at."""
        return self.key


KeyRule = HowMany | Accompanies


def exactly_one(*keys: str) -> HowMany:
    """One of these keys, no less and no more."""
    return HowMany(keys, 1, 1)


def at_least_one(*keys: str) -> HowMany:
    """One of these keys or several."""
    return HowMany(keys, 1, len(keys))


def not_together(*keys: str) -> HowMany:
    """One of these keys at most."""
    return HowMany(keys, 0, 1)
