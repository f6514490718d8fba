"""Reports what is asked of multiprocessing's objects: which method, on which line, and how it ends.

The library's modules are changed when they are imported (``imports.watch_imports``).
"""

from __future__ import annotations

import _thread
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

frames: Any = __import__("frames")
library: Any = __import__("library")
reporting: Any = __import__("reporting")
_student_frame = frames.student_frame

_SIGTERM = 15


def _is_students(frame: FrameType) -> bool:
    return _student_frame(frame) is frame


def _description(process: object, frame: FrameType, channel: Any) -> dict[str, object]:
    popen = getattr(process, "_popen", None)
    return {
        "child": getattr(popen, "pid", None),
        "name": str(getattr(process, "_name", ""))[:512],
        "maker": getattr(process, "_parent_pid", None),
        "daemon": bool(getattr(process, "_config", {}).get("daemon")),
        "class": type(process).__name__,
        **channel.place(frame),
    }


class Objects:
    """Changes multiprocessing's modules so that they report to a channel."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel
        self._births = 0
        self._depth = 0
        """How many functions deep in one that has been reported already."""
        self._tidying = False
        """Whether multiprocessing looks for ended children without having been asked to."""
        self._found: list[Any] = []
        """Children whose end was found so, and of which the student's code knows nothing yet."""
        self._by_sentinel: dict[int, Any] = {}

    def change_process(self, module: Any) -> None:
        """``multiprocessing.process``: which methods are asked for."""

        def tell(name: str, process: object, frame: FrameType) -> None:
            """Report it, unless a manager or the library asks for itself."""
            if "managers.py" in frame.f_code.co_filename or _student_frame(frame) is None:
                return
            described = _description(process, frame, self._channel)
            self._channel.report_repeatable("call", function=name, **described)

        library.report_methods(module, tell)
        self._watch_tidying(module)

    def _watch_tidying(self, module: Any) -> None:
        cleanup, active = module._cleanup, module.active_children
        asked = False

        def _cleanup() -> None:
            before, self._tidying = self._tidying, not asked
            try:
                cleanup()
            finally:
                self._tidying = before

        def active_children() -> Any:
            """As multiprocessing's; says which children have ended by leaving them out."""
            nonlocal asked
            frame = sys._getframe(1)
            if not _is_students(frame):
                return active()
            place = self._channel.place(frame)
            self._channel.report_repeatable("call", function="active_children", **place)
            asked = True
            try:
                return active()
            finally:
                asked = False
                for popen in self._found:
                    self._tell_waited(popen, "poll", frame)
                self._found.clear()

        module._cleanup = _cleanup
        active_children.__module__ = active.__module__
        module.active_children = active_children

    # How a child comes to be

    def change_popen(self, module: Any) -> None:
        """``multiprocessing.popen_fork`` and its like: births, waits, ends."""
        kind = module.Popen
        own = vars(kind)
        if "_launch" in own or "fork" not in own.get("method", ""):
            self._watch_births(kind)
        if "wait" in own:
            kind.wait = self._waiting(own["wait"])
        if "poll" in own:
            kind.poll = self._polling(own["poll"])
        if "win32" in module.__name__:
            kind.terminate = kind.kill = self._terminating(own["terminate"])

    def _watch_births(self, kind: Any) -> None:
        name = "_launch" if "_launch" in vars(kind) else "__init__"
        launch = vars(kind)[name]

        def born(popen: Any, process: Any) -> None:
            """Start the child."""
            frame = sys._getframe(1)
            self._births += 1
            token, student = self._births, _student_frame(frame)
            self._channel.report(
                "birth",
                token=token,
                method=kind.method,
                variable=frames.variable(student, process),
                own=frames.own_methods(type(process)),
                helper=_is_managers_process(frame),
                **_description(process, frame, self._channel),
            )
            self._channel.starting[_thread.get_ident()] = token
            try:
                launch(popen, process)
            except BaseException:
                self._channel.report("unborn", token=token)
                raise
            finally:
                self._channel.starting.pop(_thread.get_ident(), None)
            self._channel.report("born", token=token, child=popen.pid)
            self._by_sentinel[int(popen.sentinel)] = popen

        setattr(kind, name, born)

    # How its end is waited for

    def _waiting(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def wait(popen: Any, timeout: float | None = None) -> Any:
            """Wait until the child has ended."""
            frame = sys._getframe(1)
            if popen.returncode is not None:
                return self._known(popen, "wait", frame, original(popen, timeout))
            if timeout is not None and timeout <= 0:
                return self._polled(popen, frame, lambda: original(popen, timeout))
            self._channel.report(
                "wait",
                children=[popen.pid],
                timeout=None if timeout is None else int(timeout * 10**9),
                **self._channel.place(frame),
            )
            self._depth += 1
            try:
                code = original(popen, timeout)
            except BaseException:
                self._channel.report("wait-over")
                raise
            finally:
                self._depth -= 1
            if code is None:
                self._channel.report("wait-over", timeout=timeout is not None)
            else:
                self._tell_waited(popen, "wait", frame)
            return code

        return wait

    def _polling(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def poll(popen: Any, *flag: int) -> Any:
            """Whether the child has ended."""
            frame = sys._getframe(1)
            if popen.returncode is not None:
                return self._known(popen, "poll", frame, original(popen, *flag))
            if self._depth:
                return original(popen, *flag)
            return self._polled(popen, frame, lambda: original(popen, *flag))

        return poll

    def _polled(self, popen: Any, frame: FrameType, ask: Callable[[], Any]) -> Any:
        """Ask without waiting."""
        self._depth += 1
        try:
            code = ask()
        finally:
            self._depth -= 1
        if self._tidying:
            if code is not None:
                self._found.append(popen)
        elif code is None:
            now = reporting.now()
            vain = popen.__dict__.setdefault("_in_vain", [0, now, now])
            vain[0], vain[2] = vain[0] + 1, now
        else:
            self._tell_waited(popen, "poll", frame)
        return code

    def _known(self, popen: Any, how: str, frame: FrameType, code: Any) -> Any:
        """The child's end is known; perhaps it was not this code that asked for it."""
        if popen in self._found and not self._tidying:
            self._found.remove(popen)
            self._tell_waited(popen, how, frame)
        return code

    def _tell_waited(self, popen: Any, how: str, frame: FrameType) -> None:
        polls, since, alive = popen.__dict__.pop("_in_vain", (0, None, None))
        self._channel.report(
            "waited",
            child=popen.pid,
            code=popen.returncode,
            how=how,
            polls=polls,
            began=since,
            alive=alive,
            **self._channel.place(frame),
        )

    def change_connection(self, module: Any) -> None:
        """``multiprocessing.connection``: what waits for sentinels, and for what others send."""
        wait_for = module.wait

        def wait(object_list: Any, timeout: float | None = None) -> Any:
            """As multiprocessing's."""
            frame = sys._getframe(1)
            if not _is_students(frame):
                return wait_for(object_list, timeout)
            watched = list(object_list)
            popens = [self._by_sentinel.get(each) for each in watched if isinstance(each, int)]
            if any(popens):
                self._channel.report(
                    "wait",
                    children=[each.pid for each in popens if each is not None],
                    timeout=None if timeout is None else int(timeout * 10**9),
                    **self._channel.place(frame),
                )
            ready = wait_for(watched, timeout)
            ended = [self._by_sentinel[each] for each in ready if each in self._by_sentinel]
            for popen in ended:
                self._tell_waited(popen, "sentinel", frame)
            if any(popens) and not ended:
                self._channel.report("wait-over", timeout=True)
            return ready

        wait.__module__ = wait_for.__module__
        module.wait = wait
        receive = module.Connection._recv_bytes

        def _recv_bytes(connection: Any, maxsize: int | None = None) -> Any:
            if connection._poll(0):
                return receive(connection, maxsize)
            with Blocked(self._channel, "pipe", sys._getframe(1)):
                return receive(connection, maxsize)

        module.Connection._recv_bytes = _recv_bytes

    def change_synchronize(self, module: Any) -> None:
        """``multiprocessing.synchronize``: waits for a lock or a semaphore."""
        kind = module.SemLock
        make = kind._make_methods
        channel = self._channel

        def _make_methods(lock: Any) -> None:
            make(lock)
            acquire_it = lock.acquire
            reason = "lock" if "Lock" in type(lock).__name__ else "semaphore"

            def acquire(block: bool = True, timeout: float | None = None) -> Any:
                """As the lock's own."""
                if acquire_it(False):
                    return True
                if not block:
                    return False
                with Blocked(channel, reason, sys._getframe(1), timeout):
                    return acquire_it(True, timeout)

            lock.acquire = acquire

        def enter(lock: Any) -> Any:
            """As the lock's own."""
            return lock.acquire()

        kind._make_methods = _make_methods
        kind.__enter__ = enter

    def _terminating(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def terminate(popen: Any) -> None:
            """Where there are no signals: TerminateProcess."""
            if popen.returncode is None:
                place = self._channel.place(sys._getframe(1))
                self._channel.report("signal", target=popen.pid, number=_SIGTERM, **place)
            original(popen)

        return terminate

    # How a process ends

    def change_util(self, util: Any) -> None:
        """``multiprocessing.util``: when a process's own code is over."""
        library.report_end(util, lambda: self._channel.report("code-ended"))

    def change_spawn(self, spawn: Any) -> None:
        """``multiprocessing.spawn``: the exit status of a new interpreter."""
        original = spawn._main

        def _main(descriptor: int, parent_sentinel: int) -> Any:
            code = original(descriptor, parent_sentinel)
            self._channel.report("exit", status=code, cpu=reporting.cpu())
            return code

        spawn._main = _main


class Blocked:
    """While the main thread stands still for something; other threads are not reported."""

    def __init__(
        self, channel: Any, reason: str, frame: FrameType | None, timeout: float | None = None
    ) -> None:
        self._channel = channel
        self._fields = {
            "reason": reason,
            "timeout": None if timeout is None else int(timeout * 10**9),
            **channel.place(frame),
        }
        self._is_main = is_main_thread()

    def __enter__(self) -> None:
        if self._is_main:
            self._channel.report("block", **self._fields)

    def __exit__(self, *exception: object) -> None:
        if self._is_main:
            self._channel.report("unblock")


def _is_managers_process(frame: FrameType | None) -> bool:
    """Whether multiprocessing starts a process of its own for a manager."""
    while frame is not None and frame.f_code.co_filename.startswith(
        (frames.STANDARD_LIBRARY, *frames.PROBE, "<")
    ):
        if "managers.py" in os.path.basename(frame.f_code.co_filename):
            return True
        frame = frame.f_back
    return False


def is_main_thread() -> bool:
    """Whether this is the process's first thread."""
    threading = sys.modules.get("threading")
    return threading is None or threading.get_ident() == threading.main_thread().ident
