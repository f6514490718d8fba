"""Calls that the supervisor answers itself: the time, the processors, and chance."""

from __future__ import annotations

import errno
import os

from grader.supervisor.architecture import Registers
from grader.supervisor.bpf import ALLOW, JEQ, JGE, TRACE, BpfProgram
from grader.supervisor.calls.base import Call, When, always
from grader.supervisor.clock import CPU_CLOCKS, offset_of
from grader.trace import Nanoseconds

_SECOND = 10**9
_CLOCK_REALTIME, _CLOCK_MONOTONIC = 0, 1
_MOST = 1 << 20
"""Random bytes; who asks for more gets so many, as getrandom(2) allows."""


def _trap_real_time(program: BpfProgram) -> None:
    """Clocks of CPU time are free, those of other processes (negative ids) among them."""
    allowed = program.fresh()
    program.load_low(0)
    for clock in CPU_CLOCKS:
        program.jump(JEQ, clock, allowed, None)
    program.jump(JGE, 0x80000000, allowed, None)
    program.answer(TRACE)
    program.label(allowed)
    program.answer(ALLOW)


class ClockRead(
    Call,
    trapped={**always("gettimeofday time"), "clock_gettime": _trap_real_time},
    visible=False,
    when=When.VIRTUAL_CLOCK,
):
    """clock_gettime, gettimeofday or time."""

    ends_polling = False

    def enter(self) -> bool:
        """Charge for the read, and answer it with the run's own time."""
        self.run.clock.charge(self.process.read_step)
        name = self.run.architecture.names[self.number]
        realtime = self.run.clock.now() + offset_of(self.run.clock, _CLOCK_REALTIME)
        try:
            self._answer(name, realtime)
        except OSError:
            self.answer(-errno.EFAULT)
        return False

    def _answer(self, name: str, realtime: Nanoseconds) -> None:
        memory = self.process.memory
        if name == "clock_gettime":
            offset = offset_of(self.run.clock, self.registers.int_argument(0))
            memory.write_pair(
                self.registers.argument(1), *divmod(self.run.clock.now() + offset, _SECOND)
            )
            self.answer(0)
        elif name == "gettimeofday":
            seconds, rest = divmod(realtime, _SECOND)
            if self.registers.argument(0):
                memory.write_pair(self.registers.argument(0), seconds, rest // 1000)
            if self.registers.argument(1):
                memory.write(self.registers.argument(1), bytes(8))
            self.answer(0)
        else:
            seconds = realtime // _SECOND
            if self.registers.argument(0):
                memory.write(self.registers.argument(0), seconds.to_bytes(8, "little"))
            self.answer(seconds)


class Times(Call, trapped=always("times"), visible=False):
    """times(2): its result counts real time, in ticks."""

    def enter(self) -> bool:
        """The kernel is asked: it knows the CPU times that go into the buffer."""
        return True

    def leave(self, registers: Registers) -> None:
        """Put the ticks since boot, by the run's clock, in the place of the result."""
        if registers.result >= 0:
            now = self.run.clock.now() + offset_of(self.run.clock, _CLOCK_MONOTONIC)
            registers.result = now * os.sysconf("SC_CLK_TCK") // _SECOND
            registers.store()


class GetAffinity(Call, trapped=always("sched_getaffinity"), visible=False):
    """The submission is pinned to one processor, and is told of all that it could have had."""

    def enter(self) -> bool:
        """Write the mask of processors as sched_getaffinity(2) does."""
        mask = sum(1 << cpu for cpu in self.run.cpus)
        size = 8 * (max(self.run.cpus) // 64 + 1)
        if self.registers.argument(1) < size:
            self.answer(-errno.EINVAL)
            return False
        try:
            self.process.memory.write(self.registers.argument(2), mask.to_bytes(size, "little"))
        except OSError:
            self.answer(-errno.EFAULT)
            return False
        self.answer(size)
        return False


class SetAffinity(Call, trapped=always("sched_setaffinity"), visible=False):
    """It stays where it is pinned."""

    def enter(self) -> bool:
        """Say that it was done."""
        self.answer(0)
        return False


class GetRandom(Call, trapped=always("getrandom"), visible=False, when=When.VIRTUAL_CLOCK):
    """getrandom: chance comes from the schedule, so that the same one gives the same run again."""

    def enter(self) -> bool:
        """Write the process's next random bytes, as getrandom(2) does."""
        size = min(self.registers.argument(1), _MOST)
        data = self.run.randomness.draw(self.process.number, size)
        try:
            self.process.memory.write(self.registers.argument(0), data)
        except OSError:
            self.answer(-errno.EFAULT)
            return False
        self.answer(size)
        return False
