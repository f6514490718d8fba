"""At which line of the code something happened of which the trace does not say it: a line was
printed, a process slept, or stood still in a wait. Only where one line alone can have been it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Union

from grader.source.code import Code, CodeFile, work_of_children
from grader.source.printing import place_of
from grader.trace import (
    MAIN,
    AskedForInput,
    BlockedInterval,
    Event,
    Location,
    Nanoseconds,
    Printed,
    ProcessNumber,
    Role,
    Slept,
    Trace,
    WaitReason,
    questions,
)
from grader.trace.intervals import InputWait, Interval, Stuck

_OWN = (Role.MAIN, Role.CHILD, Role.THREAD)
_NEARLY: Nanoseconds = 10**7
"""By how much a sleep may differ from what was asked for, on a real clock as well."""
_CALLS: dict[WaitReason, frozenset[str]] = {
    WaitReason.CLIENT: frozenset({"accept"}),
    WaitReason.SOCKET: frozenset({"recv", "recvfrom", "recv_into", "recvmsg", "readline"}),
    WaitReason.PIPE: frozenset({"get", "put", "recv", "send", "recv_bytes", "send_bytes"}),
    WaitReason.LOCK: frozenset({"acquire", "wait", "wait_for", "join", "with"}),
    WaitReason.SEMAPHORE: frozenset({"acquire", "wait", "wait_for", "join", "with"}),
    WaitReason.INPUT: frozenset({"input", "readline"}),
}
"""Methods that may wait for something of that kind; ``with`` is the statement."""


class Places:
    """Asks the code of a submission about the events of one of its runs."""

    def __init__(self, trace: Trace, code: Code) -> None:
        self._trace = trace
        self._code = code
        self._known: dict[object, Location | None] = {}

    def of(self, event: Union[Event, Interval]) -> Location | None:
        """The line of an event or interval: the one that the trace knows, or else the only one
        that it can have been.
        """
        known: Location | None = getattr(event, "line", None)
        if known is not None:
            return known
        if isinstance(event, Stuck):
            return self._waits(event.by, event.blocked.obstacle)
        if event.by not in self._own:
            return None
        if isinstance(event, Printed):
            if event.text not in self._known:
                self._known[event.text] = place_of(event.text, self._code.files)
            return self._known[event.text]
        if isinstance(event, Slept):
            return self._sleeps(event)
        if isinstance(event, (AskedForInput, InputWait)):
            return self._waits(event.by, WaitReason.INPUT)
        if isinstance(event, BlockedInterval):
            return self._waits(event.by, event.obstacle)
        return None

    @cached_property
    def _own(self) -> frozenset[ProcessNumber]:
        processes = self._trace.processes
        return frozenset(each.number for each in processes if each.role in _OWN)

    def _sleeps(self, pause: Slept) -> Location | None:
        """By its length where that is written there; else the only line that sleeps at all."""
        label = questions.labels(self._trace).get(pause.by, "")
        length = (pause.until - pause.at) / self._trace.schedule.slowness(label)
        end = questions.end_of(self._trace, pause.by)
        is_cut_off = (
            end is not None and end.signal is not None and end.at <= pause.until + _NEARLY
        ) or self._trace.duration <= pause.until
        literal = dict(self._code.literal_sleeps)
        found = {
            place
            for place, asked in literal.items()
            if (asked >= length - _NEARLY if is_cut_off else abs(length - asked) <= _NEARLY)
        }
        others = {each.place for each in self._code.calls_named("time.sleep")} - literal.keys()
        return self._only(pause.by, found | others)

    def _waits(self, number: ProcessNumber, reason: WaitReason) -> Location | None:
        key = (number == MAIN, reason)
        if key not in self._known:
            names = _CALLS.get(reason, frozenset())
            found = (place for file in self._code.files for place in _waits_of(file, names))
            self._known[key] = self._only(number, found)
        return self._known[key]

    def _only(self, number: ProcessNumber, places: Iterable[Location]) -> Location | None:
        """The one of them that the process can have come to; None if there is none or several."""
        found = set(places)
        works = {each for each in found if _is_within(each, self._work)}
        if number == MAIN:
            left = found - works or found
        else:  # outside of every function no forked child comes to a line
            left = works or {each for each in found if _is_within(each, self._functions)}
        return left.pop() if len(left) == 1 else None

    @cached_property
    def _work(self) -> tuple[tuple[str, range], ...]:
        """The lines of what children execute."""
        files = self._code.files
        return tuple(
            (file.name, _lines(each))
            for file in files
            for each in work_of_children(file, self._code)
        )

    @cached_property
    def _functions(self) -> tuple[tuple[str, range], ...]:
        return tuple(
            (file.name, _lines(each))
            for file in self._code.files
            for each in file.nodes(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
        )


def _lines(node: Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _is_within(place: Location, parts: Iterable[tuple[str, range]]) -> bool:
    return any(place.file == name and place.line in lines for name, lines in parts)


def _waits_of(file: CodeFile, names: frozenset[str]) -> Iterator[Location]:
    """Where the file calls one of these methods; ``with`` is on something that has a name."""
    for call in file.calls:
        function, asked = call.node.func, call.node
        name = function.attr if isinstance(function, ast.Attribute) else call.name
        if name in names and not (name == "get" and asked.args):  # a dictionary is asked by a key
            yield call.place
    if "with" in names:
        for block in file.nodes(ast.With):
            if any(
                isinstance(item.context_expr, (ast.Name, ast.Attribute)) for item in block.items
            ):
                yield file.place(block)
