"""Runs inside the submission's interpreters, before the submission's own code.

It reports which Process objects the student's code asks for which method, and on which line, by
writing to a descriptor that is never open (the supervisor's ``reports.py``). Without a supervisor
that does nothing. It puts no frame of its own into the student's tracebacks: a method is looked
up through a descriptor that reports and hands out the original.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys

TYPE_CHECKING = False  # typing itself would cost every start-up some milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

_DESCRIPTOR = 0x7FFFFFFF
_HERE = os.path.dirname(os.path.abspath(__file__))
_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep
_SEARCH_PATH = "PYTHONPATH"
_ROOM_FOR_ANSWER = 2048


def _report(function: str, **fields: object) -> None:
    parts = ["grader-probe", "function=" + function]
    for key, value in fields.items():
        if value is not None:
            parts.append(f"{key}=" + str(value).replace("\x1f", " ")[:512])
    try:
        os.write(_DESCRIPTOR, "\x1f".join(parts).encode("utf-8", "replace"))
    except OSError:
        return  # EBADF, always: the supervisor has read it at the entry of the call


def _student_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame in a file outside the standard library, and not this one."""
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((_STANDARD_LIBRARY, "<", _HERE)):
            return frame
        frame = frame.f_back
    return None


def _is_made_by(file: str, frame: FrameType | None) -> bool:
    """Whether this file of multiprocessing's is among those that lead to the student's line."""
    student = _student_frame(frame)
    while frame is not None and frame is not student:
        if os.path.basename(frame.f_code.co_filename) == file:
            return True
        frame = frame.f_back
    return False


def _variable(frame: FrameType, value: object) -> str | None:
    """The name under which the frame knows an object, if it is one of its variables."""
    for scope in (frame.f_locals, frame.f_globals):
        for name, known in list(scope.items()):
            if known is value and not name.startswith("_") and name != "self":
                return name
    return None


def _describe(function: str, process: object, frame: FrameType) -> None:
    popen = getattr(process, "_popen", None)
    student = _student_frame(frame)
    _report(
        function,
        pid=getattr(popen, "pid", None),
        sentinel=getattr(popen, "sentinel", None),
        name=getattr(process, "_name", None),
        variable=_variable(student, process) if student is not None else None,
        daemon=int(bool(getattr(process, "_config", {}).get("daemon"))),
        file=student.f_code.co_filename if student is not None else None,
        line=student.f_lineno if student is not None else None,
        **{"class": type(process).__name__},
    )


def _answer_where_it_stands() -> None:
    """The supervisor asks by a signal (``whereabouts.py``) when nobody can go on."""
    import signal

    signal.signal(signal.SIGRTMAX, _stands)


def _stands(number: int, frame: FrameType | None) -> None:
    """Say at which line of the student's code the main thread stands."""
    student = _student_frame(frame)
    if student is not None:
        _report("stands", file=student.f_code.co_filename, line=student.f_lineno)


class _Reported:
    """A method that reports when it is looked up on an object."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self.function = function
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self.__wrapped__ = function

    def __get__(self, process: object, owner: type | None = None) -> Any:
        if process is not None:
            frame = sys._getframe(1)
            if self.name != "run" or frame is _student_frame(frame):
                _describe(self.name, process, frame)
        return self.function.__get__(process, owner)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self.function(*arguments, **keywords)


class _ReportedProperty(property):
    """A property that reports when it is read."""

    name = ""

    def __get__(self, process: Any, owner: type | None = None) -> Any:
        if process is not None:
            _describe(self.name, process, sys._getframe(1))
        return property.__get__(self, process, owner)


def _watch_processes() -> None:
    from multiprocessing.process import BaseProcess

    for name in ("start", "join", "terminate", "kill", "is_alive", "run"):
        setattr(BaseProcess, name, _Reported(name, BaseProcess.__dict__[name]))
    for name in ("exitcode", "sentinel"):
        original = BaseProcess.__dict__[name]
        reported = _ReportedProperty(original.fget, original.fset, doc=original.__doc__)
        reported.name = name
        setattr(BaseProcess, name, reported)


def _report_locks() -> None:
    """Say of each lock and semaphore where it lies in memory, and on which line it was made.

    ``SemLock`` registers itself when it is made (Lib/multiprocessing/synchronize.py). That of which
    a queue takes one for each item that it has room for is called ``room``; one that begins with
    nothing to take is a ``signal``, which nobody holds.
    """
    import multiprocessing.util as util

    register = util.register_after_fork

    def register_after_fork(made: Any, function: Any) -> None:
        """Report a lock or semaphore that the student's code makes, and register it."""
        lock = getattr(made, "__dict__", {}).get("_semlock")
        if lock is not None:
            student = _student_frame(sys._getframe(1))
            kind = type(made).__name__
            if kind == "BoundedSemaphore" and _is_made_by("queues.py", sys._getframe(1)):
                kind = "room"
            elif kind == "Semaphore" and lock._is_zero():
                kind = "signal"
            _report(
                "lock",
                address=id(lock),
                file=student.f_code.co_filename if student is not None else None,
                line=student.f_lineno if student is not None else None,
                **{"class": kind},
            )
        register(made, function)

    setattr(util, "register_after_fork", register_after_fork)  # noqa: B010 - of another type


def _watch_the_end() -> None:
    """Report when a process's own code is over, before multiprocessing's shutdown.

    Exit functions run in the reverse order of their registration: this one is registered right
    after multiprocessing's, so the student's own run before it and multiprocessing's after.
    """
    import multiprocessing.util as util

    shutdown = getattr(util, "_exit_function")  # noqa: B009 - not in the stubs

    def shutdown_of_a_child(*arguments: Any, **keywords: Any) -> Any:
        """Report that the child's own code is over, and shut down."""
        _report_end()
        return shutdown(*arguments, **keywords)

    setattr(util, "_exit_function", shutdown_of_a_child)  # noqa: B010 - not in the stubs
    atexit.register(_report_end)


def _probe_spawned_interpreters(search_path: str) -> None:
    """Interpreters that multiprocessing starts get the probe; the student's environment does not.

    ``util.spawnv_passfds`` passes on os.environ as it is at the call.
    """
    import multiprocessing.util as util

    spawn = util.spawnv_passfds

    def spawn_with_probe(path: Any, arguments: Any, descriptors: Any) -> int:
        """Spawn a process that finds the probe on its search path."""
        previous = os.environ.get(_SEARCH_PATH)
        os.environ[_SEARCH_PATH] = search_path
        try:
            return spawn(path, arguments, descriptors)
        finally:
            if previous is None:
                del os.environ[_SEARCH_PATH]
            else:
                os.environ[_SEARCH_PATH] = previous

    setattr(util, "spawnv_passfds", spawn_with_probe)  # noqa: B010 - of another type


def _leave_no_trace(search_path: str) -> None:
    """Take the probe's folder out of the environment and the module path."""
    rest = [part for part in search_path.split(os.pathsep) if part and part != _HERE]
    if rest:
        os.environ[_SEARCH_PATH] = os.pathsep.join(rest)
    else:
        os.environ.pop(_SEARCH_PATH, None)
    sys.path[:] = [part for part in sys.path if part != _HERE]


def _run_shadowed_sitecustomize() -> None:
    """Run the sitecustomize that this one was found before, if there is one."""
    from importlib.machinery import PathFinder

    found = PathFinder.find_spec("sitecustomize", sys.path)
    if found is not None and found.loader is not None:
        module = type(sys)("sitecustomize")
        module.__spec__, module.__file__ = found, found.origin
        found.loader.exec_module(module)


def _set_start_method(method: str) -> None:
    """Make the exercise's start method the default without fixing it.

    A student's own ``set_start_method`` still works afterwards.
    """
    from multiprocessing import context

    default: Any = context._default_context
    default._default_context = default.get_context(method)


class _OpcodeCounter:
    """Counts the opcodes of the student's own code by which it can meet another process, and
    stops before some of them: calls, and reads and writes of attributes and items.

    A stop is a report, at which the supervisor may let other processes go first.
    """

    POINTS = (
        ("CALL", "c"),
        ("SETUP_WITH", "w"),
        ("BEFORE_WITH", "w"),
        ("LOAD_SPECIAL", "w"),
        ("LOAD_ATTR", ""),
        ("STORE_ATTR", "s"),
        ("BINARY_SUBSCR", ""),
        ("STORE_SUBSCR", "s"),
    )
    """What the names of such opcodes begin with, and what their kind is called; others than
    reads are reported."""
    MOST_PLACES = 64

    def __init__(self, changes: set[int], folder: str) -> None:
        from opcode import opmap

        self.count = 0
        self._kinds = {
            code: kind
            for name, code in opmap.items()
            for beginning, kind in self.POINTS
            if name.startswith(beginning) and "INTRINSIC" not in name
        }
        self._codes: dict[int, tuple[Any, bytes]] = {}
        self._places: dict[tuple[int, int], list[Any]] = {}
        self._changes = changes
        self._folder = folder + os.sep
        sys._getframe().f_trace_opcodes = True  # 3.12 looks for it only when tracing is set
        sys.settrace(self._called)
        import threading

        threading.settrace(self._called)
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        self.count = 0
        self._places.clear()

    def places(self) -> str:
        """Kind and line, first and last count of each place."""
        return "".join(
            f"{kind}{line}.{first}.{last}," for kind, line, first, last in self._places.values()
        )

    def _called(self, frame: FrameType, event: str, value: Any) -> Any:
        name = frame.f_code.co_filename
        if name[0] != "<" and os.path.abspath(name).startswith(self._folder):
            frame.f_trace = self._executed  # 3.13 wants it set before the next line
            frame.f_trace_opcodes = True
            frame.f_trace_lines = False
            return self._executed
        return None

    def _executed(self, frame: FrameType, event: str, value: Any) -> Any:
        if event != "opcode":
            return self._executed
        kind = self._kinds.get(self._code_of(frame)[frame.f_lasti])
        if kind is not None:
            self.count += 1
            if kind:
                self._note(kind, frame)
            if self.count in self._changes:
                file, line = frame.f_code.co_filename, frame.f_lineno
                _report("change-point", count=self.count, file=file, line=line)
        return self._executed

    def _note(self, kind: str, frame: FrameType) -> None:
        key = id(frame.f_code), frame.f_lasti
        place = self._places.get(key)
        if place is not None:
            place[3] = self.count
        elif len(self._places) < self.MOST_PLACES:
            self._places[key] = [kind, frame.f_lineno, self.count, self.count]

    def _code_of(self, frame: FrameType) -> bytes:
        known = self._codes.get(id(frame.f_code))
        if known is None:
            known = self._codes[id(frame.f_code)] = (frame.f_code, frame.f_code.co_code)
        return known[1]


def _count_opcodes(changes: str) -> None:
    """Count them where the supervisor asked for it, and report the number at the end."""
    counter = _OpcodeCounter({int(part) for part in changes.split(",") if part}, os.getcwd())
    _said_at_the_end["opcodes"] = lambda: counter.count
    _said_at_the_end["points"] = counter.places


_said_at_the_end: dict[str, Callable[[], object]] = {}


def _report_end() -> None:
    _report("code-ended", **{name: value() for name, value in _said_at_the_end.items()})


def _ready(python: str) -> None:
    """Report that the student's code comes next, and obey what the supervisor answers.

    It answers by writing into the buffer: at which counts of opcodes to stop, if they are to be
    counted at all.
    """
    report = "grader-probe\x1ffunction=ready\x1fpython=" + python
    buffer = bytearray(report.encode().ljust(_ROOM_FOR_ANSWER, b"\x1f"))
    before = bytes(buffer)
    try:
        os.write(_DESCRIPTOR, buffer)
    except OSError:
        if buffer != before:
            _count_opcodes(buffer.rstrip(b"\0").decode("ascii"))


def _main() -> None:
    search_path = os.environ.get(_SEARCH_PATH, "")
    start_method = os.environ.pop("GRADER_START_METHOD", None)
    _leave_no_trace(search_path)
    if "multiprocessing.resource_tracker" in " ".join(sys.orig_argv[1:3]):
        return
    if start_method is not None:
        _set_start_method(start_method)
    _watch_processes()
    _answer_where_it_stands()
    _report_locks()
    _watch_the_end()
    _probe_spawned_interpreters(search_path)
    _run_shadowed_sitecustomize()
    gc.freeze()  # copies of this interpreter would copy all pages that they look through
    _ready(python=".".join(map(str, sys.version_info[:3])))


_main()
