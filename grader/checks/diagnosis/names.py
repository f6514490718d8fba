"""What beginners get wrong about the names of processes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.checks.diagnosis.model import Diagnosis
from grader.checks.feedback import Feedback
from grader.checks.scene import Scene
from grader.messages import say
from grader.trace import Location


def of_overwritten_name(scene: Scene) -> Iterator[Diagnosis]:
    """``self.name`` is set before ``super().__init__()``, which sets it once more."""
    classes = {each.name for each in scene.code.process_classes}
    for file in scene.code.files:
        for node in file.nodes(ast.ClassDef):
            if node.name not in classes:
                continue
            lines = _name_before_init(node)
            if lines is None:
                continue
            place = Location(file.name, lines[0])
            yield Diagnosis(
                "name-overwritten",
                Feedback(
                    say(
                        "{line} sets the name, and {later} calls the `__init__` of `Process`, "
                        "which sets it once more.",
                        line=scene.line_as_subject(place),
                        later=scene.line(Location(file.name, lines[1])),
                    ),
                    say(
                        "The `__init__` of `Process` makes up a name such as `{name}-1` if it is "
                        "given none. What was set before is lost, and Python says nothing about "
                        "it.",
                        name=node.name,
                    ),
                    say("Which of the two lines has the last word now, and which should have it?"),
                    place,
                ),
                lambda check, _: check.relation in ("named", "prints"),
                ("named",),
            )
            return


def _name_before_init(node: ast.ClassDef) -> tuple[int, int] | None:
    """The lines of an assignment to ``self.name`` and of the base's ``__init__`` after it that
    is given no name.
    """
    for method in node.body:
        if not isinstance(method, ast.FunctionDef) or method.name != "__init__":
            continue
        assigned = [
            each.lineno
            for each in ast.walk(method)
            if isinstance(each, ast.Attribute)
            and each.attr == "name"
            and isinstance(each.ctx, ast.Store)
        ]
        base = [
            each.lineno
            for each in ast.walk(method)
            if isinstance(each, ast.Call)
            and isinstance(each.func, ast.Attribute)
            and each.func.attr == "__init__"
            and not any(keyword.arg in ("name", None) for keyword in each.keywords)
        ]
        if assigned and base and max(assigned) < min(base):
            return assigned[0], base[0]
    return None
