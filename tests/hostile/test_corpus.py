"""Hostile submissions: no point that was not earned, no process and no file left behind.

What is expected of each script under ``<family>/`` stands in ``table.yaml``.
``benchmarks/hostile.py`` grades all of them again and again, many at once.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.sandbox import IsolationName

from .corpus import HERE, Row, examine_row, faults, read_table

ROWS = read_table()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_hostile_script(
    row: Row, any_isolation: IsolationName, tmp_path: Path, exhaustive: bool
) -> None:
    """It is judged like any other, gains nothing, harms nobody, and nothing of it stays: in the
    natural order, exhaustively also in others.
    """
    options = () if exhaustive or row.is_lucky else ("--schedules", "1")
    examined = examine_row(row, tmp_path, any_isolation, *options)
    assert faults(row, any_isolation, examined) == []


def test_the_corpus_is_whole() -> None:
    """Each script stands in the table, and each row is a script; no family is forgotten."""
    scripts = {f"{path.parent.name}/{path.name}" for path in HERE.glob("*/*.py")}
    rows = {row.id for row in ROWS}
    assert scripts - {"right/answer.py"} == rows
    assert len(rows) >= 60
    assert {row.family for row in ROWS} == {
        "bombs",
        "clocks",
        "endless",
        "escapes",
        "forging",
        "kills",
        "network",
        "parsers",
        "snooping",
        "vanishing",
    }
