"""alarm, setitimer and timerfd: kept by the supervisor, delivered in virtual time."""

from __future__ import annotations

import errno
import os

from grader.supervisor.calls.base import Call, always
from grader.supervisor.clock import offset_of
from grader.supervisor.descriptors import (
    FileTimer,
    arm_timer,
    borrow_descriptor,
    clock_of_timer,
)
from grader.supervisor.tree import Alarm
from grader.trace import Nanoseconds

_ITIMER_REAL = 0
_TFD_TIMER_ABSTIME = 1
_SECOND = 10**9


class SetAlarm(Call, trapped=always("alarm setitimer"), visible=False):
    """alarm or setitimer(ITIMER_REAL): SIGALRM at a virtual instant.

    With the real clock the kernel keeps the timer, and it is only noted that something is due.
    """

    def enter(self) -> bool:
        """Keep the time at which SIGALRM is due."""
        if self.run.architecture.names[self.number] == "alarm":
            left = _left(self)
            self._set((self.registers.argument(0) & 0xFFFFFFFF) * _SECOND, 0)
            if self.run.clock.is_virtual:
                self.answer(-(-left // _SECOND))
            return False
        if self.registers.int_argument(0) != _ITIMER_REAL:
            return False
        try:
            self._set_interval_timer()
        except OSError:
            self.answer(-errno.EFAULT)
        return False

    def _set(self, value: Nanoseconds, interval: Nanoseconds) -> None:
        deadline = self.run.clock.now() + value
        self.process.alarm = Alarm(deadline, interval) if value > 0 else None

    def _set_interval_timer(self) -> None:
        memory = self.process.memory
        new, old = self.registers.argument(1), self.registers.argument(2)
        interval = (0, 0)
        value = (0, 0)
        if new:
            interval, value = memory.read_pair(new), memory.read_pair(new + 16)
        if old and self.run.clock.is_virtual:
            _write_interval_timer(self, old)
        nanoseconds = [pair[0] * _SECOND + pair[1] * 1000 for pair in (value, interval)]
        if min(nanoseconds) < 0 or max(value[1], interval[1]) >= 10**6:
            self.answer(-errno.EINVAL)
            return
        self._set(*nanoseconds)
        if self.run.clock.is_virtual:
            self.answer(0)


def _left(call: Call) -> Nanoseconds:
    """Until the process's alarm is due, a microsecond at the least; 0 says that there is none."""
    alarm = call.process.alarm
    return 0 if alarm is None else max(1000, alarm.deadline - call.run.clock.now())


def _write_interval_timer(call: Call, address: int) -> None:
    """Put the process's pending alarm into a struct itimerval.

    Raises:
        OSError: nothing is mapped there.
    """
    alarm = call.process.alarm
    interval = 0 if alarm is None else alarm.interval
    for offset, value in ((0, interval), (16, _left(call))):
        seconds, rest = divmod(value, _SECOND)
        call.process.memory.write_pair(address + offset, seconds, rest // 1000)


class GetAlarm(Call, trapped=always("getitimer"), visible=False):
    """getitimer(ITIMER_REAL)."""

    def enter(self) -> bool:
        """Answer with what is left on the run's clock."""
        if not self.run.clock.is_virtual or self.registers.int_argument(0) != _ITIMER_REAL:
            return False
        try:
            _write_interval_timer(self, self.registers.argument(1))
            self.answer(0)
        except OSError:
            self.answer(-errno.EFAULT)
        return False


def _armed(call: Call) -> FileTimer | None:
    """The timer that the descriptor in a call's first argument stands for, if it is armed."""
    theirs = call.registers.int_argument(0)
    timers = call.run.file_timers
    return next((t for t in timers if t.owner is call.process and t.theirs == theirs), None)


def _write_spec(call: Call, address: int, timer: FileTimer | None) -> None:
    """Put what is left of a timer into a struct itimerspec.

    Raises:
        OSError: nothing is mapped there.
    """
    interval, left = 0, 0
    if timer is not None:
        interval, left = timer.interval, max(1, timer.deadline - call.run.clock.now())
    call.process.memory.write_pair(address, *divmod(interval, _SECOND))
    call.process.memory.write_pair(address + 16, *divmod(left, _SECOND))


class SetFileTimer(Call, trapped=always("timerfd_settime"), visible=False):
    """timerfd_settime: disarmed in the kernel, fired by the supervisor."""

    def enter(self) -> bool:
        """Keep the time at which the descriptor is to become readable."""
        if not self.run.clock.is_virtual:
            return False
        theirs, new, old = (self.registers.argument(index) for index in (0, 2, 3))
        previous = _armed(self)
        try:
            interval, value = (
                seconds * _SECOND + nanoseconds
                for seconds, nanoseconds in map(self.process.memory.read_pair, (new, new + 16))
            )
            if old:
                _write_spec(self, old, previous)
            ours = borrow_descriptor(self.process, theirs)
        except OSError:
            return False  # the kernel says what is wrong with it
        if previous is not None:
            self.run.file_timers.remove(previous)
            previous.close()
        try:
            arm_timer(ours, 0)
        except OSError as error:
            os.close(ours)
            self.answer(-(error.errno or errno.EINVAL))
            return False
        self._start(FileTimer(self.process, theirs, ours, value, interval))
        self.answer(0)
        return False

    def _start(self, timer: FileTimer) -> None:
        if timer.deadline <= 0:
            timer.close()
            return
        if self.registers.int_argument(1) & _TFD_TIMER_ABSTIME:
            timer.deadline -= offset_of(self.run.clock, clock_of_timer(timer.descriptor))
        else:
            timer.deadline += self.run.clock.now()
        self.run.file_timers.append(timer)


class GetFileTimer(Call, trapped=always("timerfd_gettime"), visible=False):
    """timerfd_gettime."""

    def enter(self) -> bool:
        """Answer with what is left on the run's clock, if the timer is armed."""
        timer = _armed(self)
        if timer is None:
            return False
        try:
            _write_spec(self, self.registers.argument(1), timer)
            self.answer(0)
        except OSError:
            self.answer(-errno.EFAULT)
        return False
