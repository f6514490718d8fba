"""What beginners get wrong about daemons."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.checks.diagnosis.model import Diagnosis, Explains
from grader.checks.ended import how_ended
from grader.checks.feedback import Feedback
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict
from grader.checks.words import quoted
from grader.exercise import MAIN_NAME, Check
from grader.messages import say
from grader.trace import Location, ProcessNumber
from grader.trace.questions import created, ended_by, process


def of_text_for_flag(scene: Scene) -> Iterator[Diagnosis]:
    """``daemon='False'``: a text that is not empty is true."""
    flags = _texts_for_flag(scene)
    daemons = frozenset(each.number for each in created(scene.trace) if each.daemon)
    if not flags or not daemons:
        return
    text, place = flags[0]

    def explains(check: Check, verdict: Verdict) -> bool:
        return check.relation in ("daemon", "ended", "prints") and bool(verdict.about & daemons)

    yield Diagnosis(
        "text-for-flag",
        Feedback(
            say(
                "{line} sets `daemon` to the text {value}, and that made it a daemon.",
                line=scene.line_as_subject(place),
                value=quoted(text),
            ),
            say("Every text that is not empty counts as true, whatever it says."),
            say("Which two values has Python for yes and no, and are they texts?"),
            place,
        ),
        explains,
        ("daemon",),
    )


def _texts_for_flag(scene: Scene) -> list[tuple[str, Location]]:
    """The texts given as ``daemon``, by keyword or by assignment."""
    values = [(each.place.file, each.given("daemon")) for each in scene.code.constructions]
    for file in scene.code.files:
        for node in file.nodes(ast.Assign):
            if any(
                isinstance(target, ast.Attribute) and target.attr == "daemon"
                for target in node.targets
            ):
                values.append((file.name, node.value))
    return [
        (value.value, Location(file, value.lineno))
        for file, value in values
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value
    ]


def of_swapped_flags(scene: Scene) -> Iterator[Diagnosis]:
    """The one that should be a daemon is none, and the other way round."""
    wrong: dict[bool, ProcessNumber] = {}
    for check in scene.exercise.checks:
        if check.daemon is not None and check.daemon.who not in scene.cast.misfits:
            for number in scene.cast.of(check.daemon.who):
                is_daemon = process(scene.trace, number).daemon
                if is_daemon is not None and is_daemon is not check.daemon.is_:
                    wrong[is_daemon] = number
    if len(wrong) == 2:
        yield Diagnosis(
            "flags-swapped",
            Feedback(
                say(
                    "{daemon} was a daemon and {other} was none. The task asks for it the other "
                    "way round.",
                    daemon=scene.subject(wrong[True]),
                    other=scene.name(wrong[False]),
                ),
                say(
                    "When main's own code is over, its daemons are ended at once, wherever they "
                    "are; for its other children main waits."
                ),
                say("Which of the two is to finish its work, whatever main does?"),
                process(scene.trace, wrong[True]).started_at,
            ),
            lambda check, verdict: check.relation == "daemon",
            ("daemon",),
        )


def of_cut_off(scene: Scene) -> Iterator[Diagnosis]:
    """A daemon is expected to finish, and main's end takes it along."""
    for each in created(scene.trace):
        if ended_by(scene.trace, each.number) == "shutdown":
            yield Diagnosis(
                "daemon-cut-off",
                Feedback(
                    say(
                        "{how}. It was in the middle of its work.",
                        how=how_ended(each.number, scene),
                    ),
                    say(
                        "A daemon is not waited for: as soon as main's own code is over, it is "
                        "ended, wherever it is in its work."
                    ),
                    say(
                        "How far does {name} get before main's code is over?",
                        name=scene.name(each.number),
                    ),
                    each.started_at,
                ),
                _unfinished_work(each.number, scene),
                ("prints", "ended"),
            )


def _unfinished_work(number: ProcessNumber, scene: Scene) -> Explains:
    silent = all(line.by != number for line in scene.spoken)

    def explains(check: Check, verdict: Verdict) -> bool:
        if number not in verdict.about:
            return False
        if check.time is not None:  # how long main takes, the daemon does not decide
            return silent or check.time.to.by != MAIN_NAME
        return verdict.missing or check.relation == "ended"

    return explains
