"""The other side of a connection has hung up, and that goes unnoticed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.model import Detected
from grader.messages import say
from grader.source import CodeFile
from grader.trace import Location, Outcome
from grader.trace.naming import seconds

_WITHOUT_END = (Outcome.CPU_LIMIT, Outcome.TIME_LIMIT, Outcome.EVENT_LIMIT)


def detect_unseen_end(context: JudgeContext) -> Iterator[Detected]:
    """A loop reads empty bytes again and again, and does not ask for them."""
    if context.trace.outcome not in _WITHOUT_END:
        return
    busy = [
        each
        for each in context.trace.processes
        if each.number in context.own and each.killed_by_grader and each.cpu
    ]
    places = [place for file in context.code.files for place in _unquestioned_reads(file)]
    if not busy or not places:
        return
    busiest = max(busy, key=lambda each: each.cpu)
    yield Detected(
        Feedback(
            say(
                "{name} went round and round its loop at {line} until it had used {cpu} on the "
                "processor.",
                name=context.subject(busiest.number),
                line=context.line(places[0]),
                cpu=seconds(busiest.cpu),
            ),
            say(
                "When the other side has closed the connection, `recv` no longer waits: it "
                "returns empty bytes, `b''`, at once, every time. This loop does not check for "
                "them."
            ),
            say(
                "How does a process see that the other side has gone, and what should follow then?"
            ),
            places[0],
        )
    )


def _unquestioned_reads(file: CodeFile) -> Iterator[Location]:
    """Where a loop reads from a connection and never asks what it got."""
    for loop in file.nodes(ast.While, ast.For):
        asked = {
            name.id
            for node in ast.walk(loop)
            if isinstance(node, (ast.If, ast.While, ast.IfExp, ast.Assert))
            for name in ast.walk(node.test)
            if isinstance(name, ast.Name)
        }
        for statement in ast.walk(loop):
            if isinstance(statement, (ast.Assign, ast.Expr)) and _reads(statement.value):
                names = statement.targets if isinstance(statement, ast.Assign) else []
                if not any(isinstance(name, ast.Name) and name.id in asked for name in names):
                    yield file.place(statement)


def _reads(value: ast.expr) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "recv"
        for node in ast.walk(value)
    )
