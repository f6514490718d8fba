"""When two printed texts count as the same: one normal form for patterns and for lines."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from grader.exercise.shown import as_shown

_ASCII_FOR = str.maketrans(
    {
        "。": ".",
        "、": ",",
        "“": '"',
        "”": '"',
        "„": '"',
        "「": '"',
        "」": '"',
        "『": '"',
        "』": '"',
        "‘": "'",
        "’": "'",
        "【": "[",
        "】": "]",
        "〔": "[",
        "〕": "]",
        "《": "<",
        "》": ">",
        "〈": "<",
        "〉": ">",
        "‐": "-",
        "–": "-",
        "—": "-",
        "―": "-",
        "−": "-",
        "〜": "~",
        # Invisible: no student can be asked to print them or to leave them out.
        "\u00ad": None,
        "\u200b": None,
        "\u200c": None,
        "\u200e": None,
        "\u200f": None,
        "\u2060": None,
        "\ufeff": None,
    }
)
"""Chinese (and typographic) punctuation that NFKC leaves as it is."""

_SETTLED = r"\x00-\x7f\u3400-\u4dbf\u4e00-\u9fff"
_PIECE = re.compile(f"[{_SETTLED}]*[^{_SETTLED}]{{0,500}}")
"""CPython sorts a run of combining marks in quadratic time: a megabyte of them takes minutes.
Pieces of bounded length make that linear. They are cut where nothing composes, before an ASCII
or Chinese character, or else in a run that no language has."""

_SPACE = re.compile(r"\s+")
_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u303f\u3040-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)


@lru_cache(maxsize=2048)
def normalized(text: str) -> str:
    """The normal form of ``text``, in which equal means "the same to a reader".

    What a terminal shows of it; NFKC; Chinese punctuation as ASCII; invisible characters gone;
    white space gone at the ends and beside punctuation, symbols and CJK, and a single space
    elsewhere. Upper and lower case stay apart. Takes time linear in the length.
    """
    text = as_shown(text)
    if not text.isascii():
        pieces = _PIECE.findall(text)
        text = "".join(unicodedata.normalize("NFKC", piece) for piece in pieces)
        text = text.translate(_ASCII_FOR)
    return _SPACE.sub(_fold, text)


def _fold(space: re.Match[str]) -> str:
    text, start, end = space.string, space.start(), space.end()
    if start == 0 or end == len(text):
        return ""
    return "" if _stands_apart(text[start - 1]) or _stands_apart(text[end]) else " "


@lru_cache(maxsize=4096)
def _stands_apart(character: str) -> bool:
    """A character that writers put spaces around, or do not, as they like."""
    return unicodedata.category(character)[0] in "PS" or bool(_CJK.match(character))
