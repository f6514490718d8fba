"""Which keys stand in a file, against those that the language has: the shape of an exercise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from grader.exercise.base import Model
from grader.exercise.document import Document, pairs
from grader.exercise.families import FamilyError, family_names, find_family
from grader.exercise.fields import allowed_keys, is_made_of, model_in
from grader.exercise.model import Check
from grader.exercise.problem import Problem
from grader.exercise.scalar import Written
from grader.exercise.wording import did_you_mean, listed
from grader.messages import Localized


def wrong_keys(document: Document, node: yaml.Node, model: type[Model]) -> Iterator[Problem]:
    """Unknown, missing, repeated, empty and contradictory keys, in a mapping and all below it."""
    if not isinstance(node, yaml.MappingNode):
        return
    yield from _repeated(document, node)
    allowed = allowed_keys(model)
    given: list[str] = []
    plugins: list[str] = []
    all_known = True
    for key, value in pairs(node):
        family = _family(document, model, key)
        if isinstance(family, Problem):
            yield family
            all_known = False
        elif key not in allowed and family is None:
            yield document.problem(_unknown(key, model, node), key.node)
            all_known = False
        else:
            given += [key] if key not in given else []
            plugins += [key] if family is not None else []
            annotation = family or model.model_fields[allowed[key]].annotation
            yield from _below(document, key, value, annotation)
    if all_known:
        yield from _missing(document, node, model, given)
        nodes = {str(key): key.node for key, _ in pairs(node)}
        for problem, culprit in model.broken_rules(given, tuple(plugins)):
            yield document.problem(problem, nodes.get(culprit or "", node))


def _below(
    document: Document, key: Written, value: yaml.Node, annotation: Any
) -> Iterator[Problem]:
    """What is wrong with the keys in a field's value."""
    if isinstance(value, yaml.ScalarNode) and Written(value).kind == "nothing" and not value.value:
        message = f"'{key}' has no value: give it one, or delete the line"
        yield document.problem(message, key.node)
        return
    model = model_in(annotation)
    if model is None:
        if isinstance(value, yaml.MappingNode) and is_made_of(annotation, Localized):
            yield from _repeated(document, value)
        return
    if is_made_of(annotation, dict) and isinstance(value, yaml.MappingNode):
        yield from _repeated(document, value)
        for name, described in pairs(value):
            yield from _below(document, name, described, model)
        return
    for node in _leaves(value):
        yield from wrong_keys(document, node, model)


def _leaves(node: yaml.Node) -> Iterator[yaml.Node]:
    """The items of a list and of the lists in it, or the node itself."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _leaves(item)
    else:
        yield node


def _repeated(document: Document, node: yaml.MappingNode) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            yield document.problem("a key is one word, with ': ' after it", key)
        elif key.value in first:
            message = f"'{key.value}' stands here twice: the first is in line {first[key.value]}"
            yield document.problem(message, key)
        else:
            first[key.value] = key.start_mark.line + 1


def _family(document: Document, model: type[Model], key: Written) -> type[Model] | Problem | None:
    """The parameters of the installed family that a key of a check names."""
    if model is not Check or key in allowed_keys(model):
        return None
    try:
        family = find_family(key)
    except FamilyError as error:
        return document.problem(str(error), key.node)
    return family.parameters if family else None


def _unknown(key: str, model: type[Model], node: yaml.MappingNode) -> str:
    allowed = [*allowed_keys(model), *(family_names() if model is Check else ())]
    given = {str(other) for other, _ in pairs(node)}
    hint = did_you_mean(key, [one for one in allowed if one not in given])
    return f"unknown key '{key}' in {model.PLACE}.{hint} Allowed here: {listed(allowed)}"


def _missing(
    document: Document, node: yaml.MappingNode, model: type[Model], given: list[str]
) -> Iterator[Problem]:
    missing = [
        key
        for key, name in allowed_keys(model).items()
        if model.model_fields[name].is_required() and key not in given
    ]
    if missing:
        names = listed((f"'{key}'" for key in missing), "and")
        yield document.problem(f"{model.PLACE} needs {names}", node)
