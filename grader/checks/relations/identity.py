"""``daemon``, ``named``, ``started-by``, ``count``, ``start-method``: what a process is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.checks.context import JudgeContext
from grader.checks.finding import Status
from grader.checks.flags import named_too_late, which_line, why_no_daemon
from grader.checks.registry import Concern, judges
from grader.checks.roles import beside
from grader.checks.unresolved import (
    suppress_hint,
    why_another_number,
    why_too_few,
    without_object,
)
from grader.checks.verdict import Verdict, failed, inconclusive, passed
from grader.checks.words import quoted
from grader.exercise import parse_pattern
from grader.exercise.relations.processes import Count, Daemon, Named, StartedBy, StartedIn
from grader.exercise.relations.program import OneConnectionEach
from grader.exercise.values import PORTABLE
from grader.messages import Text, say
from grader.trace import MAIN, Connected, Outcome, Process, ProcessNumber, StartMethod
from grader.trace.naming import verbatim
from grader.trace.questions import created, every, process

_SEVERAL = 2
_COUNTED_LIMITS = (Outcome.CPU_LIMIT, Outcome.EVENT_LIMIT, Outcome.MEMORY_LIMIT)


@judges(Daemon, Concern.BEHAVIOUR)
def judge_daemon(wanted: Daemon, context: JudgeContext) -> Verdict:
    """Whether each one was a daemon when it started, or was not."""
    for each in context.members(wanted.who):
        name = context.name(each.number)
        forked = without_object(each.number, context)
        if forked is not None and not wanted.is_:
            continue
        if forked is not None:
            return forked
        if each.daemon is None:
            return inconclusive(
                say("The grader could not see whether {name} was a daemon.", name=name)
            )
        if each.daemon is not wanted.is_:
            question, place = which_line(name), None
            if wanted.is_:
                question, place = why_no_daemon(name, context)
            return failed(
                _was_daemon(each, context.subject(each.number), context),
                why=say(
                    "When main's own code is over, its daemons are ended at once, wherever they "
                    "are; for its other children main waits."
                ),
                next=question,
                line=place or each.started_at,
                about=[each.number],
            )
    return passed()


def _was_daemon(each: Process, name: Text, context: JudgeContext) -> Text:
    if each.started_at is None:
        if each.daemon:
            return say("{name} was a daemon when it started.", name=name)
        return say("{name} was not a daemon when it started.", name=name)
    line = context.line(each.started_at)
    if each.daemon:
        return say("{name} was a daemon when it started ({line}).", name=name, line=line)
    return say("{name} was not a daemon when it started ({line}).", name=name, line=line)


@judges(Named, Concern.BEHAVIOUR)
def judge_named(wanted: Named, context: JudgeContext) -> Verdict:
    """Whether each one's multiprocessing name is as it should be."""
    for each in context.members(wanted.who):
        if each.name is None:
            return without_object(each.number, context) or inconclusive(
                say("The grader could not see the name of {name}.", name=context.name(each.number))
            )
        if parse_pattern(wanted.is_).match(each.name) is None:
            late = named_too_late(each, context)
            if late is not None:
                return late
            # What multiprocessing makes up: the class and a number.
            default = rf"(?:{re.escape(each.class_name or 'Process')}|\w*Process)-[0-9:]+"
            return failed(
                say(
                    "{name} has the process name {actual}; the task asks for {wanted}.",
                    name=context.subject(each.number),
                    actual=quoted(each.name),
                    wanted=context.like(wanted.is_),
                ),
                why=say(
                    "A process that is given no name gets one such as `Process-1`. A variable of "
                    "your script is not its name."
                )
                if re.fullmatch(default, each.name)
                else say(
                    "This name was given to it. The name of a process is compared with that of "
                    "the task character by character."
                ),
                next=say(
                    "Where is the process told its name, and does anything set it afterwards?"
                ),
                line=each.started_at,
                about=[each.number],
            )
    return passed()


@judges(StartedBy, Concern.BEHAVIOUR)
def judge_started_by(wanted: StartedBy, context: JudgeContext) -> Verdict:
    """Whether each one was created by whom it should be."""
    creators = context.roles.of(wanted.is_)
    for each in context.members(wanted.who):
        if each.number in creators and each.creator not in creators and wanted.who != wanted.is_:
            return _plays_both(each, context)
        if each.creator not in creators:
            creator = say("none") if each.creator is None else context.name(each.creator)
            return failed(
                say(
                    "{name} was started by {creator}, not by {wanted}.",
                    name=context.subject(each.number),
                    creator=creator,
                    wanted=context.names(creators),
                ),
                why=say("A process is the child of the one that executes the line that starts it."),
                next=say("Which process comes to that line?"),
                line=each.started_at,
                about=[each.number],
            )
    return passed()


def _plays_both(each: Process, context: JudgeContext) -> Verdict:
    """What another process is there for was done by the one that should have started it."""
    return failed(
        say(
            "{name} itself does the work of the process that it should have started.",
            name=context.subject(each.number),
        ),
        why=say(
            "A function is executed by the process that calls it. Only `start()` makes another "
            "process for it."
        ),
        next=say("Which line of {name} should start a process?", name=context.name(each.number)),
        about=[each.number],
        missing=True,
        suppress_hint=True,
    )


@judges(Count, Concern.NUMBER, counts=True)
def judge_count(wanted: Count, context: JudgeContext) -> Verdict:
    """Whether the name stands for so many processes."""
    found = context.roles.of(wanted.who)
    asked = wanted.is_ if wanted.at_least is None else wanted.at_least
    assert asked is not None
    if len(found) == asked or (len(found) > asked and wanted.at_least is not None):
        return passed(context.roles.found[wanted.who])
    too_few = len(found) < asked
    described = context.exercise.cast.get(wanted.who)
    why = why_too_few(described, found, context) if too_few else why_another_number()
    if too_few and found:
        beforehand = _made_beforehand(wanted.who, found, context)
        if beforehand is not None:
            return beforehand
    found_so = context.roles.found[wanted.who]
    outcome = context.trace.outcome
    too_many_in_all = len(found) > context.exercise.run.limits.processes
    if not too_few and (
        outcome is Outcome.PROCESS_LIMIT or (too_many_in_all and outcome in _COUNTED_LIMITS)
    ):  # they were started until the run was stopped: how many it came to is chance
        found_so = say("More and more processes were started.")
    return Verdict(
        Status.FAILED,
        why.saying(beside(found_so, len(found), asked, described)),
        about=frozenset(found or [MAIN]),
        missing=too_few,
        shared_cause=f"cast:{wanted.who}",
        suppress_hint=suppress_hint(found, context),
    )


def _made_beforehand(
    name: str, found: Sequence[ProcessNumber], context: JudgeContext
) -> Verdict | None:
    """Whether those that are to serve one connection each were started in the same line, before
    the second client of those that connected.
    """
    checks = (check.parameters for check in context.exercise.checks)
    if not any(isinstance(each, OneConnectionEach) and each.group == name for each in checks):
        return None
    made = every(
        context.trace, Connected, lambda event: event.by not in context.own and event.error is None
    )
    started = [process(context.trace, number) for number in found]
    lines = {each.started_at for each in started}
    if len(found) < _SEVERAL or len(made) <= len(found) or len(lines) != 1:
        return None
    if any(each.started > made[1].at for each in started):
        return None
    (line,) = lines
    return failed(
        say(
            "Main started {count} processes before the second client connected, and none for the "
            "clients after that.",
            count=len(found),
        ),
        why=say(
            "Here each connection is to be served by a process of its own. Processes that "
            "are made beforehand are as many as they are, however many clients come."
        ),
        next=say("Which line of main should start the process of the connection just accepted?"),
        line=line,
        about=found,
        missing=True,
        shared_cause=f"cast:{name}",
    )


@judges(StartedIn, Concern.BEHAVIOUR)
def judge_start_method(wanted: StartedIn, context: JudgeContext) -> Verdict:
    """Whether every child came to be in that way."""
    allowed = {StartMethod.SUBPROCESS}
    if wanted.method == PORTABLE:
        default = context.trace.start_method
        allowed |= {StartMethod.SPAWN} if default is StartMethod.SPAWN else set(StartMethod)
    else:
        allowed.add(StartMethod(wanted.method))
    for each in created(context.trace):
        if each.start_method not in allowed and wanted.method == PORTABLE:
            return _not_portable(each, context)
        if each.start_method not in allowed:
            actual = "?" if each.start_method is None else each.start_method.value
            return failed(
                say(
                    "{name} was created by {actual}; the task asks for {wanted}.",
                    name=context.subject(each.number),
                    actual=verbatim(actual),
                    wanted=verbatim(wanted.method),
                ),
                why=say("How processes are created is decided once, before the first of them."),
                next=say("Which line of your script decides it?"),
                line=each.started_at,
                about=[each.number],
            )
    return passed()


def _not_portable(each: Process, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{name} was created by {actual}, although {default} is the default here.",
            name=context.subject(each.number),
            actual=verbatim("?" if each.start_method is None else each.start_method.value),
            default=verbatim(context.trace.start_method.value),
        ),
        why=say(
            "The script chooses a way to create processes that some systems do not have. There it "
            "ends in an error."
        ),
        next=say("Which line of your script decides it, and what would happen without that line?"),
        line=each.started_at,
        about=[each.number],
    )
