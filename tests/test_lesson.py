"""The lesson's exercises: every right answer passes, every wrong one is told its own mistake."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.checks import Finding, Grade, Status
from grader.exercise import Exercise, load_exercise
from grader.grading import Options, grade
from grader.submission import read_submission

ROOT = Path(__file__).parent.parent
SUBMISSIONS = ROOT / "tests" / "submissions"
TABLE: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(
    (SUBMISSIONS / "table.yaml").read_text(encoding="utf-8")
)
EXERCISES = sorted(path.stem for path in (ROOT / "exercises").glob("*.yaml"))
RIGHT = [
    *(ROOT / "solutions" / f"{exercise}.py" for exercise in EXERCISES),
    *sorted(SUBMISSIONS.glob("*/right/*.py")),
]
WRONG = sorted(SUBMISSIONS.glob("*/wrong/*.py"))


@cache
def exercise_named(name: str) -> Exercise:
    """The exercise of the lesson with that name."""
    return load_exercise(ROOT / "exercises" / f"{name}.yaml")


def exercise_of(script: Path) -> str:
    """The name of the exercise that a script answers."""
    return script.stem if script.parent.name == "solutions" else script.parent.parent.name


def graded(script: Path) -> Grade:
    """What the command makes of a script, under the exercise's own number of event orders."""
    options = Options(at_once=2)
    return grade(exercise_named(exercise_of(script)), read_submission(script), options)


def named(script: Path) -> str:
    """How a test is called after a script."""
    return "/".join(script.relative_to(ROOT).parts[-3:])


@pytest.mark.parametrize("script", RIGHT, ids=named)
def test_a_right_answer_of_whatever_shape_gets_all_points(script: Path) -> None:
    """Nobody is accused of anything, under any event order."""
    found = graded(script)
    blamed = {
        each.check.id: told(each.finding)
        for each in found.judgements
        if each.finding.status is not Status.PASSED and not each.is_advice
    }
    assert blamed == {}
    assert found.score == found.possible


@pytest.mark.parametrize("script", WRONG, ids=named)
def test_a_wrong_answer_is_told_its_own_mistake(script: Path) -> None:
    """The check that names the mistake fails first, in the words of the table."""
    row = TABLE[exercise_of(script)][script.name]
    finding = first_told(graded(script))
    assert finding.check in listed(row["check"]), told(finding)
    assert finding.status.value in listed(row["status"]), told(finding)
    for part in ("happened", "why"):
        text = getattr(finding, part)
        if part in row:
            assert text is not None
            assert fits(row[part], text.in_language("en")), told(finding)


def first_told(found: Grade) -> Finding:
    """The first finding that is not silenced by another."""
    return next(
        each.finding
        for each in found.judgements
        if each.finding.status in (Status.FAILED, Status.LUCKY) and not each.is_advice
    )


def told(finding: Finding) -> str:
    """All that a finding says, for a failing test to show."""
    texts = (finding.happened, finding.why, finding.next)
    said = " ".join(text.in_language("en") for text in texts if text is not None)
    return f"{finding.check} {finding.status.value} {finding.schedule}: {said}"


def listed(value: str | list[str]) -> list[str]:
    """One value of the table, or several that are all right."""
    return value if isinstance(value, list) else [value]


def fits(pattern: str, text: str) -> bool:
    """Whether a text is like a pattern of the table, in which ``*`` is any text."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.S) is not None


def test_the_table_lists_every_wrong_answer_and_no_other() -> None:
    """A script that nobody asks about would test nothing."""
    listed_files = {(exercise, name) for exercise, rows in TABLE.items() for name in rows}
    assert listed_files == {(exercise_of(script), script.name) for script in WRONG}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_exercise_has_enough_answers_of_both_kinds(exercise: str) -> None:
    """At least three right ones of different shape, beside the solution, and five wrong ones."""
    assert (ROOT / "solutions" / f"{exercise}.py").is_file()
    assert len(list((SUBMISSIONS / exercise / "right").glob("*.py"))) >= 3
    assert len(list((SUBMISSIONS / exercise / "wrong").glob("*.py"))) >= 5
    assert set(exercise_named(exercise).title.by_language) == {"en", "zh"}
    assert set(exercise_named(exercise).task.by_language) == {"en", "zh"}
