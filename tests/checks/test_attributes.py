"""An attribute of a process that is spelled nearly like one that a Process has."""

from typing import Any

import pytest

from grader.checks import Status
from grader.trace import Location
from tests.building import SCRIPT, Story, s
from tests.checks.stage import ONE_CHILD, findings, happened, said

IS_DAEMON = {"daemon": {"who": "child", "is": True}}
IS_NAMED = {"named": {"who": "child", "is": "Anna"}}
MADE = "from multiprocessing import Process\np = Process(target=work)\n"


def told(code: str, check: dict[str, Any] = IS_DAEMON) -> Any:
    """What the check finds of a child that is no daemon and has no name of its own."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=4)
    story.ends(child, at=s(1))
    story.ends(0, at=s(1.1))
    return findings(story, check, cast=ONE_CHILD, code=code)["check-1"]


def test_a_misspelt_attribute() -> None:
    """The line, the word as it stands there, and why Python said nothing; not the right word."""
    found = told(f"{MADE}p.deamon = True\np.start()\n")
    assert said(found) == [
        "Line 3 gives `p` an attribute `deamon`. A `Process` has no attribute of that name.",
        "Python lets you assign to any name without an error. Only the names that `Process` "
        "itself knows change the process.",
        "Which attribute is meant there, and how is it spelled, letter for letter?",
    ]
    assert found.feedback.line == Location(SCRIPT, 3)


@pytest.mark.parametrize(
    ("code", "owner", "word"),
    [
        (f"{MADE}p.Daemon = True\n", "p", "Daemon"),
        (f"{MADE}p.deamon = q.daemon = True\n", "p", "deamon"),
        ("for w in workers:\n    w.daemons = True\n    w.start()\n", "w", "daemons"),
        (
            "from multiprocessing import Process\nclass P(Process):\n    def __init__(self):\n"
            "        super().__init__()\n        self.demon = True\n",
            "self",
            "demon",
        ),
    ],
)
def test_wherever_a_process_is_assigned_to(code: str, owner: str, word: str) -> None:
    """A capital, one of several targets, a variable of a loop, a process's own ``self``."""
    assert f"gives `{owner}` an attribute `{word}`." in happened(told(code))


def test_a_misspelt_name() -> None:
    """What the process is called may be misspelt as well."""
    assert "an attribute `nmae`." in happened(told(f"{MADE}p.nmae = 'Anna'\n", IS_NAMED))


@pytest.mark.parametrize(
    "code",
    [
        f"{MADE}p.daemon = False\n",
        f"{MADE}p.colour = True\n",
        f"{MADE}config.deamon = True\n",
        f"{MADE}p.demon = True\nprint(p.demon)\n",
    ],
)
def test_what_is_no_misspelling(code: str) -> None:
    """The right word, one that is like none, another object's, one that the script uses."""
    assert happened(told(code)) == "p was not a daemon when it started (line 4)."


def test_a_misspelling_that_is_kept_up() -> None:
    """The letters of the right word in another order are no name of the script's own."""
    code = f"{MADE}p.nmae = 'Anna'\nprint(p.nmae)\n"
    assert "an attribute `nmae`." in happened(told(code, IS_NAMED))


def test_a_misspelling_of_what_no_check_asks_for() -> None:
    """It explains only a check that failed for it."""
    assert happened(told(f"{MADE}p.deamon = True\n", IS_NAMED)) == (
        "p has the process name “Process-1”; the task asks for “Anna”."
    )


def test_no_mistake_without_a_failure() -> None:
    """Nobody is told of an attribute where all is well."""
    check = {"daemon": {"who": "child", "is": False}}
    assert told(f"{MADE}p.deamon = True\n", check).status is Status.PASSED
