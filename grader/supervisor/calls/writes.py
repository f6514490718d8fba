"""Writes: what reaches the terminal and whose it is, and what the probe says.

Only one write to the terminal is let into the kernel at a time. The bytes that come out of the
other end of the terminal are then, in order, those of the writes in the order of their exits,
and the kernel's count of each says where one ends. Nothing that is printed is taken on trust.
"""

from __future__ import annotations

from grader.supervisor import procfs
from grader.supervisor.architecture import Registers
from grader.supervisor.calls.base import Call, always
from grader.supervisor.calls.sockets import note_answer
from grader.supervisor.locks import made
from grader.supervisor.output import TerminalQueue
from grader.supervisor.reports import DESCRIPTOR, MAXIMUM, ProbeReport, parse_report
from grader.supervisor.run import Run
from grader.supervisor.tree import TracedProcess, TracedThread
from grader.supervisor.watching import note_sentinel
from grader.trace import MAIN, Stream

_STDERR = 2


class Write(Call, trapped=always("write writev pwrite64 pwritev pwritev2 sendfile"), visible=True):
    """A call that may put bytes on the terminal. The result counts them."""

    destination = 0
    """Which argument is the descriptor that is written to."""

    def __init__(self, run: Run, thread: TracedThread, registers: Registers) -> None:
        super().__init__(run, thread, registers)
        self._descriptor = registers.int_argument(self.destination)
        self._queue: TerminalQueue | None = None
        self.ends_polling = self._descriptor != DESCRIPTOR

    @classmethod
    def is_step(cls, run: Run, registers: Registers) -> bool:
        """What the probe reports is no event of the submission's."""
        return not cls.is_report(registers)

    @staticmethod
    def is_report(registers: Registers) -> bool:
        """Whether this is not a write at all but the probe speaking."""
        return registers.int_argument(0) == DESCRIPTOR

    def enter(self) -> bool:
        """Take the probe's report, or wait for a turn at the terminal."""
        if self._descriptor == DESCRIPTOR:
            report = read_report(self.run, self.process, self.registers)
            if report is not None:
                self._take(report)
            return False
        device = procfs.device_of(self.thread.tid, self._descriptor)
        self._queue = self.run.terminal_of(device)
        if self._queue is None:
            self.may_wake_others = True
            note_answer(self.run, self.process, self._descriptor)
            return False
        self.held = not self._queue.enter(self.thread)
        return True

    def leave(self, registers: Registers) -> None:
        """Write down how many bytes the terminal took, and let the next writer write."""
        assert self._queue is not None
        if registers.result > 0:
            self.run.recorder.journal.wrote(
                self._queue.record,
                self.process.number,
                self.stream,
                registers.result,
                self.thread.student_number,
            )
        self._queue.leave(self.thread)

    @property
    def stream(self) -> Stream:
        """Which one of the two it is, by the descriptor: only 2 is stderr."""
        return Stream.STDERR if self._descriptor == _STDERR else Stream.STDOUT

    def _take(self, report: ProbeReport) -> None:
        recorder, number = self.run.recorder, self.process.number
        if report.function == "ready":
            self.process.has_probe = True
            self._answer_ready(report.python or "")
            return
        if report.function == "code-ended":
            recorder.code_ended(number, report.opcodes)
            recorder.came_to_places(self.process)
            return
        if report.function == "finalizing":
            self.process.finalizing = self.thread
            self.held = True
            return
        if report.function == "thread":
            self.thread.starting = report
            return
        if report.function == "thread-begins":
            self.begins_thread = self.thread.student_number is not None
            return
        if report.function == "places":
            size = self.registers.argument(2)
            self.process.places[report.count] = self.registers.argument(1) + size
            return
        if report.function == "change-point":
            self.change_point, self.change_line = report.count, report.line
            return
        if report.function == "lock":
            made(self.process, report.address, report.line, report.class_name or "")
            return
        if report.function == "thread-joined":
            recorder.counting.thread_joined(number, report, self.thread.student_number)
            return
        if report.function == "shares":
            recorder.shares(number, report)
            return
        if "." in report.function:
            recorder.used(number, report, self.thread.student_number)
            return
        target = None
        if report.pid is not None:
            target = self.run.tree.numbers_by_inner_pid.get(report.pid)
            if target is not None and report.sentinel is not None:
                note_sentinel(self.thread, report.sentinel, report.pid)
        maker = self.run.tree.numbers_by_inner_pid.get(report.maker or 0)
        recorder.called(number, report, target, maker)

    def _answer_ready(self, python: str) -> None:
        """Tell the probe where to stop in the student's code, by writing into its buffer.

        Main of a template stays where it is: copies of it go on.
        """
        if self.process.number != MAIN:
            self.run.start_ups.finish(self.process.pid)
        else:
            self.run.start_ups.finish_main(self.process.pid)
            if self.run.stops_main_at_ready:
                self.held = True
                self.run.ready_report = (self.thread, self.registers, python)
                return
            self.run.ready(python)
        answer_probe(self.run, self.process, self.registers)


def read_report(run: Run, process: TracedProcess, registers: Registers) -> ProbeReport | None:
    """What the probe says by a call that the process has entered; None: nothing."""
    size = registers.argument(2)
    if not Write.is_report(registers) or size > MAXIMUM:
        return None
    try:
        data = process.memory.read(registers.argument(1), size)
    except OSError:
        return None
    return parse_report(data, run.folder)


def answer_probe(run: Run, process: TracedProcess, ready: Registers) -> None:
    """Write into the buffer of a ``ready`` report that the run is scheduled, the schedule's change
    points where opcodes are to be counted, and what else is to be reported.
    """
    answer = "scheduled" if run.is_scheduled else ""
    if run.change_points is not None:
        answer += ":" + ",".join(map(str, run.change_points))
    room = ready.argument(2)
    for each in run.wanted_reports:
        if len(answer) + 1 + len(each) <= room:
            answer += " " + each
    if answer:
        process.memory.write(ready.argument(1), answer.encode()[:room].ljust(room, b"\0"))


class WriteElsewhere(Write, trapped=always("splice"), visible=True):
    """splice, whose destination is its third argument."""

    destination = 2
