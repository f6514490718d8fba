"""A process that was made by ``os.fork``, where a `Process` object is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks import Status
from grader.trace import MAIN, Location
from tests.building import SCRIPT, Story, s
from tests.checks.stage import ONE_CHILD, findings, said, verdict

FORK = "import os\npid = os.fork()\n"
BY_HAND = [
    "Process 1 was made by `os.fork` (line 2), and no `Process` object stands for it.",
    "A process has its name, its class and its `daemon` from its `Process` object, and by that "
    "object others ask for it. `os.fork` makes none.",
    "Which class of `multiprocessing` stands for a process, and where do you use it?",
]
OF_OBJECTS: tuple[dict[str, Any], ...] = (
    {"named": {"who": "child", "is": "greeter"}},
    {"daemon": {"who": "child", "is": True}},
    {"subclass": {"who": "child", "overrides": "run"}},
    {"called": {"method": "is_alive", "by": "main"}},
)


def play() -> Story:
    story = Story()
    child = story.start(at=s(0.01), name=None, class_name=None, daemon=None)
    story.ends(child, at=s(0.02))
    story.ends(MAIN, at=s(0.03))
    return story


@pytest.mark.parametrize("check", OF_OBJECTS)
def test_what_only_an_object_says(check: dict[str, Any]) -> None:
    """It is judged, and not taken for something that the grader could not see."""
    found = verdict(play(), check, ONE_CHILD, FORK)
    assert said(found) == BY_HAND
    assert found.feedback.line == Location(SCRIPT, 2)


def test_it_is_no_daemon() -> None:
    """And where none is asked for that is right."""
    check = {"daemon": {"who": "child", "is": False}}
    assert verdict(play(), check, ONE_CHILD, FORK).status is Status.PASSED


def test_a_hint_about_objects_where_there_are_none() -> None:
    """Too few were forked; that an object starts nothing by itself is no help."""
    check = {"count": {"who": "child", "is": 3}, "hint": "An object starts nothing yet."}
    cast = {"child": {"children-of": "main"}}
    assert findings(play(), check, cast=cast, code=FORK)["check-1"].hint is None


@pytest.mark.parametrize("code", ["import os", "p = make()"])
def test_what_the_grader_really_did_not_see(code: str) -> None:
    """Where no line forks nobody is accused."""
    for check in OF_OBJECTS:
        assert verdict(play(), check, ONE_CHILD, code).status is Status.INCONCLUSIVE


def test_it_is_told_once_and_without_a_hint_about_pools() -> None:
    """That no `Process` was made is told by the check that asks for one."""
    source = {"calls": "multiprocessing.Process", "avoids": "multiprocessing.Pool"}
    pool = {"source": source, "hint": "A `Pool` starts its processes for you."}
    found = findings(play(), pool, *OF_OBJECTS, cast=ONE_CHILD, code=FORK)
    told = found.pop("check-1")
    assert said(told)[0] == "Line 2 calls `os.fork`, and no line makes a `Process`."
    assert told.hint is None
    assert {each.status for each in found.values()} == {Status.SKIPPED}


def test_a_pool_keeps_its_hint() -> None:
    """It is what the hint is for."""
    source = {"calls": "multiprocessing.Process", "avoids": "multiprocessing.Pool"}
    pool = {"source": source, "hint": "A `Pool` starts its processes for you."}
    code = "from multiprocessing import Pool\nPool()\n"
    assert findings(play(), pool, cast=ONE_CHILD, code=code)["check-1"].hint is not None
