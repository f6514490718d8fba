"""Names of Python's library that a check of the code asks for: is there what is called so?"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

from pydantic import AfterValidator

from grader.exercise.values import DottedName
from grader.exercise.wording import did_you_mean

_MODULES = ("threading", "multiprocessing", "queue", "concurrent.futures", "time")
"""Those whose names are looked up. Of any other name nothing is known: it may be the script's."""
_NEWER = frozenset(
    {
        "concurrent.futures.InterpreterPoolExecutor",
        "multiprocessing.Process.interrupt",
        "queue.ShutDown",
        "threading.setprofile_all_threads",
        "threading.settrace_all_threads",
    }
)
"""What a Python newer than the oldest that the grader runs on has in addition."""
_PROCESS = "multiprocessing.Process"


def _called(text: str) -> str:
    """The name, if it is one whose calls can be found in the code.

    Raises:
        ValueError: the library has nothing of that name, or it is a method whose calls cannot be
            told from those of other objects.
    """
    module, names = _split(text)
    if not names or ".".join((module, *names)) in _NEWER:
        return text
    first, *further = names
    owner = f"{module}.{first}"
    known = getattr(import_module(module), "__all__", None) or dir(import_module(module))
    is_package = module == "multiprocessing"
    if is_package and first not in known and find_spec(owner) is not None:
        if not further:
            raise ValueError(f"'{text}' is a module: write what of it is called")
    elif not hasattr(import_module(module), first):
        meant = did_you_mean(first, known)
        raise ValueError(f"there is no '{first}' in Python's module {module}.{meant}")
    elif owner == _PROCESS and further:
        methods = [
            name
            for name in dir(import_module("multiprocessing").Process)
            if not name.startswith("_")
        ]
        if further[0] not in methods:
            meant = did_you_mean(further[0], methods)
            raise ValueError(f"a Process has no '{further[0]}'.{meant}")
    elif further:
        raise ValueError(
            f"'{text}' is a method, and the code does not show on what object a method is called. "
            f"Write the class, {owner}, or check what is printed, as with order or pairs"
        )
    return text


def _split(text: str) -> tuple[str, list[str]]:
    """The module that a name begins with, and the names after it. A method of a class that is
    written without its module is that of the first module with such a class.
    """
    for module in _MODULES:
        if text.startswith(f"{module}."):
            return module, text.removeprefix(f"{module}.").split(".")
    first, *further = text.split(".")
    if first == "Process" and further:
        return "multiprocessing", [first, *further]
    for module in _MODULES:
        classes = getattr(import_module(module), "__all__", ())
        if further and first[:1].isupper() and first in classes:
            return module, [first, *further]
    return "", []


CalledName = Annotated[DottedName, AfterValidator(_called)]
"""What a script may call, or avoid."""
