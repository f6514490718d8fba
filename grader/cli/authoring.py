"""The commands for those who write exercises.

What they say of a place in a file is English, as the language of exercises is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.exit_status import ExitStatus, UserError
from grader.messages import Language, plural, say

if TYPE_CHECKING:
    from grader.authoring.audit import Audit
    from grader.authoring.preview import Preview
    from grader.authoring.testing import GradedSample, SampledExercise
    from grader.options import Options
    from grader.submission import Submission

Values = Mapping[str, Any]
"""Those of a command's options, by the names of their fields."""


def lint_files(named: Sequence[str], language: Language, values: Values) -> ExitStatus:
    """Print what is wrong with exercise files, and what in them is hardly meant so.

    Args:
        named: files, names of shipped exercises, and folders of files.
        language: of what is said about all of them.
        values: none.

    Raises:
        UserError: nothing is called so, or a folder has no exercise file.
    """
    from grader.authoring import exercise_files, lint

    results = [lint(file) for file in exercise_files(named)]
    for result in results:
        for problem in result.errors:
            click.echo(str(problem))
        for problem in result.warnings:
            click.echo(str(replace(problem, message=f"warning: {problem.message}")))
    errors = sum(len(result.errors) for result in results)
    warnings = sum(len(result.warnings) for result in results)
    told = say(
        "{files}: {errors}, {warnings}.",
        files=plural("{count} file", "{count} files", len(results)),
        errors=plural("{count} error", "{count} errors", errors),
        warnings=plural("{count} warning", "{count} warnings", warnings),
    )
    click.echo(told.in_language(language))
    if errors:
        return ExitStatus.WRONG_CALL
    return ExitStatus.NOT_PASSED if warnings else ExitStatus.PASSED


def check_samples(named: Sequence[str], language: Language, values: Values) -> ExitStatus:
    """Grade the samples of exercises, and print which of them come out otherwise than they must.

    Args:
        named: files, names of shipped exercises, and folders of files.
        language: of what is printed.
        values: of the options of `grade test`.

    Raises:
        UserError: there is nothing to grade, or nothing can be run on this machine.
    """
    from grader.cli.arguments import require_linux

    require_linux()
    from grader.authoring import exercise_files
    from grader.authoring.testing import grade_samples, with_samples
    from grader.cli.arguments import read_script
    from grader.exercise import ExerciseError

    try:
        exercises = with_samples(exercise_files(named), values["samples"])
    except ExerciseError as error:
        click.echo(str(error), err=True)
        return ExitStatus.WRONG_CALL
    total = sum(len(each.samples) for each in exercises)
    if total == 0:
        raise UserError(
            say("There are no samples: put scripts into {folder}.", folder=str(exercises[0].folder))
        )
    coming = grade_samples(exercises, _options(values), language, read_script, values["jobs"])
    results = list(_with_progress(coming, total))
    for each in exercises:
        _print_results(each, results, language)
    missed = sum(bool(each.misses) for each in results)
    told = say(
        "{samples} of {exercises}: {missed} not as they must be.",
        samples=plural("{count} sample", "{count} samples", total),
        exercises=plural("{count} exercise", "{count} exercises", len(exercises)),
        missed=missed,
    )
    click.echo(told.in_language(language))
    return ExitStatus.NOT_PASSED if missed else ExitStatus.PASSED


def _options(values: Values) -> Options:
    """How samples are run: options that the command does not take are as they are left out."""
    from grader.cli.arguments import options_of
    from grader.cli.options import OPTIONS

    usual = {each.field: each.default for each in OPTIONS if each.destination == "options"}
    given = {name: value for name, value in values.items() if name in usual}
    return options_of(**usual | given)


def _with_progress(coming: Iterator[GradedSample], total: int) -> Iterator[GradedSample]:
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return iter(
        track(coming, "", total, console=console, transient=True, disable=not console.is_terminal)
    )


def _print_results(
    each: SampledExercise, results: Sequence[GradedSample], language: Language
) -> None:
    """The samples of one exercise, as a table, with what is not as it must be below each."""
    from grader.checks import Status
    from grader.messages.wrapping import pad
    from grader.report.words import SIGNS

    click.echo(each.exercise.id)
    mine = sorted(
        (one for one in results if one.exercise is each.exercise), key=lambda one: one.sample.name
    )
    width = max((len(one.sample.name) for one in mine), default=0)
    if not mine:
        told = say("no samples: there are none in {folder}", folder=str(each.folder))
        click.echo(f"  – {told.in_language(language)}")
    for one in mine:
        icon = SIGNS[Status.FAILED if one.misses else Status.PASSED].icon
        graded = one.graded
        score = "–" if graded is None or graded.score is None else f"{graded.score:g}"
        possible = sum(check.points for check in each.exercise.checks)
        reported = [
            f"{SIGNS[check.status].icon} {check.id}"
            for check in (graded.checks if graded is not None else ())
            if check.status in (Status.FAILED, Status.LUCKY)
        ]
        name = pad(one.sample.name, width)
        row = f"  {icon} {name}  {score:>5}/{possible:g}  {', '.join(reported)}"
        click.echo(row.rstrip())
        for miss in one.misses:
            click.echo(f"      {miss.in_language(language)}")


def write_new(named: Sequence[str], language: Language, values: Values) -> ExitStatus:
    """Write the first draft of an exercise.

    Args:
        named: its id or the path of its file.
        language: of what is printed.
        values: of the options of `grade new`.

    Raises:
        UserError: it cannot be written.
    """
    from grader.authoring.starting import start_exercise

    if len(named) != 1:
        raise UserError(say("Name the new exercise: grade new ID"))
    written = start_exercise(named[0], values["template"])
    for path in written:
        click.echo(str(path))
    told = say(
        "Now change it, and try it: grade lint {file}, grade test {file}", file=written[0].name
    )
    click.echo(told.in_language(language))
    return ExitStatus.PASSED


def print_schema(named: Sequence[str], language: Language, values: Values) -> ExitStatus:
    """Print the JSON Schema of exercise files."""
    from grader.authoring.schema import schema_text

    if named:
        raise UserError(say("grade schema takes no file or name."))
    click.echo(schema_text(), nl=False)
    return ExitStatus.PASSED


def show_exercise(named: Sequence[str], language: Language, values: Values) -> ExitStatus:
    """Print an exercise as a teacher reads it: the task, the cast, and each check with its points,
    its relation as it stands in the file, and its hint.

    Raises:
        UserError: no exercise is called so.
    """
    from grader.cli.exercises import print_task
    from grader.exercise import find_exercise, load_exercise
    from grader.exercise.document import read_document

    if len(named) != 1:
        raise UserError(say("Name one exercise: grade show EXERCISE"))
    status = print_task(named[0], language)
    if status is not ExitStatus.PASSED:
        return status
    file = find_exercise(named[0])
    exercise, document = load_exercise(file), read_document(file)

    def source(*spot: int | str) -> str:
        """What stands in the file, on one line."""
        return " ".join(document.source(document.at(spot)).split())

    if exercise.cast:
        click.echo()
        click.echo(say("Who takes part:").in_language(language))
    for name in exercise.cast:
        click.echo(f"  {name}: {source('cast', name)}")
    possible = sum(check.points for check in exercise.checks)
    heading = say(
        "{checks}, {points} points:",
        points=f"{possible:g}",
        checks=plural("{count} check", "{count} checks", len(exercise.checks)),
    )
    click.echo()
    click.echo(heading.in_language(language))
    for place, check in enumerate(exercise.checks):
        points = f"{check.points:g}" if check.points else say("advice").in_language(language)
        click.echo(f"  {check.id} ({points}): {check.expect.in_language(language)}")
        click.echo(f"      {check.relation}: {source('checks', place, check.relation)}")
        whole = source("checks", place)
        for key in ("needs", "any-duration", "possible", "under", "for-each"):
            said = source("checks", place, key)
            if said != whole:
                click.echo(f"      {key}: {said}")
        if check.hint is not None:
            hint = say("Hint: {hint}", hint=check.hint)
            click.echo(f"      {hint.in_language(language)}")
    return ExitStatus.PASSED


def preview_exercise(named: Sequence[str], language: Language, values: Values) -> ExitStatus:
    """Make the page of an exercise and its samples, again at each save, until Control-C.

    Raises:
        UserError: watchfiles is not installed, nothing can be run on this machine, or the page
            cannot be written.
    """
    from grader.cli.arguments import require_linux

    require_linux()
    from grader.authoring.preview import Preview
    from grader.authoring.testing import grade_samples
    from grader.classroom.batch.watching import changes
    from grader.cli.arguments import read_script
    from grader.cli.script import open_report
    from grader.exercise import find_exercise

    if len(named) != 1:
        raise UserError(say("Name one exercise: grade preview EXERCISE"))
    file = find_exercise(named[0])
    folder: Path = values["report"] or Path("reports") / "preview" / file.stem
    samples: Path | None = values["samples"]
    options = _options(values)

    def grading(exercises: Sequence[SampledExercise]) -> Iterator[GradedSample]:
        """Grade the samples that are new."""
        return grade_samples(exercises, options, language, read_script, values["jobs"])

    preview = Preview(file, samples, folder, language, read_script, grading)
    watched = [each.resolve() for each in (file.parent, samples) if each is not None]
    opens = values["open"]
    try:
        for _ in changes(watched, {folder.resolve()}):
            _make_again(preview, language)
            if opens:
                open_report(preview.place, language)
                opens = False
    except KeyboardInterrupt:
        pass  # that is how watching ends
    except ImportError as error:
        problem = say("grade preview needs a package: pip install 'grader[class]'")
        raise UserError(problem, ExitStatus.CANNOT_WORK) from error
    return ExitStatus.PASSED


def audit_exercises(named: Sequence[str], language: Language, values: Values) -> ExitStatus:
    """Grade mutants of the solutions of exercises, and print what kills each of them.

    Raises:
        UserError: LibCST is not installed, a solution cannot be read or is not right, nothing can
            be run on this machine, or the page cannot be written.
    """
    from grader.cli.arguments import require_linux

    require_linux()
    from grader.authoring import exercise_files
    from grader.authoring.testing import grade_samples
    from grader.cli.arguments import read_script
    from grader.exercise import ExerciseError
    from grader.saving import write_whole

    try:
        from grader.authoring.audit import audit, audit_page, summary
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "libcst":
            raise
        problem = say("grade audit needs a package: pip install 'grader[audit]'")
        raise UserError(problem, ExitStatus.CANNOT_WORK) from error
    options = _options(values)

    def grading(
        exercises: Sequence[SampledExercise], read: Callable[[Path], Submission], natural: bool
    ) -> Iterator[GradedSample]:
        """Grade mutants."""
        orders = replace(options, schedules=1) if natural else options
        total = sum(len(each.samples) for each in exercises)
        return _with_progress(
            grade_samples(exercises, orders, language, read, values["jobs"]), total
        )

    try:
        audits = audit(
            exercise_files(named), values["samples"], values["solution"], read_script, grading
        )
    except ExerciseError as error:
        click.echo(str(error), err=True)
        return ExitStatus.WRONG_CALL
    for each in audits:
        _print_audit(each, language)
    click.echo(summary(audits).in_language(language))
    if (page := values["html"]) is not None:
        try:
            write_whole(page, audit_page(audits, language))
        except OSError as error:
            problem = say(
                "{path} cannot be written: {reason}.", path=str(page), reason=str(error.strerror)
            )
            raise UserError(problem) from error
    is_clean = not any(each.survivors or each.stale for each in audits)
    return ExitStatus.PASSED if is_clean else ExitStatus.NOT_PASSED


def _print_audit(audit: Audit, language: Language) -> None:
    """The mutants of one exercise, with what kills each; of those that nothing kills the change."""
    from grader.authoring.audit import remarks
    from grader.checks import Status
    from grader.messages.wrapping import pad
    from grader.report.escaping import one_line
    from grader.report.words import SIGNS

    click.echo(f"{audit.exercise.id}: {audit.solution}")
    width = max((len(each.mutant.name) for each in audit.audited), default=0)
    for each in audit.audited:
        icon = SIGNS[Status.FAILED if each.survives else Status.PASSED].icon
        killers = ", ".join(f"{SIGNS[one.status].icon} {one.id}" for one in each.killers)
        why = killers or each.reason or say("not caught").in_language(language)
        if each.failure is not None:
            why = one_line(each.failure.in_language(language))
        click.echo(f"  {icon} {pad(each.mutant.name, width)}  {why}")
        for check in each.killers:
            if check.happened is not None:
                click.echo(f"      {one_line(check.happened.in_language(language))}")
        if each.survives:
            for line in each.mutant.diff.splitlines():
                click.echo(f"      {line}")
    for remark in remarks(audit):
        click.echo(f"  – {remark.in_language(language)}")


def _make_again(preview: Preview, language: Language) -> None:
    """Make the page, and say so, or why it could not be made: the next save may mend that."""
    try:
        tested = preview.make()
    except UserError as error:
        told = error.problem
    except OSError as error:
        told = say(
            "{path} cannot be read or written: {reason}.",
            path=str(error.filename or preview.place),
            reason=str(error.strerror),
        )
    else:
        told = say(
            "{file}: {samples}, {missed} not as they must be. Control-C ends it.",
            file=str(preview.place),
            samples=plural("{count} sample", "{count} samples", len(tested)),
            missed=sum(bool(each.misses) for each in tested),
        )
    click.echo(told.in_language(language))


COMMANDS: dict[str, Callable[[Sequence[str], Language, Values], ExitStatus]] = {
    "new": write_new,
    "show": show_exercise,
    "schema": print_schema,
    "lint": lint_files,
    "test": check_samples,
    "audit": audit_exercises,
    "preview": preview_exercise,
}
"""By name: each is given what the call names, the language, and the values of its options."""
