"""What a terminal shows of a printed line: colours, titles and moves of the cursor are obeyed.

The sequences are those of ECMA-48 (5th edition, 5.4 "Control sequences" and 5.6 "Control
strings"), with xterm's use of them ("XTerm Control Sequences"). Only one line is looked at, so that
moves up and down are left out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"  # CSI: colours, cursor, erasing
    "|(?:\x1b[P\\]X^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]{0,1000}(?:\x07|\x1b\\\\|\x9c)"  # titles
    "|\x1b[ -/]+[0-~]"  # character sets
    "|\x1b[0-~]"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DOTS = re.compile(r"\s*(?:[.·•…。]\s*)+(?=[^\s.·•…。])")
_LONGEST = 20_000
"""Characters of a line whose cursor is followed; in a longer one sequences are just left out."""
_WIDEST = 1000
"""Columns; a terminal has fewer."""
_MOST_STATES = 200
_TAB = 8


def as_shown(line: str) -> str:
    """What stands there when the whole line has been written."""
    if _CONTROL.search(line) is None:
        return line
    if len(line) > _LONGEST:
        return _CONTROL.sub("", _SEQUENCE.sub("", line))
    screen = _Line()
    position = 0
    for sequence in _SEQUENCE.finditer(line):
        screen.write(line[position : sequence.start()])
        if sequence["final"]:
            screen.obey(sequence["final"], sequence["parameters"])
        position = sequence.end()
    screen.write(line[position:])
    return screen.text


@lru_cache(maxsize=2048)
def readings(line: str) -> tuple[str, ...]:
    """The texts for which a reader may take a line, the whole of it first.

    A line that was overwritten from its beginning, as a progress bar is, was there before, too.
    Dots at the beginning are a progress bar of their own: the text after them is what was printed
    when it had come to its end.
    """
    found = [as_shown(line)]
    if "\r" in line:
        states = [state for state in line.split("\r") if state]
        found += map(as_shown, states[:_MOST_STATES] + states[_MOST_STATES:][-_MOST_STATES:])
    for text in found[:]:
        dots = _DOTS.match(text)
        if dots is not None:
            found.append(text[dots.end() :])
    return tuple(dict.fromkeys(found))


class _Line:
    """A line of a terminal: what stands in each column. The second one of a wide character is
    empty.
    """

    def __init__(self) -> None:
        self._cells: list[str] = []
        self._column = 0

    @property
    def text(self) -> str:
        """What stands in it."""
        return "".join(self._cells)

    def write(self, text: str) -> None:
        """Characters, and control characters such as backspace."""
        for character in text:
            if character == "\r":
                self._column = 0
            elif character == "\b":
                self._move(-1)
            elif character == "\t":
                self._move(_TAB - self._column % _TAB)
            elif unicodedata.combining(character) and self._cells and self._column:
                self._cells[min(self._column, len(self._cells)) - 1] += character
            elif _CONTROL.match(character) is None:
                self._put(character)

    def _put(self, character: str) -> None:
        is_wide = unicodedata.east_asian_width(character) in "WF"
        for cell in (character, "")[: 1 + is_wide]:
            self._clear(self._column, self._column + 1)
            self._cells += [" "] * (self._column - len(self._cells))
            self._cells[self._column : self._column + 1] = [cell]
            self._column += 1

    def _clear(self, first: int, last: int) -> None:
        """Blank these columns; half a wide character is none."""
        cells = self._cells
        last = min(last, len(cells))
        if first < last and cells[first] == "" and first > 0:
            cells[first - 1] = " "
        if first < last < len(cells) and cells[last] == "":
            cells[last] = " "
        cells[first:last] = [" "] * max(0, last - first)

    def _move(self, columns: int) -> None:
        self._column = max(0, min(_WIDEST, self._column + columns))

    def obey(self, final: str, parameters: str) -> None:
        """A control sequence, by its last character."""
        numbers = [int(each[:4]) if each.isdigit() else 0 for each in parameters.split(";")]
        count = max(1, numbers[0])
        column = self._column
        if final == "C":
            self._move(count)
        elif final == "D":
            self._move(-count)
        elif final in "G`":
            self._move(count - 1 - column)
        elif final in "Hf":
            self._move(max(1, numbers[1] if len(numbers) > 1 else 1) - 1 - column)
        elif final in "JK":
            self._erase(numbers[0])
        elif final == "X":
            self._clear(column, column + count)
        elif final == "P":
            del self._cells[column : column + count]
        elif final == "@":
            self._cells[column:column] = [" "] * min(count, _WIDEST)

    def _erase(self, what: int) -> None:
        """0: to the end of the line, 1: up to the cursor, else all of it."""
        if what == 1:
            self._clear(0, self._column + 1)
            return
        kept = self._column if what == 0 else 0
        self._clear(kept, len(self._cells))
        del self._cells[kept:]
