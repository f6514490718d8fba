"""Timed waits: made endless, and ended by the supervisor when virtual time reaches them.

At the entry the time-out is taken out of the call; at the deadline the thread is interrupted,
and the exit decides: a result means that the event won; an interruption after the deadline is
the time-out. poll and its kin are then entered again with a time-out of zero, so that the kernel
fills their result sets.
"""

from __future__ import annotations

import errno
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from grader.supervisor.architecture import Registers
from grader.supervisor.bpf import ALLOW, JEQ, TRACE, BpfProgram, Rule, trap, trap_unless_zero
from grader.supervisor.calls.base import (
    INTERRUPTED,
    RESTART,
    RESTART_UNLESS_HANDLED,
    SIGINFO_PID,
    STACK_RED_ZONE,
    Call,
)
from grader.supervisor.clock import CPU_CLOCKS, cpu_time, offset_of
from grader.supervisor.run import Run
from grader.supervisor.spinning import note_fruitless_poll
from grader.supervisor.tree import TracedThread
from grader.supervisor.watching import hear_of_ends, ready, watched_children
from grader.trace import Nanoseconds

_TIMER_ABSTIME = 1
_FUTEX_CLOCK_REALTIME, _FUTEX_COMMANDS = 256, 0x7F
_FUTEX_WAIT, _FUTEX_WAIT_BITSET = 0, 9
_FUTEX_LOCK_PI, _FUTEX_WAIT_REQUEUE_PI, _FUTEX_LOCK_PI2 = 6, 11, 13
_TIMED_FUTEX = (
    *(_FUTEX_WAIT, _FUTEX_WAIT_BITSET),
    *(_FUTEX_LOCK_PI, _FUTEX_WAIT_REQUEUE_PI, _FUTEX_LOCK_PI2),
)
"""Commands of futex(2) whose fourth argument is a time-out (linux/futex.h)."""
_CLOCK_REALTIME, _CLOCK_MONOTONIC = 0, 1

_SECOND: Nanoseconds = 10**9


@dataclass(frozen=True)
class _Span:
    """A time-out: relative, or absolute on a POSIX clock."""

    value: Nanoseconds
    absolute_clock: int | None = None


def _timespec(call: Call, argument: int) -> Nanoseconds | None:
    address = call.registers.argument(argument)
    if not address:
        return None
    seconds, nanoseconds = call.process.memory.read_pair(address)
    if seconds < 0 or not 0 <= nanoseconds < _SECOND:
        return None
    return seconds * _SECOND + nanoseconds


def _timeval(call: Call, argument: int) -> Nanoseconds | None:
    address = call.registers.argument(argument)
    if not address:
        return None
    seconds, microseconds = call.process.memory.read_pair(address)
    if seconds < 0 or microseconds < 0:
        return None
    return seconds * _SECOND + microseconds * 1000


def _milliseconds(call: Call, argument: int) -> Nanoseconds | None:
    value = call.registers.int_argument(argument)
    return None if value < 0 else value * 10**6


def _span(
    argument: int,
    value_of: Callable[[Call, int], Nanoseconds | None] = _timespec,
    clock_of: Callable[[Call], int | None] = lambda call: None,
) -> Callable[[Call], _Span | None]:
    """What reads the span in an argument; with a clock it is a time on that, not a span."""

    def read(call: Call) -> _Span | None:
        """The span that the call gives; None: there is none."""
        value = value_of(call, argument)
        return None if value is None else _Span(value, clock_of(call))

    return read


def _futex2(timeout: int, clock: int) -> Callable[[Call], _Span | None]:
    return _span(timeout, clock_of=lambda call: call.registers.int_argument(clock))


def _clock_nanosleep(call: Call) -> _Span | None:
    clock, flags = call.registers.int_argument(0), call.registers.int_argument(1)
    value = _timespec(call, 2)
    if value is None or clock in CPU_CLOCKS or clock < 0:
        return None
    return _Span(value, clock if flags & _TIMER_ABSTIME else None)


def _futex(call: Call) -> _Span | None:
    operation = call.registers.int_argument(1)
    command = operation & _FUTEX_COMMANDS
    if command not in _TIMED_FUTEX:
        return None
    value = _timespec(call, 3)
    if value is None:
        return None
    if command == _FUTEX_WAIT:
        return _Span(value)
    realtime = operation & _FUTEX_CLOCK_REALTIME or command == _FUTEX_LOCK_PI
    return _Span(value, _CLOCK_REALTIME if realtime else _CLOCK_MONOTONIC)


def _trap_timed_futex(program: BpfProgram) -> None:
    """Only with a time-out: the many waits without one run at full speed."""
    timed, test, untimed = program.fresh(), program.fresh(), program.fresh()
    program.load_low(3)
    program.jump(JEQ, 0, None, test)
    program.load_high(3)
    program.jump(JEQ, 0, untimed, None)
    program.label(test)
    program.load_low(1)
    program.mask(_FUTEX_COMMANDS)
    for command in _TIMED_FUTEX:
        program.jump(JEQ, command, timed, None)
    program.label(untimed)
    program.answer(ALLOW)
    program.label(timed)
    program.answer(TRACE)


@dataclass(frozen=True)
class _Kind:
    """How a timed call is taken apart.

    ``endless`` is the argument that is set to ``endless_value`` to wait for ever; None: the call
    is replaced by one that only sleeps. ``at_deadline`` is the result to give, or ``again`` to
    enter the call once more with a time-out of zero (``zero_is_pointer``: a pointer to one).
    """

    read: Callable[[Call], _Span | None]
    endless: int | None
    endless_value: int
    at_deadline: int | Literal["again"]
    zero_is_pointer: bool = False
    remaining: int | None = None
    """The argument that points to where the time left goes when a signal comes."""
    rule: Rule = trap


_DEADLINE = _span(4, clock_of=lambda call: _CLOCK_REALTIME)
"""Of the calls for message queues (mq_overview(7))."""
_KINDS: dict[str, _Kind] = {
    "nanosleep": _Kind(_span(0), None, 0, 0, remaining=1),
    "clock_nanosleep": _Kind(_clock_nanosleep, None, 0, 0, remaining=3),
    "poll": _Kind(_span(2, _milliseconds), 2, -1, "again"),
    "epoll_wait": _Kind(_span(3, _milliseconds), 3, -1, "again", rule=trap_unless_zero(3)),
    "epoll_pwait": _Kind(_span(3, _milliseconds), 3, -1, "again", rule=trap_unless_zero(3)),
    "epoll_pwait2": _Kind(_span(3), 3, 0, "again", zero_is_pointer=True),
    "ppoll": _Kind(_span(2), 2, 0, "again", zero_is_pointer=True),
    "select": _Kind(_span(4, _timeval), 4, 0, "again", zero_is_pointer=True),
    "pselect6": _Kind(_span(4), 4, 0, "again", zero_is_pointer=True),
    "futex": _Kind(_futex, 3, 0, -errno.ETIMEDOUT, rule=_trap_timed_futex),
    "futex_waitv": _Kind(_futex2(3, 4), 3, 0, -errno.ETIMEDOUT),
    "futex_wait": _Kind(_futex2(4, 5), 4, 0, -errno.ETIMEDOUT),
    "rt_sigtimedwait": _Kind(_span(2), 2, 0, -errno.EAGAIN),
    "semtimedop": _Kind(_span(3), 3, 0, -errno.EAGAIN),
    "mq_timedsend": _Kind(_DEADLINE, 4, 0, -errno.ETIMEDOUT),
    "mq_timedreceive": _Kind(
        _span(4, clock_of=lambda call: _CLOCK_REALTIME), 4, 0, -errno.ETIMEDOUT
    ),
}

_SLEEPS = ("nanosleep", "clock_nanosleep")
_EMPTY_SELECTS = {"select": 0, "pselect6": 0, "poll": 1, "ppoll": 1}
"""With no descriptors to watch these are sleeps: the argument that counts the descriptors."""


class TimedWait(Call, trapped={name: kind.rule for name, kind in _KINDS.items()}, visible=True):
    """A wait that ends by itself, or (poll on a child's sentinel) may last for ever."""

    def __init__(self, run: Run, thread: TracedThread, registers: Registers) -> None:
        super().__init__(run, thread, registers)
        self._name = run.architecture.names[registers.number]
        self._kind = _KINDS[self._name]
        self._expired = False
        self._only_asks = False
        """Its time-out is zero."""
        self._began: Nanoseconds | None = None
        self._entered: Nanoseconds = 0
        self._sleep: int | None = None
        self._sentinels = watched_children(run, thread, self._name, registers.arguments())
        self._takes_child_signal = self._name == "rt_sigtimedwait" and self._has_child_signal()
        self._may_hear = self._kind.at_deadline == "again" and self.process.catches_child_signals
        """Whether a child's end may break it off, and be told by a handler."""

    def enter(self) -> bool:
        """Make the wait endless, and keep its deadline."""
        try:
            span = self._kind.read(self)
        except OSError:
            return False  # the kernel will say EFAULT
        if span is not None and span.value == 0 and span.absolute_clock is None:
            self._only_asks = self._kind.at_deadline == "again"
            self.ends_polling = not self._only_asks
            return self._only_asks
        before = self.thread.interrupted
        goes_on = before if isinstance(before, TimedWait) and self.same_as(before) else None
        if span is not None:
            if goes_on is not None:
                self.deadline = goes_on.deadline
            else:
                self.deadline = self._deadline_of(span)
        elif not (
            self._sentinels or self._takes_child_signal or self._may_hear or self.run.is_scheduled
        ):
            return False
        self._note_beginning(goes_on)
        if span is not None and self.run.clock.is_virtual:
            self._make_endless()
        return True

    def _deadline_of(self, span: _Span) -> Nanoseconds:
        now = self.run.clock.now()
        deadline = now + span.value
        if span.absolute_clock is not None:
            deadline = span.value - offset_of(self.run.clock, span.absolute_clock)
            deadline += self._behind(now)
        if self._is_sleep():
            return now + (deadline - now) * self.run.stretch(self.thread)
        return deadline

    def _behind(self, now: Nanoseconds) -> Nanoseconds:
        """How far the time from which the process reckoned its deadline was behind."""
        clock, page = self.run.clock, self.process.page
        if page is None or not (clock.is_virtual and clock.is_measured):
            return 0
        used = cpu_time(self.process.pid)
        return 0 if used is None else page.behind(now, used)

    def _make_endless(self) -> None:
        registers = self.registers.copy()
        if self._kind.endless is not None:
            registers.set_argument(self._kind.endless, self._kind.endless_value)
            registers.store()
        else:
            registers.store_with_endless_sleep()

    @property
    def is_over_sleep(self) -> bool:
        """Whether it is a sleep that has lasted as long as it was to."""
        return self._expired and self._sleep is not None

    @property
    def reports_wait(self) -> bool:
        """Whether the trace has a sleep or a wait for children of it."""
        return self._sleep is not None or self._takes_child_signal or bool(self._sentinels)

    def expire(self) -> None:
        """The deadline has come: what interrupts the wait now is its time-out."""
        self._expired = True
        self.deadline = None

    def leave(self, registers: Registers) -> None:
        """Decide what ended the wait, and give the thread the result that belongs to it.

        A result of the kernel's stands: the event came first. An interruption before the deadline
        is a signal's; one after it is the time-out.
        """
        result = registers.result
        if self._only_asks:
            self._note_answer(result)
        elif self.wants_entry_again or result not in INTERRUPTED:
            registers.restore_call(self.registers)
            registers.store()
            self.wants_entry_again = False
            self._note_end(result)
        elif not self._expired:
            if self._may_hear and not self._is_sleep():
                hear_of_ends(self.run, self.process, self._entered)
            registers.restore_call(self.registers)
            registers.result = RESTART_UNLESS_HANDLED
            registers.store()
            self._write_remaining()
            self.thread.interrupted = self
            if self._sleep is not None:
                self.run.recorder.journal.sleep_ended(self._sleep)
        elif self._kind.at_deadline == "again":
            self._enter_again_with_zero(registers)
        else:
            registers.restore_call(self.registers)
            registers.result = self._kind.at_deadline
            registers.store()
            self._note_end(0)

    def _enter_again_with_zero(self, registers: Registers) -> None:
        registers.restore_call(self.registers)
        zero = 0
        if self._kind.zero_is_pointer:
            zero = registers.stack_pointer - STACK_RED_ZONE & ~0xF
            self.process.memory.write_pair(zero, 0, 0)
        assert self._kind.endless is not None
        registers.set_argument(self._kind.endless, zero)
        registers.result = RESTART
        registers.store()
        self.wants_entry_again = True

    def _write_remaining(self) -> None:
        if self._kind.remaining is None or self.deadline is None:
            return
        if self._name == "clock_nanosleep" and self.registers.int_argument(1) & _TIMER_ABSTIME:
            return
        address = self.registers.argument(self._kind.remaining)
        if address:
            left = max(0, self.deadline - self.run.clock.now())
            try:
                self.process.memory.write_pair(address, *divmod(left, _SECOND))
            except OSError:
                return  # a bad pointer: the kernel would not have written there either

    # What the trace learns of it

    def _note_beginning(self, before: TimedWait | None) -> None:
        """``before``: the call that this one goes on with, after a signal such as SIGCHLD."""
        recorder, number = self.run.recorder, self.process.number
        self._entered = self.run.clock.now()
        if self._sentinels or self._takes_child_signal:
            timeout = None
            if self.deadline is not None:
                timeout = self.deadline - self.run.clock.now()
            if before is not None:
                self._began = before._began
            else:
                children = tuple(self._sentinels.values())
                self._began = recorder.waits.began(number, children, timeout)
        elif self.deadline is not None and self._is_sleep():
            if before is not None and before._sleep is not None:
                self._sleep = before._sleep
            else:
                thread = self.thread.student_number
                self._sleep = recorder.journal.sleep_began(number, self.deadline, thread)
                recorder.counting.slept(number, thread)
        elif self.deadline is not None:
            recorder.waits.bounded(number, self.deadline - self._entered)

    def _is_sleep(self) -> bool:
        counting = _EMPTY_SELECTS.get(self._name)
        if counting is not None:
            return self.registers.int_argument(counting) == 0
        return self._name in _SLEEPS

    def _note_end(self, result: int) -> None:
        if self._sleep is not None:
            self.run.recorder.journal.sleep_ended(self._sleep)
        if self._takes_child_signal:
            self._note_signal(result)
        elif self._sentinels and result == 0:
            children = tuple(self._sentinels.values())
            self.run.recorder.waits.timed_out(self.process.number, children)
        elif self._sentinels and result > 0:
            self._learn_of_ends("sentinel", result)

    def _note_answer(self, result: int) -> None:
        if result == 0:
            for child in self._sentinels.values():
                self.run.recorder.waits.polled_fruitlessly(self.process.number, child)
            note_fruitless_poll(self.run, self.process)
        elif result > 0:
            self.process.fruitless_polls = 0
            self._learn_of_ends("poll", result)

    def _has_child_signal(self) -> bool:
        """Whether SIGCHLD is among the signals that it waits for."""
        try:
            data = self.process.memory.read_exactly(self.registers.argument(0), 8)
        except OSError:
            return False  # the kernel will say EFAULT
        return bool(int.from_bytes(data, "little") >> signal.SIGCHLD - 1 & 1)

    def _note_signal(self, result: int) -> None:
        """Whose end the signal tells, it says itself (sigtimedwait(2))."""
        recorder, number = self.run.recorder, self.process.number
        if result == 0:
            recorder.waits.timed_out(number, ())
        address = self.registers.argument(1)
        if result != signal.SIGCHLD or not address:
            return
        try:
            data = self.process.memory.read_exactly(address + SIGINFO_PID, 4)
        except OSError:
            return  # another thread has taken that memory away
        child = self.run.tree.numbers_by_inner_pid.get(int.from_bytes(data, "little"))
        if child is not None and recorder.has_ended(child):
            recorder.waits.waited_for(number, child, "wait", self._began)

    def _learn_of_ends(self, how: Literal["poll", "sentinel"], found: int) -> None:
        recorder = self.run.recorder
        arguments = self.registers.arguments()
        for descriptor in ready(self.run, self.thread, self._name, arguments, found):
            child = self._sentinels.get(descriptor)
            if child is not None and recorder.has_ended(child):
                recorder.waits.waited_for(self.process.number, child, how, self._began)
