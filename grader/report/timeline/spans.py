"""The stretches of each lane: alive, asleep, waiting, polling, ended but not collected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from grader.messages import Language, Text, say
from grader.report.escaping import one_line, shortened
from grader.report.narration import OBSTACLES, Narrator, awaited
from grader.report.timeline.axis import Axis
from grader.report.timeline.instants import Repetition, repetitions
from grader.report.timeline.shapes import Lane, Span, SpanKind
from grader.report.timeline.words import width_of
from grader.trace import (
    MAIN,
    AskedForInput,
    BlockedInterval,
    Ended,
    Nanoseconds,
    Process,
    ProcessNumber,
    Slept,
    Trace,
    Typed,
    WaitBegan,
    WaitedFor,
    WaitTimedOut,
)
from grader.trace.naming import seconds

_SPANS_AT_MOST = 1_500
_AGAIN_AND_AGAIN = 3
"""Who has asked so often in vain is polling."""
_NARROWEST = 1.5


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

    def _pauses(self) -> Iterator[Span]:
        """The sleeps, the waits for children, and the waits for a line from the keyboard."""
        begun: dict[ProcessNumber, WaitBegan] = {}
        asked: dict[ProcessNumber, Nanoseconds] = {}
        told: set[int] = set()
        loops: dict[ProcessNumber, Nanoseconds] = {}
        """Until when each was in its last one."""
        for each in repetitions(self._trace):
            span = self._repeated(each)
            if span is not None:
                told.update(each.places)
                loops[each.process] = each.end
                yield span
        for place, event in enumerate(self._trace.events):
            lane = self._lanes.get(event.by)
            if lane is None or place in told:
                continue
            if isinstance(event, Slept):
                yield self._sleep(lane, event)
            elif isinstance(event, BlockedInterval):
                yield self._idle(lane, event)
            elif isinstance(event, WaitBegan):
                begun[event.by] = event
            elif isinstance(event, (WaitedFor, WaitTimedOut)):
                wait = begun.pop(event.by, None)
                if wait is not None:
                    yield self._wait(lane, wait, event.at)
                elif isinstance(event, WaitedFor) and event.began is not None:
                    yield from self._unannounced(lane, event, event.began)
            elif isinstance(event, AskedForInput):
                asked[event.by] = event.at
            elif isinstance(event, Typed) and event.by in asked:
                yield self._at_keyboard(lane, asked.pop(event.by), event.at)
        for number, wait in begun.items():
            yield self._wait(self._lanes[number], wait, self._last(self._lanes[number]))
        for number, since in asked.items():
            yield self._at_keyboard(self._lanes[number], since, self._last(self._lanes[number]))
        to_the_end = {each for each, until in loops.items() if until == self._trace.duration}
        yield from self._last_waits({*begun, *asked, *to_the_end})

    def _last_waits(self, told: Set[ProcessNumber]) -> Iterator[Span]:
        """What processes were blocked in when the run was over, where no event tells of it.

        When such a wait began is not known exactly: after the last event of the process, and
        after the computing that it may have done since.
        """
        last: dict[ProcessNumber, Nanoseconds] = {}
        for event in self._trace.events:
            if not isinstance(event, Ended):
                last[event.by] = (
                    event.until if isinstance(event, (Slept, BlockedInterval)) else event.at
                )
        for blocked in self._trace.blocked:
            lane = self._lanes.get(blocked.process)
            what = awaited(blocked, self._narrator)
            if lane is None or what is None or blocked.process in told:
                continue
            since = last.get(blocked.process, _came_up(lane.process))
            begin, until = since + lane.process.cpu, self._last(lane)
            if begin >= until:
                begin = since  # much of its computing came before
            if begin < until:
                words = [say("waits for {what}", what=what), what]
                yield self._span("waiting", lane, begin, until, words)

    def _idle(self, lane: Lane, event: BlockedInterval) -> Span:
        what = OBSTACLES[event.obstacle]
        until = min(event.until, self._last(lane))
        return self._span(
            "waiting", lane, event.at, until, [say("waits for {what}", what=what), what]
        )

    def _at_keyboard(self, lane: Lane, begin: Nanoseconds, until: Nanoseconds) -> Span:
        return self._span("waiting", lane, begin, until, [say("waits for the keyboard")])

    def _sleep(self, lane: Lane, event: Slept) -> Span:
        until = min(event.until, self._last(lane))
        span = seconds(until - event.at)
        return self._span("asleep", lane, event.at, until, [say("sleeps {time}", time=span), span])

    def _repeated(self, loop: Repetition) -> Span | None:
        """The sleeps of a loop as one, or its waits; None: there is more in it."""
        lane = self._lanes.get(loop.process)
        if lane is None:
            return None
        events = [self._trace.events[place] for place in loop.places]
        end = min(loop.end, self._last(lane))
        if all(isinstance(event, Slept) for event in events):
            told = [say("sleeps {count} times", count=len(events))]
            return self._span("asleep", lane, loop.begin, end, told)
        waits = [event for event in events if isinstance(event, WaitBegan)]
        others = [event for event in events if not isinstance(event, (WaitBegan, WaitTimedOut))]
        if others or len({event.children for event in waits}) != 1:
            return None
        names = self._narrator.names(waits[0].children)
        told = [
            say("waits for {names}, {count} times in vain", names=names, count=len(waits)),
            say("waits for {names}", names=names),
        ]
        return self._span("waiting", lane, loop.begin, end, told)

    def _wait(self, lane: Lane, wait: WaitBegan, until: Nanoseconds) -> Span:
        if not wait.children:
            return self._span("waiting", lane, wait.at, until, [say("waits for any child")])
        return self._waiting(lane, wait.at, until, wait.children)

    def _waiting(
        self,
        lane: Lane,
        begin: Nanoseconds,
        until: Nanoseconds,
        children: Sequence[ProcessNumber],
    ) -> Span:
        names = self._narrator.names(children)
        told: list[Text] = [say("waits for {names}", names=names), names]
        if self._narrator.in_shutdown(lane.process.number, begin):
            told = [say("shutdown waits for {names}", names=names), say("shutdown waits")]
        return self._span("waiting", lane, begin, until, told)

    def _unannounced(self, lane: Lane, event: WaitedFor, began: Nanoseconds) -> Iterator[Span]:
        """A wait that was not seen to begin: by the sentinel, or by asking in vain.

        Who asks now and then, and does something else between, does not wait.
        """
        if event.how != "poll":
            yield self._waiting(lane, began, event.at, [event.child])
            return
        if event.polls < _AGAIN_AND_AGAIN:
            return
        name = self._narrator.name(event.child)
        told: list[Text] = [say("asks again and again: is {name} alive?", name=name), name]
        yield self._span("polling", lane, began, event.at, told)

    def _span(
        self,
        kind: SpanKind,
        lane: Lane,
        begin: Nanoseconds,
        end: Nanoseconds,
        told: Sequence[Text] = (),
    ) -> Span:
        """With the first of the words that fit into it; the first of all are its title."""
        x = self._axis.x(begin)
        width = max(_NARROWEST, self._axis.x(end) - x)
        said = [one_line(text.in_language(self._language), 120) for text in told]
        fitting = (shortened(words, 34) for words in said)
        words = next((each for each in fitting if width_of(each) + 8 <= width), "")
        return Span(kind, x, width, lane.y, said[0] if said else "", words)


def _came_up(process: Process) -> Nanoseconds:
    """When its interpreter was ready for the student's code, if nothing kept it."""
    return process.started + (0 if process.number == MAIN else process.start_up)


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
