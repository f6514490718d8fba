"""Holes with names of the teacher's own: the same text wherever the name stands in a check."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import TypeVar

from grader.exercise.base import Model
from grader.exercise.fields import fields_with, texts_in
from grader.exercise.pattern import Pattern, PatternError, parse_pattern, refuse_named
from grader.exercise.values import MayName

P = TypeVar("P")

_Path = tuple[int | str, ...]
"""Keys and places in lists."""


def names_in(part: object) -> tuple[str, ...]:
    """The names of such holes in a check, or in a part of one, each once."""
    patterns = map(parse_pattern, texts_in(part, MayName))
    return tuple(dict.fromkeys(name for pattern in patterns for name in pattern.named_holes))


def wrong_names(relation: str, given: object) -> Iterator[tuple[_Path, str, PatternError]]:
    """The patterns of a check, as the file has it, with a name that stands nowhere else in it, each
    with where it is and what is wrong: a name that stands alone says nothing, and is a misspelt one
    most often. Texts that are no patterns are left to their fields.
    """
    keys = ("prints", "text") if relation == "prints" else ("prints",)
    patterns = list(_given_patterns(given, keys, ()))
    names = [name for _, _, pattern in patterns for name in pattern.named_holes]
    known = {name for name in names if names.count(name) > 1}
    for path, source, pattern in patterns:
        try:
            refuse_named(pattern, known, names)
        except PatternError as error:
            yield path, source, error


def _given_patterns(
    given: object, keys: Collection[str], path: _Path
) -> Iterator[tuple[_Path, str, Pattern]]:
    """The patterns under these keys, and where they stand."""
    if isinstance(given, dict):
        for key, value in given.items():
            yield from _given_patterns(value, keys, (*path, str(key)))
    elif isinstance(given, (list, tuple)):
        for place, value in enumerate(given):
            yield from _given_patterns(value, keys, (*path, place))
    elif isinstance(given, str) and path and path[-1] in keys:
        with suppress(PatternError):
            yield path, given, parse_pattern(str(given))


def with_names_filled(part: P, texts: Mapping[str, str]) -> P:
    """A check, or a part of one, with these texts in the place of the holes of their names."""
    if isinstance(part, Model):
        patterns = fields_with(type(part), MayName)
        changed = {}
        for name in type(part).model_fields:
            value = getattr(part, name)
            if name in patterns and value is not None:
                changed[name] = _filled(value, texts)
            else:
                changed[name] = with_names_filled(value, texts)
        return part.model_copy(update=changed)
    if isinstance(part, tuple):
        return type(part)(with_names_filled(one, texts) for one in part)
    return part


def _filled(source: str, texts: Mapping[str, str]) -> str:
    for name, text in texts.items():
        literal = text.replace("{", "{{").replace("}", "}}").replace("*", "{*}")
        source = source.replace(f"{{{name}}}", literal)
    return source
