"""The exercises of the lesson: every right answer passes, every wrong one is told its mistake.

What a wrong answer must be told stands in ``submissions/table.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.checks import Finding, Status
from grader.exercise import Exercise, load_exercise, match, shipped_exercises
from grader.grading import Grade, Options, grade
from grader.submission import read_submission
from grader.trace import Outcome

from .repeating import first_of_each

ROOT = Path(__file__).parent.parent
SUBMISSIONS = Path(__file__).parent / "submissions"
TABLE: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(
    (SUBMISSIONS / "table.yaml").read_text(encoding="utf-8")
)
ADVICE: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
    (SUBMISSIONS / "advice.yaml").read_text(encoding="utf-8")
)
EXERCISES = list(shipped_exercises())


def exercise_of(path: Path) -> str:
    """The exercise that a submission of this project is for."""
    return path.stem if path.parent.name == "solutions" else path.parent.parent.name


RIGHT = sorted(
    [*ROOT.glob("solutions/*.py"), *SUBMISSIONS.glob("*/right/*.py")],
    key=lambda path: (exercise_of(path), path.name),
)


def what_it_shows(name: str, file: str) -> object:
    """The mistake; where none is recognised, the check that fails."""
    row = TABLE[name][file]
    return row.get("mistake", (name, row["check"]))


WRONG = first_of_each(
    [
        pytest.param(name, file, id=f"{name}/{file}")
        for name, files in sorted(TABLE.items())
        for file in sorted(files)
    ],
    lambda case: what_it_shows(*case.values),
)


@cache
def exercise(name: str) -> Exercise:
    shipped = ROOT / "exercises" / f"{name}.yaml"
    own = Path(__file__).parent / "exercises" / f"{name}.yaml"
    return load_exercise(shipped if shipped.is_file() else own)


def graded(name: str, path: Path, orders: int | None = None) -> Grade:
    """``orders``: how many are tried, the natural one included; None: all that are asked for."""
    return grade(exercise(name), read_submission(path), Options(schedules=orders))


def told(result: Grade) -> list[Finding]:
    """The findings that accuse: advice does not, and what follows from another is skipped."""
    silent = (Status.PASSED, Status.SKIPPED)
    findings = [each.finding for each in result.judgements if not each.is_advice]
    return [finding for finding in findings if finding.status not in silent]


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: f"{exercise_of(path)}/{path.stem}")
def test_right_answers_pass(path: Path, exhaustive: bool) -> None:
    """A right answer gets all points, whatever its shape, in every order that is tried: the
    solution in all of them, another shape in the natural one, or exhaustively in all. What could
    be better in it is said, and nothing is taken off for it.
    """
    name = exercise_of(path)
    is_solution = path.parent.name == "solutions"
    advice = None if is_solution else ADVICE.get(name, {}).get(path.name)
    in_all = exhaustive or is_solution or (advice is not None and advice["status"] == "lucky")
    result = graded(name, path, None if in_all else 1)
    assert told(result) == []
    assert (result.score, result.outcome) == (result.possible, Outcome.FINISHED)
    assert result.passed
    if advice is not None:
        _is_told([each.finding for each in result.judgements], advice)


def _is_told(findings: list[Finding], wanted: Mapping[str, str]) -> None:
    """The check of a row of the table comes to what the row says."""
    (finding,) = (each for each in findings if each.check == wanted["check"])
    assert finding.status.value == wanted["status"]
    assert finding.feedback.happened is not None
    happened = finding.feedback.happened.in_language("en")
    assert match(wanted["says"], happened), happened


@pytest.mark.parametrize(("name", "file"), WRONG)
def test_wrong_answers_are_told_their_mistake(
    name: str, file: str, request: pytest.FixtureRequest
) -> None:
    """A wrong answer fails the check that names its mistake, is told that once, and loses the
    points that the table says: what fails in the natural order needs no other. Those that repeat a
    mistake are run in all orders, and get nothing said from others.
    """
    wanted = TABLE[name][file]
    repeats = request.node.get_closest_marker("exhaustive") is not None
    in_all = repeats or wanted["status"] == "lucky"
    result = graded(name, SUBMISSIONS / name / "wrong" / file, None if in_all else 1)
    findings = told(result)
    assert [each.check for each in findings] == [wanted["check"]]
    _is_told(findings, wanted)
    assert findings[0].mistake == wanted.get("mistake")
    lost = [
        each.check.id
        for each in result.judgements
        if each.finding.status is not Status.PASSED and not each.is_advice
    ]
    assert lost == wanted["loses"]
    assert result.score is not None
    assert result.score < result.possible
    assert not result.passed
    _reads_well(findings[0])


def _reads_well(finding: Finding) -> None:
    """Observed, why and what to ask oneself, in both languages, in at most 160 words."""
    assert finding.feedback.happened is not None
    assert finding.feedback.why is not None
    assert finding.feedback.next is not None
    texts = [finding.feedback.happened, finding.feedback.why, finding.feedback.next]
    texts += [] if finding.hint is None else [finding.hint]
    assert sum(len(text.in_language("en").split()) for text in texts) <= 160
    assert finding.feedback.next.in_language("en").endswith("?")
    assert finding.feedback.next.in_language("zh").endswith("？")
    for text in texts:
        assert text.in_language("zh") != text.in_language("en")


def test_the_catalogue_of_mistakes_is_whole() -> None:
    """Each of the mistakes 1 to 41 is made by a submission, and told as the table says."""
    tables = (*TABLE.values(), *ADVICE.values())
    rows = {int(row["row"]) for files in tables for row in files.values() if "row" in row}
    assert set(range(1, 42)) - rows == set()


@pytest.mark.parametrize("name", EXERCISES)
def test_the_table_is_whole(name: str) -> None:
    """Every wrong answer stands in the table, and every row of it and of advice is a file."""
    files = {path.name for path in (SUBMISSIONS / name / "wrong").iterdir()}
    assert files == set(TABLE[name])
    assert set(ADVICE.get(name, {})) <= {
        path.name for path in (SUBMISSIONS / name / "right").iterdir()
    }


@pytest.mark.parametrize("name", EXERCISES)
def test_there_are_enough_answers(name: str) -> None:
    """Each exercise has a solution, three right answers of other shapes and five wrong ones."""
    assert (ROOT / "solutions" / f"{name}.py").is_file()
    assert len(list((SUBMISSIONS / name / "right").iterdir())) >= 3
    assert len(TABLE[name]) >= 5


@pytest.mark.parametrize("name", EXERCISES)
def test_every_text_is_there_in_both_languages(name: str) -> None:
    """Title, task, claims and hints are written in English and in Chinese."""
    shown = exercise(name)
    texts = [shown.title, shown.task, *(check.expect for check in shown.checks)]
    texts += [check.hint for check in shown.checks if check.hint is not None]
    for text in texts:
        assert {"en", "zh"} == set(text.by_language), text


@pytest.mark.parametrize("name", EXERCISES)
def test_exercises_are_worth_ten_points(name: str) -> None:
    """The points of an exercise add up to ten, and it is called as its file is."""
    shown = exercise(name)
    assert sum(check.points for check in shown.checks) == 10
    assert shown.id == name
