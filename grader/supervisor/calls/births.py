"""fork, vfork and clone: the pids of children cannot be worked out beforehand."""

from __future__ import annotations

import errno
import os
import signal

from grader.supervisor.architecture import Registers
from grader.supervisor.bpf import ALLOW, ERRNO, JSET, TRACE, BpfProgram, trap
from grader.supervisor.calls.base import Call

_CLONE_VM, _CLONE_FS, _CLONE_FILES, _CLONE_SIGHAND = 0x100, 0x200, 0x400, 0x800
_CLONE_PIDFD = 0x1000
_CLONE_THREAD = 0x10000
_CLONE_UNTRACED = 0x00800000
_CLONE_EXIT_SIGNAL = 0xFF
_CLONE_NEW_NAMESPACES = 0x7E020000 | 0x00000080
_NO_ADDRESS = 8
"""No process has memory there."""
_SKIPPED_AT_MOST = 5


def _trap_processes(program: BpfProgram) -> None:
    """Neither into other namespaces nor out of the supervisor's sight; and the kernel sends the
    parent no other signal at the child's end than fork's, or none (clone(2)). Threads pass.
    """
    harmless, process = program.fresh(), program.fresh()
    program.load_low(0)
    program.jump(JSET, _CLONE_UNTRACED | _CLONE_NEW_NAMESPACES, None, harmless)
    program.answer(ERRNO | errno.EPERM)
    program.label(harmless)
    program.jump(JSET, _CLONE_THREAD, None, process)
    program.mask(_CLONE_EXIT_SIGNAL)
    program.answer_to((0, signal.SIGCHLD), ALLOW)
    program.answer(ERRNO | errno.EPERM)
    program.label(process)
    program.mask(_CLONE_EXIT_SIGNAL)
    program.answer_to((0, signal.SIGCHLD), TRACE)
    program.answer(ERRNO | errno.EPERM)


class Birth(Call, trapped={"clone": _trap_processes, "fork": trap, "vfork": trap}, visible=False):
    """A process is made. Before that a few pids are used up, or a script could tell its child's as
    its own plus one without ever asking.

    The kernel gives each attempt a pid, also one that fails: a clone(2) that is to store its pidfd
    where there is no memory costs some 15 us and leaves nothing behind.
    """

    def enter(self) -> bool:
        """Turn the call into an attempt that fails, as long as pids are to be skipped."""
        thread = self.thread
        if thread.pids_to_skip is None:
            thread.pids_to_skip = 1 + os.urandom(1)[0] % _SKIPPED_AT_MOST
        if not thread.pids_to_skip:
            thread.pids_to_skip = None
            return False
        thread.pids_to_skip -= 1
        registers = self.registers.copy()
        flags = _CLONE_PIDFD | _CLONE_VM | _CLONE_FS | _CLONE_FILES | _CLONE_SIGHAND
        for place, value in enumerate((flags, 0, _NO_ADDRESS, 0, 0)):
            registers.set_argument(place, value)
        registers.store_with_call(self.run.architecture.numbers["clone"])
        return True

    def leave(self, registers: Registers) -> None:
        """Let the thread make its call once more."""
        registers.enter_again(self.registers)
        registers.store()
