"""Writes the reference of the language of exercises, and its JSON Schema for editors.

    python docs/language.py

The introduction of the reference is written by hand, above a mark; what is below the mark comes
from the models, so that it cannot disagree with them. The schema cannot say which names and
numbers depend on each other: the loader reports those.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from grader.authoring.schema import SCHEMA, description, meanings, schema_text
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
from grader.exercise.base import OneValue, RelationModel
from grader.exercise.fields import is_made_of, metadata_of, model_in, takes_of
from grader.exercise.lines import Times, Values
from grader.exercise.relations.sections import SectionLine
from grader.exercise.rules import HowMany, KeyRule
from grader.exercise.wording import Takes, listed

MARK = "<!-- Below this line: written by `python docs/language.py`. -->"
DOCUMENT = "exercise-language.md"


def with_reference(document: str) -> str:
    """``document`` with everything below its mark written anew.

    Raises:
        ValueError: it has no mark.
    """
    introduction, mark, _ = document.partition(MARK)
    if not mark:
        raise ValueError(f"the document has no line {MARK!r}")
    return f"{introduction}{MARK}\n\n{reference()}"


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


def main(folder: Path) -> None:
    """Write both files anew in the folder of the documents."""
    document = folder / DOCUMENT
    document.write_text(with_reference(document.read_text("utf-8")), "utf-8")
    (folder / SCHEMA).write_text(schema_text(), "utf-8")


if __name__ == "__main__":
    main(Path(__file__).parent)
