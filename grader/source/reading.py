"""Whether Python can read a file at all, and how large it becomes when it is compiled."""

from __future__ import annotations

import ast
import warnings
from enum import Enum, auto

from grader.submission import SourceFile

_LARGEST_COMPILED = 100_000
"""Bytes of source. A compiler can take seconds for more, and no student writes so much."""
_LARGEST_UNFOLDED = 1_000_000
"""Nodes of the syntax tree; to compile so many takes some seconds."""
_LEAVES = (ast.Return, ast.Break, ast.Continue)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class Unread(Enum):
    """Why there is no syntax tree of a file."""

    NO_PYTHON = auto()
    """For the grader's own interpreter it is not Python."""
    TOO_DEEP = auto()
    """Something in it is nested too deeply."""


def parse(file: SourceFile) -> ast.Module | Unread:
    """The syntax tree, or why the grader's own interpreter cannot read the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return file.tree()
        except (SyntaxError, ValueError):
            return Unread.NO_PYTHON
        except (RecursionError, MemoryError):
            return Unread.TOO_DEEP


def error_in(file: SourceFile) -> SyntaxError | ValueError | None:
    """Why the grader's own interpreter refuses to compile the file (ValueError: null bytes, before
    3.12). None if it compiles, or is too large or too deeply nested to try: the interpreter that
    runs it will find out, within its limits.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = file.tree()
            if len(file.content) > _LARGEST_COMPILED:
                return None
            if b"finally" in file.content and unfolded_size(tree) > _LARGEST_UNFOLDED:
                return None
            compile(file.content, file.name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            return error
        except (RecursionError, MemoryError, OverflowError):
            return None
    return None


class _Measured:
    """A node, and what has been added up of those in it."""

    __slots__ = ("copied", "copied_exits", "exits", "is_final", "node", "parent", "size")

    def __init__(self, node: ast.AST, parent: _Measured | None, *, is_final: bool) -> None:
        self.node, self.parent, self.is_final = node, parent, is_final
        self.size, self.exits = 1, int(isinstance(node, _LEAVES))
        self.copied = self.copied_exits = 0
        """Of what stands in a ``finally``."""


def unfolded_size(tree: ast.Module) -> int:
    """At most so many nodes of the syntax tree are compiled, each copy counted.

    A few lines can be made into gigabytes: the compiler copies the body of a ``finally`` to each
    place at which its ``try`` can be left: the end, an exception, and every ``return``, ``break``
    and ``continue`` in it. One within another is copied with each copy.
    """
    root = _Measured(tree, None, is_final=False)
    all_measured = [root]
    for each in all_measured:
        finals = {id(final) for final in getattr(each.node, "finalbody", ())}
        all_measured += [
            _Measured(child, each, is_final=id(child) in finals)
            for child in ast.iter_child_nodes(each.node)
        ]
    for each in reversed(all_measured):  # those within come before what they are in
        copies = 2 + each.exits if each.copied else 0
        each.size += copies * each.copied
        each.exits += copies * each.copied_exits
        exits = 0 if isinstance(each.node, _SCOPES) else each.exits
        if each.parent is not None and each.is_final:
            each.parent.copied += each.size
            each.parent.copied_exits += exits
        elif each.parent is not None:
            each.parent.size += each.size
            each.parent.exits += exits
    return root.size
