"""Punctuation that is right elsewhere: full-width characters, and the decimal comma.

A Chinese keyboard writes ``：`` where YAML wants ``: ``, and YAML then sees no key at all. What
it complains of stands somewhere else; here the character itself is looked for, at places where
nothing but YAML's own can be meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import yaml

from grader.exercise.document import Document, line_of_text, pairs
from grader.exercise.problem import Problem
from grader.exercise.scalar import DASHES, in_ascii, meant_number

_AFTER_KEY = re.compile(r"(?:[{,，｛]|^\s*-)\s*[A-Za-z][\w-]*\s*(?P<char>：)", re.ASCII)
_PLACES = (
    re.compile(r"^[ ]*(?P<char>[　\u00a0])"),
    re.compile(rf"^\s*(?P<char>[{DASHES}])\s*[\w'\"{{\[]"),
    re.compile(r"[{\[][^{}\[\]'\"]*(?P<char>，)\s*[\w-]+\s*[:：]"),
    re.compile(r"[\w'\"}\])]\s*(?P<char>，)\s*(?:[a-z][a-z-]*\s*[:：]|\{)"),
    re.compile(r"[:：,，{\[]\s*(?P<char>[“‘＂＇])"),
    re.compile(r"[:：]\s*(?P<char>[｛［【])"),
    re.compile(r"(?:^|\s)(?P<char>＃)"),
)
_A_KEY = re.compile(r"^\s*(?:-\s+)?(?P<key>[a-z][a-z-]*)\s*(?P<char>：)")


def with_full_width_found(
    problems: Iterable[Problem], text: str, keys: Collection[str], *, only_colons: bool = False
) -> list[Problem]:
    """The same problems, but the character itself in the place of what it leads to.

    Args:
        problems: what is wrong with a file.
        text: its content.
        keys: of the language: what stands at the beginning of a line before a full-width colon.
        only_colons: the file is YAML, so that every other such character is a part of a text.
    """
    places = (_AFTER_KEY,) if only_colons else (_AFTER_KEY, *_PLACES)
    return [_found_near(problem, text, places, keys) or problem for problem in problems]


def _found_near(
    problem: Problem, text: str, places: Sequence[re.Pattern[str]], keys: Collection[str]
) -> Problem | None:
    if problem.line is None:
        return None
    for number in (problem.line, problem.line - 1, problem.line + 1):
        line = line_of_text(text, number)
        column = None if line is None else _column(line, places, keys)
        if line is not None and column is not None:
            return Problem(problem.file, _sentence(line[column]), number, column + 1, line)
    return None


def _column(line: str, places: Sequence[re.Pattern[str]], keys: Collection[str]) -> int | None:
    """Where the first such character stands, from 0."""
    found = [match.start("char") for each in places if (match := each.search(line))]
    key = _A_KEY.match(line)
    if key is not None and key["key"] in keys:
        found.append(key.start("char"))
    return min(found, default=None)


def _sentence(char: str) -> str:
    if char in "　\u00a0":
        return (
            f"a special space (U+{ord(char):04X}) stands here: YAML is indented with plain spaces"
        )
    meant = in_ascii(char)
    after = " and a space after it" if meant in ":-," else ""
    return (
        f"'{char}' (U+{ord(char):04X}) stands here, which means nothing to YAML: write '{meant}'"
        f"{after}, with the keyboard set to English"
    )


def misread_commas(document: Document) -> Iterator[tuple[Problem, frozenset[tuple[int, int]]]]:
    """Commas between { and } that YAML takes for the end of a value and that were meant otherwise,
    in a number such as ``1,5s`` or in a text; with each the places, by line and column, of what
    else is said about it.
    """
    yield from _commas_in(document, document.root)


def _commas_in(
    document: Document, node: yaml.Node
) -> Iterator[tuple[Problem, frozenset[tuple[int, int]]]]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _commas_in(document, item)
    if not isinstance(node, yaml.MappingNode):
        return
    before: yaml.Node | None = None
    for key, value in pairs(node):
        whole = document.text[before.start_mark.index : key.node.end_mark.index] if before else ""
        is_bare = value.start_mark.index == value.end_mark.index == key.node.end_mark.index
        if before is not None and node.flow_style and is_bare:
            message = _meant_by(whole, before)
            if message is not None:
                yield (
                    document.problem(message, before),
                    frozenset(
                        (each.start_mark.line, each.start_mark.column)
                        for each in (before, key.node)
                    ),
                )
        before = value
        yield from _commas_in(document, value)


def _meant_by(whole: str, before: yaml.Node) -> str | None:
    """What to say of a value with the key after it that has no value, as they stand in the file."""
    meant = meant_number(whole) if "," in whole else None
    if meant is not None:
        return f"between {{ and }} a comma ends the value: write {meant}, with a point"
    if isinstance(before, yaml.ScalarNode) and before.style is None and "\n" not in whole:
        return f"between {{ and }} a comma ends the text: put it in quotes, '{whole}'"
    return None
