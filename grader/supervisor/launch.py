"""Runs plans in supervisor processes of their own, and brings back the traces.

Every run goes the same way: a supervisor process (`grader.supervisor.host`) is forked, makes its
isolation, and runs plans. A `WarmRunner` keeps such processes for more runs of the same
submission, of which only the first starts an interpreter. Plans that need another beginning
(peers, a dialogue, the real clock) get a fresh process each, as do all where the kernel does not
let an interpreter be copied.
"""

from __future__ import annotations

import json
import os
import pickle
import platform
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib.machinery import SourceFileLoader
from multiprocessing.connection import Pipe
from pathlib import Path

from grader.interrupts import ALL_ENDING, interrupts_held
from grader.limits import Limits
from grader.messages import say
from grader.sandbox import (
    CannotIsolateError,
    IsolationName,
    IsolationWish,
    TooOpenError,
    bwrap_worked,
    choose_isolation,
    go_without_bwrap,
    has_private_networks,
    hide_memory,
    isolate,
    private_folder,
    shares_files,
    view_of,
)
from grader.submission import Submission
from grader.supervisor.architecture import Architecture, this_machine
from grader.supervisor.failures import (
    NO_BUBBLEWRAP,
    explain,
    explain_no_bubblewrap,
    explain_too_open,
)
from grader.supervisor.host import BUILT, NO_TEMPLATE, TRACE, Order, Setting, be_supervisor
from grader.supervisor.plan import CannotSuperviseError, Plan
from grader.supervisor.programs import PROBE
from grader.supervisor.seccomp import build_filter
from grader.supervisor.supervisor import Surroundings
from grader.trace import Trace


class SupervisorBrokeError(Exception):
    """A fault of the grader's own; the text is the supervisor's traceback."""


def run(plan: Plan) -> Trace:
    """Run a submission once.

    Raises:
        CannotSuperviseError: this machine, container or interpreter does not let it be run.
        SupervisorBrokeError: a fault of the grader's own.
    """
    with WarmRunner(copies=False) as runner:
        return runner([plan])[0]


class WarmRunner:
    """Runs plans of one submission, as many at a time as it is given at once.

    A context manager: its supervisor processes are gone afterwards.
    """

    def __init__(
        self, meanwhile: Iterable[Callable[[], object]] = (), *, copies: bool = True
    ) -> None:
        """
        Args:
            meanwhile: done piece by piece while runs go on and a processor may be idle.
            copies: whether runs may begin with a copy of an interpreter that has started.
        """
        self._meanwhile = iter(meanwhile)
        self._copies = copies
        self._stack = ExitStack()
        self._hosts: dict[tuple[int, _Kind], _Host] = {}

    def __enter__(self) -> WarmRunner:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def prepare(
        self, submission: Submission, python: Path | None, wish: IsolationWish, at_once: int
    ) -> None:
        """Begin before there are plans, as for those of an exercise that says nothing of the run.

        Where that fails nothing is said yet; the first plans will meet the same.
        """
        if not has_private_networks():
            return  # the plans say which ports they must wait for
        likely = Plan(submission, Limits(), python=python, isolation=wish)
        for place in range(at_once):
            try:
                self._host(place, likely).send(likely, Order.PREPARE)
            except CannotSuperviseError:
                return

    def __call__(self, plans: Sequence[Plan]) -> Sequence[Trace]:
        """The traces of the plans, in their order.

        Raises:
            CannotSuperviseError: this machine, container or interpreter does not let one be run.
            SupervisorBrokeError: a fault of the grader's own.
        """
        while True:
            begin_alike = not any(plan.has_company or plan.clock == "real" for plan in plans)
            order = Order.RUN if self._copies and begin_alike else Order.RUN_FROM_START
            if order is Order.RUN_FROM_START:
                self._close()
            answers = self._answers(plans, order)
            again = self._do_without(answers, plans)
            if again or order is Order.RUN_FROM_START:
                self._close()
            if not again:
                return [
                    _trace(answer, status, plan)
                    for (answer, status), plan in zip(answers, plans, strict=True)
                ]

    def _do_without(self, answers: Sequence[tuple[bytes, int]], plans: Sequence[Plan]) -> bool:
        """Whether something was tried that does not work here, and is done without from now on."""
        if any(answer == NO_TEMPLATE for answer, _ in answers):
            self._copies = False
            return True
        for (answer, _), plan in zip(answers, plans, strict=True):
            kind, _, rest = answer.partition(b"\n")
            if kind == NO_BUBBLEWRAP.encode() and go_without_bwrap(
                plan.isolation, json.loads(rest)
            ):
                return True
        return False

    def _close(self) -> None:
        """End the supervisor processes that there are."""
        self._stack.close()
        self._hosts.clear()

    def _answers(self, plans: Sequence[Plan], order: Order) -> list[tuple[bytes, int]]:
        hosts = [self._host(place, plan) for place, plan in enumerate(plans)]
        for host, plan in zip(hosts, plans, strict=True):
            host.send(plan, order)
        for piece in self._meanwhile:
            piece()
            if all(host.has_answered() for host in hosts):
                break
        return [host.answer() for host in hosts]

    def _host(self, place: int, plan: Plan) -> _Host:
        kind = _Kind(plan.submission, plan.interpreter, plan.isolation)
        if (place, kind) not in self._hosts:
            host = self._stack.enter_context(_Host(place, kind, plan))
            self._hosts[place, kind] = host
        return self._hosts[place, kind]


@dataclass(frozen=True)
class _Kind:
    """What is the same for all plans that a host can run."""

    submission: Submission
    interpreter: Path
    isolation: IsolationWish


class _Host:
    """A supervisor process, as the grader sees it."""

    def __init__(self, place: int, kind: _Kind, first: Plan) -> None:
        self._place = place
        self._kind = kind
        self._first = first
        self._stack = ExitStack()
        self._pid = 0
        self._is_building = False
        self._pidfds: list[int] = []
        """Of the processes that keep its isolation standing (pidfd_open(2))."""
        self._failure: bytes | None = None
        """Its answer to every plan, where it came to nothing before the first."""

    def __enter__(self) -> _Host:
        """Fork it.

        Raises:
            CannotSuperviseError: nothing can be run here, or not with this interpreter.
        """
        architecture = require_linux()
        _require_interpreter(self._kind.interpreter)
        with _explained_set_up(self._stack):
            self._start(architecture)
        return self

    def _start(self, architecture: Architecture) -> None:
        with interrupts_held(ALL_ENDING):  # else it could be made and never be removed
            folder = str(self._stack.enter_context(private_folder(self._kind.submission)))
        name = _chosen_isolation(self._kind.isolation, self._kind.interpreter)
        view = view_of(str(self._kind.interpreter), folder, [str(PROBE)])
        _compile_probe()
        build_filter(  # here, so that processes which are forked later have it too
            architecture,
            virtual_clock=self._first.clock == "virtual",
            shares_files=shares_files(name),
        )
        hide_memory()
        cpus = frozenset(os.sched_getaffinity(0))
        setting = Setting(
            parent=os.getpid(),
            place=os.getpid() + self._place,
            isolate=partial(isolate, name=name, view=view, ports=self._first.ports),
            surround=partial(Surroundings, folder, architecture, cpus),
        )
        self._connection, theirs = Pipe()
        with interrupts_held():
            self._pid = os.fork()
            if self._pid == 0:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self._pid == 0:
            self._connection.close()
            be_supervisor(theirs, setting)
        theirs.close()
        self._is_building = True

    def _await_isolation(self) -> None:
        """Before that it must not be killed: half-built namespaces would be left behind."""
        if not self._is_building:
            return
        self._is_building = False
        try:
            word = self._connection.recv_bytes()
        except (EOFError, ConnectionError):
            return
        kind, *pids = word.split(b" ")
        if kind != BUILT:
            self._failure = word
            return
        for pid in map(int, pids):
            with suppress(ProcessLookupError):  # it was killed already
                self._pidfds.append(os.pidfd_open(pid))

    def send(self, plan: Plan, order: Order) -> None:
        """Have it carry out an order; `answer` waits for what comes of a run."""
        try:
            self._connection.send((plan, order))
        except ConnectionError:
            return  # it was killed, and `answer` says so

    def has_answered(self) -> bool:
        """Whether `answer` would not have to wait."""
        self._await_isolation()
        return self._failure is not None or self._connection.poll()

    def answer(self) -> tuple[bytes, int]:
        """What it has to say of the plan, and its wait status (0 while it lives)."""
        self._await_isolation()
        if self._failure is not None:
            return self._failure, 0
        try:
            return self._connection.recv_bytes(), 0
        except (EOFError, ConnectionError):
            pid, self._pid = self._pid, 0
            return b"", os.waitpid(pid, 0)[1]

    def __exit__(self, *exception: object) -> None:
        self._await_isolation()
        self._connection.close()
        for pidfd in self._pidfds:  # they would end by themselves, only later
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            os.close(pidfd)
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._stack.close()


def _trace(answer: bytes, status: int, plan: Plan) -> Trace:
    """The trace that a supervisor process answered with.

    Raises:
        CannotSuperviseError: it was refused what it needs, or was killed.
        SupervisorBrokeError: a fault of the grader's own.
    """
    kind, _, rest = answer.partition(b"\n")
    if kind == TRACE:
        trace: Trace = pickle.loads(rest)
        if trace.isolation == "bwrap":
            bwrap_worked()
        return trace
    if not kind:
        raise CannotSuperviseError(
            say(
                "The supervisor of the run was ended from outside (wait status {status}). "
                "Nothing is known about the submission: grade it again.",
                status=status,
            )
        )
    text = json.loads(rest)
    reason = explain(kind.decode(), text, str(plan.interpreter))
    if reason is None:
        raise SupervisorBrokeError(text)
    raise CannotSuperviseError(reason)


# What must be so before anything can be run


def require_linux() -> Architecture:
    """The architecture of this machine.

    Raises:
        CannotSuperviseError: this is another system than Linux, or an unknown processor.
    """
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


def _require_interpreter(interpreter: Path) -> None:
    if not os.access(interpreter, os.X_OK):
        raise CannotSuperviseError(
            say(
                "The Python interpreter {path} cannot be executed. Name another one with --python.",
                path=str(interpreter),
            )
        )


def _chosen_isolation(wish: IsolationWish, interpreter: Path) -> IsolationName:
    try:
        return choose_isolation(wish, str(interpreter))
    except TooOpenError as error:
        raise CannotSuperviseError(explain_too_open(str(error))) from error
    except CannotIsolateError as error:
        raise CannotSuperviseError(explain_no_bubblewrap(str(error))) from error


@cache
def _compile_probe() -> None:
    """Keep it compiled, as it would be were it imported: what runs under a supervisor may not
    write, and would compile it each time. Where it cannot be kept nothing happens.
    """
    for file in PROBE.glob("*.py"):
        SourceFileLoader(file.stem, str(file)).get_code(file.stem)


@contextmanager
def _explained_set_up(made: ExitStack) -> Iterator[None]:
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
