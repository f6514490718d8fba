"""Whatever stands in a file, the loader answers with an Exercise or with an ExerciseError."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.exercise import Exercise, ExerciseError
from tests.exercise.test_loading import WHOLE
from tests.exercise.writing import load

FRAGMENTS = st.sampled_from(
    "{ } [ ] : , - # & * ! | > ' \" % @ ` \n \t ~ ? 0 1.5 yes null << {pid} main workers "
    "prints order self 你 \x00 \x85 \u2028 \ud7ff \ufeff \U0001f600".split(" ")
)


def _answer(content: str | bytes) -> Exercise | str:
    try:
        return load(content)
    except ExerciseError as error:
        return str(error)


@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer(content: bytes) -> None:
    """Random bytes never get past the loader's own errors."""
    assert _answer(content)


@given(st.lists(FRAGMENTS, max_size=30))
def test_any_yaml_like_text_gets_an_answer(fragments: list[str]) -> None:
    """The characters that YAML cares about, in any order, are answered."""
    assert _answer(" ".join(fragments))


@given(st.integers(0, len(WHOLE)), st.integers(0, 12), FRAGMENTS)
def test_a_damaged_exercise_gets_an_answer(position: int, cut: int, inserted: str) -> None:
    """An exercise with a piece cut out and something put in loads or says what is wrong."""
    assert _answer(WHOLE[:position] + inserted + WHOLE[position + cut :])
