"""What each ptrace stop means, and what is to be done at it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from grader.supervisor import procfs, ptrace
from grader.supervisor.architecture import Registers
from grader.supervisor.calls import call_types
from grader.supervisor.calls.answered import ClockRead
from grader.supervisor.clock import CpuMeter
from grader.supervisor.console import Console
from grader.supervisor.memory import Memory
from grader.supervisor.run import Run
from grader.supervisor.scheduling import Scheduler, WorkMeter
from grader.supervisor.spinning import note_clock_read
from grader.supervisor.timekeeping import Timekeeper
from grader.supervisor.tree import READ_COST, ClockPage, TracedProcess, TracedThread
from grader.supervisor.vdso import KilledError, VdsoClock
from grader.trace import Nanoseconds, StartMethod

_THREADS = "threads"
"""What a run's `wanted_reports` have where an exercise asks for threads."""
_YIELDS = 100
_NAPS, _NAP_S = 4000, 0.0005
"""How patiently the end of a process is awaited that is on its way out."""
_MULTIPROCESSING = re.compile(
    r"(?:import sys; ?)?from multiprocessing\.(resource_tracker|forkserver|spawn) import \w*main\b"
)
"""How the program begins that multiprocessing gives to ``python -c``; the fork server's begins
with ``import sys`` from 3.14.8 on (gh-144503)."""
_GROUP_STOPS = frozenset({signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})


def multiprocessing_program(command: Sequence[str]) -> str | None:
    """Which module of multiprocessing a command line runs (``resource_tracker``, ``forkserver``
    or ``spawn``); None if it runs another program.
    """
    found = (_MULTIPROCESSING.match(part) for part in command)
    return next((program[1] for program in found if program is not None), None)


class StopHandler:
    """Handles stops one after another, and lets the threads go on."""

    def __init__(self, run: Run, time: Timekeeper, meter: CpuMeter) -> None:
        self._run = run
        self._time = time
        self._meter = meter
        self._architecture = run.architecture
        self._clock = run.clock
        self._tree = run.tree
        self._recorder = run.recorder
        self._consoles: Sequence[Console] = ()
        self._scheduler: Scheduler | None = None
        self._work_meter: WorkMeter | None = None
        self._call_types = call_types(run.architecture)
        self._vdso = VdsoClock(run.architecture)
        self._early: dict[int, ptrace.Stop] = {}
        """Stops of threads whose birth event has not come yet."""
        self._killed_unborn: set[int] = set()
        """Threads that were on their way out before that."""

    def watch(self, consoles: Sequence[Console]) -> None:
        """These are the terminals that threads may be writing to when they die."""
        self._consoles = consoles

    def attach_scheduler(self, scheduler: Scheduler) -> None:
        """Let threads go only when it says so."""
        self._scheduler = scheduler

    def attach_work_meter(self, meter: WorkMeter) -> None:
        """Measure what threads compute between their steps."""
        self._work_meter = meter

    @property
    def unborn(self) -> list[int]:
        """Threads that are stopped at their birth, of which no event has told yet."""
        return [tid for tid, stop in self._early.items() if not stop.exited]

    def handle(self, stop: ptrace.Stop) -> None:
        """Do what a stop asks for, and let the thread go on unless it is held."""
        if stop.exited:
            self.died(stop)
            return
        thread = self._tree.threads.get(stop.tid)
        if thread is None:
            self._before_birth(stop)
            return
        thread.stopped = True
        thread.in_group_stop = False
        try:
            charged = self._time.collect_charge(thread.process)
            entry = self._registers_at_entry(thread, stop)
            if self._scheduler is not None and self._scheduler.intercept(
                thread, stop, entry, charged, partial(self._go, thread, stop, charged)
            ):
                return
            self._dispatch(thread, stop, entry, charged)
        except ProcessLookupError:
            return  # killed at its stop: its death is still to come

    def _before_birth(self, stop: ptrace.Stop) -> None:
        """A child's first stop may come before its parent's fork event (ptrace(2)): it waits until
        its parent has told which process it is of. A thread that is killed with its process is not
        told of any more, and nobody of the process ends before it has.
        """
        if stop.event == ptrace.Event.EXIT:
            try:
                is_thread = procfs.read_status(stop.tid).thread_group != stop.tid
            except OSError:
                return  # it is gone
            if is_thread:
                self._early.pop(stop.tid, None)
                self._killed_unborn.add(stop.tid)
                with suppress(ProcessLookupError):
                    ptrace.resume(stop.tid)
                return
        self._early[stop.tid] = stop

    def _registers_at_entry(self, thread: TracedThread, stop: ptrace.Stop) -> Registers | None:
        """Of a thread that enters a trapped call; None: it does not, or enters the same once more.

        Raises:
            ProcessLookupError: it was killed at its stop.
        """
        if stop.event == ptrace.Event.SECCOMP and thread.call is None:
            return Registers(thread.tid, self._architecture)
        return None

    def _go(self, thread: TracedThread, stop: ptrace.Stop, charged: Nanoseconds) -> None:
        """What was to be done at a stop where the thread was held."""
        try:
            # Read once more: of a thread that was killed meanwhile nothing is to be written down.
            self._dispatch(thread, stop, self._registers_at_entry(thread, stop), charged)
        except ProcessLookupError:
            return  # killed while it was held

    def _yield(self, thread: TracedThread) -> None:
        """Let the thread go on, but not necessarily before others."""
        if self._scheduler is not None and self._recorder.is_ready:
            self._scheduler.hold(thread, partial(self.resume, thread))
        else:
            self.resume(thread)

    def _dispatch(
        self,
        thread: TracedThread,
        stop: ptrace.Stop,
        entry: Registers | None,
        charged: Nanoseconds,
    ) -> None:
        if stop.event == ptrace.Event.SECCOMP:
            self._entered_call(thread, entry, charged)
        elif stop.in_syscall:
            self._at_syscall_stop(thread)
        elif stop.event in (ptrace.Event.FORK, ptrace.Event.VFORK, ptrace.Event.CLONE):
            self._gave_birth(thread, vfork=stop.event == ptrace.Event.VFORK)
        elif stop.event == ptrace.Event.EXEC:
            self._executed_program(thread)
        elif stop.event == ptrace.Event.EXIT:
            self.is_exiting(thread)
        elif stop.event == ptrace.Event.STOP:
            self._at_event_stop(thread, stop)
        elif stop.event == ptrace.Event.VFORK_DONE:
            self.resume(thread)
        else:
            self.resume(thread, stop.signal)

    def resume(
        self, thread: TracedThread, deliver: int = 0, *, sees_no_clock: bool = False
    ) -> None:
        """Let it go on. ``sees_no_clock``: until its next stop none of its process's own code is
        executed, so that its clock page need not be up to date.
        """
        process = thread.process
        thread.stopped = False
        try:
            if process.page is not None and not sees_no_clock:
                self._time.write_page(process, process.page)
            # Only where the exit of its call is of interest: that is a stop for every call on the
            # way, and each stop costs as much as some hundred calls.
            if thread.call is not None:
                ptrace.resume_to_syscall_stop(thread.tid, deliver)
            else:
                ptrace.resume(thread.tid, deliver)
        except ProcessLookupError:
            return

    def let_die(self, thread: TracedThread) -> None:
        """It was killed. Who was held at its own end does not notice that (ptrace(2))."""
        if thread.stopped:
            thread.stopped, thread.call = False, None
            self.resume(thread)

    def _entered_call(
        self, thread: TracedThread, registers: Registers | None, charged: Nanoseconds
    ) -> None:
        kind = None if registers is None else self._call_types.get(registers.number)
        if kind is None or registers is None or not thread.process.executed:
            self.resume(thread)
            return
        process = thread.process
        if kind is ClockRead:
            note_clock_read(self._run, process, charged, self._meter.of(process.pid))
        else:
            process.read_step, process.reads_in_row = READ_COST, 0
        call = kind(self._run, thread, registers)
        if self._work_meter is not None and kind.is_step(self._run, registers):
            self._work_meter.at_step(thread)
        wants_exit = call.enter()
        if call.ends_polling:
            process.fruitless_polls = 0
        if call.may_wake_others:
            self._time.invalidate_clock_pages()
        thread.interrupted = None
        thread.call = call if wants_exit else None
        if call.begins_thread and self._scheduler is not None:
            self._scheduler.at_beginning(thread, partial(self.resume, thread))
        elif call.change_point is not None and self._scheduler is not None:
            self._scheduler.at_change_point(thread, call, partial(self.resume, thread))
        elif not call.held:
            alone_in_call = wants_exit and len(process.threads) == 1
            self.resume(thread, sees_no_clock=alone_in_call)

    def _at_syscall_stop(self, thread: TracedThread) -> None:
        call = thread.call
        enters_again = call is not None and (call.wants_entry_again or self._scheduler is not None)
        if call is None or (enters_again and ptrace.at_syscall_entry(thread.tid)):
            self.resume(thread)
            return
        call.leave(Registers(thread.tid, self._architecture))
        if not call.wants_entry_again:
            thread.call = None
        self.resume(thread)

    def _at_event_stop(self, thread: TracedThread, stop: ptrace.Stop) -> None:
        if not thread.begun:
            thread.begun = True
            if thread.number == 0:
                self._recorder.began(thread.process.number)
            self.resume(thread)
        elif stop.signal in _GROUP_STOPS:
            thread.in_group_stop = True
            ptrace.listen(thread.tid)
        else:
            self.resume(thread)

    def _gave_birth(self, parent: TracedThread, *, vfork: bool) -> None:
        tid = ptrace.event_message(parent.tid)
        try:
            if tid not in self._killed_unborn:
                self._add_newborn(parent, tid, vfork=vfork)
        except OSError:
            self._recorder.died_unseen()
        self._yield(parent)
        early = self._early.pop(tid, None)
        if early is not None:
            self.handle(early)

    def _add_newborn(self, parent: TracedThread, tid: int, *, vfork: bool) -> None:
        """
        Raises:
            OSError: it is gone already.
        """
        status = procfs.read_status(tid)
        if status.thread_group != tid:
            process = self._tree.processes[status.thread_group]
            newborn = self._tree.born_thread(tid, status.namespace_pid, process)
            announced, parent.starting = parent.starting, None
            if announced is not None:
                process.threads_started += 1
                newborn.student_number = process.threads_started
                self._recorder.counting.thread_started(
                    process.number, newborn.student_number, newborn.number, announced
                )
                if _THREADS in self._run.wanted_reports:
                    self._recorder.counting.thread_seen(
                        process.number, newborn.student_number, announced, parent.student_number
                    )
            return
        process = self._tree.born_process(
            tid, status.namespace_pid, vfork_parent=parent if vfork else None
        )
        process.executed = True
        process.has_probe = parent.process.has_probe and not vfork
        process.catches_child_signals = parent.process.catches_child_signals
        self._tree.born_thread(tid, status.namespace_pid, process)
        process.locks.update(parent.process.locks)
        self._meter.add(tid)
        if parent.process.page is not None and not vfork:
            process.page = ClockPage(parent.process.page.address)
            process.page.unread_charge(process.memory)
        creator, method = parent.process.number, StartMethod.FORK
        callers = self._run.callers.get(self._run.fork_servers.get(creator, ""))
        if callers:
            creator, method = callers.pop(0), StartMethod.FORKSERVER
        self._recorder.child_started(
            process.number,
            status.namespace_pid,
            kernel_parent=parent.process.number,
            creator=creator,
            method=method,
        )

    def _executed_program(self, thread: TracedThread) -> None:
        process = thread.process
        kept_its_parent = process.vfork_parent is not None
        # Whichever thread calls execve, it has the number of the first one afterwards, and the
        # others are gone without a word (ptrace(2), "execve(2) under ptrace").
        former = self._tree.threads.get(ptrace.event_message(thread.tid))
        if former is not None and former is not thread:
            self._tree.thread_died(former)
        thread.call, thread.exiting = None, False
        process.page, process.vfork_parent, process.has_probe = None, None, False
        process.sentinels.clear()
        process.catches_child_signals = False  # an exec takes all handlers away (signal(7))
        process.locks.clear()
        process.places.clear()
        try:
            command = procfs.read_command(process.pid)
        except OSError:  # it was killed just now
            self.resume(thread)
            return
        begins_now = not process.executed and self._recorder.is_ready
        holder = self._scheduler if begins_now else None
        if process.executed:
            self._recognise(process, command)
        else:
            process.executed = True
            self._recorder.executed(process.number, command, None)
            if holder is None:
                self._recorder.began(process.number)
        try:
            memory = Memory(process.pid)
        except PermissionError:
            self._end_unseen(thread)
            return
        except OSError:  # it was killed just now
            self.resume(thread)
            return
        process.memory.close()
        process.memory = memory
        if self._clock.is_virtual:
            try:
                chance = self._run.randomness.draw_for_program(process.number)
                page = self._vdso.install(thread.tid, process.memory, chance)
            except KilledError as death:
                self.handle(death.stop)
                return
            process.page = None if page is None else ClockPage(page)
        if holder is not None:
            # Several peers may be on their way: what one does would make another begin later.
            holder.hold(thread, partial(self._begin_peer, thread))
        elif kept_its_parent and self._scheduler is not None:
            self._scheduler.executed(thread, partial(self.resume, thread))
        else:
            self.resume(thread)

    def _begin_peer(self, thread: TracedThread) -> None:
        self._recorder.began(thread.process.number)
        self.resume(thread)

    def _end_unseen(self, thread: TracedThread) -> None:
        """The kernel shows nobody the memory of a process whose program's file may only be executed
        (ptrace(2), "Ptrace access mode checking"). Nothing could be seen of what it does: it ends
        before its first instruction, and that is its own doing.
        """
        number = thread.process.number
        self._recorder.signalled(number, number, signal.SIGKILL)
        ptrace.kill(thread.process.pid)
        self.resume(thread)

    def _recognise(self, process: TracedProcess, command: tuple[str, ...]) -> None:
        """Tell multiprocessing's own programs by their command lines."""
        program = multiprocessing_program(command)
        if program is not None:
            self._run.start_ups.begin(process.pid)
        if program == "resource_tracker":
            self._recorder.is_helper(process.number, command)
        elif program == "forkserver":
            starter = self._recorder.creator_of(process.number)
            if starter is not None:
                address = self._run.last_listener.get(starter, "")
                self._run.fork_servers[process.number] = address
            self._recorder.is_helper(process.number, command)
        elif program == "spawn":
            self._recorder.executed(process.number, command, StartMethod.SPAWN)
        else:
            self._recorder.executed(process.number, command, StartMethod.SUBPROCESS)

    def is_exiting(self, thread: TracedThread) -> None:
        """A thread is at its PTRACE_EVENT_EXIT: nothing of it will be executed any more."""
        process = thread.process
        thread.exiting = True
        if thread.student_number is not None and _THREADS in self._run.wanted_reports:
            self._recorder.counting.thread_ended(process.number, thread.student_number)
        if not process.ending and all(each.exiting for each in process.threads.values()):
            process.ending = True
            self._recorder.came_to_places(process)
            # The last chance: the CPU clock of a process is gone when it is a zombie.
            process.cpu = self._meter.remove(process.pid)
            process.page = None
        self._let_go_of_terminal(thread)
        thread.call = None
        self.resume(thread)
        if process.ending:
            self._see_it_end(process)

    def _see_it_end(self, process: TracedProcess) -> None:
        """Wait for the end of a process that is on its way out, before anybody can learn of it.

        A closed pipe tells others of it before the kernel tells us.
        """
        looks = 0
        while process.threads and looks < _YIELDS + _NAPS:
            # Who was being born when it began to end is not known, and has to end as well.
            known = list(process.threads)
            for tid in known if looks < _YIELDS else [*known, *procfs.threads_of(process.pid)]:
                stop = _next_stop_of(tid)
                if stop is not None:
                    self.handle(stop)
            looks += 1
            if looks < _YIELDS:
                os.sched_yield()
            else:
                signal.sigtimedwait([signal.SIGCHLD], _NAP_S)

    def _let_go_of_terminal(self, thread: TracedThread) -> None:
        for console in self._consoles:
            console.leave(thread)

    def died(self, stop: ptrace.Stop) -> None:
        """A thread is gone, and with the first thread its process."""
        thread = self._tree.threads.get(stop.tid)
        if thread is None:
            if stop.tid in self._killed_unborn:
                self._killed_unborn.remove(stop.tid)
            else:
                self._early[stop.tid] = stop
            return
        self._let_go_of_terminal(thread)
        if self._scheduler is not None:
            self._scheduler.remove(thread)
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


def _next_stop_of(tid: int) -> ptrace.Stop | None:
    try:
        return ptrace.next_stop(tid=tid)
    except ChildProcessError:
        return None  # its end has been seen
