"""An interpreter that stands before the student's first instruction, and copies of it.

Starting Python and importing multiprocessing costs more than most submissions do. A template does
it once: it is the real ``python student.py``, stopped at the probe's ``ready`` report. For every
run a clone(2) is injected there. The copy is a child of the supervisor like the template itself
(CLONE_PARENT); what it is in the C library's eyes is set right by CLONE_CHILD_SETTID.
"""

from __future__ import annotations

import errno
import os
import signal
from dataclasses import dataclass

from grader.sandbox import Terminal
from grader.supervisor import ptrace
from grader.supervisor.architecture import Architecture, Registers
from grader.supervisor.tree import TracedThread
from grader.trace import Nanoseconds

_CLONE_PARENT, _CLONE_CHILD_CLEARTID, _CLONE_CHILD_SETTID = 0x8000, 0x200000, 0x1000000
_PR_GET_TID_ADDRESS = 40
_BELOW_STACK = 1024
"""Out of the way of the red zone of either ABI."""
_CHILD_TID_ARGUMENT = {"x86_64": 3, "aarch64": 4}
"""Which argument of clone(2) is the address of the child's thread id."""
_SYSCALL_LENGTH = {"x86_64": 2, "aarch64": 4}


class TemplateError(Exception):
    """No copy could be made."""


@dataclass(frozen=True)
class Adopted:
    """A copy of the template, stopped before the student's first instruction.

    ``report`` are the registers at its ``ready`` report, ``python`` what that said; ``start_up``
    is the CPU time that the template used until then.
    """

    pid: int
    clock_page: int | None
    terminal: Terminal
    report: Registers
    python: str
    start_up: Nanoseconds


class Template:
    """A stopped interpreter. ``thread`` stands at the entry of its ``ready`` report."""

    def __init__(
        self,
        thread: TracedThread,
        report: Registers,
        python: str,
        start_up: Nanoseconds,
        terminal: Terminal,
        architecture: Architecture,
    ) -> None:
        self.pid = thread.tid
        self._thread = thread
        self._report = report
        self._python = python
        self._start_up = start_up
        self._terminal = terminal
        self._architecture = architecture
        page = thread.process.page
        self._clock_page = None if page is None else page.address
        self._tid_address = self._ask_tid_address()

    def copy(self) -> Adopted:
        """A new process that goes on where the template stands.

        Raises:
            TemplateError: the template was killed.
        """
        call = self._report.copy()
        flags = _CLONE_PARENT | _CLONE_CHILD_SETTID | _CLONE_CHILD_CLEARTID | signal.SIGCHLD
        for index in range(5):
            call.set_argument(index, 0)
        call.set_argument(0, flags)
        call.set_argument(_CHILD_TID_ARGUMENT[self._architecture.name], self._tid_address)
        call.store_with_call(self._architecture.numbers["clone"])
        birth = self._stop_after(self.pid)
        if birth.event not in (ptrace.Event.FORK, ptrace.Event.CLONE):
            raise TemplateError(f"the template stopped with status {birth.status:#x}")
        pid = ptrace.event_message(self.pid)
        self._stop_after(self.pid)
        self._return_to_report()
        self._make_ready(pid)
        return Adopted(
            pid, self._clock_page, self._terminal, self._report, self._python, self._start_up
        )

    def _ask_tid_address(self) -> int:
        """Where the C library keeps the thread's id (prctl(2), since Linux 3.5)."""
        place = self._report.stack_pointer - _BELOW_STACK & ~0xF
        call = self._report.copy()
        call.set_argument(0, _PR_GET_TID_ADDRESS)
        call.set_argument(1, place)
        call.store_with_call(self._architecture.numbers["prctl"])
        self._stop_after(self.pid)
        if Registers(self.pid, self._architecture).result != 0:
            raise TemplateError("the kernel does not tell where the thread id is kept")
        address = int.from_bytes(self._thread.process.memory.read_exactly(place, 8), "little")
        self._return_to_report()
        return address

    def _stop_after(self, tid: int) -> ptrace.Stop:
        """Let it run to its next stop.

        Raises:
            TemplateError: it died.
        """
        ptrace.resume_to_syscall_stop(tid)
        return self._await(tid)

    def _await(self, tid: int) -> ptrace.Stop:
        stop = ptrace.next_stop(block=True, tid=tid)
        assert stop is not None
        if stop.exited or stop.event == ptrace.Event.EXIT:
            raise TemplateError("the template was killed")
        return stop

    def _return_to_report(self) -> None:
        """From the exit of an injected call back to the entry of the report."""
        registers = self._report.copy()
        step = _SYSCALL_LENGTH[self._architecture.name]
        registers.instruction_pointer = self._report.instruction_pointer - step
        if not self._architecture.number_is_a_register_set:
            registers.result = self._report.number
        registers.store()
        ptrace.resume(self.pid)
        stop = self._await(self.pid)
        if stop.event != ptrace.Event.SECCOMP:
            raise TemplateError(f"the template stopped with status {stop.status:#x}")

    def _make_ready(self, pid: int) -> None:
        """The copy finds what the report always answers: there is no such descriptor."""
        self._await(pid)
        registers = Registers(pid, self._architecture)
        registers.restore_call(self._report)
        registers.result = -errno.EBADF
        registers.store()

    def close(self) -> None:
        """End it, and close its terminal. Nobody is left of it."""
        self._end()
        self._terminal.close()

    def _end(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
            while True:
                stop = ptrace.next_stop(block=True, tid=self.pid)
                assert stop is not None
                if stop.exited:
                    return
                ptrace.resume(self.pid)
        except (ProcessLookupError, ChildProcessError):
            return
