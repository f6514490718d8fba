"""What is seen at a terminal while a class is graded. No thread draws it."""

from __future__ import annotations

import time
from collections import deque

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task
from rich.text import Text as RichText

from grader.checks import Status
from grader.classroom.batch.grading import Listener
from grader.classroom.batch.job import Graded, JobResult
from grader.classroom.model import HandIn
from grader.messages import Language, plural, say
from grader.messages.wrapping import wrap
from grader.report.escaping import one_line

_FAILURES_SHOWN = 5
_PACE_OVER_S = 300
_GRADED_FOR_A_PACE = 4
_REDRAWN_EVERY_S = 0.1


class ProgressDisplay(Listener):
    """A bar with the time that is left, and what failed last; on a terminal only.

    Attributes:
        done: how many have a result, from now and from before.
        total: how many are wanted.
    """

    def __init__(self, console: Console, language: Language) -> None:
        self.done = 0
        self.total = 0
        self._language: Language = language
        self._failures: deque[str] = deque(maxlen=_FAILURES_SHOWN)
        self._drawn = 0.0
        self._progress = Progress(
            BarColumn(30),
            MofNCompleteColumn(separator="/"),
            _TimeLeft(language),
            console=console,
            auto_refresh=False,
            get_time=time.monotonic,
            speed_estimate_period=_PACE_OVER_S,
        )
        self._task = self._progress.add_task("", total=None, start=False)
        self._live = Live(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False
        )
        self._is_seen = console.is_terminal

    def __enter__(self) -> ProgressDisplay:
        if self._is_seen:
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._is_seen:
            self._live.stop()

    def begins(self, total: int, kept: int) -> None:
        """Draw the bar; from here on the pace is measured."""
        self.total, self.done = total, kept
        self._progress.remove_task(self._task)
        self._task = self._progress.add_task("", total=max(1, total), completed=kept, kept=kept)
        self._draw(at_once=True)

    def graded(self, hand_in: HandIn, result: JobResult) -> None:
        """Count one more, and remember it if it did not pass."""
        self.done += 1
        self._progress.update(self._task, completed=self.done)
        if not isinstance(result, Graded) or result.passed is False or result.score is None:
            self._failures.append(self._failure(hand_in, result))
        self._draw()

    def tick(self) -> None:
        """Draw anew."""
        self._draw()

    def _failure(self, hand_in: HandIn, result: JobResult) -> str:
        who = f"{hand_in.student.name} · {hand_in.exercise}"
        if not isinstance(result, Graded):
            return f"{who}: {say('not judged').in_language(self._language)}"
        open_checks = [
            check.expected.in_language(self._language)
            for check in result.checks
            if check.status in (Status.FAILED, Status.LUCKY) and not check.is_advice
        ]
        score = "–" if result.score is None else f"{result.score:g}"
        return f"{who}: {score}/{result.possible:g} {open_checks[0] if open_checks else ''}"

    def _draw(self, at_once: bool = False) -> None:
        now = time.monotonic()
        if not self._is_seen or (not at_once and now - self._drawn < _REDRAWN_EVERY_S):
            return
        self._drawn = now
        width = self._progress.console.width - 1
        failures = [
            RichText("\n".join(wrap(one_line(each), width)), style="dim") for each in self._failures
        ]
        self._live.update(Group(*failures, self._progress.get_renderable()), refresh=True)


class _TimeLeft(ProgressColumn):
    """How long it goes on, by the pace until now; nothing while that says little."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self._language: Language = language

    def render(self, task: Task) -> RichText:
        """The words."""
        graded = task.completed - task.fields.get("kept", 0)
        seconds = task.time_remaining
        if graded < _GRADED_FOR_A_PACE or task.finished or seconds is None:
            return RichText("")
        if seconds < 60:
            left = plural("{count} second left", "{count} seconds left", max(1, round(seconds)))
        else:
            minutes = max(1, round(seconds / 60))
            left = plural("{count} minute left", "{count} minutes left", minutes)
        return RichText(left.in_language(self._language))
