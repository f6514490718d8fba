"""The JSON Schema of an exercise file, by which editors complete keys and underline mistakes.

It cannot say which names and numbers depend on each other: the loader reports those.
"""

from __future__ import annotations

import ast
import inspect
import json
from itertools import combinations, pairwise
from textwrap import dedent
from typing import Any

from annotated_types import Ge, Gt, Le, MinLen
from pydantic.fields import FieldInfo

from grader.exercise import RELATIONS, Check, Exercise, Model
from grader.exercise.base import kebab
from grader.exercise.fields import is_made_of, metadata_of, model_in, takes_of
from grader.exercise.rules import HowMany, KeyRule

SCHEMA = "exercise.schema.json"
"""What its file is called."""

Schema = dict[str, Any]


def schema_text() -> str:
    """The JSON Schema as the file has it."""
    return json.dumps(exercise_schema(), indent=2, ensure_ascii=False) + "\n"


def exercise_schema() -> Schema:
    """The schema of an exercise file, in JSON Schema's dialect of 2020-12."""
    definitions: dict[str, Schema] = {}
    root = _model_schema(Exercise, definitions)
    del definitions[Exercise.__name__]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An exercise of grader",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _model_schema(model: type[Model], definitions: dict[str, Schema]) -> Schema:
    """The schema of a mapping; it and those that it refers to are added to ``definitions``."""
    schema: Schema = {"type": "object", "description": description(model)}
    definitions[model.__name__] = schema
    keys, meaning = model.fields_by_key(), meanings(model)
    schema["properties"] = {
        key: {**_type_schema(field, definitions), "description": meaning[key]}
        for key, field in keys.items()
    }
    required = [key for key, field in keys.items() if field.is_required()]
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    if model.RULES:
        schema["allOf"] = [_rule_schema(rule) for rule in model.RULES]
    return schema


def _type_schema(field: FieldInfo, definitions: dict[str, Schema]) -> Schema:
    takes, model = takes_of(field), model_in(field.annotation)
    if model is not None and model.__name__ not in definitions:
        _model_schema(model, definitions)
    if takes is not None and takes.schema:
        return {**takes.schema, **_bounds(field)}
    assert model is not None, "a field says what it takes, or is made of a model"
    reference = {"$ref": f"#/$defs/{model.__name__}"}
    if is_made_of(field.annotation, dict):
        return {"type": "object", "additionalProperties": reference}
    if is_made_of(field.annotation, tuple):
        return {"type": "array", "items": reference, **_bounds(field)}
    return reference


def _bounds(field: FieldInfo) -> Schema:
    """The bounds of a number or of a list's length. Those of quantities JSON cannot say."""
    takes = takes_of(field)
    if takes is not None and (takes.units or takes.schema.get("type") == "array"):
        return {}
    bounds: Schema = {}
    if (at_least := metadata_of(field, Ge)) is not None:
        bounds["minimum"] = at_least.ge
    if (more_than := metadata_of(field, Gt)) is not None:
        bounds["exclusiveMinimum"] = more_than.gt
    if (at_most := metadata_of(field, Le)) is not None:
        bounds["maximum"] = at_most.le
    if (length := metadata_of(field, MinLen)) is not None and takes is None:
        bounds["minItems"] = length.min_length
    return bounds


def _rule_schema(rule: KeyRule) -> Schema:
    if not isinstance(rule, HowMany):
        return {"dependentSchemas": {rule.key: {"anyOf": [_has(other) for other in rule.others]}}}
    if rule.least == 0:
        return {"not": {"anyOf": [{"required": list(two)} for two in combinations(rule.keys, 2)]}}
    return {"oneOf" if rule.most == 1 else "anyOf": [_has(key) for key in rule.keys]}


def _has(key: str) -> Schema:
    return {"required": [key]}


def description(model: type[Model]) -> str:
    """What the docstring of a model says, on one line."""
    return " ".join((model.__doc__ or "").split())


def meanings(model: type[Model]) -> dict[str, str]:
    """What the docstrings below the fields of a model say, by their keys, each on one line; of a
    check's relations, what their models say.

    pydantic could collect them, but would do so whenever the grader starts.
    """
    (definition,) = ast.parse(dedent(inspect.getsource(model))).body
    assert isinstance(definition, ast.ClassDef)
    own = {
        kebab(field.target.id): " ".join(below.value.value.split())
        for field, below in pairwise(definition.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }
    relations = {key: description(relation) for key, relation in RELATIONS.items()}
    return {**relations, **own} if model is Check else own
