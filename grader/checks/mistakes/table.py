"""The mistakes that beginners make, from the most telling to the least.

The order has a meaning: a failed check is explained by the first mistake in the table that was
detected and explains it. ``docs/mistakes.md`` is written from it by ``docs/mistakes.py``.
"""

from __future__ import annotations

from functools import partial

from grader.checks.context import JudgeContext
from grader.checks.mistakes import (
    attributes,
    copies,
    daemons,
    deadlocks,
    ending,
    hang_ups,
    lines,
    polling,
    sending,
    starting,
    terminating,
    waiting,
)
from grader.checks.mistakes.model import (
    Mistake,
    Recognised,
    all_of_a_process,
    answered_too_early,
    crash,
    cut_off_work,
    doings_or_missing,
    end_by_others,
    end_of_them,
    everything,
    everything_or_missing,
    kept_running,
    lack_of_wait,
    late_wait,
    left_behind,
    missing_of_them,
    missing_there,
    no_daemon,
    not_together,
    of_relations,
    printed_there,
    theirs,
    theirs_or_missing,
    too_few,
    unfinished,
    unfinished_or_counted,
    unfinished_or_theirs,
    whatever_is_missing,
)
from grader.exercise import Relation
from grader.messages import Text
from grader.trace import Outcome

_NO_PROCESS: tuple[Relation, ...] = ("count", "started-by")
_NO_WAIT: tuple[Relation, ...] = ("waited", "order", "one-at-a-time")

MISTAKES: tuple[Mistake, ...] = (
    Mistake("target-called", starting.detect_called_target, everything, ("prints",)),
    Mistake(
        "start-not-called", starting.detect_start_not_called, everything_or_missing, _NO_PROCESS
    ),
    Mistake("run-called", starting.detect_run_called, everything, (*_NO_PROCESS, "prints")),
    Mistake(
        "start-overridden",
        starting.detect_overridden_start,
        everything,
        (*_NO_PROCESS, "prints", "source"),
    ),
    Mistake("args-no-tuple", starting.detect_bare_args, doings_or_missing, ("prints",)),
    Mistake("item-lost", sending.detect_lost_item, unfinished, ("clean",)),
    Mistake("workers-die", ending.detect_dying_workers, unfinished, ("clean",), ends_the_run=True),
    Mistake("never-started", starting.detect_never_started, everything, _NO_PROCESS),
    Mistake("main-crashed", ending.detect_main_crashed, crash, (), ends_the_run=True),
    Mistake(
        "main-ended-early",
        ending.detect_main_ended_early,
        whatever_is_missing,
        ("clean",),
        ends_the_run=True,
    ),
    Mistake("chained-starts", starting.detect_chain, too_few, ("count",)),
    Mistake("false-guard", starting.detect_false_guard, everything, _NO_PROCESS),
    Mistake("start-not-reached", starting.detect_unreached_start, everything, _NO_PROCESS),
    Mistake("no-process", starting.detect_other_ways, all_of_a_process, _NO_PROCESS),
    Mistake(
        "name-overwritten",
        attributes.detect_overwritten_name,
        of_relations("named", "prints"),
        ("named",),
    ),
    Mistake(
        "daemon-misspelt",
        partial(attributes.detect_misspelt, "daemon"),
        no_daemon,
        ("daemon", "ended"),
    ),
    Mistake(
        "name-misspelt",
        partial(attributes.detect_misspelt, "name"),
        of_relations("named"),
        ("named",),
    ),
    Mistake("output-copied", copies.detect_copied_output, theirs("prints"), ("prints",)),
    Mistake("output-lost", copies.detect_lost_output, missing_there, ("prints",)),
    Mistake("child-crashed", ending.detect_child_crashed, crash, ()),
    Mistake("lock-lost", terminating.detect_lost_lock, unfinished, ("clean",), ends_the_run=True),
    Mistake("queue-not-read", copies.detect_full_queue, unfinished, ("clean",), ends_the_run=True),
    Mistake("deadlock", deadlocks.detect_deadlock, unfinished, ("clean",), ends_the_run=True),
    Mistake("work-in-main", lines.detect_work_in_main, theirs("prints"), ("prints",)),
    Mistake("lines-run-together", lines.detect_lines_run_together, theirs("prints"), ("prints",)),
    Mistake(
        "daemon-forgotten",
        daemons.detect_forgotten_flag,
        kept_running,
        ("daemon",),
        ends_the_run=True,
    ),
    Mistake("waiting-for-input", ending.detect_input, unfinished, ("clean",), ends_the_run=True),
    Mistake("zombie", terminating.detect_zombie, unfinished, ("clean",)),
    Mistake(
        "signal-ignored",
        terminating.detect_ignored_signal,
        unfinished_or_theirs,
        ("ended", "prints"),
    ),
    Mistake("hang-up-unseen", hang_ups.detect_unseen_end, unfinished, ("ended", "clean")),
    *(
        Mistake(
            outcome.value,
            partial(ending.detect_limit, outcome),
            unfinished_or_counted if outcome is Outcome.PROCESS_LIMIT else unfinished,
            ("clean",),
            ends_the_run=True,
        )
        for outcome in ending.LIMITS
    ),
    Mistake("hard-exit", terminating.detect_hard_exit, left_behind, ("order", "ended")),
    Mistake(
        "terminate-not-called", terminating.detect_terminate_not_called, end_by_others, ("ended",)
    ),
    Mistake("ended-too-late", terminating.detect_ended_too_late, end_of_them, ("ended",)),
    Mistake(
        "ended-in-its-work", terminating.detect_ended_in_its_work, missing_of_them, ("prints",)
    ),
    Mistake("timeout-for-signal", terminating.detect_timeout_for_signal, end_of_them, ("ended",)),
    Mistake(
        "text-for-flag",
        daemons.detect_text_for_flag,
        theirs("daemon", "ended", "prints"),
        ("daemon",),
    ),
    Mistake("flags-swapped", daemons.detect_swapped_flags, of_relations("daemon"), ("daemon",)),
    Mistake("daemon-cut-off", daemons.detect_cut_off, cut_off_work, ("prints", "ended")),
    Mistake(
        "method-printed",
        waiting.detect_uncalled_method,
        theirs_or_missing("prints", "order"),
        ("prints", "order"),
    ),
    Mistake("end-not-awaited", terminating.detect_end_not_awaited, answered_too_early, ("prints",)),
    Mistake("global-in-child", copies.detect_global_set_in_child, printed_there, ("prints",)),
    Mistake(
        "lost-update",
        copies.detect_lost_update,
        of_relations("prints", "shares", "file"),
        ("shares", "file", "prints"),
    ),
    Mistake("join-in-loop", waiting.detect_join_in_loop, not_together, ("together",)),
    Mistake("join-not-called", waiting.detect_join_not_called, lack_of_wait, _NO_WAIT),
    Mistake("wait-timed-out", waiting.detect_timeout, lack_of_wait, _NO_WAIT),
    Mistake("message-for-end", waiting.detect_message_for_end, lack_of_wait, _NO_WAIT),
    Mistake("gave-up-asking", polling.detect_gave_up_asking, lack_of_wait, _NO_WAIT),
    Mistake("asks-for-something-else", polling.detect_polling, lack_of_wait, _NO_WAIT),
    Mistake("pause-for-wait", waiting.detect_pause, lack_of_wait, _NO_WAIT),
    Mistake("some-not-joined", waiting.detect_some_not_joined, lack_of_wait, _NO_WAIT),
    Mistake("no-wait", waiting.detect_no_wait, lack_of_wait, _NO_WAIT),
    Mistake("late-wait", waiting.detect_late_wait, late_wait, ("waited", "order")),
)


def recognise(context: JudgeContext) -> tuple[Recognised, ...]:
    """The mistakes that are detected in this run, the most telling first."""
    return tuple(
        Recognised(mistake, detected)
        for mistake in MISTAKES
        for detected in mistake.detect(context)
    )


def note_on(context: JudgeContext) -> Text | None:
    """What is to be said of the run as a whole: that it did not come to its end, and why. It is
    said as the findings say it.
    """
    ends = (mistake for mistake in MISTAKES if mistake.ends_the_run)
    detected = next((each for mistake in ends for each in mistake.detect(context)), None)
    return None if detected is None else detected.feedback.happened
