"""Everything that is wrong with an exercise file, and what in it is hardly meant so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import yaml

from grader.authoring.contradictions import Remark, contradictions
from grader.authoring.texts import remarks_on_texts
from grader.checks.registry import is_unordered
from grader.exercise import (
    Exercise,
    ExerciseError,
    Problem,
    find_exercise,
    load_exercise,
    roles_in,
)
from grader.exercise.document import Document, pairs, read_document
from grader.exercise.names import group_of
from grader.exit_status import UserError
from grader.messages import say

_TEXT_KEYS = frozenset(
    {"title", "task", "expect", "hint", "en", "zh", "text", "prints", "send", "exact", "regex"}
)
_COMMENT = re.compile(r"[ \t]+#")
_NANOSECONDS = 10**9
_SLEEP = re.compile(r"\bsleep\(\s*([0-9]+(?:\.[0-9]+)?)\s*\)")


@dataclass(frozen=True)
class Linted:
    """A file with what was found: ``errors`` keep it from being used, ``warnings`` do not."""

    file: Path
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def lint(file: Path) -> Linted:
    """Every error of an exercise file, or, where it has none, every warning."""
    try:
        exercise = load_exercise(file)
        document = read_document(file)
    except ExerciseError as error:
        return Linted(file, errors=error.problems)
    found = [
        document.problem(remark.message, document.at(remark.spot))
        for remark in _remarks(exercise, file)
    ]
    found += _cut_texts(document, document.root)
    found.sort(key=lambda each: (each.line or 0, each.column or 0))
    return Linted(file, warnings=tuple(dict.fromkeys(found)))


def _remarks(exercise: Exercise, file: Path) -> Iterator[Remark]:
    if exercise.id != file.stem:
        yield Remark(
            ("id",), f"the file is called {file.name}: call it {exercise.id}.yaml, or change the id"
        )
    yield from remarks_on_texts(exercise)
    yield from _unused_names(exercise)
    yield from _close_sleeps(exercise)
    for place, check in enumerate(exercise.checks):
        for remark in contradictions(exercise, check):
            yield Remark(("checks", place, *remark.spot), remark.message)
    yield from _without_effect(exercise)
    yield from _asked_twice(exercise)


def _unused_names(exercise: Exercise) -> Iterator[Remark]:
    used = {group_of(name) for check in exercise.checks for name in roles_in(check)}
    used |= {name for described in exercise.cast.values() for name in roles_in(described)}
    for name in exercise.cast:
        if name not in used:
            yield Remark(("cast", name), f"no check speaks of '{name}': is one missing?")


def _close_sleeps(exercise: Exercise) -> Iterator[Remark]:
    """Sleeps of the task that a delay which right answers must survive makes change places."""
    tasks = exercise.task.by_language.values()
    sleeps = sorted({float(each) for task in tasks for each in _SLEEP.findall(task)})
    delay = exercise.run.schedules.delay / _NANOSECONDS
    if exercise.run.schedules.count == 1:
        return
    for shorter, longer in pairwise(sleeps):
        if 0 < longer - shorter <= delay:
            yield Remark(
                ("task",),
                f"a process that sleeps {shorter:g} s and one that sleeps {longer:g} s change "
                f"places when one is {delay:g} s late, which a right answer must survive: make "
                "the sleeps differ by more, or say run: {schedules: {delay: ...}}",
            )


def _without_effect(exercise: Exercise) -> Iterator[Remark]:
    for place, check in enumerate(exercise.checks):
        for key, is_given in (("any-duration", check.any_duration), ("possible", check.possible)):
            if not is_given:
                continue
            if is_unordered(check):
                yield Remark(
                    ("checks", place, key),
                    f"'{key}' has no effect: '{check.relation}' is not judged in other orders of "
                    "events than the natural one",
                )
            elif exercise.run.schedules.count == 1:
                yield Remark(
                    ("checks", place, key),
                    f"'{key}' has no effect: with schedules: {{count: 1}} no order of events but "
                    "the natural one is tried",
                )


def _asked_twice(exercise: Exercise) -> Iterator[Remark]:
    first: dict[object, str] = {}
    for place, check in enumerate(exercise.checks):
        asked = (check.claim, check.under, check.for_each, check.any_duration, check.possible)
        before = first.setdefault(asked, check.id)
        if before != check.id:
            yield Remark(
                ("checks", place, "id"),
                f"'{check.id}' asks for the same as '{before}': one mistake would cost twice",
            )


def _cut_texts(document: Document, node: yaml.Node, key: str = "") -> Iterator[Problem]:
    """Texts without quotes that a ``#`` cuts short."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _cut_texts(document, item)
    elif isinstance(node, yaml.MappingNode):
        for name, value in pairs(node):
            yield from _cut_texts(document, value, str(name))
    elif (
        isinstance(node, yaml.ScalarNode)
        and key in _TEXT_KEYS
        and node.value
        and node.style is None
        and _COMMENT.match(document.text, node.end_mark.index)
    ):
        yield document.problem(
            "the text ends before ' #', which begins a comment: put the text in quotes (a "
            "comment is better off in a line of its own)",
            node,
        )


def exercise_files(named: Sequence[str]) -> list[Path]:
    """The exercise files that are meant: files, names of shipped ones, and all in a folder.

    Raises:
        UserError: nothing is named, there is none of that name, or none in a folder.
    """
    found: list[Path] = []
    if not named:
        raise UserError(say("Name an exercise file, or a folder of them."))
    for each in named:
        folder = Path(each)
        if not folder.is_dir():
            found.append(find_exercise(each))
            continue
        files = sorted(file for file in folder.glob("*.y*ml") if file.stem != "course")
        if not files:
            raise UserError(say("There is no exercise file in {folder}.", folder=each))
        found += files
    return found
