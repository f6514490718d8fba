"""Writes down what happens, and makes the Trace of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from signal import Signals
from typing import Literal

from grader.schedules import Schedule
from grader.supervisor.clock import Clock, CpuUse
from grader.supervisor.counting import Counting
from grader.supervisor.journal import Journal, aborted_finalizations, altered
from grader.supervisor.output import TerminalRecord
from grader.supervisor.reports import ProbeReport
from grader.supervisor.shifting import shifted, shifted_exchange, shifted_process
from grader.supervisor.tree import TracedProcess
from grader.supervisor.waits import Life, Waits, with_sentinel_reads
from grader.trace import (
    MAIN,
    Began,
    Blocked,
    Called,
    CodeEnded,
    Connection,
    Ended,
    Event,
    Exchange,
    LeftFile,
    Location,
    Nanoseconds,
    Outcome,
    Process,
    ProcessNumber,
    Role,
    SharedValue,
    Signalled,
    Started,
    StartMethod,
    Trace,
    WorkStep,
)
from grader.trace.schedule import thread_label

_ONLY_SENT = frozenset({Signals.SIGKILL, Signals.SIGTERM})
"""Signals that no fault raises and no key of the terminal sends: somebody did."""
_SIGNALLING = frozenset({"terminate", "kill"})


class Recorder:
    """The growing record of one run. Times given to it and kept by it are the clock's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.journal = Journal(clock)
        self._never_started: set[ProcessNumber] = set()
        self._lives: list[Life] = []
        self._labels: dict[ProcessNumber, str] = {}
        self.waits = Waits(self.journal, self._lives)
        self._last_signal: dict[tuple[ProcessNumber, int], ProcessNumber] = {}
        self._signal_to_all: dict[int, tuple[ProcessNumber, ProcessNumber]] = {}
        """Signal -> who sent it last to several at once, and the first process born after that."""
        self._epoch: Nanoseconds | None = None
        self.python = ""
        self.counting = Counting(self.journal)
        self.doubts: list[str] = []
        self._shared: list[SharedValue] = []

    @property
    def elapsed(self) -> Nanoseconds:
        """Since the submission's first instruction; 0 before it."""
        return 0 if self._epoch is None else self._clock.now() - self._epoch

    # Processes

    def numbers_of(self, role: Role) -> list[ProcessNumber]:
        """The processes that have this role, in the order of their birth."""
        return [number for number, life in enumerate(self._lives) if life.process.role is role]

    def process(self, number: ProcessNumber) -> Process:
        """What is known of a process so far."""
        return self._lives[number].process

    def creator_of(self, number: ProcessNumber) -> ProcessNumber | None:
        """Who made a process, also a helper."""
        return self._lives[number].creator

    def _update(self, number: ProcessNumber, **changes: object) -> None:
        life = self._lives[number]
        life.process = altered(life.process, **changes)

    @property
    def is_ready(self) -> bool:
        """Whether the submission's first instruction has come."""
        return self._epoch is not None

    def label_of(self, number: ProcessNumber, thread: int | None = None) -> str:
        """What schedules call a process: main, worker-1, worker-2, ..., or a peer's name; or the
        ``thread``-th of those threads that the student's code has started in it.
        """
        if thread is not None:
            return thread_label(self.label_of(number), thread)
        label = self._labels.get(number)
        if label is None:
            process = self._lives[number].process
            label = str(process.role.value)
            if process.role is Role.CHILD:
                older = (life.process for life in self._lives[:number])
                label = f"worker-{1 + sum(each.role is Role.CHILD for each in older)}"
            elif process.role is Role.PEER and process.name:
                label = process.name
            self._labels[number] = label
        return label

    def main_started(self, pid: int, parent_pid: int) -> None:
        """The submission's first process is there; pids are those that the processes see."""
        self._born(Role.MAIN, pid, parent_pid)

    def peer_started(self, number: ProcessNumber, pid: int, parent_pid: int, name: str) -> None:
        """A program of the exercise's own is there."""
        assert number == len(self._lives)
        self._born(Role.PEER, pid, parent_pid, name=name)

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
        parent = self._lives[creator]
        announced, parent.announced = parent.announced, None
        parent.in_start = False
        life = self._born(
            Role.PEER if parent.process.role is Role.PEER else Role.CHILD,
            pid,
            self._lives[kernel_parent].process.pid,
            creator=creator,
            kernel_parent=kernel_parent,
            method=method,
        )
        life.birth = self.journal.happened(Started(self._clock.now(), creator, number))
        if announced is not None:
            self._announce(number, announced)

    def _born(
        self,
        role: Role,
        pid: int,
        parent_pid: int,
        *,
        creator: ProcessNumber | None = None,
        kernel_parent: ProcessNumber | None = None,
        method: StartMethod | None = None,
        name: str | None = None,
    ) -> Life:
        process = Process(
            number=len(self._lives),
            pid=pid,
            role=role,
            creator=creator,
            kernel_parent=kernel_parent,
            start_method=method,
            started=self._clock.now(),
            parent_pid=parent_pid,
            name=name,
        )
        self._lives.append(Life(process, creator))
        return self._lives[-1]

    def _announce(self, number: ProcessNumber, announcement: ProbeReport) -> None:
        """The process is the one of this Process object."""
        life = self._lives[number]
        life.announcement = announcement
        if announcement.is_helper:
            self._become_helper(number)
            return
        self._update(
            number,
            name=announcement.name,
            variable=announcement.variable,
            class_name=announcement.class_name,
            own_methods=announcement.own_methods,
            daemon=announcement.daemon,
            started_at=announcement.line,
        )
        self.journal.change(life.birth, line=announcement.line)

    def is_helper(self, number: ProcessNumber, command: tuple[str, ...]) -> None:
        """It turned out to be multiprocessing's own: nobody's child, and never started."""
        creator = self.creator_of(number)
        announcement = self._lives[number].announcement
        if creator is not None and announcement is not None:
            self._announce_next(creator, number, announcement)
        self._become_helper(number)
        self._update(number, command=command)

    def _become_helper(self, number: ProcessNumber) -> None:
        self._update(
            number,
            role=Role.HELPER,
            creator=None,
            start_method=None,
            name=None,
            variable=None,
            class_name=None,
            own_methods=None,
            daemon=None,
            started_at=None,
        )
        self._never_started.add(number)
        self._labels.clear()  # those that came after it are counted anew

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

    def executed(
        self, number: ProcessNumber, command: tuple[str, ...], method: StartMethod | None
    ) -> None:
        """A process runs another program; ``method`` says how multiprocessing came to it."""
        changes: dict[str, object] = {"command": command}
        is_childs = self._lives[number].process.role is not Role.HELPER
        if method is not None and number != MAIN and is_childs:
            changes["start_method"] = method
        self._update(number, **changes)

    def began(self, number: ProcessNumber) -> None:
        """A process is about to execute its first instruction."""
        at = self._clock.now()
        self._update(number, began=at)
        self.journal.happened(Began(at, number))

    def ended(
        self, number: ProcessNumber, exit_status: int | None, signal: int | None, cpu: CpuUse
    ) -> None:
        """A process has ended: by an exit status, or by a signal."""
        at = self._clock.now()
        sender = None if signal is None else self._sender(number, signal)
        self._update(
            number,
            ended=at,
            exit_status=exit_status,
            signal=signal,
            cpu=cpu.charged,
            start_up=cpu.exempt,
        )
        self.journal.happened(Ended(at, number, exit_status, signal, sender))
        by_grader = self._lives[number].process.killed_by_grader
        if signal in _ONLY_SENT and sender is None and not by_grader:
            self.doubts.append(
                f"a process was killed from outside the run (signal {signal}), "
                "perhaps because the machine ran out of memory"
            )

    def _sender(self, number: ProcessNumber, signal: int) -> ProcessNumber | None:
        """Who sent a process a signal. What is sent to a group reaches also those of its members
        that the supervisor has not seen yet.
        """
        if (number, signal) in self._last_signal:
            return self._last_signal[number, signal]
        sender, first_unseen = self._signal_to_all.get(signal, (None, 0))
        return sender if number >= first_unseen else None

    def died_unseen(self) -> None:
        """A process was killed before anything could be learned of it."""
        if Signals.SIGKILL not in self._signal_to_all:
            self.doubts.append("a process was killed before it could be seen")

    def answered(self, number: ProcessNumber, connection: Connection) -> None:
        """A process sends something to a peer by the connection that the peer made."""
        answered = self.process(number).answered
        if connection not in answered:
            self._update(number, answered=(*answered, connection))

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
        self,
        number: ProcessNumber,
        report: ProbeReport,
        target: ProcessNumber | None,
        maker: ProcessNumber | None = None,
    ) -> None:
        """The student's code asks a Process object, which stands for ``target`` and was made by
        ``maker``, for something.
        """
        now = self._clock.now()
        event = Called(now, number, report.function, target, report.line, report.name, maker)
        life = self._lives[number]
        last = life.last_call
        repeated = last is not None and altered(last, at=event.at) == event
        life.last_call = event
        life.in_start = report.function == "start"
        if life.in_start:
            life.announced = report
            self.waits.start_began(number)
        if not repeated:
            life.repetition = None
        if report.line is not None:
            self._write_call(life, event, repeated)
        self.waits.asked(number, target, report.function)

    def used(self, number: ProcessNumber, report: ProbeReport, thread: int | None) -> None:
        """The student's code calls something of the library's, of which the exercise asks, in that
        thread of those that it has started.
        """
        function, name = report.function, report.variable
        now = self._clock.now()
        self.journal.happened(Called(now, number, function, None, report.line, name, None, thread))

    def shares(self, number: ProcessNumber, report: ProbeReport) -> None:
        """Main's code is over, and this is what some shared memory holds."""
        if number == MAIN and report.name is not None:
            self._shared.append(SharedValue(report.variable, report.line, report.name))

    def _write_call(self, life: Life, event: Called, repeated: bool) -> None:
        """Of a loop that asks again and again the first question is kept, and the last."""
        if life.repetition is not None:
            self.journal.happened_again(life.repetition)
        else:
            handle = self.journal.happened(event)
            life.repetition = handle if repeated else None

    def code_ended(
        self,
        number: ProcessNumber,
        opcodes: int = 0,
    ) -> None:
        """The code of the student's that a process runs is over; its shutdown follows."""
        life = self._lives[number]
        self.counting.counted(number, opcodes)
        if not life.code_ended:
            life.code_ended = True
            self.journal.happened(CodeEnded(self._clock.now(), number))

    def came_to_places(self, process: TracedProcess) -> None:
        """Take over where a process has come to, now that its code, or itself, has ended."""
        self.counting.came_to(process, lambda nth: self.label_of(process.number, nth))

    def last_line(self, number: ProcessNumber) -> Location | None:
        """Where the student's code last asked a Process object for something, as far as known."""
        call = self._lives[number].last_call
        return None if call is None or self._lives[number].code_ended else call.line

    # Ends, signals

    def collected(self, child: ProcessNumber) -> None:
        """Its parent has learned of a child's end, so that its pid is free."""
        if self._lives[child].process.collected is None:
            self._update(child, collected=self._clock.now())

    def uncollected_children(self, parent: ProcessNumber) -> list[ProcessNumber]:
        """The children in the kernel's eyes that have ended and were not collected."""
        lives = (life.process for life in self._lives)
        return [
            each.number
            for each in lives
            if each.kernel_parent == parent and each.ended is not None and each.collected is None
        ]

    def has_ended(self, number: ProcessNumber) -> bool:
        """Whether it was seen to end."""
        return self._lives[number].process.ended is not None

    def signalled(
        self, number: ProcessNumber, target: ProcessNumber, signal: int, *, ignored: bool = False
    ) -> None:
        """A process sends another one a signal, which that has chosen to ignore or not."""
        life = self._lives[number]
        self._last_signal[target, signal] = number
        self.journal.happened(
            Signalled(
                self._clock.now(),
                number,
                target,
                signal,
                life.code_ended,
                life.line_of(_SIGNALLING),
                ignored,
            )
        )

    def signalled_all(self, number: ProcessNumber, signal: int) -> None:
        """A process sends a signal to several at once, each of which is told by `signalled`."""
        self._signal_to_all[signal] = (number, len(self._lives))

    # The end

    def finish(
        self,
        outcome: Outcome,
        records: Sequence[TerminalRecord],
        *,
        blocked: tuple[Blocked, ...],
        clock: Literal["virtual", "real"],
        isolation: str,
        isolated: tuple[str, ...],
        start_method: StartMethod,
        folder: str,
        schedule: Schedule,
        work: tuple[WorkStep, ...] = (),
        steps: int = 0,
        exact: bool = True,
        stopped: bool = False,
        transcript: Sequence[Exchange] = (),
        supervision: Nanoseconds = 0,
        files: tuple[LeftFile, ...] = (),
    ) -> Trace:
        """The Trace. ``records``: the submission's terminal first.

        ``folder`` is where the submission ran; it is taken out of texts.
        """
        epoch = self._epoch or 0
        in_order = self._with_kills_in_order(self.journal.in_order(records))
        events = tuple(
            shifted(event, epoch, folder)
            for event in with_sentinel_reads(in_order)
            if not (isinstance(event, Started) and event.child in self._never_started)
        )
        processes = tuple(shifted_process(life.process, epoch, folder) for life in self._lives)
        return Trace(
            processes=processes,
            events=events,
            outcome=outcome,
            duration=max((event.at for event in events), default=0),
            cpu=sum(process.cpu for process in processes),
            clock=clock,
            isolation=isolation,
            isolated=isolated,
            start_method=start_method,
            python=self.python,
            blocked=blocked,
            doubts=(*self.doubts, *aborted_finalizations(events)),
            output_bytes=records[0].bytes_written,
            schedule=schedule,
            work=work,
            steps=steps,
            opcodes=self.counting.opcodes,
            preemption_points=self.counting.points,
            threads=self.counting.threads,
            shared=tuple(self._shared),
            preemptions=self.counting.preemptions(epoch),
            exact=exact,
            stopped=stopped,
            transcript=tuple(shifted_exchange(each, epoch, folder) for each in transcript),
            supervision=supervision,
            files=files,
            longest_timeout=self.waits.longest_timeout,
        )

    def _with_kills_in_order(self, events: Iterable[Event]) -> list[Event]:
        """In which order those die whom the grader kills at the same time is chance, and says
        nothing: it is that of their numbers.
        """
        ordered = list(events)
        first = len(ordered)
        while first:
            last = ordered[first - 1]
            if not isinstance(last, Ended) or not self._lives[last.by].process.killed_by_grader:
                break
            first -= 1
        ordered[first:] = sorted(ordered[first:], key=lambda event: (event.at, event.by))
        return ordered
