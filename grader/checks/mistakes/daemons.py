"""What beginners get wrong about daemons."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.model import Detected
from grader.checks.mistakes.waiting import gave_up_waiting
from grader.checks.relations.ended import how_ended
from grader.checks.words import code, quoted
from grader.exercise import Daemon
from grader.messages import Text, say
from grader.source.spelling import spelled
from grader.trace import MAIN, Location, Outcome, ProcessNumber, WaitTimedOut
from grader.trace.naming import seconds
from grader.trace.questions import code_end, created, ended_by, every, process


def detect_text_for_flag(context: JudgeContext) -> Iterator[Detected]:
    """``daemon='False'``: a text that is not empty is true."""
    flags = _texts_for_flag(context)
    daemons = frozenset(each.number for each in created(context.trace) if each.daemon)
    if not flags or not daemons:
        return
    text, place = flags[0]

    yield Detected(
        Feedback(
            say(
                "{line} sets `daemon` to the text {value}, and that made it a daemon.",
                line=context.line_as_subject(place),
                value=quoted(text),
            ),
            say("Every text that is not empty counts as true, whatever it says."),
            say("Which two values does Python have for yes and no, and are they texts?"),
            place,
        ),
        daemons,
    )


def _texts_for_flag(context: JudgeContext) -> list[tuple[str, Location]]:
    """The texts given as ``daemon``, by keyword or by assignment."""
    values = [(each.place.file, each.given("daemon")) for each in context.code.constructions]
    for file in context.code.files:
        for node in file.nodes(ast.Assign):
            if any(
                isinstance(target, ast.Attribute) and target.attr == "daemon"
                for target in node.targets
            ):
                values.append((file.name, node.value))
    return [
        (value.value, Location(file, value.lineno))
        for file, value in values
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value
    ]


def flag_set_too_late(told: Text, place: Location | None, context: JudgeContext) -> Text:
    """What is said of the exception that ``p.daemon = ...`` at this line raised: it comes of where
    the line stands.
    """
    for file in context.code.files:
        for node in file.nodes(ast.Assign):
            flag = node.targets[0]
            if isinstance(flag, ast.Attribute) and file.place(node) == place:
                return say(
                    "{flag} was set only after the process had been started. {told}",
                    flag=code(spelled(flag)),
                    told=told,
                )
    return told


def detect_swapped_flags(context: JudgeContext) -> Iterator[Detected]:
    """The one that should be a daemon is none, and the other way round."""
    wrong: dict[bool, ProcessNumber] = {}
    for check in context.exercise.checks:
        asked = check.parameters
        if isinstance(asked, Daemon) and asked.who not in context.roles.unresolved:
            for number in context.roles.of(asked.who):
                is_daemon = process(context.trace, number).daemon
                if is_daemon is not None and is_daemon is not asked.is_:
                    wrong[is_daemon] = number
    if len(wrong) == 2:
        yield Detected(
            Feedback(
                say(
                    "{daemon} was a daemon and {other} was not. The task asks for it the other "
                    "way round.",
                    daemon=context.subject(wrong[True]),
                    other=context.name(wrong[False]),
                ),
                say(
                    "When main's own code is over, its daemons are ended at once, wherever they "
                    "are; for its other children main waits."
                ),
                say("Which of the two is to finish its work, whatever main does?"),
                process(context.trace, wrong[True]).started_at,
            )
        )


def not_ending(context: JudgeContext) -> list[ProcessNumber]:
    """What should be a daemon and is none, so that main waits for it when its own code is over, in
    a run that was stopped meanwhile.
    """
    if context.trace.outcome is Outcome.FINISHED or code_end(context.trace, MAIN) is None:
        return []
    should = {
        number
        for check in context.exercise.checks
        if isinstance(asked := check.parameters, Daemon) and asked.is_
        if asked.who not in context.roles.unresolved
        for number in context.roles.of(asked.who)
    }
    return [
        number
        for number in sorted(should)
        if (who := process(context.trace, number)).daemon is False
        and (who.ended is None or who.killed_by_grader)
    ]


def detect_forgotten_flag(context: JudgeContext) -> Iterator[Detected]:
    """What should be a daemon is none, and main waits for it at its end without an end."""
    over = code_end(context.trace, MAIN)
    for number in not_ending(context):
        assert over is not None
        values = {"name": context.name(number), "time": seconds(over.at)}
        yield Detected(
            Feedback(
                say(
                    "{name} was not a daemon when it started. Main's code was over at {time}, main "
                    "waited for {name}, and {name} was still at work when the time limit was "
                    "reached.",
                    **values,
                )
                if context.trace.outcome is Outcome.TIME_LIMIT
                else say(
                    "{name} was not a daemon when it started. Main's code was over at {time}, main "
                    "waited for {name}, and {name} did not end.",
                    **values,
                ),
                say(
                    "When main's own code is over, its daemons are ended at once, wherever they "
                    "are; for its other children main waits."
                ),
                say(
                    "Which line says, before {name} starts, whether it is a daemon?",
                    name=context.name(number),
                ),
                process(context.trace, number).started_at,
            ),
            frozenset({number}),
        )


def detect_cut_off(context: JudgeContext) -> Iterator[Detected]:
    """A daemon is expected to finish, and main's end takes it along."""
    for each in created(context.trace):
        if ended_by(context.trace, each.number) != "shutdown":
            continue
        gave_up = [
            event
            for event in every(context.trace, WaitTimedOut)
            if event.by == MAIN and each.number in event.children
        ]
        yield Detected(
            Feedback(
                say(
                    "{how}. It was in the middle of its work.",
                    how=how_ended(each.number, context),
                ),
                say(
                    "A daemon is not waited for: as soon as main's own code is over, it is ended, "
                    "wherever it is in its work."
                ),
                say(
                    "How far does {name} get before main's code is over?",
                    name=context.name(each.number),
                ),
                each.started_at,
            )
            if not gave_up
            else gave_up_waiting(each.number, gave_up[-1], context),
            frozenset({each.number}),
            silent=all(line.by != each.number for line in context.spoken),
        )
