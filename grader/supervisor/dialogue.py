"""Somebody at the submission's terminal, who goes by the steps of a dialogue.

What is expected is looked for in every line that comes out, and, when the program stands still,
in what stands there unended. A line is typed, and the input ended, when the program waits for
input. Keys that send a signal need nobody who reads: they are pressed when nobody of the program
can go on by himself, be it that all wait, or sleep. With ``after`` each of them comes at its time.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from grader.plan import Plan
from grader.supervisor.console import Console
from grader.supervisor.run import Run
from grader.trace import (
    MAIN,
    Exchange,
    Nanoseconds,
    Printed,
    ProcessNumber,
    Role,
    Stream,
    Typed,
)

if TYPE_CHECKING:
    from grader.exercise import DialogueStep  # a room that takes long to load
    from grader.screen import Screen

_MOST = 2048
"""Characters of a text in the transcript; a longer line without an end is no prompt."""
_CODES = {"end-of-input": b"\x04", "interrupt": b"\x03"}


class Dialogue:
    """Goes through the steps of a dialogue as the submission gives occasion."""

    def __init__(self, plan: Plan, run: Run, console: Console) -> None:
        self._steps = deque(plan.dialogue)
        self._run = run
        self._console = console
        self._screen = _screen() if plan.dialogue else None
        self._seen = 0
        """How many events of the record have been looked at."""
        self._most = plan.limits.events
        """What comes after so many is of no interest: the run ends there."""
        self._lines: deque[Printed | None] = deque()
        """What has come out and was not searched yet; None: then something was typed."""
        self._at: Nanoseconds = 0
        """When the text was written that was searched last."""
        self._met_of: dict[tuple[ProcessNumber, Stream], int] = {}
        """How many characters of what somebody's line will be have met a step already."""
        self._tried: dict[tuple[ProcessNumber, Stream], tuple[str, Printed]] = {}
        """What each had standing unended when it was last looked at, and for which step."""
        self._expecting: DialogueStep | None = None
        self._last_step: Nanoseconds | None = None
        self._reader: ProcessNumber | None = None
        self._exchanges: list[Exchange] = []
        self.pressed_key = False
        """Whether it has ended the input, interrupted the program or closed its window."""

    @property
    def is_done(self) -> bool:
        """Whether no step is left."""
        return not self._steps

    def transcript(self) -> tuple[Exchange, ...]:
        """The steps that were done, and the one at which it stands, when no more will come."""
        if not self._steps or self._screen is None:
            return tuple(self._exchanges)
        step = self._steps[0]
        if self._screen.gave_up:
            self._run.recorder.doubts.append(
                f"the regular expression of the dialogue's step {step.id} takes too long over "
                "what the program printed"
            )
        before = self._unmet() + "".join(
            text.text[self._met_of.get((text.by, text.stream), 0) :] for text in self._standing()
        )
        return (*self._exchanges, Exchange(step.id, self._now, before, None))

    def _unmet(self) -> str:
        """What has come out since the step before."""
        assert self._screen is not None
        lines, before = list(self._lines), self._screen.unmet
        if None in lines:
            lines, before = lines[len(lines) - lines[::-1].index(None) :], ""
        return (before + "".join(f"{line.text}\n" for line in lines if line is not None))[-_MOST:]

    def _standing(self) -> list[Printed]:
        recorder = self._run.recorder
        return [
            text
            for text in self._console.record.standing(_MOST)
            if recorder.process(text.by).role is not Role.PEER
        ]

    @property
    def _now(self) -> Nanoseconds:
        return self._run.clock.now()

    @property
    def deadline(self) -> Nanoseconds | None:
        """When something is to be typed that has its time, and that has not come yet."""
        if not self._steps or not self._steps[0].after or not self._run.recorder.is_ready:
            return None
        begun = self._now - self._run.recorder.elapsed
        due = (begun if self._last_step is None else self._last_step) + self._steps[0].after
        return due if due > self._now else None

    # What comes out

    def listen(self) -> None:
        """Take in what the submission has printed, and pass the steps that expected it."""
        if not self._steps or self._run.recorder.journal.count == self._seen:
            return
        news = self._run.recorder.journal.since(self._seen)
        room = max(0, self._most - self._seen)
        self._seen += len(news)
        self._lines += [
            event
            for event in news[:room]
            if isinstance(event, Printed)
            and self._run.recorder.process(event.by).role is not Role.PEER
        ]
        while self._steps and self._steps[0].expect and self._find(self._steps[0]):
            self._met(self._steps.popleft())

    def look_at_unended(self) -> None:
        """Pass the steps that expect what stands there though its line has no end yet."""
        self.listen()
        found = True
        while found and self._steps and self._steps[0].expect:
            found = any(self._find_unended(self._steps[0], text) for text in self._standing())
            if found:
                self._met(self._steps.popleft())
                self.listen()

    def _find(self, step: DialogueStep) -> bool:
        """Whether a line that was not searched yet has what the step expects."""
        assert self._screen is not None
        if self._begin(step):
            return True
        while self._lines:
            line = self._lines.popleft()
            if line is None:
                self._screen.mark()
                continue
            met = self._met_of.pop((line.by, line.stream), 0)
            self._at = line.at
            if (met == 0 or line.text[met:]) and self._screen.feed(f"{line.text[met:]}\n"):
                return True
        return False

    def _begin(self, step: DialogueStep) -> bool:
        """Begin to look for what the step expects. Whether it is there already."""
        assert self._screen is not None
        if self._expecting is step:
            return False
        self._expecting = step
        return self._screen.expect_one_of([each.compiled for each in step.expect])

    def _find_unended(self, step: DialogueStep, standing: Printed) -> bool:
        assert self._screen is not None
        if self._begin(step):
            return True
        place = (standing.by, standing.stream)
        text = standing.text[self._met_of.get(place, 0) :]
        if not text or self._tried.get(place) == (step.id, standing):
            return False
        self._tried[place] = (step.id, standing)
        if not self._screen.try_unended(text):
            return False
        self._met_of[place] = len(standing.text)
        self._at = standing.at
        return True

    def _met(self, step: DialogueStep) -> None:
        assert self._screen is not None
        before, after = self._screen.take_before(), self._screen.take_after()
        choice = self._screen.match_index or 0
        self._exchanges.append(Exchange(step.id, self._at, before, after, choice))
        self._last_step = self._at
        self._lines = deque(line for line in self._lines if line is not None)

    # What is typed

    def asked(self, reader: ProcessNumber) -> bool:
        """The process waits for a line. Whether it was given one."""
        if self._reader != reader or self._console.record.unended_line(reader):
            self._reader = reader
            self._run.recorder.journal.asked_for_input(self._console.record, reader)
        self.listen()
        if not self._steps or not self._steps[0].needs_reader or self.deadline is not None:
            return False
        self._type(self._steps.popleft(), reader)
        return True

    def press_in_time(self) -> bool:
        """Press a key whose time has come, whatever the program does. Whether there was one."""
        self.listen()
        if not self._may_press() or not self._steps[0].after or self.deadline is not None:
            return False
        self._type(self._steps.popleft(), MAIN)
        return True

    def press_now(self) -> bool:
        """The program stands still: press the key that is next. Whether there was one."""
        self.look_at_unended()
        if not self._may_press() or self._steps[0].after:
            return False
        self._type(self._steps.popleft(), MAIN)
        return True

    def _may_press(self) -> bool:
        """Whether a key is next that sends a signal, and main is there to be sent it."""
        recorder = self._run.recorder
        return (
            bool(self._steps)
            and self._steps[0].press is not None
            and not self._steps[0].needs_reader
            and recorder.is_ready
            and not recorder.has_ended(MAIN)
        )

    def _type(self, step: DialogueStep, reader: ProcessNumber) -> None:
        journal, now = self._run.recorder.journal, self._now
        self._exchanges.append(Exchange(step.id, now, self._unmet()))
        self._lines.append(None)
        self._last_step, self._reader = now, None
        self.pressed_key = self.pressed_key or step.press is not None
        if step.send is not None:
            journal.happened(Typed(now, reader, "line", step.send))
            self._console.terminal.type(step.send.encode() + b"\n")
            return
        assert step.press is not None
        journal.happened(Typed(now, reader, step.press))
        if step.press == "hang-up":
            self._console.terminal.hang_up()
        else:
            self._console.terminal.type(_CODES[step.press])


def _screen() -> Screen:
    """Loaded only where there is a dialogue: pexpect takes a while."""
    from grader.screen import Screen

    return Screen()
