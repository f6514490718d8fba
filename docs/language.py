"""Writes the reference of the language of exercises, and its JSON Schema for editors.

    python docs/language.py

The introduction of the reference is written by hand, above a mark; what is below the mark comes
from the models, so that it cannot disagree with them. The schema cannot say which names and
numbers depend on each other: the loader reports those.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from textwrap import dedent
from typing import Any

from annotated_types import Ge, Gt, Le, MinLen
from pydantic.fields import FieldInfo

from grader.exercise import (
    RELATIONS,
    Beginning,
    Cast,
    Check,
    DialogueStep,
    Exercise,
    Expectation,
    Limits,
    Model,
    Moment,
    Peer,
    Run,
    Schedules,
)
from grader.exercise.base import OneValue, RelationModel, kebab
from grader.exercise.fields import is_made_of, metadata_of, model_in, takes_of
from grader.exercise.lines import Times, Values
from grader.exercise.relations.sections import SectionLine
from grader.exercise.rules import HowMany, KeyRule
from grader.exercise.wording import Takes, listed

MARK = "<!-- Below this line: written by `python docs/language.py`. -->"
DOCUMENT = "exercise-language.md"
SCHEMA = "exercise.schema.json"

Schema = dict[str, Any]


def with_reference(document: str) -> str:
    """``document`` with everything below its mark written anew.

    Raises:
        ValueError: it has no mark.
    """
    introduction, mark, _ = document.partition(MARK)
    if not mark:
        raise ValueError(f"the document has no line {MARK!r}")
    return f"{introduction}{MARK}\n\n{reference()}"


def schema_text() -> str:
    """The JSON Schema as the file has it."""
    return json.dumps(exercise_schema(), indent=2, ensure_ascii=False) + "\n"


def reference() -> str:
    """All keys of the language, in Markdown."""
    sections = [
        _section("## An exercise", Exercise),
        _section("## `run`", Run),
        _section("## `schedules`", Schedules),
        _section("## `limits`", Limits),
        _section("## A peer", Peer),
        _section("## What a peer waits for", Beginning),
        _section("## A step of the dialogue", DialogueStep),
        _section("## What is expected", Expectation),
        _section("## A name of the cast", Cast),
        _section("## A moment", Moment),
        _section("## How often", Times),
        _section("## Which values", Values),
        _section("## The line of a section", SectionLine),
        _section("## A check", Check, hidden=tuple(RELATIONS)),
        _relations(),
    ]
    return "\n".join(sections)


def _section(heading: str, model: type[Model], hidden: tuple[str, ...] = ()) -> str:
    return "\n".join([heading, "", *_description(model, hidden), ""])


def _description(model: type[Model], hidden: tuple[str, ...] = ()) -> Iterator[str]:
    yield from [description(model), ""]
    yield from [f"Written so: `{model.EXAMPLE}`", ""]
    yield from ["| key | takes | left out | meaning |", "|---|---|---|---|"]
    meaning = meanings(model)
    for key, field in model.fields_by_key().items():
        if key not in hidden:
            cells = (f"`{key}`", _takes(field), _default(field), meaning[key])
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    rules = [rule for rule in map(_rule, model.RULES) if not hidden]
    if rules:
        yield from ["", *rules]


def _relations() -> str:
    lines = ["## The relations", ""]
    for key, relation in RELATIONS.items():
        lines += [f"### `{key}`", "", *_relation(key, relation)]
        lines += ["", "```yaml", relation.SAMPLE.rstrip(), "```", ""]
    return "\n".join(lines)


def _relation(key: str, relation: type[RelationModel]) -> Iterator[str]:
    if issubclass(relation, OneValue):
        yield f"{description(relation)} It takes {_takes(Check.fields_by_key()[key])}."
    else:
        yield from _description(relation)


def _takes(field: FieldInfo) -> str:
    takes, model = takes_of(field), model_in(field.annotation)
    if model is None or (takes is not None and takes.schema):
        return takes.words if takes else ""
    link = f"[{model.PLACE}](#{model.PLACE.replace(' ', '-')})"
    if is_made_of(field.annotation, dict):
        return f"names, each with what it stands for: {link}"
    return f"a list, each item {link}" if is_made_of(field.annotation, tuple) else link


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "not allowed"
    default = field.get_default(call_default_factory=True)
    if default is None or isinstance(default, (dict, Model)) or default in ((), ""):
        return ""
    if isinstance(default, tuple):
        return ", ".join(f"`{one.value}`" for one in default)
    return f"`{(metadata_of(field, Takes) or Takes('')).shown(default)}`"


def _rule(rule: KeyRule) -> str:
    if not isinstance(rule, HowMany):
        others = listed((f"`{key}`" for key in rule.others), "or")
        return f"- `{rule.key}` goes with {others} only."
    keys = [f"`{key}`" for key in rule.keys]
    if rule.least == 0:
        return f"- {listed(keys, 'and')} do not go together."
    return f"- {'Exactly' if rule.most == 1 else 'At least'} one of {listed(keys)}."


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


def main(folder: Path) -> None:
    """Write both files anew in the folder of the documents."""
    document = folder / DOCUMENT
    document.write_text(with_reference(document.read_text("utf-8")), "utf-8")
    (folder / SCHEMA).write_text(schema_text(), "utf-8")


if __name__ == "__main__":
    main(Path(__file__).parent)
