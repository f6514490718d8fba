"""One Exercise and one Submission make one Grade: the whole flow on one screen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from grader.checks import JudgeContext, Status, note_on
from grader.checks.registry import is_of_code
from grader.exercise import Exercise
from grader.grading.comparing import compare
from grader.grading.exploring import Exploration, explore, may_differ, replay
from grader.grading.judged import JudgedRun
from grader.grading.refusal import judge_refused, refusal_of
from grader.grading.result import Grade, Judgement
from grader.grading.runs import Budget, Runner
from grader.grading.self_check import (
    as_self_check,
    confirmed,
    delays,
    explore_by_delays,
    observe_all,
    start_methods_here,
    without_what_was_not_run,
)
from grader.limits import Limits
from grader.messages import Text, say
from grader.options import Options
from grader.plan import CannotSuperviseError, KernelRefusedError, Plan
from grader.schedules import Schedule
from grader.source import code_of
from grader.submission import Submission
from grader.trace import Trace, Witness
from grader.trace.naming import verbatim

Progress = Callable[[Sequence[Schedule], Trace | None], None]
"""Called with the schedules that are about to be tried, and a run in which the processes and lines
that they name can be looked up; None before the first run."""

_REPETITIONS = 2
"""How often a run is made again that could not be seen whole."""


def grade(
    exercise: Exercise,
    submission: Submission,
    options: Options = Options(),
    runner: Runner | None = None,
    progress: Progress = lambda schedules, known: None,
) -> Grade:
    """Run a submission under every start method of the exercise, and under other schedules where
    those can tell right from lucky; judge what was seen.

    A script that Python itself refuses is not run, and the grade says why. Where the kernel can be
    no witness, and its word is not insisted upon, the script's own is taken.

    Args:
        exercise: what is asked for.
        submission: what was handed in.
        options: what the caller decides.
        runner: runs plans; None: the supervisor does, or the script is asked itself, as the
            options say. Tests give hand-written traces instead.
        progress: is called with the schedules that are being tried.

    Raises:
        grader.plan.CannotSuperviseError: nothing can be run on this machine.
        grader.exercise.FamilyError: a check of another package could not be used.
    """
    refusal = refusal_of(submission, by_another_python=options.python is not None)
    if refusal is not None:
        judgements = judge_refused(exercise, refusal)
        return Grade(exercise, submission, judgements, runs=(), note=refusal.happened)
    if options.witness == "script":
        options, runner = as_self_check(options), runner or observe_all
    try:
        with ExitStack() as held:
            runs = _reporting(progress, runner or _by_the_kernel(held))
            return _grade_by_runs(exercise, submission, options, runs)
    except CannotSuperviseError as error:
        refused = isinstance(error, KernelRefusedError)
        if options.witness != "auto" or not (refused or _is_kernel_refused()):
            raise
        if options.isolation != "auto":
            raise _not_shut_off(error, options) from error
    runs = _reporting(progress, observe_all)
    found = _grade_by_runs(exercise, submission, as_self_check(options), runs)
    no_ptrace, another = (
        say("ptrace or seccomp cannot be used here"),
        say("the system is not Linux"),
    )
    return replace(found, fell_back=no_ptrace if sys.platform == "linux" else another)


def _by_the_kernel(held: ExitStack) -> Runner:
    """
    Raises:
        grader.plan.CannotSuperviseError: this is another system than Linux.
    """
    if sys.platform != "linux":
        raise CannotSuperviseError(needs_linux())
    from grader.supervisor import WarmRunner  # which no other system can load

    return held.enter_context(WarmRunner())


def needs_linux() -> Text:
    """What is said where the kernel's witness is asked for on another system."""
    return say(
        "Grading by the kernel needs Linux, and this is {system}. --witness script makes a "
        "self-check here. On Windows, WSL2 will do; elsewhere, any Linux machine or virtual "
        "machine.",
        system=sys.platform,
    )


def _not_shut_off(error: CannotSuperviseError, options: Options) -> CannotSuperviseError:
    return CannotSuperviseError(
        say(
            "{reason} None is made here unasked, because --isolation {isolation} was asked for: "
            "leave that out to have one.",
            reason=error.reason,
            isolation=options.isolation,
        )
    )


def _is_kernel_refused() -> bool:
    if sys.platform != "linux":
        return True
    from grader.supervisor.obstacles import is_kernel_refused

    return is_kernel_refused()


def plans(exercise: Exercise, submission: Submission, options: Options) -> tuple[Plan, ...]:
    """One natural run for each start method, in the exercise's order."""
    limits = Limits(**exercise.run.limits.model_dump())
    # Where the submission may compute for longer, the supervisor may as well.
    limits = replace(limits, supervision=max(limits.supervision, 2 * limits.cpu))
    if exercise.run.files:
        given = {file.name: file for file in exercise.run.files}
        own = (file for file in submission.data if file.name not in given)
        submission = replace(submission, data=(*own, *given.values()))
    return tuple(
        Plan(
            submission,
            limits,
            options.clock or exercise.run.clock,
            start_method,
            options.python,
            peers=exercise.run.peers,
            dialogue=exercise.run.dialogue,
            ports=exercise.ports,
            reports=exercise.reports,
            kept_files=exercise.kept_files,
            isolation=options.isolation,
        )
        for start_method in (
            start_methods_here(exercise)
            if options.witness == "script"
            else exercise.run.start_method
        )
    )


def _reporting(progress: Progress, runner: Runner) -> Runner:
    known: Trace | None = None

    def run(plans: Sequence[Plan]) -> Sequence[Trace]:
        """The traces of ``runner``; before it runs, its schedules are reported."""
        nonlocal known
        progress([plan.schedule for plan in plans], known)
        traces = runner(plans)
        counted = next((each for each in traces if each.preemption_points), None)
        known = counted or known or traces[0]
        return traces

    return run


def _repeating(runner: Runner) -> Runner:
    """Make a run again that could not be seen whole: on a machine that is short of memory the next
    one often can. One that cannot be seen three times over stays in doubt.
    """

    def run(plans: Sequence[Plan]) -> Sequence[Trace]:
        """The traces of ``runner``, of the last repetition where one was in doubt."""
        traces = list(runner(plans))
        for _ in range(_REPETITIONS):
            doubtful = [index for index, trace in enumerate(traces) if trace.doubts]
            if doubtful:
                again = runner([plans[index] for index in doubtful])
                for index, trace in zip(doubtful, again, strict=True):
                    traces[index] = trace
        return traces

    return run


def _grade_by_runs(
    exercise: Exercise, submission: Submission, options: Options, runner: Runner
) -> Grade:
    """The grade of a script that can be run."""
    if options.witness != "script":  # on whose word a doubt is about what the script does
        runner = _repeating(runner)
    planned = plans(exercise, submission, options)
    traces = [trace for plan in planned for trace in runner([plan])]
    first = JudgedRun(JudgeContext(exercise, traces[0], submission, code_of(submission)))
    natural = [first, *(first.another(trace) for trace in traces[1:])]
    if first.trace.witness is Witness.SCRIPT:
        natural = [confirmed(run, plan, runner) for run, plan in zip(natural, planned, strict=True)]
        first = natural[0]
    budget = Budget(planned[0].limits)
    budget.spend(traces)
    exploration = _explore(planned[0], first, options, runner, budget)
    certain = (*natural, *exploration.breaking)
    judgements = compare(
        (*certain, *exploration.unjudged),
        exploration.by_chance,
        exploration.replayed,
        exploration.shown,
        exploration.unsaved,
    )
    judgements = without_what_was_not_run(
        judgements, exercise, [trace.start_method for trace in traces]
    )
    unjudged = tuple(run for run in exploration.unjudged if _is_unjudged(run, judgements))
    runs = tuple(dict.fromkeys((*certain, *exploration.shown.values(), *unjudged)))
    reported = _reported(judgements, natural, exploration.replayed)
    return Grade(
        exercise,
        submission,
        judgements,
        runs=tuple(run.trace for run in runs),
        note=_note((*(reported or natural), *unjudged)),
        tried=("natural", *exploration.tried),
        reported=tuple(run.trace for run in reported),
        untried=_untried(exploration, first, options),
        unconfirmed=exploration.unconfirmed,
        places=exploration.places,
    )


def _explore(
    plan: Plan, natural: JudgedRun, options: Options, runner: Runner, budget: Budget
) -> Exploration:
    if options.replay is not None:
        return replay(plan, natural, runner, options.replay)
    wanted = natural.context.exercise.run.schedules
    count = options.schedules or wanted.most
    if natural.trace.witness is Witness.SCRIPT:
        row = delays(natural)[: count - 1]
        return explore_by_delays(plan, natural, runner, row)
    least = None if options.schedules or wanted.until is None else wanted.count - 1
    return explore(plan, natural, runner, count - 1, options.seed, options.at_once, budget, least)


def _untried(exploration: Exploration, natural: JudgedRun, options: Options) -> Text | None:
    """That not all the schedules were tried that the exercise wants tried; None where they were, or
    where there is nothing to be found in them.
    """
    if natural.trace.witness is Witness.SCRIPT:
        return None  # a self-check says by itself that it is no more than that
    tried = 1 + len(exploration.tried)
    if exploration.is_cut_off:
        return say(
            "Event orders tried: {tried}. The others were left out: the program computes for so "
            "long, or asks the system for so many things, that watching it takes too much time.",
            tried=tried,
        )
    wanted = natural.context.exercise.run.schedules.count
    asked = 2 if options.replay is not None else options.schedules or wanted
    if asked >= wanted or not may_differ(natural):
        return None
    if tried == 1:
        return say(
            "Only one event order was tried, the one in which the machine ran the program by "
            "itself. Whether the program is right in others was not looked at."
        )
    return say(
        "Event orders tried: {tried} of {wanted}. Whether the program is right in the others was "
        "not looked at.",
        tried=tried,
        wanted=wanted,
    )


def _reported(
    judgements: Sequence[Judgement], natural: Sequence[JudgedRun], replayed: JudgedRun | None
) -> tuple[JudgedRun, ...]:
    """The runs that the report shows, where a student asked for a schedule and it broke something:
    that one, and after it the natural ones if some finding rests on them, too. Else none. What the
    source says rests on no run.
    """
    failures = [
        each.finding
        for each in judgements
        if each.finding.status not in (Status.PASSED, Status.SKIPPED) and not is_of_code(each.check)
    ]
    if replayed is None or all(each.schedule is None for each in failures):
        return ()
    return (replayed, *(natural if any(each.schedule is None for each in failures) else ()))


def _is_unjudged(run: JudgedRun, judgements: Sequence[Judgement]) -> bool:
    """Whether it is the reason why some check could not be judged."""
    return any(
        each.finding.status is Status.INCONCLUSIVE and each.finding.run is run.trace
        for each in judgements
    )


def _note(runs: Sequence[JudgedRun]) -> Text | None:
    """What the grade as a whole needs said: a run that did not end well, or was not seen whole."""
    for run in runs:
        if run.trace.doubts:
            doubt = verbatim(run.trace.doubts[0])
            return say("The grader could not see everything: {doubt}", doubt=doubt)
    notes = (note_on(run.context) for run in runs)
    return next((note for note in notes if note is not None), None)
