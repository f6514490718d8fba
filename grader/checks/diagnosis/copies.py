"""What beginners get wrong about memory: each process has a copy of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Union

from grader.checks.diagnosis.model import Diagnosis, unfinished
from grader.checks.feedback import Feedback
from grader.checks.scene import Scene
from grader.checks.words import code, quoted
from grader.messages import say
from grader.source import Code, CodeFile
from grader.trace import MAIN, Location, Outcome, Printed, WaitReason
from grader.trace.naming import seconds

_Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def of_global_set_in_child(scene: Scene) -> Iterator[Diagnosis]:
    """A child sets a global, and main looks at its own."""
    if not scene.children:
        return
    for file in scene.code.files:
        for function in work_of_children(file, scene.code):
            for name, place in _globals_set_in(function, file):
                yield Diagnosis(
                    "global-in-child",
                    Feedback(
                        say(
                            "{line} sets {variable}, and that is done in the child: {child} has a "
                            "{variable} of its own. Main's stays as it was.",
                            line=scene.line_as_subject(place),
                            variable=code(name),
                            child=scene.name(scene.children[0]),
                        ),
                        say(
                            "A child gets a copy of everything when it is made. From then on "
                            "nobody sees what the other one does with it."
                        ),
                        say("In which way could a value get from the child to main?"),
                        place,
                    ),
                    lambda check, verdict: (
                        check.relation in ("prints", "order") and MAIN in verdict.about
                    ),
                    ("prints",),
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


def of_copied_output(scene: Scene) -> Iterator[Diagnosis]:
    """``os.fork()`` while a text that was printed has not been sent yet."""
    forks = scene.code.calls_named("os.fork")
    twins = _printed_by_two(scene)
    if not forks or twins is None:
        return
    first, second = twins
    yield Diagnosis(
        "output-copied",
        Feedback(
            say(
                "{first} printed {line}, and so did {second}, though only one of them came to that "
                "`print`.",
                line=quoted(first.text),
                first=scene.subject(first.by),
                second=scene.name(second.by),
            ),
            say(
                "`print` keeps its text in a buffer, and sends it later: at a line's end on a "
                "screen, when the buffer is full otherwise. `os.fork` ({place}) copies the process "
                "with all that it has not sent yet.",
                place=scene.line(forks[0].place),
            ),
            say("What stands in the buffer at that line, and how could it be sent before?"),
            forks[0].place,
        ),
        lambda check, verdict: (
            check.relation == "prints" and bool(verdict.about & {first.by, second.by})
        ),
        ("prints",),
    )


def _printed_by_two(scene: Scene) -> tuple[Printed, Printed] | None:
    """Two lines with the same beginning, by main and by a process that main forked."""
    own = [line for line in scene.spoken if line.by == MAIN and line.text]
    for line in scene.spoken:
        if line.by in scene.children:
            for other in own:
                if line.text.startswith(other.text[:3]) and len(other.text) >= 3:
                    return other, line
    return None


def of_full_queue(scene: Scene) -> Iterator[Diagnosis]:
    """``join()`` before a queue is read that the child has filled."""
    if scene.trace.outcome is not Outcome.DEADLOCK:
        return
    writers = {
        each.process: each
        for each in scene.trace.blocked
        if each.writing and each.obstacle is WaitReason.PIPE
    }
    for waiter in scene.trace.blocked:
        if waiter.obstacle is not WaitReason.CHILD:
            continue
        stuck = [number for number in waiter.waiting_for if number in writers]
        if not stuck:
            continue
        values = {"waiter": scene.subject(waiter.process), "name": scene.name(stuck[0])}
        yield Diagnosis(
            "queue-not-read",
            Feedback(
                say(
                    "{waiter} waits for the end of {name}, and {name} waits until somebody reads "
                    "what it has put into its queue. Both stand still from {time} on.",
                    time=seconds(scene.trace.duration),
                    **values,
                )
                if waiter.line is None
                else say(
                    "{waiter} waits for the end of {name} ({line}), and {name} waits until "
                    "somebody reads what it has put into its queue. Both stand still from {time} "
                    "on.",
                    line=scene.line(waiter.line),
                    time=seconds(scene.trace.duration),
                    **values,
                ),
                say(
                    "A queue that was made for only so many takes no more of them until some are "
                    "taken out. Whoever has more to put in cannot end before that."
                )
                if writers[stuck[0]].made is not None
                else say(
                    "Only a little fits between two processes. Whoever has put more into a queue "
                    "cannot end before it is read. With little data it works, and that is luck."
                ),
                say(
                    "What does {waiter} do after its wait that {name} needs before?",
                    waiter=scene.name(waiter.process),
                    name=scene.name(stuck[0]),
                ),
                waiter.line,
            ),
            unfinished,
            ("clean",),
        )
        return
