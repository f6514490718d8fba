"""Runs inside the submission's interpreters, before the submission's own code.

It reports which Process objects the student's code asks for which method, and on which line, by
writing to a descriptor that is never open (the supervisor's ``reports.py``). Without a supervisor
that does nothing. It puts no frame of its own into the student's tracebacks: a method is looked
up through a descriptor that reports and hands out the original.

Nor does it import anything that the student's script does not: a ``math.py`` beside the script
must be found where Python would find it, and a script called ``socket.py`` must break
multiprocessing as it does everywhere. The library's modules are changed when they are imported.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing itself would cost every start-up some milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

frames: Any = __import__("frames")
imports: Any = __import__("imports")
library: Any = __import__("library")
opcodes: Any = __import__("opcodes")
threads: Any = __import__("threads")
for _name in ("frames", "imports", "library", "opcodes", "threads", "__future__"):
    del sys.modules[_name]  # which were not there before

_student_frame = frames.student_frame
_DESCRIPTOR = 0x7FFFFFFF
_HERE = os.path.dirname(os.path.abspath(__file__))
_SEARCH_PATH = "PYTHONPATH"
_ROOM_FOR_ANSWER = 4000


def _report(function: str, **fields: object) -> None:
    parts = ["grader-probe", "function=" + function]
    for key, value in fields.items():
        if value is not None:
            parts.append(f"{key}=" + str(value).replace("\x1f", " ")[:512])
    _send("\x1f".join(parts).encode("utf-8", "replace"))


def _send(report: bytes | memoryview) -> None:
    try:
        os.write(_DESCRIPTOR, report)
    except OSError:
        return  # EBADF, always: the supervisor has read it at the entry of the call


def _is_made_by(file: str, frame: FrameType | None) -> bool:
    """Whether this file of multiprocessing's is among those that lead to the student's line."""
    student = _student_frame(frame)
    while frame is not None and frame is not student:
        if os.path.basename(frame.f_code.co_filename) == file:
            return True
        frame = frame.f_back
    return False


def _is_managers(frame: FrameType) -> bool:
    """Whether multiprocessing asks the process behind a manager, of which no student knows."""
    name = frame.f_code.co_filename
    return name.startswith(frames.STANDARD_LIBRARY) and name.endswith("multiprocessing/managers.py")


def _describe(function: str, process: object, frame: FrameType) -> None:
    popen = getattr(process, "_popen", None)
    student = _student_frame(frame)
    _report(
        function,
        pid=getattr(popen, "pid", None),
        sentinel=getattr(popen, "sentinel", None),
        name=getattr(process, "_name", None),
        variable=frames.variable(student, process),
        maker=getattr(process, "_parent_pid", None),
        daemon=int(bool(getattr(process, "_config", {}).get("daemon"))),
        file=student.f_code.co_filename if student is not None else None,
        line=student.f_lineno if student is not None else None,
        own=",".join(frames.own_methods(type(process))) if function == "start" else None,
        helper=1 if _is_managers(frame) else None,
        **{"class": type(process).__name__},
    )


def stands(number: int, frame: FrameType | None) -> None:
    """Say at which line of the student's code the main thread stands: the supervisor asks by a
    signal (``whereabouts.py``) when nobody can go on.
    """
    student = _student_frame(frame)
    if student is not None:
        _report("stands", file=student.f_code.co_filename, line=student.f_lineno)


def _watch_processes(process: Any) -> None:
    """``multiprocessing.process``: report which methods are asked for."""

    def tell(name: str, asked: object, frame: FrameType) -> None:
        """Report it, unless a manager asks the process behind it."""
        if name == "start" or not _is_managers(frame):
            _describe(name, asked, frame)

    library.report_methods(process, tell)
    _report_active_children(process)


def _report_active_children(process: Any) -> None:
    """It says which children have ended by leaving them out, and those that an earlier ``start()``
    has found to be gone it does not ask the kernel about again.
    """
    original = process.active_children

    def active_children() -> Any:
        """Report the call, and answer it."""
        frame = sys._getframe(1)
        if frame is _student_frame(frame):  # and not multiprocessing's shutdown
            _report("active_children", file=frame.f_code.co_filename, line=frame.f_lineno)
        return original()

    active_children.__doc__ = original.__doc__
    active_children.__module__ = original.__module__
    process.active_children = active_children


def change_util(search_path: str, util: Any) -> None:
    """``multiprocessing.util``: locks, new interpreters and the end of a process go through it."""
    _report_locks(util)
    library.report_end(util, _report_end)
    _probe_spawned_interpreters(search_path, util)


def _report_locks(util: Any) -> None:
    """Say of each lock and semaphore where it lies in memory, and on which line it was made.

    ``SemLock`` registers itself when it is made (Lib/multiprocessing/synchronize.py). That of which
    a queue takes one for each item that it has room for is called ``room``; one that begins with
    nothing to take is a ``signal``, which nobody holds.
    """
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

    util.register_after_fork = register_after_fork


def _probe_spawned_interpreters(search_path: str, util: Any) -> None:
    """Interpreters that multiprocessing starts get the probe; the student's environment does not.

    ``util.spawnv_passfds`` passes on os.environ as it is at the call.
    """
    spawn = util.spawnv_passfds

    def spawn_with_probe(path: Any, arguments: Any, descriptors: Any) -> Any:
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

    util.spawnv_passfds = spawn_with_probe


def _be_another_process() -> None:
    """What modules have found out about their process is to be so in a copy of it, too."""
    random, threading = (sys.modules.get(name) for name in ("random", "threading"))
    if random is not None:
        random.seed()
    if threading is not None:
        threading.main_thread()._set_native_id()


def _leave_no_trace(search_path: str) -> None:
    """Take the probe's folder out of the environment and the module path."""
    rest = [part for part in search_path.split(os.pathsep) if part and part != _HERE]
    if rest:
        os.environ[_SEARCH_PATH] = os.pathsep.join(rest)
    else:
        os.environ.pop(_SEARCH_PATH, None)
    sys.path[:] = [part for part in sys.path if part != _HERE]
    sys.path_importer_cache.pop(_HERE, None)


_counters: list[Any] = []
"""At most one."""
_shares: list[Any] = []
"""At most one."""


def _report_end(*, is_last: bool = False) -> None:
    """``is_last``: no Python code comes after it. From then on threads that ask for the GIL are
    ended where they are, also with the lock of what they were printing to in their hands.
    """
    for counter in _counters:
        counter.end()
    opcodes = _counters[0].count if _counters else None
    _report("code-ended", opcodes=opcodes)
    if is_last:
        for shares in _shares:
            shares.report_all()
    if is_last and len(sys._current_frames()) > 1:
        _report("finalizing")


def _ready(python: str) -> str:
    """Report that the student's code comes next; what the supervisor answers.

    It answers by writing into the buffer: ``scheduled`` if it lets threads go one at a time, and
    after a colon at which counts of opcodes to stop, if they are to be counted at all. After a
    space each stand calls that are to be reported, as `usage.Usage` takes them, with ``most=`` how
    often, ``shares`` where the shared memory is to be read at the end, and ``threads`` where it is
    to be reported who has waited for them.
    """
    report = "grader-probe\x1ffunction=ready\x1fpython=" + python
    buffer = bytearray(report.encode().ljust(_ROOM_FOR_ANSWER, b"\x1f"))
    before = bytes(buffer)
    try:
        os.write(_DESCRIPTOR, buffer)
    except OSError:
        if buffer != before:
            return buffer.rstrip(b"\0").decode("ascii")
    return ""


def _obey(answer: str) -> Any:
    """Count opcodes if the supervisor has answered so: the counter, or None."""
    _, is_counted, counts = answer.partition(":")
    if not is_counted:
        return None
    changes = {int(part) for part in counts.split(",") if part}
    opmap = imports.borrowed("opcode").opmap
    _counters.append(opcodes.OpcodeCounter(changes, os.getcwd(), opmap, _report, _send))
    return _counters[0]


def _watch_usage(wanted: list[str], changes: dict[str, Callable[[Any], None]], starts: Any) -> None:
    """What the supervisor wants to be told of, beyond processes: most runs need none of it, so that
    the module is loaded only here.
    """
    sys.path.insert(0, _HERE)
    usage = imports.borrowed("usage")
    sys.path.remove(_HERE)
    sys.path_importer_cache.pop(_HERE, None)
    if "threads" in wanted:
        usage.after(changes, "threading", starts.watch_joins)
    calls = [each for each in wanted if ":" in each]
    most = next((int(each[5:]) for each in wanted if each.startswith("most=")), 1)
    usage.Usage(calls, most, _report, _student_frame, frames.variable).watch(changes)
    if "shares" in wanted:
        _shares.append(usage.Shares(_report, _student_frame))
        _shares[0].watch(changes)


def _main() -> bool:
    """Whether there is another sitecustomize, and was run."""
    search_path = os.environ.get(_SEARCH_PATH, "")
    start_method = os.environ.pop("GRADER_START_METHOD", None)
    _leave_no_trace(search_path)
    if "multiprocessing.resource_tracker" in " ".join(sys.orig_argv[1:3]):
        return bool(imports.run_shadowed_sitecustomize())
    changes: dict[str, Callable[[Any], None]] = {
        "multiprocessing.process": _watch_processes,
        "multiprocessing.util": lambda util: change_util(search_path, util),
    }
    starts = threads.Starts(_report, _student_frame, frames.variable)
    changes["threading"] = starts.watch
    if "threading" in sys.modules:  # something that `site` has executed has imported it
        starts.watch(sys.modules["threading"])
    if start_method is not None:
        method = start_method
        changes["multiprocessing.context"] = lambda context: library.set_start_method(
            method, context
        )
    signals = sys.modules["_signal"]  # Python has imported that by now, and `signal` not
    signals.signal(signals.SIGRTMAX, stands)
    imports.borrowed("atexit").register(_report_end, is_last=True)  # the first, so the last
    imports.watch_imports(changes)
    is_other = bool(imports.run_shadowed_sitecustomize())
    if start_method is not None:  # this is main: what multiprocessing starts is not told one
        imports.import_ahead(sys.orig_argv[-1])
    imports.borrowed(
        "gc"
    ).freeze()  # copies of this interpreter would copy all pages that they look through
    answer, *wanted = _ready(python=".".join(map(str, sys.version_info[:3]))).split(" ")
    _be_another_process()
    if answer:
        counter = starts.counter = _obey(answer)

        def watch_starts_and_beginnings(threading: Any) -> None:
            """``threading``, in a run where it is decided which thread goes on."""
            starts.watch(threading)
            threads.watch_beginnings(threading, starts, counter, _report)

        changes["threading"] = watch_starts_and_beginnings
        if "threading" in sys.modules:
            threads.watch_beginnings(sys.modules["threading"], starts, counter, _report)
    if wanted:
        _watch_usage(wanted, changes, starts)
    return is_other


if not _main():
    # As if there were no such module: `site` asks for one, and expects that (Lib/site.py).
    raise ImportError(name="sitecustomize")
