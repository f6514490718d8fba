"""``same-lines``: whether the script prints the same under every start method."""

from __future__ import annotations

import re

from grader.checks.context import JudgeContext
from grader.checks.finding import Mark, Relation
from grader.checks.registry import Concern, DecidedBy, judges
from grader.checks.verdict import Verdict, failed, passed
from grader.checks.words import quoted
from grader.exercise.relations.program import SameLines
from grader.messages import Text, say
from grader.trace import MAIN, Printed, Stream, Trace
from grader.trace.naming import times, verbatim
from grader.trace.tracebacks import spoken

_MAY_DIFFER = re.compile(r"0x[0-9a-f]+|\d+(?:[.:]\d+)+|\d+|[A-Za-z]+")
_DIGITS_OF_A_TIME = 9
"""Whole numbers so long are seconds since 1970, or addresses."""


@judges(SameLines, Concern.BEHAVIOUR, decided_by=DecidedBy.NATURAL_RUNS)
def judge_same_lines(_: SameLines, context: JudgeContext) -> Verdict:
    """Whether the run printed what the one under the first start method did."""
    if context.beside is None:
        return passed()
    here = _by_kind(context.trace, _own_lines(context.trace, context))
    there = _by_kind(context.beside, _own_lines(context.beside, context))
    surplus = [kind for kind in here if len(here[kind]) > len(there.get(kind, ()))]
    lacking = [kind for kind in there if len(there[kind]) > len(here.get(kind, ()))]
    repeated = next(
        (kind for kind in surplus if len({line.by == MAIN for line in here[kind]}) > 1), None
    )
    if repeated is not None:
        return _printed_again(here[repeated], len(there.get(repeated, ())), context)
    if surplus:
        lost = there[lacking[0]][0].text if lacking else None
        return _printed_otherwise(here[surplus[0]][-1], lost, context)
    if lacking:
        return _not_printed(there[lacking[0]][0], context)
    return passed()


def _own_lines(trace: Trace, context: JudgeContext) -> list[Printed]:
    """What the submission printed to its standard output."""
    own = JudgeContext(context.exercise, trace, context.submission, context.code).own
    return [line for line in spoken(trace) if line.by in own and line.stream is Stream.STDOUT]


def _by_kind(trace: Trace, lines: list[Printed]) -> dict[str, list[Printed]]:
    """The lines of a run, those together that are equal but for what may differ between runs."""
    pids = {str(each.pid) for each in trace.processes}
    pids |= {str(each.parent_pid) for each in trace.processes}
    kinds: dict[str, list[Printed]] = {}
    for line in lines:
        kinds.setdefault(_kind(line.text, pids, trace.start_method.value), []).append(line)
    return kinds


def _kind(text: str, pids: set[str], method: str) -> str:
    def told(word: re.Match[str]) -> str:
        """What stands for a word in a line that is compared."""
        piece = word[0]
        if piece in pids:
            return "<pid>"
        if piece == method:
            return "<start method>"
        is_time = not piece.isalpha() and not (piece.isdigit() and len(piece) < _DIGITS_OF_A_TIME)
        return "<time>" if is_time else piece

    return _MAY_DIFFER.sub(told, text)


def _printed_again(lines: list[Printed], before: int, context: JudgeContext) -> Verdict:
    """An imported script does again what stands at its top level."""
    other = next(line for line in lines if line.by != MAIN)
    mains = next(line for line in lines if line.by == MAIN)
    return failed(
        say(
            "Main and {name} both printed {line}. {compared}",
            name=context.name(other.by),
            line=quoted(other.text),
            compared=_compared(before, context),
        ),
        why=say(
            "A spawned process is a new Python that begins by importing the script. What stands "
            "outside of every function and of the main guard is executed by that import, too."
        ),
        next=say("Which of your lines should be executed once, and not by every import?"),
        relations=(Relation(Mark(MAIN, mains.at), Mark(other.by, other.at), say("printed again")),),
        about=[other.by],
    )


def _compared(before: int, context: JudgeContext) -> Text:
    method = _method_of_the_other(context)
    if not before:
        return say("With {method} no process printed it.", method=method)
    return say("With {method} it was printed {times}.", method=method, times=times(before))


def _printed_otherwise(line: Printed, lost: str | None, context: JudgeContext) -> Verdict:
    method = _method_of_the_other(context)
    if lost is None:
        happened = say(
            "{name} printed {line}, and with {method} that was not printed so often.",
            name=context.subject(line.by),
            line=quoted(line.text),
            method=method,
        )
    else:
        happened = say(
            "{name} printed {line}, and with {method} it was {other}.",
            name=context.subject(line.by),
            line=quoted(line.text),
            method=method,
            other=quoted(lost),
        )
    return failed(happened, why=_why(), next=_question(), about=[line.by])


def _not_printed(line: Printed, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{line} was not printed. With {method} it was.",
            line=quoted(line.text),
            method=_method_of_the_other(context),
        ),
        why=_why(),
        next=_question(),
        missing=True,
    )


def _method_of_the_other(context: JudgeContext) -> Text:
    assert context.beside is not None
    return verbatim(context.beside.start_method.value)


def _why() -> Text:
    return say(
        "A forked child has a copy of all that main has done so far. A spawned one has only what "
        "an import of the script gives it, and what it is handed over as arguments."
    )


def _question() -> Text:
    return say(
        "Where do the values in that line come from, and is the child handed over all of them?"
    )
