"""Hostile submissions: no point that was not earned, no process and no file left behind.

What is expected of each script under ``<family>/`` stands in ``table.yaml``.
``benchmarks/hostile.py`` grades all of them again and again, many at once.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.sandbox import IsolationName

from ..repeating import exhaustive, first_of_each
from .corpus import HERE, Row, examine_row, faults, read_table

ROWS = read_table()
DEAR = "dear"
"""`tests/supervisor/test_limits.py` shows the same of this family, at a smaller limit."""
SHOWN_HERE = [row for row in ROWS if row.family != DEAR]


@pytest.mark.parametrize(
    "row",
    [
        *first_of_each(SHOWN_HERE, lambda row: (row.family, repr(row.expected))),
        *exhaustive(*(row for row in ROWS if row.family == DEAR)),
    ],
    ids=lambda row: row.id,
)
def test_a_hostile_script(
    row: Row, any_isolation: IsolationName, tmp_path: Path, exhaustive: bool
) -> None:
    """It is judged like any other, gains nothing, harms nobody, and nothing of it stays: in the
    natural order, exhaustively in one isolation also in others. After what may hurt the grader
    itself, and exhaustively after all, the same process grades a right answer.
    """
    in_all = row.is_lucky or (exhaustive and any_isolation == "basic")
    options = () if in_all else ("--schedules", "1")
    goes_on = exhaustive or row.family in ("bombs", "kills")
    examined = examine_row(row, tmp_path, any_isolation, *options, goes_on=goes_on)
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
        DEAR,
        "endless",
        "escapes",
        "forging",
        "hanging",
        "kills",
        "network",
        "parsers",
        "snooping",
        "vanishing",
    }
