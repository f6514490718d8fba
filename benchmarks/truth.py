"""Grades programs and reads every sentence that is said of them, in English and in Chinese.

    python benchmarks/truth.py                   every row of truth.yaml
    python benchmarks/truth.py NAME...           only these rows
    python benchmarks/truth.py --show NAME...    also prints all that is said of them
    python benchmarks/truth.py --repetitions 20  each row so often

A row of truth.yaml is a program, the exercise that it answers, and what must and must not be said
of it. Prints what was missing and what should not have been there; exit status 1 if anything was.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import yaml

from grader.exercise import Exercise, load_exercise
from grader.grading import Grade, Options, grade
from grader.messages import Language, Text
from grader.report.words import has_advice, is_explained
from grader.submission import read_submission

ROOT = Path(__file__).parent.parent
TABLE = Path(__file__).with_name("truth.yaml")
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_Sentences = Mapping[Language, Sequence[str]]


@dataclass(frozen=True)
class Row:
    """A program and what is to be said of it.

    ``exercise`` is the name of one in exercises/, in tests/exercises/ or in the table itself.
    ``says`` and ``never`` hold pieces of sentences, in which ``*`` stands for anything; ``passes``
    and ``fails`` the ids of checks.
    ``schedules`` are how many orders are tried: one where the natural run shows it all. ``beside``
    are further files by their names.
    """

    exercise: str
    program: str | bytes
    says: _Sentences = field(default_factory=dict)
    never: _Sentences = field(default_factory=dict)
    passes: Sequence[str] = ()
    fails: Sequence[str] = ()
    schedules: int = 1
    beside: Mapping[str, str] = field(default_factory=dict)


def read_table() -> tuple[dict[str, Row], dict[str, Mapping[str, Any]]]:
    """The rows by their names, and the exercises that stand in the table."""
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    exercises = table.pop("exercises")
    return {name: Row(**row) for name, row in table.items()}, exercises


def exercise_of(row: Row, own: Mapping[str, Mapping[str, Any]], folder: Path) -> Exercise:
    """The exercise of a row; one of the table is written into the folder, with its ``files``."""
    asked = own.get(row.exercise)
    if asked is None:
        folders = (ROOT / "exercises", ROOT / "tests" / "exercises")
        paths = [each / f"{row.exercise}.yaml" for each in folders]
        return load_exercise(next(path for path in paths if path.exists()))
    parts = {"id": row.exercise, "title": row.exercise, "task": "As the checks say.", **asked}
    for name, text in parts.pop("files", {}).items():
        folder.joinpath(name).write_text(text, encoding="utf-8")
    parts["checks"] = [{"expect": f"{each['id']} holds", **each} for each in parts["checks"]]
    path = folder / f"{row.exercise}.yaml"
    path.write_text(yaml.safe_dump(parts, allow_unicode=True), encoding="utf-8")
    return load_exercise(path)


def graded(row: Row, own: Mapping[str, Mapping[str, Any]]) -> Grade:
    """Grade the program of a row, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as teachers:
        for name, text in {"student.py": row.program, **row.beside}.items():
            content = text.encode() if isinstance(text, str) else text
            Path(folder, name).write_bytes(content)
        submission = read_submission(Path(folder, "student.py"))
        asked = exercise_of(row, own, Path(teachers))
        return grade(asked, submission, Options(schedules=row.schedules))


def said_of(result: Grade) -> Iterator[tuple[str, Text]]:
    """All that is said of a submission: to which check and in which part, and the text."""
    if result.note is not None:
        yield "note", result.note
    for each in result.judgements:
        if is_explained(each) or has_advice(each):
            found = each.finding
            parts = (found.feedback.happened, found.feedback.why, found.feedback.next, found.hint)
            for part, text in zip(("happened", "why", "next", "hint"), parts, strict=True):
                if text is not None:
                    yield f"{each.check.id} ({found.status.value}) {part}", text


def read(name: str) -> tuple[str, list[str], list[str]]:
    """Grade a row once: its name, what is wrong, and all that is said."""
    rows, own = read_table()
    row = rows[name]
    result = graded(row, own)
    said = list(said_of(result))
    wrong = []
    for language in LANGUAGES:
        told = "\n".join(text.in_language(language) for _, text in said)
        wrong += [f"not said: {one}" for one in row.says.get(language, ()) if not _in(one, told)]
        wrong += [f"said: {one}" for one in row.never.get(language, ()) if _in(one, told)]
    statuses = {each.check.id: each.finding.status.value for each in result.judgements}
    for word, checks in (("passed", row.passes), ("failed", row.fails)):
        wrong += [f"{each}: {statuses[each]}" for each in checks if statuses[each] != word]
    shown = [f"{where}: {text.in_language(each)}" for where, text in said for each in LANGUAGES]
    shown.append(" ".join(f"{check}={status}" for check, status in statuses.items()))
    return name, wrong, shown


def _in(piece: str, told: str) -> bool:
    """Whether a piece of a sentence is there; ``*`` stands for anything within a line."""
    return re.search(r"[^\n]*?".join(map(re.escape, piece.split("*"))), told) is not None


def main() -> int:
    """Read the rows that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="rows of truth.yaml")
    parser.add_argument("--show", action="store_true", help="print all that is said")
    parser.add_argument("--repetitions", type=int, default=1, metavar="N")
    parser.add_argument("--at-once", type=int, default=len(os.sched_getaffinity(0)), metavar="N")
    chosen = parser.parse_args()
    names = [*(chosen.names or read_table()[0])] * chosen.repetitions
    failures = 0
    with ProcessPoolExecutor(chosen.at_once, mp_context=get_context("spawn")) as pool:
        for name, wrong, shown in pool.map(read, names):
            if chosen.show:
                print(f"== {name}", *shown, sep="\n  ")
            failures += bool(wrong)
            for each in wrong:
                print(f"{name}: {each}", flush=True)
    print(f"{len(names) - failures} of {len(names)} gradings say what is true.")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
