"""What each process was at when a limit ended the run: in which loop, asking for what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.mistakes.deadlocks import waiting_clause
from grader.checks.mistakes.starting import not_called
from grader.checks.words import code
from grader.messages import Text, say
from grader.source.loops import Loop, loop_around, written_back
from grader.trace import (
    Blocked,
    Location,
    Nanoseconds,
    Outcome,
    ProcessNumber,
    Slept,
    WaitReason,
    WaitTimedOut,
)
from grader.trace.intervals import Wait
from grader.trace.naming import clauses, seconds, times
from grader.trace.questions import children_of

_OF_NO_WAIT = (WaitReason.SLEEP, WaitReason.NOTHING, WaitReason.OTHER)
"""What a process that goes round a loop may be found in."""
_NEARLY: Nanoseconds = 10**7
"""By how much pauses of one length may differ."""
_AGAIN_AND_AGAIN = 3
"""Pauses of one length, one after the other, that are no chance."""
_EXACTLY_COUNTED = 100
"""From here on a number is rounded: how often it was exactly differs from run to run."""
_AT_MOST = 3
"""Processes of which it is said what they were at."""

WHY_ZOMBIE = say(
    "A process that has ended stays in the system's list until its parent collects it. It no "
    "longer works, but it still has its number: a zombie."
)

_Ranked = tuple[int, Feedback]
"""What one process was at, and how near that is to the root of it all: the lower, the nearer."""


def last_activities(context: JudgeContext) -> tuple[Feedback, ...]:
    """What the processes were at that went round in a loop or slept, why that comes to no end,
    and what to ask oneself; at a line that is known, and the root first.
    """
    found = [
        activity
        for each in context.trace.blocked
        if each.process in context.own
        for activity in _activity(each, context)
    ]
    ranked = sorted(found, key=lambda activity: activity[0])
    return tuple(feedback for _, feedback in ranked[:_AT_MOST])


def uncalled_in_loop(context: JudgeContext) -> Feedback | None:
    """A method of a process that a loop names and does not call: the loop never ends by it."""
    for mention in context.code.mentions:
        loop = loop_around(mention.place, context.code)
        if loop is not None and mention.method in ("is_alive", "join"):
            feedback = not_called(mention, context)
            assert feedback.happened is not None
            return replace(
                feedback,
                happened=say(
                    "{mentioned} The loop at {line} never ends by it.",
                    mentioned=feedback.happened,
                    line=context.line(loop.place),
                ),
                why=say(
                    "The name of a method alone always counts as true, whatever the process is "
                    "doing."
                ),
            )
    return None


def others_waiting(context: JudgeContext) -> Text | None:
    """What the others waited for meanwhile, in a sentence; None if none did."""
    others = [
        each
        for each in context.trace.blocked
        if each.process in context.own and each.obstacle not in _OF_NO_WAIT
    ]
    if not others:
        return None
    return say(
        "Meanwhile {processes}.",
        processes=clauses([waiting_clause(each, context) for each in others[:_AT_MOST]]),
    )


def _activity(blocked: Blocked, context: JudgeContext) -> Iterator[_Ranked]:
    if blocked.line is None or blocked.obstacle not in _OF_NO_WAIT:
        return
    loop = loop_around(blocked.line, context.code)
    is_busy = context.trace.outcome is Outcome.CPU_LIMIT
    if is_busy and blocked.obstacle is not WaitReason.NOTHING:
        return
    pauses = [] if is_busy else _last_pauses(blocked.process, context)
    if loop is not None and (len(pauses) >= _AGAIN_AND_AGAIN or not pauses):
        yield _Rounds(blocked.process, loop, pauses, context).standing()
    elif blocked.obstacle is WaitReason.SLEEP:
        yield _asleep(blocked.process, blocked.line, pauses, context)


def _asleep(
    number: ProcessNumber, line: Location, pauses: Sequence[Nanoseconds], context: JudgeContext
) -> _Ranked:
    values = {"name": context.subject(number), "line": context.line(line)}
    happened = (
        say(
            "{name} slept again and again, {count} for {pause} each, the last time at {line}.",
            count=_about(len(pauses)),
            pause=_length(pauses),
            **values,
        )
        if len(pauses) >= _AGAIN_AND_AGAIN
        else say("{name} was asleep at {line}.", **values)
    )
    return 1, Feedback(
        happened,
        say("A loop that never ends, or a sleep that is far too long, keeps it going."),
        say("What must become true for the program to end?"),
        line,
    )


@dataclass(frozen=True)
class _Rounds:
    """One process that went round a loop, with these pauses one after the other."""

    number: ProcessNumber
    loop: Loop
    pauses: Sequence[Nanoseconds]
    context: JudgeContext

    def standing(self) -> _Ranked:
        """How telling this loop is (the lower, the more), and what is said of it."""
        loop = self.loop
        if loop.asks is None:
            return self._without_a_question()
        happened = self._happened(loop.asks)
        if loop.copied:
            return 0, Feedback(
                happened,
                say(
                    "Each process has a {variable} of its own: a child gets a copy of everything "
                    "when it is created. This loop never sees what another process does with its "
                    "copy.",
                    variable=code(loop.copied[0]),
                ),
                say("How could a value get from one process to the other?"),
                loop.place,
            )
        if "/proc/" in loop.asks and self._has_uncollected_children():
            which = say(
                "With which call does {asker} take notice of the end of a child?",
                asker=self.context.name(self.number),
            )
            return 0, Feedback(happened, WHY_ZOMBIE, which, loop.place)
        if loop.asks_whether_alive:
            return 2, Feedback(
                happened,
                say("That changes when the process has ended, and it never did."),
                say("What keeps that process from coming to its end?"),
                loop.place,
            )
        if loop.counts:
            return 0, Feedback(
                happened,
                say("A loop is executed again and again without an end."),
                say("What in this loop should make {test} false, and when?", test=code(loop.asks)),
                loop.place,
            )
        lost = written_back(self.context.code) if ".value" in loop.asks else None
        if lost is not None and len(self.context.children) > 1:
            return 0, Feedback(
                happened,
                say(
                    "{line} writes back what was read before. Where two processes do that at the "
                    "same time, one of them undoes what the other one did.",
                    line=self.context.line_as_subject(lost),
                ),
                say("What could keep the others away between reading the value and writing it?"),
                loop.place,
            )
        return 0, Feedback(
            happened,
            say(
                "Asking changes nothing: such a loop ends only when the answer changes, and it "
                "never did."
            ),
            say("Which line is to change the answer, and which process comes to that line?"),
            loop.place,
        )

    def _has_uncollected_children(self) -> bool:
        return any(
            each.ended is not None and each.collected is None and not each.killed_by_grader
            for each in children_of(self.context.trace, self.number)
        )

    def _happened(self, test: str) -> Text:
        asks = self.loop.asks_whether_alive or not self.loop.counts
        asks = asks and not self._is_busy
        return say(
            "{rounds}, and {test} was still true.", rounds=self._rounds(asks), test=code(test)
        )

    @property
    def _is_busy(self) -> bool:
        return self.context.trace.outcome is Outcome.CPU_LIMIT

    def _without_a_question(self) -> _Ranked:
        loop, name = self.loop, self.context.name(self.number)
        rounds = self._rounds()
        if loop.is_for:
            return 1, Feedback(
                say("{rounds}, and was not done.", rounds=rounds),
                say("What a loop does in one round, it does as often as it goes round."),
                say("How many times should this loop run, and how long may one round take?"),
                loop.place,
            )
        if loop.exits:
            word, place = loop.exits[0]
            line = self.context.line(place)
            return 0, Feedback(
                say(
                    "{rounds}, and never came to the {word} of {line}.",
                    rounds=rounds,
                    word=code(word),
                    line=line,
                ),
                say("Such a loop ends only when one of its lines leaves it."),
                say(
                    "What must be true for {name} to come to {line}, and who is to bring that "
                    "about?",
                    name=name,
                    line=line,
                ),
                loop.place,
            )
        return 1, Feedback(
            say("{rounds}. No line of that loop leaves it.", rounds=rounds),
            say("Such a loop goes on until the process is ended from outside."),
            say("What should end this loop, or who should end {name}?", name=name),
            loop.place,
        )

    def _rounds(self, asks: bool = False) -> Text:
        values = {
            "name": self.context.subject(self.number),
            "line": self.context.line(self.loop.place),
        }
        doing = (
            say("{name} asked again and again at {line}", **values)
            if asks
            else say("{name} went round and round its loop at {line}", **values)
        )
        if self._is_busy:
            return say("{doing} without a pause", doing=doing)
        if not self.pauses:
            return doing
        return say(
            "{doing}, {count} with a pause of {pause} each",
            doing=doing,
            count=_about(len(self.pauses)),
            pause=_length(self.pauses),
        )


def _last_pauses(number: ProcessNumber, context: JudgeContext) -> Sequence[Nanoseconds]:
    """The lengths of the last pauses of a process, as far back as they are of one length. The
    very last one may have been cut off.
    """
    lengths = [until - at for at, until in sorted(_pauses(number, context))]
    if len(lengths) > 1 and lengths[-1] < lengths[-2] - _NEARLY:
        lengths.pop()
    alike: list[Nanoseconds] = []
    for length in reversed(lengths):
        if alike and abs(length - alike[0]) > _NEARLY:
            break
        alike.append(length)
    return alike


def _pauses(
    number: ProcessNumber, context: JudgeContext
) -> Iterator[tuple[Nanoseconds, Nanoseconds]]:
    """When a process slept, or waited for a child until it gave up, and until when.

    Sleeps that follow on one another at once are kept apart here: the question between two of
    them takes next to no time.
    """
    for each in context.trace.intervals:
        gave_up = isinstance(each, Wait) and isinstance(each.closed, WaitTimedOut)
        if each.by == number and (isinstance(each, Slept) or gave_up):
            yield each.at, each.until


def _length(pauses: Sequence[Nanoseconds]) -> Text:
    return seconds(sorted(pauses)[len(pauses) // 2], [0])


def _about(count: int) -> Text:
    if count < _EXACTLY_COUNTED:
        return times(count)
    step = 10 ** (len(str(count)) - 2)
    return say("about {count} times", count=round(count / step) * step)
