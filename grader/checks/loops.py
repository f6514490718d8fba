"""The loop in which a line of the script stands, and what keeps it going round."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from grader.checks.code import Code, CodeFile
from grader.trace import Location

EXITS = ("SystemExit", "exit", "quit", "sys.exit", "os._exit")
"""Calls that end a process."""
_ASKS_WHETHER_ALIVE = (".is_alive()", ".exitcode")
_Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Loop = (ast.While, ast.For, ast.AsyncFor)
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
        return self.asks is not None and any(each in self.asks for each in _ASKS_WHETHER_ALIVE)


def loop_around(place: Location, code: Code) -> Loop | None:
    """The innermost loop that the line belongs to, in the same function."""
    for file in code.files:
        if file.name == place.file:
            found = _innermost(file.tree, place.line)
            return None if found is None else _described(found, file)
    return None


def written_back(code: Code) -> Location | None:
    """The first line that gives a shared ``.value`` something that was worked out of what it was,
    ``counter.value += 1`` say, and that outside every ``with``; None if there is none.
    """
    for file in code.files:
        nodes: list[ast.AST] = [file.tree]
        found: list[Location] = []
        while nodes:
            node = nodes.pop()
            if isinstance(node, ast.With):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets = [node.target] if isinstance(node, ast.AugAssign) else targets
            worked_out = isinstance(node, ast.AugAssign) or (
                isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp)
            )
            if worked_out and any(
                isinstance(each, ast.Attribute) and each.attr == "value" for each in targets
            ):
                found.append(file.place(node))
            nodes += ast.iter_child_nodes(node)
        if found:
            return min(found, key=lambda place: place.line)
    return None


def _innermost(tree: ast.Module, line: int) -> ast.While | ast.For | ast.AsyncFor | None:
    loop: ast.While | ast.For | ast.AsyncFor | None = None
    nodes: list[ast.AST] = [tree]
    while nodes:
        node = nodes.pop()
        for child in ast.iter_child_nodes(node):
            if _spans(child, line):
                if isinstance(child, _Loop):
                    loop = child if line <= _last_line(child.body) else loop
                elif isinstance(child, _Function) and not isinstance(child, ast.Lambda):
                    loop = None
                nodes = [child]
                break
    return loop


def _spans(node: ast.AST, line: int) -> bool:
    if not isinstance(node, (ast.stmt, ast.ExceptHandler, ast.match_case)):
        return False
    if isinstance(node, ast.match_case):
        return node.pattern.lineno <= line <= _last_line(node.body)
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _last_line(body: list[ast.stmt]) -> int:
    return body[-1].end_lineno or body[-1].lineno


def _described(loop: ast.While | ast.For | ast.AsyncFor, file: CodeFile) -> Loop:
    test = loop.test if isinstance(loop, ast.While) else None
    if isinstance(test, ast.Constant):
        test = None
    asked = set() if test is None else _names_in(test, ast.Load)
    inside = {name for statement in loop.body for name in _changed_in(statement)}
    plain = asked - inside - (set() if test is None else _owners_in(test))
    copied = sorted(plain & _plain_values(file))
    return Loop(
        file.place(loop),
        not isinstance(loop, ast.While),
        None if test is None else ast.unparse(test),
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
    changed = _names_in(statement, ast.Store)
    for node in ast.walk(statement):
        owner = node.func if isinstance(node, ast.Call) else node
        if not isinstance(owner, (ast.Attribute, ast.Subscript)):
            continue
        if owner is not node or isinstance(owner.ctx, ast.Store):
            changed |= _names_in(owner.value, ast.Load)
    return changed


def _owners_in(test: ast.expr) -> set[str]:
    """The variables of which an attribute is asked for."""
    return {
        name
        for node in ast.walk(test)
        if isinstance(node, ast.Attribute)
        for name in _names_in(node.value, ast.Load)
    }


def _plain_values(file: CodeFile) -> set[str]:
    """The file's own variables that are given nothing but what is written there."""
    values: dict[str, list[ast.expr]] = {}
    nodes: list[ast.AST] = list(file.tree.body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, (*_Function, ast.ClassDef)):
            continue
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
        nodes += ast.iter_child_nodes(node)
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
        if isinstance(node, (*_Function, ast.ClassDef)):
            continue
        word = _word(node, file)
        if word is not None and (is_own or word != "break"):
            found.append((word, file.place(node)))
        for field, value in ast.iter_fields(node):
            inner = is_own and not (isinstance(node, _Loop) and field == "body")
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
