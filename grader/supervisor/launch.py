"""Runs a plan in a supervisor process of its own, and brings back the trace."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import pickle
import platform
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import NoReturn

from grader.interrupts import interrupts_held
from grader.messages import say
from grader.sandbox import (
    CannotIsolateError,
    IsolationName,
    IsolationWish,
    View,
    bwrap_stood,
    choose_isolation,
    go_without_bwrap,
    hide_memory,
    isolate,
    private_folder,
    view_of,
)
from grader.supervisor.architecture import Architecture, this_machine
from grader.supervisor.failures import NO_BUBBLEWRAP, describe, explain, explain_no_bubblewrap
from grader.supervisor.plan import CannotSuperviseError, Plan
from grader.supervisor.seccomp import build_filter
from grader.supervisor.supervisor import Supervisor
from grader.trace import Trace

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_OPEN_FILES = 1 << 16
"""At most: a supervisor has several for each process and thread of the submission."""
PROBE = Path(__file__).parent / "probe"


def run(plan: Plan) -> Trace:
    """Run a submission once.

    Raises:
        CannotSuperviseError: this machine, container or interpreter does not let it be run.
        SupervisorBrokeError: a fault of the grader's own.
    """
    with _Running(plan) as running:
        return running.trace()


def run_together(plans: Sequence[Plan]) -> list[Trace]:
    """Run several plans at the same time; their traces in the same order.

    Raises:
        CannotSuperviseError: this machine, container or interpreter does not let one be run.
        SupervisorBrokeError: a fault of the grader's own.
    """
    with ExitStack() as stack:
        running = [stack.enter_context(_Running(plan, place)) for place, plan in enumerate(plans)]
        return [each.trace() for each in running]


def require_linux() -> Architecture:
    architecture = this_machine()
    if sys.platform != "linux" or architecture is None:
        raise CannotSuperviseError(
            say(
                "Grading needs Linux on x86-64 or aarch64, and this is {system} on {machine}. "
                "On Windows, WSL2 will do; elsewhere, any Linux machine or virtual machine.",
                system=platform.system(),
                machine=platform.machine(),
            )
        )
    return architecture


def require_interpreter(interpreter: Path) -> None:
    """
    Raises:
        CannotSuperviseError: it cannot be executed.
    """
    if not os.access(interpreter, os.X_OK):
        raise CannotSuperviseError(
            say(
                "The Python interpreter {path} cannot be executed. Name another one with --python.",
                path=str(interpreter),
            )
        )


def chosen_isolation(wish: IsolationWish, interpreter: Path) -> IsolationName:
    """
    Raises:
        CannotSuperviseError: there is none of the kind that is wished for.
    """
    try:
        return choose_isolation(wish, str(interpreter))
    except CannotIsolateError as error:
        raise CannotSuperviseError(explain_no_bubblewrap(str(error))) from error


@cache
def compile_probe() -> None:
    """Keep it compiled, as it would be were it imported: what runs under a supervisor may not
    write, and would compile it each time. Where it cannot be kept nothing happens.
    """
    SourceFileLoader("sitecustomize", str(PROBE / "sitecustomize.py")).get_code("sitecustomize")


def submissions_view(interpreter: Path, folder: str) -> View:
    """What a submission sees of the file system when it runs in that folder."""
    return view_of(str(interpreter), folder, [str(PROBE)])


@contextmanager
def explained_set_up(made: ExitStack) -> Iterator[None]:
    """``made`` holds what has been made so far, and is closed if it comes to nothing.

    Raises:
        CannotSuperviseError: there was an OSError, such as a full disk or too many processes.
    """
    try:
        yield
    except BaseException as error:
        made.close()
        if isinstance(error, OSError):
            raise CannotSuperviseError(
                say("The submission could not be set up: {error}", error=str(error))
            ) from error
        raise


class _Running:
    """A plan in the hands of a supervisor process, from its fork to its end."""

    def __init__(self, plan: Plan, place: int | None = None) -> None:
        self._plan = plan
        self._place = place
        """Which of the processors it is pinned to, counted from 0; None: any."""
        self._pid = 0
        self._stack = ExitStack()

    def __enter__(self) -> _Running:
        """Fork the supervisor; it ends with the trace, or with why there is none, on a pipe.

        Raises:
            CannotSuperviseError: nothing can be run here, or not with this interpreter.
        """
        architecture = require_linux()
        require_interpreter(self._plan.interpreter)
        with explained_set_up(self._stack):
            self._start(architecture)
        return self

    def _start(self, architecture: Architecture) -> None:
        folder = self._stack.enter_context(private_folder(self._plan.submission))
        cpus = frozenset(os.sched_getaffinity(0))
        isolation = chosen_isolation(self._plan.isolation, self._plan.interpreter)
        compile_probe()
        build_filter(  # once for all
            architecture,
            virtual_clock=self._plan.clock == "virtual",
            moves_shared_memory=isolation == "basic",
        )
        hide_memory()
        read_end, write_end = os.pipe()
        parent = os.getpid()
        with interrupts_held():
            self._pid = os.fork()
            if self._pid == 0:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self._pid == 0:
            os.close(read_end)
            place = os.getpid() if self._place is None else self._place
            supervise = partial(_supervise, self._plan, str(folder), architecture, cpus, isolation)
            answer, could = be_supervisor(supervise, parent, place, cpus)
            _leave(answer, could, write_end)
        os.close(write_end)
        self._answers = self._stack.enter_context(os.fdopen(read_end, "rb"))

    def trace(self) -> Trace:
        """Wait for the end of the run.

        Raises:
            CannotSuperviseError: the supervisor was refused what it needs, or was killed.
            SupervisorBrokeError: a fault of the grader's own.
        """
        answer = self._answers.read()
        pid, self._pid = self._pid, 0
        _, status = os.waitpid(pid, 0)
        if goes_without_bwrap(answer, self._plan.isolation):
            self._stack.close()
            return self.__enter__().trace()
        return understand(answer, status, self._plan)

    def __exit__(self, *exception: object) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._stack.close()


def goes_without_bwrap(answer: bytes, wish: IsolationWish) -> bool:
    """Whether a supervisor process could not build its house, and one without is to be tried."""
    kind, _, rest = answer.partition(b"\n")
    return kind == NO_BUBBLEWRAP.encode() and go_without_bwrap(wish, json.loads(rest))


def understand(answer: bytes, status: int, plan: Plan) -> Trace:
    """The trace that a supervisor process answered with.

    Raises:
        CannotSuperviseError: it was refused what it needs, or was killed.
        SupervisorBrokeError: a fault of the grader's own.
    """
    kind, _, rest = answer.partition(b"\n")
    if kind == b"trace" and status == 0:
        trace: Trace = pickle.loads(rest)
        if trace.isolation == "bwrap":
            bwrap_stood()
        return trace
    if kind and kind != b"trace":
        text = json.loads(rest)
        reason = explain(kind.decode(), text, str(plan.interpreter))
        if reason is None:
            raise SupervisorBrokeError(text)
        raise CannotSuperviseError(reason)
    raise CannotSuperviseError(
        say(
            "The supervisor of the run was ended from outside (wait status {status}). "
            "Nothing is known about the submission: grade it again.",
            status=status,
        )
    )


class SupervisorBrokeError(Exception):
    """A fault of the grader's own; the text is the supervisor's traceback."""


def _supervise(
    plan: Plan,
    folder: str,
    architecture: Architecture,
    cpus: frozenset[int],
    name: IsolationName,
) -> bytes:
    with ExitStack() as held:
        isolation = isolate(held, name, submissions_view(plan.interpreter, folder), plan.ports)
        supervisor = Supervisor(plan, folder, str(PROBE), architecture, cpus, isolation)
        return answer_with(supervisor.run())


def _leave(answer: bytes, could: bool, answers: int) -> NoReturn:
    try:
        with open(answers, "wb") as pipe:
            pipe.write(answer)
    finally:
        os._exit(0 if could else 1)


def be_supervisor(
    supervise: Callable[[], bytes], parent: int, place: int, cpus: frozenset[int]
) -> tuple[bytes, bool]:
    """Make this process a supervisor and let it work. What it has to say, and whether it could.

    It is a session leader that dies with its parent, takes over orphans, and is pinned to the
    processor that it shares with the submission.
    """
    gc.freeze()  # what its parent has made stays: to look through it would copy all its pages
    try:
        os.sched_setaffinity(0, {sorted(cpus)[place % len(cpus)]})
        _settle(parent)
        return supervise(), True
    except BaseException as error:
        return describe(error), False


def _settle(parent: int) -> None:
    os.setsid()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # it died before it could be watched
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most_files == resource.RLIM_INFINITY or most_files > _OPEN_FILES:
        most_files = _OPEN_FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    for number in (signal.SIGHUP, signal.SIGTTOU, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])


def answer_with(trace: Trace) -> bytes:
    """A trace as the grader's side of the pipe understands it."""
    return b"trace\n" + pickle.dumps(trace)
