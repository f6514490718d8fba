"""The language of exercises: YAML in, a validated Exercise out."""

from grader.exercise.model import Cast, Check, Exercise, Limits, Moment, Run

__all__ = ["Cast", "Check", "Exercise", "Limits", "Moment", "Run"]
