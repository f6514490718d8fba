"""Many runs of one submission, of which only the first starts an interpreter.

A `WarmRunner` keeps supervisor processes that hold a `Template` each. Plans that need another
beginning (peers, a dialogue, the real clock) are run from the start, as is everything where no
template can be had.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from grader.sandbox import IsolationName, hide_memory, isolate, private_folder, refill
from grader.supervisor.architecture import Architecture
from grader.supervisor.launch import (
    PROBE,
    answer_with,
    be_supervisor,
    chosen_isolation,
    explained_set_up,
    require_interpreter,
    require_linux,
    run_together,
    submissions_view,
    understand,
)
from grader.supervisor.plan import Plan
from grader.supervisor.supervisor import Supervisor
from grader.supervisor.template import Template, TemplateError
from grader.trace import Trace

_COLD = b"cold\n"


class WarmRunner:
    """Runs plans of one submission, as many at a time as it is given at once."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """``meanwhile`` is called once, while the first runs go on and a processor may be idle."""
        self._meanwhile: Callable[[], object] | None = meanwhile
        self._stack = ExitStack()
        self._hosts: dict[tuple[int, Path, str, str], _Host] = {}
        self._cold = False
        """Whether templates have turned out not to work here."""

    def __enter__(self) -> WarmRunner:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def __call__(self, plans: Sequence[Plan]) -> Sequence[Trace]:
        """The traces of the plans, in their order.

        Raises:
            CannotSuperviseError: this machine, container or interpreter does not let one be run.
            SupervisorBrokeError: a fault of the grader's own.
        """
        if self._cold or any(plan.has_company or plan.clock == "real" for plan in plans):
            return run_together(plans)
        hosts = [self._host(place, plan) for place, plan in enumerate(plans)]
        for host, plan in zip(hosts, plans, strict=True):
            host.start(plan)
        if self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()
        answers = [host.answer() for host in hosts]
        self._cold = any(answer == _COLD for answer, _ in answers)
        if self._cold:
            return run_together(plans)
        return [
            understand(answer, status, plan)
            for (answer, status), plan in zip(answers, plans, strict=True)
        ]

    def _host(self, place: int, plan: Plan) -> _Host:
        key = (place, plan.interpreter, plan.start_method.value, plan.isolation)
        if key not in self._hosts:
            self._hosts[key] = self._stack.enter_context(_Host(place, plan))
        return self._hosts[key]


class _Host:
    """A supervisor process with a template, as the grader sees it."""

    def __init__(self, place: int, plan: Plan) -> None:
        self._place = place
        self._plan = plan
        self._stack = ExitStack()
        self._pid = 0

    def __enter__(self) -> _Host:
        architecture = require_linux()
        require_interpreter(self._plan)
        with explained_set_up(self._stack):
            self._start_host(architecture)
        return self

    def _start_host(self, architecture: Architecture) -> None:
        folder = self._stack.enter_context(private_folder(self._plan.submission))
        cpus = frozenset(os.sched_getaffinity(0))
        isolation = chosen_isolation(self._plan)
        hide_memory()
        self._connection, theirs = Pipe()
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            self._connection.close()
            serve = partial(_serve, theirs, folder, architecture, cpus, isolation)
            answer, could = be_supervisor(serve, parent, self._place, cpus)
            try:
                theirs.send_bytes(answer)
            finally:
                os._exit(0 if could else 1)
        theirs.close()

    def start(self, plan: Plan) -> None:
        """Have it run a plan; `answer` waits for what comes of it."""
        try:
            self._connection.send(plan)
        except ConnectionError:
            return  # it was killed, and `answer` says so

    def answer(self) -> tuple[bytes, int]:
        """What it has to say of the plan, and its wait status (0 while it lives)."""
        try:
            return self._connection.recv_bytes(), 0
        except (EOFError, ConnectionError):
            pid, self._pid = self._pid, 0
            return b"", os.waitpid(pid, 0)[1]

    def __exit__(self, *exception: object) -> None:
        self._connection.close()
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._stack.close()


def _serve(
    connection: Connection,
    folder: Path,
    architecture: Architecture,
    cpus: frozenset[int],
    name: IsolationName,
) -> bytes:
    """Make the template, then run plan after plan; the last answer is returned."""
    with ExitStack() as held:
        plan: Plan = connection.recv()
        isolation = isolate(held, name, submissions_view(plan, str(folder)), plan.ports)
        new = partial(
            Supervisor,
            folder=str(folder),
            probe=str(PROBE),
            architecture=architecture,
            cpus=cpus,
            isolation=isolation,
        )
        template = _template(new(plan))
        if template is None:
            return _COLD
        while True:
            try:
                supervisor = new(plan, template=template)
            except (TemplateError, ProcessLookupError):  # killed, by whoever: start it once more
                template.close()
                return _COLD
            connection.send_bytes(answer_with(supervisor.run()))
            try:
                plan = connection.recv()
            except EOFError:
                template.close()
                return b""
            refill(folder, plan.submission)
            isolation.tidy()


def _template(supervisor: Supervisor) -> Template | None:
    try:
        return supervisor.run_to_template()
    except TemplateError:
        return None
