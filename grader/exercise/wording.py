"""How the errors of this room are worded: lists, suggestions, and what a value should be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from operator import itemgetter


@dataclass(frozen=True)
class Takes:
    """What a field takes, in a teacher's words; a part of the type's annotation.

    The reference of the language prints it, and so do errors that have nothing better to say.
    """

    words: str
    schema: Mapping[str, object] = field(default_factory=dict, hash=False)
    """The same for editors, in JSON Schema."""
    units: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Of a quantity, from small to large."""

    def shown(self, value: object) -> str:
        """A value of the field as a file has it."""
        for unit, size in sorted(self.units.items(), key=itemgetter(1), reverse=True):
            if isinstance(value, int) and value % size == 0:
                return f"{value // size}{unit}"
        return str(value).lower() if isinstance(value, bool) else str(value)


def listed(words: Iterable[str], conjunction: str = "") -> str:
    """``a, b, c``, or with a conjunction ``a, b or c``."""
    all_words = list(words)
    if not conjunction or len(all_words) < 2:
        return ", ".join(all_words)
    return f"{', '.join(all_words[:-1])} {conjunction} {all_words[-1]}"


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` with the closest allowed word, or two as close ones; or nothing."""
    by_look = {_look(one): one for one in allowed}
    close = get_close_matches(_look(word), by_look, 2, 0.6)
    likeness = {one: SequenceMatcher(None, one, _look(word)).ratio() for one in close}
    best = [one for one in by_look if likeness.get(one) == max(likeness.values())] if close else []
    meant = listed((f"'{by_look[one]}'" for one in best), "or")
    return f" Did you mean {meant}?" if best else ""


def _look(word: str) -> str:
    return word.strip().lower().replace("_", "-").replace(" ", "-")
