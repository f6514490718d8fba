"""How checks quote what students print and write."""

from __future__ import annotations

import re

from grader.messages import Localized
from grader.trace.naming import verbatim

_QUOTED_AT_MOST = 60
_CODE_AT_MOST = 120
_SPECIAL = re.compile(r"\{\{|\}\}|\{\*\}|\*|\{\w+\}")
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


def _short(text: str, at_most: int) -> str:
    """Control codes made visible, the end cut off."""
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return shown if len(shown) <= at_most else shown[: at_most - 1] + "…"
