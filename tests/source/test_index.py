"""One walk over a syntax tree, and what can be asked of it."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from grader.source.index import Index

SCRIPT = """
import os
def f(x):
    while x:
        g(x, h())
if __name__ == "__main__":
    f(lambda: g(1))
else:
    g(2)
class C:
    def m(self): g(3)
    g(4)
"""
KINDS = (ast.Call, ast.While, ast.Name, ast.FunctionDef, ast.Import, ast.Constant)


@given(st.lists(st.sampled_from(KINDS), min_size=1, unique=True))
def test_nodes_by_kind(kinds: list[type[ast.AST]]) -> None:
    """They are those that `ast.walk` finds, in its order."""
    tree = ast.parse(SCRIPT)
    walked = [node for node in ast.walk(tree) if isinstance(node, tuple(kinds))]
    assert list(Index(tree).nodes(*kinds)) == walked


def test_parents() -> None:
    """Each node knows what it stands in, up to the module."""
    tree = ast.parse(SCRIPT)
    index = Index(tree)
    (method,) = [each for each in index.nodes(ast.FunctionDef) if each.name == "m"]
    assert isinstance(index.parent(method), ast.ClassDef)
    assert index.parent(tree) is None


def test_what_runs_when_the_file_is_imported() -> None:
    """What stands in no function and under no guard; a class's body and the guard's ``else`` do."""
    index = Index(ast.parse(SCRIPT))
    calls = [ast.unparse(each) for each in index.nodes(ast.Call) if index.runs_at_import(each)]
    assert calls == ["g(2)", "g(4)"]
