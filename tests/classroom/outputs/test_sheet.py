"""CSV files that are changed cell by cell, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom.sheet import Sheet, harmless

CELLS = st.text(st.sampled_from('ab,;"\n\r\t 张'), max_size=6)


@given(st.binary(max_size=80))
def test_any_bytes_stay_as_they_are(content: bytes) -> None:
    """A file in which nothing is changed comes back byte for byte, whatever it is."""
    assert Sheet(content).content() == content


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=4), st.booleans())
def test_cells_are_those_of_the_csv_module(rows: list[list[str]], quoted: bool) -> None:
    """What stands in the cells is what Python's own reader finds in them."""
    written = io.StringIO(newline="")
    rows.insert(0, ["a", "b"])
    csv.writer(written, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    sheet = Sheet(written.getvalue().encode())
    assert [list(sheet.row(number)) for number in range(len(sheet))] == rows


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a,b\r\n1,2\r\n", "a,b\r\n1,x\r\n"),
        ('"a","b"\n"1","2"', '"a","b"\n"1","x"'),
        ("a;b\r1;2\r", "a;b\r1;x\r"),
        ("a\tb\n1\t2", "a\tb\n1\tx"),
        ('a,b\n1,\n2,"y"\n', 'a,b\n1,"x"\n2,"y"\n'),
        ("a,b\n1,\n2,y\n", "a,b\n1,x\n2,y\n"),
    ],
)
def test_only_the_cell_changes(before: str, after: str) -> None:
    """Delimiter, line ends and quotes stay; an empty cell is quoted where its column is."""
    sheet = Sheet(before.encode())
    sheet.write(1, 1, "x")
    assert sheet.content().decode() == after


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "cp1252"])
def test_the_encoding_stays(encoding: str) -> None:
    """So do the encoding and the mark at the beginning."""
    name = "é—" if encoding == "cp1252" else "张三"
    sheet = Sheet(f"name,mark\n{name},\n".encode(encoding))
    assert sheet.value(1, 0) == name
    sheet.write(1, 1, "7,5")
    assert sheet.content() == f'name,mark\n{name},"7,5"\n'.encode(encoding)


def test_what_an_encoding_cannot_say() -> None:
    """Where the file's encoding lacks a character its number is written."""
    sheet = Sheet("naïve,b\n1,2\n".encode("cp1252"))
    sheet.write(1, 1, "张")
    assert sheet.content() == "naïve,b\n1,&#24352;\n".encode("cp1252")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\tx", "\rx", "  =1", "＝1", "\xa0=1"])
def test_formulas(text: str) -> None:
    """What a spreadsheet could run becomes a text."""
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "张三", "7.5", "a=1", "'=1", " ", "join-all"])
def test_texts(text: str) -> None:
    """All else stays as it is."""
    assert harmless(text) == text
