"""Starts the submission and its peers, each stopped by the filter and seized."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from grader.limits import Limits
from grader.plan import Plan
from grader.sandbox import (
    SHARED_MEMORY,
    Isolation,
    Program,
    Starting,
    View,
    environment,
    peer_environment,
    start,
    view_of,
)
from grader.supervisor import procfs, ptrace
from grader.supervisor.calls.writes import answer_probe
from grader.supervisor.clock import CpuMeter
from grader.supervisor.console import Console
from grader.supervisor.run import Run
from grader.supervisor.seccomp import build_filter, install_filter
from grader.supervisor.template import Adopted
from grader.supervisor.tree import ClockPage, TracedProcess, TracedThread
from grader.trace import MAIN

if TYPE_CHECKING:
    from grader.exercise import Peer  # a room that takes long to load

PROBE = Path(__file__).parent / "probe"
"""The folder of the ``sitecustomize`` that submissions run with."""

_ADDRESS_SPACE_FACTOR, _ADDRESS_SPACE_FLOOR = 4, 4 * 10**9
_BESIDE_STACKS = 10**9
"""Of the address space: what is left where all threads that may be have their stacks."""
_DEFAULT_STACK = 8 << 20
"""Of a thread, where it is not limited: at most that (pthread_create(3))."""
_GUARD = 1 << 16
"""A page beside a stack, however large pages are."""
_OPEN_FILES = 1024
_SPARE_CPU_S = 60
"""The kernel's own limit of CPU time is a last resort, for when the supervisor does not look."""


class Starter:
    """Starts programs of one run."""

    def __init__(self, run: Run, plan: Plan, meter: CpuMeter, isolation: Isolation) -> None:
        self._run = run
        self._plan = plan
        self._meter = meter
        self._isolation = isolation
        self._shared_memory = run.shared_memory or SHARED_MEMORY
        self._main: Starting | None = None

    def start_main(self, console: Console) -> None:
        """
        Raises:
            OSError: the kernel does not allow it.
        """
        plan = self._plan
        script = plan.submission.script.name
        end_of_options = ("--",) if script.startswith("-") else ()
        process, self._main = self._start(
            (str(plan.interpreter), *end_of_options, script),
            environment(str(PROBE), plan.start_method.value, self._run.folder),
            view_of(str(plan.interpreter), self._run.folder, [str(PROBE)], self._shared_memory),
            self._isolation.enter,
            console,
            foreground=True,
        )
        self._run.recorder.main_started(process.inner_pid, self._isolation.parent_pid)
        self._run.start_ups.begin_main(process.pid)
        self._main.let_go()

    def check_main(self) -> None:
        """To be asked once, when the run is over.

        Raises:
            NotStartedError: main never executed the interpreter.
        """
        if self._main is not None:
            self._main.check()

    def adopt_main(self, adopted: Adopted, console: Console) -> TracedThread:
        """Make the copy of a template the main of this run. It is still stopped.

        Raises:
            OSError: it is gone.
        """
        pid, run = adopted.pid, self._run
        os.setpgid(pid, pid)
        console.terminal.put_in_foreground(pid)
        status = procfs.read_status(pid)
        process = run.tree.born_process(pid, status.namespace_pid)
        process.executed = process.has_probe = True
        thread = run.tree.born_thread(pid, status.namespace_pid, process)
        thread.begun, thread.stopped = True, True
        self._meter.add(pid)
        run.start_ups.of_main = adopted.start_up
        if adopted.clock_page is not None:
            process.page = ClockPage(adopted.clock_page)
            process.page.unread_charge(process.memory)
        run.recorder.main_started(process.inner_pid, self._isolation.parent_pid)
        run.recorder.executed(MAIN, procfs.read_command(pid), None)
        run.recorder.began(MAIN)
        run.ready(adopted.python)
        answer_probe(run, process, adopted.report)
        return thread

    def kept_main(self) -> TracedThread | None:
        """Main, if it was kept before its first instruction. It may go on now, and is stopped."""
        kept, self._run.ready_report = self._run.ready_report, None
        if kept is None:
            return None
        thread, registers, python = kept
        self._run.ready(python)
        answer_probe(self._run, thread.process, registers)
        return thread

    def start_peer(self, peer: Peer, console: Console) -> TracedProcess:
        """
        Raises:
            OSError: the kernel does not allow it.
        """
        folder = Path(self._run.folder).parent / "peers" / peer.name
        folder.mkdir(parents=True, exist_ok=True)
        script = Path(peer.program.name).name
        (folder / script).write_bytes(peer.program.content)
        process, starting = self._start(
            (sys.executable, "-I", script, *peer.args),
            peer_environment(str(folder)),
            view_of(sys.executable, str(folder), shared_memory=self._shared_memory),
            self._isolation.enter_beside,
            console,
            foreground=False,
        )
        parent_pid = self._isolation.parent_pid
        self._run.recorder.peer_started(process.number, process.inner_pid, parent_pid, peer.name)
        self._run.start_ups.begin(process.pid)
        starting.let_go()
        return process

    def _start(
        self,
        arguments: tuple[str, ...],
        variables: dict[str, str],
        view: View,
        enter: Callable[[View], None],
        console: Console,
        *,
        foreground: bool,
    ) -> tuple[TracedProcess, Starting]:
        limits = self._plan.limits
        program = Program(
            arguments=arguments,
            environment=variables,
            folder=view.folder,
            memory_bytes=_address_space(limits),
            file_bytes=limits.disk,
            open_files=_OPEN_FILES,
            cpu_seconds=2 * limits.cpu // 10**9 + _SPARE_CPU_S,
        )
        architecture = self._run.architecture
        rules = build_filter(
            architecture,
            virtual_clock=self._run.clock.is_virtual,
            shares_files=self._run.shared_memory is not None,
            has_peers=bool(self._plan.peers),
        )
        starting = start(
            program,
            console.terminal.slave,
            lambda: enter(view),
            lambda: install_filter(rules, architecture),
        )
        pid = starting.pid
        os.setpgid(pid, pid)
        if foreground:
            console.terminal.put_in_foreground(pid)
        ptrace.seize(pid)
        status = procfs.read_status(pid)
        process = self._run.tree.born_process(pid, status.namespace_pid)
        thread = self._run.tree.born_thread(pid, status.namespace_pid, process)
        thread.begun, thread.stopped = True, False
        self._meter.add(pid)
        return process, starting


def _address_space(limits: Limits) -> int:
    """Bytes of it for a process: the limits of threads and of memory are met before."""
    stack, _ = resource.getrlimit(resource.RLIMIT_STACK)
    if stack == resource.RLIM_INFINITY:
        stack = _DEFAULT_STACK
    return max(
        _ADDRESS_SPACE_FLOOR,
        _ADDRESS_SPACE_FACTOR * limits.memory,
        _BESIDE_STACKS + limits.threads * (stack + _GUARD),
    )
