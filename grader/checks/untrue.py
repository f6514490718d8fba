"""A line that is there, and says a pid or a name that is not so: what is so, and why."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from grader.checks.context import JudgeContext
from grader.checks.lines import truth_of
from grader.checks.verdict import Verdict, failed, inconclusive
from grader.checks.words import quoted
from grader.exercise import HoleName, normalized, parse_pattern
from grader.messages import Text, say
from grader.trace import MAIN, Pid, Printed, Process
from grader.trace.naming import verbatim
from grader.trace.questions import main_of, process

GUESSES = 6
"""So many numbers in a row are tries at a pid: a few are skipped before each process."""
_NUMBER = re.compile(r"(?<![0-9])[0-9]{1,9}(?![0-9])")
_GIVEN_BY_PYTHON = re.compile(r"\w*Process-[0-9:]+")
"""The name of a process that was given none."""
_WHOLE_OBJECTS = frozenset(
    {"current_process", "parent_process", "active_children", "getattr", "vars", "repr", "self"}
)
"""By these a script can come to a name without the word."""


def explain_untrue(pattern: str, line: Printed, who: Process, context: JudgeContext) -> Verdict:
    """The line is like the pattern, but what it says of ``who`` is not so."""
    match = parse_pattern(pattern).match(line.text)
    assert match is not None
    truth = truth_of(who)
    name = context.name(who.number)
    wrong = [
        (hole, said)
        for hole, said in match.values
        if hole in truth and normalized(truth[hole]) != normalized(said)
    ]
    if not wrong:
        return inconclusive(say("The grader could not see the name of {name}.", name=name))
    hole, said = next((each for each in wrong if _mistakes_parent_for_self(*each, who)), wrong[0])
    shown = say("{name} printed {line}.", name=context.subject(line.by), line=quoted(line.text))
    return failed(
        say(
            "{shown} {correction}",
            shown=shown,
            correction=_correction(hole, said, truth[hole], name, context),
        ),
        why=_why_untrue(hole, said, who, context)
        if who.number == line.by
        else say(
            "`os.getpid()` answers for the process that calls it, and for no other. To learn "
            "about another process, ask the object that stands for it."
        ),
        next=say("Which of the two is asked for at this place of the line?")
        if _mistakes_parent_for_self(hole, said, who)
        else say("Which process runs the line that asks for it, and when?")
        if who.number == line.by
        else say("Whose number does your line ask for, and whose does the task want?"),
        line=context.printed_at(line),
        about=[line.by, who.number],
    )


def _correction(hole: HoleName, said: str, true: str, name: Text, context: JudgeContext) -> Text:
    """What the line says beside what is so, and whose the value is."""
    owner = next((each for each in context.trace.processes if str(each.pid) == said), None)
    if hole == "name":
        return say(
            "It says the name {said}, and the name of {name} is {true}.",
            said=verbatim(said),
            name=name,
            true=verbatim(true),
        )
    if hole == "pid":
        correction = say(
            "It says pid {said}, and the pid of {name} is {true}.", said=said, name=name, true=true
        )
    else:
        correction = say(
            "It says parent pid {said}, and the parent of {name} has {true}.",
            said=said,
            name=name,
            true=true,
        )
    if owner is None:
        return correction
    return say(
        "{correction} {said} is the pid of {owner}.",
        correction=correction,
        said=said,
        owner=context.name(owner.number),
    )


def _mistakes_parent_for_self(hole: HoleName, said: str, who: Process) -> bool:
    """The number is one of the process's own two, at the place of the other one."""
    if who.number == MAIN:
        return hole == "pid" and said == str(who.parent_pid)
    return hole == "ppid" and said == str(who.pid)


def _why_untrue(hole: HoleName, said: str, who: Process, context: JudgeContext) -> Text:
    if hole == "name":
        return say("A process has the name that it was given when it was created, and no other.")
    if _mistakes_parent_for_self(hole, said, who):
        return say(
            "`os.getpid()` gives the number of the process that calls it, `os.getppid()` that of "
            "its parent."
        )
    if who.number != MAIN and hole == "pid" and said == str(who.parent_pid):
        return say(
            "That is the number of its parent: `os.getppid()` returns it in the child, and so "
            "does `os.getpid()` where the parent calls it, wherever the answer goes."
        )
    if hole == "ppid" and _outlived_its_parent(who, context):
        return say(
            "When a parent has ended, another process takes its place, and `os.getppid()` gives "
            "the number of that one."
        )
    main = main_of(context.trace)
    if main and who.number != MAIN and said in (str(main.pid), str(main.parent_pid)):
        return say(
            "`os.getpid()` and `os.getppid()` answer for the process that calls them, at that "
            "moment. Asked in main, they tell main's numbers, wherever the answer goes."
        )
    if any(str(each.pid) == said for each in context.trace.processes if each is not who):
        return say(
            "That is the number of another process. `os.getpid()` answers for the process that "
            "calls it, and an object's `.pid` for the process that the object stands for."
        )
    return say(
        "`os.getpid()` and `os.getppid()` answer for the process that calls them, at that moment."
    )


def tries_one_after_another(pid: Pid, lines: Sequence[Printed]) -> int:
    """How many numbers in a row stand in the lines, with the pid among them."""
    numbers = {int(number) for line in lines for number in _NUMBER.findall(line.text)}
    first, last = pid, pid
    while first - 1 in numbers:
        first -= 1
    while last + 1 in numbers:
        last += 1
    return last - first + 1


def guessed(tries: int, line: Printed, about: Process, context: JudgeContext) -> Verdict:
    """The verdict on a line whose pid is one of so many numbers that were tried."""
    return failed(
        say(
            "{name} printed {count} numbers that follow one another, and one of them happens to be "
            "the pid of {other}.",
            name=context.subject(line.by),
            count=tries,
            other=context.name(about.number),
        ),
        why=say("The system chooses the pid of a process. Nobody can tell which of them it is."),
        next=say("Which object in main knows the pid of {name}?", name=context.name(about.number)),
        about=[line.by, about.number],
        suppress_hint=True,
    )


def not_known_yet(line: Printed, about: Process, context: JudgeContext) -> Verdict:
    """The verdict on a line that says None where the pid of ``about`` is asked for."""
    return failed(
        say(
            "{name} printed {line}, and the pid of {other} is {pid}.",
            name=context.subject(line.by),
            line=quoted(line.text),
            other=context.name(about.number),
            pid=about.pid,
        ),
        why=say("The object is there before the process. As long as nothing runs, `pid` is None."),
        next=say("Which line of your script starts {name}?", name=context.name(about.number)),
        about=[line.by, about.number],
    )


def made_up_name(pattern: str, lines: Sequence[Printed], context: JudgeContext) -> Verdict | None:
    """The verdict on lines that say the process's name because it is written out in the script, as
    ``Process-1``, and no line of the script asks for it; None where the name may be asked for.
    """
    if "{name}" not in pattern or not lines:
        return None
    line = lines[0]
    name = process(context.trace, line.by).name
    if name is None or not _GIVEN_BY_PYTHON.fullmatch(name) or _asks_for_names(context):
        return None
    written = [
        file.place(each)
        for file in context.code.files
        for each in file.nodes(ast.Constant)
        if isinstance(each.value, str) and "Process-" in each.value
    ]
    if not written:
        return None
    return failed(
        say(
            "{name} printed {line}. The name is written out in {place}, and no line asks for it.",
            name=context.subject(line.by),
            line=quoted(line.text),
            place=context.line(written[0]),
        ),
        why=say(
            "`multiprocessing` numbers the names in the order in which process objects are made. "
            "With one more before it, the name of {name} is another.",
            name=context.name(line.by),
        ),
        next=say("Which object knows the name of the process that executes this line?"),
        line=written[0],
        about=[line.by],
    )


def _asks_for_names(context: JudgeContext) -> bool:
    """Whether a name may come from a process object: by an attribute, or an object as a whole."""
    if context.code.unreadable:
        return True
    for file in context.code.files:
        words = {each.attr for each in file.nodes(ast.Attribute)} - {"__name__"}
        words |= {each.name for each in file.nodes(ast.alias)}
        objects = words | {each.id for each in file.nodes(ast.Name)}
        if any("name" in word.lower() for word in words) or objects & _WHOLE_OBJECTS:
            return True
    return False


def _outlived_its_parent(who: Process, context: JudgeContext) -> bool:
    """Whether the one that made it had ended while it lived."""
    if who.creator is None:
        return False
    parent = process(context.trace, who.creator).ended
    return parent is not None and (who.ended is None or parent < who.ended)
