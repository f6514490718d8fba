"""What the caller of a grading decides, apart from the grading: naming it loads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from grader.sandbox import IsolationWish
    from grader.schedules import Schedule

WitnessWish = Literal["auto", "kernel", "script"]
"""Whose word is taken. ``auto``: the kernel's where it can be had, else the script's own."""


@dataclass(frozen=True)
class Options:
    """What the caller may decide. ``clock`` None: as the exercise says; ``python`` None: the
    grader's own interpreter runs the submission.
    """

    clock: Literal["virtual", "real"] | None = None
    python: Path | None = None
    schedules: int | None = None
    """How many event orders are tried, the natural one included; None: as the exercise says."""
    seed: int = 0
    """Where the seeds of random event orders begin."""
    replay: Schedule | None = None
    """Only this event order is tried, besides the natural one."""
    at_once: int = 1
    """How many runs are made at the same time."""
    isolation: IsolationWish = "auto"
    witness: WitnessWish = "auto"
