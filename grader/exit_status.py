"""What the `grade` command ends with, and the error that ends it early."""

from __future__ import annotations

from enum import IntEnum

from grader.messages import Text


class ExitStatus(IntEnum):
    """What a shell or a CI receives. ``ALL_GRADED`` is that of a class, whatever came out."""

    PASSED = 0
    ALL_GRADED = 0
    NOT_PASSED = 1
    WRONG_CALL = 2
    """The call, or a file that the teacher wrote, is wrong."""
    CANNOT_WORK = 3
    """The grader itself could not work: no student loses a point by it."""
    INTERRUPTED = 130
    """By Control-C: 128 and the signal's number, as shells have it."""


class UserError(Exception):
    """Ends the command with one sentence for the person who called it.

    Args:
        problem: what is wrong, where, and what to write or do instead.
        status: what the command ends with.
    """

    def __init__(self, problem: Text, status: ExitStatus = ExitStatus.WRONG_CALL) -> None:
        super().__init__(problem.in_language("en"))
        self.problem = problem
        self.status = status
