"""The exceptions that beginners meet, in plain words."""

from __future__ import annotations

import pytest

from grader.checks.diagnosis.errors import ANY_ERROR, EXPLANATIONS, Explanation, explain
from grader.exercise import RELATIONS
from grader.trace import MAIN
from grader.trace.tracebacks import Traceback

SAMPLES = {
    "SyntaxError: invalid character '（' (U+FF08)": "`（` is not the character",
    "SyntaxError: '(' was never closed": "The bracket `(` in this line",
    "SyntaxError: unterminated string literal (detected at line 3)": "A text begins in this line",
    "SyntaxError: EOL while scanning string literal": "A text begins in this line",
    "SyntaxError: source code string cannot contain null bytes": "The file has bytes in it",
    "SyntaxError: (unicode error) 'utf-8' codec can't decode byte 0xd6": "Python reads a file as",
    "SyntaxError: Non-UTF-8 code starting with '\\xd6' in file x.py": "Python reads a file as",
    "SyntaxError: expected ':'": "A line that begins a block",
    "IndentationError: unexpected indent": "Python tells by the indentation",
    "TabError: inconsistent use of tabs and spaces in indentation": "Python tells by the",
    "SyntaxError: invalid syntax": "Python reads the whole file",
    "AssertionError: cannot start a process twice": "A `Process` object stands for one process",
    "AssertionError: process has already started": "Whether a process is a daemon",
    "AssertionError: can only join a started process": "Waiting for the end of a process",
    "AssertionError: can only join a child process": "Only the process that started another",
    "AssertionError: daemonic processes are not allowed to have children": "A daemon is ended",
    "AssertionError: group argument must be None for now": "The first argument of `Process`",
    "RuntimeError: An attempt has been made to start a new process before the\n"
    "        current process has finished its bootstrapping phase.": "Here a child is a fresh",
    "PicklingError: Can't pickle <function <lambda> at 0x7f>: attribute lookup <lambda> on "
    "__main__ failed": "Here a child is a fresh Python: what it is given",
    "AttributeError: Can't pickle local object 'main.<locals>.f'": "Here a child is a fresh",
    "TypeError: cannot pickle '_thread.lock' object": "Here a child is a fresh Python: what",
    "TypeError: f() takes 1 positional argument but 2 were given": "`f()` takes 1 positional",
    "TypeError: Worker.__init__() takes from 1 to 2 positional arguments but 3 were given": (
        "`Worker.__init__()` takes from 1 to 2 positional arguments, and it was given 3."
    ),
    "TypeError: f() missing 2 required positional arguments: 'a' and 'b'": (
        "The function expects something for 'a' and 'b'"
    ),
    "TypeError: 'int' object is not iterable": "`args` must be a row of arguments",
    "TypeError: multiprocessing.process.BaseProcess.run argument after * must be an iterable, "
    "not int": "`args` must be a row",
    "TypeError: 'NoneType' object is not callable": "What was to be called is no function",
    "TypeError: Process.__init__() got an unexpected keyword argument 'arg'": (
        "There is no parameter called `arg`."
    ),
    "AttributeError: 'NoneType' object has no attribute 'join'": "The value before `.join` is",
    "AssertionError: Process.__init__() not called": "A subclass of `Process` has",
    "AttributeError: 'Worker' object has no attribute '_closed'": "A subclass of `Process` has",
    "AttributeError: partially initialized module 'multiprocessing' has no attribute 'Process' "
    "(most likely due to a circular import)": "A file beside your script",
    "ImportError: cannot import name 'Process' from 'multiprocessing' "
    "(/home/li/multiprocessing.py)": "A file beside your script",
    "AttributeError: 'Process' object has no attribute 'strat'": "There is nothing called `strat`",
    "NameError: name 'p' is not defined": "Nothing is called `p` at this place.",
    "ModuleNotFoundError: No module named 'multiprocess'": "There is no module called",
    "ImportError: cannot import name 'process' from 'multiprocessing' "
    "(/usr/lib/python3.11/multiprocessing/__init__.py)": "The module `multiprocessing` has",
    "EOFError: EOF when reading a line": "A child has no keyboard",
    "ConnectionRefusedError: [Errno 111] Connection refused": "Nobody listens",
    "OSError: [Errno 98] Address already in use": "The port is still taken",
    "KeyError: 'x'": "What was asked for is not in there.",
    "RecursionError: maximum recursion depth exceeded": "A function calls itself",
    "ZeroDivisionError: division by zero": "An exception that nobody catches",
}


def reported(last_line: str) -> Traceback:
    kind, _, message = last_line.partition(": ")
    return Traceback(MAIN, 0, kind, message, (), ())


@pytest.mark.parametrize(("last_line", "why"), SAMPLES.items())
def test_why_it_comes(last_line: str, why: str) -> None:
    """Each is told in plain words, with the student's own names, and ends with a question."""
    report = reported(last_line)
    texts = explain(report).texts(report)
    assert texts[0].in_language("en").startswith(why)
    assert texts[1].in_language("en").endswith("?")
    assert "{" not in "".join(text.in_language("en") for text in texts)


def test_every_row_is_met() -> None:
    """No row stands behind another that takes all of its errors."""
    met = [explain(reported(last_line)) for last_line in SAMPLES]
    assert [row for row in (*EXPLANATIONS, ANY_ERROR) if row not in met] == []


@pytest.mark.parametrize("row", EXPLANATIONS, ids=lambda row: f"{row.type}-{row.message[:20]}")
def test_who_tells_it(row: Explanation) -> None:
    """Only relations that there are can be named."""
    assert set(row.told_by) <= set(RELATIONS)


def test_an_endless_message() -> None:
    """A submission that raises a megabyte is answered at once."""
    report = reported("TypeError: " + "f()" * 10**6)
    assert explain(report) is ANY_ERROR
