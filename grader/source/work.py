"""What the code says of whose work a function is."""

from __future__ import annotations

import ast
from typing import Union

from grader.source.code import Code, CodeFile

Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def work_of_children(file: CodeFile, source: Code) -> list[Definition]:
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
