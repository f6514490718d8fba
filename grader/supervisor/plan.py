"""What is to be run, and the ways in which it can turn out that it cannot be."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.exercise import Limits
from grader.messages import Text
from grader.submission import Submission
from grader.trace import StartMethod


@dataclass(frozen=True)
class Plan:
    """One run of a submission. ``python`` is the student's interpreter; None: our own."""

    submission: Submission
    limits: Limits
    clock: Literal["virtual", "real"] = "virtual"
    start_method: StartMethod = StartMethod.FORK
    python: Path | None = None
    schedule: str = "natural"

    @property
    def interpreter(self) -> Path:
        return self.python or Path(sys.executable)


class CannotSuperviseError(Exception):
    """The grader could not run the submission, through no fault of the submission.

    ``reason`` says why, and what to do about it.
    """

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.in_language("en"))
        self.reason = reason
