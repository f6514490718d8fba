"""What is left when the program is over: in its files, and in its shared memory.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

from typing import ClassVar

from grader.exercise.base import RelationModel
from grader.exercise.rules import KeyRule, exactly_one
from grader.exercise.values import FileName, Flag, JsonText, MethodName, PlainPattern


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
