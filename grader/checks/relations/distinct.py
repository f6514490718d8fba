"""``distinct``: whether each process says something of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from grader.checks.context import JudgeContext
from grader.checks.verdict import Verdict, failed, passed
from grader.checks.words import quoted
from grader.exercise import normalized, parse_pattern
from grader.exercise.relations.events import Prints
from grader.messages import say
from grader.trace import Printed, Process, ProcessNumber
from grader.trace.questions import process


def judge_distinct(
    wanted: Prints,
    members: Sequence[ProcessNumber],
    lines: Sequence[Printed],
    context: JudgeContext,
) -> Verdict:
    """Whether what the first star stands for is another text for each of the ``members``."""
    pattern = parse_pattern(wanted.text)
    texts: dict[ProcessNumber, set[str]] = {number: set() for number in members}
    for line in lines:
        match = pattern.match(line.text)
        if match is not None and line.by in texts:
            # Without the pid, which is different anyway, and without punctuation.
            pid = process(context.trace, line.by).pid
            kept = re.sub(rf"(?<![0-9]){pid}(?![0-9])", "", match.stars[0])
            text = "".join(each for each in kept if each.isalnum())
            texts[line.by] |= {text} - {""}
    unchosen = [number for number in members if _drop_made_up_name(texts[number], number, context)]
    if unchosen and not _are_distinct(texts):
        return _unchosen(unchosen, lines, context)
    for number in members:
        if not texts[number]:
            return _nameless(number, lines, context)
        others = [texts[other] for other in texts if other != number]
        if not texts[number].difference(*others):
            twin = next(
                other for other in members if other != number and texts[other] & texts[number]
            )
            return _twins(number, twin, lines, context)
    return passed()


def _drop_made_up_name(texts: set[str], number: ProcessNumber, context: JudgeContext) -> bool:
    """Take out of what a process said the name that multiprocessing made up for it. What stands
    around that may be a name. Whether some had it.
    """
    made_up = _made_up_name(process(context.trace, number), context)
    found = {text for text in texts if made_up and made_up in text}
    texts -= found
    texts |= {text.replace(made_up, "") for text in found} - {""}
    return bool(found)


def _are_distinct(texts: Mapping[ProcessNumber, set[str]]) -> bool:
    return all(
        own.difference(*(texts[other] for other in texts if other != number))
        for number, own in texts.items()
    )


def _made_up_name(who: Process, context: JudgeContext) -> str:
    """The name that multiprocessing gave, where the script gave none; else no text at all. A
    script that gives such names itself has their beginning written down.
    """
    beginning = f"{who.class_name or 'Process'}-"
    if who.name is None or re.fullmatch(rf"{re.escape(beginning)}[0-9:]+", who.name) is None:
        return ""
    if any(
        isinstance(node.value, str) and beginning in node.value
        for file in context.code.files
        for node in file.nodes(ast.Constant)
    ):
        return ""
    return "".join(each for each in normalized(who.name) if each.isalnum())


def _said(number: ProcessNumber, lines: Sequence[Printed]) -> str:
    return next(line.text for line in lines if line.by == number)


def _unchosen(
    numbers: Sequence[ProcessNumber], lines: Sequence[Printed], context: JudgeContext
) -> Verdict:
    return failed(
        say(
            "{name} printed {line}. That is a default name, which your script did not choose.",
            name=context.subject(numbers[0]),
            line=quoted(_said(numbers[0], lines)),
        ),
        why=say("A process that is given no name gets a default one, such as `Process-1`."),
        next=say("Where in your script could each worker be told a name of its own?"),
        line=process(context.trace, numbers[0]).started_at,
        about=numbers,
    )


def _nameless(number: ProcessNumber, lines: Sequence[Printed], context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{name} printed {line}, and nothing of its own in it.",
            name=context.subject(number),
            line=quoted(_said(number, lines)),
        ),
        why=say("The task asks each process for a text of its own where the “…” stands."),
        next=say("What is to differ from process to process, and how does it get into the line?"),
        about=[number],
    )


def _twins(
    number: ProcessNumber, twin: ProcessNumber, lines: Sequence[Printed], context: JudgeContext
) -> Verdict:
    return failed(
        say(
            "{first} printed {line}, and {second} printed {other}, which says the same.",
            first=context.subject(number),
            line=quoted(_said(number, lines)),
            second=context.name(twin),
            other=quoted(_said(twin, lines)),
        ),
        why=say("The task asks each of them for a text of its own."),
        next=say("Where does each process get this from, and how many different ones are there?"),
        about=[number, twin],
    )
