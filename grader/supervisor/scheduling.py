"""Lets exactly one thread go at a time, in the order of a schedule.

Every visible event (begin, call, waking, end) is a place where a thread is held. When all are
held or blocked, first the waits that are due are ended, then one held thread is let go: which
one, the schedule's policy decides. Only when none is held does the clock move on. An event is
handled, charged and written down when its thread is let go, never when it arrives, so the same
schedule gives the same trace.

A thread that sleeps in a call whose end is not trapped would wake unseen. At a standstill each
such thread is interrupted once and goes back into its call in a way that its waking is a stop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.schedules import Candidate, Policy, Schedule, is_preempted
from grader.supervisor import ptrace
from grader.supervisor.architecture import Registers
from grader.supervisor.calls import call_types
from grader.supervisor.calls.answered import ClockRead
from grader.supervisor.calls.base import Call
from grader.supervisor.calls.writes import Write
from grader.supervisor.run import Run
from grader.supervisor.spinning import SPINNING
from grader.supervisor.tree import Asleep, TracedProcess, TracedThread
from grader.trace import Nanoseconds, WorkStep

EVENT_COST: Nanoseconds = 50_000
"""Virtual time that each visible event takes under a schedule. It is fixed: what an event really
costs differs from run to run, and the same schedule must give the same trace.
"""
_WORK_QUANTUM: Nanoseconds = 10_000_000
"""Measured CPU time is rounded down to this, so that noise of a measurement does not matter."""
_PREEMPT_AFTER: Nanoseconds = 500_000_000
"""A thread that computes so long without an event is held, and others go first: well above what
an interpreter takes to start on a busy machine.
"""
_MOST_DOUBLINGS = 2
_POLLS_TO_YIELD = 8


class WorkMeter:
    """The CPU time between the steps of each thread, in the natural run."""

    def __init__(self) -> None:
        self._last: dict[tuple[int, int], Nanoseconds] = {}
        self._steps: dict[tuple[int, int], int] = {}
        self.work: list[WorkStep] = []
        self.events = 0

    def at_step(self, thread: TracedThread) -> None:
        """A thread has come to a step: what it computed since its last one belongs to this one."""
        self.events += 1
        key = (thread.process.number, thread.number)
        used = thread.files.cpu_time()
        if used is None:
            return
        spent = used - self._last.get(key, used)
        self._last[key] = used
        step = self._steps[key] = self._steps.get(key, 0) + 1
        rounded = spent // _WORK_QUANTUM * _WORK_QUANTUM
        if rounded:
            self.work.append(WorkStep(*key, step, rounded))


@dataclass
class _Held:
    """A thread at a visible event. ``go`` handles the event and lets it go on."""

    go: Callable[[], None]
    late: Nanoseconds
    candidate: Candidate | None = None
    """Known from the next standstill on: in which order stops arrive before it is chance."""
    yields: bool = False
    """It only polls or reads the clock: others go first."""
    writes: bool = False
    """It may have the lock of what it writes to in its hands."""


class Scheduler:
    """Holds threads and lets one go at a time."""

    def __init__(self, run: Run, schedule: Schedule, work: tuple[WorkStep, ...]) -> None:
        self._run = run
        self._schedule = schedule
        self._policy = Policy(schedule)
        self._work: Mapping[tuple[int, int, int], Nanoseconds] = {
            (each.process, each.thread, each.step): each.cpu for each in work
        }
        self._types = call_types(run.architecture)
        self._held: dict[TracedThread, _Held] = {}
        self._current: TracedThread | None = None
        self._current_since: Nanoseconds = 0
        self._steps: dict[tuple[int, int], int] = {}
        self._polls: dict[int, int] = {}
        self._watched: set[TracedThread] = set()
        self._preempting: TracedThread | None = None
        self._spins: dict[TracedThread, int] = {}
        """How often a thread was preempted since its last visible call."""
        self.steps = 0
        """How often there was somebody to let go."""
        self.is_exact = True
        """No thread had to be preempted: the same schedule gives the same trace again."""

    def stretch(self, thread: TracedThread) -> int:
        """How many times as long the thread's sleeps take."""
        return self._schedule.slowness(self._label(thread))

    def _label(self, thread: TracedThread) -> str:
        return self._run.recorder.label_of(thread.process.number, thread.student_number)

    # Holding

    def hold(
        self,
        thread: TracedThread,
        go: Callable[[], None],
        *,
        late: Nanoseconds = 0,
        yields: bool = False,
    ) -> None:
        """Keep a thread at its stop until it is released.

        Args:
            thread: it is stopped.
            go: handles the event and lets the thread go on.
            late: nanoseconds on the run's clock, from the next standstill on, before it may go.
            yields: whether those that do not yield go before it.
        """
        self._held[thread] = _Held(go, late, yields=yields)

    def intercept(
        self,
        thread: TracedThread,
        stop: ptrace.Stop,
        entry: Registers | None,
        charged: Nanoseconds,
        go: Callable[[], None],
    ) -> bool:
        """Whether the thread is held at this stop, until `step` calls ``go``."""
        if not self._run.recorder.is_ready:
            return False
        if stop.event == ptrace.Event.SECCOMP:
            return entry is not None and self._intercept_call(thread, entry, charged, go)
        if stop.event == ptrace.Event.STOP:
            return self._intercept_event_stop(thread, go)
        if stop.event == ptrace.Event.EXIT:
            is_first = thread.number == 0
            late = self._schedule.end_lateness(self._label(thread)) if is_first else 0
            self.hold(thread, go, late=late)
            return True
        if stop.event == ptrace.Event.VFORK_DONE:
            self.hold(thread, go)
            return True
        if stop.event or thread is self._current:
            return False
        if stop.in_syscall:
            return self._intercept_waking(thread, go)
        self.hold(thread, go)
        return True

    def _intercept_call(
        self,
        thread: TracedThread,
        registers: Registers,
        charged: Nanoseconds,
        go: Callable[[], None],
    ) -> bool:
        kind = self._types.get(registers.number)
        if kind is None:
            return False
        if kind.is_step(self._run, registers):
            self._spins.pop(thread, None)
            key = (thread.process.number, thread.number)
            step = self._steps[key] = self._steps.get(key, 0) + 1
            # What it computed before this call in the natural run, slowed as it may be.
            self.hold(thread, go, late=self._work.get((*key, step), 0) * self.stretch(thread))
            self._held[thread].writes = issubclass(kind, Write)
            return True
        if kind is ClockRead:
            yields = charged >= SPINNING
        else:
            yields = False
            if kind.is_poll(self._run, registers):
                count = self._polls[thread.tid] = self._polls.get(thread.tid, 0) + 1
                yields = count % _POLLS_TO_YIELD == 0  # then others are to go before it
        if yields:
            self.hold(thread, go, yields=True)
        return yields

    def _intercept_event_stop(self, thread: TracedThread, go: Callable[[], None]) -> bool:
        if not thread.begun:
            is_first = thread.number == 0 and thread.process.vfork_parent is None
            late = self._schedule.lateness(self._label(thread)) if is_first else 0
            self.hold(thread, go, late=late)
            return True
        if thread is self._preempting:
            self._preempting = None
            self.is_exact = False
            # As much time as it has computed; more for one that does nothing else, or each second
            # that it waits for would cost one.
            spins = self._spins[thread] = self._spins.get(thread, -1) + 1
            self._run.clock.charge(_PREEMPT_AFTER << min(spins, _MOST_DOUBLINGS))
            self._policy.demote(thread.process.number, thread.number)
            self.hold(thread, go, yields=True)
            return True
        return False

    def _intercept_waking(self, thread: TracedThread, go: Callable[[], None]) -> bool:
        call = thread.call
        if call is None or not call.visible or ptrace.at_syscall_entry(thread.tid):
            return False
        late = 0
        label = self._label(thread)
        if label == "main" and call.is_over_sleep:
            late = self._schedule.lateness(label)
        self.hold(thread, go, late=late)
        return True

    def executed(self, thread: TracedThread, go: Callable[[], None]) -> None:
        """A process whose parent could not go on before has its own program now, and so is known:
        if it is to be late, it is from here.
        """
        late = self._schedule.lateness(self._label(thread))
        if late:
            self.hold(thread, go, late=late)
        else:
            go()

    def remove(self, thread: TracedThread) -> None:
        """It has died."""
        self._held.pop(thread, None)
        self._watched.discard(thread)
        self._spins.pop(thread, None)

    # Letting go

    @property
    def release_times(self) -> list[Nanoseconds]:
        """When those that are held may go at the earliest."""
        candidates = [held.candidate for held in self._held.values()]
        return [each.ready for each in candidates if each is not None]

    def watch_sleepers(self) -> bool:
        """Make sure that every sleeper's waking will be a stop. Whether there was one to do."""
        self._current = None
        if not self._run.recorder.is_ready:
            return False
        fresh = [
            thread
            for thread in self._run.tree.threads.values()
            if not thread.stopped
            and not thread.in_group_stop
            and thread.call is None
            and thread not in self._watched
            and thread.files.state() == "S"
        ]
        for thread in fresh:
            thread.call = Asleep()
            self._watched.add(thread)
            try:
                ptrace.interrupt(thread.tid)
            except ProcessLookupError:
                continue
        return bool(fresh)

    def release_one(self) -> bool:
        """Let one thread go that is held and ready. Whether there was one."""
        now = self._run.clock.now()
        ready: list[tuple[Candidate, TracedThread, _Held]] = []
        for thread, held in self._held.items():
            if held.candidate is None:
                at = now + held.late
                held.candidate = Candidate(at, thread.process.number, thread.number)
            if held.candidate.ready <= now:
                ready.append((held.candidate, thread, held))
        if not ready:
            return False
        self.steps += 1
        # Those that only poll or look at the clock go last, or they would be let go for ever while
        # what they wait for is held.
        eager = [candidate for candidate, _, held in ready if not held.yields]
        chosen = self._policy.choose(eager or [candidate for candidate, _, _ in ready])
        self._release(next(thread for candidate, thread, _ in ready if candidate is chosen))
        return True

    def release_writer(self, process: TracedProcess) -> bool:
        """Let a thread of the process go that is held at a write, late or not. Whether there was
        one.
        """
        writers = [
            thread
            for thread, held in self._held.items()
            if held.writes and thread.process is process
        ]
        if writers:
            self._release(min(writers, key=lambda thread: thread.number))
        return bool(writers)

    def _release(self, thread: TracedThread) -> None:
        held = self._held.pop(thread)
        self._watched.discard(thread)
        self._current = thread
        self._current_since = thread.files.cpu_time() or 0
        self._run.clock.charge(EVENT_COST)
        held.go()

    def at_beginning(self, thread: TracedThread, go: Callable[[], None]) -> None:
        """The code of a thread that the student has started comes next. At its birth is too early
        to hold it up: who has started it waits in ``start()`` until it has been there.
        """
        self.hold(thread, go, late=self._schedule.lateness(self._label(thread)))

    def at_change_point(self, thread: TracedThread, call: Call, go: Callable[[], None]) -> None:
        """It has come to a change point: others go first where the schedule wants it."""
        number, count = thread.process.number, call.change_point
        label = self._label(thread)
        assert count is not None
        if not is_preempted(self._schedule, label, count):
            go()
            return
        self._run.recorder.counting.preempted(number, label, count, call.change_line)
        self._policy.demote(number, thread.number)
        self.hold(thread, go, late=self._schedule.pause(label, count))

    def preempt_spinner(self) -> None:
        """Interrupt the running thread if it has computed for long without an event."""
        thread = self._current
        if thread is None or thread.stopped or self._preempting is not None:
            return
        used = thread.files.cpu_time()
        if used is not None and used - self._current_since > _PREEMPT_AFTER:
            self._preempting = thread
            try:
                ptrace.interrupt(thread.tid)
            except ProcessLookupError:
                self._preempting = None
