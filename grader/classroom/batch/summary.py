"""What is printed of a class when it is graded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text as RichText

from grader.classroom.model import ChangedMark, ClassResults, Result, Unmatched
from grader.messages import Language, Text, plural
from grader.report.escaping import one_line
from grader.report.words import BY_SCRIPT

_ALIKE = 3
"""So many files that are not graded for the same reason are listed under it."""


class Summary:
    """Prints what came out, at the end."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._language: Language = language

    def say(self, text: Text, style: str = "") -> None:
        """Print one sentence."""
        self._line(text.in_language(self._language), style)

    def tell(self, results: ClassResults, every_mark: bool = False) -> None:
        """Print everything that the teacher should know, the least urgent first."""
        if every_mark:
            for result in results.results:
                mark = _shown(result.mark)
                self._line(f"{result.student.name} · {result.exercise}: {mark}/{result.possible:g}")
        self._changed(results.changed)
        self._unmatched(results.unmatched)
        self._missing(results)
        self._in_part(results)
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
                "{count} mark has changed since the last time:",
                "{count} marks are others than the last time:",
                len(changed),
            )
            lines = (
                f"{each.student.name} · {each.exercise}: {_shown(each.old)} → {_shown(each.new)} "
                f"({each.reason.in_language(self._language)})"
                for each in changed
            )
            self._list(heading, lines)

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

    def _in_part(self, results: ClassResults) -> None:
        """For each exercise, how many were judged in part, and how far."""
        told: dict[tuple[str, str], int] = {}
        for result in results.results:
            if result.in_part is not None:
                key = result.exercise, result.in_part.in_language(self._language)
                told[key] = told.get(key, 0) + 1
        if told:
            heading = plural(
                "{count} was judged in part, and its mark is of that part:",
                "{count} were judged in part, and their marks are of that part:",
                sum(told.values()),
            )
            lines = (f"{exercise} ({count}): {why}" for (exercise, why), count in told.items())
            self._list(heading, lines)

    def _unsettled(self, unsettled: tuple[Result, ...]) -> None:
        beyond = tuple(each for each in unsettled if each.is_beyond_the_script)
        if beyond:
            heading = plural(
                "{count} has no mark: nothing of it can be judged on the script's own word:",
                "{count} have no mark: nothing of them can be judged on the scripts' own word:",
                len(beyond),
            )
            self._list(heading, map(self._why_unsettled, beyond))
        unsettled = tuple(each for each in unsettled if not each.is_beyond_the_script)
        if unsettled:
            heading = plural(
                "{count} could not be judged and has no mark. Grade the class again for it:",
                "{count} could not be judged and have no mark. Grade the class again for them:",
                len(unsettled),
            )
            self._list(heading, map(self._why_unsettled, unsettled))

    def _why_unsettled(self, result: Result) -> str:
        who = f"{result.student.name} · {result.exercise} ({result.file})"
        reason = result.remark
        return who if reason is None else f"{who}: {reason.in_language(self._language)}"

    def _sum(self, results: ClassResults) -> None:
        if results.by_script:
            self.say(BY_SCRIPT, "bold yellow")
        all_ = results.results
        judged = [result.passed for result in all_ if result.score is not None]
        holes = {
            "passed": judged.count(True),
            "failed": judged.count(False),
            "unjudged": len(all_) - len(judged),
        }
        counted = plural(
            "{count} submission: {passed} passed, {failed} did not, {unjudged} not judged.",
            "{count} submissions: {passed} passed, {failed} did not, {unjudged} not judged.",
            len(all_),
            **holes,
        )
        if None in judged:
            counted = plural(
                "{count} submission: {passed} passed, {failed} did not, {in_part} right as far as "
                "judged, {unjudged} not judged.",
                "{count} submissions: {passed} passed, {failed} did not, {in_part} right as far as "
                "judged, {unjudged} not judged.",
                len(all_),
                in_part=judged.count(None),
                **holes,
            )
        self.say(counted, "bold")


def _shown(mark: float | None) -> str:
    return "–" if mark is None else f"{mark:g}"
