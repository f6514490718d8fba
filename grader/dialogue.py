"""The steps of a dialogue, gone through as lines come out of a submission and are typed.

What is expected is looked for in every line that comes out, and, when the program stands still, in
what stands there unended. When something is typed is up to the caller, which runs the submission.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.trace import Exchange, Nanoseconds

if TYPE_CHECKING:
    from grader.exercise import DialogueStep  # a room that takes long to load
    from grader.screen import Screen

LONGEST_PROMPT = 2048
"""Characters of a text in the transcript; a longer line without an end is no prompt."""


@dataclass(frozen=True)
class Shown:
    """A line at the terminal, or what stands there unended: when it was written, and by which
    process to which stream (``place``).
    """

    at: Nanoseconds
    place: Hashable
    text: str


class Steps:
    """How far a dialogue has come."""

    def __init__(self, steps: tuple[DialogueStep, ...]) -> None:
        self._steps = deque(steps)
        self._screen: Screen | None = None
        if steps:
            from grader.screen import Screen  # pexpect takes a while to load

            self._screen = Screen()
        self._lines: deque[Shown | None] = deque()
        """What has come out and was not searched yet; None: then something was typed."""
        self._at: Nanoseconds = 0
        """When the text was written that was searched last."""
        self._met_of: dict[Hashable, int] = {}
        """How many characters of what will be a line of that place have met a step already."""
        self._tried: dict[Hashable, tuple[str, Shown]] = {}
        """What each place had standing unended when it was last searched, and for which step."""
        self._expecting: DialogueStep | None = None
        self._exchanges: list[Exchange] = []
        self.last_step: Nanoseconds | None = None
        """When the last step was done."""
        self.pressed = False
        """Whether the input was ended, the program interrupted or its window closed."""

    @property
    def next(self) -> DialogueStep | None:
        """The step at which the dialogue stands; None: it is done."""
        return self._steps[0] if self._steps else None

    @property
    def doubt(self) -> str | None:
        """What could not be searched for, for a person."""
        if self._screen is None or not self._screen.gave_up or not self._steps:
            return None
        return (
            f"the regular expression of the dialogue's step {self._steps[0].id} takes too long "
            "over what the program printed"
        )

    def transcript(self, now: Nanoseconds, unended: Iterable[Shown]) -> tuple[Exchange, ...]:
        """The steps that were done, and the one at which it stands, when no more will come.
        ``unended``: what stands at the terminal without the end of a line.
        """
        if not self._steps:
            return tuple(self._exchanges)
        before = self._unmet() + "".join(self._rest_of(each) for each in unended)
        return (*self._exchanges, Exchange(self._steps[0].id, now, before, None))

    def show(self, lines: Iterable[Shown]) -> None:
        """These lines have come out: pass the steps that expected them."""
        if self._steps:
            self._lines.extend(lines)
        while self._steps and self._steps[0].expect and self._find(self._steps[0]):
            self._met(self._steps.popleft())

    def show_unended(self, unended: Iterable[Shown]) -> None:
        """The program stands still: pass the steps that expect what stands there unended."""
        standing = list(unended)
        while self._steps and self._steps[0].expect:
            step = self._steps[0]
            if not self._find(step) and not any(
                self._find_unended(step, each) for each in standing
            ):
                return
            self._met(self._steps.popleft())

    def type(self, now: Nanoseconds) -> DialogueStep:
        """The next step is done now: its line is typed, or its key pressed."""
        step = self._steps.popleft()
        self._exchanges.append(Exchange(step.id, now, self._unmet()))
        self._lines.append(None)
        self.last_step = now
        self.pressed = self.pressed or step.press is not None
        return step

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
            self._at = line.at
            met = self._met_of.pop(line.place, 0)
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

    def _find_unended(self, step: DialogueStep, standing: Shown) -> bool:
        assert self._screen is not None
        text = self._rest_of(standing)
        if not text or self._tried.get(standing.place) == (step.id, standing):
            return False
        self._tried[standing.place] = (step.id, standing)
        if not self._screen.try_unended(text):
            return False
        self._met_of[standing.place] = len(standing.text)
        self._at = standing.at
        return True

    def _rest_of(self, shown: Shown) -> str:
        return shown.text[self._met_of.get(shown.place, 0) :]

    def _met(self, step: DialogueStep) -> None:
        assert self._screen is not None
        before, after = self._screen.take_before(), self._screen.take_after()
        choice = self._screen.match_index or 0
        self._exchanges.append(Exchange(step.id, self._at, before, after, choice))
        self.last_step = self._at
        self._lines = deque(line for line in self._lines if line is not None)

    def _unmet(self) -> str:
        """What has come out since the step before."""
        assert self._screen is not None
        lines, before = list(self._lines), self._screen.unmet
        if None in lines:
            lines, before = lines[len(lines) - lines[::-1].index(None) :], ""
        text = before + "".join(f"{line.text}\n" for line in lines if line is not None)
        return text[-LONGEST_PROMPT:]
