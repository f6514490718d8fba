"""``raises`` and ``clean``: how a run ended, and what it left behind."""

from __future__ import annotations

from grader.checks.context import JudgeContext, numbers_of
from grader.checks.registry import Concern, judges
from grader.checks.relations.ended import how_ended
from grader.checks.verdict import Verdict, failed, passed
from grader.checks.words import code
from grader.exercise import parse_pattern
from grader.exercise.relations.program import Clean, Raises
from grader.messages import Text, say
from grader.submission import Submission
from grader.trace import MAIN, Location, Outcome, Process, Signalled, StartMethod
from grader.trace.naming import line_of
from grader.trace.questions import created, main_of, survivors
from grader.trace.tracebacks import Traceback

UNREADABLE = ("SyntaxError", "IndentationError", "TabError")
"""What Python raises about a file that it cannot read."""
ENDS_ITS_THREAD = say(
    "An uncaught exception in a thread ends that thread on the spot, and no other: "
    "the process goes on without what it had still to do."
)
"""Why an exception in a thread is not the end of its process."""


@judges(Raises, Concern.BEHAVIOUR)
def judge_raises(wanted: Raises, context: JudgeContext) -> Verdict:
    """Whether that exception was reported, by whom it should be."""
    pattern = parse_pattern(wanted.text)
    members = context.roles.of(wanted.in_)
    own = [report for report in context.tracebacks if report.process in members]
    if any(pattern.match(report.brief) for report in own):
        return passed()
    others = [report for report in context.tracebacks if pattern.match(report.brief)]
    if others:
        happened = say(
            "It was raised in {other}: {error}.",
            other=context.name(others[0].process),
            error=code(others[0].brief),
        )
    elif own:
        happened = say(
            "{name} stopped with another error: {error}.",
            name=context.subject(own[0].process),
            error=code(own[0].brief),
        )
    else:
        happened = say("No process stopped with the error {error}.", error=code(wanted.text))
    return failed(
        happened,
        why=say("An uncaught exception ends the process in which it is raised, and only that one."),
        next=say("Which line is to raise it, and which process comes to that line?"),
        about=members,
        missing=not others,
    )


def where(report: Traceback, context: JudgeContext) -> Text:
    """``main stopped at line 9``, or without the line where none is the student's."""
    place = report.place(context.files)
    if report.thread is not None:
        name, thread = context.name(report.process), code(report.thread)
        if place is None:
            return say(
                "The thread {thread} of {name} stopped with an error", thread=thread, name=name
            )
        return say(
            "The thread {thread} of {name} stopped with an error at {line}",
            thread=thread,
            name=name,
            line=context.line(place),
        )
    name = context.subject(report.process)
    if place is None:
        return say("{name} stopped with an error", name=name)
    return say("{name} stopped with an error at {line}", name=name, line=context.line(place))


def unreadable(error: str, place: Location, submission: Submission) -> Text:
    """That Python cannot read a line: the line, and what Python says about it."""
    line = line_of(place, submission.script.name)
    text = _source_line(place, submission)
    if text:
        return say(
            "Python cannot read {line}, {code}: {error}.",
            line=line,
            code=code(text),
            error=code(error),
        )
    return say("Python cannot read {line}: {error}.", line=line, error=code(error))


def _source_line(place: Location, submission: Submission) -> str:
    """What stands in that line; empty where the file cannot even be decoded."""
    for file in submission.files:
        if file.name == place.file:
            lines = file.content.decode("utf-8", "replace").splitlines()
            return lines[place.line - 1].strip() if place.line <= len(lines) else ""
    return ""


@judges(Clean, Concern.PROGRAM_END)
def judge_clean(_: Clean, context: JudgeContext) -> Verdict:
    """Whether no process died of an exception or outlives main, and all exit with 0."""
    if context.tracebacks:
        report = context.tracebacks[0]
        return failed(
            say(
                "{where}: {error}.",
                where=where(report, context),
                error=code(report.brief),
            ),
            why=say("An uncaught exception ends its process on the spot.")
            if report.thread is None
            else ENDS_ITS_THREAD,
            next=say("What was the value of each name in that line just then?"),
            line=report.place(context.files),
            about=[report.process],
            missing=True,
        )
    if context.trace.stopped:
        return passed(say("It was still serving when it was stopped, which is fine."))
    main = main_of(context.trace)
    if (
        main is None
        or main.ended is None
        or context.trace.outcome not in (Outcome.FINISHED, Outcome.CRASHED)
    ):
        return failed(
            say("The program did not come to its end."),
            why=say("Something keeps it from going on."),
            next=say("At which line is each process when nothing moves any more?"),
            about=[MAIN],
            missing=True,
        )
    if main.exit_status != 0:
        return failed(
            say("{how}.", how=how_ended(MAIN, context)),
            why=say("With exit status 0 a program says that it ended well."),
            next=say("Which line ends the program?"),
            about=[MAIN],
            missing=True,
        )
    unwell = _ended_unwell(context)
    if unwell is not None:
        return failed(
            say("{how}.", how=how_ended(unwell.number, context)),
            why=say(
                "With exit status 0 a process says that it ended well. `sys.exit(1)`, an uncaught "
                "error and a crash of the interpreter say the opposite."
            ),
            next=say(
                "Which line of {name} was the last, and how did it end there?",
                name=context.name(unwell.number),
            ),
            about=[unwell.number],
            missing=True,
        )
    left = survivors(context.trace)
    if left:
        creators = {each.creator for each in left if each.creator is not None}
        names = context.names(numbers_of(left))
        return failed(
            say("Main had ended, and still alive: {names}.", names=names)
            if creators == {MAIN}
            else say(
                "Main had ended, and still alive: {names}, started by {creators}.",
                names=names,
                creators=context.names(sorted(creators)),
            ),
            why=say("A program is over when all of its processes are."),
            next=say("Who ends them, or waits for them?"),
            about=numbers_of(left),
        )
    return passed()


def _ended_unwell(context: JudgeContext) -> Process | None:
    """The first process of the script's own that ended with an error. One that was sent a signal
    by another may say so by its exit status, and other programs say by theirs what they like.
    """
    signalled = {
        event.target
        for event in context.trace.events
        if isinstance(event, Signalled) and event.signal and event.by != event.target
    }
    return next(
        (
            each
            for each in created(context.trace)
            if each.start_method is not StartMethod.SUBPROCESS
            and each.number not in signalled
            and not each.killed_by_grader
            and (each.exit_status or (each.signal is not None and each.ended is not None))
        ),
        None,
    )
