"""Hostile text made visible: what a submission printed may not act on what shows it.

Control codes could paint a pass on a terminal, bidirectional marks could turn a line around,
and a stack of accents could cover its neighbours. Every writer of this room shows text
through `visible`; only then does it escape for its own format.
"""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape

LINE_AT_MOST = 2_000
"""Characters of one line that are shown."""
TEXT_AT_MOST = 20_000
"""Characters of a text of several lines that are shown."""

_ACCENTS_AT_MOST = 4
_TAIL = 5
_JOINERS = "\u200c\u200d"
"""Zero-width, but words of several scripts and emoji are spelt with them."""

_HARMLESS = re.compile(r"[\t\n -~\u4e00-\u9fff\u2018-\u201d\u3001-\u300f\uff01-\uff5e\u2026\xb7]*")
"""Most texts: ASCII, Chinese and its punctuation. Looked at one by one characters take long."""


def visible(text: str, at_most: int = TEXT_AT_MOST) -> str:
    """``text`` with nothing in it that acts: line ends and tabs are kept.

    Control codes become their Unicode pictures (``␛``), formatting and other unprintable
    characters their code (``⟨U+202E⟩``), lone surrogates U+FFFD. What is longer than
    ``at_most`` characters is cut and says so by its end, ``…``.
    """
    if len(text) > at_most:
        text = text[: at_most - 1] + "…"
    if _HARMLESS.fullmatch(text):
        return text
    shown: list[str] = []
    accents = 0
    for character in text:
        accents = accents + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if accents <= _ACCENTS_AT_MOST:
            shown.append(_shown(character))
    return "".join(shown)


def one_line(text: str, at_most: int = LINE_AT_MOST) -> str:
    """As `visible`, and its line ends and tabs are made visible too."""
    if len(text) > at_most:
        text = text[: at_most - 1] + "…"
    return visible(text, at_most).replace("\n", "␊").replace("\t", "␉")


def _shown(character: str) -> str:
    if character in "\n\t" or character.isprintable() or character in _JOINERS:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    category = unicodedata.category(character)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    if category == "Zs" or category in ("Co", "Cn"):
        # Spaces of other widths, and characters that this Python does not know yet.
        return character
    return f"⟨U+{code:04X}⟩"


def cells(text: str) -> int:
    """How many columns of a terminal ``text`` fills: East Asian wide characters fill two."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(character) or character in _JOINERS
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


def shortened_inside(text: str, at_most: int) -> str:
    """As `shortened`, but the end stays: of many long names it is what tells them apart."""
    if cells(text) <= at_most:
        return text
    tail = text[-_TAIL:]
    return shortened(text, max(at_most - cells(tail), 1)) + tail


def shortened(text: str, at_most: int) -> str:
    """``text`` in at most so many cells, ending in ``…`` if it was cut."""
    if cells(text) <= at_most:
        return text
    kept: list[str] = []
    room = at_most - 1
    for character in text:
        room -= cells(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"


def with_code(text: str) -> Markup:
    """A text as HTML, in which `code` between backticks is shown as code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    shown = (
        Markup("<code>{}</code>").format(piece) if index % 2 else escape(piece)
        for index, piece in enumerate(pieces)
    )
    return Markup("").join(shown)
