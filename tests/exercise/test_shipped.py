"""Finding the exercises that the grader ships with."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.classroom import is_class
from grader.classroom.course import load_course
from grader.exercise import find_exercise, is_shipped, shipped_exercises
from grader.exit_status import UserError


def installation(root: Path, *folders: str) -> Path:
    """A package ``grader`` with two exercises in each of these folders."""
    package = root / "grader"
    package.mkdir()
    for folder in folders:
        (root / folder).mkdir(parents=True)
        for name in ("join", "join-all"):
            (root / folder / f"{name}.yaml").touch()
    return package


@pytest.mark.parametrize("folder", ["exercises", "grader/exercises"])
def test_a_name_finds_the_exercise_beside_the_package_or_in_it(tmp_path: Path, folder: str) -> None:
    """A checkout has them beside the package, a wheel inside it."""
    package = installation(tmp_path, folder)
    assert find_exercise("join", package) == tmp_path / folder / "join.yaml"
    assert list(shipped_exercises(package)) == ["join", "join-all"]


def test_a_course_file_has_their_order(tmp_path: Path) -> None:
    """Those that it does not have come after the others."""
    package = installation(tmp_path, "exercises")
    (tmp_path / "exercises" / "alone.yaml").touch()
    (tmp_path / "exercises" / "course.yaml").write_text(
        "exercises: [{file: join-all.yaml}, {file: join.yaml}]", "utf-8"
    )
    assert list(shipped_exercises(package)) == ["join-all", "join", "alone"]


def test_the_order_of_the_course_has_every_exercise() -> None:
    """None that is shipped is missing in its `course.yaml`, and no file is missing that it has."""
    folder = find_exercise("join").parent
    course = load_course(folder)
    assert [each.file.stem for each in course.exercises] == list(shipped_exercises())


def test_a_path_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends in .yaml, has a slash or is a file is no name; a folder of that name is none."""
    package = installation(tmp_path, "exercises")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").touch()
    (tmp_path / "join").mkdir()
    assert find_exercise("missing.yaml", package) == Path("missing.yaml")
    assert find_exercise("./join", package) == Path("./join")
    assert find_exercise("mine", package) == Path("mine")
    assert find_exercise("join", package) == tmp_path / "exercises" / "join.yaml"


def test_an_unknown_name_lists_those_that_there_are(tmp_path: Path) -> None:
    """The closest is suggested, and all are listed."""
    package = installation(tmp_path, "exercises")
    with pytest.raises(UserError) as caught:
        find_exercise("jion", package)
    assert str(caught.value) == (
        "There is no exercise jion. Did you mean join? There are: join, join-all."
    )
    with pytest.raises(UserError) as caught:
        find_exercise("xyzzy", package)
    assert str(caught.value) == "There is no exercise xyzzy. There are: join, join-all."


def test_an_installation_without_exercises_says_so(tmp_path: Path) -> None:
    """A broken installation is told from a wrong name."""
    with pytest.raises(UserError) as caught:
        find_exercise("join", installation(tmp_path))
    assert str(caught.value) == ("There is no exercise join: this installation has none at all.")


def test_this_checkout_ships_join() -> None:
    """The real exercises are found without naming a folder."""
    assert find_exercise("join").name == "join.yaml"
    assert find_exercise("join").is_file()


def test_a_folder_without_exercises_is_no_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has answers in a folder called `join` means the exercise; one with exercises is meant
    itself, and so is whatever has a slash.
    """
    package = installation(tmp_path, "exercises")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "join").mkdir()
    assert is_shipped("join", package)
    assert not is_shipped("./join", package)
    (tmp_path / "join" / "mine.yml").touch()
    assert not is_shipped("join", package)


def test_one_answer_beside_a_folder_named_like_the_exercise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is graded as one script, by the exercise that is shipped."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "join").mkdir()
    assert not is_class("join", [Path("x.py")])
    assert is_class("./join", [Path("x.py")])
