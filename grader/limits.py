"""What a run may use, as the supervisor is told it, and what watching it may take. Exercises say
it in `grader.exercise.Limits`.

On its own, because that model takes long to load, and a run need not wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

RUN_DEADLINE_S = 25.0
"""Seconds of the real clock after which a run is cut off, whatever keeps it; an exercise with more
generous limits gives more (`Limits.deadline_s`).
"""
LATE_RUNS_S = 50.0
"""The same for all runs of a grading together that were cut off."""
SHORTEST_DEADLINE_S = 5.0
"""What a run has at least, also after others that were cut off."""
HAND_OVER_S = 3.0
"""Seconds in which a supervisor that was cut off hands over what it has seen."""
_DEFAULT_CPU, _DEFAULT_SUPERVISION = 5 * 10**9, 10 * 10**9
_SUPERVISION, _SUPERVISION_OF_CPU, _SUPERVISION_OF_EVENT = 3 * 10**9, 8, 500_000
"""What watching a natural run may take in any case, for each nanosecond that it computes, and for
each event. Programs that exchange ten or twenty thousand messages by a pipe or a queue take 1.8
for each nanosecond, start-up included; a line or a signal takes about 100 microseconds. A server
that goes on reading where the client has left, a common mistake, takes 7.
"""
_MORE_UNDER_SCHEDULE, _EVENTS_UNDER_SCHEDULE = 10, 5_000
"""So many times what the natural run took a run under a schedule may take, and so many events in
any case. It waits more often, and each stop of it costs more: four to five times, with messages.
"""
_USUAL_CPU = _DEFAULT_CPU + _DEFAULT_SUPERVISION
"""For each second more that a run may compute its deadline is a second later."""


@dataclass(frozen=True)
class Limits:
    """Times are in nanoseconds, sizes in bytes; `grader.exercise.Limits` says what each is of."""

    time: int = 60 * 10**9
    cpu: int = _DEFAULT_CPU
    processes: int = 128
    threads: int = 400
    memory: int = 512 * 10**6
    output: int = 10**6
    disk: int = 100 * 10**6
    events: int = 20_000
    supervision: int = _DEFAULT_SUPERVISION
    """CPU time that a run may take from the supervisor: calls that are cheap for the submission
    may be expensive for us. Time by the wall would blame it for a busy machine."""

    @property
    def grading(self) -> int:
        """CPU time, the supervisor's included, after which no more runs of a submission are begun.

        That is twice the longest run. With one that is going on then, and one more that confirms
        it, no submission takes more than four times the longest: by default a minute.
        """
        return 2 * (self.supervision + self.cpu)

    def supervision_beside(self, cpu: int, events: int) -> int:
        """CPU time that watching a natural run may take that has computed for so long and had so
        many events: there should be something to see for it.
        """
        granted = _SUPERVISION + _SUPERVISION_OF_CPU * cpu + _SUPERVISION_OF_EVENT * events
        return min(self.supervision, granted)

    def under_schedule(self, supervision: int, events: int) -> Limits:
        """Those of a run under a schedule, where watching the natural one took so much CPU time,
        and it had so many events. What is quick in that order has no reason to be expensive in
        another.
        """
        return replace(
            self,
            supervision=min(
                self.supervision, max(_SUPERVISION, _MORE_UNDER_SCHEDULE * supervision)
            ),
            events=min(self.events, max(_EVENTS_UNDER_SCHEDULE, _MORE_UNDER_SCHEDULE * events)),
        )

    def deadline_s(self, clock: Literal["virtual", "real"]) -> float:
        """Seconds of the real clock within which a run comes to its end on a quiet machine."""
        more = max(0, self.cpu + self.supervision - _USUAL_CPU) + (
            self.time if clock == "real" else 0
        )
        return RUN_DEADLINE_S + more / 10**9
