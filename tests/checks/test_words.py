"""How checks quote what students print and write."""

import pytest

from grader.checks.words import code, like, quoted, repeats


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hello", "“hello”"),
        ("x" * 60, "“" + "x" * 60 + "”"),
        ("x" * 61, "“" + "x" * 59 + "…”"),
        ("a\x1b[31mb", "“a�[31mb”"),
        ("中文", "“中文”"),
    ],
)
def test_quoted(text: str, shown: str) -> None:
    """Short, and without control codes."""
    assert quoted(text).in_language("en") == shown


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("hello *", "“hello …”"),
        ("pid {pid} of {ppid}", "“pid <pid> of <ppid>”"),
        ("{{{word}}} {*}", "“{<word>} *”"),
    ],
)
def test_like(pattern: str, shown: str) -> None:
    """A pattern as a student reads it."""
    assert like(pattern).in_language("en") == shown


def test_code() -> None:
    """Code may be longer than a printed line."""
    assert code("x" * 100).in_language("zh") == "`" + "x" * 100 + "`"


@pytest.mark.parametrize(
    ("hint", "again"),
    [
        ("Which process runs the line that prints this?", True),
        ("Which process runs that line, and when should it be printed by your script?", True),
        ("Which method of a `Process` waits for its end?", False),
        ("Which process runs the line, and how often?", False),
        ("在哪个进程里？", False),
    ],
)
def test_a_hint_that_says_nothing_new(hint: str, again: bool) -> None:
    """Every word of it that carries meaning was said by the question before it."""
    said = "Which line of your script should print it, and which process runs that line?"
    assert repeats(hint, said) is again
    assert repeats(said, said)
