"""A trace as JSON, both ways."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from grader.trace.model import Trace

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@cache
def _adapter() -> TypeAdapter[Trace]:
    """Loaded and built at the first use: most gradings save no trace, and it takes a while."""
    from pydantic import TypeAdapter

    return TypeAdapter(Trace)


def to_json(trace: Trace) -> bytes:
    """``trace`` as one JSON object, in UTF-8. An event says what it is by its ``kind``."""
    return _adapter().dump_json(trace)


def from_json(saved: bytes) -> Trace:
    """The trace that `to_json` saved, equal to the one that it was given.

    Raises:
        pydantic.ValidationError: ``saved`` is not JSON, or not that of a trace.
    """
    return _adapter().validate_json(saved)
