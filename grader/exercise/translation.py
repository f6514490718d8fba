"""pydantic's findings in a teacher's words, each at its line and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import yaml
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from grader.exercise.base import Model
from grader.exercise.document import Document, pairs
from grader.exercise.families import FamilyError, family_names
from grader.exercise.fields import model_in, takes_of
from grader.exercise.model import Check, Exercise, relation_model
from grader.exercise.pattern import PatternError
from grader.exercise.problem import Problem
from grader.exercise.relations import RELATIONS
from grader.exercise.rules import KeyRuleError
from grader.exercise.scalar import Written
from grader.exercise.values import NotTextError
from grader.exercise.wording import did_you_mean, listed


def translated(
    document: Document, error: ValidationError, model: type[Model] = Exercise
) -> Iterator[Problem]:
    """The problems of a file that its models found. ``model`` is that of the file as a whole."""
    found = [(each, tuple(each["loc"][:-1])) for each in error.errors(include_url=False)]
    unknown = {above for details, above in found if details["type"] == "extra_forbidden"}
    missing: dict[tuple[int | str, ...], list[str]] = {}
    for details, above in found:
        if details["type"] == "missing" and above not in unknown:
            missing.setdefault(above, []).append(str(details["loc"][-1]))
    for above, keys in missing.items():
        place = _Place(document, above, model)
        names = [f"'{key}'" for key in keys if key in place.model.fields_by_key()]
        if names:  # else it is a relation that is missing, and a rule says so
            yield document.problem(f"{place.model.PLACE} needs {listed(names, 'and')}", place.node)
    for details, above in found:
        if details["type"] == "extra_forbidden":
            yield _unknown(document, _Place(document, above, model), str(details["loc"][-1]))
        elif details["type"] != "missing":
            yield from _problem(document, _Place(document, details["loc"], model), details)


class _Place:
    """Where an error is: the node, the key that leads to it, and the field that it is for.

    pydantic's path has more steps than the file has levels, such as the branch of a union that
    was taken; a step that leads nowhere in the file is one of those.
    """

    def __init__(
        self, document: Document, location: Sequence[int | str], model: type[Model]
    ) -> None:
        self.node: yaml.Node = document.root
        self.key_node: yaml.Node = document.root
        self.key = ""
        self.field: FieldInfo | None = None
        self.model = model
        self._is_value = False
        for step in location:
            if isinstance(step, int):
                if isinstance(self.node, yaml.SequenceNode):
                    self.node, self._is_value = self.node.value[step], False
            elif step == "[key]":
                self.node, self._is_value = self.key_node, False
            elif isinstance(self.node, yaml.MappingNode):
                self._descend(self.node, step)

    @property
    def is_left_empty(self) -> bool:
        """A key without a value."""
        node = self.node
        is_empty = isinstance(node, yaml.ScalarNode) and not node.value and not node.style
        return self._is_value and is_empty

    def _descend(self, node: yaml.MappingNode, step: str) -> None:
        for key, value in pairs(node):
            if key == step:
                self.key, self.node, self.key_node = str(key), value, key.node
                self._is_value = True
                self._enter(key)
                return

    def _enter(self, key: str) -> None:
        self.field = self.model.fields_by_key().get(key)
        if self.field is not None:
            self.model = model_in(self.field.annotation) or self.model
        elif self.model is Check:
            with suppress(FamilyError):  # `Check.broken_rules` says so
                self.model = relation_model(key) or self.model


def _unknown(document: Document, place: _Place, key: str) -> Problem:
    assert isinstance(place.node, yaml.MappingNode)
    written = {str(each): each.node for each, _ in pairs(place.node)}
    allowed = [*place.model.fields_by_key(), *(family_names() if place.model is Check else ())]
    hint = did_you_mean(key, [each for each in allowed if each not in written])
    message = f"unknown key '{key}' in {place.model.PLACE}.{hint} Allowed here: {listed(allowed)}"
    return document.problem(message, written[key])


def _problem(document: Document, place: _Place, details: ErrorDetails) -> Iterator[Problem]:
    node = place.node
    cause = details.get("ctx", {}).get("error")
    if isinstance(cause, KeyRuleError):
        assert isinstance(node, yaml.MappingNode)  # such a rule is about the keys of one
        culprits = [key.node for key, _ in pairs(node) if key == cause.key]
        yield document.problem(str(cause), culprits[0] if culprits else node)
    elif place.is_left_empty:
        message = f"'{place.key}' has no value: give it one, or delete the line"
        yield document.problem(message, place.key_node)
    elif isinstance(cause, PatternError):
        yield document.problem(str(cause), _part(document, node, cause.word, cause.offset))
    elif isinstance(cause, NotTextError):
        yield document.problem(_not_a_text(document, place), node)
    elif isinstance(cause, ValueError):
        yield document.problem(str(cause), node)
    elif details["type"] != "too_short" or len(node.value) < details["ctx"]["min_length"]:
        # pydantic does not count the items that are wrong themselves
        yield document.problem(_sentence(place, details), node)


def _part(document: Document, node: yaml.Node, word: str, offset: int) -> yaml.Node:
    """The part of a scalar that a pattern error is about, where the file shows it as it is."""
    source = document.source(node)
    start = offset + (1 if source[:1] in ("'", '"') else 0)
    if not word or not source.startswith(word, start) or "\n" in source:
        return node
    begin, line, column = (
        node.start_mark.index + start,
        node.start_mark.line,
        node.start_mark.column,
    )
    return yaml.ScalarNode(
        node.tag,
        word,
        yaml.Mark("", begin, line, column + start, "", 0),
        yaml.Mark("", begin + len(word), line, column + start + len(word), "", 0),
    )


def _not_a_text(document: Document, place: _Place) -> str:
    node, key = place.node, place.key
    source = document.source(node).strip()
    if isinstance(node, yaml.ScalarNode):
        return "a text is missing here"
    kind = "a mapping" if isinstance(node, yaml.MappingNode) else "a list"
    takes = takes_of(place.field) if place.field else None
    if takes is not None and not takes.words.startswith(("a text", "a [pattern]")):
        relation = RELATIONS.get(key) if place.model is Check else None
        example = f", as in {key}: {relation.EXAMPLE}" if relation else ""
        return f"'{key}' takes no {kind.removeprefix('a ')}: write {takes.words}{example}"
    if source[:1] in ("{", "[") and "\n" not in source and "'" not in source:
        return f"YAML reads {source} as {kind}. Put the text in quotes: {key}: '{source}'"
    return f"'{key}' takes one text, and {kind} stands here: write {key}: '...' in quotes"


def _sentence(place: _Place, details: ErrorDetails) -> str:
    """What a finding of pydantic's own means."""
    kind, context = details["type"], details.get("ctx", {})
    written = f"'{Written(place.node)}'" if isinstance(place.node, yaml.ScalarNode) else "this"
    if kind in ("model_type", "model_attributes_type"):
        return _not_a_mapping(place.model)
    if kind == "dict_type":
        return f"'{place.key}' takes keys with values, a line each, such as name: {{...}}"
    if kind in ("tuple_type", "list_type"):
        return f"'{place.key}' takes a list: [...] or items on lines that begin with '- '"
    if kind == "too_short":
        least, items = context["min_length"], len(place.node.value)
        return (
            f"at least {least} {'item is' if least == 1 else 'items are'} needed here, not {items}"
        )
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"{written} is out of bounds: write {words} {context[bound]}"
    takes = takes_of(place.field) if place.field else None
    return f"{written} does not fit here" + (f": write {takes.words}" if takes else "")


_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
"""pydantic's name for what is broken -> how it is worded, and the key of the bound."""


def _not_a_mapping(model: type[Model]) -> str:
    return (
        f"{model.PLACE} is written with keys, such as {model.EXAMPLE}. "
        f"Allowed here: {listed(model.fields_by_key())}"
    )
