"""What a terminal shows of a printed line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.exercise import match
from grader.exercise.shown import as_shown, readings


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("主程序", "主程序"),
        ("\x1b[1;32m主程序\x1b[0m", "主程序"),
        ("\x1b[38;5;208mhello\x1b[m Anna", "hello Anna"),
        ("\x9b32mhello\x9b0m", "hello"),
        ("\x1b]0;a title\x07hello", "hello"),
        ("\x1b]8;;http://x.y\x1b\\hello\x1b]8;;\x1b\\", "hello"),
        ("\x1b[2J\x1b[Hhello", "hello"),
        ("\x1b(B\x1b[mhello", "hello"),
        ("\x1b[?25lhello\x1b[?25h\a", "hello"),
        ("x\x1b[1A\x1b[2K\rhello", "hello"),
        ("hello\r", "hello"),
        ("100%\rhello", "hello"),
        ("loading\rhello", "hellong"),
        ("loading\r\x1b[Khello", "hello"),
        ("helxo\b\blo", "hello"),
        ("主程x\b序", "主程序"),
        ("主\bx", " x"),
        ("主程\b\b序", "主序"),
        ("a\tbc\bd", "a       bd"),
        ("ab\x1b[2Dcd", "cd"),
        ("ab\x1b[3Gc", "abc"),
        ("abc\x1b[1D\x1b[1K", "   "),
        ("abc\r\x1b[1Pd", "dc"),
        ("ac\x1b[1D\x1b[@b", "abc"),
        ("abc\r\x1b[2X", "  c"),
        ("\x1b[5Cx", "     x"),
    ],
)
def test_what_is_shown(printed: str, shown: str) -> None:
    """Colours and titles do not show, and the cursor goes where it is sent."""
    assert as_shown(printed) == shown


@pytest.mark.parametrize(
    "line",
    [
        "\r0%\r50%\r100%\r子进程 ",
        "...子进程",
        ". . . 子进程",
        "……子进程",
        "。。。子进程",
        "子进程\r\x1b[K",
        "\x1b[34m子进程\x1b[0m",
    ],
)
def test_a_line_with_a_progress_bar(line: str) -> None:
    """What comes after the dots was printed, and so was what was overwritten later."""
    assert match("子进程", line)


@pytest.mark.parametrize("line", ["主程序子进程", "子进程...", "a...子进程"])
def test_another_text(line: str) -> None:
    """Only dots at the beginning are no part of a text."""
    assert not match("子进程", line)


@given(st.text(alphabet="\x1b[]0;23?mKHJGCDP@X\r\b\t\x07\\主a\u0301", max_size=60))
def test_any_line_can_be_shown(line: str) -> None:
    """Whatever it holds, no control character is left."""
    for text in readings(line):
        assert all(character >= " " or character == "\t" for character in text)


def test_a_long_line_takes_no_long_time() -> None:
    """A title without an end, a million times, or a cursor sent far away."""
    assert as_shown("\x1b]" * 500_000) == ""
    assert len(as_shown("\x1b[9999C." * 1000)) == 1001
