"""The plans of an exercise's runs: everything that the supervisor goes by."""

from __future__ import annotations

from dataclasses import replace

from grader.exercise import Exercise
from grader.limits import Limits
from grader.options import Options
from grader.submission import Submission
from grader.supervisor import Plan


def plans(exercise: Exercise, submission: Submission, options: Options) -> tuple[Plan, ...]:
    """One natural run for each start method, in the exercise's order."""
    return tuple(
        Plan(
            submission,
            _limits_of(exercise),
            options.clock or exercise.run.clock,
            start_method,
            options.python,
            peers=exercise.run.peers,
            dialogue=exercise.run.dialogue,
            ports=exercise.ports,
            isolation=options.isolation,
        )
        for start_method in exercise.run.start_method
    )


def _limits_of(exercise: Exercise) -> Limits:
    """Where the submission may compute for longer, the supervisor may as well."""
    limits = Limits(**exercise.run.limits.model_dump())
    return replace(limits, supervision=max(limits.supervision, 2 * limits.cpu))
