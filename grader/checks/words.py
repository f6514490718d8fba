"""How checks quote and count."""

from __future__ import annotations

from grader.messages import Localized
from grader.trace.naming import verbatim

_QUOTED_AT_MOST = 60


def quoted(text: str) -> Localized:
    """A printed line or a pattern, short enough for a sentence, control codes made visible."""
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    if len(shown) > _QUOTED_AT_MOST:
        shown = shown[: _QUOTED_AT_MOST - 1] + "…"
    return verbatim(f"“{shown}”")
