"""Makes a Trace of what was reported: pure, of reports that may be written by hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from grader.schedules import NATURAL, Schedule
from grader.selfcheck.births import Births, Life, Standing
from grader.selfcheck.ends import Network, end_of
from grader.selfcheck.reports import Report
from grader.selfcheck.shifting import shifted, without_folder, without_probe
from grader.trace import (
    MAIN,
    AskedForInput,
    Began,
    Blocked,
    BlockedInterval,
    Called,
    CodeEnded,
    Event,
    Exchange,
    LeftFile,
    Location,
    Nanoseconds,
    Outcome,
    Pid,
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
    Typed,
    WaitBegan,
    WaitedFor,
    WaitReason,
    WaitTimedOut,
    Witness,
)
from grader.trace.tracebacks import outcome_of_main

_QUESTIONS = ("is_alive", "exitcode")
_SHORTEST_BLOCK: Nanoseconds = 10**6
"""A wait that is over sooner was none."""


@dataclass(frozen=True)
class Ending:
    """How a run came to its end.

    ``outcome``: None where it is main's own end that says so. ``stopped``: its peers and
    dialogue were done, and it would have gone on. ``pressed``: a key was
    pressed, and nothing was expected after it. ``folder``: where the submission ran; it is taken
    out of texts. ``probe``: where the probe's own files lie, which are in no traceback of the
    student's. ``busy``: see `grader.trace.Trace`.
    """

    outcome: Outcome | None = None
    stopped: bool = False
    pressed: bool = False
    transcript: tuple[Exchange, ...] = ()
    doubts: tuple[str, ...] = ()
    folder: str = ""
    probe: str = ""
    unattributed_output: bool = False
    busy: bool = False
    files: tuple[LeftFile, ...] = ()


def trace_of(
    reports: Sequence[Report],
    ending: Ending,
    start_method: StartMethod = StartMethod.FORK,
    schedule: Schedule = NATURAL,
) -> Trace:
    """The Trace of a run of which this was reported, in any order of arrival."""
    return _Recording(sorted(reports, key=lambda each: each.at), ending).trace(
        start_method, schedule
    )


class _Recording:
    def __init__(self, reports: Sequence[Report], ending: Ending) -> None:
        self._reports = reports
        self._ending = ending
        self._births = Births(reports)
        self._events: list[Event] = []
        self._epoch: Nanoseconds = 0
        self._signals: list[tuple[Signalled, Life]] = []
        self._network = Network()
        self._python = ""
        self._bytes = 0
        self._tell: dict[str, Callable[[Report, Life], None]] = {
            "began": self._began,
            "birth": self._birth,
            "call": self._called,
            "wait": self._wait,
            "wait-over": self._wait_over,
            "waited": self._waited,
            "wrote": self._wrote,
            "unwrote": self._unwrote,
            "asked": self._asked,
            "typed": self._typed,
            "sleep": self._slept,
            "awake": self._slept,
            "block": self._block,
            "unblock": self._unblock,
            "signal": self._signal,
            "code-ended": self._code_ended,
        }

    def trace(self, start_method: StartMethod, schedule: Schedule) -> Trace:
        """The whole."""
        for report in self._reports:
            life = self._births.take(report)
            if life is None:
                continue
            life.note(report)
            self._events += self._network.take(report, life)
            tell = self._tell.get(report.what)
            if tell is not None:
                tell(report, life)
            elif report.what == "hello" and life.role is Role.MAIN:
                self._python = report.text("python") or ""
        processes = tuple(self._processes())
        self._finish_lines()
        events = tuple(
            shifted(each, self._epoch, self._ending.folder)
            for each in sorted(
                without_probe(self._events, self._ending.probe), key=lambda each: each.at
            )
        )
        outcome, stopped = self._outcome(events, processes)
        return Trace(
            processes=processes,
            events=events,
            outcome=outcome,
            duration=max((event.at for event in events), default=0),
            cpu=sum(each.cpu for each in processes if each.role is not Role.PEER),
            clock="real",
            isolation="none",
            isolated=(),
            schedule=schedule,
            start_method=start_method,
            python=self._python,
            blocked=self._blocked(),
            doubts=self._ending.doubts,
            output_bytes=self._bytes,
            unattributed_output=self._ending.unattributed_output,
            busy=self._ending.busy,
            exact=False,
            stopped=stopped,
            files=self._ending.files,
            transcript=tuple(
                replace(each, at=max(0, each.at - self._epoch)) for each in self._ending.transcript
            ),
            witness=Witness.SCRIPT,
        )

    def _outcome(
        self, events: Sequence[Event], processes: Sequence[Process]
    ) -> tuple[Outcome, bool]:
        if self._ending.outcome is not None:
            return self._ending.outcome, self._ending.stopped
        main = next((each for each in processes if each.number == MAIN), None)
        if main is None or self._ending.stopped:
            return Outcome.FINISHED, self._ending.stopped
        said = [each for each in events if isinstance(each, Printed) and each.by == MAIN]
        return outcome_of_main(main.exit_status, main.signal, said, pressed=self._ending.pressed)

    # Births and ends

    def _began(self, report: Report, life: Life) -> None:
        life.began = report.at
        if life.role is Role.MAIN:
            self._epoch = report.at
            life.started = report.at
        if life.announcement is None and life.creator is not None and life.role is Role.CHILD:
            self._events.append(Started(life.started, life.creator, life.number))
        if life.method is not StartMethod.FORK:
            life.start_up = report.number("cpu") or 0
        self._events.append(Began(report.at, life.number))

    def _birth(self, report: Report, parent: Life) -> None:
        life = self._births.announced_by(report)
        if life is not None and life.role is not Role.HELPER:
            place = self._place(report)
            self._events.append(Started(report.at, parent.number, life.number, place))

    def _processes(self) -> Iterator[Process]:
        """Every process. The events of their ends are written down with them."""
        folder = self._ending.folder
        for life in sorted(self._births.lives, key=lambda each: each.number):
            sent = [signalled for signalled, target in self._signals if target is life]
            end = end_of(life, sent)
            if end is not None:
                self._events.append(end)
            told = life.announcement if life.role is Role.CHILD else None
            yield Process(
                number=life.number,
                pid=life.pid,
                role=life.role,
                creator=life.creator,
                kernel_parent=life.kernel_parent,
                start_method=life.method,
                started=max(0, life.started - self._epoch),
                began=self._since(life.began),
                ended=None if end is None else self._since(end.at),
                exit_status=None if end is None else end.exit_status,
                signal=None if end is None else end.signal,
                collected=self._since(life.collected),
                parent_pid=life.parent_pid,
                name=life.name if told is None else told.text("name"),
                variable=None if told is None else told.text("variable"),
                class_name=None if told is None else told.text("class"),
                own_methods=None if told is None else told.texts("own"),
                daemon=None if told is None else told.flag("daemon"),
                started_at=None if told is None else self._place(told),
                command=tuple(without_folder(word, folder) for word in life.command),
                cpu=max(0, life.cpu - life.start_up),
                start_up=life.start_up,
                killed_by_grader=life.killed is not None,
                connections=life.connections,
                hurried=life.hurried,
                answered=self._network.answered_by(life),
            )

    # What multiprocessing is asked for

    def _called(self, report: Report, life: Life) -> None:
        place = self._place(report)
        if place is None:
            return
        target, maker = (self._births.of(report.number(name) or 0) for name in ("child", "maker"))
        self._events.append(
            Called(
                report.at,
                life.number,
                report.text("function") or "",
                None if target is None else target.number,
                place,
                report.text("name"),
                None if maker is None else maker.number,
            )
        )

    def _wait(self, report: Report, life: Life) -> None:
        pids = report.numbers("children")
        children = tuple(self._numbers(pids))
        timeout, place = report.number("timeout"), self._place(report)
        life.standing = Standing(WaitReason.CHILD, report.at, place, timeout, pids)
        if life.role is Role.HELPER or (pids and not children):
            return
        line = None if life.code_ended else place
        self._events.append(WaitBegan(report.at, life.number, children, timeout, line))

    def _wait_over(self, report: Report, life: Life) -> None:
        standing, life.standing = life.standing, None
        if standing is not None and report.flag("timeout"):
            children = tuple(self._numbers(standing.children))
            self._events.append(WaitTimedOut(report.at, life.number, children))

    def _waited(self, report: Report, life: Life) -> None:
        life.standing = None
        child = self._births.of(report.number("child") or 0)
        if child is None or child is life:
            return
        child.code = report.number("code")
        child.alive = report.number("alive") or 0
        if child.collected is None or child.collected <= child.alive:
            child.collected = report.at  # its sentinel is ready somewhat before it is gone
        how = report.text("how")
        if how == "poll":
            self._answered_no(report.at, life, child)
        if child.role is Role.HELPER:
            return
        self._events.append(
            WaitedFor(
                at=report.at,
                by=life.number,
                child=child.number,
                how=cast('Literal["wait", "poll", "sentinel"]', how)
                if how in ("wait", "poll", "sentinel")
                else "wait",
                began=report.number("began"),
                polls=report.number("polls") or 0,
                in_shutdown=life.code_ended,
                line=None if life.code_ended else self._place(report),
            )
        )

    def _answered_no(self, at: Nanoseconds, life: Life, child: Life) -> None:
        """The question that found the end was reported before it was asked, and the child may have
        ended in between: what counts is when it was answered.
        """
        for place in reversed(range(len(self._events))):
            event = self._events[place]
            if event.at <= child.alive or event.at < child.started:
                return  # an earlier one was answered otherwise
            if (
                isinstance(event, Called)
                and (event.by, event.target) == (life.number, child.number)
                and event.function in _QUESTIONS
            ):
                self._events[place] = replace(event, at=at)
                return

    def _signal(self, report: Report, life: Life) -> None:
        number, pid = report.number("number"), report.number("target") or 0
        if number is None:
            return
        if pid > 0:
            one = self._births.of(pid)
            targets = [] if one is None else [one]
        else:  # a group: all of the submission are in one, unless it has made others
            targets = [
                each
                for each in self._births.lives
                if each.role in (Role.MAIN, Role.CHILD) and each.gone is None and each.pid
            ]
        for target in targets:
            event = Signalled(
                report.at,
                life.number,
                target.number,
                number,
                life.code_ended,
                None if life.code_ended else self._place(report),
            )
            self._signals.append((event, target))
            self._events.append(event)

    def _code_ended(self, report: Report, life: Life) -> None:
        life.cpu = report.number("cpu") or life.cpu
        if not life.code_ended:
            life.code_ended = True
            self._events.append(CodeEnded(report.at, life.number))

    # What stands still

    def _slept(self, report: Report, life: Life) -> None:
        if report.what == "sleep":
            span = report.number("span") or 0
            life.hurried = life.hurried or bool(report.flag("cut"))
            life.standing = Standing(WaitReason.SLEEP, report.at, self._place(report), span)
            life.sleep = len(self._events)
            self._events.append(Slept(report.at, life.number, report.at + span))
            return
        life.standing = None
        begun = None if life.sleep is None else self._events[life.sleep]
        if isinstance(begun, Slept) and life.sleep is not None:
            self._events[life.sleep] = replace(begun, until=min(begun.until, report.at))

    def _block(self, report: Report, life: Life) -> None:
        name = report.text("reason")
        reason = WaitReason(name) if name in WaitReason._value2member_map_ else WaitReason.OTHER
        timeout = report.number("timeout")
        life.standing = Standing(reason, report.at, self._place(report), timeout)

    def _unblock(self, report: Report, life: Life) -> None:
        standing, life.standing = life.standing, None
        if standing is not None and report.at - standing.at >= _SHORTEST_BLOCK:
            self._events.append(
                BlockedInterval(standing.at, life.number, report.at, standing.reason)
            )

    def _blocked(self) -> tuple[Blocked, ...]:
        """Those that had not ended, in what they stood."""
        return tuple(
            Blocked(
                life.number,
                WaitReason.NOTHING if life.standing is None else life.standing.reason,
                () if life.standing is None else tuple(self._numbers(life.standing.children)),
                line=None if life.standing is None else life.standing.line,
            )
            for life in sorted(self._births.lives, key=lambda each: each.number)
            if life.killed is not None and life.role in (Role.MAIN, Role.CHILD)
        )

    # The terminal

    def _wrote(self, report: Report, life: Life) -> None:
        if life.role is Role.HELPER:
            return
        stream = Stream.STDERR if report.text("stream") == "stderr" else Stream.STDOUT
        data = report.data("data")
        if life.role is not Role.PEER:
            self._bytes += len(data)
        unended = life.unended[stream]
        unended += data
        *lines, rest = bytes(unended).split(b"\n")
        for line in lines:
            self._events.append(_printed(report.at, life, line, stream))
        unended[:] = rest

    def _unwrote(self, report: Report, life: Life) -> None:
        stream = Stream.STDERR if report.text("stream") == "stderr" else Stream.STDOUT
        size = min(report.number("size") or 0, len(life.unended[stream]))
        if size:
            del life.unended[stream][-size:]

    def _asked(self, report: Report, life: Life) -> None:
        life.standing = Standing(WaitReason.INPUT, report.at, self._place(report))
        prompt = (report.text("prompt") or "").encode("utf-8", "replace")
        if prompt:
            life.unended[Stream.STDERR] += prompt
        text = b""
        for stream, unended in life.unended.items():
            if unended:
                text = bytes(unended)
                self._events.append(_printed(report.at, life, text, stream, ended=False))
                unended.clear()
        decoded = text.rpartition(b"\n")[2].decode("utf-8", "replace")
        self._events.append(AskedForInput(report.at, life.number, decoded))

    def _typed(self, report: Report, life: Life) -> None:
        what = report.text("what")
        self._events.append(
            Typed(
                report.at,
                life.number,
                cast('Literal["line", "end-of-input", "interrupt", "hang-up"]', what)
                if what in ("end-of-input", "interrupt", "hang-up")
                else "line",
                report.text("text") or "",
            )
        )

    def _finish_lines(self) -> None:
        """What was written last and not ended by a newline was printed all the same."""
        for life in self._births.lives:
            for stream, unended in life.unended.items():
                if unended:
                    self._events.append(
                        _printed(life.last, life, bytes(unended), stream, ended=False)
                    )

    # Words for all of them

    def _numbers(self, pids: Iterable[Pid]) -> Iterator[ProcessNumber]:
        for pid in pids:
            life = self._births.of(pid)
            if life is not None and life.role is not Role.HELPER:
                yield life.number

    def _since(self, at: Nanoseconds | None) -> Nanoseconds | None:
        return None if at is None else max(0, at - self._epoch)

    def _place(self, report: Report) -> Location | None:
        """The student's line that a report names; None: one of another file."""
        file, line = report.text("file"), report.number("line")
        folder = self._ending.folder
        if file is None or line is None:
            return None
        path = os.path.normpath(os.path.join(folder, file))
        relative = os.path.relpath(path, folder) if folder else file
        if relative.startswith(os.pardir) or os.path.isabs(relative):
            return None
        return Location(relative.replace(os.sep, "/"), line)


def _printed(
    at: Nanoseconds, life: Life, data: bytes, stream: Stream, *, ended: bool = True
) -> Printed:
    text = data.decode("utf-8", "replace").removesuffix("\r")
    return Printed(at, life.number, text, stream, ended)
