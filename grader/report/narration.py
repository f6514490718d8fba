"""What happened, event by event, in words: for the table, the timeline and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import dropwhile, islice

from grader.messages import Text, plural, say
from grader.schedules import describe
from grader.source import Code, code_of
from grader.source.loops import updated_at
from grader.source.places import Places
from grader.submission import Submission
from grader.trace import (
    AskedForInput,
    Began,
    Blocked,
    BlockedInterval,
    Called,
    CodeEnded,
    Connected,
    Ended,
    Event,
    Listened,
    Location,
    Nanoseconds,
    Outcome,
    Preemption,
    Printed,
    Process,
    ProcessNumber,
    Role,
    Signalled,
    Slept,
    Started,
    StartMethod,
    Stream,
    ThreadStep,
    Trace,
    Typed,
    WaitBegan,
    WaitedFor,
    WaitReason,
    WaitTimedOut,
)
from grader.trace.intervals import Interval
from grader.trace.naming import line_of, name_of, seconds, several, signal_name, verbatim
from grader.trace.questions import prompts_of


class Narrator:
    """Tells what one trace recorded. Names of processes are looked up once.

    ``code`` knows the lines of much of which the trace does not say them.
    """

    def __init__(self, trace: Trace, script: str, code: Code | None = None) -> None:
        self.trace = trace
        self._script = script
        self._code = code
        self._places = None if code is None else Places(trace, code)
        self._names: dict[ProcessNumber, Text] = {}

    @classmethod
    def of(cls, trace: Trace, submission: Submission) -> Narrator:
        """Of a run of this submission."""
        return cls(trace, submission.script.name, code_of(submission))

    @cached_property
    def processes(self) -> dict[ProcessNumber, Process]:
        """The processes of the run by their numbers."""
        return {each.number: each for each in self.trace.processes}

    @cached_property
    def code_ends(self) -> dict[ProcessNumber, Nanoseconds]:
        """When each process's own code was over, where it is known."""
        return {event.by: event.at for event in self.trace.events if isinstance(event, CodeEnded)}

    @cached_property
    def _prompts(self) -> frozenset[Printed]:
        return prompts_of(self.trace)

    def is_on_stderr(self, event: Printed) -> bool:
        """Whether it is shown as written to stderr. A prompt is not, though that is where `input`
        writes it at a terminal: students would take it for an error.
        """
        return event.stream is Stream.STDERR and event not in self._prompts

    def name(self, number: ProcessNumber) -> Text:
        """What the report calls a process, also one that the trace does not have."""
        if number not in self._names:
            known = number in self.processes
            self._names[number] = (
                name_of(self.trace, number) if known else say("process {number}", number=number)
            )
        return self._names[number]

    def names(self, numbers: Sequence[ProcessNumber]) -> Text:
        """Several names, the first few of many."""
        return several([self.name(number) for number in numbers])

    def in_shutdown(self, number: ProcessNumber, at: Nanoseconds) -> bool:
        """Whether the process's own code was over by then."""
        return number in self.code_ends and at >= self.code_ends[number]

    def what(self, event: Event) -> Text:
        """What the process ``event.by`` did, without its name: ``starts p1 (line 9)``."""
        return self.at_line(self._deed(event), event)

    def line(self, event: Event | Interval | Preemption) -> Location | None:
        """The student's line, where it is known."""
        if self._places is not None and not isinstance(event, Preemption):
            return self._places.of(event)
        known: Location | None = getattr(event, "line", None)
        return known

    def line_name(self, event: Event | Interval | Preemption) -> Text | None:
        """``line 9``, where it is known."""
        line = self.line(event)
        return None if line is None else line_of(line, self._script)

    def updates(self, line: Location | None) -> str | None:
        """What value the line works out anew from what it was, outside of every lock; None if it
        does nothing of the kind.
        """
        return None if line is None or self._code is None else updated_at(line, self._code)

    def at_line(self, what: Text, event: Event | Interval | Preemption) -> Text:
        """``waits for p (line 9)``; without the line where it is not known."""
        line = self.line_name(event)
        return what if line is None else say("{what} ({line})", what=what, line=line)

    def _deed(self, event: Event) -> Text:
        if isinstance(event, Started):
            return say("starts {child}", child=self.name(event.child))
        if isinstance(event, Began):
            return say("begins")
        if isinstance(event, CodeEnded):
            return say("its own code is over; multiprocessing's shutdown begins")
        if isinstance(event, Ended):
            return self._end(event)
        if isinstance(event, Slept):
            return say("sleeps until {time}", time=seconds(event.until, [event.at]))
        if isinstance(event, BlockedInterval):
            what = OBSTACLES[event.obstacle]
            if self._lasts_to_the_end(event):
                return say("waits for {what}, to the end", what=what)
            until = seconds(event.until, [event.at])
            return say("waits for {what} until {time}", what=what, time=until)
        if isinstance(event, Printed):
            if self.is_on_stderr(event):
                return say("prints to stderr: {line}", line=event.text)
            return say("prints: {line}", line=event.text)
        if isinstance(event, AskedForInput):
            return say("waits for a line from the keyboard")
        if isinstance(event, Signalled):
            return self._signal(event)
        if isinstance(event, (Listened, Connected)):
            return _connection(event)
        if isinstance(event, Called):
            if "." in event.function:
                return say("calls {function}", function=verbatim(event.function))
            started = event.target or self._started_by(event)
            owner = verbatim(event.name or "Process") if started is None else self.name(started)
            return say("calls {object}.{function}()", object=owner, function=event.function)
        if isinstance(event, Typed):
            return _typed(event)
        if isinstance(event, ThreadStep):
            return self._thread(event)
        return self._wait(event)

    def _started_by(self, call: Called) -> ProcessNumber | None:
        """Whom a call of ``start()`` brought about: the object stood for nobody before it."""
        since = dropwhile(lambda event: event is not call, self.trace.events)
        following = next(
            (
                each
                for each in islice(since, 1, None)
                if each.by == call.by and isinstance(each, (Called, Started))
            ),
            None,
        )
        if call.function != "start" or not isinstance(following, Started):
            return None
        return following.child if following.line == call.line else None

    def _lasts_to_the_end(self, event: BlockedInterval) -> bool:
        """Whether it was still in this wait when it, or the run, was over."""
        last = self.trace.of_kind(BlockedInterval, event.by)[-1]
        return last is event and any(
            each.process == event.by and each.obstacle is event.obstacle
            for each in self.trace.blocked
        )

    def _thread(self, event: ThreadStep) -> Text:
        known = (
            each.name or each.variable
            for each in self.trace.threads
            if (each.process, each.number) == (event.by, event.thread)
        )
        name = verbatim(next(known, None) or str(event.thread))
        if event.what == "started":
            return say("starts the thread {name}", name=name)
        if event.what == "ended":
            return say("the thread {name} ends", name=name)
        return say("learns that the thread {name} has ended", name=name)

    def _end(self, event: Ended) -> Text:
        if self.processes[event.by].killed_by_grader:
            return say("is still alive: the run is over, and the grader ends it")
        if event.signal is None:
            return say("ends with exit status {status}", status=event.exit_status or 0)
        if event.sender is None:
            return say("is ended by {signal}", signal=signal_name(event.signal))
        return say(
            "is ended by {signal} from {sender}",
            signal=signal_name(event.signal),
            sender=self.name(event.sender),
        )

    def _signal(self, event: Signalled) -> Text:
        target = self.name(event.target)
        if event.signal == 0:
            return say("asks whether {target} exists", target=target)
        if event.in_shutdown:
            return say(
                "sends {signal} to {target}, as multiprocessing's shutdown does",
                signal=signal_name(event.signal),
                target=target,
            )
        return say("sends {signal} to {target}", signal=signal_name(event.signal), target=target)

    def _wait(self, event: WaitBegan | WaitTimedOut | WaitedFor) -> Text:
        if isinstance(event, WaitedFor):
            child = self.name(event.child)
            if event.how == "poll":
                return plural(
                    "learns that {child} has ended, after asking once too early",
                    "learns that {child} has ended, after asking {count} times in vain",
                    event.polls,
                    child=child,
                )
            if event.in_shutdown:
                return say("has waited for {child}, in multiprocessing's shutdown", child=child)
            return say("has waited for {child}", child=child)
        if isinstance(event, WaitTimedOut):
            return say("stops waiting for {children}: time is up", children=self._waited(event))
        if event.timeout is None:
            return say("begins to wait for {children}", children=self._waited(event))
        return say(
            "begins to wait for {children}, at most {time}",
            children=self._waited(event),
            time=seconds(event.timeout),
        )

    def _waited(self, event: WaitBegan | WaitTimedOut) -> Text:
        return self.names(event.children) if event.children else say("any child")


def _typed(event: Typed) -> Text:
    if event.what == "line":
        return say("is given the line: {line}", line=event.text)
    return {
        "end-of-input": say("finds the end of its input (control-D)"),
        "interrupt": say("is interrupted (control-C)"),
        "hang-up": say("loses its terminal: the window is closed"),
    }[event.what]


def _connection(event: Listened | Connected) -> Text:
    place = event.address if event.port is None else f"{event.address}:{event.port}"
    if isinstance(event, Listened):
        return say("listens at {place}", place=place)
    if event.error is not None:
        return say("cannot connect to {place}: {error}", place=place, error=event.error)
    return say("connects to {place}", place=place)


def exit_of(process: Process) -> Text:
    """How a process ended, in a word or two: ``exit 0``, ``SIGTERM``."""
    if process.killed_by_grader:
        return say("still alive: ended by the grader")
    if process.ended is None:
        return say("still alive")
    if process.signal is not None:
        return verbatim(signal_name(process.signal))
    if process.role is Role.THREAD:
        return say("ended by an error") if process.exit_status else say("ended")
    return say("exit {status}", status=process.exit_status or 0)


def left_in(trace: Trace, number: ProcessNumber, narrator: Narrator) -> Text | None:
    """What a process was in when the run was over, or None if that says nothing of it.

    It was stuck only if no process could have gone on; else the run was ended from outside, by a
    limit or because all had been seen, which is no fault of this process.
    """
    blocked = next((each for each in trace.blocked if each.process == number), None)
    limited = trace.outcome in _LIMITS
    if any(event.until > trace.duration for event in trace.of_kind(Slept, number)):
        return say("stopped in its sleep") if limited else say("still asleep")
    if blocked is None or blocked.obstacle is WaitReason.SLEEP:
        return say("stopped") if limited else None
    what = awaited(blocked, narrator)
    if limited:
        return say("stopped") if what is None else say("stopped: waited for {what}", what=what)
    if trace.stopped:
        return None if what is None else say("still waits for {what}", what=what)
    return (
        say("stuck: waits forever") if what is None else say("stuck: waits for {what}", what=what)
    )


def awaited(blocked: Blocked, narrator: Narrator) -> Text | None:
    """What a process waits for, or None where the kernel does not say it."""
    if blocked.waiting_for and blocked.obstacle in (WaitReason.LOCK, WaitReason.SEMAPHORE):
        return say("what {names} holds", names=narrator.names(blocked.waiting_for))
    if blocked.waiting_for:
        return narrator.names(blocked.waiting_for)
    return OBSTACLES.get(blocked.obstacle)


OBSTACLES: dict[WaitReason, Text] = {
    WaitReason.CHILD: say("a child"),
    WaitReason.INPUT: say("the keyboard"),
    WaitReason.PIPE: say("a queue or pipe"),
    WaitReason.CLIENT: say("a client"),
    WaitReason.SOCKET: say("the other side of a connection"),
    WaitReason.LOCK: say("a lock"),
    WaitReason.SEMAPHORE: say("a semaphore"),
}
_LIMITS = frozenset(
    {
        Outcome.CPU_LIMIT,
        Outcome.TIME_LIMIT,
        Outcome.PROCESS_LIMIT,
        Outcome.THREAD_LIMIT,
        Outcome.MEMORY_LIMIT,
        Outcome.OUTPUT_LIMIT,
        Outcome.DISK_LIMIT,
        Outcome.EVENT_LIMIT,
        Outcome.WALL_LIMIT,
    }
)

OUTCOMES: dict[Outcome, Text] = {
    Outcome.FINISHED: say("ran to its end"),
    Outcome.CRASHED: say("crashed"),
    Outcome.DEADLOCK: say("deadlock: everything waits, and nothing can go on"),
    Outcome.WAITING_FOR_INPUT: say("waited for input that never came"),
    Outcome.CPU_LIMIT: say("stopped: it used too much CPU time"),
    Outcome.TIME_LIMIT: say("stopped: it took too long"),
    Outcome.PROCESS_LIMIT: say("stopped: it started too many processes"),
    Outcome.THREAD_LIMIT: say("stopped: it started too many threads"),
    Outcome.MEMORY_LIMIT: say("stopped: it used too much memory"),
    Outcome.OUTPUT_LIMIT: say("stopped: it printed too much"),
    Outcome.DISK_LIMIT: say("stopped: its files took too much room"),
    Outcome.EVENT_LIMIT: say("stopped: it did too many things"),
    Outcome.WALL_LIMIT: say("stopped: it came to no end"),
}


def role_of(process: Process, narrator: Narrator) -> Text:
    """What a process is, in a few words: ``daemon, child of main``."""
    if process.role is Role.HELPER:
        return say("helper")
    if process.role is Role.PEER:
        return say("a program of the exercise")
    if process.creator is None:
        return say("the script itself")
    creator = narrator.name(process.creator)
    if process.role is Role.THREAD:
        return say("thread of {creator}", creator=creator)
    if process.daemon:
        return say("daemon, child of {creator}", creator=creator)
    return say("child of {creator}", creator=creator)


def name_of_run(trace: Trace) -> Text:
    """Which run this is: its order of events, and its start method if that is not fork."""
    if trace.schedule.is_natural:
        order: Text = say("In the natural order")
    else:
        order = say("Another order: {order}", order=describe(trace.schedule, trace))
    if trace.start_method is StartMethod.FORK:
        return order
    return say("{order} ({start_method})", order=order, start_method=trace.start_method.value)
