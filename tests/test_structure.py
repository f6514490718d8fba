"""How the product is divided: into modules of a size, and functions that somebody needs."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grader

PACKAGE = Path(grader.__file__).parent
SOURCES = {
    str(file.relative_to(PACKAGE)): file.read_text("utf-8") for file in PACKAGE.rglob("*.py")
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
parsed = cache(ast.parse)


def without_docstring(source: str) -> Iterator[str]:
    """The module itself, and its public classes and functions, nested ones too."""
    tree = parsed(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module) and node.body and ast.get_docstring(node) is None:
            yield "the module"
        is_named = isinstance(node, (*FUNCTIONS, ast.ClassDef))
        if is_named and node.name[0] != "_" and ast.get_docstring(node) is None:
            yield node.name


def short_and_used_once(source: str) -> Iterator[str]:
    """Private functions of at most three lines that are named once besides their definition."""
    tree = parsed(source)
    uses = Counter(
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(tree)
        if isinstance(node, (ast.Name, ast.Attribute))
    )
    for node in ast.walk(tree):
        if not isinstance(node, FUNCTIONS) or node.decorator_list:
            continue
        is_private = node.name[0] == "_" and not node.name.startswith("__")
        body = node.body[ast.get_docstring(node) is not None :]
        lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
        if is_private and uses[node.name] == 1 and lines <= 3:
            yield node.name


def test_public_things_have_docstrings() -> None:
    """Whoever uses a module need not read how it does its work."""
    found = {name: [*without_docstring(source)] for name, source in SOURCES.items()}
    assert {name: those for name, those in found.items() if those} == {}


def test_few_functions_of_three_lines_are_used_once() -> None:
    """What is said in three lines stands where it is needed, unless its name says more."""
    found = [f"{name}: {each}" for name in SOURCES for each in short_and_used_once(SOURCES[name])]
    assert len(found) <= 20, found


def test_few_modules_are_small() -> None:
    """What belongs together stands together. The ways into packages are small by nature."""
    lengths = {name: len(source.splitlines()) for name, source in SOURCES.items()}
    small = [
        name
        for name, lines in lengths.items()
        if lines < 50 and Path(name).name not in ("__init__.py", "__main__.py")
    ]
    assert len(small) <= 12, small


def test_no_module_is_long() -> None:
    """Each can be read in one sitting."""
    assert [name for name in SOURCES if len(SOURCES[name].splitlines()) > 500] == []


def test_a_missing_docstring_is_seen() -> None:
    """Also that of a function in a function, and the module's own."""
    source = "def outer():\n    '''Says it.'''\n    def inner(): ...\ndef _own(): ...\nclass C: ..."
    assert sorted(without_docstring(source)) == ["C", "inner", "the module"]


def test_a_short_function_is_seen() -> None:
    """Neither a longer one, nor one that is used again, or decorated."""
    source = """
def _once():
    '''Its docstring does not count.'''
    return 1
def _twice():
    return 2
def _long():
    a = 1
    b = 2
    c = 3
    return a + b + c
@cache
def _kept():
    return 3
print(_once(), _twice(), _twice(), _long(), _kept())
"""
    assert list(short_and_used_once(source)) == ["_once"]
