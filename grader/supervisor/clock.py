"""What time it is for the submission.

The virtual clock counts the CPU time that all of its processes have used, plus what was charged
for clock reads and fruitless polling, plus the idle time that was skipped. All the clocks that
count real time move together with it; those that count CPU time are left alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from grader.trace import Nanoseconds

CPU_CLOCKS = (2, 3)
"""CLOCK_PROCESS_CPUTIME_ID and CLOCK_THREAD_CPUTIME_ID: real time is never in them."""
CLOCK_REALTIME_ALARM, CLOCK_TAI = 8, 11
_REALTIME_CLOCKS = frozenset({time.CLOCK_REALTIME, 5, CLOCK_REALTIME_ALARM, CLOCK_TAI})

_SCHEDULED_EPOCH: Nanoseconds = 1_700_000_000 * 10**9
_SCHEDULED_UPTIME: Nanoseconds = 10_000 * 10**9
_SCHEDULED_START: Nanoseconds = 10**9
"""What every scheduled run finds on the calendar and since boot: always the same."""

LANDING: Nanoseconds = 1_000
"""How far past a deadline a jump lands: code that loops until ``now > deadline`` must get out."""


def cpu_time(pid: int) -> Nanoseconds | None:
    """The CPU time that all threads of a process have used; None when it is gone.

    The clock id of a process is ``(~pid << 3) | 2`` (include/linux/posix-timers.h).
    """
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return None


class Clock(Protocol):
    """A run's time in nanoseconds since the supervisor started it."""

    realtime_offset: Nanoseconds
    monotonic_offset: Nanoseconds

    @property
    def is_virtual(self) -> bool:
        """Whether idle time is skipped; then deadlines are the supervisor's to keep."""

    @property
    def is_measured(self) -> bool:
        """Whether CPU time counts as it is used."""

    def now(self) -> Nanoseconds:
        """Nanoseconds since the supervisor started the run."""

    def charge(self, cost: Nanoseconds) -> None:
        """Let the submission pay for something that used no CPU time of its own."""

    def take_charged(self) -> bool:
        """Whether anything was charged since this was last asked."""

    def jump_past(self, deadline: Nanoseconds) -> None:
        """Skip the idle time until just past ``deadline``."""

    def begin(self) -> None:
        """The submission's first instruction comes next."""


def offset_of(clock: Clock, clock_id: int) -> Nanoseconds:
    """What to add to the run's time for the value of the POSIX clock ``clock_id``."""
    return clock.realtime_offset if clock_id in _REALTIME_CLOCKS else clock.monotonic_offset


@dataclass(frozen=True)
class CpuUse:
    """The CPU time of one process: what is charged to the submission, and what is not."""

    charged: Nanoseconds = 0
    exempt: Nanoseconds = 0


@dataclass(frozen=True)
class _Exemption:
    """What a process uses after ``since`` (CPU time of its own) is not charged, up to ``most``."""

    since: Nanoseconds
    most: Nanoseconds

    def of(self, used: Nanoseconds) -> Nanoseconds:
        """How much of this CPU time is exempt, in ns."""
        return min(max(0, used - self.since), self.most)


class CpuMeter:
    """The CPU time of a changing set of processes."""

    def __init__(self) -> None:
        self._alive: dict[int, Nanoseconds] = {}
        self._of_ended: Nanoseconds = 0
        self._exemptions: dict[int, _Exemption] = {}
        self._exempt: dict[int, Nanoseconds] = {}
        """Of processes that are alive, without what they are being exempt now."""
        self._exempt_of_ended: Nanoseconds = 0

    def add(self, pid: int) -> None:
        """Count a process from its birth on."""
        self._alive[pid] = 0

    def remove(self, pid: int) -> CpuUse:
        """Stop counting a process that is about to end; what it used in all."""
        last = self._alive.pop(pid, 0)
        used = cpu_time(pid)
        total = last if used is None else used
        self._of_ended += total
        exemption = self._exemptions.pop(pid, None)
        exempt = self._exempt.pop(pid, 0) + (0 if exemption is None else exemption.of(total))
        self._exempt_of_ended += exempt
        return CpuUse(total - exempt, exempt)

    def exempt_startup_cpu(self, pid: int, most: Nanoseconds, *, since_birth: bool = False) -> None:
        """Do not charge what a process uses from now on until `end_exemption`.

        Args:
            pid: the process.
            most: nanoseconds of CPU time; what goes beyond them is charged.
            since_birth: do not charge what it has used so far either.
        """
        self.end_exemption(pid)
        self._exemptions[pid] = _Exemption(0 if since_birth else self.of(pid), most)

    def limit_exemption(self, pid: int, most: Nanoseconds) -> None:
        """Another ``most``, if it is being exempt."""
        if pid in self._exemptions:
            self._exemptions[pid] = replace(self._exemptions[pid], most=most)

    def end_exemption(self, pid: int) -> Nanoseconds:
        """Charge again what it uses; what it was exempt since `spare`."""
        exemption = self._exemptions.pop(pid, None)
        if exemption is None:
            return 0
        exempt = exemption.of(self.of(pid))
        self._exempt[pid] = self._exempt.get(pid, 0) + exempt
        return exempt

    def charged(self) -> Nanoseconds:
        """Of the CPU time of all, what is charged to the submission."""
        total = self.total()  # before the parts: what is exempt meanwhile must not be charged
        now = sum(each.of(self._alive.get(pid, 0)) for pid, each in self._exemptions.items())
        return total - self._exempt_of_ended - sum(self._exempt.values()) - now

    def of(self, pid: int) -> Nanoseconds:
        """The CPU time in nanoseconds that a process has used; when it is gone, as last read."""
        used = cpu_time(pid)
        if used is None:
            return self._alive.get(pid, 0)
        if pid in self._alive:
            self._alive[pid] = used
        return used

    def total(self) -> Nanoseconds:
        """The CPU time in nanoseconds of all that are counted, and of those that have ended."""
        total = self._of_ended
        for pid, last in self._alive.items():
            used = cpu_time(pid)
            if used is None:
                total += last
            else:
                self._alive[pid] = used
                total += used
        return total


class VirtualClock:
    """CPU time used, plus charges, plus idle time skipped."""

    is_virtual = True
    is_measured = True

    def __init__(self, meter: CpuMeter) -> None:
        self._meter = meter
        self._added: Nanoseconds = 0
        self._charged = False
        self.realtime_offset = time.time_ns()
        self.monotonic_offset = time.monotonic_ns()

    def now(self) -> Nanoseconds:
        """CPU time used, and what was added."""
        return self._added + self._meter.total()

    def charge(self, cost: Nanoseconds) -> None:
        """Add the cost, and remember that there was one."""
        self._added += cost
        self._charged = self._charged or cost > 0

    def take_charged(self) -> bool:
        """Whether anything was charged since this was last asked."""
        charged, self._charged = self._charged, False
        return charged

    def jump_past(self, deadline: Nanoseconds) -> None:
        """Skip to `LANDING` after the deadline, if it is still to come."""
        self._added += max(0, deadline + LANDING - self.now())

    def begin(self) -> None:
        """Time goes on as it did while the interpreter was started."""


class ScheduledClock(VirtualClock):
    """Charges and skipped time only: nothing on it depends on the machine."""

    is_measured = False

    def __init__(self, meter: CpuMeter) -> None:
        super().__init__(meter)
        self.realtime_offset = _SCHEDULED_EPOCH
        self.monotonic_offset = _SCHEDULED_UPTIME

    def now(self) -> Nanoseconds:
        """What was added; nothing else counts."""
        return self._added

    def begin(self) -> None:
        """How long the interpreter took to start is not to be seen in anything that follows."""
        self._added = _SCHEDULED_START


class RealClock:
    """The machine's own monotonic clock."""

    is_virtual = False
    is_measured = True

    def __init__(self) -> None:
        self.monotonic_offset = time.monotonic_ns()
        self.realtime_offset = time.time_ns()

    def now(self) -> Nanoseconds:
        """Nanoseconds since the run was started, by the machine's monotonic clock."""
        return time.monotonic_ns() - self.monotonic_offset

    def charge(self, cost: Nanoseconds) -> None:
        """Real time passes by itself."""

    def take_charged(self) -> bool:
        """Never: nothing is."""
        return False

    def jump_past(self, deadline: Nanoseconds) -> None:
        """Real time cannot be skipped."""

    def begin(self) -> None:
        """Real time goes on."""


def clock_of(kind: Literal["virtual", "real"], meter: CpuMeter, *, natural: bool) -> Clock:
    """The clock of a run; ``natural``: events come as they come, under no schedule."""
    if not natural:
        return ScheduledClock(meter)
    return VirtualClock(meter) if kind == "virtual" else RealClock()
