"""What the fields of a model are made of: for the loader and the documents."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar, get_args, get_origin

from pydantic.fields import FieldInfo

from grader.exercise.base import Model
from grader.exercise.names import NamesRole
from grader.exercise.wording import Takes

T = TypeVar("T")


def language_keys() -> frozenset[str]:
    """Every key of the language, whatever it belongs to."""
    found: set[str] = set()
    waiting = list(Model.__subclasses__())
    while waiting:
        model = waiting.pop()
        found |= model.fields_by_key().keys()
        waiting += model.__subclasses__()
    return frozenset(found)


def model_in(annotation: Any) -> type[Model] | None:
    """The model that a field is made of, alone or in a list or a mapping of names."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, Model) else None
    found = (model_in(argument) for argument in get_args(annotation))
    return next((model for model in found if model is not None), None)


def is_made_of(annotation: Any, kind: type) -> bool:
    """Whether ``kind`` (such as ``dict``) is a field's type or a part of it."""
    if annotation is kind or get_origin(annotation) is kind:
        return True
    return any(is_made_of(argument, kind) for argument in get_args(annotation))


def metadata_of(field: FieldInfo, kind: type[T]) -> T | None:
    """The outermost part of that kind in a field's annotations."""
    parts = [*reversed(field.metadata), *_metadata_in(field.annotation)]
    return next((part for part in parts if isinstance(part, kind)), None)


def takes_of(field: FieldInfo) -> Takes | None:
    """What a field's type says that it takes."""
    return metadata_of(field, Takes)


def roles_in(part: object) -> Iterator[str]:
    """The names of processes and groups that a check, or a part of one, is about."""
    if isinstance(part, Model):
        names_role = _role_fields(type(part))
        for name in type(part).model_fields:
            value = getattr(part, name)
            if name in names_role and value is not None:
                yield value
            else:
                yield from roles_in(value)
    elif isinstance(part, tuple):
        for one in part:
            yield from roles_in(one)


@cache
def _role_fields(model: type[Model]) -> frozenset[str]:
    return frozenset(
        name for name, field in model.model_fields.items() if metadata_of(field, NamesRole)
    )


def _metadata_in(annotation: Any) -> Iterator[Any]:
    for part in reversed(getattr(annotation, "__metadata__", ())):
        yield part
        if isinstance(part, FieldInfo):
            yield from part.metadata
    for argument in getattr(annotation, "__args__", ()):
        yield from _metadata_in(argument)
