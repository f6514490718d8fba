"""The mistakes that beginners make, recognised in a run and in the code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grader.checks.diagnosis import (
    attributes,
    beginnings,
    copies,
    daemons,
    deadlocks,
    endings,
    hang_ups,
    lines,
    messages,
    names,
    terminations,
    waits,
)
from grader.checks.diagnosis.model import Diagnosis
from grader.checks.scene import Scene
from grader.messages import Text

__all__ = ["SITUATIONS", "Diagnosis", "diagnose", "note_on"]

SITUATIONS: tuple[Callable[[Scene], Iterator[Diagnosis]], ...] = (
    beginnings.of_called_target,
    beginnings.of_start_not_called,
    beginnings.of_run_called,
    beginnings.of_overridden_start,
    beginnings.of_bare_args,
    endings.of_main,
    beginnings.of_never_started,
    beginnings.of_chain,
    beginnings.of_unreached_start,
    beginnings.of_other_ways,
    names.of_overwritten_name,
    attributes.of_misspelt_attribute,
    copies.of_copied_output,
    endings.of_children,
    terminations.of_lost_lock,
    copies.of_full_queue,
    deadlocks.of_deadlock,
    lines.of_work_in_main,
    lines.of_lines_run_together,
    endings.of_input,
    terminations.of_zombie,
    terminations.of_ignored_signal,
    hang_ups.of_unseen_end,
    endings.of_limits,
    terminations.of_hard_exit,
    terminations.of_terminate_not_called,
    terminations.of_ended_too_late,
    terminations.of_ended_in_its_work,
    terminations.of_timeout_for_signal,
    daemons.of_text_for_flag,
    daemons.of_swapped_flags,
    daemons.of_cut_off,
    waits.of_answer_not_asked,
    terminations.of_end_not_awaited,
    copies.of_global_set_in_child,
    waits.of_join_in_loop,
    waits.of_join_not_called,
    waits.of_timeout,
    waits.of_pause,
    messages.of_message_for_end,
    waits.of_some_not_joined,
    waits.of_no_wait,
    waits.of_late_wait,
)
"""From the most telling to the least: a failed check is explained by the first that fits."""


def diagnose(scene: Scene) -> tuple[Diagnosis, ...]:
    """The mistakes that are recognised in this run, the most telling first."""
    return tuple(found for situation in SITUATIONS for found in situation(scene))


def note_on(scene: Scene) -> Text | None:
    """What is to be said of the run as a whole: that it did not come to its end, and why. It is
    said as the findings say it.
    """
    for situation in (
        endings.of_main,
        terminations.of_lost_lock,
        copies.of_full_queue,
        deadlocks.of_deadlock,
        endings.of_input,
        endings.of_limits,
    ):
        for found in situation(scene):
            return found.feedback.happened
    return None
