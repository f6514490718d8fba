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


def models_in(part: object) -> Iterator[Model]:
    """The models that a check, or a part of one, is made of: each before what is in it."""
    if isinstance(part, Model):
        yield part
        for name in type(part).model_fields:
            yield from models_in(getattr(part, name))
    elif isinstance(part, tuple):
        for one in part:
            yield from models_in(one)


def texts_in(part: object, kind: type) -> Iterator[str]:
    """The values of the fields of a check, or of a part of one, whose type has a part of that kind
    in its annotations: in the order in which they stand in each model.
    """
    for model in models_in(part):
        for name in fields_with(type(model), kind):
            value = getattr(model, name)
            if value is not None:
                yield value


def roles_in(part: object) -> Iterator[str]:
    """The names of processes and groups that a check, or a part of one, is about."""
    return texts_in(part, NamesRole)


@cache
def fields_with(model: type[Model], kind: type) -> tuple[str, ...]:
    """The fields of a model whose type has a part of that kind in its annotations."""
    return tuple(
        name for name, field in model.model_fields.items() if metadata_of(field, kind) is not None
    )


def _metadata_in(annotation: Any) -> Iterator[Any]:
    for part in reversed(getattr(annotation, "__metadata__", ())):
        yield part
        if isinstance(part, FieldInfo):
            yield from part.metadata
    for argument in getattr(annotation, "__args__", ()):
        yield from _metadata_in(argument)
