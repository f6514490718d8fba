"""What the `grade` command ends with."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """What a shell or a CI is told. ``ALL_GRADED`` is that of a class, whatever came out."""

    PASSED = 0
    ALL_GRADED = 0
    NOT_PASSED = 1
    WRONG_CALL = 2
    """The call, or a file that the teacher wrote, is wrong."""
    CANNOT_WORK = 3
    """The grader itself could not work: nobody loses a point by it."""
    INTERRUPTED = 130
    """By Control-C: 128 and the signal's number, as shells have it."""
