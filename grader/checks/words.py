"""How checks quote what students print and write."""

from __future__ import annotations

import re

from grader.messages import Localized
from grader.trace.naming import verbatim

_QUOTED_AT_MOST = 60
_CODE_AT_MOST = 120
_SPECIAL = re.compile(r"\{\{|\}\}|\{\*\}|\*|\{\w+\}")
_WORD = re.compile(r"[\w`.()]{3,}")
_STEM = 4
_FUNCTION_WORDS = frozenset(
    "and are can does for from has have here how its that the their there these this those what "
    "when where which who why will with would your".split()
)
_READ_AS = {"{{": "{", "}}": "}", "{*}": "*", "*": "…"}


def quoted(text: str) -> Localized:
    """A printed line or a name, short enough for a sentence."""
    return verbatim(f"“{_short(text, _QUOTED_AT_MOST)}”")


def like(pattern: str) -> Localized:
    """A pattern as a student reads it: ``<pid>`` for a hole, ``…`` for any text."""
    return quoted(
        _SPECIAL.sub(lambda piece: _READ_AS.get(piece[0], f"<{piece[0][1:-1]}>"), pattern)
    )


def code(text: str) -> Localized:
    """A piece of code, or what Python says about it."""
    return verbatim(f"`{_short(text, _CODE_AT_MOST)}`")


def repeats(hint: str, said: str) -> bool:
    """Whether a hint in English has no word of content that is not said already."""
    if hint == said:
        return True
    words = _content(hint)
    return bool(words) and words <= _content(said)


def _content(text: str) -> frozenset[str]:
    """The beginnings of the words that carry the meaning, so that endings do not count."""
    words = (word for word in _WORD.findall(text.lower()) if word not in _FUNCTION_WORDS)
    return frozenset(word[:_STEM] for word in words)


def _short(text: str, at_most: int) -> str:
    """Control codes made visible, the end cut off."""
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return shown if len(shown) <= at_most else shown[: at_most - 1] + "…"
