"""``pairs``: for each line exactly one other that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from grader.checks.context import JudgeContext
from grader.checks.finding import Mark, Relation
from grader.checks.lines import never_printed, true_match
from grader.checks.registry import Concern, judges
from grader.checks.verdict import Verdict, failed, passed
from grader.checks.words import like, quoted
from grader.exercise import ANY_NAME, Moment
from grader.exercise.named_holes import with_names_filled
from grader.exercise.relations.sections import Pairs
from grader.messages import Text, say
from grader.trace import Printed
from grader.trace.naming import seconds, times

_Texts = frozenset[tuple[str, str]]
"""What stands in the named holes of a line."""


@judges(Pairs, Concern.BEHAVIOUR)
def judge_pairs(wanted: Pairs, context: JudgeContext) -> Verdict:
    """Whether the lines belong together two by two."""
    firsts, seconds_ = _by_texts(wanted.each, context), _by_texts(wanted.once, context)
    if not firsts:
        line = wanted.each.prints or ""
        verdict = never_printed(line, wanted.each.by or ANY_NAME, context)
        return replace(verdict, awaited_line=line)
    for texts, found in seconds_.items():
        if texts not in firsts:
            return _without_first(found[0], _line(wanted.each, texts), context)
    for texts, found in firsts.items():
        others = seconds_.get(texts, [])
        if len(others) < len(found):
            return _without_second(found[len(others)], _line(wanted.once, texts), context)
        if len(others) > len(found):
            return _too_often(found, others, context)
        for first, second in zip(found, others, strict=True):
            if context.position(first) > context.position(second):
                return _too_early(first, second, context)
    return _out_of_order(firsts, seconds_, context) if wanted.in_order else passed()


def _by_texts(moment: Moment, context: JudgeContext) -> dict[_Texts, list[Printed]]:
    """The lines of a kind, by what stands in their holes, in the order of the first ones."""
    assert moment.prints is not None
    members = context.roles.of(moment.by or ANY_NAME)
    found: dict[_Texts, list[Printed]] = {}
    for line in context.heard:
        match = true_match(moment.prints, line, context) if line.by in members else None
        if match is not None:
            found.setdefault(frozenset(match.named), []).append(line)
    return found


def _line(moment: Moment, texts: _Texts) -> Text:
    """A line of a kind with these texts in it."""
    return like(with_names_filled(moment, dict(texts)).prints or "")


def _without_first(line: Printed, first: Text, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{name} printed {line} at {time}, and {other} was never printed.",
            name=context.subject(line.by),
            line=quoted(line.text),
            time=seconds(line.at),
            other=first,
        ),
        why=say("Each of these lines belongs to another one that comes before it."),
        next=say("Where does that which stands in this line come from?"),
        line=context.printed_at(line),
        about=[line.by],
    )


def _without_second(line: Printed, second: Text, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{name} printed {line} at {time}, and {other} never came after it.",
            name=context.subject(line.by),
            line=quoted(line.text),
            time=seconds(line.at),
            other=second,
        ),
        why=say("Each of these lines has another one that belongs to it, exactly one."),
        next=say("Which process should go on with it, and what does that one wait for?"),
        line=context.printed_at(line),
        about=[line.by],
        missing=True,
    )


def _too_often(
    firsts: Sequence[Printed], others: Sequence[Printed], context: JudgeContext
) -> Verdict:
    one, another = others[-2], others[-1]
    values = {
        "line": quoted(another.text),
        "times": times(len(others)),
        "one": context.name(one.by),
        "early": seconds(one.at, [another.at]),
        "another": context.name(another.by),
        "late": seconds(another.at, [one.at]),
        "first": quoted(firsts[0].text),
        "how_often": times(len(firsts)),
    }
    return failed(
        say(
            "{line} was printed {times}, by {one} at {early} and by {another} at {late}, and "
            "{first} {how_often}.",
            **values,
        )
        if len({each.text for each in others}) == 1
        else say(
            "{earlier} of {one} came at {early} and {line} of {another} at {late}: such a line was "
            "printed {times}, and {first} {how_often}.",
            earlier=quoted(one.text),
            **values,
        ),
        why=say("Each of these lines has another one that belongs to it, exactly one."),
        next=say("How can two of them get hold of the same thing?"),
        line=context.printed_at(another),
        about=sorted({one.by, another.by}),
    )


def _too_early(first: Printed, second: Printed, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{second} came at {early}, before {first} at {late}.",
            second=quoted(second.text),
            early=seconds(second.at, [first.at]),
            first=quoted(first.text),
            late=seconds(first.at, [second.at]),
        ),
        why=say(
            "Once started, processes run side by side. Nothing here makes one wait for the other."
        ),
        next=say("What tells the one process that the other has come so far?"),
        line=context.printed_at(second),
        relations=(
            Relation(
                Mark(first.by, first.at), Mark(second.by, second.at), say("should come first")
            ),
        ),
        about=sorted({first.by, second.by}),
    )


def _out_of_order(
    firsts: dict[_Texts, list[Printed]], others: dict[_Texts, list[Printed]], context: JudgeContext
) -> Verdict:
    pairs = [
        pair for texts, found in firsts.items() for pair in zip(found, others[texts], strict=True)
    ]
    pairs.sort(key=lambda pair: context.position(pair[0]))
    for (first, one), (second, another) in pairwise(pairs):
        if context.position(one) > context.position(another):
            return failed(
                say(
                    "{another} came at {early}, before {one} at {late}, although {second} had "
                    "come after {first}.",
                    another=quoted(another.text),
                    early=seconds(another.at, [one.at]),
                    one=quoted(one.text),
                    late=seconds(one.at, [another.at]),
                    second=quoted(second.text),
                    first=quoted(first.text),
                ),
                why=say("The task asks for these lines in an order of their own."),
                next=say("What, in your script, keeps the values in their order?"),
                about=sorted({one.by, another.by}),
            )
    return passed()
