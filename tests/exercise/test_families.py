"""Relations that other packages bring along by an entry point."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import grader.exercise
from grader.exercise import FamilyError, family_names, find_family
from tests.exercise.writing import HEAD, load, told

RELATIONS = ", ".join(grader.exercise.RELATIONS)
MODULE = """\
from grader.exercise import Family, Model
from grader.exercise.names import ProcessName
from grader.exercise.values import Duration

class FairShares(Model):
    PLACE = "fair-shares"
    EXAMPLE = "{who: workers, within: 10ms}"
    who: ProcessName
    within: Duration = 0

def judge(*arguments):
    return arguments

FAIR_SHARES = Family("fair-shares", FairShares, judge)
MISNAMED = Family("other", FairShares, judge)
ILL_BASED = Family("ill-based", dict, judge)
"""
CAST = "cast: {workers: {children-of: main}}\n"


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path where `install` puts distributions."""
    (tmp_path / "shares_for_tests.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield tmp_path
    sys.modules.pop("shares_for_tests", None)


def install(folder: Path, name: str, *entry_points: str) -> None:
    """A distribution, as pip leaves it, with these entry points."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join(["[grader.checks]", *entry_points]))


def check(relation: str) -> str:
    """An exercise with one check; its relation begins in column 26 of line 6."""
    return f"{HEAD}{CAST}checks:\n  - {{id: b, expect: e,   {relation}}}\n"


def test_an_installed_family_is_a_key_of_a_check(package: Path) -> None:
    """Its parameters are read with the language's own types, and its judge is at hand."""
    install(package, "shares", "fair-shares = shares_for_tests:FAIR_SHARES")
    (only,) = load(check("fair-shares: {who: workers, within: 5ms}")).checks
    assert only.relation == "fair-shares"
    assert only.parameters.model_dump() == {"who": "workers", "within": 5_000_000}
    family = find_family(only.relation)
    assert family is not None
    assert family.judge(1, 2) == (1, 2)
    assert family_names() == ("fair-shares",)


@pytest.mark.parametrize(
    ("relation", "message"),
    [
        (
            "fair-shares: {who: wokers}",
            "6:45: no process is called 'wokers'. Did you mean 'workers'? "
            "Names here: main, workers",
        ),
        (
            "fair-shares: {who: main, wihtin: 1s}",
            "6:51: unknown key 'wihtin' in fair-shares. Did you mean 'within'? "
            "Allowed here: who, within",
        ),
        ("fair-shares: {within: 1s}", "6:39: fair-shares needs 'who'"),
        (
            "fair-shares: {who: main, within: 1}",
            "6:59: '1' has no unit: write a duration such as 200ms, with one of the units "
            "ns, us, ms, s, min",
        ),
        (
            "fair-shares: workers",
            "6:39: fair-shares is written with keys, such as {who: workers, within: 10ms}. "
            "Allowed here: who, within",
        ),
        (
            "clean: true, fair-shares: {who: main}",
            "6:39: 'clean' and 'fair-shares' do not go together: a check takes exactly one of "
            f"{RELATIONS}, fair-shares",
        ),
        (
            "fair-share: {who: main}",
            "6:26: unknown key 'fair-share' in a check. Did you mean 'fair-shares'? "
            "Allowed here: id, points, expect, needs, hint, any-duration, possible, under, "
            f"for-each, {RELATIONS}, fair-shares",
        ),
    ],
)
def test_a_mistake_in_a_family_is_told_like_any_other(
    package: Path, relation: str, message: str
) -> None:
    """Place, wrong word, suggestion and what is allowed, for keys of other packages too."""
    install(package, "shares", "fair-shares = shares_for_tests:FAIR_SHARES")
    assert told(check(relation)) == [message]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            "shares_for_tests:MISSING",
            "'fair-shares' comes from shares_for_tests:MISSING, which cannot be imported: "
            "AttributeError: module 'shares_for_tests' has no attribute 'MISSING'",
        ),
        (
            "no_such_module_here:X",
            "'fair-shares' comes from no_such_module_here:X, which cannot be imported: "
            "ModuleNotFoundError: No module named 'no_such_module_here'",
        ),
        (
            "shares_for_tests:judge",
            "'fair-shares' comes from shares_for_tests:judge, which is no Family of that name",
        ),
        (
            "shares_for_tests:MISNAMED",
            "'fair-shares' comes from shares_for_tests:MISNAMED, which is no Family of that name",
        ),
    ],
)
def test_a_broken_family_is_a_problem_of_the_check_that_uses_it(
    package: Path, target: str, message: str
) -> None:
    """The teacher is told which package is at fault, at the key that needs it."""
    install(package, "shares", f"fair-shares = {target}")
    assert told(check("fair-shares: {who: main}")) == [f"6:26: {message}"]


def test_a_family_whose_parameters_are_no_model_is_refused(package: Path) -> None:
    """Without the base model unknown keys would pass unseen."""
    install(package, "shares", "ill-based = shares_for_tests:ILL_BASED")
    with pytest.raises(FamilyError) as caught:
        find_family("ill-based")
    assert str(caught.value) == (
        "'ill-based' comes from shares_for_tests:ILL_BASED, whose parameters are no grader Model"
    )


def test_two_packages_with_one_name_are_refused(package: Path) -> None:
    """Which of them is meant cannot be known, so neither is taken."""
    install(package, "shares", "fair-shares = shares_for_tests:FAIR_SHARES")
    install(package, "others", "fair-shares = shares_for_tests:MISNAMED")
    with pytest.raises(FamilyError) as caught:
        find_family("fair-shares")
    assert str(caught.value) == (
        "'fair-shares' is offered by two packages: "
        "shares_for_tests:FAIR_SHARES, shares_for_tests:MISNAMED"
    )


def test_a_family_cannot_take_the_place_of_a_key_of_the_language(package: Path) -> None:
    """`clean` stays what it is, whatever is installed."""
    install(package, "shares", "clean = shares_for_tests:MISSING")
    assert load(check("clean: true")).checks[0].relation == "clean"


def test_without_packages_there_are_no_families() -> None:
    """The grader itself brings none along."""
    assert family_names() == ()
    assert find_family("fair-shares") is None
