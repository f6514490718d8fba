"""What a submission's code defines, calls and names, with its imports resolved.

Used where behaviour cannot show it, and to find the line that explains a behaviour.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar, Union

from grader.source.index import Index
from grader.source.reading import Unread, parse
from grader.source.spelling import spelled
from grader.submission import Submission
from grader.trace import Location, Nanoseconds

_T = TypeVar("_T")

PROCESS = "multiprocessing.Process"
PROCESS_METHODS = frozenset({"start", "run", "join", "terminate", "kill", "is_alive", "close"})
_CONTEXT = "multiprocessing.get_context"
_MODULES = ("asyncio", "os.path", "subprocess", "threading")
"""Modules with functions that are called like methods of Process."""
_SAME = {"multiprocessing.pool.Pool": "multiprocessing.Pool"}
"""Longer names of what the public name stands for."""
_SUBCLASSES = {
    "threading.Thread": ("threading.Timer",),
    "threading.Semaphore": ("threading.BoundedSemaphore",),
    "multiprocessing.Semaphore": ("multiprocessing.BoundedSemaphore",),
    "multiprocessing.Queue": ("multiprocessing.JoinableQueue",),
    "queue.Queue": ("queue.LifoQueue", "queue.PriorityQueue"),
}
"""Of the library's own classes."""
_PROCESS_PARAMETERS = ("group", "target", "name", "args", "kwargs")
_NS_PER_S = 10**9
ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.NamedExpr)
"""Statements and expressions that give a variable its value."""
_LONGEST_NAME = 12
"""Dots of a name that is resolved: chains of thousands are names that nobody asks for."""


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
        self._places: dict[int, Location] = {}
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

    def resolve(self, expression: ast.expr, dots: int = _LONGEST_NAME) -> str | None:
        """The dotted name of an expression after its imports; None if it is not a name, or has
        more than so many dots and calls in it.
        """
        if isinstance(expression, ast.Attribute):
            owner = self.resolve(expression.value, dots - 1) if dots else None
            name = f"{owner}.{expression.attr}"
            return None if owner is None else _SAME.get(name, name)
        if isinstance(expression, ast.Call):
            called = self.resolve(expression.func, dots - 1) if dots else None
            return "multiprocessing" if called == _CONTEXT else None
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
        line: int = getattr(node, "lineno", 1)
        if line not in self._places:
            self._places[line] = Location(self.name, line)
        return self._places[line]

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
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and self.resolve(node.func) == "print"
            ):
                stands_alone = [*node.args, *_shown_in_texts(node.args)]
            else:
                continue
            for expression in stands_alone:
                if isinstance(expression, ast.Attribute) and expression.attr in PROCESS_METHODS:
                    owner = spelled(expression.value)
                    found.append(Mention(owner, expression.attr, self.place(expression)))
        return tuple(sorted(found, key=lambda mention: mention.place.line))


class Code:
    """All of a submission's code. ``unreadable`` are the names of the files that the grader's
    own interpreter could not parse: a newer Python may know their syntax. ``too_deep`` are those
    in which something is nested more deeply than any Python reads, or only just.
    """

    def __init__(self, submission: Submission) -> None:
        trees = [(file.name, parse(file)) for file in submission.files]
        self.files = tuple(
            CodeFile(name, tree) for name, tree in trees if isinstance(tree, ast.Module)
        )
        self.unreadable = tuple(name for name, tree in trees if tree is Unread.NO_PYTHON)
        self.too_deep = tuple(name for name, tree in trees if tree is Unread.TOO_DEEP)

    @property
    def is_empty(self) -> bool:
        """The script says nothing: it has no statement but texts and ``pass``."""
        was_read = not self.unreadable and not self.too_deep
        script = self.files[0].tree.body if self.files and was_read else None
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
        return self.derived_from(PROCESS)

    def derived_from(self, ancestor: str) -> tuple[Class, ...]:
        """The subclasses of a class with this dotted name, direct and indirect."""
        derived: dict[str, list[int]] = {}
        for index, each in enumerate(self._classes):
            for base in each.bases:
                for name in {base, base.rpartition(".")[2]}:
                    derived.setdefault(name, []).append(index)
        found: dict[int, Class] = {}
        waiting = [ancestor]
        for name in waiting:
            for index in derived.pop(name, ()):
                if index not in found:
                    found[index] = self._classes[index]
                    waiting.append(found[index].name)
        return tuple(found.values())

    def makes_derived(self, ancestor: str) -> bool:
        """Whether an object of a subclass is made, of the script's or of the library's own."""
        own = {each.name for each in self.derived_from(ancestor)}
        return any((call.name or "").rpartition(".")[2] in own for call in self.calls) or any(
            self.calls_named(each) or self.makes_derived(each)
            for each in _SUBCLASSES.get(ancestor, ())
        )

    @cached_property
    def _classes(self) -> tuple[Class, ...]:
        return tuple(each for file in self.files for each in file.classes)

    @cached_property
    def _classes_by_name(self) -> Mapping[str, tuple[Class, ...]]:
        return _grouped((each.name, each) for each in self._classes)

    @cached_property
    def _calls_by_name(self) -> Mapping[str, tuple[Call, ...]]:
        return _grouped((each.name, each) for each in self.calls if each.name is not None)

    @cached_property
    def _calls_by_method(self) -> Mapping[str, tuple[Call, ...]]:
        """Those that may be calls of a method of a process."""
        return _grouped(
            (each.node.func.attr, each)
            for each in self.calls
            if isinstance(each.node.func, ast.Attribute) and _may_be_of_a_process(each)
        )

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
            return self._calls_by_method.get(method, ())
        return self._calls_by_name.get(wanted, ())

    def classes_called(self, name: str) -> tuple[Class, ...]:
        """The classes of that name, which may be dotted: its last part counts."""
        return self._classes_by_name.get(name.rpartition(".")[2], ())

    def lineage(self, name: str) -> tuple[Class, ...]:
        """The classes of that name and the classes of the script that they are derived from."""
        asked = {name.rpartition(".")[2]: None}
        found: list[Class] = []
        waiting = list(asked)
        for one in waiting:
            found += self.classes_called(one)
            bases = (base for each in self.classes_called(one) for base in each.bases)
            new = [last for base in bases if (last := base.rpartition(".")[2]) not in asked]
            asked.update(dict.fromkeys(new))
            waiting += dict.fromkeys(new)
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
        if owner:
            return any(name in each.methods for each in self._classes_by_name.get(owner, ()))
        return name in self._classes_by_name or any(name in file.functions for file in self.files)

    def names_keyword(self, name: str) -> bool:
        """Whether some call is given an argument by that name."""
        return any(keyword.arg == name for call in self.calls for keyword in call.node.keywords)

    def names(self, method: str) -> bool:
        """Whether the code speaks of an attribute of that name, or has it as a text."""
        return method in self._spoken_of

    @cached_property
    def _spoken_of(self) -> frozenset[str]:
        nodes = [node for file in self.files for node in file.nodes(ast.Attribute, ast.Constant)]
        names = (node.attr if isinstance(node, ast.Attribute) else node.value for node in nodes)
        return frozenset(name for name in names if isinstance(name, str))

    def variables_at(self, place: Location) -> tuple[str, ...]:
        """The variables and attributes to which the statement at a line gives values."""
        found = []
        for file in self.files:
            for node in file.nodes(ast.Assign, ast.AnnAssign, ast.NamedExpr):
                if file.name != place.file or not isinstance(node, ASSIGNMENTS):
                    continue
                if node.lineno <= place.line <= (node.end_lineno or node.lineno):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    found += [part for target in targets for part in ast.walk(target)]
        stored = [part for part in found if isinstance(getattr(part, "ctx", None), ast.Store)]
        names = (getattr(part, "id", getattr(part, "attr", None)) for part in stored)
        return tuple(name for name in names if isinstance(name, str))

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


def _grouped(pairs: Iterable[tuple[str, _T]]) -> Mapping[str, tuple[_T, ...]]:
    groups: dict[str, list[_T]] = {}
    for name, each in pairs:
        groups.setdefault(name, []).append(each)
    return {name: tuple(each) for name, each in groups.items()}


def _may_be_of_a_process(call: Call) -> bool:
    function = call.node.func
    if not isinstance(function, ast.Attribute):
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
    known = {function.name for function in work}
    for function in work:
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called = functions.get(node.func.id)
                if called is not None and called.name not in known:
                    known.add(called.name)
                    work.append(called)
    return work
