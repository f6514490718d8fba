"""Many runs of one submission, of which only the first starts an interpreter.

A `WarmRunner` keeps supervisor processes that hold a `Template` each. Plans that need another
beginning (peers, a dialogue, the real clock) are run from the start, as is everything where no
template can be had.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from grader.interrupts import interrupts_held
from grader.limits import Limits
from grader.sandbox import (
    Isolation,
    IsolationWish,
    has_private_networks,
    hide_memory,
    isolate,
    private_folder,
    refill,
)
from grader.submission import Submission
from grader.supervisor.architecture import Architecture
from grader.supervisor.launch import (
    PROBE,
    answer_with,
    be_supervisor,
    chosen_isolation,
    compile_probe,
    explained_set_up,
    goes_without_bwrap,
    require_interpreter,
    require_linux,
    run_together,
    submissions_view,
    understand,
)
from grader.supervisor.plan import CannotSuperviseError, Plan
from grader.supervisor.supervisor import Supervisor
from grader.supervisor.template import Template, TemplateError
from grader.trace import Trace

_COLD = b"cold\n"
_BUILT = b"built"
"""And the pids of those who keep its isolation standing."""


class WarmRunner:
    """Runs plans of one submission, as many at a time as it is given at once."""

    def __init__(self, meanwhile: Iterable[Callable[[], object]] = ()) -> None:
        """``meanwhile`` is done while runs go on and a processor may be idle, piece by piece."""
        self._meanwhile = iter(meanwhile)
        self._stack = ExitStack()
        self._hosts: dict[tuple[int, _Kind], _Host] = {}
        self._cold = False
        """Whether templates have turned out not to work here."""

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
                self._host(place, likely).make_template(likely)
            except CannotSuperviseError:
                return

    def __call__(self, plans: Sequence[Plan]) -> Sequence[Trace]:
        """The traces of the plans, in their order.

        Raises:
            CannotSuperviseError: this machine, container or interpreter does not let one be run.
            SupervisorBrokeError: a fault of the grader's own.
        """
        if self._cold or any(plan.has_company or plan.clock == "real" for plan in plans):
            self._close()
            return run_together(plans)
        answers = self._answers(plans)
        if any(
            goes_without_bwrap(answer, plan.isolation)
            for (answer, _), plan in zip(answers, plans, strict=True)
        ):
            self._close()
            answers = self._answers(plans)
        self._cold = any(answer == _COLD for answer, _ in answers)
        if self._cold:
            self._close()
            return run_together(plans)
        return [
            understand(answer, status, plan)
            for (answer, status), plan in zip(answers, plans, strict=True)
        ]

    def _close(self) -> None:
        """Do without the processes that there are."""
        self._stack.close()
        self._hosts.clear()

    def _answers(self, plans: Sequence[Plan]) -> list[tuple[bytes, int]]:
        hosts = [self._host(place, plan) for place, plan in enumerate(plans)]
        for host, plan in zip(hosts, plans, strict=True):
            host.start(plan)
        for piece in self._meanwhile:
            piece()
            if all(host.has_answered() for host in hosts):
                break
        return [host.answer() for host in hosts]

    def _host(self, place: int, plan: Plan) -> _Host:
        kind = _Kind(plan.submission, plan.interpreter, plan.isolation)
        if (place, kind) not in self._hosts:
            host = self._stack.enter_context(_Host(place, kind, plan.ports))
            self._hosts[place, kind] = host
        return self._hosts[place, kind]


@dataclass(frozen=True)
class _Kind:
    """What is the same for all plans that a host can run."""

    submission: Submission
    interpreter: Path
    isolation: IsolationWish


class _Host:
    """A supervisor process with a template, as the grader sees it."""

    def __init__(self, place: int, kind: _Kind, ports: tuple[int, ...]) -> None:
        self._place = place
        self._kind = kind
        self._ports = ports
        self._stack = ExitStack()
        self._pid = 0
        self._is_building = False
        self._keepers: list[int] = []
        """Descriptors of the processes that keep its isolation standing (pidfd_open(2))."""
        self._failure: bytes | None = None
        """Its answer to every plan, where it came to nothing before the first."""

    def __enter__(self) -> _Host:
        architecture = require_linux()
        require_interpreter(self._kind.interpreter)
        with explained_set_up(self._stack):
            self._start_host(architecture)
        return self

    def _start_host(self, architecture: Architecture) -> None:
        folder = self._stack.enter_context(private_folder(self._kind.submission))
        cpus = frozenset(os.sched_getaffinity(0))
        isolation = chosen_isolation(self._kind.isolation, self._kind.interpreter)
        compile_probe()
        hide_memory()
        self._connection, theirs = Pipe()
        parent = os.getpid()
        with interrupts_held():
            self._pid = os.fork()
            if self._pid == 0:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self._pid == 0:
            self._connection.close()
            view = submissions_view(self._kind.interpreter, str(folder))
            isolating = partial(isolate, name=isolation, view=view, ports=self._ports)
            serve = partial(_serve, theirs, folder, architecture, cpus, isolating)
            answer, could = be_supervisor(serve, parent, self._place, cpus)
            try:
                theirs.send_bytes(answer)
            finally:
                os._exit(0 if could else 1)
        theirs.close()
        self._is_building = True

    def _await_that_it_has_built(self) -> None:
        """Who is killed before leaves a half-built house behind, which goes only when it stands."""
        if not self._is_building:
            return
        self._is_building = False
        try:
            word = self._connection.recv_bytes()
        except (EOFError, ConnectionError):
            return
        kind, *keepers = word.split(b" ")
        if kind != _BUILT:
            self._failure = word
            return
        for pid in map(int, keepers):
            with suppress(ProcessLookupError):  # somebody killed it already
                self._keepers.append(os.pidfd_open(pid))

    def make_template(self, plan: Plan) -> None:
        """Have it start an interpreter that plans like this one can begin with."""
        self._send(plan, runs=False)

    def start(self, plan: Plan) -> None:
        """Have it run a plan; `answer` waits for what comes of it."""
        self._send(plan, runs=True)

    def _send(self, plan: Plan, *, runs: bool) -> None:
        try:
            self._connection.send((plan, runs))
        except ConnectionError:
            return  # it was killed, and `answer` says so

    def has_answered(self) -> bool:
        self._await_that_it_has_built()
        return self._failure is not None or self._connection.poll()

    def answer(self) -> tuple[bytes, int]:
        """What it has to say of the plan, and its wait status (0 while it lives)."""
        self._await_that_it_has_built()
        if self._failure is not None:
            return self._failure, 0
        try:
            return self._connection.recv_bytes(), 0
        except (EOFError, ConnectionError):
            pid, self._pid = self._pid, 0
            return b"", os.waitpid(pid, 0)[1]

    def __exit__(self, *exception: object) -> None:
        self._await_that_it_has_built()
        self._connection.close()
        for keeper in self._keepers:  # they would end by themselves, only later
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(keeper, signal.SIGKILL)
            os.close(keeper)
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._stack.close()


def _serve(
    connection: Connection,
    folder: Path,
    architecture: Architecture,
    cpus: frozenset[int],
    isolating: Callable[[ExitStack], Isolation],
) -> bytes:
    """Be isolated, make the template, then run plan after plan; the last answer is returned."""
    with ExitStack() as held:
        isolation = isolating(held)
        connection.send_bytes(b" ".join([_BUILT, *(b"%d" % pid for pid in isolation.keepers)]))
        new = partial(
            Supervisor,
            folder=str(folder),
            probe=str(PROBE),
            architecture=architecture,
            cpus=cpus,
            isolation=isolation,
        )
        template: Template | None = None
        made_for: Plan | None = None
        while (order := _next_order(connection)) is not None:
            plan, runs = order
            if made_for is not None:
                refill(folder, plan.submission)
                isolation.tidy()
            if template is None or made_for is None or not _begin_alike(plan, made_for):
                if template is not None:
                    template.close()
                template, made_for = _template(new(plan)), plan
                if template is None:
                    return _COLD
            if runs:
                try:
                    supervisor = new(plan, template=template)
                except (TemplateError, ProcessLookupError):  # killed, by whoever
                    template.close()
                    return _COLD
                connection.send_bytes(answer_with(supervisor.run()))
        if template is not None:
            template.close()
        return b""


def _begin_alike(plan: Plan, other: Plan) -> bool:
    """Whether copies of one interpreter will do for both."""
    return (plan.start_method, plan.limits) == (other.start_method, other.limits)


def _next_order(connection: Connection) -> tuple[Plan, bool] | None:
    """A plan, and whether it is to be run; None: there will be no more."""
    try:
        order: tuple[Plan, bool] = connection.recv()
    except EOFError:
        return None
    return order


def _template(supervisor: Supervisor) -> Template | None:
    try:
        return supervisor.run_to_template()
    except TemplateError:
        return None
