"""Gradescope's own note in an export of submissions: who handed in which, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import yaml

from grader.classroom.contents import FoundFile
from grader.classroom.model import Student
from grader.classroom.names import readable

_NAME = "submission_metadata.yml"


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed in under one number, by one student or several together."""

    students: tuple[Student, ...]
    submitted_at: datetime | None
    attempt: int


def is_metadata(file: FoundFile) -> bool:
    """Whether a file is Gradescope's note and nobody's work."""
    return file.name.name == _NAME


def read_metadata(file: FoundFile) -> dict[str, Handed]:
    """What the note says, by the names of the folders; nothing where it is none."""
    if file.path is None or not is_metadata(file):
        return {}
    try:
        data = yaml.load(file.path.read_bytes(), _Loader)
    except yaml.YAMLError:
        return {}
    if not isinstance(data, Mapping):
        return {}
    return {str(key): _handed(entry) for key, entry in data.items() if isinstance(entry, Mapping)}


if TYPE_CHECKING:
    from yaml import SafeLoader as _SafeLoader
else:  # the one in C is many times quicker, and not built everywhere
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):
    """Reads plain YAML; what Ruby marks as its own is read as what it is made of."""


def _untagged(loader: Any, tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!", _untagged)


def _handed(entry: Mapping[str, Any]) -> Handed:
    people = entry.get(":submitters") or ()
    students = (_student(person) for person in people if isinstance(person, Mapping))
    history = entry.get(":history")
    earlier = len(history) if isinstance(history, list) else 0
    return Handed(
        tuple(student for student in students if student.id),
        _time(entry.get(":created_at")),
        earlier + 1,
    )


def _student(person: Mapping[str, Any]) -> Student:
    sid, email, name = (_text(person.get(key)) for key in (":sid", ":email", ":name"))
    return Student(sid or email or name, name or email or sid, email)


def _text(value: object) -> str:
    return readable(str(value)) if isinstance(value, (str, int)) else ""


def _time(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace(" Z", "+00:00"))
        except ValueError:
            return None
    return value.astimezone() if isinstance(value, datetime) else None
