"""Lines for a terminal, in Chinese as well as in English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.messages.wrapping import pad, wrap

TEXTS = st.text(st.sampled_from("ab c.,（）“”`、。主程序 👪é"), max_size=60)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 5, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("one two\nthree", 20, ["one two", "three"]),
        ("主进程等子进程", 6, ["主进程", "等子进", "程"]),
        ("主进程等子进程", 7, ["主进程", "等子进", "程"]),
        ("它用 join 等待子进程", 12, ["它用 join 等", "待子进程"]),
        ("主进程，子进程", 6, ["主进", "程，子", "进程"]),
        ("等待（join）", 6, ["等待", "（join", "）"]),
        ("打印“开始”", 6, ["打印", "“开始”"]),
        ("打印 `主程序` 之后", 12, ["打印", "`主程序` 之", "后"]),
        ("打印 `主程序` 之后", 7, ["打印", "`主程", "序` 之", "后"]),
        ("It prints `hello <name>` once", 20, ["It prints", "`hello <name>` once"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("a very-long-word b", 6, ["a", "very-l", "ong-wo", "rd b"]),
    ],
)
def test_where_lines_are_broken(text: str, width: int, lines: list[str]) -> None:
    """At blanks and beside Chinese characters, not before what closes nor after what opens."""
    assert wrap(text, width) == lines


@given(TEXTS, st.integers(2, 20))
def test_nothing_is_lost_and_nothing_is_too_wide(text: str, width: int) -> None:
    """Only blanks may go."""
    lines = wrap(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("text", "padded"), [("ab", "ab   "), ("主程", "主程 "), ("主程序", "主程序")]
)
def test_columns(text: str, padded: str) -> None:
    """A Chinese character takes two columns."""
    assert pad(text, 5) == padded
