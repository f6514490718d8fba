"""Fills marks into the teacher's own file, and says whose mark found no row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from rich.console import Console

from grader.checks import Status
from grader.classroom.batch.config import BatchConfig
from grader.classroom.batch.summary import Summary
from grader.classroom.discover.platform import Platform
from grader.classroom.discover.platforms import platforms
from grader.classroom.marksheet import MarkColumn, Marksheet, Person, as_key
from grader.classroom.model import ClassResults, ExerciseOfClass, Result
from grader.classroom.outputs import Output, OutputOptions
from grader.classroom.sheet import Sheet
from grader.exit_status import UserError
from grader.messages import LANGUAGES, Language, Text, plural, say
from grader.report.escaping import one_line
from grader.saving import write_whole

_FINDINGS_IN_COMMENT = 5


class NoMarksheetError(Exception):
    """The file is none that the grader can fill in. ``reason`` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.in_language("en"))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A mark that was not filled in, and why."""

    result: Result
    reason: Text


@dataclass(frozen=True)
class Filled:
    """A copy with marks. ``others`` is how many rows are of people who handed in nothing."""

    content: bytes
    written: int
    unfilled: tuple[Unfilled, ...]
    others: int


def read_marksheet(sheet: Sheet) -> tuple[Platform, Marksheet]:
    """What the file is for, and whose.

    Raises:
        NoMarksheetError: no platform knows it.
    """
    if len(sheet) < 2:
        raise NoMarksheetError(say("it has no rows"))
    for platform in platforms():
        found = platform.marksheet and platform.marksheet(sheet)
        if found is not None:
            return platform, found
    raise NoMarksheetError(
        say(
            "it is neither the grading worksheet of a Moodle assignment nor the export of a "
            "Canvas gradebook"
        )
    )


def filled(
    content: bytes,
    results: ClassResults,
    language: Language,
    *,
    name: str = "",
    columns: Sequence[str] = (),
) -> Filled:
    """A copy of a Moodle worksheet or Canvas export with the marks in it.

    Students are found by id, then by name; no row is ever added. A mark is brought to the points
    that the platform has for it. What could not be judged is left as it was.

    Args:
        content: the teacher's file.
        results: the class.
        language: of the comments.
        name: what the file is called: one for a single assignment may be called after it.
        columns: what the teacher says of assignments: ``HEADING`` or ``EXERCISE=HEADING``.

    Raises:
        NoMarksheetError: it is no such file, or nothing says which column is meant.
    """
    sheet = Sheet(content)
    platform, marksheet = read_marksheet(sheet)
    own = platform if platform.name == results.platform else None
    places = _places(marksheet, results, name, columns)
    written, reached, unfilled = 0, set[int](), list[Unfilled]()
    for exercise, column in places.items():
        mine = [result for result in results.results if result.exercise == exercise]
        rows, without = _rows(marksheet, own, mine)
        unfilled += without
        reached |= {person.row for _, person in rows}
        for result, person in rows:
            problem = _write(sheet, column, person.row, result)
            if problem is not None:
                unfilled.append(Unfilled(result, problem))
                continue
            written += 1
            if marksheet.comment is not None and not sheet.value(person.row, marksheet.comment):
                sheet.write(person.row, marksheet.comment, comment_on(result, language))
    others = len({person.row for person in marksheet.people} - reached)
    return Filled(sheet.content(), written, tuple(unfilled), others)


def _places(
    marksheet: Marksheet, results: ClassResults, name: str, columns: Sequence[str]
) -> dict[str, MarkColumn]:
    """Where the marks of each exercise go.

    Raises:
        NoMarksheetError: nothing says so.
    """
    exercises = {each.id: each for each in results.exercises}
    if marksheet.is_of_one:
        only = _exercise_of(name, list(exercises.values()))
        return {only.id: marksheet.columns[0]}
    places = dict(_said(columns, marksheet.columns, exercises))
    for exercise in exercises.values():
        titles = {as_key(title) for title in (exercise.id, *_titles(exercise))}
        found = [column for column in marksheet.columns if as_key(column.title) in titles]
        if exercise.id not in places and len(found) == 1:
            places[exercise.id] = found[0]
        if exercise.id not in places and found:
            raise NoMarksheetError(
                say(
                    "several of its assignments have the name of {exercise}: {assignments}. Say "
                    "which one it is: --column '{example}'",
                    exercise=exercise.id,
                    assignments=", ".join(column.title for column in found),
                    example=f"{exercise.id}={found[0].title}",
                )
            )
    if not places:
        raise NoMarksheetError(
            say(
                "none of its assignments has the name of an exercise. Say which one it is: "
                "--column '{example}'. There are: {assignments}",
                example=f"{next(iter(exercises))}={marksheet.columns[0].title}",
                assignments=", ".join(column.title for column in marksheet.columns),
            )
        )
    return places


def _exercise_of(name: str, exercises: Sequence[ExerciseOfClass]) -> ExerciseOfClass:
    """The exercise that a worksheet for one assignment is for.

    Raises:
        NoMarksheetError: it may be any.
    """
    if len(exercises) == 1:
        return exercises[0]
    key = as_key(name)
    found = {
        each.id: each
        for each in exercises
        if any(as_key(title) in key for title in _titles(each))
        or re.search(rf"(?<![\w-]){re.escape(each.id)}(?![\w]|-[^-\d])", name)
    }
    if len(found) != 1:
        raise NoMarksheetError(
            say(
                "it has marks for one assignment, and {count} exercises are graded. Grade the one "
                "that it is for, by its own file: what is graded is not done again",
                count=len(exercises),
            )
        )
    return next(iter(found.values()))


def _titles(exercise: ExerciseOfClass) -> set[str]:
    return {exercise.title.in_language(language) for language in LANGUAGES}


def _said(
    said: Iterable[str], columns: Sequence[MarkColumn], exercises: dict[str, ExerciseOfClass]
) -> Iterator[tuple[str, MarkColumn]]:
    """What the teacher says, as exercises and columns.

    Raises:
        NoMarksheetError: there is no such exercise, or no such column.
    """
    for each in said:
        exercise, equals, heading = each.partition("=")
        if not equals or exercise not in exercises:
            exercise, heading = next(iter(exercises)), each
            if len(exercises) > 1:
                raise NoMarksheetError(
                    say("--column takes EXERCISE=ASSIGNMENT, not '{given}'", given=each)
                )
        key = as_key(heading)
        found = [column for column in columns if as_key(column.title) == key]
        if len(found) != 1:
            raise NoMarksheetError(
                say(
                    "it has no assignment '{title}'. There are: {assignments}",
                    title=heading,
                    assignments=", ".join(column.title for column in columns),
                )
            )
        yield exercise, found[0]


def _rows(
    marksheet: Marksheet, platform: Platform | None, results: Iterable[Result]
) -> tuple[list[tuple[Result, Person]], list[Unfilled]]:
    """The row of each student, and those who have none of their own. ``platform`` is that of the
    file, if the submissions come from it, too.
    """
    found: list[tuple[Result, Person]] = []
    unfilled: list[Unfilled] = []
    for result in results:
        people = _people(marksheet, platform, result)
        if len(people) == 1:
            found.append((result, people[0]))
        elif people:
            unfilled.append(Unfilled(result, say("Several rows could be this student's.")))
        else:
            unfilled.append(Unfilled(result, say("No row has this student's id or name.")))
    claimed: dict[int, int] = {}
    for _, person in found:
        claimed[person.row] = claimed.get(person.row, 0) + 1
    for result, person in found:
        if claimed[person.row] > 1:
            unfilled.append(Unfilled(result, say("Others match the same row.")))
    return [one for one in found if claimed[one[1].row] == 1], unfilled


def _people(marksheet: Marksheet, platform: Platform | None, result: Result) -> list[Person]:
    """The rows that can be a student's: by the platform's number, by another, by name."""
    student = result.student
    if platform is not None:
        number = platform.number(result)
        people = [person for person in marksheet.people if number in person.ids]
        if people:
            return people
    others = {student.id, student.email} - {""}
    people = [person for person in marksheet.people if others & person.others]
    if people:
        return people
    key = as_key(student.name)
    return [person for person in marksheet.people if key and key in person.names]


def _write(sheet: Sheet, column: MarkColumn, row: int, result: Result) -> Text | None:
    """Write a mark; or why not."""
    if result.mark is None:
        return say("It has no mark yet: grade the class again.")
    if column.possible is not None and not result.possible:
        return say("The exercise has no points.")
    if column.number >= len(sheet.row(row)):
        return say("The row is too short: it has no cell for the mark.")
    mark = result.mark
    if column.possible is not None:
        mark *= column.possible / result.possible
    sheet.write(row, column.number, f"{mark:.2f}".replace(".", column.decimal))
    return None


def comment_on(result: Result, language: Language) -> str:
    """A few sentences for the student, as HTML in one line."""
    score = say(
        "{score} of {possible} points.", score=f"{result.mark:g}", possible=f"{result.possible:g}"
    )
    comment: list[Text | str] = [score]
    if result.in_part is not None and result.override is None:
        comment.append(result.in_part)
    if result.override is not None and result.override.reason:
        comment.append(result.override.reason)
    elif result.note is not None:
        comment.append(result.note)
    findings = [
        check.happened
        for check in result.checks
        if check.status in (Status.FAILED, Status.LUCKY) and check.happened is not None
    ]
    comment += findings[:_FINDINGS_IN_COMMENT]
    texts = (each if isinstance(each, str) else each.in_language(language) for each in comment)
    return "<br>".join(dict.fromkeys(escape(one_line(text)) for text in texts))


def copy_of(path: Path, folder: Path) -> Path:
    """Where the filled-in copy of a file goes: never onto the file itself."""
    return folder / f"{path.stem}-filled{path.suffix}"


def _check(options: OutputOptions) -> None:
    """
    Raises:
        UserError: a file cannot be read or filled in.
    """
    for path in options.fill:
        try:
            read_marksheet(Sheet(path.read_bytes()))
        except OSError as error:
            reason = str(error.strerror)
            raise UserError(
                say("{path} cannot be read: {reason}.", path=str(path), reason=reason)
            ) from error
        except NoMarksheetError as error:
            raise _not_filled(path, error) from error


def _not_filled(path: Path, error: NoMarksheetError) -> UserError:
    return UserError(
        say("{path} cannot be filled in: {reason}.", path=str(path), reason=error.reason)
    )


def _write_all(
    options: OutputOptions, results: ClassResults, config: BatchConfig
) -> Sequence[Path]:
    """
    Raises:
        UserError: nothing says which exercise or assignment is meant.
    """
    written = []
    summary = Summary(Console(), config.language)
    for path in options.fill:
        try:
            done = filled(
                path.read_bytes(),
                results,
                config.language,
                name=path.stem,
                columns=options.columns,
            )
        except NoMarksheetError as error:
            raise _not_filled(path, error) from error
        copy = copy_of(path, config.reports)
        write_whole(copy, done.content)
        for text in _outcome(copy, done):
            summary.say(text)
        written.append(copy)
    return written


def _outcome(copy: Path, done: Filled) -> Iterator[Text]:
    """What was filled in, whose mark was not, and how many rows were left as they were."""
    yield plural(
        "{file}: {count} mark is filled in. Rows without a submission: {others}.",
        "{file}: {count} marks are filled in. Rows without a submission: {others}.",
        done.written,
        file=copy.name,
        others=done.others,
    )
    for one in done.unfilled:
        student = one.result.student
        who = student.name if student.name == student.id else f"{student.name} ({student.id})"
        yield say(
            "  not filled in: {who} · {exercise}: {reason}",
            who=who,
            exercise=one.result.exercise,
            reason=one.reason,
        )


OUTPUT = Output(6, _write_all, _check)
