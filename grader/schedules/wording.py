"""Schedules described in a sentence."""

from __future__ import annotations

from grader.messages import Text, say
from grader.trace import MAIN, Location, Nanoseconds, StartedThread, Trace
from grader.trace.naming import line_of, name_of, verbatim
from grader.trace.questions import created, labelled_threads, labels
from grader.trace.schedule import (
    THREADS,
    WORKERS,
    Late,
    LateEnd,
    Part,
    Pause,
    Random,
    Schedule,
    Slow,
    names,
)


def describe(schedule: Schedule, trace: Trace) -> Text:
    """A schedule as the beginning of a sentence: what has to happen for it.

    ``trace`` is the run that was made under it, or another run of the same submission: there the
    processes and lines that it names are looked up.

    Raises:
        IndexError: it has no part.
    """
    described = [_describe(part, trace) for part in schedule.parts]
    sentence = described[0]
    for more in described[1:]:
        sentence = say("{this}, and {more}", this=sentence, more=more)
    return sentence


def _describe(part: Part, trace: Trace) -> Text:
    if isinstance(part, Late):
        if part.who == "main":
            return say("if main wakes {seconds} s later from its sleep", seconds=_seconds(part.by))
        return say(
            "if {process} starts {seconds} s late",
            process=_named(part.who, trace),
            seconds=_seconds(part.by),
        )
    if isinstance(part, LateEnd):
        return say(
            "if {process} ends {seconds} s late",
            process=_named(part.who, trace),
            seconds=_seconds(part.by),
        )
    if isinstance(part, Slow) and part.times == 2:
        return say("if {process} needs twice as long", process=_named(part.who, trace))
    if isinstance(part, Slow):
        return say(
            "if {process} needs {times} times as long",
            process=_named(part.who, trace),
            times=part.times,
        )
    if isinstance(part, Pause):
        return _describe_pause(part, trace)
    if isinstance(part, Random):
        return _describe_preemption(trace)
    only_threads = bool(trace.threads) and not created(trace)
    if part.name == "child-first" and only_threads:
        return say("if the youngest thread always goes first")
    if part.name == "child-first":
        return say("if the youngest process always goes first")
    if part.name == "parent-first" and only_threads:
        return say("if the oldest thread always goes first")
    if part.name == "parent-first":
        return say("if the oldest process always goes first")
    return say("if those who are ready at the same instant go the other way round")


def _describe_pause(pause: Pause, trace: Trace) -> Text:
    who = _named(pause.who, trace)
    lines = [
        each.line
        for each in trace.preemptions
        if each.count == pause.at and names(pause.who, each.who)
    ]
    lines += [
        None if each.kind == "end" else Location(_script(trace), each.line)
        for each in trace.preemption_points
        if pause.at in (each.first, each.last) and names(pause.who, each.who)
    ]
    line = next(iter(lines), None)
    if lines and line is None:
        return say(
            "if {process} is held up for {seconds} s before it ends",
            process=who,
            seconds=_seconds(pause.by),
        )
    if line is None:
        return say(
            "if {process} is held up for {seconds} s", process=who, seconds=_seconds(pause.by)
        )
    return say(
        "if {process} is held up for {seconds} s at {line}",
        process=who,
        seconds=_seconds(pause.by),
        line=_line(line, trace),
    )


def _describe_preemption(trace: Trace) -> Text:
    """The first place within the student's code where others went first, if there was one."""
    first = next((each for each in trace.preemptions if each.line is not None), None)
    if first is None or first.line is None:
        if trace.threads and not created(trace):
            return say("if the machine switches between the threads at other places")
        return say("if the machine switches between the processes at other places")
    return say(
        "if the machine lets others go first when {process} is at {line}",
        process=_named(first.who, trace),
        line=_line(first.line, trace),
    )


def _line(line: Location, trace: Trace) -> Text:
    """Which file it is in is said where that is not the script itself."""
    return line_of(line, _script(trace) or line.file)


def _script(trace: Trace) -> str:
    _, *arguments = trace.processes[MAIN].command or ("",)
    return arguments[-1] if arguments else ""


def _named(who: str, trace: Trace) -> Text:
    """The process that a schedule calls ``who``, as the student calls it."""
    if who == "main":
        return name_of(trace, MAIN)
    if who == WORKERS:
        return say("each of the processes")
    if who == THREADS:
        return say("each of the threads")
    thread = labelled_threads(trace).get(who)
    if thread is not None:
        return _thread_named(thread, trace)
    for number, label in labels(trace).items():
        if label == who:
            return name_of(trace, number)
    return say("{process}", process=who)


def _thread_named(thread: StartedThread, trace: Trace) -> Text:
    name = verbatim(thread.name or thread.variable or str(thread.number))
    if thread.process == MAIN:
        return say("the thread {name}", name=name)
    return say("the thread {name} of {process}", name=name, process=name_of(trace, thread.process))


def _seconds(span: Nanoseconds) -> str:
    return f"{span / 10**9:g}"
