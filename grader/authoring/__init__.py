"""What helps a teacher to write an exercise: lint, samples, tests of them, and a first draft."""

from grader.authoring.lint import Linted, exercise_files, lint

__all__ = ["Linted", "exercise_files", "lint"]
