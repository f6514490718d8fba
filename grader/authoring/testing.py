"""Grades the samples of exercises, several at a time, and says which come out as they must."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.authoring.samples import Script, load_samples, misses, samples_folder
from grader.classroom.batch.job import Graded, Job, JobResult, NotRun, WrongExercise
from grader.classroom.batch.workers import LocalPool
from grader.exercise import Exercise, ExerciseError, Problem, load_exercise
from grader.exit_status import ExitStatus, UserError
from grader.messages import Language, Text, say
from grader.options import Options
from grader.submission import Submission


@dataclass(frozen=True)
class SampledExercise:
    """An exercise with its samples, which ``folder`` has."""

    exercise: Exercise
    folder: Path
    samples: tuple[Script, ...]


@dataclass(frozen=True)
class GradedSample:
    """A sample that was graded. ``graded`` is None where the grader itself failed on it."""

    exercise: Exercise
    sample: Script
    graded: Graded | None
    misses: tuple[Text, ...]


def with_samples(files: Iterable[Path], samples: Path | None = None) -> list[SampledExercise]:
    """Exercise files with their samples.

    Args:
        files: of the exercises.
        samples: the folder of all their samples; None: each has its own beside it.

    Raises:
        ExerciseError: with the problems of all the files.
    """
    loaded: list[SampledExercise] = []
    problems: list[Problem] = []
    for file in files:
        try:
            exercise = load_exercise(file)
            folder = samples_folder(file, samples)
            loaded.append(SampledExercise(exercise, folder, load_samples(exercise, folder)))
        except ExerciseError as error:
            problems += error.problems
    if problems:
        raise ExerciseError(problems)
    return loaded


def grade_samples(
    exercises: Sequence[SampledExercise],
    options: Options,
    language: Language,
    read: Callable[[Path], Submission],
    jobs: int | None = None,
) -> Iterator[GradedSample]:
    """Grade all samples and compare, in whatever order they are done.

    Args:
        exercises: whose samples.
        options: how each is run.
        language: of the reports.
        read: reads a script, or says in a `UserError` why it cannot be read.
        jobs: how many are graded at a time; None: as there are processors.

    Raises:
        UserError: a script cannot be read, nothing can be run on this machine, or an exercise asks
            for a check that cannot be used.
    """
    options = replace(options, at_once=1, witness="kernel")
    for in_real_time in (False, True):
        samples = {
            f"{each.exercise.id}/{sample.name}": (each.exercise, sample)
            for each in exercises
            for sample in each.samples
            if (each.exercise.run.clock == "real") is in_real_time
        }
        waiting = (
            Job(key, exercise, read(sample.path), options, language)
            for key, (exercise, sample) in samples.items()
        )
        at_a_time = min(jobs or len(os.sched_getaffinity(0)), len(samples))
        with LocalPool(at_a_time, pinned=not in_real_time) as pool:
            for coming in pool.results(waiting):
                if coming is not None:
                    job, result = coming
                    yield compared(*samples[job.key], result)


def compared(exercise: Exercise, sample: Script, result: JobResult) -> GradedSample:
    """A result, compared with what must come out.

    Raises:
        UserError: nothing could be run, whatever the sample is.
    """
    if isinstance(result, Graded):
        return GradedSample(exercise, sample, result, tuple(misses(sample.wanted, result.checks)))
    if isinstance(result, NotRun):
        raise UserError(result.reason, ExitStatus.CANNOT_WORK)
    if isinstance(result, WrongExercise):
        problem = say("The exercise cannot be used: {problem}", problem=result.problem)
        raise UserError(problem)
    failure = say("The grader failed: {report}", report=result.report.strip())
    return GradedSample(exercise, sample, None, (failure,))
