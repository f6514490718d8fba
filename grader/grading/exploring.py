"""Tells right from lucky: runs a submission under other schedules, and judges each run.

Schedules are tried until every check is settled or the exercise's number of them is reached. One
that breaks a check is made as small as it can be and run again to confirm it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from grader.checks import Status, fails_under_any_schedule
from grader.checks.registry import (
    Concern,
    concern_of,
    is_of_code,
    is_tolerable,
    is_unordered,
    may_break,
)
from grader.exercise import Check
from grader.grading.judged import JudgedRun
from grader.grading.result import Places, Unconfirmed
from grader.grading.runs import COUNTING, Budget, Runner, Runs, under_schedules
from grader.plan import Plan
from grader.schedules import (
    MUCH_LATER,
    Plain,
    Schedule,
    as_pauses,
    choose_schedules,
    meeting_places,
    shrink,
)
from grader.trace import Outcome, Printed, Trace
from grader.trace.canonical import canonical
from grader.trace.questions import created

START_ORDERS = (COUNTING, Schedule((Plain("parent-first"),)))
"""The schedules that show both ways in which a race can fall."""
_SIGNALS = frozenset(
    "set release notify notify_all put put_nowait task_done send send_bytes sendall".split()
)
"""Methods by which others can go on: of events, locks, conditions, queues, pipes, sockets."""
_STOPPED = frozenset(outcome for outcome in Outcome if outcome.value.endswith("-limit"))
_NUMBER = re.compile(r"\d+")
_CONFIRM_INEXACT = 3
"""How often a run must break a check again that does not go exactly the same way each time."""


@dataclass(frozen=True)
class Exploration:
    """The names of all schedules that were tried, and the runs of those that broke a check.

    ``unjudged``: the runs in which a check could not be judged that they could have broken.
    ``by_chance``: the checks that did not hold in the natural run and hold under another schedule.
    ``replayed``: the run of a schedule that was asked for by its name. It is among ``breaking``,
    whether it broke anything or not. ``unconfirmed``: what a schedule broke only once, and is not
    believed. ``is_cut_off``: more schedules would have been tried, but the submission was too
    expensive.
    ``shown``: of the checks for which one schedule is enough those that did not hold in the natural
    run, by their ids, each with the first run in which it held. ``unsaved``: the ids of the checks
    that hold under no schedule: that one held in the natural run, if it did, was chance.
    ``places``: how many there are, and were tried; None where they were not counted.
    """

    tried: tuple[str, ...]
    breaking: tuple[JudgedRun, ...]
    unjudged: tuple[JudgedRun, ...] = ()
    by_chance: frozenset[str] = frozenset()
    replayed: JudgedRun | None = None
    unconfirmed: tuple[Unconfirmed, ...] = ()
    is_cut_off: bool = False
    shown: Mapping[str, JudgedRun] = field(default_factory=dict)
    unsaved: frozenset[str] = frozenset()
    places: Places | None = None


class Explorer:
    """One submission's checks, under one schedule after another."""

    def __init__(
        self, plan: Plan, natural: JudgedRun, runner: Runner, at_once: int, budget: Budget
    ) -> None:
        self._natural = natural
        self._exercise = natural.context.exercise
        self._runs = Runs(plan, natural, runner, budget)
        self._at_once = at_once
        self._budget = budget
        self._open: list[Check] = []
        """Checks that held in the natural run, or could have, and have not been broken by another
        schedule."""
        self._is_wrong = False
        """Whether some check fails under both of `START_ORDERS`. What follows from that under
        other schedules is not luck: besides those two, only checks that must hold however late a
        process is are asked about."""
        self._unordered: list[Check] = []
        """Checks that only natural runs decide, and that may hold in this one."""
        self._start_runs: Sequence[JudgedRun] = ()
        self._tried: list[str] = []
        self._breaking: list[JudgedRun] = []
        self._by_chance: set[str] = set()
        self._unjudged: list[JudgedRun] = []
        self._unconfirmed: list[Unconfirmed] = []
        self._possible = [check for check in self._exercise.checks if check.possible]
        """Checks for which one schedule is enough."""
        self._shown = dict.fromkeys(natural.shown, natural)
        """Of these, the ones that hold under a schedule that was tried, each with the first."""
        self._failed: set[str] = set()
        """The ids of the checks that fail in the natural run and under both of `START_ORDERS`."""
        self._unsaved: list[Check] = []
        """Checks that fail under both of `START_ORDERS`, and under what else was tried: that they
        held in the natural run, if they did, is no more than chance."""
        self._doubtful: list[Check] = []
        """Of these, the ones that another schedule may save."""
        self._signals = {
            call.place.line
            for call in natural.context.code.calls
            if isinstance(call.node.func, ast.Attribute) and call.node.func.attr in _SIGNALS
        }

    def explore(self, how_many: int, seed: int = 0, least: int | None = None) -> Exploration:
        """Try at most so many schedules besides the natural one, and ``least`` of them; then no
        more than it takes to try every place. None: as many as may be.
        """
        self._baseline(how_many)
        is_cut_off = False
        asked = 0
        while asked < how_many:
            if least is not None and asked >= least and self._places().is_all:
                break
            batch = self._choose(how_many, seed)[asked:]
            if self._budget.is_used_up:
                known = [schedule for schedule in batch if schedule in self._runs.known]
                is_cut_off = len(known) < len(batch)
                batch, asked = known, how_many
            else:
                batch = batch[: self._at_once]
            if not batch:
                break
            for schedule, run in zip(batch, self._runs.under(batch), strict=True):
                if not self._is_worth_it(schedule):
                    continue  # one before it in the row has settled what it could have shown
                asked += 1
                self._note(schedule)
                self._note_unjudged(run)
                self._note_shown(run)
                self._breaking += self._found(run)
                self._note_saved(run)
        return Exploration(
            tuple(self._tried),
            tuple(self._breaking),
            tuple(self._unjudged),
            frozenset(self._by_chance),
            unconfirmed=tuple(self._unconfirmed),
            is_cut_off=is_cut_off,
            shown={name: run for name, run in self._shown.items() if run is not self._natural},
            unsaved=frozenset(check.id for check in self._unsaved),
            places=self._places() if self._start_runs else None,
        )

    def _places(self) -> Places:
        """How many there are, and were tried."""
        tried = {schedule for schedule in self._runs.known if str(schedule) in self._tried}
        delay = self._exercise.run.schedules.delay
        besides = [run.trace for run in self._start_runs]
        places = meeting_places(self._runs.counted, delay, self._signals, besides)
        return Places(sum(place.is_tried_by(tried) for place in places), len(places))

    def _baseline(self, how_many: int) -> None:
        """Decide what is wrong under any schedule and what is open, from the natural run and from
        those of `START_ORDERS`, and which checks failed in the natural one by chance.

        Where processes race, the natural run falls one way or the other. The feedback must not
        depend on that.
        """
        context, verdicts = self._natural.context, self._natural.verdicts
        wrong_in_any = {
            check.id for check in fails_under_any_schedule(context, verdicts) if not check.possible
        }
        self._unordered = [
            check
            for check in self._exercise.checks
            if is_unordered(check) and check.id not in wrong_in_any
        ]
        natural = self._broken_in(self._natural)
        self._start_runs = self._run_start_orders(how_many)
        others = [self._broken_in(run) for run in self._start_runs if not run.trace.doubts]
        wrong = wrong_in_any | (set.intersection(*others) if others else natural)
        self._is_wrong = bool(wrong)
        self._failed = natural & wrong
        self._by_chance = natural - wrong
        self._open = [
            check
            for check in self._exercise.checks
            if check.id not in self._failed and check not in self._possible
        ]
        self._unsaved = [
            check
            for check in self._exercise.checks
            if check.id in wrong - wrong_in_any and check not in self._possible and len(others) > 1
        ]
        self._doubtful = [check for check in self._unsaved if self._could_be_saved(check)]
        for run in self._start_runs:
            self._note_shown(run)

    def _could_be_saved(self, check: Check) -> bool:
        """Whether one more schedule may show that a check can hold that fails under both of
        `START_ORDERS`: no mistake explains it, and there is a race in what it is about.
        """
        found = [run.findings(self._settled_in(run))[check.id] for run in self._start_runs]
        if any(each.status is not Status.FAILED or each.mistake for each in found):
            return False
        said = [each.feedback.happened for each in found]
        words = {text and _NUMBER.sub("", text.in_language("en")) for text in said}
        lines = {
            tuple((line.by, line.text) for line in run.trace.of_kind(Printed))
            for run in self._start_runs
        }
        is_about_order = concern_of(check) in (Concern.ORDER, Concern.OVERLAP, Concern.TURNS)
        return len(lines) > 1 and (is_about_order or len(words) > 1)

    def _note_saved(self, run: JudgedRun) -> None:
        """What holds under one schedule has failed by chance under those that were run before."""
        saved = [
            check
            for check in self._doubtful
            if is_tolerable(run.schedule, self._exercise)
            and not run.trace.doubts
            and run.findings(self._settled_in(run))[check.id].status is Status.PASSED
        ]
        if not saved:
            return
        self._doubtful = [check for check in self._doubtful if check not in saved]
        self._unsaved = [check for check in self._unsaved if check not in saved]
        failed = [check for check in saved if check.id in self._failed]
        self._open += failed
        self._by_chance |= {check.id for check in failed}
        for start_run in self._start_runs if failed else ():
            self._breaking += self._found(start_run)

    def _run_start_orders(self, how_many: int) -> Sequence[JudgedRun]:
        """The runs that show how a race can fall; none where there can be no race."""
        if not may_differ(self._natural):
            return []
        row = START_ORDERS[:how_many]
        runs: list[JudgedRun] = []
        while len(runs) < len(row) and not self._budget.is_used_up:
            batch = row[len(runs) :][: self._at_once]
            for schedule in batch:
                self._note(schedule)
            runs += self._runs.under(batch)
        return runs

    def _choose(self, how_many: int, seed: int) -> Sequence[Schedule]:
        """The schedules that are worth their time, also those that were tried.

        What could no longer break anything once was tried when it could: the places of the others
        in the row stay the same. `START_ORDERS` have been tried already, and have their places.
        """
        delay = self._exercise.run.schedules.delay
        besides = [run.trace for run in self._start_runs]
        row = choose_schedules(
            self._runs.counted, how_many, delay, seed, self._is_worth_it, besides, self._signals
        )
        tried = [each for each in START_ORDERS if str(each) in self._tried]
        for room in range(how_many, -1, -1):
            missing = [each for each in tried if each not in row[:room]]
            if room + len(missing) <= how_many:
                return (*row[:room], *missing)
        return tuple(tried)

    def _is_worth_it(self, schedule: Schedule) -> bool:
        unshown = [check for check in self._possible if check.id not in self._shown]
        return (
            str(schedule) in self._tried
            or any(
                self._is_asked(schedule, check) and not is_unordered(check)
                for check in (*self._open, *unshown)
            )
            or (bool(self._doubtful) and is_tolerable(schedule, self._exercise))
        )

    def _note_shown(self, run: JudgedRun) -> None:
        """Keep in mind the first run in which a check holds that need not hold in each."""
        for check in run.shown:
            self._shown.setdefault(check, run)

    def _note(self, schedule: Schedule) -> None:
        if str(schedule) not in self._tried:
            self._tried.append(str(schedule))

    def _note_unjudged(self, run: JudgedRun) -> None:
        """Keep in mind a run that was not seen well enough to say what it broke: to take it for one
        that broke nothing would give points to whoever can bring that about.
        """
        findings = run.findings(self._settled_in(run))
        if any(
            findings[check.id].status is Status.INCONCLUSIVE and self._is_asked(run.schedule, check)
            for check in self._open
        ):
            self._unjudged.append(run)

    def _is_asked(self, schedule: Schedule, check: Check) -> bool:
        """Whether it counts that a schedule breaks a check."""
        if self._is_wrong and not check.any_duration and schedule not in START_ORDERS:
            return False
        return may_break(schedule, check, self._exercise)

    def _broken_in(self, run: JudgedRun) -> set[str]:
        """The ids of the checks that do not hold in a run. One that a very late process takes to a
        limit breaks none: who asks again and again may, and is right.
        """
        late = run.schedule.injected > MUCH_LATER * self._exercise.run.schedules.delay
        if late and run.trace.outcome in _STOPPED:
            return set()
        return {
            check
            for check, finding in run.findings(self._settled_in(run)).items()
            if finding.status in (Status.FAILED, Status.SKIPPED)
        }

    def _settled_in(self, run: JudgedRun) -> Collection[Check]:
        """The checks that it does not decide."""
        return [*self._possible, *(() if run.schedule.is_natural else self._unordered)]

    def _found(self, run: JudgedRun) -> Iterator[JudgedRun]:
        """The confirmed runs that break open checks, each of them as small as it can be. What
        they break is settled by them.
        """
        broken = self._newly_broken(run)
        while broken:
            confirmed = self._smallest(run, broken[0])
            settled = broken[:1]
            if confirmed is not None:
                yield confirmed
                settled += self._newly_broken(confirmed)
                self._open = [check for check in self._open if check not in settled]
            else:
                self._unconfirmed.append(Unconfirmed(str(run.schedule), broken[0].id))
            broken = [check for check in broken if check not in settled]

    def _newly_broken(self, run: JudgedRun) -> list[Check]:
        broken = self._broken_in(run)
        return [
            check
            for check in self._open
            if check.id in broken and self._is_asked(run.schedule, check)
        ]

    def _smallest(self, run: JudgedRun, check: Check) -> JudgedRun | None:
        """The run of the smallest schedule that breaks the check as well, and again; the first one
        if it came to no end.

        None: not even the first one breaks it again.
        """
        if run.trace.outcome is Outcome.EVENT_LIMIT:
            return run  # a flood is no chance, and each further run would cost as much
        runs = {run.schedule: run}

        def breaks(smaller: Schedule) -> bool:
            """Whether the check breaks under a smaller schedule, too."""
            if self._budget.is_used_up or not self._is_asked(smaller, check):
                return False
            runs[smaller] = self._runs.made(smaller)
            return check.id in self._broken_in(runs[smaller])

        delay = self._exercise.run.schedules.delay
        smallest = shrink(run.schedule, breaks, simpler=as_pauses(run.trace, delay))
        for candidate in dict.fromkeys((smallest, run.schedule)):
            confirmed = self._confirmed(runs[candidate], check)
            if confirmed is not None:
                return confirmed
        return None

    def _confirmed(self, run: JudgedRun, check: Check) -> JudgedRun | None:
        """The run, if its schedule breaks the check again; marked as not exact if that did not go
        exactly the same way.
        """
        is_exact = run.trace.exact
        times = 1 if is_exact or self._budget.is_used_up else _CONFIRM_INEXACT
        others = (each for each in self._runs.repeated(run.schedule) if each is not run)
        for again in islice(others, times):
            if check.id not in self._broken_in(again):
                self._note_unjudged(again)
                return None
            is_exact = is_exact and _went_alike(run.trace, again.trace)
        return run if is_exact is run.trace.exact else run.another(replace(run.trace, exact=False))


def _went_alike(trace: Trace, again: Trace) -> bool:
    """Whether the same happened, be it that the opcodes were counted in one of them only."""
    uncounted = replace(trace, opcodes=again.opcodes, preemption_points=again.preemption_points)
    return canonical(uncounted) == canonical(again)


def may_differ(natural: JudgedRun) -> bool:
    """Whether another schedule could change what the checks find."""
    checks = natural.context.exercise.checks
    races = bool(created(natural.trace) or natural.trace.threads)
    return races and not all(map(is_of_code, checks))


def explore(
    plan: Plan,
    natural: JudgedRun,
    runner: Runner,
    how_many: int,
    seed: int = 0,
    at_once: int = 1,
    budget: Budget | None = None,
    least: int | None = None,
) -> Exploration:
    """Try a submission under at most so many schedules besides the natural one.

    Args:
        plan: that of the natural run.
        natural: the natural run, judged.
        runner: runs plans.
        how_many: at most; none are tried where the natural run could not be seen whole, or had to
            be stopped at a limit: the others would take as long.
        seed: where the seeds of random schedules begin.
        at_once: how many plans the runner is given at a time.
        budget: what may still be spent; None: all of it.
        least: see `Explorer.explore`.

    Raises:
        grader.supervisor.CannotSuperviseError: nothing can be run on this machine.
    """
    trace = natural.trace
    if trace.doubts or trace.clock == "real" or how_many < 1 or trace.outcome in _STOPPED:
        return Exploration((), ())
    budget = budget or Budget(plan.limits)
    return Explorer(plan, natural, runner, at_once, budget).explore(how_many, seed, least)


def replay(plan: Plan, natural: JudgedRun, runner: Runner, schedule: Schedule) -> Exploration:
    """Run a submission under the one schedule that somebody asked for.

    Args:
        plan: that of the natural run.
        natural: the natural run, judged.
        runner: runs plans.
        schedule: the schedule. The natural one has been run, and is not run again.

    Raises:
        grader.supervisor.CannotSuperviseError: nothing can be run on this machine.
    """
    if schedule.is_natural:
        return Exploration((), ())
    (trace,) = runner([replace(under_schedules(plan, natural), schedule=schedule)])
    run = natural.another(trace)
    shown = dict.fromkeys(run.shown - natural.shown, run)
    return Exploration((str(schedule),), (run,), replayed=run, shown=shown)
