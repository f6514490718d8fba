"""A supervisor process as the grader sees it: forked, given orders, heard, and ended.

The grader does not trust it to answer: what it supervises may be such that it cannot. So each run
has a deadline on the real clock (`grader.supervisor.deadline`), at which the supervisor is to hand
over what it has seen, or dies with all that descends from it.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib.machinery import SourceFileLoader
from multiprocessing.connection import Pipe, wait
from pathlib import Path

from grader.interrupts import ALL_ENDING, interrupts_held
from grader.limits import HAND_OVER_S, RUN_DEADLINE_S
from grader.messages import say
from grader.plan import CannotSuperviseError, Plan
from grader.sandbox import (
    CannotIsolateError,
    IsolationName,
    IsolationWish,
    TooOpenError,
    choose_isolation,
    hide_memory,
    isolate,
    private_folder,
    shares_files,
    view_of,
)
from grader.submission import Submission
from grader.supervisor.architecture import Architecture, this_machine
from grader.supervisor.deadline import LOOK_EVERY_S, Deadline, cut_off, end_family
from grader.supervisor.failures import NOT_SET_UP, explain_no_bubblewrap, explain_too_open
from grader.supervisor.host import BUILT, Order, Setting, be_supervisor
from grader.supervisor.programs import PROBE
from grader.supervisor.seccomp import build_filter
from grader.supervisor.supervisor import Surroundings

UNSEEN = b"unseen"
"""Begins the answer in the place of a supervisor that was killed at the deadline of a run. A
line's end follows, and what `Built` holds, as JSON.
"""


@dataclass(frozen=True)
class Kind:
    """What is the same for all plans that a supervisor process can run."""

    submission: Submission
    interpreter: Path
    isolation: IsolationWish


class SupervisorProcess:
    """One of them. A context manager: it is gone afterwards.

    Once it ``is_late`` it runs nothing more.
    """

    def __init__(self, place: int, kind: Kind, first: Plan) -> None:
        """
        Args:
            place: which processor it shares with the submission, counted round and round.
            kind: of its plans.
            first: of its plans.
        """
        self._place = place
        self._kind = kind
        self._first = first
        self._stack = ExitStack()
        self._pid = 0
        self._is_building = False
        self._isolated: bytes = b""
        """How its runs are shut off, as JSON."""
        self._keepers: dict[int, int] = {}
        """The processes that keep its isolation standing: pid -> descriptor (pidfd_open(2))."""
        self._answer: bytes | None = None
        """To every plan, where it came to nothing before the first or was killed."""
        self._deadline: Deadline | None = None
        self.is_late = False
        """Whether the deadline of a run has passed."""

    def __enter__(self) -> SupervisorProcess:
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

    def _hear_of_isolation(self) -> None:
        """Take the word in which it says that its isolation is made, or that it cannot be."""
        self._is_building = False
        try:
            word = self._connection.recv_bytes()
        except (EOFError, ConnectionError):
            return
        kind, _, self._isolated = word.partition(b"\n")
        if kind != BUILT:
            self._answer = word
            return
        for pid in json.loads(self._isolated)["pids"]:
            with suppress(ProcessLookupError):  # it was killed already
                self._keepers[pid] = os.pidfd_open(pid)

    def send(self, plan: Plan, order: Order, deadline_s: float) -> None:
        """Have it carry out an order. `answer` says what came of a run, which has so many seconds
        of the real clock.
        """
        self._deadline = Deadline(self._pid, deadline_s)
        try:
            self._connection.send((plan, order))
        except ConnectionError:
            return  # it was killed, and `answer` says so

    def has_answered(self) -> bool:
        """Whether `answer` would not have to wait."""
        if self._is_building and self._connection.poll():
            self._hear_of_isolation()
        return self._answer is not None or (not self._is_building and self._connection.poll())

    def _keep_deadline(self) -> None:
        """To be called every `LOOK_EVERY_S` seconds while it has not answered."""
        assert self._deadline is not None
        if not self._deadline.has_passed():
            return
        if self._is_building:  # nothing of the submission has been run
            self.is_late, self._answer = True, f"{NOT_SET_UP}\nnull".encode()
        elif not self.is_late:
            self.is_late, self._deadline = True, Deadline(self._pid, HAND_OVER_S)
            cut_off(self._pid)
        else:
            self._answer = UNSEEN + b"\n" + self._isolated

    def answer(self) -> tuple[bytes, int]:
        """What it has to say of the plan, and its wait status (0 while it lives)."""
        await_answers([self])
        status = 0
        answer = self._answer
        if answer is None:
            try:
                answer = self._connection.recv_bytes()
            except (EOFError, ConnectionError):
                pid, self._pid = self._pid, 0
                answer, status = b"", os.waitpid(pid, 0)[1]
        if self.is_late:
            self._end_with_family()
            answer = answer or UNSEEN + b"\n" + self._isolated
        return answer, status

    def _end_with_family(self) -> None:
        if self._pid:
            end_family(self._pid, self._keepers)

    def __exit__(self, *exception: object) -> None:
        # Before that it must not be killed alone: half-built namespaces would be left behind.
        if self._is_building and self._connection.poll(RUN_DEADLINE_S):
            self._hear_of_isolation()
        if self._is_building:
            self._end_with_family()
        self._connection.close()
        for pidfd in self._keepers.values():  # they would end by themselves, only later
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            os.close(pidfd)
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._stack.close()


def await_answers(processes: Sequence[SupervisorProcess]) -> None:
    """Until each of them has answered, or its deadline has passed."""
    while waiting := [each for each in processes if not each.has_answered()]:
        wait([each._connection for each in waiting], LOOK_EVERY_S)
        for each in waiting:
            if not each.has_answered():
                each._keep_deadline()


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
