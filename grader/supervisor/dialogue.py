"""Goes through the steps of a dialogue at the submission's terminal.

A line is typed, and the input ended, when the program waits for input. Keys that send a signal need
no reader: they are pressed when no process can go on by itself, be it that all wait, or sleep. With
``after`` each of them comes at its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.dialogue import LONGEST_PROMPT, Shown, Steps
from grader.plan import Plan
from grader.supervisor.console import Console
from grader.supervisor.run import Run
from grader.trace import (
    MAIN,
    Event,
    Exchange,
    Nanoseconds,
    Printed,
    ProcessNumber,
    Role,
    Typed,
)

_CODES = {"end-of-input": b"\x04", "interrupt": b"\x03"}


class Dialogue:
    """Goes through the steps of a dialogue as the submission gives occasion."""

    def __init__(self, plan: Plan, run: Run, console: Console) -> None:
        self._steps = Steps(plan.dialogue)
        self._run = run
        self._console = console
        self._seen = 0
        """How many events of the record have been looked at."""
        self._most = plan.limits.events
        """What comes after so many is of no interest: the run ends there."""
        self._reader: ProcessNumber | None = None

    @property
    def is_done(self) -> bool:
        """Whether no step is left."""
        return self._steps.next is None

    @property
    def pressed_key(self) -> bool:
        """Whether it has ended the input, interrupted the program or closed its window."""
        return self._steps.pressed

    def transcript(self) -> tuple[Exchange, ...]:
        """The steps that were done, and the one at which it stands, when no more will come."""
        if self._steps.doubt is not None:
            self._run.recorder.doubts.append(self._steps.doubt)
        return self._steps.transcript(self._run.clock.now(), self._standing())

    def _standing(self) -> Iterator[Shown]:
        return self._shown(self._console.record.standing(LONGEST_PROMPT))

    def _shown(self, events: Iterable[Event]) -> Iterator[Shown]:
        """What the submission has printed."""
        for event in events:
            if isinstance(event, Printed) and (
                self._run.recorder.process(event.by).role is not Role.PEER
            ):
                yield Shown(event.at, (event.by, event.stream), event.text)

    @property
    def deadline(self) -> Nanoseconds | None:
        """When something is to be typed that has its time, and that has not come yet."""
        step, recorder, now = self._steps.next, self._run.recorder, self._run.clock.now()
        if step is None or not step.after or not recorder.is_ready:
            return None
        last = self._steps.last_step
        due = (now - recorder.elapsed if last is None else last) + step.after
        return due if due > now else None

    # What comes out

    def listen(self) -> None:
        """Take in what the submission has printed, and pass the steps that expected it."""
        if self.is_done or self._run.recorder.journal.count == self._seen:
            return
        news = self._run.recorder.journal.since(self._seen)
        room = max(0, self._most - self._seen)
        self._seen += len(news)
        self._steps.show(self._shown(news[:room]))

    def look_at_unended(self) -> None:
        """Pass the steps that expect what stands there though its line has no end yet."""
        self.listen()
        if not self.is_done:
            self._steps.show_unended(self._standing())

    # What is typed

    def asked(self, reader: ProcessNumber) -> bool:
        """The process waits for a line. Whether it was given one."""
        if self._reader != reader or self._console.record.unended_line(reader):
            self._reader = reader
            self._run.recorder.journal.asked_for_input(self._console.record, reader)
        self.listen()
        step = self._steps.next
        if step is None or not step.needs_reader or self.deadline is not None:
            return False
        self._type(reader)
        return True

    def press_in_time(self) -> bool:
        """Press a key whose time has come, whatever the program does. Whether there was one."""
        self.listen()
        return self.deadline is None and self._press(timed=True)

    def press_now(self) -> bool:
        """The program stands still: press the key that is next. Whether there was one."""
        self.look_at_unended()
        return self._press(timed=False)

    def _press(self, *, timed: bool) -> bool:
        """Press the key that is next, if it sends a signal, and main is there to be sent it."""
        step, recorder = self._steps.next, self._run.recorder
        if (
            step is None
            or step.press is None
            or step.needs_reader
            or bool(step.after) is not timed
            or not recorder.is_ready
            or recorder.has_ended(MAIN)
        ):
            return False
        self._type(MAIN)
        return True

    def _type(self, reader: ProcessNumber) -> None:
        journal, now = self._run.recorder.journal, self._run.clock.now()
        step, self._reader = self._steps.type(now), None
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
