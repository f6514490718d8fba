"""The deadline of a run on the real clock, kept by another process than its supervisor.

A supervisor ends a run by the submission's own clock and by what the submission uses. Should it be
stuck itself, wherever that is, the grader that waits for its answer notices: it looks on from
outside, asks for what was seen so far, and in the end kills the supervisor and its whole family.

Only time counts in which the run got on or could have: a busy machine is no fault of a submission.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from grader.supervisor.procfs import children_of

LOOK_EVERY_S = 0.5
_MOST_BETWEEN_LOOKS_S = 1.0
"""More does not count: the grader itself was not given a processor, or was stopped meanwhile."""
_PATIENCE_S = 10.0
"""In which processes that were killed are gone, on a quiet machine."""
_CUT_OFF = signal.SIGUSR1
"""Tells a supervisor that the deadline of its run has passed."""


class DeadlinePassed(BaseException):
    """The run is cut off. No Exception, for nothing may take it for a fault and go on."""


# In the supervisor


def prepare_for_deadline() -> None:
    """From now on this process can be cut off where it is `interruptible`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [_CUT_OFF])
    signal.signal(_CUT_OFF, _pass_deadline)


def _pass_deadline(number: int, frame: FrameType | None) -> None:
    raise DeadlinePassed


@contextmanager
def interruptible() -> Iterator[None]:
    """
    Raises:
        DeadlinePassed: the run is cut off, anywhere in this.
    """
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [_CUT_OFF])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, [_CUT_OFF])


# In the grader


class Deadline:
    """How long a supervisor may still take. To be looked at every `LOOK_EVERY_S` seconds."""

    def __init__(self, supervisor: int, seconds: float) -> None:
        self._supervisor = supervisor
        self._left_s = seconds
        self._looked = time.monotonic()
        self._used: Mapping[int, tuple[int, int]] = {}

    def has_passed(self) -> bool:
        """Whether the time is up, of which no more counts than passed since the last look."""
        now = time.monotonic()
        passed = min(now - self._looked, _MOST_BETWEEN_LOOKS_S)
        self._looked = now
        before, self._used = self._used, _used_by_family(self._supervisor)
        known = [(self._used[tid], before[tid]) for tid in self._used.keys() & before.keys()]
        computed = sum(now[0] - then[0] for now, then in known) / 10**9
        waited = sum(now[1] - then[1] for now, then in known) / 10**9
        self._left_s -= max(passed - waited, min(computed, passed))
        return self._left_s <= 0


def _used_by_family(pid: int) -> dict[int, tuple[int, int]]:
    """Thread -> nanoseconds that it ran, and that it waited for a processor (schedstat in proc(5);
    nothing on a kernel without CONFIG_SCHED_INFO).
    """
    used = {}
    for process in (pid, *descendants(pid)):
        with suppress(OSError):  # it is gone
            for thread in os.listdir(f"/proc/{process}/task"):
                words = Path(f"/proc/{process}/task/{thread}/schedstat").read_text().split()
                used[int(thread)] = (int(words[0]), int(words[1]))
    return used


def descendants(pid: int) -> Iterator[int]:
    """The pids of all that descend from a process, each before its own children."""
    left = [pid]
    while left:
        try:
            children = children_of(left.pop())
        except OSError:
            continue  # it is gone
        yield from children
        left += children


def cut_off(supervisor: int) -> None:
    """Tell a child of this process, a supervisor, to hand over what it has seen."""
    os.kill(supervisor, _CUT_OFF)


def end_family(supervisor: int, keepers: Collection[int] = ()) -> None:
    """Kill a child of this process, a supervisor, with all that descend from it, and wait until
    they are gone. The supervisor is to be waited for afterwards.

    It dies first: the kernel kills whom it traces, also those that are born meanwhile, and nobody
    stops at his end any more to be looked at. Then comes whoever is not traced, children before
    their parents: a parent in vfork waits for its child.

    Args:
        supervisor: its pid.
        keepers: the pids of those that keep its isolation standing. They are killed, too, and not
            waited for: the init of a pid namespace ends when all of its own were waited for, which
            is up to the init of the machine now.
    """
    family = {supervisor: os.pidfd_open(supervisor)}
    for pid in reversed(list(descendants(supervisor))):
        with suppress(ProcessLookupError):
            family[pid] = os.pidfd_open(pid)
    for pidfd in family.values():
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    until = time.monotonic() + _PATIENCE_S
    for pid, pidfd in family.items():
        if pid not in keepers:
            ended = select.poll()  # select(2) knows no descriptors beyond 1,023
            ended.register(pidfd, select.POLLIN)
            ended.poll(1000 * max(0.0, until - time.monotonic()))
        os.close(pidfd)
