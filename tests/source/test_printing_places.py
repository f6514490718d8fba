"""Which line of a script printed a line, by what stands there literally."""

from __future__ import annotations

import ast

import pytest

from grader.source.code import CodeFile
from grader.source.printing import place_of

SCRIPT = "student.py"


def line_of(text: str, *code: str) -> int | None:
    source = "\n".join(code)
    place = place_of(text, [CodeFile(SCRIPT, ast.parse(source))])
    return None if place is None else place.line


@pytest.mark.parametrize(
    "call",
    [
        "print('hello', name)",
        "print(f'hello {name:>8}')",
        "print('hello ' + name)",
        "print('hello %s, %5.2f' % (name, 2))",
        "print('hello {}'.format(name))",
        "print(name, 'hello', end='')",
        "print('\\nhello', name)",
    ],
)
def test_a_line_is_found_by_its_words(call: str) -> None:
    """Whatever stands beside them, and however they are put together."""
    assert line_of("1 hello Li, 2.00", "x = 1", call, "print(x)", "print('bye', x)") == 2


@pytest.mark.parametrize(
    "code",
    [
        ("print('hello', a)", "print('hello', b)"),  # either may have printed it
        ("print('hello')",),  # that is all it prints
        ("print(a)",),  # it prints anything
        ("print(a, ':', b)", "print(c)"),  # a colon is in many a line
        ("print(d['hello'])", "print('bye', a)"),
    ],
)
def test_a_line_that_may_be_of_others(code: tuple[str, ...]) -> None:
    """No line is named where it is not certain."""
    assert line_of("hello: Li", *code) is None
