"""Somebody at the submission's terminal, who goes by the steps of a dialogue in real time.

What is expected is looked for in every line, and, when nothing has happened for a moment, in
what stands there unended. A line is typed, and the input ended, when a process waits for input;
keys that send a signal when nothing happens, or at their time.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.selfcheck.reports import Report
from grader.trace import Exchange, Nanoseconds, Pid

if TYPE_CHECKING:
    from grader.exercise import DialogueStep  # a room that takes long to load
    from grader.screen import Screen
    from grader.selfcheck.system import Terminal

_QUIET: Nanoseconds = 200 * 10**6
"""For so long nothing has happened where a program stands still."""
_MOST = 2048
"""Characters of a text in the transcript; a longer line without an end is no prompt."""

_LAST_INVISIBLE = 32
"""Of bytes. Terminals change ends of lines and tabs; what is visible stays what it was."""

_Place = tuple[Pid, str]


class Lines:
    """Makes lines of what processes write, while they do."""

    def __init__(self) -> None:
        self._unended: dict[_Place, bytes] = {}
        self._at: dict[_Place, Nanoseconds] = {}

    def feed(self, report: Report) -> Iterator[tuple[_Place, str]]:
        """The lines that a report of output ends; a prompt is one without an end."""
        place = (report.pid, report.text("stream") or "stderr")
        data = report.data("data") or (report.text("prompt") or "").encode()
        *lines, rest = (self._unended.get(place, b"") + data).split(b"\n")
        self._unended[place] = rest
        self._at[place] = report.at
        for line in lines:
            yield place, line.decode("utf-8", "replace").removesuffix("\r")

    def standing(self) -> list[tuple[_Place, Nanoseconds, str]]:
        """What stands there without a newline."""
        return [
            (place, self._at[place], data.decode("utf-8", "replace"))
            for place, data in sorted(self._unended.items())
            if 0 < len(data) <= _MOST
        ]

    def answered(self, pid: Pid) -> None:
        """What stood there was a prompt, and an answer has been typed after it."""
        for place in self._unended:
            if place[0] == pid:
                self._unended[place] = b""


class OutputCount:
    """Counts the bytes that came out and those that were reported, each value by itself: the pieces
    of processes that write at the same time may stand there in any order.
    """

    def __init__(self) -> None:
        self._shown: Counter[int] = Counter()
        self._told: Counter[int] = Counter()

    def shown(self, data: bytes) -> None:
        """It came out at the terminal."""
        self._shown.update(data)

    def told(self, report: Report) -> None:
        """Somebody reports that he writes, asks for input with a prompt, or is typed to, which a
        program may have shown.
        """
        if report.what == "wrote":
            self._told.update(report.data("data"))
        elif report.what in ("asked", "typed"):
            text = report.text("prompt" if report.what == "asked" else "text") or ""
            self._told.update(text.encode("utf-8", "replace"))

    @property
    def is_more_than_told(self) -> bool:
        """Whether something came out that nobody has reported. Who was ended before he could write
        has reported more.
        """
        return any(value > _LAST_INVISIBLE for value in self._shown - self._told)


@dataclass(frozen=True)
class Situation:
    """How the run stands: its begin and now, who waits for input, how long nothing has happened."""

    began: Nanoseconds
    now: Nanoseconds
    main: Pid
    reader: Pid | None
    quiet: Nanoseconds


class Dialogue:
    """Goes through the steps of a dialogue as the submission gives occasion."""

    def __init__(self, steps: tuple[DialogueStep, ...]) -> None:
        self._steps = deque(steps)
        self._screen: Screen | None = None
        if steps:
            from grader.screen import Screen  # pexpect takes a while to load

            self._screen = Screen()
        self.lines = Lines()
        self._heard: deque[tuple[Nanoseconds, _Place, str] | None] = deque()
        """What has come out and was not searched yet; None: then something was typed."""
        self._at: Nanoseconds = 0
        """When the text was written that was searched last."""
        self._met_of: dict[_Place, int] = {}
        self._tried: dict[_Place, tuple[str, str]] = {}
        self._expecting: DialogueStep | None = None
        self._last_step: Nanoseconds | None = None
        self._exchanges: list[Exchange] = []
        self.pressed = False
        """Whether it has ended the input, interrupted the program or closed its window."""

    @property
    def is_done(self) -> bool:
        """Whether no step is left."""
        return not self._steps

    @property
    def gave_up(self) -> str | None:
        """The step whose regular expression takes too long over what was printed, if one does."""
        if self._screen is not None and self._screen.gave_up and self._steps:
            return self._steps[0].id
        return None

    @property
    def is_due_later(self) -> bool:
        """Whether the next step has its time."""
        return bool(self._steps) and self._steps[0].after is not None

    def transcript(self, now: Nanoseconds) -> tuple[Exchange, ...]:
        """The steps that were done, and the one at which it stands, when no more will come."""
        if not self._steps:
            return tuple(self._exchanges)
        before = self._unmet() + "".join(text for _, _, text in self.lines.standing())
        return (*self._exchanges, Exchange(self._steps[0].id, now, before, None))

    def hear(self, report: Report) -> None:
        """A process of the submission's has written."""
        for place, text in self.lines.feed(report):
            if self._steps:
                self._heard.append((report.at, place, text))

    def go_on(self, situation: Situation, terminal: Terminal) -> Iterator[Report]:
        """Do the steps that can be done now. What is typed is reported."""
        while self._steps:
            step = self._steps[0]
            if step.expect:
                quiet = situation.quiet >= _QUIET or situation.reader is not None
                if not self._find(step) and not (quiet and self._find_unended(step)):
                    return
                self._met(step)
            elif self._may_type(step, situation):
                yield self._type(step, situation, terminal)
                return  # what comes of it is to be seen first
            else:
                return

    def _may_type(self, step: DialogueStep, situation: Situation) -> bool:
        if step.after is not None:
            since = situation.began if self._last_step is None else self._last_step
            if situation.now < since + step.after:
                return False
            return not step.needs_reader or situation.reader is not None
        if step.needs_reader:
            return situation.reader is not None
        return situation.quiet >= _QUIET

    def _type(self, step: DialogueStep, situation: Situation, terminal: Terminal) -> Report:
        self._steps.popleft()
        reader = situation.main if situation.reader is None else situation.reader
        self._exchanges.append(Exchange(step.id, situation.now, self._unmet()))
        self._heard.append(None)
        self._last_step = situation.now
        self.pressed = self.pressed or step.press is not None
        self.lines.answered(reader)
        if step.press is not None:
            terminal.press(step.press)
        else:
            terminal.type(step.send or "")
        fields = {"what": step.press or "line", "text": step.send or ""}
        return Report("typed", reader, situation.now, fields)

    # What is expected

    def _find(self, step: DialogueStep) -> bool:
        """Whether a line that was not searched yet has what the step expects."""
        assert self._screen is not None
        if self._begin(step):
            return True
        while self._heard:
            heard = self._heard.popleft()
            if heard is None:
                self._screen.mark()
                continue
            self._at, place, text = heard
            met = self._met_of.pop(place, 0)
            if (met == 0 or text[met:]) and self._screen.feed(f"{text[met:]}\n"):
                return True
        return False

    def _begin(self, step: DialogueStep) -> bool:
        assert self._screen is not None
        if self._expecting is step:
            return False
        self._expecting = step
        return self._screen.expect_one_of([each.compiled for each in step.expect])

    def _find_unended(self, step: DialogueStep) -> bool:
        assert self._screen is not None
        for place, at, standing in self.lines.standing():
            text = standing[self._met_of.get(place, 0) :]
            if not text or self._tried.get(place) == (step.id, standing):
                continue
            self._tried[place] = (step.id, standing)
            if self._screen.try_unended(text):
                self._met_of[place] = len(standing)
                self._at = at
                return True
        return False

    def _met(self, step: DialogueStep) -> None:
        assert self._screen is not None
        self._steps.popleft()
        before, after = self._screen.take_before(), self._screen.take_after()
        choice = self._screen.match_index or 0
        self._exchanges.append(Exchange(step.id, self._at, before, after, choice))
        self._last_step = self._at
        self._heard = deque(each for each in self._heard if each is not None)

    def _unmet(self) -> str:
        """What has come out since the step before."""
        assert self._screen is not None
        heard, before = list(self._heard), self._screen.unmet
        if None in heard:
            heard, before = heard[len(heard) - heard[::-1].index(None) :], ""
        return (before + "".join(f"{each[2]}\n" for each in heard if each is not None))[-_MOST:]
