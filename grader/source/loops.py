"""The loop in which a line of the script stands, and what keeps it going round."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Union, get_args

from grader.source.code import Code, CodeFile
from grader.source.spelling import spelled
from grader.trace import Location

EXITS = ("SystemExit", "exit", "quit", "sys.exit", "os._exit")
"""Calls that end a process."""
_ASKS_WHETHER_ALIVE = (".is_alive()", ".exitcode")
_Loop = Union[ast.While, ast.For, ast.AsyncFor]
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_LITERALS = (ast.Constant, ast.List, ast.Dict, ast.Set, ast.Tuple)


@dataclass(frozen=True)
class Loop:
    """A ``while`` or a ``for``. ``place`` is its first line.

    ``asks``: the test of a ``while``, as it is written; None where that is always true, and of a
    ``for``. ``counts``: the loop itself changes what it asks for. ``copied``: the variables that
    it asks for are the file's own plain values, of which each process has a copy. ``exits``: where
    it can be left, and by which word.
    """

    place: Location
    is_for: bool
    asks: str | None
    counts: bool
    copied: tuple[str, ...]
    exits: tuple[tuple[str, Location], ...]

    @property
    def asks_whether_alive(self) -> bool:
        """Whether its test asks if a process is alive."""
        return self.asks is not None and any(each in self.asks for each in _ASKS_WHETHER_ALIVE)


def loop_around(place: Location, code: Code) -> Loop | None:
    """The innermost loop that the line belongs to, in the same function."""
    for file in code.files:
        if file.name == place.file:
            found = _innermost(file, place.line)
            return None if found is None else _described(found, file)
    return None


def written_back(code: Code) -> Location | None:
    """The first line that gives a shared ``.value`` something that was worked out of what it was,
    ``counter.value += 1`` say, and that outside every ``with``; None if there is none.
    """
    for file in code.files:
        found = [
            file.place(node)
            for node in file.nodes(ast.Assign, ast.AugAssign)
            if _works_out_value(node) and not file.is_within(node, ast.With)
        ]
        if found:
            return min(found, key=lambda place: place.line)
    return None


def updated_at(place: Location, code: Code) -> str | None:
    """What the line gives a new value that it works out of the old one, as it is written there
    (``counter.value``), and that outside every ``with``; None if it does nothing of the kind.
    """
    for file in code.files:
        for node in file.nodes(ast.Assign, ast.AugAssign) if file.name == place.file else ():
            if node.lineno != place.line or file.is_within(node, ast.With):
                continue
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name = spelled(target)
            if isinstance(node, ast.AugAssign) or name in spelled(node.value):
                return name
    return None


def _works_out_value(node: ast.Assign | ast.AugAssign) -> bool:
    if isinstance(node, ast.Assign) and not isinstance(node.value, ast.BinOp):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(each, ast.Attribute) and each.attr == "value" for each in targets)


def _innermost(file: CodeFile, line: int) -> _Loop | None:
    """Of those around a line the one that comes last in the order of the tree is innermost. A
    function that is defined within a loop is not part of it.
    """
    functions = [
        each
        for each in file.nodes(ast.FunctionDef, ast.AsyncFunctionDef)
        if each.lineno <= line <= (each.end_lineno or each.lineno)
    ]
    begin = functions[-1].lineno if functions else 0
    loops = [
        each
        for each in file.nodes(ast.While, ast.For, ast.AsyncFor)
        if begin <= each.lineno <= line <= (each.body[-1].end_lineno or each.body[-1].lineno)
    ]
    return loops[-1] if loops else None


def _described(loop: _Loop, file: CodeFile) -> Loop:
    test = loop.test if isinstance(loop, ast.While) else None
    if isinstance(test, ast.Constant):
        test = None
    asked = set() if test is None else _names_in(test, ast.Load)
    inside = {name for statement in loop.body for name in _changed_in(statement)}
    plain = asked - inside
    if test is not None:  # of others an attribute is asked for
        plain -= _names_below(
            test, lambda node: node.value if isinstance(node, ast.Attribute) else None
        )
    copied = sorted(plain & _plain_values(file))
    return Loop(
        file.place(loop),
        not isinstance(loop, ast.While),
        None if test is None else spelled(test),
        bool(asked & inside),
        tuple(copied),
        tuple(_exits(loop.body, file)),
    )


def _names_in(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    return {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, context)
    }


def _changed_in(statement: ast.stmt) -> set[str]:
    """The variables that a statement stores into, or into a part of, or calls a method of."""

    def owner(node: ast.AST) -> ast.AST | None:
        """What the node changes; None: nothing."""
        changed = node.func if isinstance(node, ast.Call) else node
        if not isinstance(changed, (ast.Attribute, ast.Subscript)):
            return None
        is_changed = changed is not node or isinstance(changed.ctx, ast.Store)
        return changed.value if is_changed else None

    return _names_in(statement, ast.Store) | _names_below(statement, owner)


def _names_below(root: ast.AST, chosen: Callable[[ast.AST], ast.AST | None]) -> set[str]:
    """The variables that are read in one of the nodes that ``chosen`` gives for a node below the
    root. Each node is visited once.
    """
    found = set()
    inside: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        is_inside = id(node) in inside
        if is_inside and isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        part = chosen(node)
        if part is not None:
            inside.add(id(part))
        for child in ast.iter_child_nodes(node):
            if is_inside:
                inside.add(id(child))
            waiting.append(child)
    return found


def _plain_values(file: CodeFile) -> set[str]:
    """The file's own variables that are given nothing but what is written there."""
    values: dict[str, list[ast.expr]] = {}
    for node in file.nodes(ast.Assign):
        if not file.is_within(node, *_SCOPES):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
    return {
        name for name, given in values.items() if all(isinstance(one, _LITERALS) for one in given)
    }


def _exits(body: list[ast.stmt], file: CodeFile) -> Iterator[tuple[str, Location]]:
    """Where the loop is left, in the order of the lines: a ``break`` of an inner loop leaves
    only that one.
    """
    found: list[tuple[str, Location]] = []
    nodes: list[tuple[ast.AST, bool]] = [(statement, True) for statement in body]
    while nodes:
        node, is_own = nodes.pop()
        if isinstance(node, _SCOPES):
            continue
        word = _word(node, file)
        if word is not None and (is_own or word != "break"):
            found.append((word, file.place(node)))
        for field, value in ast.iter_fields(node):
            inner = is_own and not (isinstance(node, get_args(_Loop)) and field == "body")
            children = value if isinstance(value, list) else [value]
            nodes += [(child, inner) for child in children if isinstance(child, ast.AST)]
    yield from sorted(found, key=lambda each: each[1].line)


def _word(node: ast.AST, file: CodeFile) -> str | None:
    if isinstance(node, ast.Break):
        return "break"
    if isinstance(node, ast.Return):
        return "return"
    if isinstance(node, ast.Raise):
        return "raise"
    if isinstance(node, ast.Call):
        name = file.resolve(node.func)
        return f"{name}()" if name in EXITS else None
    return None
