"""Breaks text into lines that fit a terminal, Chinese as well as English.

Python's textwrap counts a Chinese character as one column, and Rich breaks at blanks only: both
break a Chinese clause in the wrong place. A full implementation of Unicode's rules (uniseg) takes
longer to import than the whole command takes to answer; these few of them are what our texts need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

_CODE = re.compile("`[^`]*`")
_OPENING = "（【《〈「『“‘([{¥$"
_CLOSING = "，。、；：？！）】》〉」』”’…—·～,.;:?!)]}%"


def wrap(text: str, width: int) -> list[str]:
    """The lines of a text, each at most ``width`` columns wide. Nothing of it is left out.

    A line is broken at a blank, or beside a Chinese character; not before punctuation that
    closes, nor after what opens, nor within `code` that fits into a line, nor just inside its
    marks. A word wider than a line is broken where the line ends.
    """
    lines = []
    for paragraph in text.split("\n"):
        begins = [0, *breaks(paragraph, width), len(paragraph)]
        lines += [paragraph[a:b].rstrip() for a, b in pairwise(begins)]
    return lines


def breaks(paragraph: str, width: int) -> list[int]:
    """Where in a paragraph new lines begin, if none may be wider than that (blanks apart)."""
    from rich.cells import cell_len

    places = []
    line, end = 0, 0
    for unit in _units(paragraph, width):
        begin, end = end, end + len(unit)
        if begin > line and cell_len(paragraph[line:end].rstrip()) > width:
            places.append(begin)
            line = begin
        while cell_len(paragraph[line:end].rstrip()) > width:
            line += _fitting(paragraph[line:end], width)
            places.append(line)
    return places


def pad(text: str, width: int) -> str:
    """The text with blanks after it, ``width`` columns wide in all, or as wide as it is."""
    from rich.cells import cell_len

    return text + " " * (width - cell_len(text))


def _units(text: str, width: int) -> Iterator[str]:
    """What is never broken, each with the blanks that follow it."""
    from rich.cells import cell_len

    begin = 0
    whole: set[int] = set()
    for code in _CODE.finditer(text):
        first, last = code.start() + 1, code.end()
        is_short = cell_len(code[0]) <= width
        whole |= set(range(first, last)) if is_short else {first, last - 1}
    for place in range(1, len(text)):
        if place not in whole and _may_break(text[place - 1], text[place]):
            yield text[begin:place]
            begin = place
    if text:
        yield text[begin:]


def _may_break(before: str, after: str) -> bool:
    from rich.cells import cell_len

    if after.isspace():
        return False
    if before.isspace():
        return True
    is_beside_chinese = cell_len(before) == 2 or cell_len(after) == 2
    return is_beside_chinese and before not in _OPENING and after not in _CLOSING


def _fitting(word: str, width: int) -> int:
    """How many characters of a word fit into a line; at least one."""
    from rich.cells import cell_len

    end = 1
    while end < len(word) and cell_len(word[: end + 1]) <= width:
        end += 1
    return end
