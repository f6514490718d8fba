"""A grader for exercises in concurrent Python that watches what the processes really do."""

__version__ = "0.1.0"
