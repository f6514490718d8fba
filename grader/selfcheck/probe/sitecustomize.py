"""Runs inside the submission's interpreters, before the submission's own code, where the kernel
cannot be asked what they do. It reports to the grader (``reporting.py``).

Nothing that the student's script does not import is imported where it could be seen: a ``math.py``
beside the script must be found where Python would find it.
"""

from __future__ import annotations

import _io
import os
import sys
import time

TYPE_CHECKING = False  # typing itself would cost every start-up some milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

frames: Any = __import__("frames")
imports: Any = __import__("imports")
library: Any = __import__("library")
reporting: Any = __import__("reporting")
objects: Any = __import__("objects")
output: Any = __import__("output")
sockets: Any = __import__("sockets")
for _name in (
    "frames",
    "imports",
    "library",
    "reporting",
    "objects",
    "output",
    "ports",
    "sockets",
    "__future__",
):
    sys.modules.pop(_name, None)  # which the script did not import

_FATAL = (2, 9, 15)
"""SIGINT, SIGKILL, SIGTERM."""
_HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


class _ReportedInput(_io.FileIO):
    """A standard stream that reports waits for something to be typed."""

    def __init__(self, channel: Any) -> None:
        super().__init__(0, "r", closefd=False)
        self.name = "<stdin>"
        self._channel = channel

    def readinto(self, buffer: Any) -> Any:
        """Report when it begins, and when it is over."""
        self._channel.report("asked", **self._channel.place(sys._getframe(1)))
        try:
            return super().readinto(buffer)
        finally:
            self._channel.report("answered")

    def readall(self) -> Any:
        """All that is typed until the end of the input."""
        pieces, buffer = [], bytearray(8192)
        while size := self.readinto(buffer):
            pieces.append(bytes(buffer[:size]))
        return b"".join(pieces)


def _watch_input(channel: Any) -> None:
    """Replace the standard input by one that reports, and is otherwise what it was."""
    given = sys.stdin
    if given is not None and given.fileno() == 0:
        new: Any = _io.TextIOWrapper(
            _io.BufferedReader(_ReportedInput(channel)),
            encoding=given.encoding,
            errors=given.errors,
        )
        new.mode = "r"
        for name in ("stdin", "__stdin__"):
            setattr(sys, name, new)


def _watch_os(channel: Any, terminal: Any) -> None:
    """What processes do by the functions of ``os``: write, wait, end, be copied."""
    write, leave, waitpid = os.write, os._exit, getattr(os, "waitpid", None)

    def reported_write(descriptor: int, data: Any) -> int:
        """As os.write."""
        stream = terminal.stream_of(descriptor)
        if stream is not None:
            for piece in reporting.pieces(bytes(data)):
                channel.report("wrote", stream=stream, data=piece)
        return write(descriptor, data)

    def reported_exit(status: int) -> None:
        """As os._exit."""
        if isinstance(status, int):
            channel.report("exit", status=status & 0xFF, cpu=reporting.cpu())
        leave(status)

    reported_write.__name__, reported_exit.__name__ = "write", "_exit"
    for name, function in (("write", reported_write), ("_exit", reported_exit)):
        setattr(os, name, function)
    if waitpid is not None and hasattr(os, "fork"):
        _watch_wait(channel, waitpid)
        os.register_at_fork(after_in_child=lambda: _begin(channel, "fork"))


def _watch_wait(channel: Any, waitpid: Callable[..., Any]) -> None:
    def reported(pid: int, options: int) -> Any:
        """As os.waitpid."""
        frame = sys._getframe(1)
        if frames.student_frame(frame) is not frame:
            return waitpid(pid, options)
        return waited(frame, pid, options)

    def reported_wait() -> Any:
        """As os.wait."""
        return waited(sys._getframe(1), -1, 0)

    def waited(frame: Any, pid: int, options: int) -> Any:
        """Wait for a child, and report it."""
        place = channel.place(frame)
        if not options:
            channel.report("wait", children=[pid] if pid > 0 else [], **place)
        try:
            child, status = waitpid(pid, options)
        except BaseException:
            channel.report("wait-over")
            raise
        if child:
            code = os.waitstatus_to_exitcode(status)
            how = "poll" if options else "wait"
            channel.report("waited", child=child, code=code, how=how, **place)
        return child, status

    reported.__name__, reported_wait.__name__ = "waitpid", "wait"
    os.waitpid, os.wait = reported, reported_wait


def _watch_sleep(channel: Any) -> None:
    original = time.sleep

    def sleep(seconds: float) -> None:
        """As time.sleep; the grader may have it take longer."""
        if not (isinstance(seconds, (int, float)) and seconds > 0 and objects.is_main_thread()):
            original(seconds)
            return
        span, cut = seconds * channel.slower, None
        if channel.longest_sleep_ns and span * 10**9 > channel.longest_sleep_ns:
            span, cut = channel.longest_sleep_ns / 10**9, True
        place = channel.place(sys._getframe(1))
        channel.report("sleep", span=min(int(span * 10**9), 1 << 62), cut=cut, **place)
        try:
            original(span)
        finally:
            channel.report("awake")

    sleep.__module__ = "time"
    module: Any = time
    module.sleep = sleep


def _have_late_ends(channel: Any) -> None:
    """Let others end late: they are stopped, and the grader passes the signal on in a while."""
    send = os.kill

    def kill(pid: int, number: int) -> None:
        """As os.kill."""
        if not channel.has_late_ends or pid <= 0 or pid == os.getpid() or number not in _FATAL:
            send(pid, number)
            return
        send(pid, sys.modules["_signal"].SIGSTOP)
        place = channel.place(sys._getframe(1))
        channel.report("signal", target=pid, number=int(number), held=True, **place)

    kill.__module__ = send.__module__
    os.kill = kill


def _watch_calls(channel: Any) -> None:
    """What goes on in C is learned from audit events (PEP 578)."""

    def killed(pid: int, number: int) -> None:
        """A process is about to be sent a signal."""
        if channel.has_late_ends and number not in _FATAL:
            return  # it is stopped, which is not the script's doing
        place = channel.place(sys._getframe(2))
        channel.report("signal", target=pid, number=int(number), **place)

    def asked(prompt: object = "") -> None:
        """``input`` reads from a terminal by a function in C, which writes the prompt, too. From
        anything else it reads by sys.stdin, which reports that.
        """
        if not (os.isatty(0) and os.isatty(1)):
            return
        place = channel.place(sys._getframe(2))
        channel.report("asked", prompt=str(prompt or "")[:2048], **place)

    actions: dict[str, Callable[..., None]] = {
        "os.kill": killed,
        "os.killpg": lambda group, number: killed(-group, number),
        "builtins.input": asked,
        "builtins.input/result": lambda line: channel.report("answered"),
    }

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        """Called for every audit event."""
        action = actions.get(event)
        if action is not None:
            action(*arguments)

    sys.addaudithook(heard)


def _watch_programs(channel: Any, module: Any) -> None:
    """``subprocess``: other programs."""
    execute = module.Popen._execute_child

    def _execute_child(popen: Any, arguments: Any, *others: Any) -> Any:
        result = execute(popen, arguments, *others)
        words = [arguments] if isinstance(arguments, (str, bytes)) else list(arguments)
        command = [os.fsdecode(word)[:200] for word in words[:32]]
        channel.report("program", child=popen.pid, command=command)
        return result

    module.Popen._execute_child = _execute_child


def _begin(channel: Any, how: str) -> None:
    """Make oneself known, be as late as the grader says, and say that one's code comes next."""
    channel.open(how)
    if channel.late_ns:
        _sleep(channel.late_ns / 10**9)
    channel.report("began", cpu=reporting.cpu())


_sleep = time.sleep


def _main() -> bool:
    """Whether there is another sitecustomize, and was run."""
    folders = os.environ.get("GRADER_PROBE", "").split(os.pathsep)
    sys.path[:] = [part for part in sys.path if part not in folders]
    for folder in folders:
        sys.path_importer_cache.pop(folder, None)
    method = os.environ.pop("GRADER_START_METHOD", None)
    channel = reporting.Channel(os.environ.get("GRADER_REPORTS", ""))
    if any(helper in " ".join(sys.orig_argv[1:8]) for helper in _HELPERS[:1]):
        channel.open("program")
        output.Output(channel).watch_streams()  # it may complain
        return bool(imports.run_shadowed_sitecustomize())
    watched = objects.Objects(channel)
    changes: dict[str, Callable[[Any], None]] = {
        "multiprocessing.process": watched.change_process,
        "multiprocessing.util": watched.change_util,
        "multiprocessing.spawn": watched.change_spawn,
        "multiprocessing.connection": watched.change_connection,
        "multiprocessing.synchronize": watched.change_synchronize,
        "socket": lambda module: sockets.change(module, channel),
        "subprocess": lambda module: _watch_programs(channel, module),
    }
    for name in ("fork", "spawn_posix", "forkserver", "spawn_win32"):
        changes[f"multiprocessing.popen_{name}"] = watched.change_popen

    if method is not None:
        default = method
        changes["multiprocessing.context"] = lambda context: library.set_start_method(
            default, context
        )
    imports.watch_imports(changes)
    terminal = output.Output(channel)
    terminal.watch_streams()
    terminal.watch_open()
    _watch_input(channel)
    _watch_os(channel, terminal)
    _watch_sleep(channel)
    if os.name == "posix":
        _have_late_ends(channel)
    _watch_calls(channel)
    imports.borrowed("atexit").register(
        lambda: channel.report("code-ended", at_exit=True, cpu=reporting.cpu())
    )
    is_other = bool(imports.run_shadowed_sitecustomize())
    _begin(channel, "program" if method is None else "main")
    return is_other


if not _main():
    # As if there were no such module: `site` asks for one, and expects that (Lib/site.py).
    raise ImportError(name="sitecustomize")
