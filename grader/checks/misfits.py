"""The verdict on a check whose cast the run does not have."""

from __future__ import annotations

from grader.checks.cast import Misfit
from grader.checks.moments import Missing
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict, failed, inconclusive
from grader.messages import say


def misfit_of(scene: Scene, *names: str) -> Verdict | None:
    """What to say when one of the names stands for too few or too many; else None."""
    for name in names:
        misfit = scene.cast.misfits.get(name)
        if misfit is not None:
            return of_misfit(misfit)
    return None


def of_misfit(misfit: Misfit) -> Verdict:
    """Everything that is asked of a name fails for one reason: who plays it is not there."""
    if misfit.unseen:
        return inconclusive(say("The grader could not see the names of the processes."))
    why = (
        say("This check speaks of processes that the run does not have.")
        if misfit.too_few
        else say("With more processes than the task asks for, it is not clear which are meant.")
    )
    return failed(
        misfit.happened,
        why=why,
        next=say("Which line of your script starts a process, and how often does it run?"),
        about=misfit.found,
        missing=misfit.too_few,
        shared_cause=f"cast:{misfit.name}",
    )


def of_missing(missing: Missing) -> Verdict:
    """A moment that the check speaks of did not come about."""
    if missing.misfit is not None:
        return of_misfit(missing.misfit)
    return failed(
        missing.happened,
        why=say("What did not happen cannot be compared with anything."),
        next=say("Which line of your script should bring it about, and is that line reached?"),
        about=missing.about,
        missing=True,
    )
