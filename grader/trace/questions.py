"""The questions that one can ask of a trace. Each is a pure function of it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from itertools import dropwhile
from typing import Literal, TypeVar, Union

from grader.trace.events import (
    MAIN,
    AskedForInput,
    Began,
    Called,
    CodeEnded,
    Connected,
    Ended,
    Event,
    Listened,
    Nanoseconds,
    Printed,
    ProcessNumber,
    Signalled,
    Slept,
    Started,
    WaitedFor,
)
from grader.trace.intervals import Wait
from grader.trace.model import StartedThread, Trace
from grader.trace.processes import Process, Role, StartMethod
from grader.trace.schedule import thread_label

E = TypeVar("E", bound=Event)

SIGHUP, SIGQUIT, SIGKILL = 1, 3, 9
"""The same on every Unix; Python on Windows has no names for them."""
_REQUESTS = frozenset({signal.SIGTERM, signal.SIGINT, SIGHUP, SIGQUIT})
"""Signals that ask a process to end, and that it may answer in its own way."""
_AT_ONCE_NS: Nanoseconds = 750_000_000
"""How soon who has been asked to end, and tidies up, is gone."""
EndedBy = Union[ProcessNumber, Literal["itself", "shutdown", "grader", "kernel"]]
"""Who ended a process: itself (by an exit status), a process whose own code signalled it,
multiprocessing's shutdown, the grader when the run was over, or the kernel (a fault)."""


def process(trace: Trace, number: ProcessNumber) -> Process:
    """The process with that number.

    Raises:
        KeyError: there is none.
    """
    if 0 <= number < len(trace.processes) and trace.processes[number].number == number:
        return trace.processes[number]  # as it always is, but in traces that are made up
    for candidate in trace.processes:
        if candidate.number == number:
            return candidate
    raise KeyError(number)


def main_of(trace: Trace) -> Process | None:
    """The submission's first process, or None when it was never run."""
    return next((each for each in trace.processes if each.number == MAIN), None)


def created(trace: Trace) -> tuple[Process, ...]:
    """Every process that the submission made, in the order of their birth: no helpers."""
    return trace.created


def labels(trace: Trace) -> dict[ProcessNumber, str]:
    """What schedules call main and the processes that the submission made."""
    made = {child.number: f"worker-{n}" for n, child in enumerate(created(trace), 1)}
    return {MAIN: "main", **made}


def labelled_threads(trace: Trace) -> dict[str, StartedThread]:
    """The threads that the student's code has started, by what schedules call them."""
    known = labels(trace)
    return {
        thread_label(known[each.process], each.number): each
        for each in trace.threads
        if each.process in known
    }


def children_of(trace: Trace, number: ProcessNumber) -> tuple[Process, ...]:
    """The Python processes that ``number`` created, in the order of their birth.

    Helpers have no creator, and other programs that were run (``subprocess``) are not what an
    exercise means by a child.
    """
    return tuple(
        each
        for each in created(trace)
        if each.creator == number and each.start_method is not StartMethod.SUBPROCESS
    )


def waited_through(trace: Trace, child: ProcessNumber, waiter: ProcessNumber) -> WaitedFor | None:
    """`waited_for`, also by a wait for another program, such as a shell, that waited for it."""
    direct, parent = waited_for(trace, child, waiter), process(trace, child).creator
    if direct is not None or parent is None or parent == waiter:
        return direct
    is_program = process(trace, parent).start_method is StartMethod.SUBPROCESS
    if not is_program or waited_for(trace, child, parent) is None:
        return None
    return waited_through(trace, parent, waiter)


def threads_of(trace: Trace) -> tuple[Process, ...]:
    """The threads, where a check is about them (`grader.checks.threads`)."""
    return tuple(each for each in trace.processes if each.role is Role.THREAD)


def last_instant(trace: Trace, member: Process) -> Nanoseconds:
    """The end of ``member``, or of the run while it was still alive."""
    return trace.duration if member.ended is None else member.ended


def alive_together(trace: Trace, group: Iterable[Process]) -> Nanoseconds | None:
    """The first instant at which every one of ``group`` is alive; None if there is none."""
    members = tuple(group)
    if not members:
        return None
    last_birth = max(each.started for each in members)
    first_end = min(last_instant(trace, each) for each in members)
    return last_birth if last_birth < first_end else None


def overlap(trace: Trace, group: Iterable[Process]) -> tuple[Process, Process] | None:
    """The first two of ``group`` that are alive at once, the older one first."""
    members = sorted(group, key=lambda each: (each.started, each.number))
    for index, younger in enumerate(members):
        for older in members[:index]:
            if younger.started < last_instant(trace, older):
                return older, younger
    return None


def waited_for(
    trace: Trace, child: ProcessNumber, by: ProcessNumber | None = None
) -> WaitedFor | None:
    """When the student's own code first learned that ``child`` had ended.

    What multiprocessing does at shutdown is no wait of the student's. ``by`` narrows it to
    one waiter.
    """
    return first(
        trace,
        WaitedFor,
        lambda event: event.child == child and not event.in_shutdown and by in (None, event.by),
    )


def ending_signal(trace: Trace, number: ProcessNumber) -> Signalled | None:
    """The signal that ended the process, if one did that was seen to be sent."""
    end = end_of(trace, number)
    if end is None or end.signal is None:
        return None
    return first(
        trace,
        Signalled,
        lambda event: event.target == number and event.signal == end.signal,
    )  # the first one did it: the same signal sent again comes too late


def ended_by(trace: Trace, number: ProcessNumber) -> EndedBy | None:
    """Who or what ended the process; None while it lives."""
    end = end_of(trace, number)
    if process(trace, number).killed_by_grader:
        return "grader"
    if end is None:
        return None
    if end.signal is None:
        asked = answered_signal(trace, number)
        return "itself" if asked is None else _sent_by(asked, trace)
    if end.sender is None:
        return "kernel"
    if end.sender == number:
        return number
    signalled = ending_signal(trace, number)
    if signalled is not None:
        return _sent_by(signalled, trace)
    over = code_end(trace, end.sender)
    return "shutdown" if over is not None and end.at >= over.at else end.sender


def _sent_by(signalled: Signalled, trace: Trace) -> EndedBy:
    over = code_end(trace, signalled.by)
    is_over = over is not None and signalled.at >= over.at
    return "shutdown" if signalled.in_shutdown or is_over else signalled.by


def answered_signal(trace: Trace, number: ProcessNumber) -> Signalled | None:
    """The request to end by which a process ended that deals with such signals itself: it exits in
    a handler, tidies up in a ``finally``, or looks at a flag that the handler has set. None if it
    was not asked, or went on for longer than tidying up takes.
    """
    end = end_of(trace, number)
    if end is None or end.signal is not None or process(trace, number).killed_by_grader:
        return None
    requests = every(
        trace,
        Signalled,
        lambda event: (
            event.target == number
            and event.signal in _REQUESTS
            and event.by != number
            and event.at <= end.at
            and not event.ignored
        ),
    )
    return next((each for each in requests if end.at - each.at <= _AT_ONCE_NS), None)


def code_end(trace: Trace, number: ProcessNumber) -> CodeEnded | None:
    """The end of the process's own code, before multiprocessing's shutdown."""
    return next(iter(trace.of_kind(CodeEnded, number)), None)


def start_of(trace: Trace, number: ProcessNumber) -> Started | None:
    """The creator's call that made the process; None for main."""
    return first(trace, Started, lambda event: event.child == number)


def beginning_of(trace: Trace, number: ProcessNumber) -> Began | None:
    """The process's first instruction; None if it never came to that."""
    return next(iter(trace.of_kind(Began, number)), None)


def end_of(trace: Trace, number: ProcessNumber) -> Ended | None:
    """The process's end; None while it lives."""
    return next(iter(trace.of_kind(Ended, number)), None)


def prompts_of(trace: Trace) -> frozenset[Printed]:
    """What was printed as a prompt: unended, and next its process asked for input."""
    prompts: set[Printed] = set()
    last: dict[ProcessNumber, Printed] = {}
    for event in trace.events:
        if isinstance(event, Printed):
            last[event.by] = event
        elif isinstance(event, AskedForInput):
            line = last.pop(event.by, None)
            if line is not None and not line.ended and line.text == event.prompt:
                prompts.add(line)
    return frozenset(prompts)


def calls_of(trace: Trace, function: str, by: ProcessNumber | None = None) -> tuple[Called, ...]:
    """What the probe says of the student's calls of one multiprocessing method."""
    return tuple(event for event in trace.of_kind(Called, by) if event.function == function)


def answer_to(trace: Trace, call: Called) -> Called | WaitedFor:
    """When a question about a process was answered: by the end that the process learned of in that
    call, if it did nothing else in between; else at once, as far as anybody knows.
    """
    since = dropwhile(lambda event: event is not call, trace.events)
    following = next((each for each in since if each.by == call.by and each is not call), None)
    if (
        isinstance(following, WaitedFor)
        and following.child == call.target
        and following.how != "wait"
        and following.line == call.line
        and not following.in_shutdown
    ):
        return following
    return call


def connections_of(trace: Trace, number: ProcessNumber) -> tuple[Connected | Listened, ...]:
    """Where the process listened and connected."""
    return tuple(
        event
        for event in trace.events
        if isinstance(event, (Connected, Listened)) and event.by == number
    )


def survivors(trace: Trace) -> tuple[Process, ...]:
    """The processes that were still alive after main's end; none while main lives."""
    main = main_of(trace)
    if main is None or main.ended is None:
        return ()
    return tuple(
        each
        for each in created(trace)
        if each.killed_by_grader or each.ended is None or each.ended > main.ended
    )


def first(trace: Trace, kind: type[E], where: Callable[[E], bool] = lambda event: True) -> E | None:
    """The first event of that kind for which ``where`` holds."""
    return next(filter(where, trace.of_kind(kind)), None)


def every(
    trace: Trace, kind: type[E], where: Callable[[E], bool] = lambda event: True
) -> tuple[E, ...]:
    """All events of that kind for which ``where`` holds, in order."""
    return tuple(filter(where, trace.of_kind(kind)))


def between(trace: Trace, start: Nanoseconds, end: Nanoseconds) -> tuple[Event, ...]:
    """The events from ``start`` up to and including ``end``, in order."""
    return tuple(event for event in trace.events if start <= event.at <= end)


def waits_of(trace: Trace, number: ProcessNumber) -> tuple[Wait, ...]:
    """The waits of a process for its children, those of multiprocessing's shutdown included."""
    return tuple(each for each in trace.intervals if isinstance(each, Wait) and each.by == number)


def sleeps_of(trace: Trace, number: ProcessNumber) -> tuple[Slept, ...]:
    """The pauses of a process. One that a signal interrupts, such as that of a child's end, and
    that goes on at once is one pause.
    """
    return tuple(trace.of_kind(Slept, number))
