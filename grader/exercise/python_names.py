"""Names of Python's library that a check asks for: is there what is called so, and where?"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

from pydantic import AfterValidator

from grader.exercise.values import PROCESS_METHODS, DottedName
from grader.exercise.wording import Takes, did_you_mean, listed

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


_HOMES: dict[str, dict[str, str]] = {
    "multiprocessing": {
        **dict.fromkeys(
            ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Event", "Condition", "Barrier"),
            "multiprocessing.synchronize",
        ),
        **dict.fromkeys(("Queue", "JoinableQueue", "SimpleQueue"), "multiprocessing.queues"),
        **dict.fromkeys(("Value", "Array"), "multiprocessing.sharedctypes"),
        **dict.fromkeys(("RawValue", "RawArray", "Pipe"), ""),
        "Connection": "multiprocessing.connection",
        "Manager": "multiprocessing.managers",
        "Pool": "multiprocessing.pool",
        "Process": "",
    },
    "threading": dict.fromkeys(
        (
            *("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Event", "Condition", "Barrier"),
            *("Thread", "Timer"),
        ),
        "threading",
    ),
    "queue": dict.fromkeys(("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"), "queue"),
    "concurrent.futures": {
        "ThreadPoolExecutor": "concurrent.futures.thread",
        "ProcessPoolExecutor": "concurrent.futures.process",
        **dict.fromkeys(("Future", "wait", "as_completed"), "concurrent.futures._base"),
    },
}
"""The module in which the library has its class; empty for what has no class of its own."""
_CLASSES = {"Manager": "SyncManager", "Value": "Synchronized", "Array": "SynchronizedArray"}
"""Of what is called otherwise."""
_MADE_BY_CONTEXT = ("Value", "Array", "RawValue", "RawArray", "Pipe")
_FUNCTIONS = ("wait", "as_completed")
_KEPT_BY_OBJECTS = ("acquire", "release")
"""Methods that objects of some classes have of their own, and their class has not."""
_IN_WITH = {
    "acquire": "__enter__",
    "release": "__exit__",
    "terminate": "__exit__",
    "shutdown": "__exit__",
    "close": "__exit__",
}
"""What a ``with`` does, too. That of a pool terminates it, and does not close it."""


def reported_call(name: str) -> str:
    """How the probe is asked to report calls of this: by its name, the module, the class and the
    attribute that they go through, and the method of a ``with`` that does the same, with colons
    between them. Empty for what is reported anyway: the methods of processes.

    Raises:
        ValueError: the library has nothing of that name of which calls can be seen.
    """
    module = next((each for each in _HOMES if name.startswith(f"{each}.")), None)
    if module is None:
        raise ValueError(
            f"calls of '{name}' cannot be seen: write something of {listed(_HOMES, 'or')}, such as "
            "multiprocessing.Lock.acquire"
        )
    first, *further = name.removeprefix(f"{module}.").replace("connection.", "").split(".")
    if first not in _HOMES[module]:
        meant = did_you_mean(first, _HOMES[module])
        raise ValueError(
            f"calls of '{first}' of {module} cannot be seen.{meant} Allowed: "
            f"{listed(_HOMES[module])}"
        )
    home, owner = _HOMES[module][first], _CLASSES.get(first, first)
    if first == "Process":
        if further not in [[method] for method in PROCESS_METHODS]:
            meant = did_you_mean("".join(further), PROCESS_METHODS)
            raise ValueError(
                f"of a Process it is seen what is asked of it.{meant} Write "
                f"multiprocessing.Process with one of {listed(PROCESS_METHODS)}"
            )
        return ""
    if not further and first in _MADE_BY_CONTEXT:
        return f"{name}:multiprocessing.context:BaseContext:{first}:"
    if first in _FUNCTIONS and not further:
        return f"{name}:{home}::{first}:"
    if not further:
        return f"{name}:{home}:{owner}:__init__:"
    kind = getattr(import_module(home), owner, None) if home else None
    if first == "Pipe":
        raise ValueError(
            "a Pipe is two connections: write multiprocessing.Connection and its method, such as "
            "multiprocessing.Connection.send"
        )
    if first in ("Lock", "RLock") and module == "threading":
        kind = type(kind())  # type: ignore[misc]  # a function, in some versions
    has_kept = hasattr(kind, "__enter__") and module != "concurrent.futures"
    methods = [each for each in dir(kind) if not each.startswith("_")] if home else []
    methods += _KEPT_BY_OBJECTS if has_kept and owner != "SyncManager" and first != "Pool" else ()
    method = ".".join(further)
    if method not in methods:
        raise ValueError(f"'{first}' has no '{method}'.{did_you_mean(method, methods)}")
    context = _IN_WITH.get(method, "")
    if not hasattr(kind, context) or (method == "close" and "terminate" in methods):
        context = ""
    return f"{name}:{home}:{owner}:{method}:{context}"


def seen_to_be_called(text: str) -> str:
    """The name, if it is one of which calls can be seen.

    Raises:
        ValueError: it is not.
    """
    reported_call(text)
    return text


ReportedName = Annotated[
    DottedName,
    AfterValidator(seen_to_be_called),
    Takes("a name of Python's, such as `multiprocessing.Lock.acquire`", {"type": "string"}),
]
"""What is seen to be called when the script runs."""
