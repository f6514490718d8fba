"""The cast of an exercise, found among the processes of a run."""

from typing import Any

import pytest

from grader.checks.roles import Roles
from grader.trace import MAIN, StartMethod
from tests.building import Story, s
from tests.checks.stage import context


def roles(story: Story, cast: dict[str, Any]) -> Roles:
    return context(story, cast=cast).roles


def family() -> Story:
    """Main with two children; the first has a child of its own, and there is a helper."""
    story = Story(StartMethod.SPAWN)
    story.helper(at=s(0.01))
    first = story.start(at=s(0.02), name="first")
    story.start(at=s(0.03), name="second")
    story.start(first, at=s(0.04))
    story.prints(first, "123", at=s(0.05))
    return story


def test_main_and_any() -> None:
    """Main is process 0; any are main and all that it made, without helpers."""
    found = roles(family(), {})
    assert found.of("main") == (MAIN,)
    assert found.of("any") == (MAIN, 2, 3, 4)


@pytest.mark.parametrize(
    ("described", "members"),
    [
        ({"children-of": "main"}, (2, 3)),
        ({"children-of": "any"}, (2, 3, 4)),
        ({"children-of": "main", "prints": "123"}, (2,)),
        ({"prints": "1*"}, (2,)),
        ({"named": "sec*"}, (3,)),
        ({"children-of": "main", "count": 2}, (2, 3)),
    ],
)
def test_descriptions(described: dict[str, Any], members: tuple[int, ...]) -> None:
    """All that is given must fit."""
    found = roles(family(), {"them": described})
    assert found.of("them") == members
    assert found.unresolved == {}


def test_names_that_build_on_others() -> None:
    """A name can be described by another one, whichever comes first in the file."""
    found = roles(
        family(),
        {
            "grandchildren": {"children-of": "talker"},
            "other": {"children-of": "main", "except": "talker", "count": 1},
            "talker": {"children-of": "main", "prints": "123", "count": 1},
        },
    )
    assert found.of("grandchildren") == (4,)
    assert found.of("other") == (3,)
    assert found.unresolved == {}


@pytest.mark.parametrize(
    ("described", "sentence"),
    [
        ({"children-of": "main", "count": 3}, "Main started 2 processes. There should be 3."),
        ({"children-of": "main", "count": 1}, "Main started 2 processes. There should be 1."),
        (
            {"children-of": "main", "prints": "456", "count": 1},
            "None of the processes that main started printed “456”.",
        ),
        (
            {"children-of": "main", "prints": "123", "count": 2},
            "1 process that main started printed “123”. There should be 2.",
        ),
        (
            {"children-of": "main", "named": "third"},
            "None of the processes that main started is named “third”. They are named “first” and "
            "“second”.",
        ),
        (
            {"children-of": "any", "count": 1},
            "The program started 3 processes. There should be 1.",
        ),
        (
            {"prints": "456"},
            "None of the processes that the program started printed “456”.",
        ),
    ],
)
def test_unresolved_roles(described: dict[str, Any], sentence: str) -> None:
    """A mismatch explains itself."""
    role = roles(family(), {"them": described}).unresolved["them"]
    assert role.happened.in_language("en") == sentence


def test_nobody_started() -> None:
    """Without children every description of children fits nobody."""
    role = roles(Story(), {"child": {"children-of": "main", "count": 1}}).unresolved["child"]
    assert role.happened.in_language("en") == "Main started no process. There should be 1."
    assert role.too_few


def test_an_unresolved_role_is_reported_where_it_began() -> None:
    """A name that is described by a name that fits no process is not unresolved by itself."""
    found = roles(
        family(),
        {
            "talker": {"children-of": "main", "prints": "456", "count": 1},
            "other": {"children-of": "main", "except": "talker", "count": 1},
        },
    )
    assert found.unresolved["other"] is found.unresolved["talker"]


def test_names_that_nobody_saw() -> None:
    """Without the probe's word on names nobody can be found by name: that is not a mistake."""
    story = Story()
    story.start(at=s(0.01), name=None)
    assert roles(story, {"them": {"named": "x"}}).unresolved["them"].unseen


def test_other_programs_are_no_children() -> None:
    """What is run by ``subprocess`` is not what the course means by a child."""
    story = family()
    story.start(at=s(0.06), method=StartMethod.SUBPROCESS)
    assert roles(story, {"them": {"children-of": "main"}}).of("them") == (2, 3)
