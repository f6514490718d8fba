"""What is left when the program is over: in its files, and in its shared memory.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

import json
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator

from grader.exercise.base import RelationModel
from grader.exercise.rules import KeyRule, exactly_one
from grader.exercise.values import Flag, MethodName, PlainPattern, Text, plain_text
from grader.exercise.wording import Takes


def _as_json(value: object) -> object:
    """What JSON has in the place of what stands in a file."""
    if isinstance(value, dict):
        return {plain_text(key): _as_json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_json(each) for each in value]
    kind = getattr(value, "kind", None)
    if kind in ("true", "false", "nothing"):
        return {"true": True, "false": False}.get(kind)
    if kind == "number" and isinstance(value, str):
        return float(value) if "." in value else int(value)
    return value


JsonText = Annotated[
    str,
    BeforeValidator(
        lambda value: (
            value
            if type(value) is str  # and not `Written`
            else json.dumps(_as_json(value), ensure_ascii=False)
        )
    ),
    Takes(
        "a number, a text, a list or a mapping, as JSON holds it",
        {"type": ["string", "number", "boolean", "null", "array", "object"]},
    ),
]
"""A value as JSON writes it."""


def _file_name(text: str) -> str:
    if "/" in text or "\\" in text or not text.strip(".") or len(text) > _LONGEST_FILE_NAME:
        raise ValueError(
            f"'{text}' is no file beside the script: write its name without folders, such as "
            "tickets.json"
        )
    return text


_LONGEST_FILE_NAME = 100
FileName = Annotated[
    Text, AfterValidator(_file_name), Takes("the name of a file", {"type": "string"})
]


class FileHolds(RelationModel):
    """What stands in a file beside the script when the program is over."""

    PLACE: ClassVar[str] = "file"
    EXAMPLE: ClassVar[str] = "{name: tickets.json, json: {count: 0}}"
    SAMPLE: ClassVar[str] = """\
checks:
  - id: sold-out
    expect: In the end tickets.json says that no ticket is left
    file: {name: tickets.json, json: {count: 0}}
  - id: writes-a-log
    expect: In log.txt stands that all were sold
    file: {name: log.txt, text: 'sold * tickets'}
  - id: tidies-up
    expect: The file of the lock is removed
    file: {name: tickets.lock, exists: false}
"""
    RULES: ClassVar[tuple[KeyRule, ...]] = (exactly_one("json", "text", "exists"),)

    name: FileName
    """Which file: one that the script writes, or one of `files` under `run`."""
    json_: JsonText | None = None
    """What its JSON holds. Of a mapping, such as `{count: 0}`, only the keys that are given count;
    a list is compared as a whole."""
    text: PlainPattern | None = None
    """One of its lines is like this."""
    exists: Flag | None = None
    """`true`: there is such a file, whatever stands in it; `false`: there is none."""


class Shares(RelationModel):
    """What a `Value` or an `Array` of multiprocessing's holds when main and its children are done:
    read from the shared memory itself, whatever is printed. It must be main's code that makes it.
    """

    PLACE: ClassVar[str] = "shares"
    EXAMPLE: ClassVar[str] = "{value: total, ends-at: 4000}"
    SAMPLE: ClassVar[str] = """\
checks:
  - id: nothing-is-lost
    expect: The shared total is 4000 in the end
    shares: {value: total, ends-at: 4000}
  - id: squares
    expect: The shared array holds the squares of 1 to 3
    shares: {ends-at: [1, 4, 9]}
"""

    value: MethodName | None = None
    """The name of the student's variable; of several that have it, each. Left out: one of all that
    main makes."""
    ends_at: JsonText
    """A number or a text, of an `Array` a list."""


RELATIONS: tuple[type[RelationModel], ...] = (FileHolds, Shares)
"""In the order in which errors and the reference list them."""
