"""Why a run, or one of its processes, did not come to its end."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.daemons import flag_set_too_late
from grader.checks.mistakes.deadlocks import is_pool_worker
from grader.checks.mistakes.exceptions import EXCEPTIONS, explain
from grader.checks.mistakes.model import Detected
from grader.checks.mistakes.rounds import last_activities, others_waiting, uncalled_in_loop
from grader.checks.pauses import line_sleeping_beyond
from grader.checks.relations.ended import how_ended
from grader.checks.relations.outcome import UNREADABLE, unreadable, where
from grader.checks.words import code, quoted
from grader.messages import Message, Text, say
from grader.source import Call
from grader.source.code import work_of_children
from grader.source.loops import EXITS
from grader.source.spelling import spelled
from grader.trace import (
    MAIN,
    AskedForInput,
    Ended,
    Location,
    Nanoseconds,
    Outcome,
    Printed,
    ProcessNumber,
    Signalled,
    Started,
    Stream,
    WaitBegan,
    WaitedFor,
    WaitReason,
    WaitTimedOut,
    questions,
)
from grader.trace.naming import seconds
from grader.trace.tracebacks import Traceback

_OF_ANOTHERS_END = (
    *("Empty", "EOFError", "TimeoutError", "BrokenPipeError", "ConnectionResetError"),
    *("ConnectionRefusedError", "BrokenBarrierError", "BrokenProcessPool"),
)
"""Exceptions that are raised where another process does not do its part."""
_OTHER_ENCODING = "Non-UTF-8"
_MANY = 5
"""Workers of a pool that died of one and the same exception: it will not stop by itself."""
_NOT_FOUND = ("AttributeError", "ImportError", "ModuleNotFoundError")
_MODULE = re.compile(r"(?:^module|initialized module|from|named) '(\w+)")
(_SHADOWED,) = (row for row in EXCEPTIONS if row.id == "shadowed-module")
_MISSING_FILE = re.compile(r": '(.+)'$")
_LEFT_BEHIND = say(
    "A file of that name lies beside your script. When it runs, only those files are there that "
    "its code names, and no more than 5 MB in all."
)
_WHERE_NAMED = say("Where does the code write out the name of that file, or of its folder?")

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
    Outcome.THREAD_LIMIT: Feedback(
        say("The program started more and more threads, and it was stopped."),
        say("A line that starts a thread is executed again and again, and they do not end."),
        say("Which loop starts them, and what should end each of them?"),
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
    Outcome.WALL_LIMIT: Feedback(
        say("The program came to no end in the time that the grader gives any program."),
        say(
            "It does something that takes long by every clock, or it is stuck where only the "
            "operating system knows."
        ),
        say("Which of its calls could take so long, and what would have to happen first?"),
    ),
}


_TOO_OFTEN: dict[tuple[type, ...], tuple[Message, Text]] = {
    (Printed,): (
        say("The program printed line after line, {count} of them, and it was stopped."),
        say("A line that prints is executed again and again without an end."),
    ),
    (Signalled,): (
        say("The program sent signal after signal, {count} of them, and it was stopped."),
        say("A line that sends a signal is executed again and again without an end."),
    ),
    (Started,): (
        say("The program started process after process, {count} times, and it was stopped."),
        say("A line that starts a process is executed again and again without an end."),
    ),
    (WaitBegan, WaitTimedOut, WaitedFor): (
        say("The program waited again and again, {count} times, and it was stopped."),
        say("A line that waits is executed again and again without an end."),
    ),
}
"""What happened far too often, and why."""


def detect_main_crashed(context: JudgeContext) -> Iterator[Detected]:
    """Main died of an exception, or of what an exception in a child led to."""
    reports = _deadly_to_main(context)
    if not reports or (_end_with_error(context) is None and not _in_vain_shutdown(context)):
        return
    last = reports[-1]
    before = [each for each in _deadly(context) if each.process != MAIN and each.at <= last.at]
    if before and _may_follow(last, context):
        first = _of_exception(before[0], (before[0].process,), context)
        assert first.feedback.happened is not None
        place = last.place(context.files)
        values = {"first": first.feedback.happened, "error": code(last.brief)}
        happened = (
            say("{first} Then main stopped, too: {error}.", **values)
            if place is None
            else say(
                "{first} Then main stopped at {line}, too: {error}.",
                line=context.line(place),
                **values,
            )
        )
        numbers = frozenset({MAIN, before[0].process})
        yield replace(first, feedback=first.feedback.saying(happened), processes=numbers)
        return
    yield _of_exception(last, (MAIN,), context)


def _deadly_to_main(context: JudgeContext) -> list[Traceback]:
    """Those that ended main itself, and not a thread of its."""
    return [each for each in _deadly(context) if each.process == MAIN and each.thread is None]


def _in_vain_shutdown(context: JudgeContext) -> bool:
    """Whether an exception had ended main's code when the run stood still or came to a limit: main
    waited for its children.
    """
    over = questions.code_end(context.trace, MAIN)
    reports = _deadly_to_main(context)
    return (
        over is not None
        and context.trace.outcome not in (Outcome.FINISHED, Outcome.CRASHED)
        and bool(reports)
        and all(
            line.at <= reports[-1].at
            for line in context.spoken
            if line.by == MAIN and line.at <= over.at
        )
    )


def _deadly(context: JudgeContext) -> list[Traceback]:
    """The exceptions of which a process died. What was put into a queue and could not be sent is
    reported likewise, and the process goes on.
    """
    return [report for report in context.tracebacks if not report.of_feeder]


def _may_follow(report: Traceback, context: JudgeContext) -> bool:
    """Whether an exception is one that comes of the end of another process: nothing came from it,
    or the script asked how it ended.
    """
    if report.type in _OF_ANOTHERS_END:
        return True
    place = report.place(context.files)
    for file in context.code.files:
        for node in file.nodes(ast.If):
            asks = any(
                isinstance(each, ast.Attribute) and each.attr == "exitcode"
                for each in ast.walk(node.test)
            )
            raises = (each for each in ast.walk(node) if isinstance(each, ast.Raise))
            if asks and any(file.place(each) == place for each in raises):
                return True
    return False


def _end_with_error(context: JudgeContext) -> Ended | None:
    """The end of main, where nothing else ended the run and main did not end well."""
    if context.trace.outcome not in (Outcome.FINISHED, Outcome.CRASHED) or context.trace.stopped:
        return None
    end = questions.end_of(context.trace, MAIN)
    return None if end is None or end.exit_status == 0 else end


def detect_main_ended_early(context: JudgeContext) -> Iterator[Detected]:
    """Main died of a signal, or ended itself with an error."""
    end = _end_with_error(context)
    if end is None or any(report.process == MAIN for report in _deadly(context)):
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
                call=code(spelled(exit_call.node)),
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
    childs = {
        id(node)
        for file in context.code.files
        for work in work_of_children(file, context.code)
        for node in ast.walk(work)
    }
    found = []
    for call in context.code.calls:
        if call.name not in EXITS or len(call.node.args) != 1:
            continue
        if id(call.node) in childs:
            continue
        if not isinstance(call.node.args[0], ast.Constant):
            return None  # it may be this one
        value = call.node.args[0]
        assert isinstance(value, ast.Constant)
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
    for report in _deadly(context):
        if report.process != MAIN:
            key = (report.type, report.place(context.files))
            groups.setdefault(key, []).append(report)
    for reports in groups.values():
        reports.sort(key=lambda report: report.process)
        numbers = tuple(dict.fromkeys(report.process for report in reports))
        detected = _of_exception(reports[0], numbers, context)
        if context.trace.outcome is Outcome.DEADLOCK:
            in_vain = {each.process for each in context.trace.blocked}
            detected = replace(detected, processes=detected.processes | in_vain)
        yield detected


def detect_dying_workers(context: JudgeContext) -> Iterator[Detected]:
    """Each worker of a pool dies of the same exception, and the pool starts others for ever."""
    if context.trace.outcome not in LIMITS:
        return
    for detected in detect_child_crashed(context):
        feedback = detected.feedback
        numbers = sorted(detected.processes)
        if len(numbers) < _MANY or not all(is_pool_worker(each, context) for each in numbers):
            continue
        first = next(each for each in _deadly(context) if each.process == numbers[0])
        yield Detected(
            Feedback(
                say(
                    "Each worker of the pool stopped with an error, the first one at {line}: "
                    "{error}. The pool started others in their place, and all was stopped.",
                    line=context.line(feedback.line),
                    error=code(first.brief),
                )
                if feedback.line is not None
                else say(
                    "Each worker of the pool stopped with an error: {error}. The pool started "
                    "others in their place, and all was stopped.",
                    error=code(first.brief),
                ),
                say(
                    "A pool starts a new worker for each that ends. Where all of them fail before "
                    "their first task, that never stops."
                ),
                say("What does each worker do before its first task, and why does that fail?"),
                feedback.line,
            ),
            detected.processes,
        )
        return


def _of_exception(report: Traceback, numbers: tuple[int, ...], context: JudgeContext) -> Detected:
    row = _SHADOWED if _comes_from_a_namesake(report, context) else explain(report)
    place = report.place(context.files) or _made_at(report.process, context)
    happened: Text = say(
        "{where}: {error}.", where=where(report, context), error=code(report.brief)
    )
    remote = report.context
    origin = remote.place(context.files) if remote is not None and remote.is_remote else None
    if origin is not None:
        place = origin
        line = context.line(origin)
        happened = say(
            "{told} It was raised in a worker of the pool, at {line}.", told=happened, line=line
        )
    if report.is_too_deep:
        happened = say("Python cannot compile the script: {error}.", error=code(report.brief))
    elif report.type in UNREADABLE and place is not None:
        happened = unreadable(report.brief, place, context.submission)
    elif report.type in UNREADABLE and _OTHER_ENCODING in report.message:
        place = _line_of_no_text(context)
        if place is not None:
            happened = say("Python cannot read {line}: it is not UTF-8.", line=context.line(place))
    elif row.id == "daemon-set-after-start":
        happened = flag_set_too_late(happened, place, context)
    feedback = row.feedback(report)
    missing = _MISSING_FILE.search(report.message) if report.type == "FileNotFoundError" else None
    left = {PurePath(name).name for name in context.submission.left_behind}
    if missing is not None and PurePath(missing[1]).name in left:
        feedback = replace(feedback, why=_LEFT_BEHIND, next=_WHERE_NAMED)
    if len(numbers) > 1:
        others = context.names(numbers[1:])
        happened = say("{first} So did {others}.", first=happened, others=others)
    sleeper = _who_oversleeps(context) if MAIN in numbers else None
    if sleeper is not None:
        slept = _overslept(sleeper, context.exercise.run.limits.time, context)
        happened = say("{told} {sentence}", told=happened, sentence=slept)
    feedback = replace(feedback, happened=happened, line=place)
    return Detected(feedback, frozenset(numbers), exception=row)


def _comes_from_a_namesake(report: Traceback, context: JudgeContext) -> bool:
    """Whether something was not found in a module of the library's for which Python took a file of
    the submission.
    """
    asked = _MODULE.search(report.message) if report.type in _NOT_FOUND else None
    own = {PurePath(name).parts[0].partition(".")[0] for name in context.files}
    return asked is not None and asked[1] in own & sys.stdlib_module_names


def _line_of_no_text(context: JudgeContext) -> Location | None:
    """The first line of the script that is not UTF-8."""
    script = context.submission.script
    for number, line in enumerate(script.content.split(b"\n"), 1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return Location(script.name, number)
    return None


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
    too_much = _what_was_too_much(context) if outcome is Outcome.EVENT_LIMIT else None
    if too_much is not None:
        happened, why = too_much
        limit = replace(limit, why=why)
    feedback = limit
    if sleeper is not None:
        feedback = replace(limit, line=line_sleeping_beyond(limits.time, context))
    if sleeper is not None and context.trace.duration < limits.time / 2:
        happened = _overslept(sleeper, limits.time, context)
    else:
        uncalled = uncalled_in_loop(context)
        found = last_activities(context) if uncalled is None else (uncalled,)
        sentences = [each.happened for each in found if each.happened is not None]
        beside = others_waiting(context) if found else None
        if beside is not None:
            happened = say("{told} {sentence}", told=happened, sentence=beside)
        for sentence in reversed(sentences):
            happened = say("{told} {sentence}", told=sentence, sentence=happened)
        if found:
            feedback = found[0]
    yield Detected(feedback.saying(happened))


def _what_was_too_much(context: JudgeContext) -> tuple[Text, Text] | None:
    """What the program did far too often, and why, where most of what it did was of one kind."""
    counts = Counter(type(event) for event in context.trace.events)
    for kinds, (sentence, why) in _TOO_OFTEN.items():
        count = sum(counts[kind] for kind in kinds)
        if 2 * count >= len(context.trace.events):
            return Message(sentence.text, {"count": count}), why
    return None


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
