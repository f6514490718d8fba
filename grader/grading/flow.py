"""One Exercise and one Submission make one Grade: the whole flow on one screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from grader import exercise as exercise_language
from grader import supervisor
from grader.checks import Scene, Status, note_on
from grader.checks.code import code_of
from grader.exercise import Exercise, parse_pattern
from grader.grading.comparing import judge
from grader.grading.exploring import Exploration, Runner, explore, replay
from grader.grading.refusal import judge_refused, refusal_of
from grader.grading.result import Grade, Judgement
from grader.limits import Limits
from grader.messages import Text, say
from grader.options import Options
from grader.submission import SourceFile, Submission
from grader.supervisor import Plan, WarmRunner
from grader.trace import Trace
from grader.trace.naming import verbatim

__all__ = ["Options", "Progress", "grade", "plans"]

Progress = Callable[[str], None]
"""Is told the name of each event order before it is tried."""


def grade(
    exercise: Exercise,
    submission: Submission,
    options: Options = Options(),
    runner: Runner | None = None,
    progress: Progress = lambda order: None,
) -> Grade:
    """Run a submission under every start method of the exercise, and under other event orders
    where that can tell right from lucky; judge what was seen.

    A script that Python itself refuses is not run, and told as such.

    Args:
        exercise: what is asked for.
        submission: what was handed in.
        options: what the caller decides.
        runner: runs plans; None: the supervisor does. Tests give hand-written traces instead.
        progress: is told which event orders are being tried.

    Raises:
        grader.supervisor.CannotSuperviseError: nothing can be run on this machine.
        grader.exercise.FamilyError: a check of another package could not be used.
    """
    refusal = refusal_of(submission, by_another_python=options.python is not None)
    if refusal is not None:
        judgements = judge_refused(exercise, refusal)
        return Grade(exercise, submission, judgements, runs=(), note=refusal.happened)
    if runner is not None:
        return _graded(exercise, submission, options, _telling(progress, runner))
    with WarmRunner() as warm:
        return _graded(exercise, submission, options, _telling(progress, warm))


def _graded(exercise: Exercise, submission: Submission, options: Options, runner: Runner) -> Grade:
    """The grade of a script that can be run."""
    planned = tuple(plans(exercise, submission, options))
    natural = tuple(trace for plan in planned for trace in runner([plan]))
    exploration = _explore(exercise, planned[0], natural[0], options, runner)
    runs = (*natural, *exploration.breaking)
    judgements = judge(exercise, runs, submission, exploration.by_chance, exploration.replayed)
    told = _told(judgements, natural, exploration.replayed)
    note = _note(exercise, submission, told or natural)
    tried = ("natural", *exploration.tried)
    return Grade(exercise, submission, judgements, runs, note, tried, told)


def _told(
    judgements: Sequence[Judgement], natural: Sequence[Trace], replayed: Trace | None
) -> tuple[Trace, ...]:
    """The runs that are told, where a student asked for an order and it broke something: that
    one, and after it the natural ones if something is told of them, too. Else none. What the
    code says is told of no run.
    """
    telling = [
        each.finding
        for each in judgements
        if each.finding.status not in (Status.PASSED, Status.SKIPPED)
        and each.check.relation != "source"
    ]
    if replayed is None or all(each.schedule is None for each in telling):
        return ()
    return (replayed, *(natural if any(each.schedule is None for each in telling) else ()))


def _explore(
    exercise: Exercise,
    plan: Plan,
    natural: Trace,
    options: Options,
    runner: Runner,
) -> Exploration:
    if options.replay is not None:
        return replay(plan, natural, runner, options.replay)
    count = options.schedules or exercise.run.schedules.count
    return explore(
        exercise,
        plan,
        natural,
        runner,
        count - 1,
        options.seed,
        options.at_once,
    )


def _telling(progress: Progress, runner: Runner) -> Runner:
    def told(plans: Sequence[Plan]) -> Sequence[Trace]:
        progress(", ".join(str(plan.schedule) for plan in plans))
        return runner(plans)

    return told


def plans(exercise: Exercise, submission: Submission, options: Options) -> Iterable[Plan]:
    """One run for each start method, in the exercise's order."""
    for start_method in exercise.run.start_method:
        yield Plan(
            submission,
            Limits(**exercise.run.limits.model_dump()),
            options.clock or exercise.run.clock,
            start_method,
            options.python,
            peers=tuple(_peer(peer, exercise) for peer in exercise.run.peers),
            dialogue=_dialogue(exercise),
            ports=exercise.ports,
            isolation=options.isolation,
        )


def _peer(peer: exercise_language.Peer, exercise: Exercise) -> supervisor.Peer:
    begins: supervisor.Listening | supervisor.Printing | None = None
    if peer.begins is not None and peer.begins.listens is not None:
        begins = supervisor.Listening(peer.begins.listens)
    elif peer.begins is not None and peer.begins.prints is not None:
        begins = supervisor.Printing(parse_pattern(peer.begins.prints))
    content = exercise.programs[peer.program]
    program = SourceFile(Path(peer.program).name, content)
    return supervisor.Peer(peer.name, program, peer.args, begins)


def _dialogue(exercise: Exercise) -> tuple[supervisor.Step, ...]:
    return tuple(
        supervisor.Step(
            step_id,
            None if step.expect is None else parse_pattern(step.expect),
            step.send,
            step.press,
        )
        for step_id, step in zip(exercise.run.step_ids, exercise.run.dialogue, strict=True)
    )


def _note(exercise: Exercise, submission: Submission, traces: Sequence[Trace]) -> Text | None:
    """What the grade as a whole needs said: a run that did not end well, or was not seen whole."""
    for trace in traces:
        if trace.doubts:
            doubt = verbatim(trace.doubts[0])
            return say("The grader could not see everything: {doubt}", doubt=doubt)
    code = code_of(submission)
    notes = (note_on(Scene(exercise, trace, submission, code)) for trace in traces)
    return next((note for note in notes if note is not None), None)
