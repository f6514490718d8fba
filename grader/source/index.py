"""One walk over a file's syntax tree: its nodes by kind, and which run when it is imported."""

from __future__ import annotations

import ast
from collections import deque
from typing import TypeVar, overload

N1 = TypeVar("N1", bound=ast.AST)
N2 = TypeVar("N2", bound=ast.AST)
N3 = TypeVar("N3", bound=ast.AST)

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Index:
    """The nodes of one syntax tree, in the order of `ast.walk`: from the root down."""

    def __init__(self, tree: ast.Module) -> None:
        self._by_kind: dict[type[ast.AST], list[tuple[int, ast.AST]]] = {}
        self._parents: dict[int, ast.AST] = {}
        self._at_import: set[int] = set()
        waiting: deque[tuple[ast.AST, bool]] = deque([(tree, True)])
        position = 0
        while waiting:
            node, at_import = waiting.popleft()
            position += 1
            self._by_kind.setdefault(type(node), []).append((position, node))
            if at_import:
                self._at_import.add(id(node))
            later = isinstance(node, FUNCTIONS) or (isinstance(node, ast.If) and _is_guard(node))
            for field, value in ast.iter_fields(node):
                inside = at_import and not (later and field == "body")
                for child in value if isinstance(value, list) else (value,):
                    if isinstance(child, ast.AST):
                        self._parents[id(child)] = node
                        waiting.append((child, inside))

    @overload
    def nodes(self, kind: type[N1], /) -> tuple[N1, ...]:
        """Those of one kind."""

    @overload
    def nodes(self, one: type[N1], two: type[N2], /) -> tuple[N1 | N2, ...]:
        """Those of two kinds."""

    @overload
    def nodes(self, one: type[N1], two: type[N2], three: type[N3], /) -> tuple[N1 | N2 | N3, ...]:
        """Those of three kinds."""

    @overload
    def nodes(self, *kinds: type[ast.AST]) -> tuple[ast.AST, ...]:
        """Those of any number of kinds."""

    def nodes(self, *kinds: type[ast.AST]) -> tuple[ast.AST, ...]:
        """All nodes of these kinds, in the order of `ast.walk`. Abstract kinds have none."""
        found = [each for kind in kinds for each in self._by_kind.get(kind, ())]
        if len(kinds) > 1:
            found.sort(key=lambda each: each[0])
        return tuple(node for _, node in found)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that it stands in; None for the module. Of the shared ``ast.Load()`` and the
        like it is any one.
        """
        return self._parents.get(id(node))

    def runs_at_import(self, node: ast.AST) -> bool:
        """Whether it is executed when the file is imported: it stands outside every function and
        not under ``if __name__ == "__main__":``.
        """
        return id(node) in self._at_import


def _is_guard(node: ast.If) -> bool:
    """``if __name__ == "__main__":``, either way round."""
    test = node.test
    if not isinstance(test, ast.Compare) or [type(each) for each in test.ops] != [ast.Eq]:
        return False
    sides = [test.left, *test.comparators]
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )
