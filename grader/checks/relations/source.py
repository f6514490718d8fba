"""``source``: what the code says, where behaviour cannot show it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence

from grader.checks.context import JudgeContext
from grader.checks.registry import Concern, DecidedBy, judges
from grader.checks.relations.outcome import UNREADABLE
from grader.checks.unresolved import FORKED
from grader.checks.verdict import Verdict, failed, inconclusive, passed
from grader.checks.words import code
from grader.exercise.relations.program import Source
from grader.exercise.text import normalized
from grader.messages import say
from grader.source import PROCESS
from grader.trace import MAIN, Location, Trace
from grader.trace.naming import verbatim
from grader.trace.questions import created
from grader.trace.tracebacks import Traceback

_OF_IMPORTS = ("ModuleNotFoundError", "ImportError")
_OTHER_WAYS = (
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "multiprocessing.Pool",
    "concurrent.futures.ProcessPoolExecutor",
)
"""What makes processes that no `Process` object of the script's stands for."""


@judges(Source, Concern.BEHAVIOUR, decided_by=DecidedBy.CODE)
def judge_source(wanted: Source, context: JudgeContext) -> Verdict:
    """Whether the code calls, avoids, defines and guards what it should."""
    refused = next((each for each in context.tracebacks if _refuses(each, context)), None)
    if refused is not None:
        return failed(
            say("Python cannot read the script."),
            why=say("An unreadable script shows nothing to judge."),
            next=say("Which line is it that Python cannot read?"),
            line=refused.place(context.files),
            missing=True,
        )
    if context.code.too_deep:
        return failed(
            say(
                "Something in {file} is nested thousands of levels deep.",
                file=verbatim(context.code.too_deep[0]),
            ),
            why=say("Python itself hardly reads it, or not at all."),
            next=say("Which expression or statement is it, and could a loop say the same?"),
            line=Location(context.code.too_deep[0], 1),
        )
    if context.code.unreadable and not _is_read_by_graders_python(context.trace):
        return inconclusive(
            say(
                "The grader's own Python cannot read {file}; a newer one might.",
                file=verbatim(context.code.unreadable[0]),
            )
        )
    unmet = [
        report
        for report in context.tracebacks
        if report.process == MAIN and report.type in _OF_IMPORTS and _is_at_import(report, context)
    ]
    if unmet:
        return failed(
            say("The script stopped at an import, and the rest of it was not executed."),
            why=say("Lines that are never executed show nothing to judge."),
            next=say("Which line imports something that is not there?"),
            line=unmet[0].place(context.files),
            missing=True,
        )
    return (
        (_avoids(wanted.avoids, context) if wanted.avoids is not None else None)
        or (_calls(wanted.calls, wanted.avoids, context) if wanted.calls is not None else None)
        or (_defines(wanted.defines, context) if wanted.defines is not None else None)
        or (_passes(wanted.passes, context) if wanted.passes is not None else None)
        or _passes_values(wanted, context)
        or (_guarded(context) if wanted.guarded else None)
        or passed()
    )


def _is_at_import(report: Traceback, context: JudgeContext) -> bool:
    """Whether an import raised it that stands outside every function of the script."""
    places = report.places(context.files)
    return bool(places) and any(
        file.place(node) == places[0] and file.runs_at_import(node)
        for file in context.code.files
        for node in file.nodes(ast.Import, ast.ImportFrom)
    )


def _refuses(report: Traceback, context: JudgeContext) -> bool:
    """Whether Python reports that it cannot compile the script, to which nothing led, or another
    file of the submission.
    """
    by_itself = len(report.frames) == 1 and report.frames[0].function is None
    return report.is_too_deep or (
        report.type in UNREADABLE and (by_itself or bool(context.code.unreadable))
    )


def _is_read_by_graders_python(trace: Trace) -> bool:
    """Whether the interpreter that ran the submission reads what the grader's own does: then a
    module that this cannot read was no part of what was run.
    """
    return trace.python.split(".")[:2] == [str(each) for each in sys.version_info[:2]]


def _calls(name: str, avoided: str | None, context: JudgeContext) -> Verdict | None:
    if name == PROCESS:
        return _makes_processes(avoided, context)
    if context.code.calls_named(name) or context.code.makes_derived(name):
        return None
    return failed(
        say("No line of the script calls {name}.", name=code(name)),
        why=say("This exercise is about using it."),
        next=say("Where in your script would it belong?"),
    )


def _makes_processes(avoided: str | None, context: JudgeContext) -> Verdict | None:
    """Whether `Process` objects are made, of that class or of one of the script's own.

    A hint of a check that is also to avoid something is about that; here it was avoided.
    """
    calls = [call for way in _OTHER_WAYS for call in context.code.calls_named(way)]
    was_seen = any(each.class_name is not None for each in created(context.trace))
    if context.code.constructions or (was_seen and not calls):
        return None
    if calls:
        happened = say(
            "{line} calls {name}, and no line makes a `Process`.",
            line=context.line_as_subject(calls[0].place),
            name=code(calls[0].name or ""),
        )
    else:
        happened = say("No line of the script makes a `Process`.")
    in_its_place = "Pool" in (calls[0].name or "") if calls else False
    nobody = (name for name in context.exercise.cast if not context.roles.of(name))
    return failed(
        happened,
        why=say(
            "A `Process` object stands for one process: you use it to start the process, wait for "
            "it and end it."
        ),
        next=say("Where in your script would such an object be made, and of what?"),
        line=calls[0].place if calls else None,
        missing=True,
        shared_cause=next((f"cast:{name}" for name in nobody), FORKED if calls else None),
        suppress_hint=not in_its_place and (bool(calls) or avoided is not None),
    )


def _avoids(name: str, context: JudgeContext) -> Verdict | None:
    calls = context.code.calls_named(name)
    if not calls:
        return None
    return failed(
        say("{line} calls {name}.", line=context.line_as_subject(calls[0].place), name=code(name)),
        why=say("This exercise is to be solved without it."),
        next=say("What does it do for you there, and how would you do that yourself?"),
        line=calls[0].place,
    )


def _defines(name: str, context: JudgeContext) -> Verdict | None:
    if context.code.defines(name):
        return None
    return failed(
        say("The script does not define {name}.", name=code(name)),
        why=say("The task asks for a definition of your own."),
        next=say("Which part of your script does this work now?"),
    )


_PARAMETERS = ("group", "target", "name", "args", "kwargs")
"""Of `Process`, in their order."""


def _passes(names: Sequence[str], context: JudgeContext) -> Verdict | None:
    """Whether one object at least is given values for all of these parameters."""
    own = {each.name for each in context.code.process_classes}
    plain = []
    for made in context.code.constructions:
        called = made.node.func
        if getattr(called, "id", getattr(called, "attr", None)) in own:
            return None
        if all(_is_given(name, made.node) for name in names):
            return None
        plain.append(made)
    if not plain:
        return None  # another check asks for a `Process`
    node = plain[0].node
    lacking = next(name for name in names if not _is_given(name, node))
    given = next((name for name in names if name != lacking and _is_given(name, node)), None)
    if given is not None and _takes_no_more(node, given, context):
        return failed(
            say(
                "{line} passes all the values by {given}, and none by {lacking}.",
                line=context.line_as_subject(plain[0].place),
                given=code(given),
                lacking=code(lacking),
            ),
            why=say(
                "`args` passes values by their places, `kwargs` by the names of the parameters. "
                "Here both are asked for."
            ),
            next=say("Which of the values does the task want in {lacking}?", lacking=code(lacking)),
            line=plain[0].place,
            missing=True,
        )
    return failed(
        say(
            "{line} makes a `Process` without {parameter}.",
            line=context.line_as_subject(plain[0].place),
            parameter=code(lacking),
        ),
        why=say(
            "Values that the function fetches from somewhere else are not handed over: where a "
            "child is spawned, it knows only what it is given."
        ),
        next=say("Which values does the function need, and which parameter takes each of them?"),
        line=plain[0].place,
        missing=True,
    )


def _takes_no_more(node: ast.Call, parameter: str, context: JudgeContext) -> bool:
    """Whether this argument has a value for each parameter of the target."""
    given = {each.arg: each.value for each in node.keywords}
    target, values = given.get("target"), given.get(parameter)
    if not isinstance(target, ast.Name):
        return False
    functions = [
        each
        for file in context.code.files
        for each in file.nodes(ast.FunctionDef)
        if each.name == target.id
    ]
    if len(functions) != 1:
        return False
    asked = functions[0].args
    count = len([*asked.posonlyargs, *asked.args, *asked.kwonlyargs])
    if isinstance(values, ast.Dict):
        return len(values.keys) >= count
    return isinstance(values, (ast.Tuple, ast.List)) and len(values.elts) >= count


def _passes_values(wanted: Source, context: JudgeContext) -> Verdict | None:
    """Whether one object at least is given these values, as far as they are written out there."""
    expected = {"args": wanted.with_args, "kwargs": wanted.with_kwargs}
    own = {each.name for each in context.code.process_classes}
    first = None
    for made in context.code.constructions:
        called = made.node.func
        if getattr(called, "id", getattr(called, "attr", None)) in own:
            return None
        if any(isinstance(_given(name, made.node), ast.Constant) for name in expected):
            return None  # that is no row of values at all, and ends in an error
        other = [
            (made.place, name, given, literal)
            for name, literal in expected.items()
            if literal is not None
            and (given := _given(name, made.node)) is not None
            and not _may_be(given, literal)
        ]
        if not other:
            return None
        first = first or other[0]
    if first is None:
        return None
    place, name, given, literal = first
    return failed(
        say(
            "{line} hands over {given} with {parameter}; the task asks for {expected}.",
            line=context.line_as_subject(place),
            given=code(ast.unparse(given)),
            parameter=code(name),
            expected=code(literal),
        ),
        why=say("What the function works with is to come from there, and not from elsewhere."),
        next=say("Which values does the function need, and which parameter takes each of them?"),
        line=place,
    )


def _may_be(given: ast.expr, literal: str) -> bool:
    """Whether the values in it, of which some may be known only when it is run, can be these."""
    wanted = ast.literal_eval(literal)
    missing = [_folded(each) for each in (wanted.values() if isinstance(wanted, dict) else wanted)]
    if isinstance(given, (ast.Tuple, ast.List)):
        values = given.elts
    elif isinstance(given, ast.Dict) and None not in given.keys:
        values = given.values
    elif isinstance(given, ast.Call) and getattr(given.func, "id", "") == "dict":
        if given.args or any(each.arg is None for each in given.keywords):
            return True
        values = [each.value for each in given.keywords]
    else:
        return True
    if any(isinstance(each, ast.Starred) for each in values):
        return True
    known = [_folded(each.value) for each in values if isinstance(each, ast.Constant)]
    for value in known:
        if value in missing:
            missing.remove(value)
    return len(missing) <= len(values) - len(known)


def _folded(value: object) -> str:
    """A value as text, without what makes no difference: 3 and "3", wide and narrow letters."""
    return normalized(str(value)).strip()


def _given(name: str, call: ast.Call) -> ast.expr | None:
    """What the parameter is given, unless it comes from a dictionary with anything in it."""
    place = _PARAMETERS.index(name)
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    by_name = (keyword.value for keyword in call.keywords if keyword.arg == name)
    return next(by_name, call.args[place] if place < len(call.args) else None)


def _is_given(name: str, call: ast.Call) -> bool:
    if any(keyword.arg is None for keyword in call.keywords):
        return True
    given = _given(name, call)
    is_empty = isinstance(given, (ast.Tuple, ast.List)) and not given.elts
    is_empty = is_empty or (isinstance(given, ast.Dict) and not given.keys)
    return given is not None and not is_empty


def _guarded(context: JudgeContext) -> Verdict | None:
    bare = [
        call
        for call in context.code.calls
        if call.at_import and (call.name == PROCESS or (call.name or "").endswith(".start"))
    ]
    if not bare:
        return None
    return failed(
        say(
            "{line} starts processes whenever the file is imported.",
            line=context.line_as_subject(bare[0].place),
        ),
        why=say(
            "Where processes are spawned (Windows, macOS), each child imports the file first, and "
            "executes again whatever stands there unguarded."
        ),
        next=say("How can a script tell whether it is run or imported?"),
        line=bare[0].place,
    )
