"""What the command line asks of the grading of a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.classroom.model import ClassResults
from grader.messages import Language
from grader.options import Options


@dataclass(frozen=True)
class BatchConfig:
    """How a class is graded, and where everything is written.

    Attributes:
        spec: an exercise file, a folder of them, or a ``course.yaml``.
        given: a folder of submissions, or zip files, or scripts.
        options: how each submission is run.
        language: of what is printed and written.
        students: a regular expression that finds in a path whose it is.
        deadline: a day and time; what came later is late.
        fresh: whether all results are forgotten first.
        strict: whether the status is 1 if any submission did not pass.
        watch: whether to go on, and grade what changes.
        cluster: the address of a scheduler of dask.distributed.
        jobs: how many are graded at a time; None: as there are processors.
        reports: the folder for the reports and the gradebook.
        json: a file for the results as JSON, a line each.
        own: the teacher's own files; if they lie among the submissions, they are none.
        amount: how much is printed.
    """

    spec: Path
    given: tuple[Path, ...]
    options: Options
    language: Language
    students: str | None = None
    deadline: str | None = None
    fresh: bool = False
    strict: bool = False
    watch: bool = False
    cluster: str | None = None
    jobs: int | None = None
    reports: Path = Path("reports")
    json: Path | None = None
    own: tuple[Path, ...] = ()
    amount: Literal["quiet", "normal", "verbose"] = "normal"


Writer = Callable[[ClassResults, BatchConfig], Sequence[Path]]
"""Writes results in some format; returns the files that it wrote.

Raises OSError where it cannot."""
