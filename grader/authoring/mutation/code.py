"""A script that can be asked for its calls and statements, and be had with one of them changed.

It is LibCST's tree, so that a mutant is the script as it was written but for one place.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

Node = TypeVar("Node", bound=cst.CSTNode)
Edit = tuple[cst.CSTNode, cst.Module]
"""The node that was changed, and the script with the change."""


class Code:
    """A script.

    Raises:
        libcst.ParserSyntaxError: it is not Python.
    """

    def __init__(self, source: str | bytes) -> None:
        wrapper = MetadataWrapper(cst.parse_module(source))
        self.module = wrapper.module
        self._parents = wrapper.resolve(ParentNodeProvider)
        self._positions = wrapper.resolve(PositionProvider)

    def all(self, kind: type[Node]) -> list[Node]:
        """All nodes of a kind, in the order in which they stand in the script."""
        found = [node for node in self._positions if isinstance(node, kind)]

        def place(node: Node) -> tuple[int, int]:
            """Line and column."""
            start = self._positions[node].start
            return start.line, start.column

        return sorted(found, key=place)

    def line(self, node: cst.CSTNode) -> int:
        """The line that it begins in, from 1."""
        number: int = self._positions[node].start.line
        return number

    def source(self, node: cst.CSTNode) -> str:
        """What stands in the script."""
        text: str = self.module.code_for_node(node)
        return text

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        """The node around it."""
        return self._parents[node]

    def block(self, statement: cst.CSTNode) -> cst.IndentedBlock | cst.Module:
        """The block that a statement is one of."""
        block = self.parent(statement)
        assert isinstance(block, (cst.IndentedBlock, cst.Module))
        return block

    def receiver(self, call: cst.Call) -> str:
        """What a method is called of; empty for a function."""
        function = call.func
        return self.source(function.value) if isinstance(function, cst.Attribute) else ""

    def calls(self, *names: str) -> Iterator[cst.Call]:
        """The calls of functions and methods of these names."""
        return (each for each in self.all(cst.Call) if called(each) in names)

    def statements(self, *names: str) -> Iterator[tuple[cst.Call, cst.CSTNode]]:
        """Those of the calls that are a statement of their own, each with that."""
        for call in self.calls(*names):
            if isinstance(self.parent(call), cst.Expr):
                statement = self.statement(call)
                if isinstance(statement, cst.SimpleStatementLine):
                    yield call, statement

    def statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """The statement that it is in, which is one of a block."""
        while not isinstance(self.parent(node), (cst.IndentedBlock, cst.Module)):
            node = self.parent(node)
        return node

    def unit(self, node: cst.CSTNode) -> cst.CSTNode:
        """Its statement, or the loop that does nothing else."""
        statement = self.statement(node)
        block = self.parent(statement)
        if isinstance(block, cst.IndentedBlock) and len(block.body) == 1:
            around = self.parent(block)
            if isinstance(around, cst.For):
                return around
        return statement

    def neighbour(self, statement: cst.CSTNode, step: int) -> cst.CSTNode | None:
        """The statement so many further on in the same block."""
        body = self.block(statement).body
        place = next(number for number, each in enumerate(body) if each is statement) + step
        return body[place] if 0 <= place < len(body) else None

    def replaced(self, node: cst.CSTNode, expression: str) -> cst.Module:
        """The script with another expression in the place of this one."""
        return self.with_node(node, cst.parse_expression(expression))

    def with_node(self, node: cst.CSTNode, other: cst.CSTNode) -> cst.Module:
        """The script with another node in the place of this one."""
        changed = cst.CSTNode.deep_replace(self.module, node, other)
        assert isinstance(changed, cst.Module)
        return changed

    def with_statements(self, statement: cst.CSTNode, *instead: cst.CSTNode | str) -> cst.Module:
        """The script with these statements in the place of this one; ``pass``, where the block
        would be empty.
        """
        block = self.block(statement)
        new = [cst.parse_statement(each) if isinstance(each, str) else each for each in instead]
        body = [one for each in block.body for one in (new if each is statement else [each])]
        return self._with_body(block, body or [cst.parse_statement("pass")])

    def _with_body(
        self, block: cst.IndentedBlock | cst.Module, body: Sequence[cst.CSTNode]
    ) -> cst.Module:
        changed = block.with_changes(body=body)
        return changed if isinstance(changed, cst.Module) else self.with_node(block, changed)

    def moved(self, statement: cst.CSTNode, step: int) -> cst.Module | None:
        """The script with a statement and its neighbour in the other order. None: it has none."""
        other = self.neighbour(statement, step)
        if other is None or isinstance(other, (cst.FunctionDef, cst.ClassDef)):
            return None
        swapped = {id(statement): other, id(other): statement}
        block = self.block(statement)
        return self._with_body(block, [swapped.get(id(each), each) for each in block.body])

    def renamed(self, call: cst.Call, name: str) -> cst.Module:
        """The script with another function or method called, with no arguments."""
        function = call.func
        changed = (
            function.with_changes(attr=cst.Name(name))
            if isinstance(function, cst.Attribute)
            else cst.Name(name)
        )
        return self.with_node(call, call.with_changes(func=changed, args=()))

    def with_arguments(self, call: cst.Call, *arguments: cst.Arg | str) -> cst.Module:
        """The script with other arguments in a call: nodes, or what stands between the commas."""
        parts = [each if isinstance(each, str) else self.argument(each) for each in arguments]
        return self.replaced(call, f"{self.source(call.func)}({', '.join(parts)})")

    def argument(self, argument: cst.Arg) -> str:
        """An argument as it stands in its call, without the comma."""
        return self.source(argument.with_changes(comma=cst.MaybeSentinel.DEFAULT)).strip()


@dataclass(frozen=True)
class Operator:
    """A kind of mistake: ``edits`` makes it at each place of a script where it can be made."""

    name: str
    says: str
    """What is done, in a sentence."""
    edits: Callable[[Code], Iterator[Edit]]


OPERATORS: dict[str, Operator] = {}
"""All of them by their names."""


def operator(edits: Callable[[Code], Iterator[Edit]]) -> Callable[[Code], Iterator[Edit]]:
    """Enter a function into the table, under its name, with its docstring."""
    name = edits.__name__.replace("_", "-")
    OPERATORS[name] = Operator(name, " ".join((edits.__doc__ or "").split()), edits)
    return edits


def called(call: cst.Call) -> str:
    """The name of the function or method; empty where what is called has none."""
    function = call.func
    if isinstance(function, cst.Attribute):
        function = function.attr
    name: str = function.value if isinstance(function, cst.Name) else ""
    return name


def keyword(call: cst.Call, name: str) -> cst.Arg | None:
    """The argument that is given under this name."""
    for each in call.args:
        if each.keyword is not None and each.keyword.value == name:
            return each
    return None


def importing(module: cst.Module, name: str) -> cst.Module:
    """The script with that module imported, whatever else it imports."""
    is_imported = any(
        isinstance(each, ast.Import) and any(alias.name == name for alias in each.names)
        for each in ast.walk(ast.parse(module.code))
    )
    if is_imported:
        return module
    after = sum(
        isinstance(each, ast.ImportFrom) and each.module == "__future__"
        for each in ast.parse(module.code).body
    )
    body = [*module.body]
    body.insert(after, cst.parse_statement(f"import {name}"))
    return module.with_changes(body=body)
