"""Why no process came to be, or none that does the work."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.exceptions import explain
from grader.checks.mistakes.model import Detected
from grader.checks.words import code, quoted
from grader.exercise import Exercise, Source
from grader.exercise.relations.processes import Called
from grader.messages import say
from grader.source import PROCESS, Mention
from grader.source.spelling import spelled
from grader.trace import MAIN, Location, Outcome
from grader.trace.questions import calls_of, created

_NOT_STARTED = ("join-before-start", "end-before-start")
"""Exceptions of what is asked of a process that was never started."""
_OTHER_WAYS = {
    "threading.Thread": say("A thread is not a process: it lives in main and has main's pid."),
    "multiprocessing.dummy.Process": say(
        "What `multiprocessing.dummy` makes are threads: they live in main and have main's pid."
    ),
    "subprocess.run": say("`subprocess` runs another program, not a function of yours."),
    "subprocess.Popen": say("`subprocess` runs another program, not a function of yours."),
    "os.system": say("`os.system` runs another program, not a function of yours."),
}


def detect_start_not_called(context: JudgeContext) -> Iterator[Detected]:
    """``p.start`` without parentheses."""
    mentions = [each for each in context.code.mentions if each.method == "start"]
    started_at = [each.started_at for each in context.trace.processes]
    if mentions and not any(each.place in started_at for each in mentions):
        yield Detected(not_called(mentions[0], context), frozenset(context.children))


def not_called(mention: Mention, context: JudgeContext) -> Feedback:
    """What is said where a method of a process is named and not called."""
    return Feedback(
        say(
            "{line} names {method} but does not call it.",
            line=context.line_as_subject(mention.place),
            method=code(f"{mention.owner}.{mention.method}"),
        ),
        say("The name of a method alone does nothing, and Python does not complain."),
        say("What is the difference between naming a function and calling it?"),
        mention.place,
    )


def detect_run_called(context: JudgeContext) -> Iterator[Detected]:
    """``p.run()`` in place of ``p.start()``."""
    called = [event.line for event in calls_of(context.trace, "run", MAIN) if event.line]
    if not called and not context.children and context.code.process_classes:
        called = [call.place for call in context.code.calls_named("Process.run")]
    if not called or context.children:
        return
    yield Detected(
        Feedback(
            say(
                "{line} calls `run` directly. Main did the work itself, and no process was "
                "started.",
                line=context.line_as_subject(called[0]),
            ),
            say(
                "`run` is the work. Called like any other method, it is executed by the process "
                "that calls it."
            ),
            say("Which method makes a new process that then does `run`?"),
            called[0],
        )
    )


def detect_overridden_start(context: JudgeContext) -> Iterator[Detected]:
    """A subclass that puts its work into ``start``."""
    classes = [
        each
        for each in context.code.process_classes
        if "start" in each.methods and "run" not in each.methods
    ]
    if not classes or context.children:
        return
    yield Detected(
        Feedback(
            say(
                "The class {name} ({line}) has a `start` of its own. Main executed it like any "
                "other method, and no process was started.",
                name=code(classes[0].name),
                line=context.line(classes[0].place),
            ),
            say(
                "`start` is what creates the process. A class that overrides it replaces that, too."
            ),
            say("Which method of `Process` is there for the work of the child?"),
            classes[0].place,
        )
    )


def detect_called_target(context: JudgeContext) -> Iterator[Detected]:
    """``target=f()``: main does the work, and the child has none."""
    silent = not any(line.by != MAIN for line in context.spoken)
    own = {name for file in context.code.files for name in file.functions}
    for each in context.code.constructions:
        target = each.given("target")
        if not silent or not isinstance(target, ast.Call):
            continue
        if isinstance(target.func, ast.Name) and target.func.id in own:
            place = Location(each.place.file, target.lineno)
            name = code(spelled(target.func))
            yield Detected(
                Feedback(
                    say(
                        "{line} calls {name} itself: main does that work, before there is any "
                        "child.",
                        line=context.line_as_subject(place),
                        name=name,
                    ),
                    say(
                        "`target` is then only what the call returned, and nothing is left for the "
                        "child to do."
                    ),
                    say("What do the parentheses after {name} do, and when?", name=name),
                    place,
                )
            )
            return


def detect_bare_args(context: JudgeContext) -> Iterator[Detected]:
    """``args=('xy')``: parentheses that make no tuple."""
    broken = [report for report in context.tracebacks if report.type == "TypeError"]
    for each in context.code.constructions:
        args = each.given("args")
        is_none = isinstance(args, ast.Constant) and args.value is None
        if broken and isinstance(args, (ast.Constant, ast.JoinedStr)) and not is_none:
            place = Location(each.place.file, args.lineno)
            numbers = {report.process for report in broken} - {MAIN}
            yield Detected(
                Feedback(
                    say(
                        "In {line} `args` is {value}, which is not a tuple. It ended in an error: "
                        "{error}.",
                        line=context.line(place),
                        value=code(spelled(args)),
                        error=code(broken[0].brief),
                    ),
                    say(
                        "Parentheses around a single value are only parentheses. A text is then "
                        "taken apart into its letters, one argument each."
                    ),
                    say("What makes a tuple of a single value?"),
                    place,
                ),
                frozenset(numbers),
            )
            return


def detect_never_started(context: JudgeContext) -> Iterator[Detected]:
    """Process objects are made, and no line starts them."""
    objects = context.code.constructions
    if context.children or not objects or context.code.calls_named("Process.start"):
        return
    if any(mention.method == "start" for mention in context.code.mentions):
        return
    crashed = [report for report in context.tracebacks if report.process == MAIN]
    if crashed and explain(crashed[-1]).id not in _NOT_STARTED:
        return
    yield Detected(
        Feedback(
            say(
                "{line} makes a process object, and no line of the script starts it.",
                line=context.line_as_subject(objects[0].place),
            ),
            say("The object is only the plan of a process. Making it starts nothing."),
            say("Which of its methods turns the plan into a process?"),
            objects[0].place,
        )
    )


def detect_false_guard(context: JudgeContext) -> Iterator[Detected]:
    """``if __name__ == "main":`` keeps the line that starts a process from being executed."""
    guard = _false_guard(context)
    if guard is None or not _is_start_unreached(context):
        return
    text, place = guard
    yield Detected(
        Feedback(
            say(
                "{line} asks whether `__name__` is {value}, and it never is.",
                line=context.line_as_subject(place),
                value=quoted(text),
            ),
            say(
                "In a script that is run, `__name__` has one certain value. What stands under any "
                "other is left out."
            ),
            say("What exactly is `__name__` in the file that is run?"),
            place,
        )
    )


def detect_unreached_start(context: JudgeContext) -> Iterator[Detected]:
    """The line that starts a process is there, and was never executed."""
    if not _is_start_unreached(context):
        return
    place = context.code.calls_named("Process.start")[0].place
    yield Detected(
        Feedback(
            say(
                "{line} would start a process, but it is never executed.",
                line=context.line_as_subject(place),
            ),
            say(
                "A function does nothing until it is called, and what stands under an `if` is left "
                "out when its condition does not hold."
            ),
            say("Which line should lead to {line}?", line=context.line(place)),
            place,
        )
    )


def _is_start_unreached(context: JudgeContext) -> bool:
    return (
        not context.children
        and not context.exercise.run.peers  # it may start a process only when a peer comes
        and bool(context.code.calls_named("Process.start"))
        and bool(context.code.constructions)
        and context.trace.outcome is Outcome.FINISHED
        and not calls_of(context.trace, "start")
    )


def _false_guard(context: JudgeContext) -> tuple[str, Location] | None:
    """A comparison of ``__name__`` with another text than ``__main__``."""
    for file in context.code.files[:1]:
        for node in file.nodes(ast.Compare):
            sides = [node.left, *node.comparators]
            asks = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
            for side in sides:
                if asks and isinstance(side, ast.Constant) and side.value != "__main__":
                    return str(side.value), file.place(node)
    return None


def detect_chain(context: JudgeContext) -> Iterator[Detected]:
    """The children start the rest of the processes, where main should start all."""
    further = [each for each in created(context.trace) if each.creator in context.children]
    if not further:
        return
    yield Detected(
        Feedback(
            say(
                "Main started {children}, and {starter} started {grandchild}.",
                children=context.names(context.children),
                starter=context.name(further[0].creator or MAIN),
                grandchild=context.name(further[0].number),
            ),
            say("A process is the child of the one that executes the line that starts it."),
            say("Which process comes to that line, and how often?"),
            further[0].started_at,
        )
    )


def detect_other_ways(context: JudgeContext) -> Iterator[Detected]:
    """Something else than a process was started, where the exercise asks for processes."""
    if context.children or _asks_for_other_ways(context.exercise):
        return
    for name, why in _OTHER_WAYS.items():
        calls = context.code.calls_named(name)
        classes = [
            each for file in context.code.files for each in file.classes if name in each.bases
        ]
        if not calls and not classes:
            continue
        place = calls[0].place if calls else classes[0].place
        values = {"line": context.line_as_subject(place), "name": code(name)}
        yield Detected(
            Feedback(
                say(
                    "{line} calls {name}, and no process of `multiprocessing` was started.",
                    **values,
                )
                if calls
                else say(
                    "The class of {line} is a {name}, and no process of `multiprocessing` was "
                    "started.",
                    line=context.line(place),
                    name=code(name),
                ),
                why,
                say("Which class does the task ask for?"),
                place,
            )
        )
        return


_OF_THREADS = ("threading.", "concurrent.futures.")


def _asks_for_other_ways(exercise: Exercise) -> bool:
    """Whether threads or other programs have names in it, or some check says that such are to be
    used, or that no process is to be made.
    """
    called = [check.parameters for check in exercise.checks if isinstance(check.parameters, Called)]
    others = (each.threads_of or each.programs_of for each in exercise.cast.values())
    if any(others) or any(name.startswith(_OF_THREADS) for each in called for name in each.names):
        return True
    asked = [check.parameters for check in exercise.checks if isinstance(check.parameters, Source)]
    return any(
        each.avoids == PROCESS
        or each.calls in _OTHER_WAYS
        or (each.calls or "").startswith("threading.")
        for each in asked
    )
