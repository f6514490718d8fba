"""``keeps-open``: how many connections a process still has when the run is over."""

from __future__ import annotations

from grader.checks.misfits import misfit_of
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict, failed, passed
from grader.exercise import KeepsOpen
from grader.messages import plural, say
from grader.trace.questions import process


def judge_keeps_open(wanted: KeepsOpen, scene: Scene) -> Verdict:
    """Whether each one has closed its connections, up to so many."""
    misfit = misfit_of(scene, wanted.who)
    if misfit is not None:
        return misfit
    for number in scene.cast.of(wanted.who):
        count = process(scene.trace, number).connections
        if count > wanted.at_most:
            return failed(
                plural(
                    "{name} had {count} connection open to the last.",
                    "{name} had {count} connections open to the last.",
                    count,
                    name=scene.subject(number),
                ),
                why=say(
                    "A process that is forked gets a copy of every connection. For the other side "
                    "a connection is over only when all copies of it are closed."
                ),
                next=say("Who has a copy of each connection, and who of them still needs it?"),
                about=[number],
            )
    return passed()
