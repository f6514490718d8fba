"""Goes through the steps of a dialogue at the submission's terminal, in real time.

What stands at the terminal unended is looked at when nothing has happened for a moment. A line is
typed, and the input ended, when a process waits for input; keys that send a signal when nothing
happens, or at their time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.dialogue import Steps
from grader.selfcheck.output import Lines
from grader.selfcheck.reports import Report
from grader.trace import Exchange, Nanoseconds, Pid

if TYPE_CHECKING:
    from grader.exercise import DialogueStep  # a room that takes long to load
    from grader.selfcheck.system import Terminal

_QUIET: Nanoseconds = 200 * 10**6
"""For so long nothing has happened where a program stands still."""


@dataclass(frozen=True)
class Situation:
    """How the run stands: its begin and now, which process waits for input, how long nothing has
    happened.
    """

    began: Nanoseconds
    now: Nanoseconds
    main: Pid
    reader: Pid | None
    quiet: Nanoseconds

    @property
    def stands_still(self) -> bool:
        """Whether what was written last may be all that comes."""
        return self.quiet >= _QUIET or self.reader is not None


class Dialogue:
    """Goes through the steps of a dialogue as the submission gives occasion."""

    def __init__(self, steps: tuple[DialogueStep, ...]) -> None:
        self._steps = Steps(steps)
        self._lines = Lines()

    @property
    def is_done(self) -> bool:
        """Whether no step is left."""
        return self._steps.next is None

    @property
    def pressed(self) -> bool:
        """Whether it has ended the input, interrupted the program or closed its window."""
        return self._steps.pressed

    @property
    def doubt(self) -> str | None:
        """What could not be searched for, for a person."""
        return self._steps.doubt

    @property
    def is_due_later(self) -> bool:
        """Whether the next step has its time."""
        return self._steps.next is not None and bool(self._steps.next.after)

    def transcript(self, now: Nanoseconds) -> tuple[Exchange, ...]:
        """The steps that were done, and the one at which it stands, when no more will come."""
        return self._steps.transcript(now, self._lines.standing())

    def hear(self, report: Report) -> None:
        """A process of the submission's has written."""
        self._steps.show(self._lines.feed(report))

    def go_on(self, situation: Situation, terminal: Terminal) -> Report | None:
        """Do what can be done now. The line or key that was typed, if one was, as a report."""
        if situation.stands_still:
            self._steps.show_unended(self._lines.standing())
        step = self._steps.next
        if step is None or step.expect or not self._may_type(step, situation):
            return None
        self._steps.type(situation.now)
        reader = situation.main if situation.reader is None else situation.reader
        self._lines.answered(reader)
        if step.press is not None:
            terminal.press(step.press)
        else:
            terminal.type(step.send or "")
        fields = {"what": step.press or "line", "text": step.send or ""}
        return Report("typed", reader, situation.now, fields)

    def _may_type(self, step: DialogueStep, situation: Situation) -> bool:
        last = self._steps.last_step
        since = situation.began if last is None else last
        if step.after and situation.now < since + step.after:
            return False
        if step.needs_reader:
            return situation.reader is not None
        return bool(step.after) or situation.quiet >= _QUIET
