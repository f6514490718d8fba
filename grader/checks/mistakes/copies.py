"""What beginners get wrong about memory: each process has a copy of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Union

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.model import Detected
from grader.checks.words import code, quoted
from grader.messages import say
from grader.source import Code, CodeFile
from grader.trace import MAIN, Location, Outcome, Printed, WaitReason
from grader.trace.naming import seconds

_Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def detect_global_set_in_child(context: JudgeContext) -> Iterator[Detected]:
    """A child sets a global, and main looks at its own."""
    if not context.children:
        return
    for file in context.code.files:
        for function in work_of_children(file, context.code):
            for name, place in _globals_set_in(function, file):
                yield Detected(
                    Feedback(
                        say(
                            "{line} sets {variable}, and that is done in the child: {child} has a "
                            "{variable} of its own. Main's stays as it was.",
                            line=context.line_as_subject(place),
                            variable=code(name),
                            child=context.name(context.children[0]),
                        ),
                        say(
                            "A child gets a copy of everything when it is created. From then on, "
                            "neither process sees what the other does with its copy."
                        ),
                        say("How could a value get from the child to main?"),
                        place,
                    ),
                    frozenset({MAIN}),
                )
                return


def work_of_children(file: CodeFile, source: Code) -> list[_Definition]:
    """The functions that are targets, the ``run`` of process classes, and what these call."""
    functions = {node.name: node for node in file.nodes(ast.FunctionDef, ast.AsyncFunctionDef)}
    targets = (each.given("target") for each in source.constructions)
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if any("run" in each.methods for each in source.process_classes):
        names.append("run")
    work = [functions[name] for name in names if name in functions]
    for function in work:
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called = functions.get(node.func.id)
                if called is not None and called not in work:
                    work.append(called)
    return work


def _globals_set_in(function: _Definition, file: CodeFile) -> Iterator[tuple[str, Location]]:
    declared = {
        name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in declared:
            yield node.id, file.place(node)


def detect_copied_output(context: JudgeContext) -> Iterator[Detected]:
    """``os.fork()`` while a text that was printed has not been sent yet."""
    forks = context.code.calls_named("os.fork")
    twins = _printed_by_two(context)
    if not forks or twins is None:
        return
    first, second = twins
    yield Detected(
        Feedback(
            say(
                "{first} printed {line}, and so did {second}, though only one of them came to that "
                "`print`.",
                line=quoted(first.text),
                first=context.subject(first.by),
                second=context.name(second.by),
            ),
            say(
                "`print` keeps its text in a buffer, and sends it later: at a line's end on a "
                "screen, when the buffer is full otherwise. `os.fork` ({place}) copies the process "
                "with all that it has not sent yet.",
                place=context.line(forks[0].place),
            ),
            say("What stands in the buffer at that line, and how could it be sent before?"),
            forks[0].place,
        ),
        frozenset({first.by, second.by}),
    )


def _printed_by_two(context: JudgeContext) -> tuple[Printed, Printed] | None:
    """Two lines with the same beginning, by main and by a process that main forked."""
    own = [line for line in context.spoken if line.by == MAIN and line.text]
    for line in context.spoken:
        if line.by in context.children:
            for other in own:
                if line.text.startswith(other.text[:3]) and len(other.text) >= 3:
                    return other, line
    return None


def detect_full_queue(context: JudgeContext) -> Iterator[Detected]:
    """``join()`` before a queue is read that the child has filled."""
    if context.trace.outcome is not Outcome.DEADLOCK:
        return
    writers = {
        each.process: each
        for each in context.trace.blocked
        if each.writing and each.obstacle is WaitReason.PIPE
    }
    for waiter in context.trace.blocked:
        if waiter.obstacle is not WaitReason.CHILD:
            continue
        stuck = [number for number in waiter.waiting_for if number in writers]
        if not stuck:
            continue
        values = {"waiter": context.subject(waiter.process), "name": context.name(stuck[0])}
        yield Detected(
            Feedback(
                say(
                    "{waiter} waits for the end of {name}, and {name} waits until what it has put "
                    "into its queue is read. Both stand still from {time} on.",
                    time=seconds(context.trace.duration),
                    **values,
                )
                if waiter.line is None
                else say(
                    "{waiter} waits for the end of {name} ({line}), and {name} waits until what "
                    "it has put into its queue is read. Both stand still from {time} on.",
                    line=context.line(waiter.line),
                    time=seconds(context.trace.duration),
                    **values,
                ),
                say(
                    "A queue with a maximum size takes nothing more when it is full, until "
                    "something is taken out. A process that still has something to put in cannot "
                    "end before that."
                )
                if writers[stuck[0]].made is not None
                else say(
                    "Only a little fits between two processes. A process that has put more into a "
                    "queue cannot end before it is read. With little data it works, and that is "
                    "luck."
                ),
                say(
                    "What does {waiter} do after its wait that {name} needs before?",
                    waiter=context.name(waiter.process),
                    name=context.name(stuck[0]),
                ),
                waiter.line,
            )
        )
        return
