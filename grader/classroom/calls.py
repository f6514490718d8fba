"""What the `grade` command calls for a class: names and options in, exit status out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from grader.classroom.autograders.gradescope import write_autograder
from grader.classroom.batch.config import BatchConfig
from grader.classroom.batch.session import grade_batch
from grader.classroom.course import load_course
from grader.classroom.outputs import OutputOptions, writers
from grader.exercise import find_exercise, is_shipped
from grader.exit_status import ExitStatus, UserError
from grader.messages import Language, say
from grader.options import Options


def grade_class(
    spec: str,
    given: Sequence[Path],
    options: Options,
    reports: Path | None,
    settings: Mapping[str, Any],
    outputs: Mapping[str, Any],
) -> ExitStatus:
    """Grade a class and write what is asked for. Returns the exit status.

    Args:
        spec: an exercise's file or name, a folder of them, or a ``course.yaml``.
        given: a folder of submissions, or zip files, or scripts.
        options: how each is run.
        reports: where everything is written; None: to the usual place.
        settings: further fields of `BatchConfig`, by their names.
        outputs: the fields of `OutputOptions`.

    Raises:
        UserError: it cannot be graded.
        grader.exercise.ExerciseError: an exercise, ``course.yaml`` or ``overrides.csv`` is wrong.
    """
    asked = OutputOptions(**outputs)
    own = (*asked.fill, *([] if asked.junit is None else [asked.junit]))
    config = BatchConfig(_course(spec), tuple(given), options, own=own, **settings)
    if reports is not None:
        config = replace(config, reports=reports)
    return grade_batch(config, writers(asked))


def write_autograder_of(
    spec: str, path: Path, given: Sequence[Path], language: Language
) -> ExitStatus:
    """Write the autograder of some exercises for Gradescope. Returns the exit status.

    Raises:
        UserError: there is something to grade, too, or it cannot be written.
        grader.exercise.ExerciseError: an exercise is wrong.
    """
    if given:
        problem = say("--gradescope takes exercises only: Gradescope has the submissions.")
        raise UserError(problem, ExitStatus.WRONG_CALL)
    try:
        write_autograder(path, load_course(_course(spec)), language)
    except OSError as error:
        reason = str(error.strerror or error)
        problem = say("{path} cannot be written: {reason}.", path=str(path), reason=reason)
        raise UserError(problem, ExitStatus.CANNOT_WORK) from error
    click.echo(str(path))
    return ExitStatus.ALL_GRADED


def _course(spec: str) -> Path:
    is_folder = Path(spec).is_dir() and not is_shipped(spec)
    return Path(spec) if is_folder else find_exercise(spec)
