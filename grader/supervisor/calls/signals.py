"""kill and its kin: who signalled whom. Nobody outside the run can be reached."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from grader.supervisor import procfs
from grader.supervisor.architecture import Registers
from grader.supervisor.calls.base import Call, always
from grader.supervisor.tree import TracedProcess
from grader.trace import ProcessNumber

_THREAD_LIBRARYS_OWN = (32, 33)
"""With these the C library's threads deal among themselves (nptl(7))."""


class SendSignal(
    Call,
    trapped=always("kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal"),
    visible=True,
):
    """A signal to a process, a group, a thread, or all."""

    _asked_for: ProcessNumber | None = None
    """The child that is asked whether it is there."""

    def enter(self) -> bool:
        """Write down who signals whom; refuse what would reach out of the run."""
        name = self.run.architecture.names[self.number]
        if name in ("kill", "rt_sigqueueinfo"):
            self._to_processes(self.registers.int_argument(0), self.registers.int_argument(1))
        elif name == "tkill":
            self._to_thread(self.registers.int_argument(0), self.registers.int_argument(1))
        elif name in ("tgkill", "rt_tgsigqueueinfo"):
            self._to_thread(self.registers.int_argument(1), self.registers.int_argument(2))
        elif self.registers.argument(3):
            self.answer(-errno.EINVAL)  # as before Linux 6.9, where nobody could mean a group by it
        else:
            self._to_descriptor(self.registers.int_argument(0), self.registers.int_argument(1))
        return self._asked_for is not None

    def leave(self, registers: Registers) -> None:
        """Of a child that is not there any more its parent has learned that it has ended."""
        waits, child = self.run.recorder.waits, self._asked_for
        assert child is not None
        if registers.result == -errno.ESRCH:
            waits.waited_for(self.process.number, child, "poll", None)
        elif not self.run.recorder.has_ended(child):
            waits.polled_fruitlessly(self.process.number, child)

    def _note(self, inner_pid: int, signal: int) -> None:
        number = self.run.tree.numbers_by_inner_pid.get(inner_pid)
        asks_only = signal == 0  # of one that has ended, but was not collected, the answer is yes
        if number is not None and (asks_only or not self.run.recorder.has_ended(number)):
            process = self.run.tree.by_number(number)
            ignored = process is not None and procfs.ignores(process.pid, signal)
            self.run.recorder.signalled(self.process.number, number, signal, ignored=ignored)

    def _to_processes(self, target: int, signal: int) -> None:
        tree = self.run.tree
        if target == -1:
            self._to_all(signal)
        elif target <= 0:
            members = self._members_of(-target or self._group_of(self.process))
            if members:
                self.run.recorder.signalled_all(self.process.number, signal)
            else:
                self.answer(-errno.EPERM)
            for member in members:
                self._note(member.inner_pid, signal)
        elif target in tree.uncollected:
            self._note(target, signal)
            number = tree.numbers_by_inner_pid[target]
            is_own = self.run.recorder.process(number).kernel_parent == self.process.number
            if signal == 0 and is_own:
                self._asked_for = number
        elif target in tree.numbers_by_inner_pid:
            self.answer(-errno.ESRCH)  # one of the run's own, gone by now
        else:
            self.answer(-errno.EPERM)

    def _members_of(self, group: int | None) -> list[TracedProcess]:
        """The processes of a group whose members all belong to the run, else none. Groups go by
        the numbers that the processes themselves see.
        """
        if group is None:
            return []
        members = [process for process in self.run.tree if self._group_of(process) == group]
        return [] if any(map(_is_in_our_group, members)) else members

    def _group_of(self, process: TracedProcess) -> int | None:
        try:
            return procfs.read_status(process.pid).namespace_process_group
        except OSError:
            return None  # it has just ended

    def _to_all(self, signal: int) -> None:
        """kill(-1) means every process of the user: it is done here, within the run."""
        others = [each for each in self.run.tree if each is not self.process]
        self.run.recorder.signalled_all(self.process.number, signal)
        for process in others:
            self._note(process.inner_pid, signal)
            try:
                os.kill(process.pid, signal)
            except (ProcessLookupError, OSError):
                continue  # it has just died, or there is no such signal
        self.answer(0 if others else -errno.ESRCH)

    def _to_thread(self, inner_tid: int, signal: int) -> None:
        thread = self.run.tree.by_inner_tid(inner_tid)
        if thread is None:
            self.answer(-errno.ESRCH)
        elif signal not in _THREAD_LIBRARYS_OWN:
            self._note(thread.process.inner_pid, signal)

    def _to_descriptor(self, descriptor: int, signal: int) -> None:
        try:
            info = Path(f"/proc/{self.thread.tid}/fdinfo/{descriptor}").read_text()
        except OSError:
            self.answer(-errno.EBADF)
            return
        fields = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
        namespaced = fields.get("NSpid", fields.get("Pid", "-1")).split()
        inner_pid = int(namespaced[-1])
        if inner_pid in self.run.tree.uncollected:
            self._note(inner_pid, signal)
        else:
            self.answer(-errno.EPERM)


def _is_in_our_group(process: TracedProcess) -> bool:
    try:
        return os.getpgid(process.pid) == os.getpgrp()
    except ProcessLookupError:
        return False  # it has just ended
