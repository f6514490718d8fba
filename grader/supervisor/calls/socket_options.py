"""Time limits of a socket's own (SO_RCVTIMEO and its like): the kernel would keep them by the real
clock, unseen, and a wait that ends by itself would look like one without an end.

Where the submission has a clock of its own the kernel is not told of them: the supervisor keeps
them, and ends the waits.
"""

from __future__ import annotations

import errno
import socket
import struct

from grader.supervisor import procfs
from grader.supervisor.architecture import Registers
from grader.supervisor.bpf import ALLOW, JEQ, TRACE, BpfProgram, Rule
from grader.supervisor.calls.base import INTERRUPTED, Call
from grader.supervisor.calls.sockets import Connect
from grader.supervisor.run import Run, SocketTimeouts
from grader.supervisor.tree import PendingCall, TracedThread
from grader.trace import Nanoseconds

_RECEIVING, _SENDING = (20, 66), (21, 67)
"""SO_RCVTIMEO and SO_SNDTIMEO, the old and the new one, which are alike on 64 bits
(asm-generic/socket.h)."""
_TIMEVAL = struct.Struct("=qq")
_LINGER = struct.Struct("=ii")
_MICROSECONDS = 10**6
_RECEIVES = frozenset({"read", "readv", "recvfrom", "recvmsg", "recvmmsg", "accept", "accept4"})
_SENDS = frozenset({"write", "writev", "sendto", "sendmsg", "sendmmsg", "sendfile", "connect"})


def _trap(*options: int) -> Rule:
    def rule(program: BpfProgram) -> None:
        """Stop only at these options of sockets."""
        other = program.fresh()
        program.load_low(1)
        program.jump(JEQ, socket.SOL_SOCKET, None, other)
        program.load_low(2)
        program.answer_to(options, TRACE)
        program.label(other)
        program.answer(ALLOW)

    return rule


class SetTimeout(
    Call,
    trapped={"setsockopt": _trap(*_RECEIVING, *_SENDING, socket.SO_LINGER)},
    visible=False,
):
    """setsockopt(2) of an option that is a time."""

    def enter(self) -> bool:
        """Keep the time, in the place of the kernel if the clock is virtual. No close waits."""
        option, address = self.registers.int_argument(2), self.registers.argument(3)
        target = procfs.target_of(self.thread.tid, self.registers.int_argument(0))
        if not target.startswith("socket:"):
            return False  # the kernel says what is wrong
        size = _LINGER.size if option == socket.SO_LINGER else _TIMEVAL.size
        if self.registers.int_argument(4) < size:
            return False
        try:
            first, second = (_LINGER if option == socket.SO_LINGER else _TIMEVAL).unpack(
                self.process.memory.read_exactly(address, size)
            )
        except OSError:
            return False
        if option == socket.SO_LINGER:
            if first and second > 0 and self.run.clock.is_virtual:
                self.answer(0)  # what was sent goes on its way also behind a closed socket
            return False
        if first < 0 or not 0 <= second < _MICROSECONDS:
            return False
        times = self.run.socket_timeouts.setdefault(target, SocketTimeouts())
        value = (first * _MICROSECONDS + second) * 1000
        if option in _RECEIVING:
            times.receiving = value
        else:
            times.sending = value
        if self.run.clock.is_virtual:
            self.answer(0)
        return False


class GetTimeout(Call, trapped={"getsockopt": _trap(*_RECEIVING, *_SENDING)}, visible=False):
    """getsockopt(2) of such an option."""

    def enter(self) -> bool:
        """The kernel fills in a time of none."""
        target = procfs.target_of(self.thread.tid, self.registers.int_argument(0))
        return self.run.clock.is_virtual and target in self.run.socket_timeouts

    def leave(self, registers: Registers) -> None:
        """Put the time that the supervisor keeps into its place."""
        target = procfs.target_of(self.thread.tid, self.registers.int_argument(0))
        times = self.run.socket_timeouts.get(target)
        if registers.result != 0 or times is None:
            return
        receives = self.registers.int_argument(2) in _RECEIVING
        value = times.receiving if receives else times.sending
        seconds, rest = divmod(value // 1000, _MICROSECONDS)
        try:
            self.process.memory.write_pair(self.registers.argument(3), seconds, rest)
        except OSError:
            return  # unmapped meanwhile


class SocketWait(PendingCall):
    """A call that waits at a socket with a time limit, found asleep in it. If its entry was no stop
    it was interrupted, and goes back into the call by itself.
    """

    def __init__(self, deadline: Nanoseconds, entered: Call | None = None) -> None:
        """
        Args:
            deadline: when its time is over.
            entered: the call, if its entry was a stop; then its end is one, and told to it.
        """
        self.deadline = deadline
        self.wants_entry_again = entered is None
        self._entered = entered
        self._expired = False

    @property
    def reports_wait(self) -> bool:
        """No event tells of it."""
        return False

    def expire(self) -> None:
        """Its time is over."""
        self._expired, self.deadline = True, None

    def leave(self, registers: Registers) -> None:
        """What interrupts it after its time is the time limit."""
        self.wants_entry_again = False
        if self._expired and registers.result in INTERRUPTED:
            registers.result = -errno.EAGAIN
            if isinstance(self._entered, Connect):
                registers.result = self._entered.result_out_of_time
            registers.store()
        if self._entered is not None:
            self._entered.leave(registers)


def time_limit(run: Run, thread: TracedThread) -> Nanoseconds | None:
    """How long a sleeping thread waits at most at a socket; None: that it does not, or for ever."""
    found = procfs.current_syscall(thread.tid)
    if found is None:
        return None
    name = run.architecture.names.get(found[0], "")
    if name not in _RECEIVES | _SENDS:
        return None
    times = run.socket_timeouts.get(procfs.target_of(thread.tid, found[1][0]))
    if times is None:
        return None
    return (times.receiving if name in _RECEIVES else times.sending) or None
