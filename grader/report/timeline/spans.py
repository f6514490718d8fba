"""The stretches of each lane: alive, asleep, waiting, polling, ended but not collected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from grader.messages import Language, Text, say
from grader.report.escaping import cells, one_line, shortened
from grader.report.narration import OBSTACLES, Narrator, awaited
from grader.report.timeline.axis import Axis
from grader.report.timeline.instants import Repetition, repetitions
from grader.report.timeline.shapes import Lane, Span, SpanKind
from grader.report.timeline.words import width_of
from grader.trace import (
    BlockedInterval,
    Ended,
    Nanoseconds,
    Outcome,
    ProcessNumber,
    Slept,
    Trace,
    WaitBegan,
    WaitedFor,
    WaitReason,
    WaitTimedOut,
)
from grader.trace.intervals import InputWait, Interval, Stuck, Wait
from grader.trace.naming import seconds, verbatim

_SPANS_AT_MOST = 1_500
_AGAIN_AND_AGAIN = 3
"""Who has asked so often in vain is polling."""
_NARROWEST = 1.5
_CELLS_AT_MOST = 40


class Spans:
    """Lays out the spans of one run."""

    def __init__(
        self,
        trace: Trace,
        axis: Axis,
        narrator: Narrator,
        language: Language,
        lanes: Mapping[ProcessNumber, Lane],
    ) -> None:
        self._trace = trace
        self._axis = axis
        self._narrator = narrator
        self._language = language
        self._lanes = lanes

    def laid_out(self) -> tuple[Span, ...]:
        """From below to above; of one kind in one lane those that touch are one."""
        lives = list(self._lives())
        return (*lives, *_joined(self._pauses())[: _SPANS_AT_MOST - len(lives)])

    def _lives(self) -> Iterator[Span]:
        for lane in self._lanes.values():
            process = lane.process
            end = self._last(lane)
            begin = process.began if process.began is not None else end
            if begin > process.started:
                yield self._span("starting", lane, process.started, begin)
            if end >= begin:
                yield self._span("alive", lane, begin, end)
            collected = process.collected
            if process.ended is not None and collected is not None and collected > process.ended:
                yield self._span("uncollected", lane, process.ended, collected)

    def _last(self, lane: Lane) -> Nanoseconds:
        ended = lane.process.ended
        return self._trace.duration if ended is None else ended

    def _held_up(self) -> Iterator[Span]:
        """Where the schedule made a process stand still before one of its opcodes."""
        for each in self._trace.preemptions:
            lane = self._lanes.get(each.by)
            pause = self._trace.schedule.pause_at(each.who, each.count)
            if lane is None or pause is None:
                continue
            value = self._narrator.updates(each.line)
            held = [self._narrator.at_line(say("held up"), each)]
            if value is not None:
                read = say("read {value}", value=value)
                later = say("read {value}, and writes it only later", value=value)
                held = [self._narrator.at_line(later, each), later]
                held += [self._narrator.at_line(read, each), read, verbatim(value)]
            until = min(each.at + pause, self._last(lane))
            yield self._span("paused", lane, each.at, until, held)

    def _looping(self, lane: Lane, stuck: Stuck) -> Iterator[Span]:
        """At work to the end, in a run that was stopped: since the last that it is known to do."""
        done = (
            getattr(each, "until", each.at)
            for each in self._trace.events
            if each.by == stuck.by and not isinstance(each, Ended)
        )
        if self._trace.outcome is not Outcome.FINISHED and not self._trace.stopped:
            loops = say("goes round a loop")
            words = [self._narrator.at_line(loops, stuck), loops]
            yield self._span("looping", lane, max(done, default=0), stuck.until, words)

    def _pauses(self) -> Iterator[Span]:
        """The sleeps, the waits, and what processes were blocked in."""
        yield from self._held_up()
        loops: dict[ProcessNumber, Nanoseconds] = {}
        """Until when each was in its last one."""
        drawn: set[int] = set()
        for loop in repetitions(self._trace):
            span = self._repeated(loop)
            if span is not None:
                drawn.update(id(self._trace.events[place]) for place in loop.places)
                loops[loop.process] = loop.end
                yield span
        drawn |= {id(piece) for pieces in self._unended.values() for piece in pieces}
        for each in self._trace.intervals:
            lane = self._lanes.get(each.by)
            if lane is None or id(each.opened if isinstance(each, Wait) else each) in drawn:
                continue
            if isinstance(each, Slept):
                until = min(each.until, self._last(lane))
                lasts = seconds(until - each.at)
                sleeps = say("sleeps {time}", time=lasts)
                words = [self._narrator.at_line(sleeps, each), sleeps, lasts]
                yield self._span("asleep", lane, each.at, until, words)
            elif isinstance(each, BlockedInterval):
                until = min(each.until, self._last(lane))
                yield self._awaits(lane, each, OBSTACLES[each.obstacle], each.at, until)
            elif isinstance(each, InputWait):
                yield self._awaits(lane, each, OBSTACLES[WaitReason.INPUT], each.at, each.until)
            elif isinstance(each, Wait):
                yield from self._wait(lane, each)
            elif each.blocked.obstacle is WaitReason.NOTHING:
                yield from self._looping(lane, each)
            elif loops.get(each.by) != self._trace.duration:
                what = awaited(each.blocked, self._narrator)
                if what is not None:
                    before = self._unended.get(each.by)
                    begin = before[0].at if before else each.at
                    yield self._awaits(lane, each, what, begin, each.until)

    @cached_property
    def _unended(self) -> dict[ProcessNumber, list[BlockedInterval]]:
        """The pieces that are known of the waits in which processes were left: one wait each."""
        found: dict[ProcessNumber, list[BlockedInterval]] = {}
        for each in self._trace.intervals:
            if isinstance(each, Stuck):
                pieces = found.setdefault(each.by, [])
                for event in reversed(self._trace.events):
                    if event.by == each.by and not isinstance(event, Ended):
                        if (
                            not isinstance(event, BlockedInterval)
                            or event.obstacle is not each.blocked.obstacle
                        ):
                            break
                        pieces.insert(0, event)
        return found

    def _awaits(
        self, lane: Lane, wait: Interval, what: Text, begin: Nanoseconds, end: Nanoseconds
    ) -> Span:
        waits = say("waits for {what}", what=what)
        words = [self._narrator.at_line(waits, wait), waits, what]
        return self._span("waiting", lane, begin, end, words)

    def _repeated(self, loop: Repetition) -> Span | None:
        """The sleeps of a loop as one, or its waits; None: there is more in it."""
        lane = self._lanes.get(loop.process)
        if lane is None:
            return None
        events = [self._trace.events[place] for place in loop.places]
        end = min(loop.end, self._last(lane))
        if all(isinstance(event, Slept) for event in events):
            words = [say("sleeps {count} times", count=len(events))]
            return self._span("asleep", lane, loop.begin, end, words)
        waits = [event for event in events if isinstance(event, WaitBegan)]
        others = [event for event in events if not isinstance(event, (WaitBegan, WaitTimedOut))]
        if others or len({event.children for event in waits}) != 1:
            return None
        names = self._narrator.names(waits[0].children)
        words = [
            say("waits for {names}, {count} times in vain", names=names, count=len(waits)),
            say("waits for {names}", names=names),
        ]
        return self._span("waiting", lane, loop.begin, end, words)

    def _wait(self, lane: Lane, wait: Wait) -> Iterator[Span]:
        """A process that asks now and then, and does something else between, does not wait."""
        words: list[Text]
        if wait.opened is None and isinstance(wait.closed, WaitedFor) and wait.closed.how == "poll":
            if wait.closed.polls >= _AGAIN_AND_AGAIN:
                name = self._narrator.name(wait.closed.child)
                words = [say("asks again and again: is {name} alive?", name=name), name]
                yield self._span("polling", lane, wait.at, wait.until, words)
            return
        if not wait.children:
            words = [self._narrator.at_line(say("waits for any child"), wait)]
        elif self._narrator.in_shutdown(wait.by, wait.at):
            names = self._narrator.names(wait.children)
            words = [say("shutdown waits for {names}", names=names), say("shutdown waits")]
        else:
            names = self._narrator.names(wait.children)
            waits = say("waits for {names}", names=names)
            words = [self._narrator.at_line(waits, wait), waits, names]
        yield self._span("waiting", lane, wait.at, wait.until, words)

    def _span(
        self,
        kind: SpanKind,
        lane: Lane,
        begin: Nanoseconds,
        end: Nanoseconds,
        words: Sequence[Text] = (),
    ) -> Span:
        """With the first of the words that fit into it; the first of all are its title."""
        x = self._axis.x(begin)
        width = max(_NARROWEST, self._axis.x(end) - x)
        said = [one_line(text.in_language(self._language), 120) for text in words]
        whole = [each for each in said if cells(each) <= _CELLS_AT_MOST]
        # Cut are words without a line: of its number nothing may be missing.
        fitting = whole or [shortened(each, _CELLS_AT_MOST) for each in said[1:] or said]
        inside = next((each for each in fitting if width_of(each) + 8 <= width), "")
        return Span(kind, x, width, lane.y, said[0] if said else "", inside)


def _joined(spans: Iterator[Span]) -> list[Span]:
    """Those so narrow that they would be drawn over each other as one."""
    joined: list[Span] = []
    last_in: dict[tuple[SpanKind, float], int] = {}
    for span in spans:
        known = last_in.get((span.kind, span.y))
        if known is not None and span.width <= _NARROWEST:
            before = joined[known]
            if span.x < before.x + before.width:
                continue
        last_in[span.kind, span.y] = len(joined)
        joined.append(span)
    return joined
