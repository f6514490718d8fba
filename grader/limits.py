"""What a run may use, as the supervisor is told it. Exercises say it in `grader.exercise.Limits`.

On its own, because that model takes long to load, and a run need not wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Times are in nanoseconds, sizes in bytes; `grader.exercise.Limits` says what each is of."""

    time: int = 60 * 10**9
    cpu: int = 5 * 10**9
    processes: int = 128
    threads: int = 400
    memory: int = 512 * 10**6
    output: int = 10**6
    disk: int = 100 * 10**6
    events: int = 20_000
