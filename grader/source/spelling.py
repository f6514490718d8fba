"""How an expression of the student's is spelled, where it is short enough for a sentence."""

from __future__ import annotations

import ast

_MOST_NODES, _DEEPEST = 1000, 40
"""`ast.unparse` recurses; and nobody reads more than that."""


def spelled(node: ast.AST) -> str:
    """The code of a node, as `ast.unparse` writes it; ``...`` for one that is too large to read."""
    level, size = [node], 0
    for _ in range(_DEEPEST):
        if not level:
            return ast.unparse(node)
        size += len(level)
        if size > _MOST_NODES:
            break
        level = [child for each in level for child in ast.iter_child_nodes(each)]
    return "..."
