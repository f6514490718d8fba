"""What may be believed: which relations are judged where a trace is the script's own word.

One table, a row a relation. The kernel's witness decides every relation. The script's own
interpreters see less, and see it less exactly; a check that could be wrong about a right answer
is not judged on their word. `docs/platforms.md` shows the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from grader.checks.threads import is_about_threads
from grader.exercise import Check, Exercise, Model, moments_in, roles_in
from grader.exercise.relations.events import (
    EndedHow,
    OneAtATime,
    Order,
    Prints,
    SignalSent,
    Time,
    Together,
    Waited,
)
from grader.exercise.relations.processes import (
    Called,
    Count,
    Daemon,
    Named,
    StartedBy,
    StartedIn,
    Subclass,
)
from grader.exercise.relations.program import (
    Clean,
    Dialogue,
    KeepsOpen,
    OneConnectionEach,
    Prompt,
    Raises,
    SameLines,
    Source,
)
from grader.exercise.relations.remains import FileHolds, Shares
from grader.exercise.relations.sections import Concurrent, Follows, Pairs
from grader.messages import Text, say
from grader.trace import Nanoseconds, Trace, Witness
from grader.trace.naming import verbatim


class Belief(Enum):
    """How far a relation is judged."""

    JUDGED = "judged"
    WIDER = "judged with a wider bound"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Evidence:
    """How far a relation is judged on the script's own word. ``because``: what makes its word good
    enough, what bound it is judged by, or what only the kernel can say, for the documentation;
    ``told``: that last one, for a person whose check is not judged.
    """

    belief: Belief
    because: str
    told: Text | None = None


_LEAST_LESS: Nanoseconds = 30 * 10**6
"""A busy machine makes a time longer; only the ticks of its clock may make one shorter."""
_MOST_FACTOR = 2
_MOST_MORE: Nanoseconds = 10**9


def _judged(because: str) -> Evidence:
    return Evidence(Belief.JUDGED, because)


def _wider(because: str) -> Evidence:
    return Evidence(Belief.WIDER, because)


def _not_judged(told: Text) -> Evidence:
    return Evidence(Belief.NOT_JUDGED, told.in_language("en"), told)


_MULTIPROCESSING = "Python itself says it of each process object."
_LINES = "Python says which process prints a line, just before it is printed."
_NOT_ASKED_FOR = _not_judged(
    say(
        "What is asked of threads, of calls of the library and of shared memory is seen only where "
        "the kernel is the witness, and it was not asked here."
    )
)

_OF_PROGRAMS = _not_judged(
    say("What other programs do only the kernel can say, and it was not asked here.")
)

ON_THE_SCRIPTS_WORD: Mapping[type[Model], Evidence] = {
    Prints: _judged(_LINES),
    Order: _judged(
        "All processes read one clock, before a line is printed, before a process is started "
        "and after a wait: what one has to wait for is never seen too late."
    ),
    Time: _wider(
        "The real clock counts what the machine itself takes: twice the most time and a second "
        "more is not too much, unless the process itself sleeps for longer than the most. A time "
        "is hardly ever shorter: 30 ms less than the least is enough."
    ),
    Together: _wider(
        "A slow machine may not have started the last one when the first one is done: it fails "
        "only where main sleeps or waits between two starts."
    ),
    OneAtATime: _judged(
        "A process has ended before the wait for it is over, and the next start comes later."
    ),
    Waited: _judged("Python's own waits say whom they waited for, and when it had ended."),
    EndedHow: _judged(
        "The parent learns the exit status or the signal, and Python says who sent one."
    ),
    SignalSent: _judged("Python says who sends a signal to whom."),
    Concurrent: _wider(
        "Lines are seen in the order in which they are printed, so that too many at once are too "
        "many; that enough are there at once a slow machine can prevent, and is not judged."
    ),
    Pairs: _judged(_LINES),
    Follows: _wider(
        "The real clock counts what the machine itself takes: twice the time and a second more "
        "is not too much."
    ),
    Daemon: _judged(_MULTIPROCESSING),
    Named: _judged(_MULTIPROCESSING),
    Subclass: _judged(_MULTIPROCESSING),
    Called: _judged(
        f"{_MULTIPROCESSING} With `function` it is not judged: what else of the library is called "
        "only the kernel's witness asks for."
    ),
    StartedBy: _judged(_MULTIPROCESSING),
    Count: _judged("Every process that Python starts reports its own beginning."),
    StartedIn: _judged(_MULTIPROCESSING),
    Raises: _judged("A traceback is printed by the process that it ends."),
    Clean: _judged(
        "Tracebacks and exit statuses are seen, and the system says what is left alive."
    ),
    Source: _judged("It is read from the code, and nothing need be run."),
    Dialogue: _judged("The script runs at a terminal, and what it asks is answered there."),
    Prompt: _judged("Python says what stands before each input."),
    KeepsOpen: _not_judged(
        say(
            "Only the kernel can say which connections a process still has open, and it was not "
            "asked here."
        )
    ),
    OneConnectionEach: _wider(
        "Python says which process sends over a socket of its; where no answer is seen at all, it "
        "may have gone another way, and it is not judged."
    ),
    SameLines: _judged(_LINES),
    FileHolds: _judged("The file is read when the program is over."),
    Shares: _NOT_ASKED_FOR,
}
"""Relation -> how far it is judged where the witness is the script's own word."""

_OF_LINES = (Prints, SameLines, Raises, Concurrent, Pairs, Prompt, Dialogue)

_OF_ANOTHER_PACKAGE = _not_judged(
    say(
        "This kind of check comes from another package, which relies on what the kernel says, and "
        "that was not asked here."
    )
)


def evidence_for(check: Check, exercise: Exercise) -> Evidence:
    """How far a check is judged on the script's own word. What has no row is not judged, nor what
    is asked of threads.
    """
    is_of_library = isinstance(check.parameters, Called) and bool(check.parameters.reports)
    if is_of_library or is_about_threads(check, exercise.cast):
        return _NOT_ASKED_FOR
    if any(
        exercise.cast[name].programs_of
        for name in roles_in(check.parameters)
        if name in exercise.cast
    ):
        return _OF_PROGRAMS
    return ON_THE_SCRIPTS_WORD.get(type(check.parameters), _OF_ANOTHER_PACKAGE)


_UNSEEN_LINES = say(
    "Something was printed here in a way that the script's own word does not show, by another "
    "program perhaps: which lines there were, and whose, only the kernel can say."
)


def why_not_judged(check: Check, trace: Trace, exercise: Exercise) -> Text | None:
    """Why a check is not judged in this run, whatever happened in it; None where it is."""
    if trace.witness is Witness.KERNEL:
        return None
    if trace.unattributed_output and _asks_for_lines(check, exercise):
        return _UNSEEN_LINES
    hurried = {each.name for each in trace.processes if each.hurried}
    peer = next((name for name in roles_in(check.parameters) if name in hurried), None)
    if peer is not None:
        return say(
            "{peer} pauses for longer than anybody would wait here. In a self-check the pause is "
            "cut short, so that what comes after it shows nothing.",
            peer=verbatim(peer),
        )
    return evidence_for(check, exercise).told


def _asks_for_lines(check: Check, exercise: Exercise) -> bool:
    """Whether a check is about what is printed, or about processes known by what they print."""
    named = [*roles_in(check.parameters), *([] if check.for_each is None else [check.for_each])]
    return (
        isinstance(check.parameters, _OF_LINES)
        or any(moment.prints is not None for moment in moments_in(check.parameters))
        or (bool(named) and any(cast.prints is not None for cast in exercise.cast.values()))
    )


def believed_bounds(
    at_least: Nanoseconds | None, at_most: Nanoseconds | None, trace: Trace
) -> tuple[Nanoseconds | None, Nanoseconds | None]:
    """The bounds of a span beyond which it is certainly wrong: those of the exercise, wider where
    the real clock of a machine that does other things as well has measured it.
    """
    if trace.witness is Witness.KERNEL:
        return at_least, at_most
    return (
        None if at_least is None else at_least - _LEAST_LESS,
        None if at_most is None else at_most * _MOST_FACTOR + _MOST_MORE,
    )
