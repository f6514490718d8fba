"""What is wrong with an exercise file, and where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_SHOWN_COLUMNS = 90


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in GNU style: ``file:line:column: message`` and the source line.

    Lines and columns count from 1, columns in characters. Both are None for what concerns the
    file as a whole. ``length`` is how many characters of ``source_line`` are concerned.
    """

    file: str
    message: str
    line: int | None = None
    column: int | None = None
    source_line: str = ""
    length: int = 1

    def __str__(self) -> str:
        if self.line is None or self.column is None:
            return f"{self.file}: {self.message}"
        return "\n".join(
            [f"{self.file}:{self.line}:{self.column}: {self.message}", *self._excerpt()]
        )

    def _excerpt(self) -> list[str]:
        if not self.source_line.strip() or self.line is None or self.column is None:
            return []
        start = max(0, self.column - 1 - _SHOWN_COLUMNS // 2)
        before = _shown(self.source_line[start : self.column - 1])
        rest = _shown(self.source_line[self.column - 1 : start + _SHOWN_COLUMNS])
        word = _shown(self.source_line[self.column - 1 :][: self.length])[: len(rest)]
        underline = "^" + "~" * (_width(word) - 1)
        number = f"{self.line:5d}"
        return [
            f"{number} | {before}{rest}".rstrip(),
            f"{' ' * len(number)} | {' ' * _width(before)}{underline}",
        ]


def _shown(text: str) -> str:
    """``text`` without characters that would move the terminal's cursor."""
    return re.sub(r"[^\S ]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", " ", text)


def _width(text: str) -> int:
    """How many columns of a terminal ``text`` takes: Chinese characters take two."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


class ExerciseError(ValueError):
    """An exercise cannot be used. ``problems`` has all that is wrong, in the file's order.

    ``text`` is the file's content where that is no YAML.
    """

    def __init__(self, problems: Iterable[Problem], text: str | None = None) -> None:
        self.text = text
        unique = dict.fromkeys(problems)
        self.problems = tuple(sorted(unique, key=lambda one: (one.line or 0, one.column or 0)))
        super().__init__("\n".join(map(str, self.problems)))
