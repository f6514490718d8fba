"""What interpreters need to come up is the machine's affair, and not charged to the submission.

On a slow or emulated machine it is more than all that a script does, and may be more than its
limit of CPU time. It lasts from the start of a program to the probe's ``ready``. What main needs
is measured, before any code of the student's; multiprocessing's own programs may need about as
much each. So the most that anybody can come by with a forged one is bounded.
"""

from __future__ import annotations

from grader.supervisor.clock import CpuMeter
from grader.trace import Nanoseconds

LONGEST: Nanoseconds = 30 * 10**9
"""CPU time after which an interpreter is not taken to come up any more."""
_NOT_ALIKE = 2
"""No two starts cost the same: so many times main's may another one take."""


class StartUps:
    """Who is coming up, and what that may cost."""

    def __init__(self, meter: CpuMeter, at_most: int) -> None:
        """``at_most``: so many are exempt besides main; those that come later pay for it."""
        self._meter = meter
        self._left = at_most
        self._early: list[int] = []
        """Who began before main had come up: peers, which are not the student's."""
        self.of_main: Nanoseconds = 0
        """What main needed."""

    def begin_main(self, pid: int) -> None:
        """It has been forked; what the grader does in it until it is an interpreter is exempt."""
        self._meter.exempt_startup_cpu(pid, LONGEST, since_birth=True)

    def finish_main(self, pid: int) -> None:
        """Its ``ready`` comes, or is repeated."""
        if not self.of_main:
            self.of_main = self._meter.end_exemption(pid)
            for early in self._early:
                self._meter.limit_exemption(early, _NOT_ALIKE * self.of_main)

    def begin(self, pid: int) -> None:
        """A program of multiprocessing's, or of the exercise's, was executed."""
        if self._left > 0:
            self._left -= 1
            if not self.of_main:
                self._early.append(pid)
            self._meter.exempt_startup_cpu(pid, _NOT_ALIKE * self.of_main or LONGEST)

    def finish(self, pid: int) -> None:
        """The code of the student's may come now. Some programs never say so."""
        self._meter.end_exemption(pid)
