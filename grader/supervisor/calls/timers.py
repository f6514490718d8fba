"""alarm, setitimer and timerfd: kept by the supervisor, delivered in virtual time."""

from __future__ import annotations

import ctypes
import errno
import os
from dataclasses import dataclass

from grader.supervisor.calls.base import Call
from grader.supervisor.clock import offset_of
from grader.supervisor.tree import Alarm, TracedProcess
from grader.trace import Nanoseconds

_ITIMER_REAL = 0
_TFD_TIMER_ABSTIME = 1
_SECOND = 10**9
_SOON: Nanoseconds = 1
_PIDFD_OPEN, _PIDFD_GETFD = 434, 438  # alike on both machines

_libc = ctypes.CDLL(None, use_errno=True)


def borrow_descriptor(process: TracedProcess, descriptor: int) -> int:
    """The same open file as the process's descriptor, as a descriptor of ours.

    Raises:
        OSError: it is not open there.
    """
    pidfd = _libc.syscall(_PIDFD_OPEN, process.pid, 0)
    if pidfd < 0:
        raise OSError(ctypes.get_errno(), "pidfd_open")
    try:
        ours = _libc.syscall(_PIDFD_GETFD, pidfd, descriptor, 0)
        if ours < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")
        return int(ours)
    finally:
        os.close(pidfd)


class SetAlarm(Call):
    """alarm or setitimer(ITIMER_REAL): SIGALRM at a virtual instant.

    With the real clock the kernel keeps the timer, and it is only noted that something is due.
    """

    def enter(self) -> bool:
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


class GetAlarm(Call):
    """getitimer(ITIMER_REAL)."""

    def enter(self) -> bool:
        if not self.run.clock.is_virtual or self.registers.int_argument(0) != _ITIMER_REAL:
            return False
        try:
            _write_interval_timer(self, self.registers.argument(1))
            self.answer(0)
        except OSError:
            self.answer(-errno.EFAULT)
        return False


class _TimerSpec(ctypes.Structure):
    """struct itimerspec."""

    _fields_ = [
        (name, ctypes.c_int64) for name in ("interval_s", "interval_ns", "value_s", "value_ns")
    ]


@dataclass(eq=False)
class FileTimer:
    """An armed timerfd: ``owner`` is the process that armed it, by its descriptor ``theirs``.

    ``descriptor`` is ours for the same open file.
    """

    owner: TracedProcess
    theirs: int
    descriptor: int
    deadline: Nanoseconds
    interval: Nanoseconds

    def fire(self) -> None:
        """Make it readable at once."""
        _arm(self.descriptor, _SOON)

    def close(self) -> None:
        os.close(self.descriptor)


def _arm(descriptor: int, value: Nanoseconds) -> None:
    spec = _TimerSpec(0, 0, *divmod(value, _SECOND))
    if _libc.timerfd_settime(descriptor, 0, ctypes.byref(spec), None) != 0:
        raise OSError(ctypes.get_errno(), "timerfd_settime")


def _clock_of(descriptor: int) -> int:
    with open(f"/proc/self/fdinfo/{descriptor}") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("clockid:"))


class _FileTimerCall(Call):
    def _armed(self) -> FileTimer | None:
        theirs = self.registers.int_argument(0)
        return next(
            (
                timer
                for timer in self.run.file_timers
                if timer.owner is self.process and timer.theirs == theirs
            ),
            None,
        )

    def _write_spec(self, address: int, timer: FileTimer | None) -> None:
        """Put what is left of a timer into a struct itimerspec.

        Raises:
            OSError: nothing is mapped there.
        """
        interval, left = 0, 0
        if timer is not None:
            interval, left = timer.interval, max(1, timer.deadline - self.run.clock.now())
        self.process.memory.write_pair(address, *divmod(interval, _SECOND))
        self.process.memory.write_pair(address + 16, *divmod(left, _SECOND))


class SetFileTimer(_FileTimerCall):
    """timerfd_settime: disarmed in the kernel, fired by the supervisor."""

    def enter(self) -> bool:
        if not self.run.clock.is_virtual:
            return False
        theirs, new, old = (self.registers.argument(index) for index in (0, 2, 3))
        previous = self._armed()
        try:
            interval, value = (
                seconds * _SECOND + nanoseconds
                for seconds, nanoseconds in map(self.process.memory.read_pair, (new, new + 16))
            )
            if old:
                self._write_spec(old, previous)
            ours = borrow_descriptor(self.process, theirs)
        except OSError:
            return False  # the kernel says what is wrong with it
        if previous is not None:
            self.run.file_timers.remove(previous)
            previous.close()
        try:
            _arm(ours, 0)
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
            timer.deadline -= offset_of(self.run.clock, _clock_of(timer.descriptor))
        else:
            timer.deadline += self.run.clock.now()
        self.run.file_timers.append(timer)


class GetFileTimer(_FileTimerCall):
    """timerfd_gettime."""

    def enter(self) -> bool:
        timer = self._armed()
        if timer is None:
            return False
        try:
            self._write_spec(self.registers.argument(1), timer)
            self.answer(0)
        except OSError:
            self.answer(-errno.EFAULT)
        return False
