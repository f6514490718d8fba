"""Why a run, or one of its processes, did not come to its end."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.exceptions import explain
from grader.checks.mistakes.model import Detected
from grader.checks.mistakes.rounds import last_activities, others_waiting
from grader.checks.pauses import line_sleeping_beyond
from grader.checks.relations.ended import how_ended
from grader.checks.relations.outcome import UNREADABLE, unreadable, where
from grader.checks.words import code, quoted
from grader.messages import Message, Text, say
from grader.source import Call
from grader.source.loops import EXITS
from grader.trace import (
    MAIN,
    AskedForInput,
    Ended,
    Location,
    Nanoseconds,
    Outcome,
    ProcessNumber,
    Stream,
    WaitReason,
    questions,
)
from grader.trace.naming import seconds
from grader.trace.tracebacks import Traceback

LIMITS: dict[Outcome, Feedback] = {
    Outcome.TIME_LIMIT: Feedback(
        say("After {time} the program was still running, and it was stopped."),
        say("A loop that never ends, or a sleep that is far too long, keeps it going."),
        say("What must become true for the program to end?"),
    ),
    Outcome.CPU_LIMIT: Feedback(
        say("The program used up its processor time, {cpu}, and it was stopped."),
        say("A loop is executed again and again without an end."),
        say("Which loop is that, and what should end it?"),
    ),
    Outcome.PROCESS_LIMIT: Feedback(
        say("The program started more and more processes, and it was stopped."),
        say("Processes that start others which do the same multiply without end."),
        say("Which processes execute the line that starts one?"),
    ),
    Outcome.MEMORY_LIMIT: Feedback(
        say("The program took more and more memory, and it was stopped."),
        say("Something grows with each round and is never released."),
        say("What grows in your script, and when should that stop?"),
    ),
    Outcome.OUTPUT_LIMIT: Feedback(
        say("The program printed more and more, and it was stopped."),
        say("A line that prints is executed again and again without an end."),
        say("Which loop prints, and what should end it?"),
    ),
    Outcome.DISK_LIMIT: Feedback(
        say("The program wrote more and more into files, and it was stopped."),
        say("A line that writes is executed again and again without an end."),
        say("Which loop writes, and what should end it?"),
    ),
    Outcome.EVENT_LIMIT: Feedback(
        say(
            "The program printed lines, sent signals, waited or started processes far too often, "
            "and it was stopped."
        ),
        say("A line that does one of these is executed again and again without an end."),
        say("Which loop is that, and how often should it go round?"),
    ),
}


def detect_main_crashed(context: JudgeContext) -> Iterator[Detected]:
    """Main died of an exception."""
    reports = [report for report in context.tracebacks if report.process == MAIN]
    if reports and _end_with_error(context) is not None:
        yield _of_exception(reports[-1], (MAIN,), context)


def _end_with_error(context: JudgeContext) -> Ended | None:
    """The end of main, where nothing else ended the run and main did not end well."""
    if context.trace.outcome not in (Outcome.FINISHED, Outcome.CRASHED) or context.trace.stopped:
        return None
    end = questions.end_of(context.trace, MAIN)
    return None if end is None or end.exit_status == 0 else end


def detect_main_ended_early(context: JudgeContext) -> Iterator[Detected]:
    """Main died of a signal, or ended itself with an error."""
    end = _end_with_error(context)
    if end is None or any(report.process == MAIN for report in context.tracebacks):
        return
    exit_call = None if end.signal is not None else _exit_call(end.exit_status, context)
    how = how_ended(MAIN, context)
    yield Detected(
        Feedback(
            say("{how}.", how=how)
            if exit_call is None
            else say(
                "{how}. {line} did that: {call}.",
                how=how,
                line=context.line_as_subject(exit_call.place),
                call=code(ast.unparse(exit_call.node)),
            ),
            say(
                "A signal ends a process in the middle of what it does: it never comes to the rest "
                "of its lines."
            )
            if end.signal is not None
            else say("Main ended the program itself, and with an exit status that means an error."),
            say("Which line ends main, and should it?")
            if exit_call is None
            else say("Should main end there, and what is left out because of it?"),
            None if exit_call is None else exit_call.place,
        )
    )


def _exit_call(status: int | None, context: JudgeContext) -> Call | None:
    """The only call in the code that ends a program as main ended: with that exit status, or with
    the text that main printed last.
    """
    said = [
        line.text for line in context.spoken if line.by == MAIN and line.stream is Stream.STDERR
    ]
    found = []
    for call in context.code.calls:
        if call.name not in EXITS or len(call.node.args) != 1:
            continue
        value = call.node.args[0]
        if not isinstance(value, ast.Constant):
            continue
        if isinstance(value.value, str):
            matches = status == 1 and said[-1:] == [value.value]
        else:
            matches = isinstance(value.value, int) and value.value == status
        if matches:
            found.append(call)
    return found[0] if len(found) == 1 else None


def detect_child_crashed(context: JudgeContext) -> Iterator[Detected]:
    """Children that died of an exception; those that died of the same are detected once."""
    groups: dict[tuple[str, object], list[Traceback]] = {}
    for report in context.tracebacks:
        if report.process != MAIN:
            key = (report.type, report.place(context.files))
            groups.setdefault(key, []).append(report)
    for reports in groups.values():
        reports.sort(key=lambda report: report.process)
        numbers = tuple(dict.fromkeys(report.process for report in reports))
        yield _of_exception(reports[0], numbers, context)


def _of_exception(report: Traceback, numbers: tuple[int, ...], context: JudgeContext) -> Detected:
    row = explain(report)
    place = report.place(context.files) or _made_at(report.process, context)
    happened: Text = say(
        "{where}: {error}.", where=where(report, context), error=code(report.brief)
    )
    if report.type in UNREADABLE and place is not None:
        happened = unreadable(report.brief, place, context.submission)
    if len(numbers) > 1:
        happened = say(
            "{first} So did {others}.", first=happened, others=context.names(numbers[1:])
        )
    return Detected(
        replace(row.feedback(report), happened=happened, line=place),
        frozenset(numbers),
        exception=row,
    )


def _made_at(number: ProcessNumber, context: JudgeContext) -> Location | None:
    """Where the object of a child was made, for an error that no line of the script raised: the
    call of its target, say, with the wrong arguments.
    """
    if number == MAIN:
        return None
    made = context.code.construction_near(questions.process(context.trace, number).started_at)
    return None if made is None else made.place


def detect_limit(outcome: Outcome, context: JudgeContext) -> Iterator[Detected]:
    """The run was stopped at this limit."""
    if context.trace.outcome is not outcome:
        return
    limit = LIMITS[outcome]
    limits = context.exercise.run.limits
    values = {"time": seconds(context.trace.duration), "cpu": seconds(limits.cpu)}
    sleeper = _who_oversleeps(context)
    assert isinstance(limit.happened, Message)
    happened: Text = Message(limit.happened.text, values)
    feedback = limit
    if sleeper is not None:
        feedback = replace(limit, line=line_sleeping_beyond(limits.time, context))
    if sleeper is not None and context.trace.duration < limits.time / 2:
        happened = _overslept(sleeper, limits.time, context)
    else:
        found = last_activities(context)
        sentences = [each.happened for each in found if each.happened is not None]
        beside = others_waiting(context) if found else None
        for sentence in sentences if beside is None else [*sentences, beside]:
            happened = say("{told} {sentence}", told=happened, sentence=sentence)
        if found:
            feedback = found[0]
    yield Detected(feedback.saying(happened))


def _who_oversleeps(context: JudgeContext) -> ProcessNumber | None:
    """The process that was asleep when the time limit ended the run."""
    if context.trace.outcome is not Outcome.TIME_LIMIT:
        return None
    asleep = [each for each in context.trace.blocked if each.obstacle is WaitReason.SLEEP]
    return asleep[0].process if asleep else None


def _overslept(sleeper: ProcessNumber, limit: Nanoseconds, context: JudgeContext) -> Text:
    """On a real clock a run does not go on to its limit when all that is left is a sleep."""
    return say(
        "{name} was asleep and would have slept past the {limit} that the program may take. It "
        "was stopped.",
        name=context.subject(sleeper),
        limit=seconds(limit),
    )


def detect_input(context: JudgeContext) -> Iterator[Detected]:
    """The program waits for input that it is never given."""
    if context.trace.outcome is not Outcome.WAITING_FOR_INPUT or context.exercise.run.dialogue:
        return  # where lines are typed, the dialogue says how far it came
    asked = questions.every(context.trace, AskedForInput)
    who = asked[-1].by if asked else MAIN
    prompt = asked[-1].prompt if asked else ""
    happened = (
        say(
            "{name} asks {prompt} and waits for someone to type.",
            name=context.subject(who),
            prompt=quoted(prompt),
        )
        if prompt.strip()
        else say("{name} waits for someone to type.", name=context.subject(who))
    )
    yield Detected(
        Feedback(
            happened,
            say(
                "Nobody sits at the keyboard when a script is graded, and this task asks for no "
                "input."
            ),
            say("Which line asks, and could the value stand in the script instead?"),
        )
    )
