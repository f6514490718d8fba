"""Threads as the processes of a run, for the checks that are about threads.

All judges speak of processes by their numbers. For a check with a name that stands for threads, a
run is looked at in which each thread that the student's code has started is a process of its own
with the role ``THREAD``: it prints its lines, is started, ends and is waited for. What is left is
the first thread of each process. What is then said of processes is said of threads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from grader.checks.finding import Mark
from grader.checks.verdict import Verdict
from grader.exercise import Cast, Check, roles_in
from grader.exercise.names import group_of
from grader.messages import Message, Text, say
from grader.trace import (
    Began,
    Called,
    Ended,
    Event,
    Printed,
    Process,
    ProcessNumber,
    Role,
    Slept,
    Started,
    Stream,
    ThreadStep,
    Trace,
    WaitedFor,
)
from grader.trace.questions import process

_Key = tuple[ProcessNumber, int]


def is_about_threads(check: Check, cast: Mapping[str, Cast]) -> bool:
    """Whether one of the names in it stands for threads."""
    names = [group_of(name) for name in roles_in(check.parameters)]
    names += [] if check.for_each is None else [check.for_each]
    return any(name in cast and cast[name].threads_of is not None for name in names)


def with_threads(trace: Trace) -> Trace:
    """The run in which each thread is a process, numbered after all of its processes."""
    first = len(trace.processes)
    numbers = {(each.process, each.number): first + n for n, each in enumerate(trace.threads)}
    steps = {(each.by, each.thread, each.what): each for each in trace.of_kind(ThreadStep)}
    raised = {
        (each.by, each.thread)
        for each in trace.of_kind(Printed)
        if each.thread is not None and each.text.startswith("Exception in thread")
    }
    threads = []
    for each in trace.threads:
        key = (each.process, each.number)
        own, started = process(trace, each.process), steps.get((*key, "started"))
        ended = steps.get((*key, "ended"))
        threads.append(
            Process(
                number=numbers[key],
                pid=own.pid,
                role=Role.THREAD,
                creator=each.process,
                kernel_parent=each.process,
                start_method=None,
                started=own.started if started is None else started.at,
                began=None if started is None else started.at,
                ended=own.ended if ended is None else ended.at,
                exit_status=None if ended is None else int(key in raised),
                killed_by_grader=ended is None and own.killed_by_grader,
                parent_pid=own.parent_pid,
                name=each.name,
                variable=each.variable,
                daemon=each.daemon,
                started_at=each.started_at,
            )
        )
    left = {key for key in numbers if (*key, "ended") not in steps}
    events: list[Event] = []
    for event in _named_writers(trace):
        if isinstance(event, Ended):  # and with a process those of its threads that are left
            ends = (numbers[key] for key in sorted(left) if key[0] == event.by)
            events += (Ended(event.at, number) for number in ends)
        events += _seen(event, numbers, raised)
    return replace(trace, processes=(*trace.processes, *threads), events=tuple(events))


def _named_writers(trace: Trace) -> list[Event]:
    """The events, and of several lines that one call wrote, as their equal times say, each by the
    thread whose name is in it. Threads of a process share the buffer of its output, and who comes
    first writes for all that wait for it (``BufferedWriter``, CPython's Modules/_io/bufferedio.c).
    """
    names = {(each.process, each.name): each.number for each in trace.threads}
    writes: dict[tuple[ProcessNumber, Stream, int], list[Printed]] = {}
    for each in trace.of_kind(Printed):
        writes.setdefault((each.by, each.stream, each.at), []).append(each)
    writers: dict[int, int | None] = {}
    for (by, _, _), lines in writes.items():
        named = {
            id(line): [
                number
                for (process_, name), number in names.items()
                if process_ == by
                and name
                and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line.text)
            ]
            for line in lines
        }
        sure = {key: numbers[0] for key, numbers in named.items() if len(numbers) == 1}
        if len(lines) > 1:
            writers |= sure
            # Who wrote has a line of its own among them: another one is main's.
            writers |= {
                key: None for key in named.keys() - sure.keys() if lines[0].thread in sure.values()
            }
    return [
        replace(event, thread=writers[id(event)])
        if isinstance(event, Printed) and id(event) in writers
        else event
        for event in trace.events
    ]


def _seen(event: Event, numbers: Mapping[_Key, ProcessNumber], raised: set[_Key]) -> list[Event]:
    """What an event is where threads are processes."""
    if isinstance(event, (Printed, Called, Slept)) and event.thread is not None:
        return [replace(event, by=numbers.get((event.by, event.thread), event.by))]
    if not isinstance(event, ThreadStep):
        return [event]
    key = (event.by, event.thread)
    if key not in numbers:
        return []
    number, at = numbers[key], event.at
    if event.what == "ended":
        return [Ended(at, number, exit_status=int(key in raised))]
    by = event.by if event.other is None else numbers.get((event.by, event.other), event.by)
    if event.what == "started":
        return [Started(at, by, number, event.line), Began(at, number)]
    how = "wait" if event.what == "joined" else "poll"
    return [WaitedFor(at, by, number, "wait" if how == "wait" else "poll", line=event.line)]


def said_of_threads(verdict: Verdict, trace: Trace) -> Verdict:
    """A verdict on such a run (``trace``) as one on the run itself: it is about the processes that
    the threads belong to, and its sentences are about threads.
    """
    owners = {
        each.number: each.creator
        for each in trace.processes
        if each.role is Role.THREAD and each.creator is not None
    }

    def mark(one: Mark) -> Mark:
        """In the lane of the process."""
        return replace(one, process=owners.get(one.process, one.process))

    feedback = verdict.feedback
    return replace(
        verdict,
        feedback=replace(
            feedback,
            happened=_of_threads(feedback.happened),
            why=_of_threads(feedback.why),
            next=_of_threads(feedback.next),
        ),
        about=frozenset(owners.get(number, number) for number in verdict.about),
        relations=tuple(
            replace(each, start=mark(each.start), end=mark(each.end)) for each in verdict.relations
        ),
    )


def _of_threads(text: Text | None) -> Text | None:
    if not isinstance(text, Message):
        return text
    is_of_processes = text.text in _OF_PROCESSES
    text = _OTHERWISE.get(text.text, text)
    values = {
        name: _of_threads(value) or "" if isinstance(value, Message) else value
        for name, value in text.values.items()
    }
    of_threads = not is_of_processes and text not in _OTHERWISE.values()
    return replace(text, values=values, of_threads=of_threads)


_OTHERWISE: dict[str, Message] = {
    "Processes and threads run side by side. Others are kept out only by something that all of "
    "them share, and that each takes before the first line and gives back after the second.": say(
        "Threads run side by side. Others are kept out only by something that all of them share, "
        "and that each takes before the first line and gives back after the second."
    ),
    "A child gets its name when it starts. What is assigned later changes main's object alone, "
    "and the child never learns of it.": say(
        "The name that a thread has when it is started is compared with that of the task."
    ),
}
"""Sentences that need other words where threads are spoken of."""
_OF_PROCESSES = frozenset(
    {
        "Both lines were sent at the same instant. What is printed waits in a buffer until it is "
        "sent: at the end of a line, by `flush`, or when the process ends.",
        "An uncaught exception in a thread ends that thread on the spot, and no other: the process "
        "goes on without what it had still to do.",
    }
)
"""Sentences that are about the process all the same."""
