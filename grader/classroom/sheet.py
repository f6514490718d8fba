"""A CSV file that is changed cell by cell: all else stays as it is, byte for byte."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence

_MARKS = (
    ("utf-8", codecs.BOM_UTF8),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
)
_WITHOUT_MARK = ("utf-8", "gb18030", "cp1252")
_DELIMITERS = ",;\t"


def harmless(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula: an apostrophe in front makes it
    a text, where its first visible character would make it a formula.
    """
    first = unicodedata.normalize("NFKC", text.lstrip(" \u00a0\u3000")[:1])
    return f"'{text}" if first[:1] in ("=", "+", "-", "@", "\t", "\r") and first else text


class Sheet:
    """The cells of a CSV file, and how it was written: encoding, mark, delimiter, quotes.

    Args:
        content: the bytes of the file.
    """

    def __init__(self, content: bytes) -> None:
        self._encoding, self._mark, text = decoded(content)
        first = re.split(r"[\r\n]", text, maxsplit=1)[0]
        self.delimiter = max(_DELIMITERS, key=re.sub(r'"[^"]*"', "", first).count)
        self._rows: list[list[str]] = []
        self._ends: list[str] = []
        for cells, end in _rows(text, self.delimiter):
            self._rows.append(cells)
            self._ends.append(end)

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, number: int) -> Sequence[str]:
        """What stands in the cells of a row; 0 is the first."""
        return [_value(cell) for cell in self._rows[number]]

    def value(self, row: int, column: int) -> str:
        """What stands in a cell; nothing where the row is shorter."""
        cells = self._rows[row]
        return _value(cells[column]) if column < len(cells) else ""

    def write(self, row: int, column: int, text: str) -> None:
        """Put a text into a cell, in quotes if the cells of its column are.

        Raises:
            IndexError: the row has no such cell.
        """
        needs = any(character in text for character in f'"\r\n{self.delimiter}')
        quoted = needs or self._is_quoted(row, column)
        self._rows[row][column] = '"' + text.replace('"', '""') + '"' if quoted else text

    def _is_quoted(self, row: int, column: int) -> bool:
        before = self._rows[row][column]
        if before:
            return before.startswith('"')
        others = [cells[column] for cells in self._rows[1:] if column < len(cells)]
        return any(cell.startswith('"') for cell in others) and all(
            cell.startswith('"') for cell in others if cell
        )

    def content(self) -> bytes:
        """The bytes of the file with what was changed."""
        lines = (
            self.delimiter.join(cells) + end
            for cells, end in zip(self._rows, self._ends, strict=True)
        )
        return self._mark + "".join(lines).encode(self._encoding, "xmlcharrefreplace")


def decoded(content: bytes) -> tuple[str, bytes, str]:
    """The encoding of a table, the mark at its beginning, and the text after that."""
    for encoding, mark in _MARKS:
        if content.startswith(mark):
            try:
                return encoding, mark, content[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                break
    for encoding in _WITHOUT_MARK:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.encode(encoding) == content and (encoding != "gb18030" or _is_chinese(text)):
            return encoding, b"", text
    return "latin-1", b"", content.decode("latin-1")


def _is_chinese(text: str) -> bool:
    """Whether most of what is not ASCII is in everyday use: what Western letters make by
    accident is not.
    """
    beyond = [character for character in text if not character.isascii()]
    everyday = sum(bool(character.encode("gb2312", "ignore")) for character in beyond)
    return 2 * everyday > len(beyond)


def _rows(text: str, delimiter: str) -> Iterator[tuple[list[str], str]]:
    """The cells of each row as they are written, and how the row ends."""
    cell = re.compile(rf'"(?:[^"]|"")*"[^{delimiter}\r\n]*|[^{delimiter}\r\n]*')
    at, cells = 0, list[str]()
    while at < len(text) or cells:
        found = cell.match(text, at)
        assert found is not None, "the expression matches nothing, too"
        cells.append(found[0])
        at = found.end()
        if text[at : at + 1] == delimiter:
            at += 1
            continue
        end = "\r\n" if text.startswith("\r\n", at) else text[at : at + 1]
        at += len(end)
        yield cells, end
        cells = []


def _value(cell: str) -> str:
    if not cell.startswith('"'):
        return cell
    last = cell.rfind('"')
    if last == 0:
        return cell[1:]
    return cell[1:last].replace('""', '"') + cell[last + 1 :]
