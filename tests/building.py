"""Hand-written traces that read like a story.

    story = Story()
    p = story.start(at=s(0.01), variable="p")
    story.prints(p, "hello", at=s(0.02))
    story.ends(p, at=s(1.02))
    story.waits(MAIN, p, at=s(1.02))
    story.ends(MAIN, at=s(1.05))
    trace = story.trace()

Main stands on the stage from the beginning. What is not told takes a plain default: pids
from 4321 upwards, names as multiprocessing gives them, exit status 0. Events are sorted by
time; those of one instant stay in the order in which they were told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

from grader.schedules import parse_schedule
from grader.trace import (
    MAIN,
    AskedForInput,
    Began,
    Blocked,
    BlockedInterval,
    Called,
    CodeEnded,
    Connected,
    Connection,
    Ended,
    Event,
    Exchange,
    LeftFile,
    Listened,
    Location,
    Nanoseconds,
    Outcome,
    Pid,
    Printed,
    Process,
    ProcessNumber,
    Role,
    SharedValue,
    Signalled,
    Slept,
    Started,
    StartedThread,
    StartMethod,
    Stream,
    ThreadStep,
    Trace,
    Typed,
    WaitBegan,
    WaitedFor,
    WaitReason,
    WaitTimedOut,
    Witness,
)

SCRIPT = "student.py"
FIRST_PID: Pid = 4321
EVENT_KINDS: tuple[type, ...] = get_args(get_args(Event)[0])
"""Every kind of event that there is."""


def s(seconds: float) -> Nanoseconds:
    """Seconds as the trace counts time."""
    return round(seconds * 10**9)


def at_line(line: int | None) -> Location | None:
    """A line of the student's script."""
    return None if line is None else Location(SCRIPT, line)


def lines_of(
    trace: Trace, number: ProcessNumber | None = None, stream: Stream | None = None
) -> tuple[Printed, ...]:
    """The lines that a process printed (None: any process), to ``stream`` (None: to either)."""
    return tuple(
        event for event in trace.of_kind(Printed, number) if stream in (None, event.stream)
    )


class Story:
    """A trace in the making."""

    def __init__(self, start_method: StartMethod = StartMethod.FORK) -> None:
        self._start_method = start_method
        self._events: list[Event] = []
        self._processes = [
            Process(MAIN, FIRST_PID, Role.MAIN, None, None, None, started=0, began=0)
        ]
        self._blocked: list[Blocked] = []
        self._doubts: list[str] = []
        self._outcome: Outcome | None = None
        self._stopped = False
        self._unattributed_output = False
        self._witness = Witness.KERNEL
        self._transcript: list[Exchange] = []
        self._files: list[LeftFile] = []
        self._shared: list[SharedValue] = []
        self._threads: list[StartedThread] = []
        self._events.append(Began(0, MAIN))

    def start(
        self,
        by: ProcessNumber = MAIN,
        *,
        at: Nanoseconds,
        begins: Nanoseconds | None = None,
        variable: str | None = None,
        name: str | None = "",
        daemon: bool | None = False,
        line: int | None = None,
        method: StartMethod | None = None,
        class_name: str | None = "Process",
        kernel_parent: ProcessNumber | None = None,
        own_methods: tuple[str, ...] | None = None,
    ) -> ProcessNumber:
        """``by`` starts a child, which begins 1 ms later or when told. Returns its number.

        An empty ``name`` is multiprocessing's own; None: the probe said nothing of it.
        """
        number = len(self._processes)
        siblings = [each for each in self._processes if each.creator == by]
        if name == "":
            prefix = "Process" if by == MAIN else self._processes[by].name
            separator = "-" if by == MAIN else ":"
            name = f"{prefix}{separator}{len(siblings) + 1}"
        began = at + s(0.001) if begins is None else begins
        parent = by if kernel_parent is None else kernel_parent
        self._processes.append(
            Process(
                number,
                FIRST_PID + 3 * number,
                Role.CHILD,
                creator=by,
                kernel_parent=parent,
                start_method=method or self._start_method,
                started=at,
                began=began,
                parent_pid=self._processes[parent].pid,
                name=name,
                variable=variable,
                class_name=class_name,
                own_methods=own_methods,
                daemon=daemon,
                started_at=at_line(line),
            )
        )
        self._events += [Started(at, by, number, at_line(line)), Began(began, number)]
        return number

    def helper(self, *, at: Nanoseconds) -> ProcessNumber:
        """A process of multiprocessing's own starts; it never ends by itself."""
        number = len(self._processes)
        self._processes.append(
            Process(
                number,
                FIRST_PID + 3 * number,
                Role.HELPER,
                None,
                MAIN,
                None,
                started=at,
                began=at,
                command=("python", "-c", "from multiprocessing.resource_tracker import main"),
            )
        )
        self._events.append(Began(at, number))
        return number

    def pid(self, who: ProcessNumber) -> Pid:
        return self._processes[who].pid

    def prints(
        self,
        who: ProcessNumber,
        text: str,
        *,
        at: Nanoseconds,
        stream: Stream = Stream.STDOUT,
        ended: bool = True,
        thread: int | None = None,
    ) -> None:
        """``who``, or a thread of its, prints a line."""
        self._events.append(Printed(at, who, text, stream, ended, thread))

    def raises(self, who: ProcessNumber, report: str, *, at: Nanoseconds) -> None:
        """``who`` dies of an exception; Python's ``report`` of it is given as it was printed."""
        for line in report.strip("\n").splitlines():
            self.prints(who, line, at=at, stream=Stream.STDERR)
        self.ends(who, at=at, exit_status=1)

    def sleeps(self, who: ProcessNumber, *, at: Nanoseconds, until: Nanoseconds) -> None:
        """``who`` sleeps."""
        self._events.append(Slept(at, who, until))

    def idles(
        self, who: ProcessNumber, obstacle: WaitReason, *, at: Nanoseconds, until: Nanoseconds
    ) -> None:
        """``who`` stands still in something of which no other event tells."""
        self._events.append(BlockedInterval(at, who, until, obstacle))

    def calls(
        self,
        who: ProcessNumber,
        function: str,
        *,
        at: Nanoseconds,
        target: ProcessNumber | None = None,
        line: int | None = None,
        name: str | None = None,
        maker: ProcessNumber | None = None,
        thread: int | None = None,
    ) -> None:
        """The probe saw ``who`` call a method of multiprocessing."""
        self._events.append(Called(at, who, function, target, at_line(line), name, maker, thread))

    def starts_thread(
        self, *, at: Nanoseconds, name: str, line: int | None = None, daemon: bool = False
    ) -> int:
        """Main starts a thread. Returns its number."""
        number = len(self._threads) + 1
        self._threads.append(
            StartedThread(MAIN, number, number, name, started_at=at_line(line), daemon=daemon)
        )
        self._events.append(ThreadStep(at, MAIN, number, "started", None, at_line(line)))
        return number

    def ends_thread(self, number: int, *, at: Nanoseconds) -> None:
        """A thread of main's is over."""
        self._events.append(ThreadStep(at, MAIN, number, "ended"))

    def joins_thread(self, number: int, *, at: Nanoseconds, by: int | None = None) -> None:
        """Main, or another thread of it, has waited for one."""
        self._events.append(ThreadStep(at, MAIN, number, "joined", by))

    def leaves(self, name: str, text: str | None) -> None:
        """A file that lies beside the script at the end, or (None) does not."""
        self._files.append(LeftFile(name, text))

    def shares(self, variable: str | None, held: str, line: int | None = None) -> None:
        """Shared memory that main makes at a line, and what it holds at the end."""
        self._shared.append(SharedValue(variable, at_line(line), held))

    def waits(
        self,
        who: ProcessNumber,
        child: ProcessNumber,
        *,
        at: Nanoseconds,
        began: Nanoseconds | None = None,
        how: Literal["wait", "poll", "sentinel"] = "wait",
        polls: int = 0,
        in_shutdown: bool = False,
        line: int | None = None,
    ) -> None:
        """``who`` learns that ``child`` has ended."""
        if began is not None:
            self._events.append(WaitBegan(began, who, (child,), None, at_line(line)))
        self._events.append(
            WaitedFor(at, who, child, how, began, polls, in_shutdown, at_line(line))
        )
        self._processes[child] = replace(self._processes[child], collected=at)

    def gives_up_waiting(
        self,
        who: ProcessNumber,
        child: ProcessNumber,
        *,
        began: Nanoseconds,
        at: Nanoseconds,
        line: int | None = None,
    ) -> None:
        """A wait of ``who`` for ``child`` runs into its time-out."""
        self._events.append(WaitBegan(began, who, (child,), at - began, at_line(line)))
        self._events.append(WaitTimedOut(at, who, (child,)))

    def code_ends(self, who: ProcessNumber, *, at: Nanoseconds) -> None:
        """``who``'s own code is over; multiprocessing's shutdown begins."""
        self._events.append(CodeEnded(at, who))

    def runs(self, program: str, by: ProcessNumber = MAIN, *, at: Nanoseconds) -> ProcessNumber:
        """``by`` runs another program. Returns its number."""
        number = self.start(by, at=at, name=None, daemon=None, method=StartMethod.SUBPROCESS)
        ran = replace(self._processes[number], command=(program,), class_name=None)
        self._processes[number] = ran
        return number

    def signals(
        self,
        who: ProcessNumber,
        target: ProcessNumber,
        *,
        at: Nanoseconds,
        signal: int = 15,
        in_shutdown: bool = False,
        line: int | None = None,
        ignored: bool = False,
    ) -> None:
        """``who`` sends a signal."""
        sent = Signalled(at, who, target, signal, in_shutdown, at_line(line), ignored)
        self._events.append(sent)

    def ends(
        self,
        who: ProcessNumber,
        *,
        at: Nanoseconds,
        exit_status: int | None = 0,
        signal: int | None = None,
        sender: ProcessNumber | None = None,
    ) -> None:
        """``who`` ends: with a status, or by a signal."""
        status = None if signal is not None else exit_status
        self._events.append(Ended(at, who, status, signal, sender))
        self._processes[who] = replace(
            self._processes[who], ended=at, exit_status=status, signal=signal
        )

    def left_alive(self, who: ProcessNumber) -> None:
        """The run is over and ``who`` is not: the grader has to end it."""
        self._processes[who] = replace(self._processes[who], killed_by_grader=True)

    def blocks(
        self,
        who: ProcessNumber,
        obstacle: WaitReason,
        *waiting_for: ProcessNumber,
        writing: bool = False,
        line: int | None = None,
        made: int | None = None,
    ) -> None:
        """When the run ended ``who`` could not go on. ``made``: the line that made the lock."""
        blocked = Blocked(who, obstacle, waiting_for, writing, at_line(line), at_line(made))
        self._blocked.append(blocked)

    def peer(
        self, *, at: Nanoseconds, name: str | None = None, hurried: bool = False
    ) -> ProcessNumber:
        """A program of the exercise's own begins beside the submission. ``hurried``: a pause of its
        was cut short.
        """
        number = len(self._processes)
        pid = FIRST_PID + 3 * number
        self._processes.append(
            Process(
                number,
                pid,
                Role.PEER,
                None,
                None,
                None,
                started=at,
                began=at,
                name=name,
                hurried=hurried,
            )
        )
        self._events.append(Began(at, number))
        return number

    def answers(self, who: ProcessNumber, client: ProcessNumber, ordinal: int = 1) -> None:
        """``who`` sends something by the ``ordinal``-th connection that a peer made."""
        known = self._processes[who]
        answered = (*known.answered, Connection(client, ordinal))
        self._processes[who] = replace(known, answered=answered)

    def listens(self, who: ProcessNumber, port: int, *, at: Nanoseconds) -> None:
        """``who`` accepts connections at that port from now on."""
        self._events.append(Listened(at, who, "127.0.0.1", port))

    def connects(
        self, who: ProcessNumber, port: int, *, at: Nanoseconds, error: str | None = None
    ) -> None:
        """``who`` connects, or fails to."""
        self._events.append(Connected(at, who, "127.0.0.1", port, error))

    def meets(self, step: str, after: str = "", *, at: Nanoseconds, choice: int = 0) -> None:
        """A step of the dialogue is done; ``after`` is the text that it expected."""
        self._transcript.append(Exchange(step, at, "", after, choice))

    def leaves_unmet(self, step: str, before: str = "") -> None:
        """The dialogue did not come beyond that step: ``before`` came, and was not expected."""
        self._transcript.append(Exchange(step, s(1), before, None))

    def is_stopped(self) -> None:
        """The submission would have gone on for ever, and the grader stops it."""
        self._stopped = True

    def asks(self, who: ProcessNumber, prompt: str = "", *, at: Nanoseconds) -> None:
        """``who`` waits for a line from the terminal."""
        self._events.append(AskedForInput(at, who, prompt))

    def types(self, who: ProcessNumber, text: str, *, at: Nanoseconds) -> None:
        """``who`` is given a line at the terminal."""
        self._events.append(Typed(at, who, text=text))

    def is_the_scripts_word(self) -> None:
        """There was no kernel's witness: the script's own interpreters said all this."""
        self._witness = Witness.SCRIPT

    def has_unattributed_output(self) -> None:
        """Nobody says who wrote something that stands at the terminal."""
        self._unattributed_output = True

    def outcome(self, outcome: Outcome) -> None:
        """How the run ended, where that does not follow from main's end."""
        self._outcome = outcome

    def doubts(self, doubt: str) -> None:
        """The supervisor could not see everything."""
        self._doubts.append(doubt)

    def trace(self, schedule: str = "natural") -> Trace:
        """The story so far as a Trace."""
        main = self._processes[MAIN]
        crashed = main.ended is not None and main.exit_status != 0
        events = sorted(self._events, key=lambda event: event.at)
        return Trace(
            processes=tuple(self._processes),
            events=tuple(events),
            outcome=self._outcome or (Outcome.CRASHED if crashed else Outcome.FINISHED),
            duration=events[-1].at,
            witness=self._witness,
            schedule=parse_schedule(schedule),
            start_method=self._start_method,
            blocked=tuple(self._blocked),
            doubts=tuple(self._doubts),
            stopped=self._stopped,
            unattributed_output=self._unattributed_output,
            transcript=tuple(self._transcript),
            files=tuple(self._files),
            shared=tuple(self._shared),
            threads=tuple(self._threads),
        )
