"""What beginners get wrong about the attributes of processes, above all about their names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.daemons import not_ending
from grader.checks.mistakes.model import Detected
from grader.checks.words import code
from grader.messages import say
from grader.source import Code, CodeFile
from grader.trace import Location

_ATTRIBUTES = ("daemon", "name", "authkey", "exitcode", "ident", "pid", "sentinel")
_ALIKE = 0.7
_BEGINNINGS = frozenset({"start", "join", "is_alive", "terminate", "kill"})
"""Methods by whose calls a variable is known to stand for a process."""


@dataclass(frozen=True)
class _Assignment:
    """``owner.attribute = ...``, where a Process has no such attribute but one ``like`` it."""

    owner: str
    attribute: str
    like: str
    place: Location


def detect_misspelt(attribute: str, context: JudgeContext) -> Iterator[Detected]:
    """``p.deamon = True``: Python makes a new attribute, and a process stays what it was."""
    for found in _misspelt(context.code):
        if found.like != attribute:
            continue
        yield Detected(
            Feedback(
                say(
                    "{line} gives {owner} an attribute {attribute}. A `Process` has no attribute "
                    "of that name.",
                    line=context.line_as_subject(found.place),
                    owner=code(found.owner),
                    attribute=code(found.attribute),
                ),
                say(
                    "Python lets you assign to any name without an error. Only the names that "
                    "`Process` itself knows change the process."
                ),
                say("Which attribute is meant there, and how is it spelled, letter for letter?"),
                found.place,
            ),
            frozenset(not_ending(context) if attribute == "daemon" else ()),
        )


def _misspelt(submitted: Code) -> Iterator[_Assignment]:
    used = {
        node.attr
        for file in submitted.files
        for node in file.nodes(ast.Attribute)
        if isinstance(node.ctx, ast.Load)
    }
    for file in submitted.files:
        owners = _processes(file, submitted)
        for owner, target in _assigned(file):
            if target.attr in _ATTRIBUTES or owner not in owners:
                continue
            for like in get_close_matches(target.attr.lower(), _ATTRIBUTES, 1, _ALIKE):
                if target.attr in used and sorted(target.attr) != sorted(like):
                    continue  # a name of the script's own
                yield _Assignment(owner, target.attr, like, file.place(target))


def _assigned(file: CodeFile) -> Iterator[tuple[str, ast.Attribute]]:
    """Every attribute that is assigned to, in the order of the lines, and of which variable."""
    found = [
        (node.value.id, node)
        for node in file.nodes(ast.Attribute)
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
    ]
    yield from sorted(found, key=lambda each: (each[1].lineno, each[1].col_offset))


def _processes(file: CodeFile, submitted: Code) -> frozenset[str]:
    """The variables that stand for processes: made as such, or asked for what one can do."""
    made = {id(each.node) for each in submitted.constructions}
    assigned = {
        target.id
        for node in file.nodes(ast.Assign)
        if id(node.value) in made
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    asked = {
        call.node.func.value.id
        for call in file.calls
        if isinstance(call.node.func, ast.Attribute)
        and call.node.func.attr in _BEGINNINGS
        and isinstance(call.node.func.value, ast.Name)
    }
    inside = {"self"} if any(each in submitted.process_classes for each in file.classes) else set()
    return frozenset(assigned | asked | inside)


def detect_overwritten_name(context: JudgeContext) -> Iterator[Detected]:
    """``self.name`` is set before ``super().__init__()``, which sets it once more."""
    classes = {each.name for each in context.code.process_classes}
    for file in context.code.files:
        for node in file.nodes(ast.ClassDef):
            if node.name not in classes:
                continue
            lines = _name_before_init(node)
            if lines is None:
                continue
            place = Location(file.name, lines[0])
            yield Detected(
                Feedback(
                    say(
                        "{line} sets the name, and {later} calls the `__init__` of `Process`, "
                        "which sets it once more.",
                        line=context.line_as_subject(place),
                        later=context.line(Location(file.name, lines[1])),
                    ),
                    say(
                        "The `__init__` of `Process` chooses a name such as `{name}-1` if it is "
                        "given none. What was set before is lost, and Python does not complain.",
                        name=node.name,
                    ),
                    say("Which of the two lines has the last word now, and which should have it?"),
                    place,
                )
            )
            return


def _name_before_init(node: ast.ClassDef) -> tuple[int, int] | None:
    """The lines of an assignment to ``self.name`` and of the base's ``__init__`` after it that
    is given no name.
    """
    for method in node.body:
        if not isinstance(method, ast.FunctionDef) or method.name != "__init__":
            continue
        assigned = [
            each.lineno
            for each in ast.walk(method)
            if isinstance(each, ast.Attribute)
            and each.attr == "name"
            and isinstance(each.ctx, ast.Store)
        ]
        base = [
            each.lineno
            for each in ast.walk(method)
            if isinstance(each, ast.Call)
            and isinstance(each.func, ast.Attribute)
            and each.func.attr == "__init__"
            and not any(keyword.arg in ("name", None) for keyword in each.keywords)
        ]
        if assigned and base and max(assigned) < min(base):
            return assigned[0], base[0]
    return None
