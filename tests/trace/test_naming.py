"""What processes, instants and lines are called in sentences."""

import pytest

from grader.trace import MAIN, Location
from grader.trace.naming import line_of, name_of, names_of, seconds, signal_name, times
from tests.building import Story, s


def test_a_variable_of_its_own() -> None:
    """A process goes by the student's variable."""
    story = Story()
    p1 = story.start(at=s(0.01), variable="p1")
    story.start(at=s(0.02), variable="p2")
    assert name_of(story.trace(), p1).in_language("en") == "p1"
    assert name_of(story.trace(), p1).in_language("zh") == "p1"


def test_a_name_in_chinese() -> None:
    """It stands in quotation marks: without them nothing shows where it ends."""
    story = Story()
    child = story.start(at=s(0.01), variable="子")
    assert name_of(story.trace(), child).in_language("zh") == "“子”"


def test_a_variable_used_twice() -> None:
    """Where a loop used one variable for all, they go by multiprocessing's names."""
    story = Story()
    story.start(at=s(0.01), variable="p")
    second = story.start(at=s(0.02), variable="p")
    assert name_of(story.trace(), second).in_language("en") == "Process-2"


def test_no_name_at_all() -> None:
    """Without a word of the probe a process goes by its number."""
    story = Story()
    child = story.start(at=s(0.01), name=None)
    assert name_of(story.trace(), child).in_language("en") == "process 1"
    assert name_of(story.trace(), MAIN).in_language("en") == "main"


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "Process-1"),
        (2, "Process-1 and Process-2"),
        (3, "Process-1, Process-2 and Process-3"),
        (7, "Process-1, Process-2, Process-3, Process-4 and 3 more"),
    ],
)
def test_several(count: int, sentence: str) -> None:
    """Up to five are named, of more than that the first four."""
    story = Story()
    numbers = [story.start(at=s(n / 100)) for n in range(count)]
    assert names_of(story.trace(), numbers).in_language("en") == sentence


def test_seconds() -> None:
    """Two decimals, more where they are needed to tell two times apart, six at most."""
    assert seconds(s(1.0146)).in_language("en") == "1.01 s"
    assert seconds(s(1.0146), beside=[s(1.0149)]).in_language("en") == "1.0146 s"
    assert seconds(s(1.0146), beside=[s(1.0146)]).in_language("en") == "1.01 s"
    assert seconds(1, beside=[2]).in_language("en") == "0.000000 s"


def test_lines() -> None:
    """The file is named only where it is not the script."""
    assert line_of(Location("a.py", 9), "a.py").in_language("en") == "line 9"
    assert line_of(Location("b.py", 9), "a.py").in_language("en") == "line 9 of b.py"


@pytest.mark.parametrize(("count", "words"), [(1, "once"), (2, "twice"), (3, "3 times")])
def test_times(count: int, words: str) -> None:
    """How often something happened."""
    assert times(count).in_language("en") == words


def test_signals() -> None:
    """A signal goes by its name, and one that has none by its number."""
    assert signal_name(15) == "SIGTERM"
    assert signal_name(40) == "signal 40"
