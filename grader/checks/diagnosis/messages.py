"""A message of a child taken for its end."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.checks.diagnosis.copies import work_of_children
from grader.checks.diagnosis.model import Diagnosis
from grader.checks.diagnosis.waits import TOLD_BY, lack_of_wait, unwaited_children
from grader.checks.feedback import Feedback
from grader.checks.scene import Scene
from grader.checks.words import code
from grader.messages import say
from grader.source import CodeFile
from grader.trace import Location

_CHANNELS = frozenset(
    f"multiprocessing.{name}" for name in ("Queue", "SimpleQueue", "JoinableQueue", "Pipe")
)


def of_message_for_end(scene: Scene) -> Iterator[Diagnosis]:
    """Main waits by reading what the child puts into a queue or a pipe."""
    unwaited = unwaited_children(scene)
    read = next((each for file in scene.code.files for each in _read_by_main(file, scene)), None)
    if not unwaited or read is None:
        return
    text, place = read
    last = max(unwaited, key=lambda each: scene.end(each.number))
    yield Diagnosis(
        "message-for-end",
        Feedback(
            None,
            say(
                "{call} ({line}) waits for a message. A message says how far the child has come; "
                "afterwards it may still be at work, and it has not ended.",
                call=code(text),
                line=scene.line(place),
            ),
            say(
                "What is left for {name} to do after its message, and who waits for that?",
                name=scene.name(last.number),
            ),
            place,
        ),
        lack_of_wait([each.number for each in unwaited]),
        TOLD_BY,
    )


def _read_by_main(file: CodeFile, scene: Scene) -> Iterator[tuple[str, Location]]:
    """Where code that is no child's work reads from a queue or a pipe, and what stands there."""
    channels = {
        name.id
        for node in file.nodes(ast.Assign)
        if isinstance(node.value, ast.Call) and file.resolve(node.value.func) in _CHANNELS
        for target in node.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    }
    childs = {id(node) for work in work_of_children(file, scene.code) for node in ast.walk(work)}
    for call in file.calls:
        function = call.node.func
        if (
            id(call.node) not in childs
            and isinstance(function, ast.Attribute)
            and function.attr in ("get", "recv")
            and isinstance(function.value, ast.Name)
            and function.value.id in channels
        ):
            yield ast.unparse(function), call.place
