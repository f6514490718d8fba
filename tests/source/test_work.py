"""The analysis of a source takes work in proportion to its size, however it is written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from grader.source import Code
from grader.source.loops import loop_around, written_back
from grader.source.reading import Unread, error_in, parse
from grader.submission import SourceFile, Submission
from grader.trace import Location

SOURCES: dict[str, Callable[[int], str]] = {
    "a long sum": lambda n: "x = a" + " + a.b" * n,
    "a chain of attributes": lambda n: "x = a" + ".b" * n + ".start",
    "a chain of calls": lambda n: "f" + "()" * n,
    "a chain of methods": lambda n: "f" + ".start()" * n,
    "a chain of contexts": lambda n: "x = multiprocessing" + ".get_context()" * n,
    "a long elif": lambda n: "if a:\n x.value += 1\n" + "elif a:\n x.value = y\n" * n,
    "a test of attributes": lambda n: "while a" + ".b" * n + ":\n  p.x.y = f(p.z)\n  break",
    "a body of attributes": lambda n: "while a:\n  b" + ".c" * n + " = 1\n  b" + ".d()" * n,
    "classes, one of another": lambda n: (
        "class A0(Process): pass\n"
        + "".join(f"class A{k + 1}(A{k}):\n def run(self): pass\n" for k in range(n))
    ),
    "classes the other way round": lambda n: (
        "".join(f"class A{k}(A{k + 1}): pass\n" for k in range(n)) + f"class A{n}(Process): pass\n"
    ),
    "bases": lambda n: f"class A({', '.join(f'B{k}.C' for k in range(n))}): pass",
    "mentions": lambda n: "p.start\nprint(f'{p.is_alive}')\n" * n,
    "a mention of something long": lambda n: "(a" + " + a" * n + ").start",
    "processes": lambda n: "p = Process(target=f, args=(1,))\np.start()\np.join()\n" * n,
    "sleeps": lambda n: "time.sleep(1)\n" * n,
    "assignments": lambda n: "".join(f"x{k} = {k}\n" for k in range(n)) + "while x1: pass",
    "finally": lambda n: "try:\n f()\nfinally:\n g()\n" * n,
    "returns": lambda n: "def f():\n while a:\n" + "  if a: return\n" * n,
}


def analysed(source: str) -> None:
    """Everything that is asked of a submission's code."""
    file = SourceFile("student.py", source.encode())
    error_in(file)
    code = Code(Submission(Path(file.name), (file,)))
    assert not code.too_deep
    lines = source.count("\n") + 1
    for line in (lines // 2, lines):
        loop_around(Location(file.name, line), code)
    written_back(code)
    for name in ("f", "A0", "multiprocessing.Process", "Process.start", "a.b"):
        assert isinstance(code.calls_named(name) + code.lineage(name), tuple)
        code.defines(name)
        code.names(name)
        code.replacement_of(name)
    assert all(
        each is not None for each in (code.mentions, code.constructions, code.literal_sleeps)
    )


def work(source: str) -> int:
    """How many lines of the grader's are executed for it, in loops each time."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        analysed(source)
    finally:
        sys.settrace(former)
    return count


@pytest.mark.parametrize("kind", SOURCES)
def test_twice_the_source_is_twice_the_work(kind: str) -> None:
    """No walk within a walk."""
    once, twice = (work(SOURCES[kind](size)) for size in (60, 120))
    assert twice < 2.2 * once


DEEP = ["a long sum", "a chain of calls", "a long elif", "a mention of something long"]


@pytest.mark.parametrize("kind", DEEP)
def test_whatever_python_compiles_is_analysed(kind: str) -> None:
    """Also what is nested as deeply as every Python can bear."""
    analysed(SOURCES[kind](2900))


@pytest.mark.parametrize("part", ["--", ".a", " + a", "()", "not "])
def test_whatever_python_does_not_compile_is_too_deep(part: str) -> None:
    """So many levels end no grader; whether Python takes them, a run will tell."""
    source = f"x = {part * 50_000}1" if part in ("--", "not ") else f"x = a{part * 50_000}"
    file = SourceFile("student.py", source.encode())
    assert error_in(file) is None
    if parse(file) is Unread.TOO_DEEP:
        assert Code(Submission(Path(file.name), (file,))).too_deep == (file.name,)
