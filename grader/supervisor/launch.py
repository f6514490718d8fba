"""Runs plans in supervisor processes of their own, and brings back the traces.

Every run goes the same way: a supervisor process (`grader.supervisor.host`) is forked, makes its
isolation, and runs plans. A `WarmRunner` keeps such processes for more runs of the same
submission, of which only the first starts an interpreter. Plans that need another beginning
(peers, a dialogue, the real clock) get a fresh process each, as do all where the kernel does not
let an interpreter be copied.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from grader.limits import LATE_RUNS_S, SHORTEST_DEADLINE_S, Limits
from grader.messages import say
from grader.plan import CannotSuperviseError, KernelRefusedError, Plan
from grader.sandbox import IsolationWish, bwrap_worked, go_without_bwrap, has_private_networks
from grader.submission import Submission
from grader.supervisor.failures import NO_BUBBLEWRAP, REFUSED, explain
from grader.supervisor.host import NO_TEMPLATE, TRACE, Order
from grader.supervisor.supervisor_process import UNSEEN, Kind, SupervisorProcess, await_answers
from grader.trace import MAIN, Outcome, Process, Role, Trace


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
        self._hosts: dict[tuple[int, Kind], SupervisorProcess] = {}
        self._late_s = 0.0
        """How long those runs took that were cut off at their deadlines."""

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
                host = self._host(place, likely)
                host.send(likely, Order.PREPARE, likely.limits.deadline_s(likely.clock))
            except CannotSuperviseError:
                return

    def __call__(self, plans: Sequence[Plan]) -> Sequence[Trace]:
        """The traces of the plans, in their order.

        Raises:
            CannotSuperviseError: this machine, container or interpreter does not let one be run.
            SupervisorBrokeError: a fault of the grader's own.
        """
        while True:
            begin_alike = not any(plan.is_interactive or plan.clock == "real" for plan in plans)
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
        most_s = max(SHORTEST_DEADLINE_S, LATE_RUNS_S - self._late_s)
        deadlines_s = [min(most_s, plan.limits.deadline_s(plan.clock)) for plan in plans]
        for host, plan, deadline_s in zip(hosts, plans, deadlines_s, strict=True):
            host.send(plan, order, deadline_s)
        for piece in self._meanwhile:
            piece()
            if all(host.has_answered() for host in hosts):
                break
        await_answers(hosts)
        if any(host.is_late for host in hosts):
            self._late_s += max(deadlines_s)
            self._hosts = {key: host for key, host in self._hosts.items() if not host.is_late}
        return [host.answer() for host in hosts]

    def _host(self, place: int, plan: Plan) -> SupervisorProcess:
        kind = Kind(plan.submission, plan.interpreter, plan.isolation)
        if (place, kind) not in self._hosts:
            host = self._stack.enter_context(SupervisorProcess(place, kind, plan))
            self._hosts[place, kind] = host
        return self._hosts[place, kind]


def _trace(answer: bytes, status: int, plan: Plan) -> Trace:
    """The trace that a supervisor process answered with.

    Raises:
        CannotSuperviseError: it was refused what it needs, or was killed.
        KernelRefusedError: by the kernel or the container.
        SupervisorBrokeError: a fault of the grader's own.
    """
    kind, _, rest = answer.partition(b"\n")
    if kind == TRACE:
        trace: Trace = pickle.loads(rest)
        if trace.isolation == "bwrap":
            bwrap_worked()
        return trace
    if kind == UNSEEN:
        return _trace_of_unseen(plan, **json.loads(rest))
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
    refused = kind.decode() == REFUSED
    raise KernelRefusedError(reason) if refused else CannotSuperviseError(reason)


def _trace_of_unseen(plan: Plan, name: str, isolated: Sequence[str], pids: object) -> Trace:
    """What is known of a run whose supervisor was killed at the deadline: there was a script."""
    main = Process(
        number=MAIN,
        pid=0,
        role=Role.MAIN,
        creator=None,
        kernel_parent=None,
        start_method=None,
        started=0,
        began=0,
        killed_by_grader=True,
    )
    return Trace(
        processes=(main,),
        events=(),
        outcome=Outcome.WALL_LIMIT,
        clock=plan.clock,
        isolation=name,
        isolated=tuple(isolated),
        schedule=plan.schedule,
        start_method=plan.start_method,
        exact=False,
    )
