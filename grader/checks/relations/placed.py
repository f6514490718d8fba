"""``line``, ``after`` and ``before`` of ``prints``: the right line, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.checks.context import JudgeContext
from grader.checks.finding import Mark, Relation
from grader.checks.lines import is_true
from grader.checks.moments import Instant, find_moment
from grader.checks.verdict import Verdict, failed
from grader.checks.words import quoted
from grader.exercise import ANY_NAME, Moment
from grader.exercise.relations.events import Prints
from grader.exercise.values import LAST
from grader.messages import Text, say
from grader.trace import Printed, ProcessNumber
from grader.trace.naming import seconds


@dataclass(frozen=True)
class Window:
    """The part of a run in which lines count, from one instant to another; None: without bound."""

    after: Instant | None
    before: Instant | None

    @property
    def is_all(self) -> bool:
        """Whether every line counts."""
        return self.after is None and self.before is None

    def holds(self, position: int) -> bool:
        """Whether what stands there among the events counts."""
        return (self.after is None or position > self.after.position) and (
            self.before is None or position < self.before.position
        )


def find_window(wanted: Prints, context: JudgeContext) -> Window | Verdict:
    """The lines that count, or the verdict where a moment did not come about."""
    found: list[Instant | None] = []
    moments: tuple[Moment | None, ...] = (wanted.after, wanted.before)
    for moment in moments:
        instant = None if moment is None else find_moment(moment, context)
        if isinstance(instant, Verdict):
            return instant
        found.append(instant)
    return Window(*found)


def in_their_place(
    wanted: Prints,
    groups: Sequence[Sequence[ProcessNumber]],
    lines: Sequence[Printed],
    right: Sequence[Printed],
) -> list[Printed]:
    """Of the ``right`` lines those that are the one of their group's that is asked for, among all
    ``lines``.
    """
    if wanted.line is None:
        return list(right)
    places = [line for group in groups if (line := _at_place(wanted.line, group, lines))]
    return [line for line in right if any(line is each for each in places)]


def _at_place(
    place: int, group: Sequence[ProcessNumber], lines: Sequence[Printed]
) -> Printed | None:
    own = [line for line in lines if line.by in group]
    index = place if place == LAST else place - 1
    return own[index] if own and index < len(own) else None


def absent_within(
    wanted: Prints,
    window: Window,
    lacking: Sequence[ProcessNumber],
    lines: Sequence[Printed],
    context: JudgeContext,
) -> Verdict:
    """They printed it too early, or something else, or nothing more at all."""
    late = next(
        (
            line
            for line in context.heard
            if window.before is not None
            and line.by in lacking
            and is_true(wanted.text, line, context)
            and context.position(line) > window.before.position
        ),
        None,
    )
    if window.before is not None and late is not None:
        return _too_late(late, window.before, context)
    own = [line for line in lines if line.by in lacking]
    values = {"name": context.name(lacking[0]), "line": context.like(wanted.text)}
    return failed(
        say(
            "{moment}, {name} printed {other}; the task asks for {line}.",
            moment=_when(window, lacking[0]),
            other=quoted(own[-1].text),
            **values,
        )
        if own
        else say(
            "{moment}, {name} printed nothing; the task asks for {line}.",
            moment=_when(window, lacking[0]),
            **values,
        ),
        why=say("What was printed before that moment does not count here.")
        if window.before is None
        else say("Only what is printed by then counts here."),
        next=say("Which line of your script should print it, and when does it come to it?"),
        line=context.printed_at(own[-1]) if own else None,
        about=lacking,
        missing=not own,
    )


def _when(window: Window, process: ProcessNumber) -> Text:
    """At the beginning of a sentence."""
    after = None if window.after is None else window.after.text_beside(process)
    before = None if window.before is None else window.before.text_beside(process)
    if after is not None and before is not None:
        return say("Between {after} and {before}", after=after, before=before)
    if before is not None:
        return say("Before {moment}", moment=before)
    assert after is not None
    return say("After {moment}", moment=after)


def _too_late(line: Printed, before: Instant, context: JudgeContext) -> Verdict:
    shown = quoted(line.text)
    return failed(
        say(
            "{name} printed {line} at {time}, after {moment} at {moment_time}.",
            name=context.subject(line.by),
            line=shown,
            time=seconds(line.at, [before.at]),
            moment=before.text_beside(line.by),
            moment_time=seconds(before.at, [line.at]),
        ),
        why=say("Only what is printed by then counts here."),
        next=say(
            "What, in your script, makes {early} come after {late}?",
            early=before.text,
            late=context.line_printed(line),
        ),
        line=context.printed_at(line),
        relations=(Relation(Mark(line.by, line.at), before.mark, say("should come first")),),
        about=[line.by, before.process],
    )


def misplaced(
    wanted: Prints,
    lacking: Sequence[ProcessNumber],
    lines: Sequence[Printed],
    context: JudgeContext,
) -> Verdict:
    """The line is there, and not in the place where it should be. ``lines`` are all that count."""
    assert wanted.line is not None
    other = _at_place(wanted.line, lacking, lines)
    own = [line for line in lines if line.by in lacking]
    name = say("the program") if wanted.by == ANY_NAME else context.names(lacking)
    values = {"name": name, "line": context.like(wanted.text)}
    if other is None:
        happened = say(
            "There are only {count} lines of {name}; the task asks for {line} as line {place}.",
            count=len(own),
            place=wanted.line,
            **values,
        )
    elif wanted.line == LAST:
        happened = say(
            "The last line of {name} is {other}; the task asks for {line} there.",
            other=quoted(other.text),
            **values,
        )
    else:
        happened = say(
            "Line {place} of {name} is {other}; the task asks for {line} there.",
            place=wanted.line,
            other=quoted(other.text),
            **values,
        )
    return failed(
        happened,
        why=say("The line was printed, but not in that place."),
        next=say("Which lines of your script print something before it, and which after it?"),
        about=[line.by for line in (other,) if line is not None] or lacking,
    )
