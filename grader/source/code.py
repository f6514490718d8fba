"""What a submission's code defines, calls and names, with its imports resolved.

Used where behaviour cannot show it, and to find the line that explains a behaviour.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Union

from grader.source.index import Index
from grader.source.reading import parse
from grader.submission import Submission
from grader.trace import Location, Nanoseconds

PROCESS = "multiprocessing.Process"
PROCESS_METHODS = frozenset({"start", "run", "join", "terminate", "kill", "is_alive", "close"})
_CONTEXT = "multiprocessing.get_context"
_MODULES = ("asyncio", "os.path", "subprocess", "threading")
"""Modules with functions that are called like methods of Process."""
_SAME = {"multiprocessing.pool.Pool": "multiprocessing.Pool"}
"""Longer names of what the public name stands for."""
_PROCESS_PARAMETERS = ("group", "target", "name", "args", "kwargs")
_NS_PER_S = 10**9


@dataclass(frozen=True)
class Call:
    """A call in the code. ``name`` is dotted and resolved, such as ``multiprocessing.Process``
    or ``p.start``; None where what is called has no name.

    ``at_import`` says that it is made when the file is imported: outside every function and
    not under ``if __name__ == "__main__":``.
    """

    name: str | None
    place: Location
    node: ast.Call
    at_import: bool


@dataclass(frozen=True)
class Construction:
    """A ``Process(...)``, or that of a subclass (``own_class``), with what is given to it."""

    place: Location
    node: ast.Call
    own_class: bool

    def given(self, parameter: str) -> ast.expr | None:
        """The expression that is given as ``target``, ``args``, ``daemon``...: by keyword or by
        place. None where there is none.
        """
        for keyword in self.node.keywords:
            if keyword.arg == parameter:
                return keyword.value
        if self.own_class or parameter not in _PROCESS_PARAMETERS:
            return None
        index = _PROCESS_PARAMETERS.index(parameter)
        return self.node.args[index] if index < len(self.node.args) else None


@dataclass(frozen=True)
class Class:
    """A class with its bases, resolved, and the methods it defines itself."""

    name: str
    place: Location
    bases: tuple[str, ...]
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Mention:
    """A method that is named but not called: ``p.start`` alone on its line, or
    ``if p.is_alive:``. ``owner`` is the expression before the dot.
    """

    owner: str
    method: str
    place: Location


class CodeFile(Index):
    """One file's syntax tree and what its names stand for. ``name`` is that of the file."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        super().__init__(tree)
        self.name = name
        self.tree = tree
        self._stars: list[str] = []
        self._meaning: dict[str, str] = {}
        for node in self.nodes(ast.Import, ast.ImportFrom, ast.Assign):
            self._learn(node)

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    self._meaning[alias.asname] = alias.name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                if alias.name == "*":
                    self._stars.append(node.module or "")
                else:
                    name = f"{node.module}.{alias.name}"
                    self._meaning[alias.asname or alias.name] = _SAME.get(name, name)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._learn_assignment(node.targets[0], node.value)

    def _learn_assignment(self, target: ast.expr, value: ast.expr) -> None:
        """``P = multiprocessing.Process``, ``P = Process``, ``ctx = get_context("spawn")``."""
        if not isinstance(target, ast.Name):
            return
        if isinstance(value, ast.Call) and self.resolve(value.func) == _CONTEXT:
            self._meaning[target.id] = "multiprocessing"
        elif isinstance(value, (ast.Attribute, ast.Name)):
            meaning = self.resolve(value)
            if meaning is not None and meaning.startswith("multiprocessing."):
                self._meaning[target.id] = meaning

    def resolve(self, expression: ast.expr) -> str | None:
        """The dotted name of an expression after its imports; None if it is not a name."""
        if isinstance(expression, ast.Attribute):
            owner = self.resolve(expression.value)
            name = f"{owner}.{expression.attr}"
            return None if owner is None else _SAME.get(name, name)
        if isinstance(expression, ast.Call) and self.resolve(expression.func) == _CONTEXT:
            return "multiprocessing"
        if not isinstance(expression, ast.Name):
            return None
        name = expression.id
        if name in self._meaning:
            return self._meaning[name]
        if name == "Process" and "multiprocessing" in self._stars:
            return PROCESS
        return name

    def place(self, node: ast.AST) -> Location:
        """Where a node begins."""
        return Location(self.name, getattr(node, "lineno", 1))

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every call, in the order of the lines."""
        found = [
            Call(self.resolve(node.func), self.place(node), node, self.runs_at_import(node))
            for node in self.nodes(ast.Call)
        ]
        return tuple(sorted(found, key=lambda call: call.place.line))

    @cached_property
    def classes(self) -> tuple[Class, ...]:
        """Every class, wherever it is defined."""
        return tuple(
            Class(
                node.name,
                self.place(node),
                tuple(name for base in node.bases if (name := self.resolve(base)) is not None),
                tuple(each.name for each in node.body if isinstance(each, ast.FunctionDef)),
            )
            for node in self.nodes(ast.ClassDef)
        )

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The names of the functions defined outside classes."""
        return tuple(
            node.name
            for node in self.nodes(ast.FunctionDef, ast.AsyncFunctionDef)
            if not isinstance(self.parent(node), ast.ClassDef)
        )

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """Methods of processes that are named where a call was surely meant."""
        found = []
        for node in self.nodes(ast.Expr, ast.If, ast.While, ast.ListComp, ast.Call):
            if isinstance(node, ast.Expr):
                stands_alone = [node.value]
            elif isinstance(node, (ast.If, ast.While)):
                test = node.test
                stands_alone = [test.operand if isinstance(test, ast.UnaryOp) else test]
            elif isinstance(node, ast.ListComp):
                stands_alone = [node.elt]
            elif isinstance(node, ast.Call) and self.resolve(node.func) == "print":
                stands_alone = [*node.args, *_shown_in_texts(node.args)]
            else:
                continue
            for expression in stands_alone:
                if isinstance(expression, ast.Attribute) and expression.attr in PROCESS_METHODS:
                    owner = ast.unparse(expression.value)
                    found.append(Mention(owner, expression.attr, self.place(expression)))
        return tuple(sorted(found, key=lambda mention: mention.place.line))


class Code:
    """All of a submission's code. ``unreadable`` are the names of the files that the grader's
    own interpreter could not parse; a newer Python may know their syntax.
    """

    def __init__(self, submission: Submission) -> None:
        trees = [(file.name, parse(file)) for file in submission.files]
        self.files = tuple(CodeFile(name, tree) for name, tree in trees if tree is not None)
        self.unreadable = tuple(name for name, tree in trees if tree is None)

    @property
    def is_empty(self) -> bool:
        """The script says nothing: it has no statement but texts and ``pass``."""
        script = self.files[0].tree.body if self.files and not self.unreadable else None
        return script is not None and all(
            isinstance(node, ast.Pass)
            or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
            for node in script
        )

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every call of every file, in the order of the lines."""
        return tuple(call for file in self.files for call in file.calls)

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """The `Mention` s of all files, in the order of the lines."""
        return tuple(mention for file in self.files for mention in file.mentions)

    @cached_property
    def process_classes(self) -> tuple[Class, ...]:
        """The subclasses of Process, direct and indirect."""
        classes = [each for file in self.files for each in file.classes]
        known = {PROCESS}
        found: list[Class] = []
        for _ in classes:
            for each in classes:
                if each not in found and any(
                    base in known or base.rpartition(".")[2] in known for base in each.bases
                ):
                    found.append(each)
                    known.add(each.name)
        return tuple(found)

    @cached_property
    def constructions(self) -> tuple[Construction, ...]:
        """Every place where a process object is made."""
        own = {each.name for each in self.process_classes}
        return tuple(
            Construction(call.place, call.node, own_class=call.name != PROCESS)
            for call in self.calls
            if call.name == PROCESS or (call.name or "").rpartition(".")[2] in own
        )

    def construction_near(self, line: Location | None) -> Construction | None:
        """The construction at that line, or else the only one that there is."""
        for each in self.constructions:
            if each.place == line:
                return each
        return self.constructions[0] if len(self.constructions) == 1 else None

    def calls_named(self, wanted: str) -> tuple[Call, ...]:
        """The calls of ``wanted``: a dotted name, or a method of Process, which any object but a
        module and a text may be that of.
        """
        owner, _, method = wanted.rpartition(".")
        if owner in (PROCESS, "Process"):
            return tuple(call for call in self.calls if _may_be_of_a_process(call, method))
        return tuple(call for call in self.calls if call.name == wanted)

    def classes_called(self, name: str) -> tuple[Class, ...]:
        """The classes of that name, which may be dotted: its last part counts."""
        last = name.rpartition(".")[2]
        return tuple(each for file in self.files for each in file.classes if each.name == last)

    def lineage(self, name: str) -> tuple[Class, ...]:
        """The classes of that name and the classes of the script that they are derived from."""
        found = list(self.classes_called(name))
        for one in found:
            for base in one.bases:
                found += [each for each in self.classes_called(base) if each not in found]
        return tuple(found)

    @cached_property
    def literal_sleeps(self) -> tuple[tuple[Location, Nanoseconds], ...]:
        """Where the code sleeps for a time that is written there as a number, and how long."""
        return tuple(
            (call.place, round(value.value * _NS_PER_S))
            for call in self.calls_named("time.sleep")
            for value in call.node.args[:1]
            if isinstance(value, ast.Constant) and isinstance(value.value, (int, float))
        )

    def defines(self, wanted: str) -> bool:
        """A function or class of that name; ``Class.method``; ``Process.run`` stands for the
        method in any subclass of Process.
        """
        owner, _, name = wanted.rpartition(".")
        if owner in ("Process", PROCESS):
            return any(name in each.methods for each in self.process_classes)
        classes = [each for file in self.files for each in file.classes]
        if owner:
            return any(each.name == owner and name in each.methods for each in classes)
        return any(
            name in file.functions or name in [each.name for each in file.classes]
            for file in self.files
        )

    def names_keyword(self, name: str) -> bool:
        """Whether some call is given an argument by that name."""
        return any(keyword.arg == name for call in self.calls for keyword in call.node.keywords)

    def names(self, method: str) -> bool:
        """Whether the code speaks of an attribute of that name, or has it as a text."""
        return any(
            (isinstance(node, ast.Attribute) and node.attr == method)
            or (isinstance(node, ast.Constant) and node.value == method)
            for file in self.files
            for node in file.nodes(ast.Attribute, ast.Constant)
        )

    def replacement_of(self, method: str) -> Location | None:
        """Where the code puts something in the place of a method of Process: a definition in a
        subclass, or a value for the attribute.
        """
        own = {each.place for each in self.process_classes if method in each.methods}
        for file in self.files:
            for node in file.nodes(ast.ClassDef, ast.Attribute):
                is_class = isinstance(node, ast.ClassDef) and file.place(node) in own
                is_value = (
                    isinstance(node, ast.Attribute)
                    and node.attr == method
                    and isinstance(node.ctx, ast.Store)
                )
                if is_class or is_value:
                    return file.place(node)
        return None


def _may_be_of_a_process(call: Call, method: str) -> bool:
    function = call.node.func
    if not isinstance(function, ast.Attribute) or function.attr != method:
        return False
    if isinstance(function.value, (ast.Constant, ast.JoinedStr)):
        return False
    return (call.name or "").rpartition(".")[0] not in _MODULES


def _shown_in_texts(arguments: list[ast.expr]) -> list[ast.expr]:
    """What stands in the braces of formatted texts."""
    return [
        piece.value
        for argument in arguments
        if isinstance(argument, ast.JoinedStr)
        for piece in argument.values
        if isinstance(piece, ast.FormattedValue)
    ]


@lru_cache(maxsize=1)
def code_of(submission: Submission) -> Code:
    """The code of a submission, parsed once; the last one is kept."""
    return Code(submission)


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
