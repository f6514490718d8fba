"""Whether Python can read a file at all, and how large it becomes when it is compiled."""

from __future__ import annotations

import ast
import warnings

from grader.submission import SourceFile

_LARGEST_UNFOLDED = 1_000_000
"""Nodes of the syntax tree; to compile so many takes some seconds."""
_LEAVES = (ast.Return, ast.Break, ast.Continue)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def parse(file: SourceFile) -> ast.Module | None:
    """The syntax tree, or None where the grader's own interpreter cannot read the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return file.tree()
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def error_in(file: SourceFile) -> SyntaxError | ValueError | None:
    """Why the grader's own interpreter refuses to compile the file (ValueError: null bytes, before
    3.12). None if it compiles, or is too large or too deeply nested to try: the interpreter that
    runs it will find out, within its limits.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if b"finally" in file.content and unfolded_size(file.tree()) > _LARGEST_UNFOLDED:
                return None
            compile(file.content, file.name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            return error
        except (RecursionError, MemoryError, OverflowError):
            return None
    return None


def unfolded_size(tree: ast.Module) -> int:
    """At most so many nodes of the syntax tree are compiled, each copy counted.

    A few lines can be made into gigabytes: the compiler copies the body of a ``finally`` to each
    place at which its ``try`` can be left: the end, an exception, and every ``return``, ``break``
    and ``continue`` in it. One within another is copied with each copy.

    Raises:
        RecursionError: nested too deeply.
    """
    size, _ = _measure(tree)
    return size


def _measure(node: ast.AST) -> tuple[int, int]:
    """Its size, and how many statements in it leave the blocks that it is in."""
    size, exits = 1, int(isinstance(node, _LEAVES))
    finals: list[ast.stmt] = getattr(node, "finalbody", [])
    for child in ast.iter_child_nodes(node):
        if all(child is not final for final in finals):
            more, out = _measure(child)
            size, exits = size + more, exits + out
    if finals:
        copies = 2 + exits
        for child in finals:
            more, out = _measure(child)
            size, exits = size + copies * more, exits + copies * out
    return size, 0 if isinstance(node, _SCOPES) else exits
