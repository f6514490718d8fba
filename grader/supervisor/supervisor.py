"""Runs one submission under ptrace on its own clock, from its first instruction to its last.

One single-threaded process supervises one run: all ptrace calls must come from the thread that
attached. Stops are handled one after another; when there is none, either somebody is running (and
time passes by the CPU time used) or everybody is blocked (and time jumps to the next deadline, or
the run can never go on).
"""

from __future__ import annotations

import os
import select
import signal
import time

from grader.sandbox import Program, Terminal, environment, start
from grader.supervisor import procfs, ptrace
from grader.supervisor.architecture import Architecture, Registers
from grader.supervisor.calls import Call, Run, call_types
from grader.supervisor.calls.clocks import READ_COST, ClockRead, dearer
from grader.supervisor.calls.writes import TerminalQueue, Write
from grader.supervisor.clock import Clock, CpuMeter, RealClock, VirtualClock
from grader.supervisor.limits import LimitWatch
from grader.supervisor.memory import Memory
from grader.supervisor.plan import Plan
from grader.supervisor.recording import Recorder
from grader.supervisor.seccomp import build_filter, install_filter
from grader.supervisor.standstill import everybody_blocked, explain_blocked, waits_for_input
from grader.supervisor.timekeeping import SPINNING, Timekeeper
from grader.supervisor.tree import ClockPage, TracedProcess, TracedThread, Tree
from grader.supervisor.vdso import KilledError, VdsoClock
from grader.trace import (
    MAIN,
    AskedForInput,
    Blocked,
    Nanoseconds,
    Outcome,
    StartMethod,
    Trace,
)

_GROUP_STOPS = frozenset({signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})
_LOOK_AT_CLOCK_EVERY = 64
"""Stops between two looks at the clock while somebody runs."""
_YIELDS = 30
_NAP_S = 0.0005
_SECOND_LOOK_S = 0.02
_TERMINAL_PATIENCE_S = 2.0
_TERMINAL_QUIET_S = 0.02
_ADDRESS_SPACE_FACTOR, _ADDRESS_SPACE_FLOOR = 4, 4 * 10**9
_FILE_BYTES = 100 * 10**6


class Supervisor:
    """One run. Make it in a process of its own, that is a session leader, and call `run`."""

    def __init__(
        self, plan: Plan, folder: str, probe: str, architecture: Architecture, cpus: frozenset[int]
    ) -> None:
        self._plan = plan
        self._folder = folder
        self._probe = probe
        self._architecture = architecture
        self._terminal = Terminal()
        self._tree = Tree()
        self._meter = CpuMeter()
        self._clock: Clock
        if plan.clock == "virtual":
            self._clock = VirtualClock(self._meter)
        else:
            self._clock = RealClock()
        self._recorder = Recorder(self._clock)
        self._run = Run(
            architecture=architecture,
            clock=self._clock,
            tree=self._tree,
            recorder=self._recorder,
            terminal=TerminalQueue(self._terminal.devices, self._resume),
            folder=folder,
            cpus=cpus,
        )
        self._time = Timekeeper(self._run, self._meter)
        self._limits = LimitWatch(plan.limits, self._tree, self._meter, self._recorder)
        self._call_types = call_types(architecture)
        self._vdso = VdsoClock(architecture)
        self._early: dict[int, ptrace.Stop] = {}
        """Stops of threads whose birth event has not come yet."""
        self._executed = False
        self._outcome: Outcome | None = None
        self._blocked: tuple[Blocked, ...] = ()
        self._servers: set[int] = set()
        """Numbers of the fork servers."""
        self._stops = 0
        self._yields = 0

    def run(self) -> Trace:
        self._start_main()
        while self._tree.threads and self._outcome is None:
            stop = ptrace.next_stop()
            if stop is not None:
                self._yields = 0
                self._handle(stop)
                self._stops += 1
                often = self._stops % _LOOK_AT_CLOCK_EVERY == 0
                if often:
                    self._check_limits()
                    self._time.refresh_stale_pages()
                if often or self._clock.take_charged():
                    self._time.fire_due()
            elif not self._drain_terminal():
                self._idle()
        self._kill_everybody()
        self._drain_the_rest()
        return self._recorder.finish(
            self._outcome or self._outcome_of_main(),
            blocked=self._blocked,
            clock=self._plan.clock,
            isolation="none",
            start_method=self._plan.start_method,
            folder=self._folder,
        )

    # Beginning

    def _start_main(self) -> None:
        plan = self._plan
        program = Program(
            arguments=(str(plan.interpreter), plan.submission.script.name),
            environment=environment(self._probe, plan.start_method.value, self._folder),
            folder=self._folder,
            memory_bytes=max(_ADDRESS_SPACE_FLOOR, _ADDRESS_SPACE_FACTOR * plan.limits.memory),
            file_bytes=_FILE_BYTES,
            cpu_seconds=2 * plan.limits.cpu // 10**9 + 60,
        )
        rules = build_filter(self._architecture, virtual_clock=self._clock.is_virtual)
        pid, let_go = start(
            program, self._terminal.slave, lambda: install_filter(rules, self._architecture)
        )
        os.setpgid(pid, pid)
        self._terminal.put_in_foreground(pid)
        ptrace.seize(pid)
        status = procfs.read_status(pid)
        process = self._tree.born_process(pid, status.namespace_pid)
        self._tree.born_thread(pid, status.namespace_pid, process).begun = True
        process.threads[pid].stopped = False
        self._meter.add(pid)
        self._recorder.main_started(status.namespace_pid, os.getpid())
        let_go()

    # Stops

    def _handle(self, stop: ptrace.Stop) -> None:
        if stop.exited:
            self._died(stop)
            return
        thread = self._tree.threads.get(stop.tid)
        if thread is None:
            self._early[stop.tid] = stop
            return
        thread.stopped = True
        thread.in_group_stop = False
        try:
            charged = self._time.collect_charge(thread.process)
            self._dispatch(thread, stop, charged)
        except ProcessLookupError:
            return  # killed at its stop: its death is still to come

    def _dispatch(self, thread: TracedThread, stop: ptrace.Stop, charged: Nanoseconds) -> None:
        if stop.event == ptrace.Event.SECCOMP:
            self._entered_call(thread, charged)
        elif stop.in_syscall:
            self._at_syscall_stop(thread)
        elif stop.event in (ptrace.Event.FORK, ptrace.Event.VFORK, ptrace.Event.CLONE):
            self._gave_birth(thread, vfork=stop.event == ptrace.Event.VFORK)
        elif stop.event == ptrace.Event.EXEC:
            self._executed_program(thread)
        elif stop.event == ptrace.Event.EXIT:
            self._is_exiting(thread)
        elif stop.event == ptrace.Event.STOP:
            self._at_event_stop(thread, stop)
        else:
            self._resume(thread, stop.signal)

    def _resume(self, thread: TracedThread, deliver: int = 0) -> None:
        process = thread.process
        thread.stopped = False
        try:
            if process.page is not None:
                self._time.write_page(process, process.page)
            if thread.call is not None:
                ptrace.resume_to_syscall_stop(thread.tid, deliver)
            else:
                ptrace.resume(thread.tid, deliver)
        except ProcessLookupError:
            return

    def _entered_call(self, thread: TracedThread, charged: Nanoseconds) -> None:
        if thread.call is not None and thread.call.wants_entry_again:
            self._resume(thread)
            return
        registers = Registers(thread.tid, self._architecture)
        kind = self._call_types.get(registers.number)
        if kind is None or not self._executed:
            self._resume(thread)
            return
        process = thread.process
        spinning = kind is ClockRead and charged >= SPINNING
        process.read_step = dearer(process.read_step) if spinning else READ_COST
        call: Call = kind(self._run, thread, registers)
        if call.ends_polling:
            process.fruitless_polls = 0
        wants_exit = call.enter()
        thread.interrupted = None
        thread.call = call if wants_exit else None
        if not call.held:
            self._resume(thread)

    def _at_syscall_stop(self, thread: TracedThread) -> None:
        call = thread.call
        if call is None or (call.wants_entry_again and ptrace.at_syscall_entry(thread.tid)):
            self._resume(thread)
            return
        call.leave(Registers(thread.tid, self._architecture))
        if not call.wants_entry_again:
            thread.call = None
        self._resume(thread)

    def _at_event_stop(self, thread: TracedThread, stop: ptrace.Stop) -> None:
        if not thread.begun:
            thread.begun = True
            if thread.number == 0:
                self._recorder.began(thread.process.number)
            self._resume(thread)
        elif stop.signal in _GROUP_STOPS:
            thread.in_group_stop = True
            ptrace.listen(thread.tid)
        else:
            self._resume(thread)

    # Births and deaths

    def _gave_birth(self, parent: TracedThread, *, vfork: bool) -> None:
        tid = ptrace.event_message(parent.tid)
        try:
            self._add_newborn(parent, tid, vfork=vfork)
        except OSError:
            self._recorder.doubts.append("a process was killed before it could be seen")
        self._resume(parent)
        early = self._early.pop(tid, None)
        if early is not None:
            self._handle(early)
        if self._limits.too_many_processes():
            self._end(Outcome.PROCESS_LIMIT)

    def _add_newborn(self, parent: TracedThread, tid: int, *, vfork: bool) -> None:
        """
        Raises:
            OSError: it is gone already.
        """
        status = procfs.read_status(tid)
        if status.thread_group != tid:
            process = self._tree.processes[status.thread_group]
            self._tree.born_thread(tid, status.namespace_pid, process)
            return
        process = self._tree.born_process(
            tid, status.namespace_pid, vfork_parent=parent if vfork else None
        )
        self._tree.born_thread(tid, status.namespace_pid, process)
        self._meter.add(tid)
        if parent.process.page is not None and not vfork:
            process.page = ClockPage(parent.process.page.address)
            process.page.unread_charge(process.memory)
        creator, method = parent.process.number, StartMethod.FORK
        if creator in self._servers and self._run.server_requests:
            creator, method = self._run.server_requests.pop(0), StartMethod.FORKSERVER
        self._recorder.child_started(
            process.number,
            status.namespace_pid,
            kernel_parent=parent.process.number,
            creator=creator,
            method=method,
        )

    def _executed_program(self, thread: TracedThread) -> None:
        process = thread.process
        former = self._tree.threads.get(ptrace.event_message(thread.tid))
        if former is not None and former is not thread:
            self._tree.thread_died(former)
        thread.call = None
        process.memory.close()
        process.memory = Memory(process.pid)
        process.page, process.vfork_parent = None, None
        process.sentinels.clear()
        command = procfs.read_command(process.pid)
        if self._executed:
            self._recognise(process, command)
        else:
            self._executed = True
            self._recorder.executed(MAIN, command, None)
            self._recorder.began(MAIN)
        if self._clock.is_virtual:
            try:
                page = self._vdso.install(thread.tid, process.memory)
            except KilledError as death:
                self._handle(death.stop)
                return
            process.page = None if page is None else ClockPage(page)
        self._resume(thread)

    def _recognise(self, process: TracedProcess, command: tuple[str, ...]) -> None:
        """Tell multiprocessing's own programs by their command lines."""
        code = next((part for part in command if part.startswith("from multiprocessing.")), "")
        if code.startswith("from multiprocessing.resource_tracker import main"):
            self._recorder.is_helper(process.number, command)
        elif code.startswith("from multiprocessing.forkserver import main"):
            starter = self._recorder.process(process.number).creator
            if starter is not None:
                self._run.server_address = self._run.last_listener.get(starter)
            self._servers.add(process.number)
            self._recorder.is_helper(process.number, command)
        elif code.startswith("from multiprocessing.spawn import spawn_main"):
            self._recorder.executed(process.number, command, StartMethod.SPAWN)
        else:
            self._recorder.executed(process.number, command, StartMethod.SUBPROCESS)

    def _is_exiting(self, thread: TracedThread) -> None:
        process = thread.process
        if len(process.threads) == 1 and not process.ending:
            process.ending = True
            process.cpu = self._meter.remove(process.pid)
            process.page = None
        self._leave_terminal(thread)
        thread.call = None
        self._resume(thread)

    def _leave_terminal(self, thread: TracedThread) -> None:
        """A thread is gone. If it was killed in a write, what came out of the terminal is its."""
        queue = self._run.terminal
        if queue.is_writing(thread) and isinstance(thread.call, Write):
            data = bytearray()
            while select.select([self._terminal], [], [], _TERMINAL_QUIET_S)[0]:
                data += self._terminal.read()
            recorder = self._recorder
            surplus = recorder.output.bytes_seen + len(data) - recorder.output.bytes_written
            if surplus > 0:
                recorder.wrote(thread.process.number, thread.call.stream, surplus)
            recorder.terminal_said(bytes(data))
        queue.leave(thread)

    def _died(self, stop: ptrace.Stop) -> None:
        thread = self._tree.threads.get(stop.tid)
        if thread is None:
            self._early[stop.tid] = stop
            return
        self._leave_terminal(thread)
        process = thread.process
        if thread.tid != process.pid:
            self._tree.thread_died(thread)
            return
        if not process.ending:
            process.cpu = self._meter.remove(process.pid)
        status = os.waitstatus_to_exitcode(stop.status)
        self._recorder.ended(
            process.number,
            status if status >= 0 else None,
            -status if status < 0 else None,
            process.cpu,
        )
        for timer in [each for each in self._run.file_timers if each.owner is process]:
            self._run.file_timers.remove(timer)
            timer.close()
        self._tree.process_died(process)

    # Between stops

    def _idle(self) -> None:
        if everybody_blocked(self._tree):
            self._at_standstill()
            return
        self._time.fire_due()
        self._check_limits()
        self._time.refresh_stale_pages()
        self._let_others_run()

    def _let_others_run(self) -> None:
        """Supervisor and submission share a processor: give it away, and soon for longer."""
        self._yields += 1
        if self._yields <= _YIELDS:
            os.sched_yield()
        else:
            signal.sigtimedwait([signal.SIGCHLD], _NAP_S)

    def _at_standstill(self) -> None:
        if self._run.terminal.is_busy:
            select.select([self._terminal], [], [], _NAP_S)
            return
        deadlines = self._time.deadlines()
        if not deadlines:
            self._cannot_go_on()
            return
        first = min(deadlines)
        if first - self._clock.now() > self._limits.time_left():
            main_ended = self._recorder.has_ended(MAIN)
            self._end(self._outcome_of_main() if main_ended else Outcome.TIME_LIMIT)
        elif self._clock.is_virtual:
            self._clock.jump_past(first)
            self._time.refresh_stale_pages()
            self._time.fire_due()
        else:
            self._check_limits()
            signal.sigtimedwait([signal.SIGCHLD], _NAP_S)

    def _cannot_go_on(self) -> None:
        """Nobody will ever wake anybody."""
        if not self._still_blocked():
            return
        if self._recorder.has_ended(MAIN):
            self._end(self._outcome_of_main())
            return
        asker = waits_for_input(self._run)
        if asker is None:
            self._end(Outcome.DEADLOCK)
            return
        prompt = self._recorder.output.unended_line(asker.number)
        self._recorder.happened(AskedForInput(self._recorder.now(), asker.number, prompt))
        self._end(Outcome.WAITING_FOR_INPUT)

    def _still_blocked(self) -> bool:
        """Look again a little later: a verdict of deadlock is final."""
        before = [thread.files.run_counters() for thread in self._tree.threads.values()]
        if signal.sigtimedwait([signal.SIGCHLD], _SECOND_LOOK_S) is not None:
            return False
        after = [thread.files.run_counters() for thread in self._tree.threads.values()]
        return before == after and everybody_blocked(self._tree)

    def _check_limits(self) -> None:
        reached = self._limits.reached()
        if reached is not None:
            self._end(reached)

    def _drain_terminal(self) -> bool:
        data = self._terminal.read()
        if data:
            self._recorder.terminal_said(data)
        return bool(data)

    # The end

    def _end(self, outcome: Outcome) -> None:
        if self._outcome is None:
            self._outcome = outcome
            self._blocked = explain_blocked(self._run)

    def _outcome_of_main(self) -> Outcome:
        main = self._recorder.process(MAIN)
        if main.signal is not None or (main.exit_status and self._recorder.main_broke):
            return Outcome.CRASHED
        return Outcome.FINISHED

    def _kill_everybody(self) -> None:
        """Nobody of the tree is left afterwards, whatever it did to stay."""
        for process in self._tree:
            self._recorder.killed_by_grader(process.number)
        unborn = [tid for tid, stop in self._early.items() if not stop.exited]
        while True:
            for pid in [*self._tree.processes, *unborn]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            try:
                stop = ptrace.next_stop(block=True)
            except ChildProcessError:
                return
            assert stop is not None
            if stop.exited:
                self._died(stop)
                continue
            try:
                if stop.tid not in self._tree.threads:
                    os.kill(stop.tid, signal.SIGKILL)
                if stop.event == ptrace.Event.EXIT and stop.tid in self._tree.threads:
                    self._is_exiting(self._tree.threads[stop.tid])
                else:
                    ptrace.resume(stop.tid)
            except ProcessLookupError:
                continue

    def _drain_the_rest(self) -> None:
        """Read the terminal until every byte that was written has come out of it."""
        patience = time.monotonic() + _TERMINAL_PATIENCE_S
        recorder = self._recorder
        while (
            recorder.output.bytes_seen < recorder.output.bytes_written
            and time.monotonic() < patience
        ):
            if not self._drain_terminal():
                select.select([self._terminal], [], [], _NAP_S)
        self._drain_terminal()
        if recorder.output.bytes_seen != recorder.output.bytes_written:
            recorder.doubts.append(
                f"{recorder.output.bytes_written} bytes were written to the terminal, "
                f"but {recorder.output.bytes_seen} came out of it"
            )
