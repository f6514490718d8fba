"""A trace as JSON, both ways."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from grader.trace import MAIN, Trace
from grader.trace.serialization import from_json, to_json
from tests.building import EVENT_KINDS, Story, s

EVENTS: st.SearchStrategy[Any] = st.one_of([st.from_type(kind) for kind in EVENT_KINDS])


@given(st.builds(Trace, events=st.lists(EVENTS, max_size=8).map(tuple)))
def test_round_trip(trace: Trace) -> None:
    """Whatever happened, a saved trace loads back equal."""
    assert from_json(to_json(trace)) == trace


def test_what_is_saved() -> None:
    """An event says what it is by its kind, and text stays readable."""
    story = Story()
    story.prints(MAIN, "主程序", at=s(0.5))
    saved = json.loads(to_json(story.trace()))
    assert saved["events"][1] == {
        "at": 500_000_000,
        "by": 0,
        "text": "主程序",
        "stream": "stdout",
        "ended": True,
        "thread": None,
        "kind": "printed",
    }
    assert "主程序".encode() in to_json(story.trace())


def test_unknown_kind() -> None:
    """An event of no known kind is refused, with the kinds that there are."""
    saved = to_json(Story().trace()).replace(b'"began"}', b'"sang"}')
    with pytest.raises(ValidationError, match="'sang' found using 'kind' does not match"):
        from_json(saved)
