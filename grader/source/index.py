"""One walk over a file's syntax tree: its nodes by kind, and which run when it is imported."""

from __future__ import annotations

import ast
from array import array
from itertools import chain
from typing import TypeVar, overload

N1 = TypeVar("N1", bound=ast.AST)
N2 = TypeVar("N2", bound=ast.AST)
N3 = TypeVar("N3", bound=ast.AST)

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_UNASKED = frozenset(
    "arg asname attr conversion ctx id kind level lineno module op ops type_comment".split()
)
"""Fields that hold no nodes, or operators and contexts: half of all nodes, and nobody looks for
them.
"""


class Index:
    """The nodes of one syntax tree, in the order of `ast.walk`: from the root down. Operators and
    expression contexts (`ast.Add`, `ast.Load`) are left out.

    Everything here takes time in proportion to the size of the tree, however deep it is.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._by_kind: dict[type[ast.AST], list[ast.AST]] = {}
        self._positions: dict[type[ast.AST], array[int]] = {}
        self._found: dict[tuple[type[ast.AST], ...], tuple[ast.AST, ...]] = {}
        self._parents: dict[int, ast.AST] = {}
        self._at_import = {id(tree)}
        self._within: dict[tuple[type[ast.AST], ...], frozenset[int]] = {}
        self._visit_all(tree)

    def _visit_all(self, tree: ast.Module) -> None:
        """The hottest loop of the analysis: a source of 1 MB has up to a million nodes."""
        fields_of: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: ()}
        by_kind, parents, at_import = self._by_kind, self._parents, self._at_import
        order: list[ast.AST] = [tree]
        for position, node in enumerate(order):
            kind = type(node)
            if kind not in by_kind:
                by_kind[kind], self._positions[kind] = [], array("L")
                fields = tuple(each for each in kind._fields if each not in _UNASKED)
                fields_of.setdefault(kind, fields)
            by_kind[kind].append(node)
            self._positions[kind].append(position)
            is_at_import = id(node) in at_import
            later = is_at_import and (isinstance(node, FUNCTIONS) or _is_guard(node))
            for field in fields_of[kind]:
                value = getattr(node, field, None)
                for child in value if isinstance(value, list) else (value,):
                    if isinstance(child, ast.AST):
                        order.append(child)
                        parents[id(child)] = node
                        if is_at_import and not (later and field == "body"):
                            at_import.add(id(child))

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
        if kinds not in self._found:
            known = [kind for kind in dict.fromkeys(kinds) if kind in self._by_kind]
            nodes = [node for kind in known for node in self._by_kind[kind]]
            if len(known) > 1:
                positions = chain.from_iterable(self._positions[kind] for kind in known)
                at = dict(zip(map(id, nodes), positions, strict=True))
                nodes.sort(key=lambda node: at[id(node)])
            self._found[kinds] = tuple(nodes)
        return self._found[kinds]

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that it stands in; None for the module."""
        return self._parents.get(id(node))

    def is_within(self, node: ast.AST, *kinds: type[ast.AST]) -> bool:
        """Whether it stands in a node of one of these kinds, however far up."""
        if kinds not in self._within:
            found: set[int] = set()
            for child, parent in self._parents.items():  # parents come before their children
                if isinstance(parent, kinds) or id(parent) in found:
                    found.add(child)
            self._within[kinds] = frozenset(found)
        return id(node) in self._within[kinds]

    def runs_at_import(self, node: ast.AST) -> bool:
        """Whether it is executed when the file is imported: it stands outside every function and
        not under ``if __name__ == "__main__":``.
        """
        return id(node) in self._at_import


def _is_guard(node: ast.AST) -> bool:
    """``if __name__ == "__main__":``, either way round."""
    test = node.test if isinstance(node, ast.If) else None
    if not isinstance(test, ast.Compare) or [type(each) for each in test.ops] != [ast.Eq]:
        return False
    sides = [test.left, *test.comparators]
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )
