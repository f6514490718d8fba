"""``waited``: whether somebody really waited for the end of others."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.finding import Mark, Relation
from grader.checks.misfits import misfit_of, of_missing
from grader.checks.moments import Instant, Missing, find_moment
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict, failed, passed
from grader.exercise import Waited
from grader.messages import Text, say
from grader.trace import ProcessNumber, WaitedFor
from grader.trace.naming import seconds
from grader.trace.questions import end_of, waited_for

_MANY_POLLS = 50
"""From so many unsuccessful questions on, waiting by asking is worth a word."""


def judge_waited(wanted: Waited, scene: Scene) -> Verdict:
    """Whether the waiter learned of each one's end, before the moment if one is given."""
    misfit = misfit_of(scene, wanted.for_, wanted.by)
    if misfit is not None:
        return misfit
    before = None if wanted.before is None else find_moment(wanted.before, scene)
    if isinstance(before, Missing):
        return of_missing(before, scene)
    waiters = scene.cast.of(wanted.by)
    waits = {child: _wait(child, waiters, scene) for child in scene.cast.of(wanted.for_)}
    if wanted.never:
        return _never(list(waits.values()), before, scene)
    late = [
        (child, wait)
        for child, wait in waits.items()
        if wait is None or (before is not None and scene.position(wait) > before.position)
    ]
    if late:
        return _not_waited(waiters[0], late, before, scene)
    return passed(_how([wait for wait in waits.values() if wait is not None], scene))


def _never(waits: Sequence[WaitedFor | None], before: Instant | None, scene: Scene) -> Verdict:
    """Whether nobody was waited for. To ask once whether a process has ended is no wait."""
    for wait in waits:
        if (
            wait is not None
            and (before is None or scene.position(wait) < before.position)
            and (wait.how != "poll" or wait.polls >= _MANY_POLLS)
        ):
            values = {
                "waiter": scene.subject(wait.by),
                "name": scene.name(wait.child),
                "time": seconds(wait.at),
            }
            return failed(
                say("{waiter} waited for the end of {name}, until {time}.", **values)
                if wait.line is None
                else say(
                    "{waiter} waited for the end of {name} ({line}), until {time}.",
                    line=scene.line(wait.line),
                    **values,
                ),
                why=say("Here nobody needs this wait: the program does what it should without it."),
                next=say(
                    "What would happen to {name} if nobody waited for it?",
                    name=scene.name(wait.child),
                ),
                line=wait.line,
                about=[wait.by, wait.child],
            )
    return passed()


def _wait(child: ProcessNumber, waiters: Sequence[ProcessNumber], scene: Scene) -> WaitedFor | None:
    waits = [waited_for(scene.trace, child, waiter) for waiter in waiters]
    found = [wait for wait in waits if wait is not None]
    return min(found, key=scene.position, default=None)


def _how(waits: Sequence[WaitedFor], scene: Scene) -> Text | None:
    """A word on a wait that is right, but works the processor hard."""
    polls = [wait for wait in waits if wait.how == "poll"]
    count = sum(wait.polls for wait in polls)
    if count < _MANY_POLLS:
        return None
    return say(
        "{waiter} asked {count} times whether {name} had ended. That is right, but such a loop "
        "keeps a whole core busy. Is there a way to wait that costs nothing?",
        waiter=scene.subject(polls[0].by),
        count=count,
        name=scene.names([wait.child for wait in polls]),
    )


def _not_waited(
    waiter: ProcessNumber,
    late: Sequence[tuple[ProcessNumber, WaitedFor | None]],
    before: Instant | None,
    scene: Scene,
) -> Verdict:
    children = [child for child, _ in late]
    names, name, subject = scene.names(children), scene.name(waiter), scene.subject(waiter)
    if before is None:
        return failed(
            say("{waiter} never waited for the end of {names}.", waiter=subject, names=names),
            why=_why_not_waited(),
            next=say(
                "How could {waiter} notice that {names} has ended?",
                waiter=name,
                names=scene.name(children[-1]),
            ),
            about=[waiter, *children],
            missing=True,
        )
    last = max(children, key=scene.end)
    relation = Relation(Mark(last, scene.end(last)), before.mark, say("not waited for"))
    waited_later = all(wait is not None for _, wait in late)
    without = (
        say(
            "{waiter} waited for {names} only after {moment} at {time}.",
            waiter=subject,
            names=names,
            moment=before.text,
            time=seconds(before.at, [scene.end(last)]),
        )
        if waited_later
        else say(
            "{waiter} did not wait for {names} before {moment} at {time}.",
            waiter=subject,
            names=names,
            moment=before.text,
            time=seconds(before.at, [scene.end(last)]),
        )
    )
    return failed(
        say("{without} {state}", without=without, state=_state_then(last, before, scene)),
        why=_why_not_waited(),
        next=say(
            "What, in your script, makes {waiter} stop until {name} has ended?",
            waiter=name,
            name=scene.name(last),
        ),
        line=before.line,
        relations=(relation,),
        about=[waiter, *children],
    )


def _state_then(child: ProcessNumber, before: Instant, scene: Scene) -> Text:
    """Whether the child was still at work at that moment."""
    end = end_of(scene.trace, child)
    if end is None:
        return say("{name} had not ended when the run was over.", name=scene.subject(child))
    time = seconds(end.at, [before.at])
    if scene.position(end) > before.position:
        return say("{name} was at work until {time}.", name=scene.subject(child), time=time)
    return say(
        "{name} happened to be done already, at {time}.", name=scene.subject(child), time=time
    )


def _why_not_waited() -> Text:
    return say("`start()` does not wait: it comes back at once, while the child works.")
