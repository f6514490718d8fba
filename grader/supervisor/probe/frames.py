"""Where in the student's code the interpreter is, and what it calls the objects that are asked."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep
PROBE = tuple(
    os.path.join(
        os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), *each
    )
    for each in (("supervisor", "probe", ""), ("selfcheck", "probe", ""))
)
"""The folders with the probe's own files: that of the supervisor, and that of a self-check."""
_NOT_THE_STUDENTS = (STANDARD_LIBRARY, "<", *PROBE)
_METHODS = ("__init__", "run", "start", "join", "terminate", "kill", "is_alive", "close")
"""Those of a process that a class of the student's may have of its own."""


def student_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame in a file outside the standard library, and not the probe's."""
    while frame is not None:
        if not frame.f_code.co_filename.startswith(_NOT_THE_STUDENTS):
            return frame
        frame = frame.f_back
    return None


def variable(frame: FrameType | None, value: object) -> str | None:
    """The name under which the frame knows an object, if it is one of its variables."""
    for scope in () if frame is None else (frame.f_locals, frame.f_globals):
        for name, known in list(scope.items()):
            if known is value and not name.startswith("_") and name != "self":
                return name
    return None


def own_methods(kind: type) -> list[str]:
    """Which methods of a process are not those of multiprocessing, by whatever way they came into
    the class.
    """
    own: set[str] = set()
    for each in kind.__mro__:
        if each.__module__.partition(".")[0] == "multiprocessing":
            break
        own |= set(vars(each))
    return [name for name in _METHODS if name in own]
