"""``each-of`` of ``prints``: every value in one line, and no other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from grader.checks.context import JudgeContext
from grader.checks.verdict import Verdict, failed, passed
from grader.checks.words import like, quoted
from grader.exercise import normalized, parse_pattern
from grader.exercise.pattern import AnyText, Hole
from grader.exercise.relations.events import Prints
from grader.messages import say
from grader.trace import Printed, ProcessNumber
from grader.trace.naming import seconds, several, times


def judge_each_of(
    wanted: Prints,
    groups: Sequence[Sequence[ProcessNumber]],
    lines: Sequence[Printed],
    context: JudgeContext,
) -> Verdict:
    """Whether each group printed every value once. ``lines`` are all that are like the pattern."""
    for group in groups:
        verdict = _judge_group(wanted, group, [line for line in lines if line.by in group], context)
        if verdict is not None:
            return verdict
    return passed()


def _judge_group(
    wanted: Prints,
    group: Sequence[ProcessNumber],
    lines: Sequence[Printed],
    context: JudgeContext,
) -> Verdict | None:
    assert wanted.each_of is not None
    values = wanted.each_of.all
    by_value: dict[str, list[Printed]] = {_key(value): [] for value in values}
    for line in lines:
        value = _value_in(wanted.text, line)
        if value not in by_value:
            return _stranger(line, context)
        by_value[value].append(line)
    lacking = [value for value in values if not by_value[_key(value)]]
    if lacking:
        return _lacking(wanted, lacking, group, context)
    repeated = next((found for found in by_value.values() if len(found) > 1), None)
    if repeated is not None:
        return _repeated(repeated, context)
    if wanted.in_order:
        in_order = [found[0] for found in by_value.values()]
        for earlier, later in pairwise(in_order):
            if context.position(earlier) > context.position(later):
                return _out_of_order(earlier, later, context)
    return None


def _key(value: str) -> str:
    """By what values are compared: numbers by what they are, texts as patterns are."""
    text = normalized(value).strip()
    number = text.removeprefix("+")
    return number.lstrip("0") or "0" if number.isdecimal() else text


def _value_in(pattern: str, line: Printed) -> str:
    """What stands in the open part of a pattern that the line is like."""
    parsed = parse_pattern(pattern)
    match = parsed.match(line.text)
    assert match is not None
    (part,) = parsed.open_parts
    if isinstance(part, AnyText):
        return _key(match.stars[0])
    return _key(next(text for hole, text in match.values if hole == part.name))


def _stranger(line: Printed, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{name} printed {line}, which is none of the lines that the task asks for.",
            name=context.subject(line.by),
            line=quoted(line.text),
        ),
        why=say("The words are right, and the value among them is not one of those asked for."),
        next=say("Where does the value in this line come from, and which values are there?"),
        line=context.printed_at(line),
        about=[line.by],
    )


def _lacking(
    wanted: Prints,
    lacking: Sequence[str],
    group: Sequence[ProcessNumber],
    context: JudgeContext,
) -> Verdict:
    (part,) = parse_pattern(wanted.text).open_parts
    hole = f"{{{part.name}}}" if isinstance(part, Hole) else "*"
    texts = [value.replace("{", "{{").replace("}", "}}") for value in lacking]
    lines = several([like(wanted.text.replace(hole, text, 1)) for text in texts])
    return failed(
        say("Nobody printed {lines}.", lines=lines)
        if len(group) != 1
        else say("{name} did not print {lines}.", name=context.subjects(group), lines=lines),
        why=say("The task asks for each of these lines once, and some of them never came."),
        next=say("How does each value come to the line that prints it, and which of them do not?"),
        about=group,
        missing=True,
    )


def _repeated(found: Sequence[Printed], context: JudgeContext) -> Verdict:
    first, second = found[0], found[1]
    return failed(
        say(
            "{line} was printed {times}: by {first} at {early} and by {second} at {late}.",
            line=quoted(first.text),
            times=times(len(found)),
            first=context.name(first.by),
            early=seconds(first.at, [second.at]),
            second=context.name(second.by),
            late=seconds(second.at, [first.at]),
        ),
        why=say("The task asks for each of these lines once."),
        next=say("How can the same value come to that line more than once?"),
        line=context.printed_at(second),
        about=sorted({line.by for line in found}),
    )


def _out_of_order(earlier: Printed, later: Printed, context: JudgeContext) -> Verdict:
    """``earlier`` should have come first."""
    return failed(
        say(
            "{later} came at {late}, before {earlier} at {early}.",
            later=quoted(later.text),
            late=seconds(later.at, [earlier.at]),
            earlier=quoted(earlier.text),
            early=seconds(earlier.at, [later.at]),
        ),
        why=say("The task asks for these lines in an order of their own."),
        next=say("What, in your script, keeps the values in their order?"),
        about=sorted({earlier.by, later.by}),
    )
