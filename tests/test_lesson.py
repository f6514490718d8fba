"""The exercises of the lesson: every right answer passes, every wrong one is told its mistake.

What each answer must be given and told stands in ``submissions/<exercise>/samples.yaml``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from _pytest.mark import ParameterSet

from grader.authoring.samples import Sample, Script, load_samples, misses
from grader.checks import Finding, Status
from grader.classroom.batch.job import results_of
from grader.exercise import Exercise, load_exercise, shipped_exercises
from grader.grading import Grade, Options, grade
from grader.submission import read_submission
from grader.trace import Outcome

from .repeating import exhaustive, first_of_each

ROOT = Path(__file__).parent.parent
SUBMISSIONS = Path(__file__).parent / "submissions"
EXERCISES = list(shipped_exercises())
OTHER_SHAPES = 3
"""So many right answers besides its solution an exercise has to have."""
DEAR = ("chat-server/never_sees_the_end",)
"""What goes round a loop for ten seconds before a limit is reached: exhaustively, in the natural
order. `tests/checks/test_hang_ups.py` has the mistake, too."""


@cache
def exercise(name: str) -> Exercise:
    shipped = ROOT / "exercises" / f"{name}.yaml"
    own = Path(__file__).parent / "exercises" / f"{name}.yaml"
    return load_exercise(shipped if shipped.is_file() else own)


SAMPLES = {
    folder.name: load_samples(exercise(folder.name), folder)
    for folder in sorted(SUBMISSIONS.iterdir())
    if folder.is_dir()
}


def is_wrong(sample: Script) -> bool:
    """Advice costs nothing."""
    return bool(sample.wanted.loses)


def parameters(wrong: bool) -> list[ParameterSet]:
    return [
        pytest.param(
            name,
            sample,
            id=f"{name}/{sample.path.stem}",
            marks=[pytest.mark.exhaustive] * (f"{name}/{sample.path.stem}" in DEAR),
        )
        for name, samples in SAMPLES.items()
        for sample in samples
        if is_wrong(sample) == wrong
    ]


def right_answers() -> Iterator[ParameterSet]:
    """Those that get advice, and of each exercise a few more: the others repeat these."""
    shapes = Counter[str]()
    for case in parameters(wrong=False):
        name, sample = case.values
        shapes[name] += not sample.wanted.reported
        repeats = shapes[name] > OTHER_SHAPES and not sample.wanted.reported
        yield from exhaustive(case) if repeats else [case]


SOLUTIONS = [
    pytest.param(path.stem, Script("solution", path, Sample()), id=path.stem)
    for path in sorted(ROOT.glob("solutions/*.py"))
]
WRONG = first_of_each(
    parameters(wrong=True),  # where no mistake is recognised, it is the check that fails
    lambda case: case.values[1].wanted.mistake or (case.values[0], case.values[1].wanted.reported),
)


def graded(name: str, path: Path, orders: int | None = None) -> Grade:
    """``orders``: how many are tried, the natural one included; None: all that are asked for."""
    return grade(exercise(name), read_submission(path), Options(schedules=orders))


def missed(sample: Script, result: Grade) -> list[str]:
    return [each.in_language("en") for each in misses(sample.wanted, results_of(result))]


@pytest.mark.parametrize(("name", "sample"), [*SOLUTIONS, *right_answers()])
def test_right_answers_pass(name: str, sample: Script, exhaustive: bool) -> None:
    """A right answer gets all points, whatever its shape, in every order that is tried: the
    solution in all of them, another shape in the natural one, or exhaustively in all. What could
    be better in it is said, and nothing is taken off for it.
    """
    in_all = exhaustive or sample.name == "solution" or sample.wanted.lucky
    result = graded(name, sample.path, None if in_all else 1)
    assert missed(sample, result) == []
    assert (result.score, result.outcome) == (result.possible, Outcome.FINISHED)
    assert result.passed


@pytest.mark.parametrize(("name", "sample"), WRONG)
def test_wrong_answers_are_told_their_mistake(
    name: str, sample: Script, request: pytest.FixtureRequest
) -> None:
    """A wrong answer fails the check that names its mistake, is told that once, and loses the
    points that its sample says: what fails in the natural order needs no other. Those that repeat
    a mistake are run in all orders, and get nothing said from others.
    """
    repeats = request.node.get_closest_marker("exhaustive") is not None
    in_all = (repeats and f"{name}/{sample.path.stem}" not in DEAR) or sample.wanted.lucky
    result = graded(name, sample.path, None if in_all else 1)
    assert missed(sample, result) == []
    assert not result.passed
    reported = (Status.FAILED, Status.LUCKY)
    (finding,) = (
        each.finding
        for each in result.judgements
        if each.finding.status in reported and not each.is_advice
    )
    _reads_well(finding)


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
    """Each of the mistakes 1 to 41 is made by a submission, and told as its sample says."""
    catalogue = yaml.safe_load((SUBMISSIONS / "catalogue.yaml").read_text(encoding="utf-8"))
    assert set(catalogue) == set(range(1, 42))
    names = {f"{name}/{each.name}" for name, samples in SAMPLES.items() for each in samples}
    assert {each for row in catalogue.values() for each in row} <= names


@pytest.mark.parametrize("name", EXERCISES)
def test_there_are_enough_answers(name: str) -> None:
    """Each exercise has a solution, three right answers of other shapes and five wrong ones, of
    which it is said what they must be told.
    """
    assert (ROOT / "solutions" / f"{name}.py").is_file()
    wrong = [each for each in SAMPLES[name] if is_wrong(each)]
    assert len(SAMPLES[name]) - len(wrong) >= OTHER_SHAPES
    assert len(wrong) >= 5
    for each in SAMPLES[name]:
        assert each.name.startswith("wrong/") == is_wrong(each), each.name
    for each in wrong:
        assert len(each.wanted.reported) == 1, each.name
        assert each.wanted.says, each.name


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
