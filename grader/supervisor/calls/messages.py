"""sendmsg and sendmmsg: a message may carry descriptors, and of those a run has only so many in
flight.
"""

from __future__ import annotations

import errno
import struct
import time

from grader.supervisor.architecture import Registers
from grader.supervisor.calls.base import Call, always
from grader.supervisor.calls.sockets import note_answer
from grader.supervisor.shares import OTHERS_WAIT_S, WAITS_FOR_OTHERS
from grader.trace import Nanoseconds

_MESSAGE = struct.Struct("=32xQQ8x")
"""struct msghdr (bits/socket.h): the address of its control data, and the size of that."""
_MESSAGE_OF_SEVERAL = _MESSAGE.size + 8
"""Of a struct mmsghdr, in bytes."""
_MOST_MESSAGES = 1024
"""UIO_MAXIOV: of more the kernel takes no notice."""
_CONTROL = struct.Struct("=Qii")
"""struct cmsghdr."""
_MOST_CONTROL = 1 << 17
"""The kernel takes no more (net.core.optmem_max)."""
_SOL_SOCKET, _SCM_RIGHTS = 1, 1
_DESCRIPTOR_SIZE = 4
_FIRST_WAIT: Nanoseconds = 1_000_000
_LONGEST_WAIT: Nanoseconds = 64_000_000
_WAITS = 100
"""With these it waits about six seconds for others to receive what they were sent: that is more
than others may compute by default, so that being slow to receive is not taken for never receiving.
"""


class SendMessage(Call, trapped=always("sendmsg sendmmsg"), visible=False):
    """What is sent is let through, and who answers a peer is noted.

    Where descriptors are sent for which the run has no room the call waits until some were received
    (`grader.supervisor.in_flight`). When that is in vain it fails as in the kernel.
    """

    _sends = False
    """Whether it was let through, with descriptors."""

    @property
    def reports_wait(self) -> bool:
        """No event tells of it."""
        return False

    def enter(self) -> bool:
        """Let it wait if there is no room. Whether descriptors were sent is seen at the exit."""
        note_answer(self.run, self.process, self.registers.int_argument(0))
        self.run.in_flight.may_exceed = True
        count = self._descriptors()
        if not count:
            return False
        if self.run.in_flight.take(self.thread, count, self.run.clock.now()):
            self._sends = True
            return True
        if self._gives_up(_WAITS):
            self.run.in_flight.waited_in_vain = True
            self.answer(-errno.ETOOMANYREFS)
            return False
        self._wait()
        return True

    def leave(self, registers: Registers) -> None:
        """Make the call once more if it was not made, or refused for what others have in flight."""
        if self._sends:
            self.run.in_flight.settle(self.thread, sent=registers.result >= 0)
            if registers.result >= 0:
                self.thread.waits_for_room = 0
                return
            if registers.result != -errno.ETOOMANYREFS or self._gives_up(WAITS_FOR_OTHERS):
                return
            time.sleep(OTHERS_WAIT_S)
        registers.enter_again(self.registers)
        registers.store()

    def _gives_up(self, most: int) -> bool:
        """Whether it has waited so often, or somebody else for nothing."""
        thread = self.thread
        if thread.waits_for_room < most and not self.run.in_flight.waited_in_vain:
            thread.waits_for_room += 1
            return False
        thread.waits_for_room = 0
        return True

    def _wait(self) -> None:
        """Sleep in the place of the call, each time longer."""
        registers = self.registers.copy()
        if not self.run.clock.is_virtual:
            time.sleep(_FIRST_WAIT / 10**9)
            registers.store_with_call(self.run.architecture.numbers["sched_yield"])
            return
        wait = min(_FIRST_WAIT << self.thread.waits_for_room - 1, _LONGEST_WAIT)
        self.deadline = self.run.clock.now() + wait
        registers.store_with_endless_sleep()

    def expire(self) -> None:
        """Look again."""
        self.deadline = None

    def _descriptors(self) -> int:
        """How many it sends. What the kernel cannot read it refuses by itself."""
        address, memory = self.registers.argument(1), self.process.memory
        try:
            if self.run.architecture.names[self.number] == "sendmsg":
                return self._in_message(memory.read_exactly(address, _MESSAGE.size))
            size = min(self.registers.int_argument(2) & 0xFFFFFFFF, _MOST_MESSAGES)
            data = memory.read(address, size * _MESSAGE_OF_SEVERAL)  # those that can be read go
        except OSError:
            return 0
        return sum(
            self._in_message(data[at : at + _MESSAGE.size])
            for at in range(0, len(data) - _MESSAGE.size + 1, _MESSAGE_OF_SEVERAL)
        )

    def _in_message(self, message: bytes) -> int:
        address, size = _MESSAGE.unpack(message)
        if not address or not size:
            return 0
        try:
            data = self.process.memory.read(address, min(size, _MOST_CONTROL))
        except OSError:
            return 0
        count = at = 0
        while at + _CONTROL.size <= len(data):
            length, level, kind = _CONTROL.unpack_from(data, at)
            if length < _CONTROL.size:
                break  # EINVAL
            if (level, kind) == (_SOL_SOCKET, _SCM_RIGHTS):
                count += (length - _CONTROL.size) // _DESCRIPTOR_SIZE
            at += length + 7 & ~7
        return count
