"""wait4 and waitid: who waited for whom, and who asked in vain."""

from __future__ import annotations

import errno
import os
import signal
import struct
from typing import Literal

from grader.supervisor.architecture import Registers
from grader.supervisor.bpf import trap_if
from grader.supervisor.calls.base import INTERRUPTED, SIGINFO_PID, Call, always
from grader.supervisor.run import Run
from grader.supervisor.spinning import note_fruitless_poll
from grader.supervisor.tree import TracedThread
from grader.supervisor.watching import hear_of_ends, note_sentinel
from grader.trace import Nanoseconds, ProcessNumber

_WNOWAIT = 0x01000000
_P_PID, _P_PIDFD = 1, 3


def _asks_by_id(run: Run, registers: Registers) -> bool:
    return run.architecture.names[registers.number] == "waitid"


def _options(run: Run, registers: Registers) -> int:
    return registers.int_argument(3 if _asks_by_id(run, registers) else 2)


class ChildWait(Call, trapped=always("wait4 waitid"), visible=True):
    """A wait for the end of a child."""

    def __init__(self, run: Run, thread: TracedThread, registers: Registers) -> None:
        super().__init__(run, thread, registers)
        self._by_id = _asks_by_id(run, registers)
        self._options = _options(run, registers)
        self._began: Nanoseconds | None = None
        self.ends_polling = self._blocks

    @property
    def reports_wait(self) -> bool:
        """Always: the trace has an event for each wait."""
        return True

    @classmethod
    def is_step(cls, run: Run, registers: Registers) -> bool:
        """Only a wait that blocks is one: how often a process polls is chance."""
        return not cls.is_poll(run, registers)

    @classmethod
    def is_poll(cls, run: Run, registers: Registers) -> bool:
        """Whether it has WNOHANG."""
        return bool(_options(run, registers) & os.WNOHANG)

    @property
    def _blocks(self) -> bool:
        return not self._options & os.WNOHANG

    def _children(self) -> tuple[ProcessNumber, ...]:
        """Whom it waits for; empty for any child."""
        if self._by_id:
            kind, inner_pid = self.registers.int_argument(0), self.registers.int_argument(1)
            if kind == _P_PIDFD and inner_pid in self.process.sentinels:
                inner_pid = self.process.sentinels[inner_pid].inner_pid
            elif kind != _P_PID:
                return ()
        else:
            inner_pid = self.registers.int_argument(0)
        number = self.run.tree.numbers_by_inner_pid.get(inner_pid)
        return () if number is None else (number,)

    def enter(self) -> bool:
        """Write down that the wait begins, unless it goes on after an interruption."""
        before = self.thread.interrupted
        if isinstance(before, ChildWait) and self.same_as(before):
            self._began = before._began
        elif self._blocks:
            self._began = self.run.recorder.waits.began(self.process.number, self._children())
        return True

    def leave(self, registers: Registers) -> None:
        """Write down whose end it found, if any."""
        result = registers.result
        if result in INTERRUPTED:
            self.thread.interrupted = self
            return
        if result == -errno.ECHILD and self._blocks:
            self._learn_of_unkept()
            return
        child = self._found(result)
        if child is not None:
            self._learned_of(child)
        elif result == 0 and not self._blocks:
            for child in self._children():
                self.run.recorder.waits.polled_fruitlessly(self.process.number, child)
            note_fruitless_poll(self.run, self.process)

    def _learn_of_unkept(self) -> None:
        """Where SIGCHLD is ignored the kernel keeps no child that has ended: a wait blocks until
        the last one has, and then finds none (wait(2), NOTES).
        """
        recorder, number, children = self.run.recorder, self.process.number, self._children()
        for child in recorder.uncollected_children(number):
            if not children or child in children:
                recorder.waits.waited_for(number, child, "wait", self._began)
                recorder.collected(child)

    def _found(self, result: int) -> int | None:
        """The inner pid of the child that it found, if any."""
        if not self._by_id:
            return result if result > 0 else None
        address = self.registers.argument(2)
        if result != 0 or not address:
            return None
        try:
            data = self.process.memory.read_exactly(address + SIGINFO_PID, 4)
        except OSError:
            return None  # another thread has taken that memory away
        (inner_pid,) = struct.unpack("=i", data)
        return inner_pid or None

    def _learned_of(self, inner_pid: int) -> None:
        number = self.run.tree.numbers_by_inner_pid.get(inner_pid)
        if number is None or not self.run.recorder.has_ended(number):
            return  # stopped or continued, not ended
        how: Literal["wait", "poll"] = "wait" if self._blocks else "poll"
        self.run.recorder.waits.waited_for(self.process.number, number, how, self._began)
        self.process.fruitless_polls = 0
        if not self._options & _WNOWAIT:
            self.run.recorder.collected(number)
            self.run.tree.uncollected.discard(inner_pid)


class PidfdOpen(Call, trapped=always("pidfd_open"), visible=False):
    """pidfd_open(2): a descriptor that becomes ready when a process ends."""

    def enter(self) -> bool:
        """Which descriptor it is, its exit says."""
        return True

    def leave(self, registers: Registers) -> None:
        """Keep whose end it stands for."""
        if registers.result >= 0:
            note_sentinel(self.thread, registers.result, self.registers.int_argument(0))


class ChildSignalHandler(Call, trapped={"rt_sigaction": trap_if(0, signal.SIGCHLD)}, visible=False):
    """rt_sigaction(2) for SIGCHLD: who has a handler learns of the ends of its children."""

    def enter(self) -> bool:
        """The handler is the first member of struct sigaction as the kernel has it."""
        address = self.registers.argument(1)
        if address:
            try:
                (handler,) = struct.unpack("=Q", self.process.memory.read_exactly(address, 8))
            except OSError:
                return False  # the kernel will say EFAULT
            self.process.catches_child_signals = handler not in (signal.SIG_DFL, signal.SIG_IGN)
        return False


class SignalWait(Call, trapped=always("pause rt_sigsuspend"), visible=False):
    """A wait for any signal, be it that of a child's end."""

    _began: Nanoseconds = 0

    def enter(self) -> bool:
        """Of interest only where a handler can tell of a child's end."""
        self._began = self.run.clock.now()
        return self.process.catches_child_signals

    def leave(self, registers: Registers) -> None:
        """Nothing but a signal ends it."""
        hear_of_ends(self.run, self.process, self._began)
