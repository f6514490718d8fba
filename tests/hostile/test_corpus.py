"""Hostile submissions: no point that was not earned, no process and no file left behind.

What is expected of each script under ``<family>/`` stands in ``table.yaml``.
``benchmarks/hostile.py`` grades all of them again and again, many at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from grader.sandbox import IsolationName
from tests import machine

from .corpus import HERE, Row, examine_row, faults, read_table

ROWS = read_table()
DEAR = "dear"
"""`tests/supervisor/test_limits.py` shows the same of this family, at a smaller limit. A run of any
takes as long as may be: here a few will do, in one order each."""
OF_ISOLATION = ("escapes", "network", "snooping")
"""The families that try what one isolation may hold and the other not."""


def cases() -> Iterator[ParameterSet]:
    """The scripts, and for each its isolation and whether it is tried in all event orders.

    The first of those that come to the same, or to the same limit, runs in the natural order;
    without bubblewrap, too, on a machine that has none, and exhaustively where the isolation
    matters. The others take turns.
    """
    seen: set[tuple[str, object]] = set()
    for place, row in enumerate(ROWS):
        if row.family == DEAR and not row.is_lucky and place % 4:
            continue
        kind: tuple[str, object] = (row.family, repr(row.expected))
        if all(outcome.endswith("limit") for outcome in row.expected["basic"].outcomes):
            kind = ("limits", row.expected["basic"].outcomes)
        is_first = row.family != DEAR and kind not in seen
        if row.family != DEAR:
            seen.add(kind)
        is_of_isolation = row.family in OF_ISOLATION
        marks = [] if is_first else [pytest.mark.exhaustive]
        if is_first or is_of_isolation or place % 2:
            in_all = row.is_lucky or (not is_first and row.family != DEAR and place % 4 == 1)
            yield pytest.param(row, "auto", in_all, marks=marks, id=row.id)
        if is_of_isolation or not (is_first or place % 2):
            in_all = row.is_lucky or (row.family != DEAR and place % 4 == 0)
            marks = [pytest.mark.exhaustive]
            yield pytest.param(row, "basic", in_all, marks=marks, id=f"{row.id}-basic")


@pytest.mark.parametrize(("row", "isolation", "in_all"), list(cases()))
def test_a_hostile_script(
    row: Row, isolation: str, in_all: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """It is judged like any other, gains nothing, harms nobody, and nothing of it stays. After what
    may hurt the grader itself, and whatever repeats it, the same process grades a right answer.
    """
    repeats = request.node.get_closest_marker("exhaustive") is not None
    has_bwrap = machine.obstacle("bwrap") is None
    name: IsolationName = "bwrap" if isolation == "auto" and has_bwrap else "basic"
    options = () if in_all else ("--schedules", "1")
    goes_on = repeats or row.family in ("bombs", "kills")
    examined = examine_row(row, tmp_path, name, *options, goes_on=goes_on)
    assert faults(row, name, examined) == []


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
