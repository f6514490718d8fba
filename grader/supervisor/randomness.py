"""What a run gets for chance: the same again for the same seed."""

from __future__ import annotations

import hashlib

from grader.trace import ProcessNumber

_START_UP = "start-up"
"""Until main's first instruction chance is the same in all runs: they may share that part."""


class Randomness:
    """A stream of random bytes for each process, and another for each of its programs.

    No stream depends on when other processes ask.
    """

    def __init__(self, seed: int) -> None:
        self._seed: int | str = _START_UP
        self._seed_from_ready_on = seed
        self._asked: dict[tuple[ProcessNumber, str], int] = {}

    def ready(self) -> None:
        """The submission's first instruction comes next."""
        self._seed = self._seed_from_ready_on
        self._asked.clear()

    def draw(self, process: ProcessNumber, size: int) -> bytes:
        """The process's next ``size`` random bytes."""
        return self._draw(process, "getrandom", size)

    def draw_for_program(self, process: ProcessNumber) -> bytes:
        """The 16 bytes that the kernel gives to a program that it executes (AT_RANDOM)."""
        return self._draw(process, "program", 16)

    def _draw(self, process: ProcessNumber, what: str, size: int) -> bytes:
        count = self._asked[process, what] = self._asked.get((process, what), 0) + 1
        name = f"{self._seed}/{process}/{what}/{count}"
        return hashlib.shake_128(name.encode()).digest(size)
