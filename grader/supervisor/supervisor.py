"""Runs one submission under ptrace on its own clock, from its first instruction to its last.

One single-threaded process supervises one run: all ptrace calls must come from the thread that
attached. Stops are handled one after another; when there is none, either somebody is running (and
time passes by the CPU time used) or everybody is blocked (and time jumps to the next deadline, or
the run can never go on).
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path

from grader.plan import Plan, files_left
from grader.sandbox import Isolation, Terminal, shared_memory_beside
from grader.schedules import preemption_counts
from grader.supervisor import ptrace
from grader.supervisor.architecture import Architecture
from grader.supervisor.blocked_intervals import BlockedIntervals
from grader.supervisor.clock import CpuMeter, clock_of
from grader.supervisor.console import Console
from grader.supervisor.deadline import DeadlinePassed, interruptible
from grader.supervisor.dialogue import Dialogue
from grader.supervisor.failures import NotReadyError
from grader.supervisor.finalizing import Finalizations
from grader.supervisor.in_flight import InFlight
from grader.supervisor.limits import LimitWatch
from grader.supervisor.peers import Peers
from grader.supervisor.programs import Starter
from grader.supervisor.reaping import Reaper
from grader.supervisor.recording import Recorder
from grader.supervisor.run import Randomness, Run
from grader.supervisor.scheduling import Scheduler, WorkMeter
from grader.supervisor.shares import Shares
from grader.supervisor.standstill import (
    all_blocked,
    explain_blocked,
    run_counters,
    serves,
    waits_for_input,
)
from grader.supervisor.start_ups import StartUps
from grader.supervisor.stops import StopHandler
from grader.supervisor.template import Template
from grader.supervisor.timekeeping import Timekeeper
from grader.supervisor.tree import Tree
from grader.supervisor.whereabouts import Inquiry, located
from grader.trace import MAIN, Blocked, Nanoseconds, Outcome, Trace
from grader.trace.tracebacks import last_words, outcome_of_main

_LOOK_AT_CLOCK_EVERY = 64
"""Stops between two looks at the clock while somebody runs."""
_YIELDS = 30
_NAP_S = 0.0005
_SECOND_LOOK_S = 0.02
_LEAVE_THEM_SOMEWHERE = frozenset(
    {
        *(Outcome.DEADLOCK, Outcome.TIME_LIMIT, Outcome.WAITING_FOR_INPUT),
        *(Outcome.CPU_LIMIT, Outcome.EVENT_LIMIT),
    }
)
"""Ends at which it is of interest where in its code each process stands."""
_NO_FAULT_BEFORE_READY = frozenset({None, Outcome.CPU_LIMIT, Outcome.WALL_LIMIT})
_GRACE: Nanoseconds = 2 * 10**9
"""How long the submission may go on when its peers and its dialogue are done."""


@dataclass(frozen=True)
class Surroundings:
    """Where a supervisor's runs take place: what all of them have in common.

    ``folder`` holds the submission; ``cpus`` are the processors that it is told of.
    """

    folder: str
    architecture: Architecture
    cpus: frozenset[int]
    isolation: Isolation


class Supervisor:
    """One run. Make it in a process of its own, that is a session leader, and call `run`."""

    def __init__(
        self,
        plan: Plan,
        surroundings: Surroundings,
        template: Template | None = None,
    ) -> None:
        """With a ``template`` main is a copy of it.

        Raises:
            TemplateError: the template was killed.
            OSError: there is no terminal to be had, or it was killed just now.
        """
        folder, isolation = surroundings.folder, surroundings.isolation
        self._plan = plan
        self._isolation = isolation
        self._adopted = None if template is None else template.copy()
        self._tree = Tree()
        self._meter = CpuMeter()
        self._clock = clock_of(plan.clock, self._meter, natural=plan.schedule.is_natural)
        self._recorder = Recorder(self._clock)
        in_flight = InFlight(self._tree, "network" in isolation.isolated)
        self._run = Run(
            architecture=surroundings.architecture,
            clock=self._clock,
            tree=self._tree,
            recorder=self._recorder,
            terminals=[],
            folder=folder,
            shared_memory=(shared_memory_beside(folder) if isolation.shares_files else None),
            cpus=surroundings.cpus,
            randomness=Randomness(plan.schedule.random.seed if plan.schedule.random else 0),
            start_ups=StartUps(self._meter, plan.limits.processes),
            in_flight=in_flight,
            shares=Shares(plan.limits, self._tree, in_flight),
            wanted_reports=plan.reports,
        )
        self._time = Timekeeper(self._run, self._meter)
        self._stops = StopHandler(self._run, self._time, self._meter)
        beside = {isolation.bwrap_pid} | ({template.pid} if template is not None else set())
        self._reaper = Reaper(self._run, self._stops, beside, isolation.reaper_pid)
        self._scheduler: Scheduler | None = None
        self._work = WorkMeter()
        if plan.schedule.is_natural:
            self._stops.attach_work_meter(self._work)
        else:
            self._scheduler = Scheduler(self._run, plan.schedule, plan.work)
            self._stops.attach_scheduler(self._scheduler)
            self._run.stretch = self._scheduler.stretch
            self._run.is_scheduled = True
        self._finalizations = Finalizations(
            self._tree,
            self._stops.resume,
            (lambda _: False) if self._scheduler is None else self._scheduler.release_writer,
        )
        changes = preemption_counts(plan.schedule)
        if changes or plan.counts_opcodes:
            self._run.change_points = changes
        self._consoles: list[Console] = []
        self._stops.watch(self._consoles)
        self._console = self._open_console()
        self._limits = LimitWatch(
            replace(plan.limits, time=plan.limits.time + plan.schedule.injected),
            self._tree,
            self._meter,
            self._recorder,
            self._console.record,
            (folder, *isolation.own_places(folder).values()),
            self._run.start_ups,
            in_flight,
            is_natural=plan.schedule.is_natural,
            counts_opcodes=self._run.change_points is not None,
        )
        self._starter = Starter(self._run, plan, self._meter, isolation)
        self._peers = Peers(plan, self._run, self._starter, self._open_console)
        self._run.stops_main_at_ready = self._peers.come_first
        self._dialogue = Dialogue(plan, self._run, self._console)
        self._blocked_intervals = BlockedIntervals(self._run)
        self._outcome: Outcome | None = None
        self._blocked: tuple[Blocked, ...] = ()
        self._stopped = False
        self._done_at: Nanoseconds | None = None
        """When peers and dialogue were found to be done."""
        self._handled = 0
        self._yields = 0

    def _open_console(self) -> Console:
        """The first is the submission's."""
        if self._adopted is not None and not self._consoles:
            terminal = self._adopted.terminal
        else:
            terminal = Terminal(controlling=not self._consoles)
        console = Console.at(terminal, self._recorder, self._stops.resume)
        self._consoles.append(console)
        self._run.terminals.append(console.queue)
        return console

    def run(self) -> Trace:
        """Run the plan to its end, or to its deadline. Nobody of the tree is left afterwards,
        unless the deadline has passed.

        Raises:
            OSError: the kernel or the container does not allow it.
            NotStartedError: the interpreter could not be executed.
            NotReadyError: it ended, or computed for ever, before it came to the submission.
        """
        try:
            with interruptible():
                self._run_to_the_end()
        except DeadlinePassed:
            self._cut_off()
        self._starter.check_main()
        if self._outcome in _NO_FAULT_BEFORE_READY and not self._recorder.is_ready:
            raise NotReadyError(last_words(self._recorder.journal.lines_of_main))
        self._dialogue.look_at_unended()
        return self._recorder.finish(
            self._outcome or self._outcome_of_main(),
            [console.record for console in self._consoles],
            blocked=self._blocked,
            clock=self._plan.clock,
            isolation=self._isolation.name,
            isolated=self._isolation.isolated,
            start_method=self._plan.start_method,
            folder=self._run.folder,
            work=tuple(self._work.work),
            steps=self._work.events if self._scheduler is None else self._scheduler.steps,
            exact=self._scheduler is None or self._scheduler.is_exact,
            schedule=self._plan.schedule,
            stopped=self._stopped,
            transcript=self._dialogue.transcript(),
            supervision=self._limits.supervision,
            files=files_left(Path(self._run.folder), self._plan.kept_files),
        )

    def _run_to_the_end(self) -> None:
        if self._adopted is None:
            self._starter.start_main(self._console)
        else:
            self._stops.resume(self._starter.adopt_main(self._adopted, self._console))
        while self._outcome is None and (self._tree.threads or self._last_words_start_a_peer()):
            self._turn()
        self._check_output()
        self._reaper.kill_all()
        for console in self._consoles:
            console.drain_the_rest()

    def _cut_off(self) -> None:
        """What has been seen so far is all that there is: nothing is done that might take long."""
        if self._tree.threads:
            self._outcome = self._outcome or Outcome.WALL_LIMIT
        self._reaper.mark_all()
        for console in self._consoles:
            console.drain()

    def _last_words_start_a_peer(self) -> bool:
        """Whether a line that came out when everybody had ended is what a peer waits for."""
        self._drain_consoles()
        self._peers.start_those_due()
        return bool(self._tree.threads)

    def run_to_template(self) -> Template | None:
        """Start main and stop it before the student's first instruction (None: it never comes
        to that). The template's terminal stays open.

        Raises:
            OSError: the kernel or the container does not allow it.
            TemplateError: the kernel does not allow copies.
        """
        self._run.stops_main_at_ready = True
        self._starter.start_main(self._console)
        while self._tree.threads and self._outcome is None and self._run.ready_report is None:
            self._turn()
        if self._run.ready_report is None:
            self._reaper.kill_all()
            return None
        return Template(
            *self._run.ready_report,
            self._run.start_ups.of_main,
            self._console.terminal,
            self._run.architecture,
        )

    def _turn(self) -> None:
        """Handle one stop, or find something else to do."""
        if self._handle_stop():
            pass
        elif self._yields == 0:
            self._let_others_run()  # it is most likely they who are the next to do something
        elif self._drain_consoles():
            self._check_output()
        else:
            self._idle()
        if self._plan.peers:
            self._peers.start_those_due()
        if self._scheduler is None and not self._dialogue.is_done:
            self._drain_consoles()  # a program that never stands still has its lines heard, too
            self._dialogue.press_in_time()

    def _handle_stop(self) -> bool:
        """Whether there was one to handle."""
        stop = ptrace.next_stop()
        if stop is None:
            return False
        self._yields = 0
        self._stops.handle(stop)
        self._after_stop()
        return True

    def _drain_consoles(self) -> bool:
        drained = [console.drain() for console in self._consoles if console.expects_output]
        return any(drained)

    def _after_stop(self) -> None:
        self._handled += 1
        often = self._handled % _LOOK_AT_CLOCK_EVERY == 0
        if often:
            self._check_limits()
            self._finalizations.go_on()
            self._time.invalidate_clock_pages()
        if self._scheduler is None and (often or self._clock.take_charged()):
            self._time.fire_due()
        too_many = self._limits.too_many_alive()
        if too_many is not None:
            self._end(too_many)

    # Between stops

    def _idle(self) -> None:
        began = self._limits.supervision
        if self._finalizations.go_on():
            return
        if all_blocked(self._tree):
            # A thread that was on its way may have stopped or died since the last look.
            if not self._handle_stop():
                self._at_standstill()
            return
        if self._scheduler is None:
            self._time.fire_due()
            self._time.invalidate_clock_pages()
        else:
            self._scheduler.preempt_spinner()
        self._check_limits()
        self._let_others_run()
        self._limits.exempt_waiting(since=began)

    def _let_others_run(self) -> None:
        """Supervisor and submission share a processor: give it away, and soon for longer."""
        self._yields += 1
        if self._yields <= _YIELDS:
            os.sched_yield()
        else:
            signal.sigtimedwait([signal.SIGCHLD], _NAP_S)

    def _at_standstill(self) -> None:
        behind = [console for console in self._consoles if console.is_behind]
        if behind:
            behind[0].wait_for_output()
            return
        kept = self._starter.kept_main()
        if kept is not None:
            self._stops.resume(kept)
            return
        if self._scheduler is not None and self._scheduler.watch_sleepers():
            return
        if self._clock.is_virtual and self._time.watch_sockets():
            return
        if self._answer_question():
            return
        deadlines = self._time.deadlines()
        if self._scheduler is not None:
            if (
                self._time.fire_due()
                or self._dialogue.press_in_time()
                or self._scheduler.release_one()
            ):
                return
            deadlines += self._scheduler.release_times
        if (
            self._scheduler is None or not self._scheduler.release_times
        ) and self._dialogue.press_now():
            return
        if self._dialogue.deadline is not None:
            deadlines.append(self._dialogue.deadline)
        if not deadlines:
            if not self._finalizations.go_on(at_any_rate=True):
                self._cannot_go_on()
        elif self._others_are_long_done(min(deadlines)):
            self._stop()
        elif min(deadlines) - self._clock.now() > self._limits.time_left():
            self._time_is_up()
        elif self._clock.is_virtual:
            before = self._clock.now()
            self._clock.jump_past(min(deadlines))
            self._blocked_intervals.skipped(before)
            self._time.invalidate_clock_pages()
            self._time.fire_due()
        else:
            self._check_limits()
            signal.sigtimedwait([signal.SIGCHLD], _NAP_S)

    def _time_is_up(self) -> None:
        """Nothing more will happen within the time limit."""
        if self._recorder.has_ended(MAIN):
            self._end(self._outcome_of_main())
            return
        if self._clock.is_virtual:
            self._clock.jump_past(self._clock.now() + max(0, self._limits.time_left()))
        self._end(Outcome.TIME_LIMIT)

    def _answer_question(self) -> bool:
        """Type if the dialogue has come to that. Whether time must not pass yet."""
        if self._dialogue.is_done:
            return False
        if not self._still_blocked(0):
            return True
        reader = waits_for_input(self._run)
        return reader is not None and self._dialogue.asked(reader.number)

    def _cannot_go_on(self) -> None:
        """Nobody will ever wake anybody."""
        if not self._still_blocked(_SECOND_LOOK_S):
            return
        if self._time.kernel_ends_a_wait():
            self._check_limits()
            return
        if self._recorder.has_ended(MAIN):
            self._end(self._outcome_of_main())
            return
        reader = waits_for_input(self._run)
        if reader is not None and not self._dialogue.asked(reader.number):
            if self._plan.is_interactive and self._dialogue.is_done:
                self._stop()
            else:
                self._end(Outcome.WAITING_FOR_INPUT)
        elif reader is None:
            if self._plan.is_interactive and serves(self._run):
                self._stop()
            else:
                self._end(Outcome.DEADLOCK)

    def _others_are_long_done(self, next_deadline: Nanoseconds) -> bool:
        """Whether the submission goes on though nobody deals with it any more."""
        if not (self._plan.is_interactive and self._peers.are_done and self._dialogue.is_done):
            return False
        if self._done_at is None:
            self._done_at = self._clock.now()
        return next_deadline - self._done_at > _GRACE

    def _still_blocked(self, seconds: float) -> bool:
        """Look again a little later: a verdict of deadlock is final."""
        before = run_counters(self._tree)
        if signal.sigtimedwait([signal.SIGCHLD], seconds) is not None:
            return False
        return before == run_counters(self._tree) and all_blocked(self._tree)

    def _check_limits(self) -> None:
        reached = self._limits.reached()
        if reached is not None:
            self._end(reached)

    def _check_output(self) -> None:
        if self._limits.too_much_output():
            self._end(Outcome.OUTPUT_LIMIT)
        elif self._limits.too_many_events():
            self._end(Outcome.EVENT_LIMIT)

    # The end

    def _end(self, outcome: Outcome) -> None:
        if self._outcome is None:
            self._outcome = outcome
            self._blocked = explain_blocked(self._run)
            if outcome in _LEAVE_THEM_SOMEWHERE:
                self._blocked = located(self._blocked, Inquiry(self._run, self._stops).lines())

    def _stop(self) -> None:
        """All that was to be seen has been seen."""
        self._stopped = True
        self._end(Outcome.FINISHED)

    def _outcome_of_main(self) -> Outcome:
        main = self._recorder.process(MAIN)
        pressed = self._dialogue.pressed_key and self._dialogue.is_done
        said = self._recorder.journal.lines_of_main
        outcome, by_key = outcome_of_main(main.exit_status, main.signal, said, pressed=pressed)
        self._stopped = self._stopped or by_key
        return outcome
