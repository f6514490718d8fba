"""Why no process came to be, or none that does the work."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.checks.diagnosis.model import Diagnosis, doings_of, everything, whatever_is_missing
from grader.checks.feedback import Feedback
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict
from grader.checks.words import code, quoted
from grader.exercise import Check
from grader.messages import Text, say
from grader.source import Mention
from grader.trace import MAIN, Location, Outcome
from grader.trace.questions import calls_of, created

_OTHER_WAYS = {
    "threading.Thread": say("A thread is no process: it lives in main and has main's pid."),
    "multiprocessing.dummy.Process": say(
        "What `multiprocessing.dummy` makes are threads: they live in main and have main's pid."
    ),
    "subprocess.run": say("`subprocess` runs another program, not a function of yours."),
    "subprocess.Popen": say("`subprocess` runs another program, not a function of yours."),
    "os.system": say("`os.system` runs another program, not a function of yours."),
}


def of_start_not_called(scene: Scene) -> Iterator[Diagnosis]:
    """``p.start`` without parentheses."""
    mentions = [each for each in scene.code.mentions if each.method == "start"]
    if mentions and not any(_started_at(each.place, scene) for each in mentions):
        yield named_not_called(mentions[0], scene)


def named_not_called(mention: Mention, scene: Scene) -> Diagnosis:
    """A method of a process stands there without its parentheses, so that nothing starts."""
    return Diagnosis(
        f"{mention.method}-not-called",
        Feedback(
            mentioned(mention, scene),
            why_mentioned(),
            say("What is the difference between naming a function and calling it?"),
            mention.place,
        ),
        whatever_is_missing if scene.children else everything,
        ("count", "started_by"),
    )


def mentioned(mention: Mention, scene: Scene) -> Text:
    """That a method is named and not called."""
    return say(
        "{line} names {method} but does not call it.",
        line=scene.line_as_subject(mention.place),
        method=code(f"{mention.owner}.{mention.method}"),
    )


def why_mentioned() -> Text:
    """What a method's name alone does."""
    return say("The name of a method alone does nothing, and Python does not complain about it.")


def _started_at(place: Location, scene: Scene) -> bool:
    return any(each.started_at == place for each in scene.trace.processes)


def of_run_called(scene: Scene) -> Iterator[Diagnosis]:
    """``p.run()`` in place of ``p.start()``."""
    called = [event.line for event in calls_of(scene.trace, "run", MAIN) if event.line]
    if not called and not scene.children and scene.code.process_classes:
        called = [call.place for call in scene.code.calls_named("Process.run")]
    if not called or scene.children:
        return
    yield Diagnosis(
        "run-called",
        Feedback(
            say(
                "{line} calls `run` directly. Main did the work itself, and no process was "
                "started.",
                line=scene.line_as_subject(called[0]),
            ),
            say("`run` is the work. Called like any other method, it is done by whoever calls it."),
            say("Which method makes a new process that then does `run`?"),
            called[0],
        ),
        everything,
        ("count", "started_by", "prints"),
    )


def of_overridden_start(scene: Scene) -> Iterator[Diagnosis]:
    """A subclass that puts its work into ``start``."""
    classes = [
        each
        for each in scene.code.process_classes
        if "start" in each.methods and "run" not in each.methods
    ]
    if not classes or scene.children:
        return
    yield Diagnosis(
        "start-overridden",
        Feedback(
            say(
                "The class {name} ({line}) has a `start` of its own. Main executed it like any "
                "other method, and no process was started.",
                name=code(classes[0].name),
                line=scene.line(classes[0].place),
            ),
            say("`start` is what makes the process. Whoever replaces it replaces that, too."),
            say("Which method of `Process` is there for the work of the child?"),
            classes[0].place,
        ),
        everything,
        ("count", "started_by", "prints", "source"),
    )


def of_called_target(scene: Scene) -> Iterator[Diagnosis]:
    """``target=f()``: main does the work, and the child has none."""
    silent = not any(line.by != MAIN for line in scene.spoken)
    for each in scene.code.constructions:
        target = each.given("target")
        if silent and isinstance(target, ast.Call) and _is_own_function(target, scene):
            place = Location(each.place.file, target.lineno)
            name = code(ast.unparse(target.func))
            yield Diagnosis(
                "target-called",
                Feedback(
                    say(
                        "{line} calls {name} itself: main does that work, before there is any "
                        "child.",
                        line=scene.line_as_subject(place),
                        name=name,
                    ),
                    say(
                        "`target` is then only what the call returned, and nothing is left for the "
                        "child to do."
                    ),
                    say("What do the parentheses after {name} do, and when?", name=name),
                    place,
                ),
                everything,
                ("prints",),
            )
            return


def _is_own_function(call: ast.Call, scene: Scene) -> bool:
    return isinstance(call.func, ast.Name) and any(
        call.func.id in file.functions for file in scene.code.files
    )


def of_bare_args(scene: Scene) -> Iterator[Diagnosis]:
    """``args=('xy')``: parentheses that make no tuple."""
    broken = [report for report in scene.tracebacks if report.type == "TypeError"]
    for each in scene.code.constructions:
        args = each.given("args")
        if broken and args is not None and _is_no_row(args):
            place = Location(each.place.file, args.lineno)
            numbers = {report.process for report in broken} - {MAIN}
            yield Diagnosis(
                "args-no-tuple",
                Feedback(
                    say(
                        "In {line} `args` is {value} and no tuple. It ended in an error: {error}.",
                        line=scene.line(place),
                        value=code(ast.unparse(args)),
                        error=code(broken[0].brief),
                    ),
                    say(
                        "Parentheses around a single value are only parentheses. A text is then "
                        "taken apart into its letters, one argument each."
                    ),
                    say("What makes a tuple of a single value?"),
                    place,
                ),
                doings_of(*numbers) if numbers else whatever_is_missing,
                ("prints",),
            )
            return


def _is_no_row(args: ast.expr) -> bool:
    return isinstance(args, (ast.Constant, ast.JoinedStr)) and not (
        isinstance(args, ast.Constant) and args.value is None
    )


def of_never_started(scene: Scene) -> Iterator[Diagnosis]:
    """Process objects are made, and no line starts them."""
    objects = scene.code.constructions
    if scene.children or not objects or scene.code.calls_named("Process.start"):
        return
    if any(mention.method == "start" for mention in scene.code.mentions):
        return
    yield Diagnosis(
        "never-started",
        Feedback(
            say(
                "{line} makes a process object, and no line of the script starts it.",
                line=scene.line_as_subject(objects[0].place),
            ),
            say("The object is only the plan of a process. Making it starts nothing."),
            say("Which of its methods turns the plan into a process?"),
            objects[0].place,
        ),
        everything,
        ("count", "started_by"),
    )


def of_unreached_start(scene: Scene) -> Iterator[Diagnosis]:
    """The line that starts a process is there, and was never executed."""
    starts = scene.code.calls_named("Process.start")
    if (
        scene.children
        or scene.exercise.run.peers  # it may start somebody only when a peer comes
        or not starts
        or not scene.code.constructions
        or scene.trace.outcome is not Outcome.FINISHED
        or calls_of(scene.trace, "start")
    ):
        return
    line = scene.line(starts[0].place)
    guard = _false_guard(scene)
    if guard is not None:
        text, place = guard
        yield Diagnosis(
            "false-guard",
            Feedback(
                say(
                    "{line} asks whether `__name__` is {value}, and it never is.",
                    line=scene.line_as_subject(place),
                    value=quoted(text),
                ),
                say(
                    "In a script that is run, `__name__` has one certain value. What stands under "
                    "any other is left out."
                ),
                say("What exactly is `__name__` in the file that is run?"),
                place,
            ),
            everything,
            ("count", "started_by"),
        )
        return
    yield Diagnosis(
        "start-not-reached",
        Feedback(
            say(
                "{line} would start a process, but it is never executed.",
                line=scene.line_as_subject(starts[0].place),
            ),
            say(
                "A function does nothing until it is called, and what stands under an `if` is left "
                "out when its condition does not hold."
            ),
            say("Which line should lead to {line}?", line=line),
            starts[0].place,
        ),
        everything,
        ("count", "started_by"),
    )


def _false_guard(scene: Scene) -> tuple[str, Location] | None:
    """A comparison of ``__name__`` with another text than ``__main__``."""
    for file in scene.code.files[:1]:
        for node in file.nodes(ast.Compare):
            sides = [node.left, *node.comparators]
            asks = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
            for side in sides:
                if asks and isinstance(side, ast.Constant) and side.value != "__main__":
                    return str(side.value), file.place(node)
    return None


def of_chain(scene: Scene) -> Iterator[Diagnosis]:
    """The children start the rest of the processes, where main should start all."""
    further = [each for each in created(scene.trace) if each.creator in scene.children]
    if not further:
        return
    yield Diagnosis(
        "chain",
        Feedback(
            say(
                "Main started {children}, and {starter} started {grandchild}.",
                children=scene.names(scene.children),
                starter=scene.name(further[0].creator or MAIN),
                grandchild=scene.name(further[0].number),
            ),
            say("A process is the child of the one that executes the line that starts it."),
            say("Which process comes to that line, and how often?"),
            further[0].started_at,
        ),
        lambda check, verdict: check.relation == "count" and verdict.missing,
        ("count",),
    )


def of_other_ways(scene: Scene) -> Iterator[Diagnosis]:
    """Something else than a process was started."""
    if scene.children:
        return
    for name, why in _OTHER_WAYS.items():
        calls = scene.code.calls_named(name)
        if calls:
            yield Diagnosis(
                "no-process",
                Feedback(
                    say(
                        "{line} calls {name}, and no process of `multiprocessing` was started.",
                        line=scene.line_as_subject(calls[0].place),
                        name=code(name),
                    ),
                    why,
                    say("Which class does the task ask for?"),
                    calls[0].place,
                ),
                _what_a_process_would_do,
                ("count", "started_by"),
            )
            return


def _what_a_process_would_do(check: Check, verdict: Verdict) -> bool:
    return everything(check, verdict) or (check.source is not None and verdict.missing)
