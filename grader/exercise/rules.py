"""Which keys of a mapping go together: rules that models, the schema and the reference read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from grader.exercise.wording import listed


class KeyRuleError(ValueError):
    """Keys of one mapping that do not go together. ``key`` is the one to point at, if it is one."""

    def __init__(self, message: str, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class HowMany:
    """At least ``least`` and at most ``most`` of ``keys`` are given."""

    keys: tuple[str, ...]
    least: int
    most: int

    def broken_by(self, place: str, given: Collection[str]) -> KeyRuleError | None:
        """What is wrong with these keys, or None. ``place`` is such as ``a check``."""
        found = [key for key in given if key in self.keys]
        if len(found) < self.least:
            number = "exactly one" if self.most == 1 else "at least one"
            return KeyRuleError(f"{place} needs {number} of {listed(self.keys)}")
        if len(found) > self.most:
            both = listed((f"'{key}'" for key in found), "and")
            which = f": {place} takes exactly one of {listed(self.keys)}" if self.least else ""
            return KeyRuleError(f"{both} do not go together{which}", found[self.most])
        return None


@dataclass(frozen=True)
class Accompanies:
    """``key`` is given only together with one of ``others``."""

    key: str
    others: tuple[str, ...]

    def broken_by(self, place: str, given: Collection[str]) -> KeyRuleError | None:
        """What is wrong with these keys, or None."""
        if self.key in given and not any(other in given for other in self.others):
            return KeyRuleError(
                f"'{self.key}' goes with {listed(self.others, 'or')} only", self.key
            )
        return None


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


def broken_rules(
    rules: Iterable[KeyRule], place: str, given: Collection[str]
) -> list[KeyRuleError]:
    """What is wrong with these keys of ``place``, such as ``a check``."""
    broken: list[KeyRuleError] = []
    for rule in rules:
        if broken and isinstance(rule, Accompanies):
            continue  # which key goes with which is clear once the right ones are there
        error = rule.broken_by(place, given)
        broken += [error] if error is not None else []
    return broken
