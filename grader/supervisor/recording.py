"""Writes down what happens, and makes the Trace of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from signal import Signals
from typing import Literal

from grader.supervisor.clock import Clock
from grader.supervisor.output import Placed, TerminalRecord
from grader.supervisor.reports import MeetingReport, ProbeReport
from grader.trace import (
    MAIN,
    AskedForInput,
    Began,
    Blocked,
    Called,
    Change,
    CodeEnded,
    Connected,
    Ended,
    Event,
    Listened,
    Location,
    Meeting,
    Nanoseconds,
    Outcome,
    Printed,
    Process,
    ProcessNumber,
    Role,
    Signalled,
    Slept,
    Started,
    StartMethod,
    Stream,
    Trace,
    WaitBegan,
    WaitedFor,
    WaitTimedOut,
    WorkStep,
)

_WAITING = frozenset({"join", "is_alive", "exitcode", "sentinel"})
_ONLY_SENT = frozenset({Signals.SIGKILL, Signals.SIGTERM})
"""Signals that no fault raises and no key of the terminal sends: somebody did."""
_SIGNALLING = frozenset({"terminate", "kill"})


@dataclass
class _Life:
    """What is known of one process so far."""

    process: Process
    last_call: Called | None = None
    code_ended: bool = False
    announced: ProbeReport | None = None
    """The object whose ``start`` was asked for last, for the child that comes of it."""
    announcement: ProbeReport | None = None
    """What announced this process itself."""
    birth: int = 0
    """Which event tells of its birth; not for those that the grader starts."""
    polls: dict[ProcessNumber, tuple[int, Nanoseconds]] = field(default_factory=dict)
    """Child -> how often it was asked for in vain, and since when."""
    in_start: bool = False
    """Inside ``Process.start()``, which first looks for children that have ended."""
    tidied: set[ProcessNumber] = field(default_factory=set)
    """Children whose end was found in that way: the student's code has not asked for it yet."""


class Recorder:
    """The growing record of one run. Times given to it and kept by it are the clock's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._events: list[Placed] = []
        self._places = 0
        self._never_started: set[ProcessNumber] = set()
        self._lives: list[_Life] = []
        self._last_signal: dict[tuple[ProcessNumber, int], ProcessNumber] = {}
        self._epoch: Nanoseconds | None = None
        self.python = ""
        self._opcodes_of_main = 0
        self._opcodes_of_others = 0
        self._meetings: list[Meeting] = []
        self._changes: list[Change] = []
        self.doubts: list[str] = []

    @property
    def elapsed(self) -> Nanoseconds:
        """Since the submission's first instruction; 0 before it."""
        return 0 if self._epoch is None else self._clock.now() - self._epoch

    def _add(self, event: Event) -> int:
        self._places += 1
        self._events.append(Placed(self._places, event))
        return len(self._events) - 1

    def events_since(self, count: int) -> list[Event]:
        """All events but the first ``count``, in the order in which they were recorded."""
        return [placed.event for placed in self._events[count:]]

    # Processes

    def numbers_of(self, role: Role) -> list[ProcessNumber]:
        return [number for number, life in enumerate(self._lives) if life.process.role is role]

    def process(self, number: ProcessNumber) -> Process:
        return self._lives[number].process

    def _update(self, number: ProcessNumber, **changes: object) -> None:
        life = self._lives[number]
        life.process = dataclasses.replace(life.process, **changes)  # type: ignore[arg-type]

    @property
    def is_ready(self) -> bool:
        """Whether the submission's first instruction has come."""
        return self._epoch is not None

    def label_of(self, number: ProcessNumber) -> str:
        """What schedules call a process: main, worker-1, worker-2, ..., or a peer's name."""
        process = self._lives[number].process
        if process.role is Role.CHILD:
            older = (life.process for life in self._lives[:number])
            return f"worker-{1 + sum(each.role is Role.CHILD for each in older)}"
        if process.role is Role.PEER:
            return process.name or str(process.role.value)
        return str(process.role.value)

    def main_started(self, pid: int, parent_pid: int) -> None:
        self._lives.append(
            _Life(
                Process(
                    number=MAIN,
                    pid=pid,
                    role=Role.MAIN,
                    creator=None,
                    kernel_parent=None,
                    start_method=None,
                    started=self._clock.now(),
                    parent_pid=parent_pid,
                )
            )
        )

    def peer_started(self, number: ProcessNumber, pid: int, parent_pid: int, name: str) -> None:
        at = self._clock.now()
        self._lives.append(
            _Life(
                Process(
                    number=number,
                    pid=pid,
                    role=Role.PEER,
                    creator=None,
                    kernel_parent=None,
                    start_method=None,
                    started=at,
                    parent_pid=parent_pid,
                    name=name,
                )
            )
        )

    def child_started(
        self,
        number: ProcessNumber,
        pid: int,
        *,
        kernel_parent: ProcessNumber,
        creator: ProcessNumber,
        method: StartMethod,
    ) -> None:
        """A new process exists, created by ``creator``'s last call."""
        assert number == len(self._lives)
        at = self._clock.now()
        parent = self._lives[creator]
        announced, parent.announced = parent.announced, None
        parent.in_start = False
        self._lives.append(
            _Life(
                Process(
                    number=number,
                    pid=pid,
                    role=Role.PEER if parent.process.role is Role.PEER else Role.CHILD,
                    creator=creator,
                    kernel_parent=kernel_parent,
                    start_method=method,
                    started=at,
                    parent_pid=self._lives[kernel_parent].process.pid,
                )
            )
        )
        self._lives[number].birth = self._add(Started(at, creator, number))
        if announced is not None:
            self._announce(number, announced)

    def _announce(self, number: ProcessNumber, announcement: ProbeReport) -> None:
        """The process is the one of this Process object."""
        life = self._lives[number]
        life.announcement = announcement
        self._update(
            number,
            name=announcement.name,
            variable=announcement.variable,
            class_name=announcement.class_name,
            daemon=announcement.daemon,
            started_at=announcement.line,
        )
        placed = self._events[life.birth]
        assert isinstance(placed.event, Started)
        event = dataclasses.replace(placed.event, line=announcement.line)
        self._events[life.birth] = Placed(placed.place, event)

    def is_helper(self, number: ProcessNumber, command: tuple[str, ...]) -> None:
        """It turned out to be multiprocessing's own: nobody's child, and never started."""
        creator = self._lives[number].process.creator
        announcement = self._lives[number].announcement
        if creator is not None and announcement is not None:
            self._announce_next(creator, number, announcement)
        self._update(
            number,
            role=Role.HELPER,
            creator=None,
            start_method=None,
            command=command,
            name=None,
            variable=None,
            class_name=None,
            daemon=None,
            started_at=None,
        )
        self._never_started.add(number)

    def _announce_next(
        self, creator: ProcessNumber, helper: ProcessNumber, announcement: ProbeReport
    ) -> None:
        """What was announced is the one that came, or will come, after the helper."""
        for number in range(helper + 1, len(self._lives)):
            life = self._lives[number]
            if life.process.creator == creator and life.announcement is None:
                self._announce(number, announcement)
                return
        self._lives[creator].announced = announcement

    def _is_helper(self, number: ProcessNumber) -> bool:
        return self._lives[number].process.role is Role.HELPER

    def executed(
        self, number: ProcessNumber, command: tuple[str, ...], method: StartMethod | None
    ) -> None:
        changes: dict[str, object] = {"command": command}
        if method is not None and number != MAIN:
            changes["start_method"] = method
        self._update(number, **changes)

    def began(self, number: ProcessNumber) -> None:
        at = self._clock.now()
        self._update(number, began=at)
        self._add(Began(at, number))

    def ended(
        self, number: ProcessNumber, exit_status: int | None, signal: int | None, cpu: Nanoseconds
    ) -> None:
        at = self._clock.now()
        sender = None if signal is None else self._last_signal.get((number, signal))
        self._update(number, ended=at, exit_status=exit_status, signal=signal, cpu=cpu)
        self._add(Ended(at, number, exit_status, signal, sender))
        by_grader = self._lives[number].process.killed_by_grader
        if signal in _ONLY_SENT and sender is None and not by_grader:
            self.doubts.append(
                f"a process was killed from outside the run (signal {signal}), "
                "perhaps because the machine ran out of memory"
            )

    def killed_by_grader(self, number: ProcessNumber, connections: int) -> None:
        """It is about to be killed, with so many connections open."""
        self._update(number, killed_by_grader=True, connections=connections)

    # What the probe says

    def ready(self, python: str) -> None:
        """The interpreter of main is set up; the submission's first instruction comes next."""
        if self._epoch is None:
            self._clock.begin()
            self._epoch = self._clock.now()
            self.python = python

    def called(
        self, number: ProcessNumber, report: ProbeReport, target: ProcessNumber | None
    ) -> None:
        event = Called(self._clock.now(), number, report.function, target, report.line, report.name)
        life = self._lives[number]
        last = life.last_call
        repeated = last is not None and dataclasses.replace(last, at=event.at) == event
        life.last_call = event
        life.in_start = report.function == "start"
        if life.in_start:
            life.announced = report
            life.tidied |= self._ended_servants(number)
        if report.line is not None and not repeated:
            self._add(event)
        if report.function in _WAITING and target in life.tidied:
            self._learned_late(number, target, "wait" if report.function == "join" else "poll")

    def _ended_servants(self, creator: ProcessNumber) -> set[ProcessNumber]:
        """Its children by way of a fork server that have ended: start() reads of their ends from
        pipes, which the kernel knows nothing of.
        """
        return {
            number
            for number, life in enumerate(self._lives)
            if life.process.creator == creator
            and life.process.start_method is StartMethod.FORKSERVER
            and life.process.ended is not None
        }

    def _learned_late(
        self, number: ProcessNumber, child: ProcessNumber, how: Literal["wait", "poll"]
    ) -> None:
        """The student's code asks for a child's end that a later ``start()`` had found already:
        multiprocessing knows the answer, so the kernel is not asked again.
        """
        life, now = self._lives[number], self._clock.now()
        life.tidied.discard(child)
        polls, _ = life.polls.pop(child, (0, None))
        line = self._line_of(number, _WAITING)
        self._add(WaitedFor(now, number, child, how, now, polls, life.code_ended, line))

    def code_ended(
        self, number: ProcessNumber, opcodes: int = 0, meetings: Sequence[MeetingReport] = ()
    ) -> None:
        life = self._lives[number]
        if not life.code_ended:
            who = self.label_of(number)
            self._meetings += (
                Meeting(who, each.kind, each.line, each.first, each.last) for each in meetings
            )
        if number == MAIN:
            self._opcodes_of_main = opcodes
        else:
            self._opcodes_of_others = max(self._opcodes_of_others, opcodes)
        if not life.code_ended:
            life.code_ended = True
            self._add(CodeEnded(self._clock.now(), number))

    def changed(self, number: ProcessNumber, count: int, line: Location | None) -> None:
        """The schedule makes it give way before its ``count``-th opcode that meets others."""
        self._changes.append(Change(self._clock.now(), number, count, line))

    def _line_of(self, number: ProcessNumber, functions: frozenset[str]) -> Location | None:
        call = self._lives[number].last_call
        if call is None or call.function not in functions or self._lives[number].code_ended:
            return None
        return call.line

    def last_line(self, number: ProcessNumber) -> Location | None:
        """Where the student's code last asked a Process object for something, as far as known."""
        call = self._lives[number].last_call
        return None if call is None or self._lives[number].code_ended else call.line

    # Waiting

    def wait_began(
        self,
        number: ProcessNumber,
        children: tuple[ProcessNumber, ...],
        timeout: Nanoseconds | None = None,
    ) -> Nanoseconds:
        """Returns the time, which `waited_for` wants back."""
        at = self._clock.now()
        if not self._is_helper(number):
            line = self._line_of(number, _WAITING)
            self._add(WaitBegan(at, number, children, timeout, line))
        return at

    def wait_timed_out(self, number: ProcessNumber, children: tuple[ProcessNumber, ...]) -> None:
        self._add(WaitTimedOut(self._clock.now(), number, children))

    def polled_in_vain(self, number: ProcessNumber, child: ProcessNumber) -> None:
        life = self._lives[number]
        if not life.in_start:
            count, since = life.polls.get(child, (0, self._clock.now()))
            life.polls[child] = (count + 1, since)

    def waited_for(
        self,
        number: ProcessNumber,
        child: ProcessNumber,
        how: Literal["wait", "poll", "sentinel"],
        began: Nanoseconds | None,
    ) -> None:
        life = self._lives[number]
        if self._is_helper(number):
            return
        if life.in_start:
            life.tidied.add(child)
            return  # multiprocessing tidies up; the student did not ask
        polls, since = life.polls.pop(child, (0, None))
        if began is None:
            began = since
        self._add(
            WaitedFor(
                at=self._clock.now(),
                by=number,
                child=child,
                how=how,
                began=began,
                polls=polls,
                in_shutdown=life.code_ended,
                line=self._line_of(number, _WAITING),
            )
        )

    def collected(self, child: ProcessNumber) -> None:
        if self._lives[child].process.collected is None:
            self._update(child, collected=self._clock.now())

    @property
    def last_words(self) -> str:
        """The last line that main printed."""
        lines = [
            placed.event.text
            for placed in self._events
            if isinstance(placed.event, Printed) and placed.event.by == MAIN
        ]
        return next((line for line in reversed(lines) if line.strip()), "")

    @property
    def main_broke(self) -> bool:
        """Whether main said on stderr that an exception or a syntax error ended it."""
        return any(
            isinstance(placed.event, Printed)
            and placed.event.by == MAIN
            and placed.event.stream is Stream.STDERR
            and placed.event.text.startswith(("Traceback (most recent", "SyntaxError:", "  File "))
            for placed in self._events
        )

    def has_ended(self, number: ProcessNumber) -> bool:
        return self._lives[number].process.ended is not None

    # Signals, sleeps, output

    def signalled(self, number: ProcessNumber, target: ProcessNumber, signal: int) -> None:
        life = self._lives[number]
        self._last_signal[target, signal] = number
        self._add(
            Signalled(
                self._clock.now(),
                number,
                target,
                signal,
                life.code_ended,
                self._line_of(number, _SIGNALLING),
            )
        )

    def sleep_began(self, number: ProcessNumber, until: Nanoseconds) -> int:
        """Returns a handle for `sleep_ended`."""
        return self._add(Slept(self._clock.now(), number, until))

    def sleep_ended(self, handle: int) -> None:
        placed = self._events[handle]
        assert isinstance(placed.event, Slept)
        event = dataclasses.replace(placed.event, until=self._clock.now())
        self._events[handle] = Placed(placed.place, event)

    def happened(self, event: Event) -> None:
        """An event that changes nothing else that is known."""
        self._add(event)

    def now(self) -> Nanoseconds:
        return self._clock.now()

    def wrote(
        self, record: TerminalRecord, number: ProcessNumber, stream: Stream, size: int
    ) -> None:
        """So many bytes of this process are the next to come out of the terminal.

        They have a place of their own: what is written to two terminals may come out in
        another order.
        """
        self._places += 1
        self._events += record.wrote(number, stream, size, self._clock.now(), self._places)

    def terminal_said(self, record: TerminalRecord, data: bytes) -> None:
        """Bytes that came out of the terminal, in the order in which they were written."""
        self._events += record.came_out(data)

    def asked_for_input(self, record: TerminalRecord, number: ProcessNumber) -> None:
        """It waits for a line. What stands there unended is its prompt, and was printed."""
        prompt = record.unended_line(number)
        self._events += record.end_lines_of(number, self._places)
        self._add(AskedForInput(self._clock.now(), number, prompt))

    # The end

    def finish(
        self,
        outcome: Outcome,
        records: Sequence[TerminalRecord],
        *,
        blocked: tuple[Blocked, ...],
        clock: Literal["virtual", "real"],
        isolation: str,
        start_method: StartMethod,
        folder: str,
        schedule: str,
        work: tuple[WorkStep, ...] = (),
        steps: int = 0,
        exact: bool = True,
        stopped: bool = False,
        unmet: str | None = None,
    ) -> Trace:
        """The Trace. ``records``: the submission's terminal first.

        ``folder`` is where the submission ran; it is taken out of texts.
        """
        ends = {
            placed.event.by: placed.place
            for placed in self._events
            if isinstance(placed.event, Ended)
        }
        for record in records:
            self._events += record.unended_lines(ends, self._places)
        epoch = self._epoch or 0
        ordered = sorted(self._events, key=lambda placed: placed.place)
        events = tuple(
            _shifted(placed.event, epoch, folder)
            for placed in ordered
            if not self._is_start_of_helper(placed.event)
        )
        processes = tuple(_shifted_process(life.process, epoch, folder) for life in self._lives)
        return Trace(
            processes=processes,
            events=events,
            outcome=outcome,
            duration=max((event.at for event in events), default=0),
            cpu=sum(process.cpu for process in processes),
            clock=clock,
            isolation=isolation,
            start_method=start_method,
            python=self.python,
            blocked=blocked,
            doubts=tuple(self.doubts),
            output_bytes=records[0].bytes_written,
            schedule=schedule,
            work=work,
            steps=steps,
            opcodes=self._opcodes_of_others or self._opcodes_of_main,
            meetings=tuple(sorted(self._meetings, key=lambda each: each.who)),
            changes=tuple(
                dataclasses.replace(change, at=max(0, change.at - epoch))
                for change in self._changes
            ),
            exact=exact,
            stopped=stopped,
            unmet=unmet,
        )

    def _is_start_of_helper(self, event: Event) -> bool:
        return isinstance(event, Started) and event.child in self._never_started


def _since(at: Nanoseconds | None, epoch: Nanoseconds) -> Nanoseconds | None:
    return None if at is None else max(0, at - epoch)


def _without_folder(text: str, folder: str) -> str:
    folder = folder.rstrip("/")
    return text.replace(folder + "/", "").replace(folder, ".")


def _shifted(event: Event, epoch: Nanoseconds, folder: str) -> Event:
    changes: dict[str, object] = {"at": max(0, event.at - epoch)}
    if isinstance(event, Slept):
        changes["until"] = max(0, event.until - epoch)
    elif isinstance(event, WaitedFor):
        changes["began"] = _since(event.began, epoch)
    elif isinstance(event, Printed):
        changes["text"] = event.text.replace(folder.rstrip("/") + "/", "")
    elif isinstance(event, (Listened, Connected)):
        changes["address"] = _without_folder(event.address, folder)
    return dataclasses.replace(event, **changes)  # type: ignore[arg-type]


def _shifted_process(process: Process, epoch: Nanoseconds, folder: str) -> Process:
    return dataclasses.replace(
        process,
        started=max(0, process.started - epoch),
        began=_since(process.began, epoch),
        ended=_since(process.ended, epoch),
        collected=_since(process.collected, epoch),
        command=tuple(_without_folder(part, folder) for part in process.command),
    )


__all__ = ["Recorder"]
