"""The verdict where the processes that a check speaks of are not there as described."""

from __future__ import annotations

from collections.abc import Collection

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.finding import Status
from grader.checks.lines import NOT_PRINTED
from grader.checks.roles import UnresolvedRole, replaced_by_programs
from grader.checks.verdict import Verdict, failed, inconclusive
from grader.checks.words import code
from grader.exercise import Cast
from grader.messages import say
from grader.source import Call
from grader.trace import ProcessNumber, questions

FORKED = "forked"
"""The cause that checks share where a process was made without a `Process` object."""
_THREAD = "threading.Thread"
_BY_HAND = ("os.fork", "os.forkpty")
_WHICH_LINE = say("Which line of your script starts a process, and how often does it run?")


def judge_unresolved(role: UnresolvedRole, context: JudgeContext) -> Verdict:
    """Everything that is asked of a name fails for one reason: it stands for the wrong number."""
    if role.unseen:
        return inconclusive(say("The grader could not see the names of the processes."))
    why = (
        why_too_few(context.exercise.cast.get(role.name), role.found, context)
        if role.too_few
        else why_another_number()
    )
    return Verdict(
        Status.FAILED,
        why.saying(role.happened),
        about=frozenset(role.found),
        missing=role.too_few,
        shared_cause=f"cast:{role.name}",
        suppress_hint=not role.too_few or suppress_hint(role.found, context),
    )


def suppress_hint(found: Collection[ProcessNumber], context: JudgeContext) -> bool:
    """Whether a hint that speaks of process objects would: the code makes none, and either there
    are no processes or they were forked by hand; or they became other programs.
    """
    if replaced_by_programs(context.trace):
        return True
    return has_no_objects(context) and (not found or bool(_forks(context)))


def has_no_objects(context: JudgeContext) -> bool:
    """The code makes no process object, so what a hint says of one would lead away."""
    return not context.code.unreadable and not context.code.constructions


def without_object(number: ProcessNumber, context: JudgeContext) -> Verdict | None:
    """The verdict on a check that asks for what only a `Process` object says of a process, where
    this one was forked by hand and has no such object; None if it may have one.
    """
    who = questions.process(context.trace, number)
    forks = _forks(context)
    if who.name is not None or not forks:
        return None
    place = forks[0].place
    return failed(
        say(
            "{name} was made by {way} ({line}), and no `Process` object stands for it.",
            name=context.subject(number),
            way=code(forks[0].name or ""),
            line=context.line(place),
        ),
        why=say(
            "A process has its name, its class and its `daemon` from its `Process` object, and by "
            "that object others ask for it. `os.fork` makes none."
        ),
        next=say("Which class of `multiprocessing` stands for a process, and where do you use it?"),
        line=place,
        about=[number],
        missing=True,
        shared_cause=FORKED,
        suppress_hint=True,
    )


def _forks(context: JudgeContext) -> list[Call]:
    return [call for way in _BY_HAND for call in context.code.calls_named(way)]


def why_too_few(
    described: Cast | None, found: Collection[ProcessNumber], context: JudgeContext
) -> Feedback:
    """Why a name stands for fewer processes than it should, and what to ask oneself."""
    if described is not None and described.prints is not None:
        return NOT_PRINTED
    if replaced_by_programs(context.trace) and described is not None and described.children_of:
        return Feedback(
            why=say(
                "`exec` puts another program in the place of the process: from then on nothing of "
                "your script is executed in it."
            ),
            next=say("Which line of the child calls it, and what should the child do instead?"),
        )
    if described is not None and described.programs_of is not None:
        return Feedback(
            why=say(
                "Another program is run by `subprocess.run`, `subprocess.Popen`, `os.system` or "
                "one of the `exec` functions, and is known by its name."
            ),
            next=say("Which line of your script should run it, and is that line reached?"),
        )
    is_of_threads = described is not None and described.threads_of is not None
    started = questions.threads_of(context.trace) if is_of_threads else context.children
    if described is not None and described.named is not None and started:
        return Feedback(
            why=say(
                "A process is called what it is given as its `name`, and otherwise something such "
                "as `Process-1`."
            ),
            next=say("Where is each process given its name, and is it that of the task?"),
        )
    if found or started:
        return why_another_number()
    if is_of_threads:
        made = context.code.calls_named(_THREAD) or context.code.makes_derived(_THREAD)
        is_none_made = not made and not context.code.unreadable
    else:
        is_none_made = has_no_objects(context)
    if is_none_made:
        return Feedback(
            why=say("Without another process, main does all the work itself, line by line."),
            next=say(
                "Which class of `multiprocessing` stands for a process, and where do you use it?"
            ),
        )
    return Feedback(
        why=say("Making a `Process` object does not start anything yet."), next=_WHICH_LINE
    )


def why_another_number() -> Feedback:
    """Why a name stands for another number of processes, and what to ask oneself."""
    return Feedback(
        why=say("Each time that a line which starts a process is executed, there is one more."),
        next=_WHICH_LINE,
    )
