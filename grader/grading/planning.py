"""The plans of an exercise's runs: everything that the supervisor goes by."""

from __future__ import annotations

from pathlib import Path

from grader import exercise as exercise_language
from grader import supervisor
from grader.exercise import Exercise, parse_pattern
from grader.limits import Limits
from grader.options import Options
from grader.submission import SourceFile, Submission
from grader.supervisor import Plan


def plans(exercise: Exercise, submission: Submission, options: Options) -> tuple[Plan, ...]:
    """One natural run for each start method, in the exercise's order."""
    return tuple(
        Plan(
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
        for start_method in exercise.run.start_method
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
            tuple(each.compiled for each in step.expect),
            step.send,
            step.press,
            step.after or 0,
        )
        for step_id, step in zip(exercise.run.step_ids, exercise.run.dialogue, strict=True)
    )
