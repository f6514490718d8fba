"""Breaks text into lines that fit a terminal, Chinese as well as English.

Python's textwrap counts a Chinese character as one column, and Rich breaks at blanks only: both
break a Chinese clause in the wrong place. A full implementation of Unicode's rules (uniseg) takes
longer to import than the whole command takes to answer; these few of them are what our texts need.
"""

from __future__ import annotations

from collections.abc import Iterator

_OPENING = "（【《〈「『“‘([{¥$"
_CLOSING = "，。、；：？！）】》〉」』”’…—·～,.;:?!)]}%"


def wrap(text: str, width: int) -> list[str]:
    """The lines of a text, each at most ``width`` columns wide. Nothing of it is left out.

    A line is broken at a blank, or beside a Chinese character; not before punctuation that
    closes, nor after what opens. A word wider than a line is broken where the line ends.
    """
    from rich.cells import cell_len

    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for unit in _units(paragraph):
            if line and cell_len(line + unit.rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            while not line and cell_len(unit.rstrip()) > width:
                end = _fitting(unit, width)
                lines.append(unit[:end])
                unit = unit[end:]
            line += unit
        lines.append(line.rstrip())
    return lines


def pad(text: str, width: int) -> str:
    """The text with blanks after it, ``width`` columns wide in all, or as wide as it is."""
    from rich.cells import cell_len

    return text + " " * (width - cell_len(text))


def _units(text: str) -> Iterator[str]:
    """What is never broken, each with the blanks that follow it."""
    begin = 0
    for place in range(1, len(text)):
        if _may_break(text[place - 1], text[place]):
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
