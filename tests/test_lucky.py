"""Right or lucky: every lucky program is called lucky, no right one ever is.

Each folder of ``lucky`` has an exercise, a program that owes its order to luck, and one that does
not. What the lucky one must be told stands in ``lucky/table.yaml``. ``benchmarks/lucky.py`` repeats
all of it on a busy machine.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from grader.checks import Finding, Status
from grader.exercise import load_exercise, match
from grader.grading import Grade, Options, grade
from grader.schedules import parse_schedule
from grader.submission import read_submission
from grader.trace.canonical import canonical

from .repeating import exhaustive

PROGRAMS = Path(__file__).parent / "lucky"
TABLE: dict[str, dict[str, str]] = yaml.safe_load(
    (PROGRAMS / "table.yaml").read_text(encoding="utf-8")
)
FIRST_FEW = 5
"""Orders: the natural one, who goes first, and a process late."""
NAMES = sorted(path.parent.name for path in PROGRAMS.glob("*/*.yaml"))
REPLAYED = ("sleep-for-join",)
REPEATS = {
    "highest": "lost-update",
    "join-with-timeout": "bounded-wait",
    "manager-dict": "lost-update",
    "missing-lock": "lost-update",
    "one-winner": "lost-update",
    "pause-after-terminate": "late-to-be-gone",
    "philosophers": "lock-order",
    "sleep-for-event": "sleep-for-join",
}
"""Lucky in the way of another one, and found by the same kind of order."""
CASES = [*(name for name in NAMES if name not in REPEATS), *exhaustive(*REPEATS)]


def graded(name: str, variant: str, replay: str | None = None, orders: int | None = None) -> Grade:
    order = None if replay is None else parse_schedule(replay)
    options = Options(replay=order, schedules=orders)
    folder = PROGRAMS / name
    exercise = load_exercise(folder / f"{name}.yaml")
    return grade(exercise, read_submission(folder / f"{variant}.py"), options)


def lucky(result: Grade) -> list[Finding]:
    findings = [each.finding for each in result.judgements]
    return [finding for finding in findings if finding.status is Status.LUCKY]


@pytest.mark.parametrize("name", CASES)
def test_lucky_programs_are_called_lucky(name: str) -> None:
    """The check that luck decides is lucky, and the student is told the order that breaks it."""
    result = graded(name, "lucky")
    (finding,) = lucky(result)
    assert finding.check == TABLE[name]["check"]
    assert finding.feedback.happened is not None
    happened = finding.feedback.happened.in_language("en")
    assert match(TABLE[name]["says"], happened), happened
    assert all(
        each.finding.status in (Status.PASSED, Status.SKIPPED)
        for each in result.judgements
        if each.finding is not finding
    )
    assert not result.passed


@pytest.mark.parametrize("name", CASES)
def test_right_programs_are_never_called_lucky(name: str, exhaustive: bool) -> None:
    """A right program gets all points, in the first orders that the exercise has tried, or
    exhaustively in all of them.
    """
    result = graded(name, "right", orders=None if exhaustive else FIRST_FEW)
    assert [each.check.id for each in result.judgements if not each.points] == []
    assert len(result.runs) == 1
    wanted = result.exercise.run.schedules.count
    assert len(result.tried) == (wanted if exhaustive else min(FIRST_FEW, wanted))


@pytest.mark.parametrize(
    "name", [*REPLAYED, *exhaustive(*(name for name in NAMES[::3] if name not in REPLAYED))]
)
def test_the_order_that_breaks_is_run_again_by_its_name(name: str) -> None:
    """`--replay` with the name from the report gives the same run again, and so its findings. The
    natural run beside it may fall out differently.
    """
    first = graded(name, "lucky")
    schedule = lucky(first)[0].schedule
    again = graded(name, "lucky", replay=schedule)
    assert again.tried == ("natural", schedule)
    assert [canonical(each) for each in again.runs[1:]] == [
        canonical(each) for each in first.runs if str(each.schedule) == schedule
    ]


def test_there_are_enough_programs() -> None:
    """At least twenty lucky and twenty right ones, each with an exercise and a row."""
    assert len(NAMES) >= 20
    assert set(TABLE) == set(NAMES)
    for name in NAMES:
        assert {path.name for path in (PROGRAMS / name).iterdir()} >= {
            f"{name}.yaml",
            "lucky.py",
            "right.py",
        }
