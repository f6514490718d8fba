"""Write ``docs/mistakes.md`` from the table of mistakes: ``python docs/mistakes.py``.

What is said of a mistake is read from the source of its detector: the first sentence that each
part of its `Feedback` can be. Holes show in braces what is put into them.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

from grader.authoring.samples import Script, load_samples
from grader.checks.feedback import Feedback
from grader.checks.mistakes import EXCEPTIONS, MISTAKES, Mistake, RaisedException
from grader.checks.mistakes.ending import LIMITS
from grader.exercise import find_exercise, load_exercise
from grader.messages import Message

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "mistakes.md"
SUBMISSIONS = "tests/submissions"
_PARTS = ("happened", "why", "next")
_HEAD = """\
# The mistakes that are recognised

A check that fails says what it saw. Where the grader recognises *why*, it says that instead, once:
the other checks that failed for the same reason are skipped. `mistake` in [the JSON](json.md)
carries the id, which stays what it is from version to version.

This page is written from the table of mistakes by `python docs/mistakes.py`, in the order of the
table: of several mistakes in one run, a failed check is explained by the first that fits. What is
put into a sentence stands in braces. Most sentences have variants, of which the first is shown. The
examples are below [tests/submissions](../tests/submissions).
"""
_EXCEPTIONS = """\
## Exceptions

What is said of an exception that a process died of, after the line and the exception itself. The
first row that fits counts. Both patterns are regular expressions.
"""


def document() -> str:
    """The whole of the page."""
    sections = [_HEAD, "## What is done and left undone\n", *map(_mistake, MISTAKES)]
    sections += [_EXCEPTIONS, *map(_exception, EXCEPTIONS)]
    return "\n".join(sections)


def _mistake(row: Mistake) -> str:
    said = _sentences(row.detect)
    return _section(row.id, row.description, said)


def _exception(row: RaisedException) -> str:
    error = f"`{row.type}`" + (f" with `{row.message}`" if row.message else "")
    library = ", raised in Python's own library" if row.in_library else ""
    said = {"why": row.why.text, "next": row.next.text}
    return _section(row.id, f"{error}{library}.", said)


def _section(name: str, seen: str, said: dict[str, str]) -> str:
    lines = [f"### {name}", "", seen, ""]
    lines += [f"- {part}: {said[part]}" for part in _PARTS if part in said]
    for exercise, sample in _examples().get(name, ())[:1]:
        path = f"../{SUBMISSIONS}/{exercise}/{sample.name}"
        lines += ["", f"Example: [{exercise}/{sample.path.name}]({path})"]
    return "\n".join([*lines, ""])


@cache
def _examples() -> dict[str, list[tuple[str, Script]]]:
    """The submissions of the tests that make each mistake, each with its exercise's name."""
    found: dict[str, list[tuple[str, Script]]] = {}
    for folder in sorted((ROOT / SUBMISSIONS).iterdir()):
        own = ROOT / "tests" / "exercises" / f"{folder.name}.yaml"
        if folder.is_dir():
            file = own if own.is_file() else find_exercise(folder.name)
            for sample in load_samples(load_exercise(file), folder):
                found.setdefault(sample.wanted.mistake or "", []).append((folder.name, sample))
    return found


def _sentences(detect: Callable[..., Any]) -> dict[str, str]:
    """The first sentence of each part of the feedback that a detector can give."""
    if isinstance(detect, partial):
        limit = LIMITS.get(detect.args[0])
        return _sentences(detect.func) if limit is None else _of_record(limit)
    found: dict[str, str] = {}
    for part, sentence in _Reader(detect).parts():
        found.setdefault(part, sentence)
    return found


def _of_record(feedback: Feedback) -> dict[str, str]:
    texts = {part: getattr(feedback, part) for part in _PARTS}
    return {part: text.text for part, text in texts.items() if isinstance(text, Message)}


class _Reader:
    """The source of a function, and of those of the package that it calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._module: ModuleType = inspect.getmodule(function) or inspect
        (self._tree,) = ast.parse(dedent(inspect.getsource(function))).body

    def parts(self) -> Iterator[tuple[str, str]]:
        """Each part of a `Feedback` that is made in it, with its sentences."""
        for call in ast.walk(self._tree):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            given = {word.arg: word.value for word in call.keywords if word.arg in _PARTS}
            if call.func.id == "Feedback":
                given |= dict(zip(_PARTS, call.args, strict=False))
            elif call.func.id != "replace":
                given = {}
            for part, value in given.items():
                yield from ((str(part), text) for text in self._in(value, frozenset()))
            other = self._called(call)
            if other is not None and not given:
                yield from other.parts()
        for call in ast.walk(self._tree):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "saying":
                yield from (("happened", text) for text in self._in(call.args[0], frozenset()))

    def _called(self, call: ast.Call) -> _Reader | None:
        function = getattr(self._module, getattr(call.func, "id", ""), None)
        is_own = inspect.isfunction(function) and function.__module__.startswith("grader.checks")
        return _Reader(function) if is_own else None

    def _in(self, value: ast.AST, seen: frozenset[str]) -> Iterator[str]:
        """The sentences that an expression can be, through names and calls."""
        if isinstance(value, ast.Call):
            name = getattr(value.func, "id", "")
            if name in ("say", "plural") and isinstance(value.args[0], ast.Constant):
                yield str(value.args[0].value)
            elif (other := self._called(value)) is not None:
                yield from other.sentences()
        elif isinstance(value, ast.IfExp):
            yield from self._in(value.body, seen)
            yield from self._in(value.orelse, seen)
        elif isinstance(value, ast.Name) and value.id not in seen:
            for node in ast.walk(self._tree):
                if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    if any(isinstance(each, ast.Name) and each.id == value.id for each in targets):
                        yield from self._in(node.value, seen | {value.id})

    def sentences(self) -> Iterator[str]:
        """What the function can return."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Return) and node.value is not None:
                yield from self._in(node.value, frozenset())


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
