"""Lines that the wrong process prints, and such that have run together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.lines import is_like
from grader.checks.mistakes.model import Detected
from grader.checks.words import quoted
from grader.exercise import MAIN_NAME, Prints, normalized
from grader.messages import say
from grader.trace import MAIN, Connected, Listened, Printed, ProcessNumber

_SOME_WORDS = re.compile(r"(?<![{\w])\w{2,}(?![}\w])")
"""Literal text by which a line can be known; the name of a hole is none."""


def detect_work_in_main(context: JudgeContext) -> Iterator[Detected]:
    """Main prints what a child is to print, and that child prints nothing at all."""
    speakers = {line.by for line in context.spoken}
    silent = frozenset(number for number in context.children if number not in speakers)
    lines = [line for asked in _asked_for(context) for line in _taken_over(asked, silent, context)]
    if not lines:
        return
    yield Detected(
        Feedback(
            say(
                "{line} was printed by main, and {names} printed nothing at all.",
                line=quoted(lines[0].text),
                names=context.names(sorted(silent)),
            ),
            say(
                "A child executes what its `target` does, and nothing else. All the rest of the "
                "script is main's own work."
            ),
            say("Which line prints it, and from where is that line called?"),
        ),
        silent,
    )


def _asked_for(context: JudgeContext) -> list[Prints]:
    """What the exercise asks to be printed."""
    asked = [check.parameters for check in context.exercise.checks]
    return [each for each in asked if isinstance(each, Prints) and not each.never]


def _taken_over(
    wanted: Prints, silent: frozenset[ProcessNumber], context: JudgeContext
) -> list[Printed]:
    """Main's lines that are as silent children should print them."""
    if wanted.by in context.roles.unresolved or wanted.by == MAIN_NAME:
        return []
    if not silent & set(context.roles.of(wanted.by)) or not _SOME_WORDS.search(wanted.text):
        return []
    return [line for line in context.spoken if line.by == MAIN and is_like(wanted.text, line)]


def detect_lines_run_together(context: JudgeContext) -> Iterator[Detected]:
    """Several of the texts that are asked for stand in one line."""
    texts = {normalized(asked.text) for asked in _asked_for(context)}
    literal = sorted(text for text in texts if text and not set(text) & set("*{}"))
    if len(literal) < 2:
        return
    one = "|".join(map(re.escape, literal))
    for line in context.spoken:
        said = normalized(line.text)
        if said in texts or not re.fullmatch(rf"(?:(?:{one})\s*){{2,}}", said):
            continue
        yield _run_together(line, re.findall(one, said), context)
        return


def _run_together(line: Printed, parts: list[str], context: JudgeContext) -> Detected:
    connected = any(isinstance(each, (Connected, Listened)) for each in context.trace.events)
    return Detected(
        Feedback(
            say(
                "{name} printed {first} and {second} as one line: {line}.",
                name=context.subject(line.by),
                first=quoted(parts[0]),
                second=quoted(parts[1]),
                line=quoted(line.text),
            ),
            say(
                "A connection carries bytes, not messages: what was sent in two pieces may arrive "
                "as one, and what was sent as one may arrive in pieces."
            )
            if connected
            else say("Two texts are two lines only if something ends the first one."),
            say("How can the receiver tell where one message ends and the next begins?")
            if connected
            else say("What stands between the two where they are printed?"),
        ),
        frozenset({line.by}),
    )
