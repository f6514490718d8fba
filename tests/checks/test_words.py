"""How checks quote what students print and write."""

import pytest

from grader.checks.words import code, like, quoted, repeats
from grader.messages import Localized


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


TASK = Localized({"en": "It prints `hello <name>`.", "zh": "它打印 `hello <名字>`。"})


@pytest.mark.parametrize(
    ("pattern", "english", "chinese"),
    [
        ("hello {text}", "“hello <name>”", "“hello <名字>”"),
        ("bye {text}", "“bye <text>”", "“bye <文字>”"),
        ("hello *", "“hello …”", "“hello …”"),
        ("pid {pid}", "“pid <pid>”", "“pid <pid>”"),
    ],
)
def test_a_line_as_the_task_spells_it(pattern: str, english: str, chinese: str) -> None:
    """In each language with the task's own word for the hole, else with one of that language."""
    assert like(pattern, TASK).in_language("en") == english
    assert like(pattern, TASK).in_language("zh") == chinese


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
