"""The verdict on a check whose cast the run does not have."""

from __future__ import annotations

from collections.abc import Collection

from grader.checks.cast import Misfit
from grader.checks.feedback import Feedback
from grader.checks.finding import Status
from grader.checks.moments import Missing
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict, failed, inconclusive
from grader.checks.words import code
from grader.exercise import Cast
from grader.messages import say
from grader.source import Call
from grader.trace import ProcessNumber, questions

FORKED = "forked"
"""The cause that checks share where a process was made without a `Process` object."""
_BY_HAND = ("os.fork", "os.forkpty")
_WHICH_LINE = say("Which line of your script starts a process, and how often does it run?")


def misfit_of(scene: Scene, *names: str) -> Verdict | None:
    """What to say when one of the names stands for too few or too many; else None."""
    for name in names:
        misfit = scene.cast.misfits.get(name)
        if misfit is not None:
            return of_misfit(misfit, scene)
    return None


def of_misfit(misfit: Misfit, scene: Scene) -> Verdict:
    """Everything that is asked of a name fails for one reason: who plays it is not there."""
    if misfit.unseen:
        return inconclusive(say("The grader could not see the names of the processes."))
    why = (
        why_too_few(scene.exercise.cast.get(misfit.name), misfit.found, scene)
        if misfit.too_few
        else why_another_number()
    )
    return Verdict(
        Status.FAILED,
        why.saying(misfit.happened),
        about=frozenset(misfit.found),
        missing=misfit.too_few,
        shared_cause=f"cast:{misfit.name}",
        suppress_hint=not misfit.too_few or hints_lead_away(misfit.found, scene),
    )


def hints_lead_away(found: Collection[ProcessNumber], scene: Scene) -> bool:
    """Whether a hint that speaks of process objects would: the code makes none, and either there
    are no processes or they were forked by hand.
    """
    return has_no_objects(scene) and (not found or bool(_forks(scene)))


def has_no_objects(scene: Scene) -> bool:
    """The code makes no process object, so what a hint says of one would lead away."""
    return not scene.code.unreadable and not scene.code.constructions


def without_object(number: ProcessNumber, scene: Scene) -> Verdict | None:
    """The verdict on a check that asks for what only a `Process` object says of a process, where
    this one was forked by hand and has no such object; None if it may have one.
    """
    who = questions.process(scene.trace, number)
    forks = _forks(scene)
    if who.name is not None or not forks:
        return None
    place = forks[0].place
    return failed(
        say(
            "{name} was made by {way} ({line}), and no `Process` object stands for it.",
            name=scene.subject(number),
            way=code(forks[0].name or ""),
            line=scene.line(place),
        ),
        why=say(
            "A process has its name, its class and its `daemon` from its `Process` object, and by "
            "that object others ask for it. `os.fork` makes none."
        ),
        next=say("Which class of `multiprocessing` stands for a process, and where do you use it?"),
        line=place,
        about=[number],
        missing=True,
        shared_cause=FORKED,
        suppress_hint=True,
    )


def _forks(scene: Scene) -> list[Call]:
    return [call for way in _BY_HAND for call in scene.code.calls_named(way)]


def why_too_few(described: Cast | None, found: Collection[ProcessNumber], scene: Scene) -> Feedback:
    """Why a name stands for fewer processes than it should, and what to ask oneself."""
    if described is not None and described.prints is not None:
        return Feedback(
            why=say(
                "Either no line of the script prints this text, or the process never came to it."
            ),
            next=say(
                "Which line of your script should print it, and which process runs that line?"
            ),
        )
    if found:
        return why_another_number()
    if has_no_objects(scene):
        return Feedback(
            why=say("Without another process, main does all the work itself, line after line."),
            next=say(
                "Which class of `multiprocessing` stands for a process, and where do you use it?"
            ),
        )
    return Feedback(
        why=say("Making a `Process` object does not start anything yet."), next=_WHICH_LINE
    )


def why_another_number() -> Feedback:
    """Why a name stands for another number of processes, and what to ask oneself."""
    return Feedback(
        why=say("Each time that a line which starts a process is executed, there is one more."),
        next=_WHICH_LINE,
    )


def of_missing(missing: Missing, scene: Scene) -> Verdict:
    """A moment that the check speaks of did not come about."""
    if missing.misfit is not None:
        return of_misfit(missing.misfit, scene)
    return Verdict(
        Status.FAILED,
        Feedback(
            missing.feedback.happened,
            why=say("This check waits for that moment, and it never came."),
            next=missing.feedback.next
            or say("Which line of your script should bring it about, and is that line reached?"),
        ),
        about=missing.about,
        missing=True,
    )
