"""The calls of a file that print, and what can be read of their texts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from grader.source.code import CodeFile
from grader.trace import Location

_WRITE = "sys.stdout.write"


@dataclass(frozen=True)
class Printing:
    """A ``print(...)`` or ``sys.stdout.write(...)``.

    ``pieces`` are the texts that stand there literally. ``is_left_open``: no line's end follows and
    nothing sends it, so that it stays in the buffer.
    """

    place: Location
    node: ast.Call
    pieces: tuple[str, ...]
    is_left_open: bool

    def may_print(self, pattern: str) -> bool:
        """Whether a line like the pattern may come of it, by what stands in both literally."""
        pieces = [piece for each in self.pieces if (piece := each.strip())]
        return not pieces or any(piece in pattern for piece in pieces)

    def reads(self, name: str, file: CodeFile) -> bool:
        """Whether what it prints, or whether it prints at all, depends on that variable."""
        at: ast.AST | None = self.node
        read: list[ast.AST] = [*self.node.args, *self.node.keywords]
        while at is not None and not isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if isinstance(at, (ast.If, ast.While, ast.IfExp)):
                read.append(at.test)
            at = file.parent(at)
        return any(
            isinstance(node, ast.Name) and node.id == name
            for each in read
            for node in ast.walk(each)
        )


def printings(file: CodeFile) -> Iterator[Printing]:
    """Every call that prints to standard output, in the order of the lines."""
    for call in file.calls:
        keywords = {each.arg: each.value for each in call.node.keywords}
        if call.name == "print" and "file" not in keywords and None not in keywords:
            end = keywords.get("end")
            is_open = isinstance(end, ast.Constant) and "\n" not in str(end.value)
            flush = keywords.get("flush")
            is_sent = flush is not None and getattr(flush, "value", True) is not False
            pieces = tuple(piece for each in call.node.args for piece in _literals(each))
            yield Printing(call.place, call.node, pieces, is_open and not is_sent)
        elif call.name == _WRITE and call.node.args:
            pieces = tuple(_literals(call.node.args[0]))
            is_open = bool(pieces) and not pieces[-1].endswith("\n")
            yield Printing(call.place, call.node, pieces, is_open)


def _literals(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
