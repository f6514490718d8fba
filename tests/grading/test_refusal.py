"""Scripts that Python itself refuses, and scripts that say nothing."""

import pytest

from grader.checks import Feedback, Status
from grader.grading.refusal import judge_refused, refusal_of
from tests.checks.stage import exercise, sentences, submission


def refused(code: str | bytes) -> Feedback:
    found = refusal_of(submission(code))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "code",
    [
        "print(1)",
        "\ufeffprint(1)",
        "print(1)\r\nprint(2)\r\n",
        "# -*- coding: gbk -*-\nprint('中文')".encode("gbk"),
        "print('\\d')",
        "import nothing_of_that_name",
        "x = " + "(" * 500 + ")" * 500,
    ],
)
def test_what_python_can_read(code: str | bytes) -> None:
    """A BOM, Windows' line ends, a cookie, doubtful escapes: the run decides."""
    if "((((" in str(code):
        assert refusal_of(submission(code)) is not None  # too deeply nested: a syntax error
    else:
        assert refusal_of(submission(code)) is None


@pytest.mark.parametrize(
    ("code", "line", "happened", "why"),
    [
        (
            "x = 1\nprint(x\n",
            2,
            "Python cannot read line 2, `print(x`: `SyntaxError: '(' was never closed`.",
            "The bracket `(` in this line has no partner, so Python reads on to the end of the "
            "file in search of it.",
        ),
        (
            "print（1）",
            1,
            "Python cannot read line 1, `print（1）`: `SyntaxError: invalid character '（' "
            "(U+FF08)`.",
            "`（` is not the character that Python expects there. A Chinese input method types "
            "full-width punctuation, which looks almost the same.",
        ),
        (
            "def f():\nprint(1)",
            2,
            "Python cannot read line 2, `print(1)`: `IndentationError: expected an indented block "
            "after function definition on line 1`.",
            "The indentation tells Python which lines belong together, and here it does not add "
            "up.",
        ),
        (
            "if x\n    pass",
            1,
            "Python cannot read line 1, `if x`: `SyntaxError: expected ':'`.",
            "A line that begins a block ends with a colon.",
        ),
        (
            "return 1",
            1,
            "Python cannot read line 1, `return 1`: `SyntaxError: 'return' outside function`.",
            "Python reads the whole file before it runs any of it. It does not understand this "
            "place, so nothing was run.",
        ),
    ],
)
def test_syntax_errors(code: str, line: int, happened: str, why: str) -> None:
    """The line, as Python says it, and in plain words."""
    refusal = refused(code)
    assert refusal.line.line == line
    assert refusal.happened.in_language("en") == happened
    assert refusal.why.in_language("en") == why
    assert refusal.next.in_language("en").endswith("?")


def test_null_bytes() -> None:
    """They are found, whatever Python calls them."""
    refusal = refused(b"x = 1\ny\0 = 2\n")
    assert refusal.line.line == 2
    assert "null bytes" in refusal.happened.in_language("en")
    assert refusal.why.in_language("en") == (
        "The file contains bytes that no text contains. It may have been saved as UTF-16, or not "
        "be a Python file at all."
    )


@pytest.mark.parametrize(
    "code",
    ["x = 1\nprint('中文')\n".encode("gbk"), b"# coding: no-such\nprint(1)\n"],
)
def test_another_encoding(code: bytes) -> None:
    """GBK without its cookie, and a cookie that names no encoding."""
    refusal = refused(code)
    assert refusal.line.line in (1, 2)
    assert refusal.why.in_language("en") == (
        "Python reads a file as UTF-8 unless its first line names another encoding. This one was "
        "saved in another."
    )


@pytest.mark.parametrize("code", ["", "\n\n", "# later\n", '"""To do."""\n', "pass", "..."])
def test_nothing(code: str) -> None:
    """A script without a line that does anything."""
    refusal = refused(code)
    assert sentences(refusal) == [
        "The script does nothing: there is no line in it that could be executed.",
        "Perhaps the file was not saved, or another one was handed in.",
        "Is this the file that you meant?",
    ]


def test_another_python_decides_for_itself() -> None:
    """Syntax that only a newer Python knows is not refused; an empty file still is."""
    assert refusal_of(submission("x = = 1"), by_another_python=True) is None
    assert refusal_of(submission(""), by_another_python=True) is not None


def test_judgements() -> None:
    """The first counted check tells it, and the others have it as their cause."""
    checks = [
        {"id": "advice", "points": 0, "clean": True},
        {"id": "one", "clean": True},
        {"id": "two", "clean": True},
    ]
    judged = judge_refused(exercise(*checks), refused("print("))
    assert [each.finding.status for each in judged] == [
        Status.SKIPPED,
        Status.FAILED,
        Status.SKIPPED,
    ]
    assert [each.finding.cause for each in judged] == ["one", None, "one"]
    assert judged[1].finding.feedback.line is not None
