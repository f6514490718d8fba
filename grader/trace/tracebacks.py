"""The exceptions that Python reported to stderr in a run, and which of them nothing caught."""

from __future__ import annotations

import re
import signal
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from grader.trace.events import (
    Location,
    Nanoseconds,
    Printed,
    ProcessNumber,
    Stream,
)
from grader.trace.model import Outcome, Trace
from grader.trace.processes import Process
from grader.trace.questions import code_end, process

_REPORTS = ("Traceback (most recent", "SyntaxError:", "  File ", "MemoryError", "RecursionError:")
"""How the lines begin in which Python says that an error ended a process."""
_SIGNALS_OF_KEYS = (1, 2)
"""SIGHUP of a window that is closed, SIGINT of Ctrl-C: by number, for Windows has no SIGHUP."""
_ERRORS_OF_KEYS = ("EOFError", "KeyboardInterrupt")
"""What a key of the terminal raises in a program that does not deal with it."""
_HEADER = "Traceback (most recent call last):"
_TOO_DEEP = re.compile(
    r"MemoryError(?:: Parser stack overflowed.*)?"
    r"|RecursionError: (?:maximum recursion depth exceeded|Stack overflow \(.*\)) during .*"
)
"""What a compiler says in the end: the second until 3.13, the last from 3.14."""
_NO_UTF_8 = re.compile(r"SyntaxError: Non-UTF-8 code starting with .*")
_FRAME = re.compile(r'  File "(?P<path>.+)", line (?P<line>\d+)(?:, in (?P<function>.+))?')
_EXCEPTION = re.compile(r"(?P<type>[A-Za-z_][\w.]*)(?::(?: (?P<message>.*))?)?")
_CHAINED = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
_QUOTES = '"""'
"""Around the report of another process, which came with the exception itself."""
_UNCAUGHT = re.compile(r"Process .+:|Exception in thread .+|Exception ignored .+")
"""What stands before the report of an exception that ended a child or a thread, or came up where
nothing could catch it."""
_IN_THREAD = re.compile(r"Exception in thread (.+):")
_EXIT_STATUS = 1
"""What an uncaught exception ends an interpreter with; control-C is passed on as a signal."""
_LIBRARY = re.compile(
    r"[/\\]lib\d*[/\\](?:python|pypy)[\d.]*[/\\]|[/\\]site-packages[/\\]|^<frozen "
)


@dataclass(frozen=True)
class Frame:
    """One call on the way to the exception; ``function`` is None in a syntax error."""

    path: str
    line: int
    function: str | None


@dataclass(frozen=True)
class Traceback:
    """An exception, as ``process`` reported it.

    ``type`` is its class without the module, ``message`` may have several lines. ``frames``
    run from the outermost to the place where it was raised. ``context`` is the exception
    that was being handled, or that caused it. ``lines`` are all lines that say so. ``is_remote``:
    it was raised in another process, which handed it on; so it is of a ``context`` only.
    """

    process: ProcessNumber
    at: Nanoseconds
    type: str
    message: str
    frames: tuple[Frame, ...]
    lines: tuple[Printed, ...]
    context: Traceback | None = None
    is_remote: bool = False

    @property
    def last_line(self) -> str:
        """As Python ends its report: ``ValueError: no such thing``."""
        return f"{self.type}: {self.message}" if self.message else self.type

    @property
    def brief(self) -> str:
        """`last_line` with a message of several lines made one."""
        return " ".join(self.last_line.split())

    @property
    def thread(self) -> str | None:
        """The name of the thread that it ended, if it ended one and not the process."""
        found = _IN_THREAD.fullmatch(self.lines[0].text) if self.lines else None
        return None if found is None else found[1]

    @property
    def of_feeder(self) -> bool:
        """Whether it was raised by the thread that sends what was put into a queue: the item is
        lost, and the process goes on.
        """
        return any(frame.function == "_feed" for frame in self.frames)

    def passes(self, library: str) -> bool:
        """Whether one of its frames is in a file, or in a function, of such a name (a pattern)."""
        return any(
            re.search(library, frame.path) or re.search(library, frame.function or "")
            for frame in self.frames
        )

    @property
    def is_told_uncaught(self) -> bool:
        """Whether its report says that nothing caught it, or is one of Python's own library, such
        as a queue's about what it could not send.
        """
        in_library = bool(self.frames) and _LIBRARY.search(self.frames[0].path) is not None
        return in_library or _UNCAUGHT.fullmatch(self.lines[0].text) is not None

    @property
    def is_too_deep(self) -> bool:
        """Whether Python gave up compiling the script, before it executed anything."""
        return not self.frames and _TOO_DEEP.fullmatch(self.brief) is not None

    @property
    def raised_in_library(self) -> bool:
        """Whether the place where it was raised is in Python's own library."""
        return bool(self.frames) and _LIBRARY.search(self.frames[-1].path) is not None

    def places(self, files: Collection[str]) -> tuple[Location, ...]:
        """The frames in the student's own ``files`` (names relative to their folder)."""
        found = (
            (name, frame.line)
            for frame in self.frames
            if not _LIBRARY.search(frame.path)
            for name in files
            if frame.path == name or frame.path.endswith("/" + name)
        )
        return tuple(Location(name, line) for name, line in found)

    def place(self, files: Collection[str]) -> Location | None:
        """The student's own line that is nearest to where it was raised."""
        places = self.places(files)
        return places[-1] if places else None


def tracebacks(trace: Trace) -> tuple[Traceback, ...]:
    """Every uncaught exception, in the order in which the reports ended."""
    reports = reported(trace)
    last = {report.process: report for report in reports}
    return tuple(
        report
        for report in reports
        if report.is_told_uncaught
        or (
            last[report.process] is report and _broke(process(trace, report.process), report, trace)
        )
    )


def _broke(who: Process, report: Traceback, trace: Trace) -> bool:
    """Whether a process came to its end by an exception, the last one that it reported. One that
    lives on is in its shutdown since.
    """
    if who.ended is not None and not who.killed_by_grader:
        return who.exit_status == _EXIT_STATUS or who.signal == signal.SIGINT
    over = code_end(trace, who.number)
    return over is None or over.at >= report.at


def reported(trace: Trace) -> tuple[Traceback, ...]:
    """Every reported exception, also those that the script caught and printed itself, in the order
    in which the reports ended.
    """
    said: dict[tuple[ProcessNumber, int | None], list[Printed]] = {}
    for event in trace.of_kind(Printed):  # what threads say at the same time is mixed
        if event.stream is Stream.STDERR:
            said.setdefault((event.by, event.thread), []).append(event)
    reports = [report for lines in said.values() for report in _Reader(lines).reports()]
    return tuple(sorted(reports, key=lambda report: report.at))


def spoken(trace: Trace, number: ProcessNumber | None = None) -> tuple[Printed, ...]:
    """The lines that the submission itself printed: no part of any traceback."""
    reports = {id(line) for report in reported(trace) for line in report.lines}
    return tuple(event for event in trace.of_kind(Printed, number) if id(event) not in reports)


def last_words(said: Sequence[Printed]) -> str:
    """The last of these lines that is not blank."""
    return next((line.text for line in reversed(said) if line.text.strip()), "")


def outcome_of_main(
    exit_status: int | None, ended_by: int | None, said: Sequence[Printed], *, pressed: bool
) -> tuple[Outcome, bool]:
    """What main's own end makes of a run, and whether a key of the terminal ended main, after which
    nothing was expected of it: that is no fault.

    Args:
        exit_status: main's.
        ended_by: the signal that ended it, if one did.
        said: the lines that it printed.
        pressed: a key was pressed, and the dialogue is done.
    """
    broke = bool(exit_status) and any(
        line.stream is Stream.STDERR and line.text.startswith(_REPORTS) for line in said
    )
    by_key = ended_by in _SIGNALS_OF_KEYS or (
        broke and last_words(said).startswith(_ERRORS_OF_KEYS)
    )
    if by_key and pressed:
        return Outcome.FINISHED, True
    return Outcome.CRASHED if broke or ended_by is not None else Outcome.FINISHED, False


class _Reader:
    """Reads the reports out of one process's stderr, line by line."""

    def __init__(self, lines: list[Printed]) -> None:
        self._lines = lines
        self._next = 0

    def reports(self) -> Iterator[Traceback]:
        """Each traceback that stands in the lines, in their order."""
        context: Traceback | None = None
        opening = 0
        while self._next < len(self._lines):
            start = self._next
            if (
                self._text() == _HEADER
                or self._begins_syntax_error()
                or self._is_last_of_a_compiler()
            ):
                if context is None:  # multiprocessing says whose it is one line before
                    before = self._lines[start - 1].text if start else ""
                    opening = start - 1 if _UNCAUGHT.fullmatch(before) else start
                report = self._report(opening, context)
                if report is not None:
                    chained = self._chained()
                    context = report if chained else None
                    if not chained:
                        yield report
                    continue
            self._next = start + 1
        if context is not None:
            yield context

    def _text(self, ahead: int = 0) -> str:
        index = self._next + ahead
        return self._lines[index].text if index < len(self._lines) else ""

    def _begins_syntax_error(self) -> bool:
        """A script that Python cannot read is reported without a header."""
        if _FRAME.fullmatch(self._text()) is None:
            return False
        ahead = 1
        while self._text(ahead).startswith("    "):
            ahead += 1
        return re.match(r"(SyntaxError|IndentationError|TabError)\b", self._text(ahead)) is not None

    def _is_last_of_a_compiler(self) -> bool:
        """A script that is nested too deeply, or is no UTF-8, is reported in a single line."""
        is_last = self._next == len(self._lines) - 1
        said = self._text()
        return is_last and bool(_TOO_DEEP.fullmatch(said) or _NO_UTF_8.fullmatch(said))

    def _report(self, opening: int, context: Traceback | None) -> Traceback | None:
        if self._text() == _HEADER:
            self._next += 1
        frames: list[Frame] = []
        while self._text().startswith("  "):
            match = _FRAME.fullmatch(self._text())
            if match is not None:
                frames.append(Frame(match["path"], int(match["line"]), match["function"]))
            self._next += 1
        exception = _EXCEPTION.fullmatch(self._text())
        if self._next >= len(self._lines) or exception is None:
            return None
        self._next += 1
        message = [exception["message"] or "", *self._rest_of_message()]
        lines = tuple(self._lines[opening : self._next])
        return Traceback(
            process=lines[0].by,
            at=lines[-1].at,
            type=exception["type"].rpartition(".")[2],
            message="\n".join(message).strip(),
            frames=tuple(frames),
            lines=lines,
            context=context,
            is_remote=opening > 0 and self._lines[opening - 1].text == _QUOTES,
        )

    def _rest_of_message(self) -> list[str]:
        """The further lines of a message that has some: indented, or empty before such."""
        rest: list[str] = []
        while self._next < len(self._lines):
            ahead = 0
            while self._next + ahead < len(self._lines) and not self._text(ahead):
                ahead += 1
            text = self._text(ahead)
            if not text.startswith((" ", "\t")) or self._begins_syntax_error():
                break
            rest += [self._text(index) for index in range(ahead + 1)]
            self._next += ahead + 1
        return rest

    def _chained(self) -> bool:
        """Whether another exception follows from this one; if so, go to its header."""
        ahead = 1 if self._text() == _QUOTES else 0
        while self._next + ahead < len(self._lines) and not self._text(ahead).strip():
            ahead += 1
        if self._text(ahead) not in _CHAINED:
            return False
        self._next += ahead + 1
        while self._next < len(self._lines) and not self._text().strip():
            self._next += 1
        return self._text() == _HEADER
