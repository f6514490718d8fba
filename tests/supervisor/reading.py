"""Short questions that these tests ask of a trace."""

from __future__ import annotations

from pathlib import Path

from grader.trace import Process, Stream, Trace
from grader.trace.questions import E, every
from tests.building import lines_of

SECOND = 10**9


def output(trace: Trace, by: int | None = None, stream: Stream | None = None) -> list[str]:
    """The texts that were printed, in order."""
    return [line.text for line in lines_of(trace, by, stream)]


def numbers(trace: Trace, by: int | None = None) -> list[float]:
    """What was printed, as numbers."""
    return [float(word) for text in output(trace, by) for word in text.split()]


def only(trace: Trace, kind: type[E], **fields: object) -> E:
    """The one event of that kind with these fields."""
    (event,) = having(trace, kind, **fields)
    return event


def having(trace: Trace, kind: type[E], **fields: object) -> tuple[E, ...]:
    """All events of that kind with these fields."""
    return every(
        trace,
        kind,
        lambda event: all(getattr(event, name) == value for name, value in fields.items()),
    )


def just_past(value: float, seconds: float, slack: float = 0.06) -> bool:
    """Whether a span that should take ``seconds`` was over then: later by a little, never before.

    ``slack`` is for the CPU time that the script itself uses in between.
    """
    return seconds < value <= seconds + slack


def child(trace: Trace, position: int = 0) -> Process:
    """The child of main that was born first (or second, ...)."""
    children = [each for each in trace.processes if each.creator == 0]
    return children[position]


def living_in(folder: str) -> list[int]:
    """The pids of the processes that run in this folder, or were started in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environment = (entry / "environ").read_bytes()
            working = str((entry / "cwd").readlink())
        except OSError:
            continue  # another user's, a zombie, or gone
        if folder.encode() in environment or working.startswith(folder):
            found.append(int(entry.name))
    return found
