"""Scripts that become large when they are compiled are told from those that do not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from grader.grading.refusal import refusal_of
from grader.source.reading import unfolded_size
from grader.submission import SourceFile, Submission


def nested(levels: int) -> str:
    """A finally in a finally in a finally."""
    lines = []
    for level in range(levels):
        indent = " " * level
        lines += [f"{indent}try:", f"{indent} f()", f"{indent}finally:"]
    return "\n".join([*lines, " " * levels + "f()\n"])


def size(source: str) -> int:
    return unfolded_size(ast.parse(source))


def test_without_finally_nothing_is_copied():
    """The size is that of the syntax tree."""
    tree = ast.parse("def f(x):\n    for y in x:\n        return y\n")
    assert unfolded_size(tree) == len(list(ast.walk(tree)))


def test_each_level_doubles():
    """A few hundred bytes, a million copies."""
    assert 2.0 < size(nested(11)) / size(nested(10)) < 2.1
    assert size(nested(20)) > 2**20


def test_every_way_out_is_a_copy():
    """Each return runs the finally, so each has one of its own."""
    returns = "".join(f"  if x == {n}: return\n" for n in range(1000))
    body = "".join(f"  f({n})\n" for n in range(1000))
    assert size(f"def f(x):\n try:\n{returns} finally:\n{body}") > 1000 * 1000


@pytest.mark.parametrize("source", [nested(20), f"x = 1\n{nested(20)}"])
def test_such_a_script_is_not_compiled_by_the_grader(source: str):
    """It is run like any other, and meets its limits: nothing is refused."""
    file = SourceFile("student.py", source.encode())
    assert refusal_of(Submission(Path("student.py"), (file,))) is None


def test_an_ordinary_finally_is_compiled():
    """Errors of the compiler are told without a run."""
    file = SourceFile("student.py", b"try:\n    pass\nfinally:\n    pass\nreturn 1\n")
    assert refusal_of(Submission(Path("student.py"), (file,))) is not None
