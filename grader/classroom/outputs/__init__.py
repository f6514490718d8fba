"""What a teacher takes away from a graded class. Every output is a module here with an `Output`
called ``OUTPUT``; nothing else has to know of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pkgutil import iter_modules

from grader.classroom.batch.config import Writer
from grader.classroom.outputs.output import Output, OutputOptions

__all__ = ["Output", "OutputOptions", "outputs", "writers"]


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
