"""The calls of a file that print, and what can be read of their texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.source.code import CodeFile
from grader.trace import Location

_WRITE = "sys.stdout.write"
_BY_CHANCE = 3
"""ASCII characters: fewer are in many a line by chance."""
_PERCENT = re.compile(r"%[-+ #0-9.*]*[a-zA-Z%]")
_BRACES = re.compile(r"\{[^{}]*\}")
"""The places in a format, of the two older kinds."""
_NEAREST = 50
"""Levels: an `elif` is one below its `if`, and there can be thousands."""


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


def place_of(text: str, files: Sequence[CodeFile]) -> Location | None:
    """The only call that prints such a line, by what stands in it literally; None where none or
    several may. What prints a variable alone may print any line, and is left out.
    """
    calls = [each for file in files for each in printings(file)]
    places = {each.place for each in calls if _prints(each, text.strip())}
    return places.pop() if len(places) == 1 else None


def _prints(call: Printing, text: str) -> bool:
    values = call.node.args
    pieces = [piece for value in values for piece in _fixed(value)]
    if all(isinstance(value, ast.Constant) for value in values):
        return " ".join(pieces) == text
    at = 0
    for piece in pieces:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not all(map(str.isascii, pieces)) or sum(map(len, pieces)) >= _BY_CHANCE


def _fixed(value: ast.expr) -> Iterator[str]:
    """What is printed of it as it stands there, in the order in which that comes out."""
    if isinstance(value, ast.Constant):
        texts = [value.value] if isinstance(value.value, str) else []
    elif isinstance(value, ast.JoinedStr):
        texts = [text for each in value.values for text in _fixed(each)]
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        texts = [*_fixed(value.left), *_fixed(value.right)]
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mod):
        texts = [part for text in _fixed(value.left) for part in _PERCENT.split(text)]
    elif (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr == "format"
    ):
        texts = [part for text in _fixed(value.func.value) for part in _BRACES.split(text)]
    else:
        texts = []
    for text in texts:
        yield from filter(None, map(str.strip, text.splitlines()[-1:]))


def readers(some: Sequence[Printing], file: CodeFile) -> Mapping[str, tuple[Printing, ...]]:
    """Variable -> those of these calls of which it decides what they print, or whether they do.

    Of statements around a call only the nearest are looked at.
    """
    found: dict[str, list[Printing]] = {}
    tested: dict[int, frozenset[str]] = {}
    for each in some:
        names = {name for part in (*each.node.args, *each.node.keywords) for name in _names(part)}
        at: ast.AST | None = each.node
        for _ in range(_NEAREST):
            if at is None or isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef)):
                break
            if isinstance(at, (ast.If, ast.While, ast.IfExp)):
                if id(at) not in tested:
                    tested[id(at)] = _names(at.test)
                names |= tested[id(at)]
            at = file.parent(at)
        for name in names:
            found.setdefault(name, []).append(each)
    return {name: tuple(those) for name, those in found.items()}


def _names(value: ast.AST) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(value) if isinstance(node, ast.Name))


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
