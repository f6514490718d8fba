"""``together`` and ``one-at-a-time``: whose lives overlap."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.context import JudgeContext, numbers_of
from grader.checks.finding import Mark, Relation
from grader.checks.registry import Concern, judges
from grader.checks.verdict import Verdict, failed, inconclusive, passed
from grader.exercise.relations.events import OneAtATime, Together
from grader.messages import say
from grader.trace import MAIN, Nanoseconds, Process, Witness, questions
from grader.trace.naming import seconds

_AT_LEAST = 2
"""One process alone is neither together with others nor apart from them."""

_NO_WORK: Nanoseconds = 50 * 10**6
"""A process that lives for a shorter time has next to nothing to do."""


def _only_one(group: str, context: JudgeContext) -> Verdict:
    numbers = context.roles.of(group)
    return failed(
        say("{name} was the only one.", name=context.subjects(numbers)),
        why=say("Whether processes run at the same time can only be said of several."),
        next=say("Which line of your script starts a process, and how often does it run?"),
        about=numbers,
        missing=True,
        shared_cause=f"cast:{group}",
    )


@judges(Together, Concern.OVERLAP)
def judge_together(wanted: Together, context: JudgeContext) -> Verdict:
    """Whether there is an instant at which all of the group are alive."""
    members = context.members(wanted.group)
    if len(members) < _AT_LEAST:
        return _only_one(wanted.group, context)
    instant = questions.alive_together(context.trace, members)
    if instant is not None:
        return passed(say("All of them were alive at {time}.", time=seconds(instant)))
    youngest = max(members, key=lambda each: each.started)
    first_gone = min(members, key=lambda each: context.end(each.number))
    end, start = context.end(first_gone.number), youngest.started
    main_paused = _main_paused(first_gone, youngest, context)
    if context.trace.witness is Witness.SCRIPT and not main_paused:
        return inconclusive(
            say(
                "{early} was done at {end}, before {late} was started at {start}. Main did nothing "
                "else in between: perhaps this machine was only slow to start processes.",
                early=context.subject(first_gone.number),
                end=seconds(end, [start]),
                late=context.name(youngest.number),
                start=seconds(start, [end]),
            )
        )
    if end - first_gone.started < _NO_WORK and not main_paused:
        return _too_short(first_gone, youngest, members, context)
    return failed(
        say(
            "{late} was started at {start}, when {early} had already ended at {end}.",
            late=context.subject(youngest.number),
            start=seconds(start, [end]),
            early=context.name(first_gone.number),
            end=seconds(end, [start]),
        ),
        why=say(
            "Processes work at the same time only if all of them are started before the first one "
            "is done."
        ),
        next=say("What does main do between one start and the next?"),
        line=youngest.started_at,
        relations=(
            Relation(Mark(first_gone.number, end), Mark(youngest.number, start), say("no overlap")),
        ),
        about=numbers_of(members),
    )


def _main_paused(older: Process, younger: Process, context: JudgeContext) -> bool:
    """Whether main slept or waited between the starts of two processes."""
    trace = context.trace
    pauses = [each.at for each in questions.sleeps_of(trace, MAIN)]
    waits = [each.at for each in questions.waits_of(trace, MAIN)]
    return any(older.started <= each < younger.started for each in (*pauses, *waits))


def _too_short(
    older: Process, younger: Process, members: Sequence[Process], context: JudgeContext
) -> Verdict:
    """One of the group had so little to do that it was gone before the last one was started."""
    end, start = context.end(older.number), younger.started
    return failed(
        say(
            "{early} ended after {life}, at {end}, and {late} was started at {start}.",
            early=context.subject(older.number),
            life=seconds(end - older.started, [0]),
            end=seconds(end, [start]),
            late=context.name(younger.number),
            start=seconds(start, [end]),
        ),
        why=say(
            "Processes work at the same time only if the first one is still at work when the last "
            "one is started."
        ),
        next=say("Which lines does each of them execute, and which of these take time?"),
        relations=(
            Relation(Mark(older.number, end), Mark(younger.number, start), say("no overlap")),
        ),
        about=numbers_of(members),
        suppress_hint=True,
    )


@judges(OneAtATime, Concern.TURNS)
def judge_one_at_a_time(wanted: OneAtATime, context: JudgeContext) -> Verdict:
    """Whether no two of the group are ever alive at once."""
    members = context.members(wanted.group)
    if len(members) < _AT_LEAST:
        return _only_one(wanted.group, context)
    pair = questions.overlap(context.trace, members)
    if pair is None:
        return passed()
    older, younger = pair
    end = context.end(older.number)
    values = {
        "young": context.subject(younger.number),
        "start": seconds(younger.started, [end]),
        "old": context.name(older.number),
    }
    return failed(
        say(
            "{young} was started at {start}, while {old} was at work until {end}.",
            end=seconds(end, [younger.started]),
            **values,
        )
        if older.ended is not None and not older.killed_by_grader
        else say(
            "{young} was started at {start}, and {old} had not ended when the run was over.",
            **values,
        ),
        why=say(
            "Starting a process does not wait for it: main goes straight on to the next start."
        ),
        next=say("What should main do after one start and before the next?"),
        line=younger.started_at,
        relations=(
            Relation(
                Mark(older.number, end), Mark(younger.number, younger.started), say("overlap")
            ),
        ),
        about=numbers_of(members),
    )
