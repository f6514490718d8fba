"""The samples of an exercise, and what is said where one does not come out as it must."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.authoring.samples import Sample, load_samples, misses, samples_folder
from grader.checks import Status
from grader.classroom.model import CheckResult
from grader.exercise import ExerciseError
from grader.messages import Localized
from tests.exercise.writing import HEAD, load

EXERCISE = load(
    HEAD
    + "checks:\n  - {id: waits, expect: e, clean: true}\n  - {id: says, expect: e, clean: true}\n"
    "  - {id: nice, points: 0, expect: e, clean: true}\n"
)
FILES = ("solution.py", "right/other.py", "wrong/no_join.py", "helpers/module.py")


def folder(tmp_path: Path, manifest: str | None = None) -> Path:
    """A folder of samples."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    if manifest is not None:
        (tmp_path / "samples.yaml").write_text(manifest, encoding="utf-8")
    return tmp_path


def found(**status: Status) -> list[CheckResult]:
    """What the checks found; those that are not named passed."""
    said = Localized({"en": "Main did not wait.", "zh": "没有等待。"})
    return [
        CheckResult(
            check.id,
            each := status.get(check.id, Status.PASSED),
            check.points if each is Status.PASSED else 0.0,
            check.points,
            check.expect,
            None if each is Status.PASSED else said,
            recognized="no-wait" if each is Status.FAILED else None,
        )
        for check in EXERCISE.checks
    ]


def missed(wanted: dict[str, Any], **status: Status) -> list[str]:
    """What is said, in English."""
    sample = Sample.model_validate(wanted)
    return [each.in_language("en") for each in misses(sample, found(**status))]


def test_every_script_is_a_sample(tmp_path: Path) -> None:
    """Those in the folder and below right and wrong; other folders hold what they need."""
    samples = load_samples(EXERCISE, folder(tmp_path))
    assert [each.name for each in samples] == ["right/other.py", "solution.py", "wrong/no_join.py"]
    assert all(each.wanted == Sample() for each in samples)


def test_where_samples_are(tmp_path: Path) -> None:
    """Beside the exercise, or in one folder for many exercises. There need be none."""
    assert samples_folder(Path("a/join.yaml")) == Path("a/join.samples")
    assert samples_folder(Path("a/join.yaml"), Path("b")) == Path("b/join")
    assert load_samples(EXERCISE, tmp_path / "none") == ()


def test_the_manifest_says_what_must_come_out(tmp_path: Path) -> None:
    """By the script's path from there; a script elsewhere may be named, too."""
    manifest = (
        "samples:\n  wrong/no_join.py: {fails: [waits], score: 1, says: {waits: 'Main did*'}}\n"
        "  helpers/module.py: {lucky: [says], loses: [waits, says]}\n"
    )
    samples = {
        each.name: each.wanted for each in load_samples(EXERCISE, folder(tmp_path, manifest))
    }
    assert samples["wrong/no_join.py"] == Sample(
        fails=("waits",), score=1, says={"waits": "Main did*"}
    )
    assert samples["helpers/module.py"].follows == ("waits",)
    assert samples["solution.py"] == Sample()


def test_errors_of_a_manifest_are_told_at_their_lines(tmp_path: Path) -> None:
    """All at once: what is no check, and what is no key."""
    manifest = "samples:\n  solution.py: {fails: [wait]}\n  right/other.py: {fail: [waits]}\n"
    with pytest.raises(ExerciseError) as wrong:
        load_samples(EXERCISE, folder(tmp_path, manifest))
    first, second = wrong.value.problems
    assert (first.line, first.message) == (
        2,
        "no check is called 'wait'. Did you mean 'waits'? Names here: nice, says, waits",
    )
    assert (second.line, second.message.partition(".")[0]) == (3, "unknown key 'fail' in a sample")


def test_a_sample_without_its_script(tmp_path: Path) -> None:
    """It is told where it stands, with the one that is meant."""
    with pytest.raises(ExerciseError) as wrong:
        load_samples(EXERCISE, folder(tmp_path, "samples:\n  solutio.py: {fails: [waits]}\n"))
    (problem,) = wrong.value.problems
    assert problem.message == "there is no file 'solutio.py'. Did you mean 'solution.py'?"


def test_what_comes_out_as_it_must() -> None:
    """A right answer, a wrong one, and one whose advice nobody asked about."""
    assert missed({}) == []
    assert missed({}, nice=Status.FAILED) == []
    assert missed({"fails": ["waits"]}, waits=Status.FAILED, says=Status.SKIPPED) == []
    wanted = {"lucky": ["waits"], "loses": ["says", "waits"], "score": 0}
    assert missed(wanted, waits=Status.LUCKY, says=Status.SKIPPED) == []
    told = {"fails": ["waits"], "says": {"waits": "Main did *"}, "mistake": "no-wait"}
    assert missed(told, waits=Status.FAILED) == []
    assert missed({"fails": ["nice"]}, nice=Status.FAILED) == []


@pytest.mark.parametrize(
    ("wanted", "status", "said"),
    [
        (
            {},
            {"waits": Status.FAILED},
            [
                "waits must not be failed: Main did not wait.",
                "These checks must lose their points: –. These do: waits.",
            ],
        ),
        ({}, {"says": Status.INCONCLUSIVE, "waits": Status.PASSED}, None),
        ({"fails": ["waits"]}, {}, ["waits must be failed, and is passed."]),
        (
            {"fails": ["waits"]},
            {"waits": Status.LUCKY},
            ["waits must be failed, and is lucky."],
        ),
        (
            {"fails": ["waits"]},
            {"waits": Status.FAILED, "says": Status.LUCKY},
            ["says must not be lucky: Main did not wait."],
        ),
        (
            {"fails": ["waits"], "loses": ["waits"]},
            {"waits": Status.FAILED, "says": Status.SKIPPED},
            ["These checks must lose their points: waits. These do: waits, says."],
        ),
        (
            {"fails": ["waits"], "score": 2},
            {"waits": Status.FAILED},
            ["It must score 2, and scores 1."],
        ),
        (
            {"fails": ["waits"], "says": {"waits": "Main crashed"}},
            {"waits": Status.FAILED},
            ["Of waits this must be said: “Main crashed”. This is: “Main did not wait.”."],
        ),
        (
            {"fails": ["waits"], "mistake": "crash"},
            {"waits": Status.FAILED},
            ["The mistake crash must be recognised. What is: no-wait."],
        ),
    ],
)
def test_what_comes_out_otherwise(
    wanted: dict[str, Any], status: dict[str, Status], said: list[str] | None
) -> None:
    """Each difference is said; what could not be judged is one."""
    told = missed(wanted, **status)
    assert told == said if said is not None else told[0] == "says could not be judged."
