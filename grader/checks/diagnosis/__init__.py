"""The mistakes that beginners make, recognised in a run and in the code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grader.checks.diagnosis import beginnings, daemons, endings, waits
from grader.checks.diagnosis.model import Diagnosis
from grader.checks.scene import Scene

__all__ = ["SITUATIONS", "Diagnosis", "diagnose"]

SITUATIONS: tuple[Callable[[Scene], Iterator[Diagnosis]], ...] = (
    beginnings.of_called_target,
    beginnings.of_start_not_called,
    beginnings.of_run_called,
    beginnings.of_overridden_start,
    beginnings.of_bare_args,
    endings.of_main,
    beginnings.of_never_started,
    beginnings.of_unreached_start,
    beginnings.of_other_ways,
    endings.of_children,
    endings.of_deadlock,
    endings.of_input,
    endings.of_limits,
    daemons.of_text_for_flag,
    daemons.of_swapped_flags,
    daemons.of_cut_off,
    waits.of_join_in_loop,
    waits.of_join_not_called,
    waits.of_timeout,
    waits.of_pause,
    waits.of_some_not_joined,
    waits.of_no_wait,
    waits.of_late_wait,
)
"""From the most telling to the least: a failed check is explained by the first that fits."""


def diagnose(scene: Scene) -> tuple[Diagnosis, ...]:
    """The mistakes that are recognised in this run, the most telling first."""
    return tuple(found for situation in SITUATIONS for found in situation(scene))
