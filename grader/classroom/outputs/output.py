"""What an output is, and the options of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.batch.config import BatchConfig
from grader.classroom.model import ClassResults


@dataclass(frozen=True)
class OutputOptions:
    """What is written besides the gradebook and the page of the class.

    Attributes:
        fill: the teacher's own worksheets and exports, of which filled-in copies are made.
        columns: which assignment of an export is meant: ``HEADING`` or ``EXERCISE=HEADING``.
        feedback: whether everybody's report is packed for the platform.
        junit: a file for JUnit XML.
        anonymous: whether the pages of the class leave out who anybody is.
        similar: from how many percent on pairs of programs are shown; None: they are not compared.
    """

    fill: tuple[Path, ...] = ()
    columns: tuple[str, ...] = ()
    feedback: bool = False
    junit: Path | None = None
    anonymous: bool = False
    similar: int | None = None


@dataclass(frozen=True)
class Output:
    """Something that is written of a graded class.

    Attributes:
        order: outputs of a lower one are written first.
        write: writes it if the options ask for it, and returns the files that it wrote. Raises
            OSError where it cannot, and UserError where it cannot be made of these results.
        check: is called before anything is graded. Raises UserError if it could never be written.
    """

    order: int
    write: Callable[[OutputOptions, ClassResults, BatchConfig], Sequence[Path]]
    check: Callable[[OutputOptions], None] = lambda options: None
