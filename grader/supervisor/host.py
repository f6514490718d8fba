"""The supervisor process: made once, it runs one plan after another and answers with traces.

All ptrace calls must come from the thread that attached, so each supervisor is a process with a
single thread. It makes its isolation once. Where plans can share their beginning it also keeps a
`Template`, an interpreter that stands before the student's first instruction, and begins each run
with a copy of it.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import pickle
import resource
import signal
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum, auto
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from grader.plan import Plan
from grader.sandbox import Isolation, refill
from grader.supervisor.deadline import DeadlinePassed, interruptible, prepare_for_deadline
from grader.supervisor.failures import NotReadyError, describe
from grader.supervisor.supervisor import Supervisor, Surroundings
from grader.supervisor.template import Template, TemplateError

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_OPEN_FILES = 1 << 16
"""At most: a supervisor has several for each process and thread of the submission."""

BUILT = b"built"
"""The isolation is made. A line's end and, as JSON, what is to be known of it follow."""
NO_TEMPLATE = b"no-template\n"
"""The answer to a plan that cannot begin with a copy of a template here."""
TRACE = b"trace"
"""Begins the answer to a plan that was run. A line's end and the pickled trace follow."""


class Order(Enum):
    """What is to be done with a plan."""

    PREPARE = auto()
    """Make a template that runs of such plans can begin with; there is no answer."""
    RUN = auto()
    """Run it, beginning with a copy of a template."""
    RUN_FROM_START = auto()
    """Run it with an interpreter of its own. Nothing is to be run after it."""


@dataclass(frozen=True)
class Setting:
    """What the grader gives to a supervisor process when it forks it.

    ``parent`` is the grader's pid; ``place`` says which processor is shared with the submission,
    counted round and round; ``isolate`` makes what is kept in the stack, and ``surround``
    completes it.
    """

    parent: int
    place: int
    isolate: Callable[[ExitStack], Isolation]
    surround: Callable[[Isolation], Surroundings]


def be_supervisor(connection: Connection, setting: Setting) -> NoReturn:
    """Make this forked process a supervisor, and serve until the other end is closed."""
    # What its parent has made stays: to look through it would copy all its pages.
    gc.freeze()
    held = ExitStack()
    try:
        cpus = sorted(os.sched_getaffinity(0))
        # A stop costs a fifth where the submission shares the processor: no other one has to wake.
        os.sched_setaffinity(0, {cpus[setting.place % len(cpus)]})
        _set_up_process(setting.parent)
        isolation = setting.isolate(held)
        built = {
            "name": isolation.name,
            "isolated": isolation.isolated,
            "pids": isolation.pids_to_kill,
        }
        connection.send_bytes(BUILT + b"\n" + json.dumps(built).encode())
        _Server(connection, setting.surround(isolation)).serve(held)
        held.close()
        os._exit(0)
    except BaseException as error:
        # At once, without closing anything: processes that stand at a stop would be waited for.
        connection.send_bytes(describe(error))
    finally:
        os._exit(1)


def _set_up_process(parent: int) -> None:
    """A session leader that dies with its parent and takes over orphans."""
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
    prepare_for_deadline()


class _Server:
    """Carries out orders as they come."""

    def __init__(self, connection: Connection, surroundings: Surroundings) -> None:
        self._connection = connection
        self._surroundings = surroundings
        self._template: Template | None = None
        self._copies = True
        """Whether templates have not turned out not to work here."""
        self._last: Plan | None = None

    def serve(self, held: ExitStack) -> None:
        """Until no more orders come. What must be closed then is put into ``held``."""
        held.callback(self._close_template)
        while True:
            try:
                plan, order = self._connection.recv()
            except EOFError:
                return
            if self._last is not None:
                refill(Path(self._surroundings.folder), plan.submission)
                self._surroundings.isolation.tidy(self._surroundings.folder)
            answer = self._carry_out(plan, order)
            self._last = plan
            if answer is not None:
                self._connection.send_bytes(answer)

    def _carry_out(self, plan: Plan, order: Order) -> bytes | None:
        if order is Order.RUN_FROM_START:
            return _answer(Supervisor(plan, self._surroundings))
        if self._copies and (self._template is None or not _begin_alike(plan, self._last)):
            self._close_template()
            self._template = self._make_template(plan)
            # A second trial would find the terminal of the first still controlling this process.
            self._copies = self._template is not None
        if order is Order.PREPARE:
            return None
        if self._template is None:
            return NO_TEMPLATE
        try:
            supervisor = Supervisor(plan, self._surroundings, self._template)
        except (TemplateError, ProcessLookupError):  # something has killed it
            return NO_TEMPLATE
        return _answer(supervisor)

    def _make_template(self, plan: Plan) -> Template | None:
        try:
            with interruptible():
                return Supervisor(plan, self._surroundings).run_to_template()
        except TemplateError:
            return None
        except DeadlinePassed as error:
            raise NotReadyError from error

    def _close_template(self) -> None:
        template, self._template = self._template, None
        if template is not None:
            template.close()


def _begin_alike(plan: Plan, other: Plan | None) -> bool:
    """Whether copies of one interpreter will do for both."""
    return other is not None and (plan.start_method, plan.limits) == (
        other.start_method,
        other.limits,
    )


def _answer(supervisor: Supervisor) -> bytes:
    return TRACE + b"\n" + pickle.dumps(supervisor.run())
