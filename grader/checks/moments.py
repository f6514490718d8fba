"""The moments of an exercise, found in a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from grader.checks.context import JudgeContext
from grader.checks.finding import Mark
from grader.checks.lines import lines_like, stand_in
from grader.checks.verdict import Verdict, failed
from grader.checks.words import code, quoted
from grader.exercise import ANY_NAME, MAIN_NAME, Moment
from grader.exercise.values import LAST
from grader.messages import Text, say
from grader.trace import (
    MAIN,
    Event,
    Listened,
    Location,
    Nanoseconds,
    Printed,
    ProcessNumber,
    Trace,
    questions,
)
from grader.trace.naming import times


@dataclass(frozen=True)
class Instant:
    """A moment as it came about. ``text`` names it ("the end of p"), ``position`` is where its
    event stands among all. For a group it is the last one's.
    """

    at: Nanoseconds
    position: int
    process: ProcessNumber
    text: Text
    line: Location | None = None
    printed: Text | None = None
    """The line that was printed, if that is the moment."""

    def text_beside(self, process: ProcessNumber) -> Text:
        """``text`` in a sentence whose subject is that process."""
        if self.printed is None or process != self.process:
            return self.text
        return say("its line {line}", line=self.printed)

    @property
    def mark(self) -> Mark:
        """Where the moment is drawn."""
        return Mark(self.process, self.at)


def find_moment(moment: Moment, context: JudgeContext) -> Instant | Verdict:
    """The instant of a moment, or the verdict where it did not come about."""
    if moment.prints is not None:
        return _printing(moment.prints, moment, context)
    if moment.listens is not None:
        return _listening(moment.listens, moment.by or ANY_NAME, context)
    if moment.waits_for is not None:
        return _waiting(moment.waits_for, moment, context)
    if moment.last_call is not None:
        return _calling(moment.last_call, moment.by or ANY_NAME, context)
    if moment.starts is not None:
        return _starting(moment.starts, moment, context)
    if moment.begins is not None:
        return _of_each(
            moment.begins,
            moment,
            context,
            questions.beginning_of,
            lambda name: say("the first instruction of {name}", name=name),
            lambda lacking: say("{name} never began to work.", name=context.subjects(lacking)),
        )
    if moment.ends is not None:
        return _of_each(
            moment.ends,
            moment,
            context,
            questions.end_of,
            lambda name: say("the end of {name}", name=name),
            lambda lacking: say(
                "{name} had not ended when the run was over.", name=context.subjects(lacking)
            ),
        )
    assert moment.code_ends is not None
    return _of_each(
        moment.code_ends,
        moment,
        context,
        lambda trace, number: questions.code_end(trace, number) or questions.end_of(trace, number),
        lambda name: say("the end of {name}'s own code", name=name),
        lambda lacking: say(
            "{name} never came to the end of its code.", name=context.subjects(lacking)
        ),
    )


def _missing(
    happened: Text, about: Iterable[ProcessNumber] = (), question: Text | None = None
) -> Verdict:
    """The verdict on a moment that did not come about. ``about``: whose doing it was."""
    return failed(
        happened,
        why=say("This check waits for that moment, and it never came."),
        next=question
        or say("Which line of your script should bring it about, and is that line reached?"),
        about=about,
        missing=True,
    )


def _listening(port: int, by: str, context: JudgeContext) -> Instant | Verdict:
    numbers = context.roles.of(by)
    event = next(
        (
            each
            for each in context.trace.events
            if isinstance(each, Listened) and each.port == port and each.by in numbers
        ),
        None,
    )
    if event is None:
        return _nobody_listens(port, context)
    text = say("the moment from which on {name} accepts connections", name=context.name(event.by))
    return Instant(event.at, context.position(event), event.by, text)


def _nobody_listens(port: int, context: JudgeContext) -> Verdict:
    other = next(
        (
            each
            for each in context.trace.events
            if isinstance(each, Listened) and each.port is not None and each.by in context.own
        ),
        None,
    )
    if other is None:
        happened = say("No process accepted connections at port {port}.", port=str(port))
        question = say("Which calls make a socket a server's?")
        return _missing(happened, question=question)
    happened = say(
        "No process accepted connections at port {port}; {name} did so at port {other}.",
        port=str(port),
        name=context.name(other.by),
        other=str(other.port),
    )
    question = say("Where is the port of your server written, and which one does the task ask for?")
    return _missing(happened, [other.by], question)


def _starting(name: str, moment: Moment, context: JudgeContext) -> Instant | Verdict:
    if name == MAIN_NAME or any(peer.name == name for peer in context.exercise.run.peers):
        return _of_each(
            name,
            moment,
            context,
            questions.beginning_of,
            lambda who: say("the start of {name}", name=who),
            lambda lacking: say("{name} never began to work.", name=context.subjects(lacking)),
        )
    return _of_each(
        name,
        moment,
        context,
        questions.start_of,
        lambda who: say("the start of {name}", name=who),
        lambda lacking: say("{name} was never started.", name=context.subjects(lacking)),
    )


def _of_each(
    name: str,
    moment: Moment,
    context: JudgeContext,
    event_of: Callable[[Trace, ProcessNumber], Event | None],
    wording: Callable[[Text], Text],
    absence: Callable[[Sequence[ProcessNumber]], Text],
) -> Instant | Verdict:
    """The last of the events that belong to the processes of a name, one to each, or the first."""
    events = {number: event_of(context.trace, number) for number in context.roles.of(name)}
    found = {number: event for number, event in events.items() if event is not None}
    lacking = [number for number in events if number not in found]
    only_first = moment.which == "first"
    if not found or (lacking and not only_first):
        return _missing(absence(lacking or [MAIN]), lacking)
    choose = min if only_first else max
    number, event = choose(found.items(), key=lambda each: context.position(each[1]))
    line = getattr(event, "line", None)
    return Instant(
        event.at,
        context.position(event),
        number,
        wording(context.name(number)),
        line if isinstance(line, Location) else None,
    )


def _printing(pattern: str, moment: Moment, context: JudgeContext) -> Instant | Verdict:
    by = moment.by or ANY_NAME
    numbers = context.roles.of(by)
    if moment.which == "last":
        groups: list[list[ProcessNumber]] = [[number] for number in numbers]
    else:
        groups = [list(numbers)]
    found: list[Printed] = []
    lacking: list[ProcessNumber] = []
    for group in groups:
        line = _nth_line(pattern, moment.nth or 1, group, by == ANY_NAME, context)
        if line is None:
            lacking += group
        else:
            found.append(line)
    if found and not lacking:
        event = max(found, key=context.position)
        shown = quoted(event.text)
        text = context.line_printed(event)
        return Instant(event.at, context.position(event), event.by, text, printed=shown)
    return replace(_never_printed(pattern, moment, lacking, context), awaited_line=pattern)


def _nth_line(
    pattern: str,
    nth: int,
    numbers: Sequence[ProcessNumber],
    by_any: bool,
    context: JudgeContext,
) -> Printed | None:
    """The line of those processes that is meant. One that is misprinted has its time, too: what is
    wrong with its text is another check's matter.
    """
    lines = lines_like(pattern, context, numbers)
    if lines:
        index = nth if nth == LAST else nth - 1
        return lines[index] if index < len(lines) else None
    if by_any:
        return None
    meant = [stand_in(pattern, number, context) for number in numbers]
    return min((line for line in meant if line is not None), key=context.position, default=None)


def _never_printed(
    pattern: str, moment: Moment, lacking: Sequence[ProcessNumber], context: JudgeContext
) -> Verdict:
    line = context.like(pattern)
    found = lines_like(pattern, context, lacking)
    if found:
        happened = say(
            "A line like {line} came only {times}, and this check waits for number {nth}.",
            line=line,
            times=times(len(found)),
            nth=moment.nth or 1,
        )
        return _missing(happened, lacking)
    if moment.by in (None, ANY_NAME):
        return _missing(say("No process printed {line}.", line=line))
    if len(lacking) > 1 and moment.which != "last":
        happened = say("None of {names} printed {line}.", names=context.names(lacking), line=line)
    else:
        who = context.subjects(lacking or [MAIN])
        happened = say("{name} did not print {line}.", name=who, line=line)
    return _missing(happened, lacking)


def _calling(method: str, by: str, context: JudgeContext) -> Instant | Verdict:
    numbers = context.roles.of(by)
    calls = [call for call in questions.calls_of(context.trace, method) if call.by in numbers]
    if not calls:
        who = context.subjects(numbers or [MAIN])
        return _missing(
            say("{name} never called {method}.", name=who, method=code(method)), numbers
        )
    last = calls[-1]
    # What it says holds for the moment of the answer: the process may end while it is asked for.
    answer = questions.answer_to(context.trace, last)
    text = say("the last call of {method}", method=code(method))
    return Instant(answer.at, context.position(answer), last.by, text, last.line)


def _waiting(name: str, moment: Moment, context: JudgeContext) -> Instant | Verdict:
    waiters = context.roles.of(moment.by or MAIN_NAME) or (MAIN,)
    waiter = context.names(waiters)

    def first_wait(trace: Trace, number: ProcessNumber) -> Event | None:
        """Of any of those that may wait for it, as in the relation `waited`."""
        waits = (questions.waited_through(trace, number, each) for each in waiters)
        return min(filter(None, waits), key=context.position, default=None)

    return _of_each(
        name,
        moment,
        context,
        first_wait,
        lambda who: say("the wait of {waiter} for {name}", waiter=waiter, name=who),
        lambda lacking: say(
            "{waiter} never waited for {name}.",
            waiter=context.subjects(waiters),
            name=context.names(lacking),
        ),
    )
