"""Whatever becomes of an exercise file, it is read or its errors are told, and soon."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.authoring import lint
from grader.exercise import RELATIONS, shipped_exercises
from grader.exercise.fields import language_keys
from tests.exercise.writing import HEAD

Draw = Callable[[st.SearchStrategy[Any]], Any]

FILES = {
    "relations": [HEAD + relation.SAMPLE for relation in RELATIONS.values()],
    "exercises": [file.read_text("utf-8") for file in shipped_exercises().values()],
}
FRAGMENTS = st.sampled_from(
    [
        *"{ } [ ] : , - # & * ! | > ' \" % @ ` ~ ? 0 -1 1.5 1e9 yes null << {pid} {name}".split(),
        *"{x} main any each workers p prints order self 200ms 9999999999999999999 你 ：".split(),
        *"\n\t\x00\x85\u2028\ufeff\U0001f600",
    ]
)
VALUES = st.recursive(
    st.one_of(
        st.sampled_from(
            ["main", "any", "each", "p", "*", "{pid} {x}", "1s", "last", "", "?", "fork"]
        ),
        st.integers(-2, 10**20),
        st.floats(allow_nan=True),
        st.booleans(),
        st.none(),
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(sorted(language_keys())), inner, max_size=2)
    ),
    max_leaves=4,
)


@cache
def as_data(text: str) -> Any:
    return yaml.safe_load(text)


def places(data: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a file."""
    inside: list[tuple[Any, Any]] = []
    if isinstance(data, (dict, list)):
        inside = list(data.items() if isinstance(data, dict) else enumerate(data))
    return [above] * bool(above) + [
        place for key, value in inside for place in places(value, (*above, key))
    ]


def with_other_lines(text: str, draw: Draw) -> str:
    """A line is gone, twice there, indented otherwise or somewhere else."""
    lines = text.splitlines(keepends=True)
    place, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    line = lines[place]
    changed = draw(st.sampled_from([[], [line, line], ["  " + line], [line[2:]], [line.strip()]]))
    lines[place : place + 1] = changed
    lines.insert(other, draw(st.sampled_from(["", line])))
    return "".join(lines)


def with_other_characters(text: str, draw: Draw) -> str:
    """A piece is cut out, and another one put there."""
    place, cut = draw(st.integers(0, len(text))), draw(st.integers(0, 12))
    inserted = draw(FRAGMENTS)
    return f"{text[:place]}{inserted}{text[place + cut :]}"


def with_other_words(text: str, draw: Draw) -> str:
    """Words of the file stand in each other's places."""
    parts = re.split(r"([\w{}-]+)", text)
    for _ in range(draw(st.integers(1, 3))):
        place, other = (2 * draw(st.integers(0, len(parts) // 2 - 1)) + 1 for _ in range(2))
        parts[place] = draw(st.just(parts[other]) | FRAGMENTS)
    return "".join(parts)


def with_other_values(text: str, draw: Draw) -> str:
    """Something of another kind stands in the place of a value."""

    def changed(data: Any, place: tuple[Any, ...], value: Any) -> Any:
        if not place:
            return value
        copied = dict(data) if isinstance(data, dict) else list(data)
        copied[place[0]] = changed(copied[place[0]], place[1:], value)
        return copied

    data = as_data(text)
    place, value = draw(st.sampled_from(places(data))), draw(VALUES)
    return yaml.safe_dump(changed(data, place, value), allow_unicode=True, sort_keys=False)


KINDS = (with_other_lines, with_other_characters, with_other_words, with_other_values)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutated") / "a.yaml"


def assert_answered(file: Path, text: str) -> None:
    file.write_bytes(text.encode("utf-8", "replace"))
    begun = time.process_time()
    found = lint(file)
    assert time.process_time() - begun < 1
    for problem in (*found.errors, *found.warnings):
        assert problem.message
        assert "Traceback" not in str(problem)


@pytest.mark.parametrize("change", KINDS)
@given(data=st.data())
@settings(max_examples=50)
def test_a_changed_file_gets_an_answer(change: Any, place: Path, data: st.DataObject) -> None:
    """It loads, or says what is wrong with it, within a second of computing."""
    text = data.draw(st.sampled_from(FILES["relations"]))
    assert_answered(place, change(text, data.draw))


@pytest.mark.exhaustive
@pytest.mark.parametrize("change", KINDS)
@given(data=st.data())
@settings(max_examples=2_500)
def test_ten_thousand_changed_files_get_an_answer(
    change: Any, place: Path, data: st.DataObject
) -> None:
    """So do more of them, and one whole exercise in ten."""
    kind = data.draw(st.sampled_from(["relations"] * 9 + ["exercises"]))
    text = data.draw(st.sampled_from(FILES[kind]))
    assert_answered(place, change(text, data.draw))
