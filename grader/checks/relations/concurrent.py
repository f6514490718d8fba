"""``concurrent``: how many are between two lines at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.checks.context import JudgeContext
from grader.checks.finding import Mark, Relation
from grader.checks.lines import never_printed, true_match
from grader.checks.registry import Concern, judges
from grader.checks.verdict import Verdict, failed, inconclusive, passed
from grader.checks.words import quoted
from grader.exercise import ANY_NAME
from grader.exercise.relations.sections import Concurrent
from grader.messages import Text, plural, say
from grader.trace import Nanoseconds, Printed, ProcessNumber, Witness, questions
from grader.trace.naming import seconds, several


@dataclass(frozen=True)
class Section:
    """What one process does between two lines, or its life. ``opened`` and ``closed`` are places
    among the events; ``closed`` is None where the run was over before.
    """

    process: ProcessNumber
    opened: int
    closed: int | None
    text: Text


@judges(Concurrent, Concern.BEHAVIOUR)
def judge_concurrent(wanted: Concurrent, context: JudgeContext) -> Verdict:
    """Whether never too many, and at some instant enough, are between the two lines."""
    sections = _lives(wanted, context) if wanted.from_ is None else _sections(wanted, context)
    if isinstance(sections, Verdict):
        return sections
    counts = list(_counts(sections))
    if wanted.at_most is not None:
        crowded = (position for position, count in counts if count > wanted.at_most)
        first = next(crowded, None)
        if first is not None:
            return _too_many(_open_at(sections, first), wanted.at_most, context)
    most = _open_at(sections, max(counts, key=lambda each: each[1])[0])
    if wanted.reaches is not None and len(most) < wanted.reaches:
        if context.trace.witness is Witness.SCRIPT:
            return inconclusive(
                say(
                    "They may have come one after another because the machine was slow, and only "
                    "the grader's own clock, which was not used here, leaves that out."
                )
            )
        return _too_few(most, wanted.reaches, context)
    return passed()


def _lives(wanted: Concurrent, context: JudgeContext) -> list[Section]:
    found = []
    for number in context.roles.of(wanted.by):
        begun = questions.start_of(context.trace, number) or questions.beginning_of(
            context.trace, number
        )
        end = questions.end_of(context.trace, number)
        if begun is not None:
            closed = None if end is None else context.position(end)
            found.append(Section(number, context.position(begun), closed, context.name(number)))
    return sorted(found, key=lambda each: each.opened)


def _sections(wanted: Concurrent, context: JudgeContext) -> list[Section] | Verdict:
    assert wanted.from_ is not None
    assert wanted.to is not None
    members = context.roles.of(wanted.by)
    sections: list[Section] = []
    open_lines: dict[tuple[ProcessNumber, frozenset[tuple[str, str]]], list[Printed]] = {}
    for line in context.heard:
        if line.by not in members:
            continue
        closing = true_match(wanted.to.prints, line, context)
        opening = None if closing else true_match(wanted.from_.prints, line, context)
        match = closing or opening
        if match is None:
            continue
        entered = open_lines.setdefault((line.by, frozenset(match.named)), [])
        if opening is not None:
            entered.append(line)
        elif entered:
            first = entered.pop(0)
            position, closed = context.position(first), context.position(line)
            sections.append(Section(line.by, position, closed, context.line_printed(first)))
        else:
            return _never_opened(line, wanted.from_.prints, context)
    left = [line for lines in open_lines.values() for line in lines]
    if left and questions.end_of(context.trace, left[0].by) is not None:
        return _never_closed(left[0], wanted.to.prints, context)
    sections += [
        Section(line.by, context.position(line), None, context.line_printed(line)) for line in left
    ]
    outside = [number for number in members if all(each.process != number for each in sections)]
    if not sections or (outside and wanted.by != ANY_NAME):
        return never_printed(wanted.from_.prints, wanted.by, context, outside)
    return sorted(sections, key=lambda each: each.opened)


def _open_at(sections: Sequence[Section], position: int) -> list[Section]:
    return [
        each
        for each in sections
        if each.opened <= position and (each.closed is None or each.closed > position)
    ]


def _counts(sections: Sequence[Section]) -> Iterator[tuple[int, int]]:
    """Each place among the events at which one is opened or closed, and how many are open then."""
    changes = [(each.opened, 1) for each in sections]
    changes += [(each.closed, -1) for each in sections if each.closed is not None]
    count = 0
    for position, change in sorted(changes):
        count += change
        yield position, count


def _at(section: Section, context: JudgeContext) -> Nanoseconds:
    return context.trace.events[section.opened].at


def _too_many(crowd: Sequence[Section], at_most: int, context: JudgeContext) -> Verdict:
    last, first = crowd[-1], crowd[0]
    at = _at(last, context)
    opened = context.trace.events[last.opened]
    is_line = isinstance(opened, Printed)
    end = at if first.closed is None else context.trace.events[first.closed].at
    return failed(
        say(
            "At {time} {count} were between the two lines at once, from {sections} on; at most "
            "{most} is right.",
            time=seconds(at),
            count=len(crowd),
            sections=several([each.text for each in crowd]),
            most=at_most,
        )
        if is_line
        else say(
            "At {time} {count} processes were alive at once: {sections}; at most {most} is right.",
            time=seconds(at),
            count=len(crowd),
            sections=several([each.text for each in crowd]),
            most=at_most,
        ),
        why=say(
            "Processes and threads run side by side. Others are kept out only by something that "
            "all of them share, and that each takes before the first line and gives back after "
            "the second."
        )
        if is_line
        else say("Whatever is started runs from then on, beside all that is running already."),
        next=say(
            "What must happen before the next one may come to the first line, and what, in your "
            "script, makes it wait for that?"
        )
        if is_line
        else say("What, in your script, has to end before the next one is started?"),
        line=context.printed_at(opened) if isinstance(opened, Printed) else None,
        relations=(Relation(Mark(first.process, end), Mark(last.process, at), say("overlap")),),
        about=sorted({each.process for each in crowd}),
    )


def _too_few(most: Sequence[Section], reaches: int, context: JudgeContext) -> Verdict:
    at = _at(most[-1], context)
    values = {"time": seconds(at), "wanted": reaches, "sections": several([m.text for m in most])}
    is_line = isinstance(context.trace.events[most[-1].opened], Printed)
    return failed(
        plural(
            "Never was there more than {count} between the two lines, as at {time} from "
            "{sections} on; the task asks for {wanted} at once.",
            "Never were there more than {count} between the two lines, as at {time} from "
            "{sections} on; the task asks for {wanted} at once.",
            len(most),
            **values,
        )
        if is_line
        else plural(
            "Never was more than {count} process alive, as at {time}: {sections}; the task asks "
            "for {wanted} at once.",
            "Never were more than {count} processes alive, as at {time}: {sections}; the task "
            "asks for {wanted} at once.",
            len(most),
            **values,
        ),
        why=say(
            "They come one after another where they could be there at once: each waits for one "
            "that it need not wait for, or it has nothing to do there that takes time."
        ),
        next=say("What does each of them wait for before it begins, and how long does it stay?"),
        about=sorted({each.process for each in most}),
    )


def _never_closed(line: Printed, pattern: str, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{name} printed {line} at {time}, and then ended without {other}.",
            name=context.subject(line.by),
            line=quoted(line.text),
            time=seconds(line.at),
            other=context.like(pattern),
        ),
        why=say("The second line belongs to the first one: without it nobody sees the end."),
        next=say("Which line of your script should print it, and is that line always reached?"),
        line=context.printed_at(line),
        about=[line.by],
        missing=True,
    )


def _never_opened(line: Printed, pattern: str, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{name} printed {line} at {time}, and had not printed {other} before it.",
            name=context.subject(line.by),
            line=quoted(line.text),
            time=seconds(line.at),
            other=context.like(pattern),
        ),
        why=say("The second line belongs to the first one: without it nobody sees the beginning."),
        next=say("In which order does each process come to the lines that print the two?"),
        line=context.printed_at(line),
        about=[line.by],
    )
