"""What the probe within the submission's interpreters says, a line a report (``probe/``)."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.trace import Nanoseconds, Pid

LONGEST = 400_000
"""Bytes of a report: a piece of output may be written as four characters for each byte."""

_HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


@dataclass(frozen=True)
class Report:
    """Something that process ``pid`` did ``at`` a time of the machine's own clock.

    ``what`` is what happened; which fields there are depends on it. Reports that the grader adds
    itself are ``peer`` (a program of the exercise's own was started), ``typed``, ``lived`` (until
    now: a signal to it was held up), ``gone`` (the process is no more), ``ended`` (with its
    ``code``, as its parent in the grader's session learned it) and ``killed`` (by the grader).
    """

    what: str
    pid: Pid
    at: Nanoseconds
    fields: Mapping[str, object] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """A field that is a text; None where it is not there."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """A field that is a whole number."""
        value = self.fields.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def flag(self, name: str) -> bool | None:
        """A field that is true or false."""
        value = self.fields.get(name)
        return value if isinstance(value, bool) else None

    def data(self, name: str) -> bytes:
        """A field of bytes; none where it is not there."""
        value = self.fields.get(name)
        return value if isinstance(value, bytes) else b""

    @property
    def is_of_helper(self) -> bool:
        """Whether it is the hello of a program that multiprocessing runs for itself."""
        words = " ".join(self.texts("arguments") or ())
        return self.text("how") == "program" and any(helper in words for helper in _HELPERS)

    def numbers(self, name: str) -> tuple[int, ...]:
        """A field that lists numbers."""
        value = self.fields.get(name)
        return (
            tuple(each for each in value if isinstance(each, int))
            if isinstance(value, list)
            else ()
        )

    def texts(self, name: str) -> tuple[str, ...] | None:
        """A field that lists texts; None where it is not there."""
        value = self.fields.get(name)
        if not isinstance(value, list):
            return None
        return tuple(each for each in value if isinstance(each, str))


def parse_report(line: bytes) -> Report | None:
    """The report in a line; None if it is none, for the student's code can write there, too."""
    if len(line) > LONGEST:
        return None
    try:
        value = ast.literal_eval(line.decode("ascii"))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(value, tuple) or len(value) != 4:
        return None
    what, pid, at, fields = value
    if (
        not isinstance(what, str)
        or not isinstance(pid, int)
        or not isinstance(at, int)
        or not isinstance(fields, dict)
        or not all(isinstance(key, str) for key in fields)
    ):
        return None
    return Report(what, pid, at, fields)
