"""How large a script becomes when it is compiled: a few lines can be made into gigabytes.

The compiler copies the body of a ``finally`` to each place at which its ``try`` can be left: the
end, an exception, and every ``return``, ``break`` and ``continue`` in it. One within another is
copied with each copy.
"""

from __future__ import annotations

import ast

_LEAVES = (ast.Return, ast.Break, ast.Continue)
_Scope = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def unfolded_size(tree: ast.Module) -> int:
    """At most so many nodes of the syntax tree are compiled, each copy counted.

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
    return size, 0 if isinstance(node, _Scope) else exits
