"""What a teacher takes away from a graded class. Every output is a module here with an `Output`
called ``OUTPUT``; nothing else has to know of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from grader.classroom.batch.config import BatchConfig, Writer
from grader.classroom.model import ClassResults

__all__ = ["Output", "OutputOptions", "outputs", "writers"]


@dataclass(frozen=True)
class OutputOptions:
    """What is written besides the gradebook and the page of the class.

    Attributes:
        fill: the teacher's own worksheets and exports, of which filled-in copies are made.
        columns: which assignment of an export is meant: ``HEADING`` or ``EXERCISE=HEADING``.
        feedback: whether the reports are packed for the platform.
        junit: a file for JUnit XML.
        anonymous: whether the pages of the class leave out all names.
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


def outputs() -> tuple[Output, ...]:
    """All outputs, in the order in which they are written."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found: list[Output] = [module.OUTPUT for module in modules if hasattr(module, "OUTPUT")]
    return tuple(sorted(found, key=lambda output: output.order))


def writers(options: OutputOptions) -> Sequence[Writer]:
    """What writes all that the options ask for.

    Raises:
        UserError: an output cannot be made: a file of the teacher's is another than it should be,
            or a library is missing.
    """
    found = outputs()
    for output in found:
        output.check(options)
    return [partial(output.write, options) for output in found]
