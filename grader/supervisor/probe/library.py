"""What the probe changes in multiprocessing's modules so that they report what is asked of them.

It puts no frame of its own into the student's tracebacks: a method is looked up through a
descriptor that reports and hands out the original.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    Tell = Callable[[str, object, FrameType], None]
    """Is called with the name of what is asked of an object, the object, and the caller's frame."""

frames: Any = __import__("frames")


class _Reported:
    """A method that reports when it is looked up on an object."""

    def __init__(self, name: str, function: Callable[..., Any], tell: Tell) -> None:
        self.name = name
        self.function = function
        self._tell = tell
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self.__wrapped__ = function

    def __get__(self, process: object, owner: type | None = None) -> Any:
        if process is not None:
            frame = sys._getframe(1)
            if self.name != "run" or frame is frames.student_frame(frame):
                self._tell(self.name, process, frame)
        return self.function.__get__(process, owner)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self.function(*arguments, **keywords)


class _ReportedProperty(property):
    """A property that reports when it is read."""

    name = ""
    tell: Any = None

    def __get__(self, process: Any, owner: type | None = None) -> Any:
        if process is not None:
            self.tell(self.name, process, sys._getframe(1))
        return property.__get__(self, process, owner)


def report_methods(module: Any, tell: Tell) -> None:
    """``multiprocessing.process``: report which methods are asked for."""
    base = module.BaseProcess
    for name in ("start", "join", "terminate", "kill", "is_alive", "run"):
        setattr(base, name, _Reported(name, base.__dict__[name], tell))
    for name in ("exitcode", "sentinel"):
        original = base.__dict__[name]
        reported = _ReportedProperty(original.fget, original.fset, doc=original.__doc__)
        reported.name, reported.tell = name, tell
        setattr(base, name, reported)


def report_end(util: Any, report: Callable[[], None]) -> None:
    """``multiprocessing.util``: report when a process's own code is over. The shutdown begins with
    a message to the log, by a function that it holds as a default (Lib/multiprocessing/util.py).
    """
    log, *others = util._exit_function.__defaults__

    def log_and_report(message: str, *arguments: object) -> None:
        """Report that the code is over, and go on."""
        report()
        log(message, *arguments)

    util._exit_function.__defaults__ = (log_and_report, *others)


def set_start_method(method: str, context: Any) -> None:
    """``multiprocessing.context``: the exercise's start method is the default and not fixed. A
    student's own ``set_start_method`` still works afterwards.
    """
    default = context._default_context
    default._default_context = default.get_context(method)
