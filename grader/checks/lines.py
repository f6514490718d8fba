"""Printed lines compared with a pattern and with the truth of who printed them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from grader.checks.context import JudgeContext
from grader.exercise import HoleName, parse_pattern
from grader.trace import Printed, Process, ProcessNumber
from grader.trace.questions import process


def truth_of(who: Process) -> Mapping[HoleName, str]:
    """What the typed holes must say in a line of that process; what is unknown is left out."""
    truth: dict[HoleName, str] = {"pid": str(who.pid)}
    if who.parent_pid is not None:
        truth["ppid"] = str(who.parent_pid)
    if who.name is not None:
        truth["name"] = who.name
    return truth


def is_true(
    pattern: str, line: Printed, context: JudgeContext, about: ProcessNumber | None = None
) -> bool:
    """The line is like the pattern, and its holes hold the truth of who printed it, or of
    another process that it is ``about``.
    """
    parsed = parse_pattern(pattern)
    if parsed.holes:
        who = line.by if about is None else about
        parsed = parsed.filled(truth_of(process(context.trace, who)))
    return parsed.match(line.text) is not None


def is_like(pattern: str, line: Printed) -> bool:
    """The line is like the pattern, whatever its holes hold."""
    return parse_pattern(pattern).match(line.text) is not None


def lines_like(
    pattern: str, context: JudgeContext, numbers: Collection[ProcessNumber]
) -> tuple[Printed, ...]:
    """The true lines of those processes that are like the pattern, in order."""
    return tuple(
        line for line in context.heard if line.by in numbers and is_true(pattern, line, context)
    )
