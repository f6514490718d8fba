"""What was said at the terminal, for the page: in order, and by process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from grader.messages import Language
from grader.report.escaping import one_line
from grader.report.narration import Narrator
from grader.trace import Printed, ProcessNumber, Role, Trace, Typed
from grader.trace.naming import seconds

_LINES_AT_MOST = 400
_COLUMNS_AT_MOST = 1_000
_CHARACTERS_AT_MOST = 100_000

Kind = Literal["stdout", "stderr", "typed"]


@dataclass(frozen=True)
class Said:
    """A line that was printed or typed. ``index`` is the event's place in the trace."""

    at: str
    who: str
    text: str
    kind: Kind
    index: int


@dataclass(frozen=True)
class Output:
    """Lines in the order in which they stood there. ``left_out`` counts those not shown."""

    lines: tuple[Said, ...]
    left_out: int

    @property
    def by_process(self) -> dict[str, list[Said]]:
        """The same lines, apart by who said them."""
        apart: dict[str, list[Said]] = {}
        for line in self.lines:
            apart.setdefault(line.who, []).append(line)
        return apart


def output_of(trace: Trace, narrator: Narrator, language: Language, *, peers: bool) -> Output:
    """The lines of the submission's processes, or of the exercise's own programs."""
    roles = {process.number: process.role for process in trace.processes}
    events = [
        (index, event)
        for index, event in enumerate(trace.events)
        if isinstance(event, (Printed, Typed)) and (roles[event.by] is Role.PEER) is peers
    ]
    lines: list[Said] = []
    room = _CHARACTERS_AT_MOST
    names: dict[ProcessNumber, str] = {}
    for index, event in _first_and_last(events):
        if event.by not in names:
            names[event.by] = one_line(narrator.name(event.by).in_language(language), 40)
        if isinstance(event, Typed):
            kind: Kind = "typed"
            whole = event.text or event.what
        else:
            kind = "stderr" if narrator.is_on_stderr(event) else "stdout"
            whole = event.text
        text = one_line(whole, max(40, min(_COLUMNS_AT_MOST, room)))
        room -= len(text)
        when = seconds(event.at).in_language(language)
        lines.append(Said(when, names[event.by], text, kind, index))
    return Output(tuple(lines), len(events) - len(lines))


def _first_and_last(
    events: list[tuple[int, Printed | Typed]],
) -> Iterable[tuple[int, Printed | Typed]]:
    """Of too many, the beginning and the end."""
    if len(events) <= _LINES_AT_MOST:
        return events
    last = _LINES_AT_MOST // 4
    return [*events[: _LINES_AT_MOST - last], *events[-last:]]
