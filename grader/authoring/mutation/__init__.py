"""Mutants of a script: the script with one mistake each, of all kinds that students make."""

from __future__ import annotations

import ast
import difflib
from collections import Counter
from dataclasses import dataclass

from grader.authoring.mutation import general, processes, sharing
from grader.authoring.mutation.code import OPERATORS, Code, Operator

__all__ = ["OPERATORS", "Mutant", "Operator", "general", "mutants", "processes", "sharing"]


@dataclass(frozen=True)
class Mutant:
    """A script with one mistake. ``name`` is its operator and the line, as in ``join-dropped:14``;
    further ones in the same line end in ``.2`` and so on.
    """

    name: str
    operator: str
    line: int
    content: bytes
    diff: str
    """The lines that were taken out, after ``-``, and those that came in, after ``+``."""


def mutants(content: bytes) -> list[Mutant]:
    """All mutants of a script, by line; of those that are the same program, the first.

    Raises:
        libcst.ParserSyntaxError: it is not Python.
    """
    code = Code(content)
    known = {ast.dump(ast.parse(content))}
    found: list[Mutant] = []
    names = Counter[str]()
    for operator in OPERATORS.values():
        for node, module in operator.edits(code):
            program = ast.dump(ast.parse(module.code))
            if program in known:
                continue
            known.add(program)
            line = code.line(node)
            name = f"{operator.name}:{line}"
            names[name] += 1
            if names[name] > 1:
                name += f".{names[name]}"
            before, after = code.module.code.splitlines(), module.code.splitlines()
            hunks = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
            diff = "\n".join(each for each in hunks if not each.startswith("@@"))
            found.append(Mutant(name, operator.name, line, module.bytes, diff))
    return sorted(found, key=lambda each: each.line)
