"""``subclass`` and ``called``: the classes of process objects, and what is asked of them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.finding import Status
from grader.checks.registry import Concern, judges
from grader.checks.unresolved import without_object
from grader.checks.verdict import Verdict, failed, inconclusive, passed
from grader.checks.words import code
from grader.exercise import ANY_NAME
from grader.exercise.relations.processes import Called, Subclass
from grader.messages import Text, plural, say
from grader.trace import Called as AskedFor
from grader.trace import Process, ProcessNumber
from grader.trace.questions import calls_of, created

_IN_WITH = frozenset({"acquire", "release", "close", "terminate", "shutdown"})
"""Methods that a ``with`` calls, so that the code need not name them."""
_LIBRARY_CLASSES = ("Process", "ForkProcess", "SpawnProcess", "ForkServerProcess")
"""What multiprocessing's own classes of processes are called."""


@judges(Subclass, Concern.BEHAVIOUR)
def judge_subclass(wanted: Subclass, context: JudgeContext) -> Verdict:
    """Whether each one's class is the script's own, with the methods that it should have."""
    for each in context.members(wanted.who):
        verdict = _judge_one(each, wanted, context)
        if verdict is not None:
            return verdict
    return passed()


def _judge_one(each: Process, wanted: Subclass, context: JudgeContext) -> Verdict | None:
    name = context.subject(each.number)
    if each.class_name is None:
        return without_object(each.number, context) or inconclusive(
            say("The grader could not see the class of {name}.", name=name)
        )
    is_own = bool(each.own_methods) or context.code.classes_called(each.class_name)
    if each.class_name in _LIBRARY_CLASSES and not is_own:
        return failed(
            say(
                "{name} was made from multiprocessing's own class {class_name}.",
                name=name,
                class_name=code(each.class_name),
            ),
            why=say(
                "The task asks for a class of your own that is a `Process` and says in a method "
                "what the child does."
            ),
            next=say("How does a class of yours become a kind of `Process`?"),
            line=each.started_at,
            about=[each.number],
        )
    lineage = context.code.lineage(each.class_name)
    if each.own_methods is None and not lineage:
        return None if context.code.unreadable else _defined_elsewhere(each)
    methods = set(each.own_methods or ())
    if each.own_methods is None:
        methods = {method for one in lineage for method in one.methods}
    if wanted.overrides is not None and wanted.overrides not in methods:
        return failed(
            say(
                "The class {class_name} has no {method} of its own.",
                class_name=code(each.class_name),
                method=code(wanted.overrides),
            ),
            why=say("A class that has no such method of its own uses the one of `Process`."),
            next=say("Which method of `Process` is there for the work of the child?")
            if wanted.overrides == "run"
            else say("What is your class to do there that `Process` does not?"),
            line=lineage[0].place if lineage else each.started_at,
            about=[each.number],
        )
    if wanted.inherits is not None and wanted.inherits in methods:
        where = next((one for one in lineage if wanted.inherits in one.methods), None)
        place = each.started_at if where is None else where.place
        return failed(
            say(
                "The class {class_name} has a {method} of its own.",
                class_name=code(each.class_name),
                method=code(wanted.inherits),
            )
            if where is None
            else say(
                "The class {class_name} ({line}) has a {method} of its own.",
                class_name=code(where.name),
                line=context.line(where.place),
                method=code(wanted.inherits),
            ),
            why=say("`Process` has this method already, and it does what is needed here."),
            next=say("What would change if your class left this method out?"),
            line=place,
            about=[each.number],
        )
    return None


def _defined_elsewhere(each: Process) -> Verdict:
    return inconclusive(
        say(
            "The grader could not find the class {class_name} in the script.",
            class_name=code(each.class_name or ""),
        )
    )


@judges(Called, Concern.BEHAVIOUR)
def judge_called(wanted: Called, context: JudgeContext) -> Verdict:
    """Whether those processes called it, as often as they should."""
    if wanted.method is not None:
        nameless = [each.number for each in created(context.trace) if each.name is None]
        forked = [without_object(number, context) for number in nameless]
        if None in forked:
            return inconclusive(say("The grader could not see what is asked of process objects."))
        if forked and forked[0] is not None and len(forked) == len(created(context.trace)):
            return forked[0]
    members = context.roles.of(wanted.by)
    calls = [
        call
        for name in wanted.names
        for call in calls_of(context.trace, name)
        if (wanted.by == ANY_NAME or call.by in members)
        and (not wanted.own or call.maker in (None, call.by))
    ]
    if wanted.never:
        return _called_after_all(calls[0], context) if calls else passed()
    if not wanted.each:
        who = () if wanted.by == ANY_NAME else members
        return (
            passed() if len(calls) >= wanted.at_least else _too_rarely(wanted, calls, who, context)
        )
    silent = tuple(number for number in members if not any(call.by == number for call in calls))
    if silent:
        return _too_rarely(wanted, (), silent, context)
    for number in members:
        own = [call for call in calls if call.by == number]
        if len(own) < wanted.at_least:
            return _too_rarely(wanted, own, (number,), context)
    return passed()


def _called_after_all(call: AskedFor, context: JudgeContext) -> Verdict:
    name = code(call.function)
    return failed(
        say("{name} called {method}.", name=context.subject(call.by), method=name)
        if call.line is None
        else say(
            "{name} called {method} at {line}.",
            name=context.subject(call.by),
            method=name,
            line=context.line(call.line),
        ),
        why=say("The task asks for a program that does without it."),
        next=say("What is that line there for, and what else could do it?"),
        line=call.line,
        about=[call.by],
    )


def _too_rarely(
    wanted: Called, calls: Sequence[AskedFor], who: Sequence[ProcessNumber], context: JudgeContext
) -> Verdict:
    """``calls`` are all that those processes made; if there are none, none of them did."""
    method = _one_of(wanted.names)
    if calls:
        name = context.subjects(dict.fromkeys(call.by for call in calls))
        place = calls[0].line
        happened = (
            plural(
                "{name} called {method} only once.",
                "{name} called {method} only {count} times.",
                len(calls),
                name=name,
                method=method,
            )
            if place is None or len(calls) > 1
            else say(
                "{name} called {method} only once, at {line}.",
                name=name,
                method=method,
                line=context.line(place),
            )
        )
        if wanted.at_least > len(calls) + 1:
            happened = say(
                "{happened} This check asks for {count}.", happened=happened, count=wanted.at_least
            )
    elif who and wanted.own and calls_of(context.trace, wanted.names[0], who[0]):
        return _not_its_own(wanted.names[0], who[0], context)
    elif who:
        happened = say("{names} never called {method}.", names=context.subjects(who), method=method)
    else:
        happened = say("No process called {method}.", method=method)
    why = (
        _why_not_called(wanted.method, calls, context)
        if wanted.method is not None
        else _why_not_used(wanted, calls, context)
    )
    return Verdict(Status.FAILED, why.saying(happened), about=frozenset(who), missing=True)


def _one_of(names: Sequence[str]) -> Text:
    either: Text = code(names[0])
    for name in names[1:]:
        either = say("{one} or {other}", one=either, other=code(name))
    return either


def _why_not_used(wanted: Called, calls: Sequence[AskedFor], context: JudgeContext) -> Feedback:
    """Of what is no method of a process."""
    method = _one_of(wanted.names)
    last = [name.rpartition(".")[2] for name in wanted.names]
    if calls:
        return Feedback(
            None,
            say("Each time that a line is executed is one call."),
            say("How often does each process come to such a line?"),
            calls[0].line,
        )
    is_there = any(map(context.code.names, last)) or (
        any(name in _IN_WITH for name in last)
        and any(file.nodes(ast.With) for file in context.code.files)
    )
    if not context.code.unreadable and not is_there:
        return Feedback(
            None,
            say("No line of the script calls it."),
            say("Which line should call {method}, and which process executes it?", method=method),
        )
    return Feedback(
        None,
        say(
            "What counts is that a process comes to such a line, and that the object is of this "
            "kind: others have methods that are called the same."
        ),
        say("Which process comes to the line with {method}?", method=method),
    )


def _not_its_own(method: str, who: ProcessNumber, context: JudgeContext) -> Verdict:
    call = calls_of(context.trace, method, who)[0]
    return failed(
        say(
            "{name} called {method} of a process object that {maker} had made.",
            name=context.subject(who),
            method=code(method),
            maker=say("another process") if call.maker is None else context.name(call.maker),
        ),
        why=say(
            "A process object belongs to the process that made it: only that one can start it and "
            "wait for it. Any other gets an error that speaks of that."
        ),
        next=say("Which process comes to the line that makes the object?"),
        line=call.line,
        about=[who],
        missing=True,
    )


def _why_not_called(name: str, calls: Sequence[AskedFor], context: JudgeContext) -> Feedback:
    """Why, what to ask oneself, and the line that is to blame."""
    method = code(name)
    if calls:
        return Feedback(
            None,
            say("An answer holds for the moment of the question. Later it may be different."),
            say("At which line should {method} be called once more?", method=method),
            calls[0].line,
        )
    replaced = context.code.replacement_of(name)
    if replaced is not None:
        return Feedback(
            None,
            say(
                "{line} puts something else in the place of {method}, which does not know the "
                "process.",
                line=context.line_as_subject(replaced),
                method=method,
            ),
            say("What would {method} of `Process` itself answer there?", method=method),
            replaced,
        )
    if not context.code.unreadable and not context.code.names(name):
        return Feedback(
            None,
            say("No line of the script calls it. Whatever is printed there, no process was asked."),
            say("Which object is to be asked, and at which line?"),
        )
    return Feedback(
        None,
        say("Only the process that comes to such a line does what the line says."),
        say("Which process comes to the line with {method}?", method=method),
    )
