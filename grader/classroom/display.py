"""What is seen while a class is graded, and what is said when it is. No thread draws it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text as RichText

from grader.checks import Status
from grader.classroom.marking import Listener
from grader.classroom.model import ChangedMark, ClassResults, HandIn, Result, Unmatched
from grader.classroom.task import Answer, Graded
from grader.messages import Language, Text, plural, say
from grader.report.escaping import one_line

_FAILURES_SHOWN = 5
_REMEMBERED = 50
_ALIKE = 3
"""So many files that are not graded for the same reason are listed under it."""
_REDRAWN_EVERY_S = 0.1


class Display(Listener):
    """A bar with the time that is left, and what failed last; on a terminal only."""

    def __init__(self, console: Console, language: Language) -> None:
        self.done = 0
        """How many have an answer, from now and from before."""
        self.total = 0
        self._language: Language = language
        self._failures: deque[str] = deque(maxlen=_FAILURES_SHOWN)
        self._times: deque[float] = deque(maxlen=_REMEMBERED)
        self._drawn = 0.0
        self._live = Live(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False
        )
        self._is_seen = console.is_terminal

    def __enter__(self) -> Display:
        if self._is_seen:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_seen:
            self._live.stop()

    def begins(self, total: int, kept: int) -> None:
        self.total, self.done = total, kept
        self._times.append(time.monotonic())  # from here on the pace is measured
        self._draw(at_once=True)

    def graded(self, hand_in: HandIn, answer: Answer) -> None:
        self.done += 1
        self._times.append(time.monotonic())
        if not isinstance(answer, Graded) or not answer.passed:
            self._failures.append(self._failure(hand_in, answer))
        self._draw()

    def tick(self) -> None:
        self._draw()

    def _failure(self, hand_in: HandIn, answer: Answer) -> str:
        who = f"{hand_in.student.name} · {hand_in.exercise}"
        if not isinstance(answer, Graded):
            return f"{who}: {say('not judged').in_language(self._language)}"
        open_checks = [
            check.expected.in_language(self._language)
            for check in answer.checks
            if check.status in (Status.FAILED, Status.LUCKY) and not check.is_advice
        ]
        score = "–" if answer.score is None else f"{answer.score:g}"
        return f"{who}: {score}/{answer.possible:g} {open_checks[0] if open_checks else ''}"

    def _draw(self, at_once: bool = False) -> None:
        now = time.monotonic()
        if not self._is_seen or (not at_once and now - self._drawn < _REDRAWN_EVERY_S):
            return
        self._drawn = now
        row = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=max(1, self.total), completed=self.done, width=30)
        left = self._left()
        told = "" if left is None else left.in_language(self._language)
        row.add_row(bar, f"{self.done}/{self.total}", told)
        failures = [
            RichText(one_line(each), style="dim", no_wrap=True, overflow="ellipsis")
            for each in self._failures
        ]
        self._live.update(Group(*failures, row), refresh=True)

    def _left(self) -> Text | None:
        """How long it goes on, by the pace of the last ones."""
        if len(self._times) < 5 or self.done == self.total:
            return None
        spent = time.monotonic() - self._times[0]
        seconds = spent / (len(self._times) - 1) * (self.total - self.done)
        if seconds < 60:
            return plural("{count} second left", "{count} seconds left", max(1, round(seconds)))
        return plural("{count} minute left", "{count} minutes left", max(1, round(seconds / 60)))


class Summary:
    """Says what came out, at the end."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._language: Language = language

    def say(self, text: Text, style: str = "") -> None:
        self._line(text.in_language(self._language), style)

    def tell(self, results: ClassResults, every_mark: bool = False) -> None:
        """Everything that the teacher should know, the least urgent first."""
        if every_mark:
            for result in results.results:
                self._line(_mark(result))
        self._changed(results.changed)
        self._unmatched(results.unmatched)
        self._missing(results)
        self._unsettled(results.unsettled)
        self._sum(results)

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(RichText(one_line(text), style=style), soft_wrap=True)

    def _list(self, heading: Text, lines: Iterable[str]) -> None:
        self.say(heading, "bold")
        for line in lines:
            self._line(f"  {line}")

    def _changed(self, changed: tuple[ChangedMark, ...]) -> None:
        if changed:
            heading = plural(
                "{count} mark is another than the last time:",
                "{count} marks are others than the last time:",
                len(changed),
            )
            self._list(heading, (self._change(each) for each in changed))

    def _change(self, each: ChangedMark) -> str:
        old, new = (f"{mark:g}" if mark is not None else "–" for mark in (each.old, each.new))
        why = each.reason.in_language(self._language)
        return f"{each.student.name} · {each.exercise}: {old} → {new} ({why})"

    def _unmatched(self, unmatched: tuple[Unmatched, ...]) -> None:
        if unmatched:
            heading = plural(
                "{count} file was not graded:", "{count} files were not graded:", len(unmatched)
            )
            self._list(heading, self._why_not_graded(unmatched))

    def _why_not_graded(self, unmatched: tuple[Unmatched, ...]) -> Iterator[str]:
        """Each file and why; a reason that many have is said once."""
        by_reason: dict[str, list[str]] = {}
        for one in unmatched:
            by_reason.setdefault(one.reason.in_language(self._language), []).append(one.file)
        for reason, files in by_reason.items():
            if len(files) < _ALIKE:
                yield from (f"{file}: {reason}" for file in files)
            else:
                yield reason
                yield from (f"  {file}" for file in files)

    def _missing(self, results: ClassResults) -> None:
        missing = results.missing
        if missing:
            heading = plural(
                "{count} answer is missing:", "{count} answers are missing:", len(missing)
            )
            by_student: dict[str, list[str]] = {}
            for student, exercise in missing:
                by_student.setdefault(student.name, []).append(exercise.id)
            self._list(heading, (f"{name}: {', '.join(ids)}" for name, ids in by_student.items()))

    def _unsettled(self, unsettled: tuple[Result, ...]) -> None:
        if unsettled:
            heading = plural(
                "{count} could not be judged and has no mark. Grade the class again for it:",
                "{count} could not be judged and have no mark. Grade the class again for them:",
                len(unsettled),
            )
            self._list(heading, (self._unjudged(each) for each in unsettled))

    def _unjudged(self, result: Result) -> str:
        note = "" if result.note is None else result.note.in_language(self._language)
        return f"{result.student.name} · {result.exercise} ({result.file}): {note}"

    def _sum(self, results: ClassResults) -> None:
        passed = sum(result.passed for result in results.results)
        judged = [result for result in results.results if result.score is not None]
        self.say(
            plural(
                "{count} submission: {passed} passed, {failed} did not, {unjudged} not judged.",
                "{count} submissions: {passed} passed, {failed} did not, {unjudged} not judged.",
                len(results.results),
                passed=passed,
                failed=len(judged) - passed,
                unjudged=len(results.results) - len(judged),
            ),
            "bold",
        )


def _mark(result: Result) -> str:
    mark = "–" if result.mark is None else f"{result.mark:g}"
    return f"{result.student.name} · {result.exercise}: {mark}/{result.possible:g}"
