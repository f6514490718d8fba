"""What beginners get wrong about memory: each process has a copy of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.model import Detected
from grader.checks.words import code, quoted
from grader.messages import say
from grader.source import CodeFile
from grader.source.code import Definition, work_of_children
from grader.source.loops import updated_at
from grader.source.printing import Printing, printings, readers
from grader.trace import MAIN, Location, Outcome, Printed, WaitReason, questions
from grader.trace.naming import seconds
from grader.trace.schedule import is_thread

_CONTAINERS = ("list", "dict", "set")
_CHANGING = frozenset(
    {"append", "extend", "insert", "remove", "pop", "clear", "add", "discard", "update"}
)
"""Methods that change what a list, a dictionary or a set contains."""


def detect_global_set_in_child(context: JudgeContext) -> Iterator[Detected]:
    """A child changes a global, and main prints its own."""
    if not context.children:
        return
    for file in context.code.files:
        work = work_of_children(file, context.code)
        inside = {id(node) for function in work for node in ast.walk(function)}
        mains = [each for each in printings(file) if id(each.node) not in inside]
        affected = readers(mains, file)
        containers = _plain_containers(file)
        for function in work:
            for name, place in _globals_set_in(function, containers, file):
                if name in affected:
                    yield _own_copy(name, place, affected[name], context)


def _own_copy(
    name: str, place: Location, affected: tuple[Printing, ...], context: JudgeContext
) -> Detected:
    return Detected(
        Feedback(
            say(
                "{line} changes {variable}, and that is done in the child: {child} has a "
                "{variable} of its own. Main's stays as it was.",
                line=context.line_as_subject(place),
                variable=code(name),
                child=context.name(context.children[0]),
            ),
            say(
                "A child gets a copy of everything when it is created. From then on, "
                "neither process sees what the other does with its copy."
            ),
            say("How could a value get from the child to main?"),
            place,
        ),
        frozenset({MAIN}),
        printings=affected,
    )


def _globals_set_in(
    function: Definition, containers: set[str], file: CodeFile
) -> Iterator[tuple[str, Location]]:
    """The variables of the file that a function sets, or of whose contents it changes something."""
    declared = {
        name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names
    }
    own = _own_names(function)
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in declared:
            yield node.id, file.place(node)
        changed = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            changed = node.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _CHANGING
        ):
            changed = node.func.value
        if isinstance(changed, ast.Name) and changed.id in containers and changed.id not in own:
            yield changed.id, file.place(node)


def _plain_containers(file: CodeFile) -> set[str]:
    """The variables outside every function that are made a list, a dictionary or a set."""
    return {
        target.id
        for node in file.nodes(ast.Assign)
        if isinstance(node.value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp))
        or (isinstance(node.value, ast.Call) and file.resolve(node.value.func) in _CONTAINERS)
        if isinstance(file.parent(node), ast.Module)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _own_names(function: Definition) -> set[str]:
    """The parameters and local variables of a function."""
    parameters = {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)}
    stored = {
        each.id
        for each in ast.walk(function)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    return parameters | stored


def detect_lost_update(context: JudgeContext) -> Iterator[Detected]:
    """A shared value is read, worked out anew and written back, and nothing keeps others away."""
    for paused in context.trace.preemptions:
        name = None if paused.line is None else updated_at(paused.line, context.code)
        if paused.line is None or name is None:
            continue
        updating = {each.who for each in context.trace.preemptions if each.line == paused.line}
        updating |= {
            each.who for each in context.trace.preemption_points if each.line == paused.line.line
        }
        if len(updating) < 2:
            continue  # nobody is known to come to that line beside it
        yield Detected(
            Feedback(
                say(
                    "{line} reads {value}, works out a new one and writes it back. {who} had read "
                    "it when others wrote theirs, and wrote over it: an update was lost.",
                    line=context.line_as_subject(paused.line),
                    value=code(name),
                    who=say("A thread") if is_thread(paused.who) else context.subject(paused.by),
                ),
                say(
                    "Between reading and writing any other process may come. Who has read the old "
                    "value does not see what was written since."
                ),
                say("What could keep the others away between reading the value and writing it?"),
                paused.line,
            )
        )
        return


def detect_copied_output(context: JudgeContext) -> Iterator[Detected]:
    """``os.fork()`` while a text that was printed has not been sent yet."""
    found = next((each for file in context.code.files for each in _left_in_buffer(file)), None)
    if found is None:
        return
    printing, fork = found
    twins = _printed_by_two("".join(printing.pieces[:1]).strip(), context)
    if twins is None:
        return
    first, second = twins
    yield Detected(
        Feedback(
            say(
                "{first} printed {line}, and {second} printed {other}, though only main came to "
                "{place}, which prints the beginning of both.",
                line=quoted(first.text),
                other=quoted(second.text),
                first=context.subject(first.by),
                second=context.name(second.by),
                place=context.line(printing.place),
            ),
            say(
                "`print` keeps its text in a buffer, and sends it later: at a line's end on a "
                "screen, when the buffer is full otherwise. `os.fork` ({place}) copies the process "
                "with all that it has not sent yet.",
                place=context.line(fork),
            ),
            say("What stands in the buffer at that line, and how could it be sent before?"),
            fork,
        ),
        frozenset({first.by, second.by}),
    )


def _left_in_buffer(file: CodeFile) -> Iterator[tuple[Printing, Location]]:
    """What is printed without a line's end before a line that forks, in the same function and in no
    loop, so that only the process that forks comes to it.
    """
    forks = [call for call in file.calls if call.name == "os.fork"]
    for printing in printings(file):
        scope, loops = _surroundings(printing.node, file)
        for fork in forks:
            if (
                printing.is_left_open
                and printing.pieces
                and not loops
                and (scope, False) == _surroundings(fork.node, file)
                and printing.place.line < fork.place.line
            ):
                yield printing, fork.place


def _surroundings(node: ast.AST, file: CodeFile) -> tuple[ast.AST | None, bool]:
    """The function that a node stands in, None for the module, and whether in a loop there."""
    loops = False
    at = file.parent(node)
    while at is not None and not isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef)):
        loops = loops or isinstance(at, (ast.For, ast.While))
        at = file.parent(at)
    return at, loops


def _printed_by_two(beginning: str, context: JudgeContext) -> tuple[Printed, Printed] | None:
    """A line of main's and one of a process that it forked, both with that beginning, and main's
    sent only after the fork.
    """
    if not beginning:
        return None
    forked = min(
        (questions.process(context.trace, number).started for number in context.children),
        default=None,
    )
    lines = [line for line in context.spoken if line.text.strip().startswith(beginning)]
    own = [line for line in lines if line.by == MAIN and forked is not None and line.at > forked]
    others = [line for line in lines if line.by in context.children]
    return (own[0], others[0]) if own and others else None


def detect_lost_output(context: JudgeContext) -> Iterator[Detected]:
    """``os._exit()`` after a text that was printed and has not been sent yet."""
    for file in context.code.files:
        exits = [call for call in file.calls if call.name == "os._exit"]
        lost = [
            (printing, leaving)
            for printing in printings(file)
            for leaving in exits
            if printing.is_left_open
            and printing.pieces
            and _surroundings(printing.node, file)[0] is _surroundings(leaving.node, file)[0]
            and printing.place.line <= leaving.place.line
        ]
        if not _left_on_the_spot(context):
            return
        for printing, leaving in lost:
            yield _lost(printing, leaving.place, context)


def _lost(printing: Printing, leaving: Location, context: JudgeContext) -> Detected:
    return Detected(
        Feedback(
            say(
                "{line} prints {piece} without ending the line, and {exit} ends the process "
                "before that is sent.",
                line=context.line_as_subject(printing.place),
                piece=quoted(printing.pieces[0]),
                exit=context.line(leaving),
            ),
            say(
                "`print` keeps its text in a buffer until the line ends or the process does. "
                "`os._exit` ends a process on the spot, and what is in its buffer is lost."
            ),
            say("How could the text be sent before that line, or the process end otherwise?"),
            printing.place,
        ),
        printings=(printing,),
    )


def _left_on_the_spot(context: JudgeContext) -> bool:
    """Whether a process ended itself and never came to the end of its code."""
    return any(
        questions.ended_by(context.trace, number) == "itself"
        and questions.code_end(context.trace, number) is None
        for number in context.own
    )


def detect_full_queue(context: JudgeContext) -> Iterator[Detected]:
    """``join()`` before a queue is read that the child has filled."""
    if context.trace.outcome is not Outcome.DEADLOCK:
        return
    writers = {
        each.process: each
        for each in context.trace.blocked
        if each.writing and each.obstacle is WaitReason.PIPE
    }
    for waiter in context.trace.blocked:
        if waiter.obstacle is not WaitReason.CHILD:
            continue
        stuck = [number for number in waiter.waiting_for if number in writers]
        if not stuck:
            continue
        values = {"waiter": context.subject(waiter.process), "name": context.name(stuck[0])}
        yield Detected(
            Feedback(
                say(
                    "{waiter} waits for the end of {name}, and {name} waits until what it has put "
                    "into its queue is read. Both stand still from {time} on.",
                    time=seconds(context.trace.duration),
                    **values,
                )
                if waiter.line is None
                else say(
                    "{waiter} waits for the end of {name} ({line}), and {name} waits until what "
                    "it has put into its queue is read. Both stand still from {time} on.",
                    line=context.line(waiter.line),
                    time=seconds(context.trace.duration),
                    **values,
                ),
                say(
                    "A queue with a maximum size takes nothing more when it is full, until "
                    "something is taken out. A process that still has something to put in cannot "
                    "end before that."
                )
                if writers[stuck[0]].made is not None
                else say(
                    "Only a little fits between two processes. A process that has put more into a "
                    "queue cannot end before it is read. With little data it works, and that is "
                    "luck."
                ),
                say(
                    "What does {waiter} do after its wait that {name} needs before?",
                    waiter=context.name(waiter.process),
                    name=context.name(stuck[0]),
                ),
                waiter.line,
            )
        )
        return
