"""An attribute of a process whose name is nearly that of one which a Process has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from grader.checks.diagnosis.model import Diagnosis
from grader.checks.feedback import Feedback
from grader.checks.scene import Scene
from grader.checks.words import code
from grader.exercise import Check, Relation
from grader.messages import say
from grader.source import Code, CodeFile
from grader.trace import Location

_CHECKED_BY: dict[str, tuple[Relation, ...]] = {
    "daemon": ("daemon", "ended"),
    "name": ("named",),
}
"""What may be assigned to, and the checks that fail where it was not."""
_ATTRIBUTES = (*_CHECKED_BY, "authkey", "exitcode", "ident", "pid", "sentinel")
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


def of_misspelt_attribute(scene: Scene) -> Iterator[Diagnosis]:
    """``p.deamon = True``: Python makes a new attribute, and a process stays what it was."""
    for found in _misspelt(scene.code):
        relations = _CHECKED_BY.get(found.like, ())

        def explains(check: Check, _: object, relations: tuple[str, ...] = relations) -> bool:
            return check.relation in relations

        yield Diagnosis(
            "misspelt-attribute",
            Feedback(
                say(
                    "{line} gives {owner} an attribute {attribute}. A `Process` has no attribute "
                    "of that name.",
                    line=scene.line_as_subject(found.place),
                    owner=code(found.owner),
                    attribute=code(found.attribute),
                ),
                say(
                    "Python lets one assign to any name, without an error. Only what a `Process` "
                    "itself calls so changes the process."
                ),
                say("Which attribute is meant there, and how is it spelled, letter for letter?"),
                found.place,
            ),
            explains,
            relations,
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
            if target.attr in used or target.attr in _ATTRIBUTES or owner not in owners:
                continue
            for like in get_close_matches(target.attr.lower(), _ATTRIBUTES, 1, _ALIKE):
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
    inside = {"self"} if any(each.name in _names(submitted) for each in file.classes) else set()
    return frozenset(assigned | asked | inside)


def _names(submitted: Code) -> frozenset[str]:
    return frozenset(each.name for each in submitted.process_classes)
