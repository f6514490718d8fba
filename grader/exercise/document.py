"""An exercise file as a tree of YAML nodes that know their line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Union

import yaml

from grader.exercise.problem import ExerciseError, Problem
from grader.exercise.scalar import Written
from grader.exercise.syntax import explained

_MAX_BYTES = 256 * 1024
_MAX_DEPTH = 20

Data = Union[Written, list["Data"], dict[str, "Data"]]
"""A file's content: scalars as they were written. Of a repeated key the first is kept."""


@dataclass(frozen=True)
class Document:
    """A file that is YAML. ``file`` is its path as it was named to the grader.

    ``problems`` were found on the way: what YAML allows and this language does not.
    """

    file: str
    text: str
    root: yaml.Node
    problems: tuple[Problem, ...]

    def problem(self, message: str, node: yaml.Node) -> Problem:
        """A problem at a node."""
        start, end = node.start_mark, node.end_mark
        one_line = start.line == end.line
        length = max(1, end.column - start.column) if one_line else 1
        return _problem(self.file, self.text, message, start, length)

    def at(self, spot: Sequence[int | str]) -> yaml.Node:
        """What stands at a place, named by keys and places in lists: as near as one comes to it."""
        node = self.root
        for step in spot:
            if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                node = node.value[step]
            elif isinstance(node, yaml.MappingNode):
                below = [value for key, value in pairs(node) if key == step]
                node = below[0] if below else node
        return node

    def source(self, node: yaml.Node) -> str:
        """The text of a node as it stands in the file."""
        return self.text[node.start_mark.index : node.end_mark.index]


def read_document(path: Path) -> Document:
    """Read a YAML file.

    Raises:
        ExerciseError: it cannot be read, is not UTF-8, is too large, or is not YAML.
    """
    file = str(path)
    text = _read_text(path)
    try:
        composer = _Composer(text, file)
        root = composer.get_single_node()
    except yaml.reader.ReaderError as error:
        mark = _mark_at(text, error.position)
        message = f"the character U+{ord(text[error.position]):04X} cannot stand in a YAML file"
        raise ExerciseError([_problem(file, text, message, mark)]) from None
    except yaml.MarkedYAMLError as error:
        message, mark = explained(error, text)
        raise ExerciseError([_problem(file, text, message, mark)], text) from None
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value):
        raise ExerciseError([Problem(file, "the file is empty: an exercise begins with 'id: ...'")])
    document = Document(file, text, root, tuple(composer.problems))
    return replace(document, problems=(*document.problems, *_wrong_keys(document, root)))


def _wrong_keys(document: Document, node: yaml.Node) -> Iterator[Problem]:
    """Keys that stand twice in one mapping, and those that are no words, in a node and below."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _wrong_keys(document, item)
    if not isinstance(node, yaml.MappingNode):
        return
    first: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            yield document.problem("a key is one word, with ': ' after it", key)
        elif key.value in first:
            message = f"'{key.value}' stands here twice: the first is in line {first[key.value]}"
            yield document.problem(message, key)
        else:
            first[key.value] = key.start_mark.line + 1
        yield from _wrong_keys(document, value)


def data_of(node: yaml.Node) -> Data:
    """The content of a node. Keys that are no scalars are left out."""
    if isinstance(node, yaml.MappingNode):
        data: dict[str, Data] = {}
        for key, value in pairs(node):
            data.setdefault(key, data_of(value))
        return data
    if isinstance(node, yaml.SequenceNode):
        return [data_of(item) for item in node.value]
    assert isinstance(node, yaml.ScalarNode)
    return Written(node)


def pairs(node: yaml.MappingNode) -> Iterator[tuple[Written, yaml.Node]]:
    """The keys and values of a mapping, without keys that are no scalars."""
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            yield Written(key), value


def _read_text(path: Path) -> str:
    file = str(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except IsADirectoryError:
        raise ExerciseError([Problem(file, "this is a folder, not an exercise file")]) from None
    except FileNotFoundError as error:
        beside = [one.name for one in path.parent.glob("*.yaml")]
        close = get_close_matches(path.name, beside, 1)
        hint = f". Did you mean '{path.with_name(close[0])}'?" if close else ""
        raise ExerciseError([Problem(file, f"there is no such file{hint}")]) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ExerciseError([Problem(file, f"cannot be read: {reason}")]) from error
    if len(content) > _MAX_BYTES:
        raise ExerciseError([Problem(file, "larger than 256 KB: this is no exercise file")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        mark = _mark_at(before, len(before))
        message = f"byte 0x{error.object[error.start]:02X} is not UTF-8: save the file as UTF-8"
        whole = content.decode("utf-8", "replace")
        raise ExerciseError([_problem(file, whole, message, mark)]) from None


class _Composer(yaml.SafeLoader):
    """Composes nodes, and refuses what makes YAML a trap: anchors, aliases, tags, deep nesting."""

    def __init__(self, text: str, file: str) -> None:
        super().__init__(text)
        self.problems: list[Problem] = []
        self._text = text
        self._file = file
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node. Raises `yaml.MarkedYAMLError` where nodes are nested too deeply."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs say no types
        start, end = event.start_mark, event.end_mark
        if isinstance(event, yaml.AliasEvent):
            self.get_event()  # type: ignore[no-untyped-call]  # of these two
            text = f"*{event.anchor}"
            self._refuse(f"YAML reads {text} as a reference to something else", event)
            return yaml.ScalarNode(_TEXT_TAG, text, start, end)
        if event.anchor is not None:
            self._refuse(f"YAML reads &{event.anchor} as a mark for references", event)
            event.anchor = None
        if event.tag not in (None, "!"):
            self._refuse(f"YAML reads {event.tag} as a type", event)
            event.tag = None
            if isinstance(event, yaml.ScalarEvent):
                event.implicit = (True, False)
        if self._depth == _MAX_DEPTH:
            raise yaml.MarkedYAMLError(None, None, "too deep", start)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def _refuse(self, message: str, event: Any) -> None:
        message += ": put the text in quotes"
        self.problems.append(_problem(self._file, self._text, message, event.start_mark))


_TEXT_TAG = "tag:yaml.org,2002:str"


def _problem(file: str, text: str, message: str, mark: yaml.Mark, length: int = 1) -> Problem:
    lines = _LINE_BREAK.split(text)
    line = lines[mark.line] if mark.line < len(lines) else ""
    return Problem(file, message, mark.line + 1, mark.column + 1, line, length)


def line_of_text(text: str, number: int) -> str | None:
    """A line of a file, counted from 1 as YAML counts lines; None if there is none."""
    lines = _LINE_BREAK.split(text)
    return lines[number - 1] if 1 <= number <= len(lines) else None


_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""YAML's line breaks, which are not those of `str.splitlines`."""


def _mark_at(text: str, index: int) -> yaml.Mark:
    before = _LINE_BREAK.split(text[:index])
    return yaml.Mark("", index, len(before) - 1, len(before[-1]), "", 0)
