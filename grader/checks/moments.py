"""The moments of an exercise, found in a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.checks.cast import Misfit
from grader.checks.feedback import Feedback
from grader.checks.finding import Mark
from grader.checks.lines import lines_like
from grader.checks.scene import Scene
from grader.checks.words import like, quoted
from grader.exercise import ANY_NAME, MAIN_NAME, Moment
from grader.messages import Text, say
from grader.trace import (
    MAIN,
    Event,
    Listened,
    Location,
    Nanoseconds,
    Printed,
    ProcessNumber,
    questions,
)


@dataclass(frozen=True)
class Instant:
    """A moment as it came about. ``text`` names it ("the end of p"), ``position`` is where its
    event stands among all. For a group it is the last one's.
    """

    at: Nanoseconds
    position: int
    process: ProcessNumber
    text: Text
    line: Location | None = None

    @property
    def mark(self) -> Mark:
        return Mark(self.process, self.at)


@dataclass(frozen=True)
class Missing:
    """A moment that did not come about: what is said of that, and whose doing it was.

    The feedback has a question only where one fits better than that for the line that should
    bring the moment about.
    """

    feedback: Feedback
    about: frozenset[ProcessNumber]
    misfit: Misfit | None = None


def find_moment(moment: Moment, scene: Scene) -> Instant | Missing:
    """The instant of a moment, or what there is of it instead."""
    if moment.prints is not None:
        return _printing(moment.prints, moment.by or ANY_NAME, scene)
    if moment.listens is not None:
        return _listening(moment.listens, moment.by or ANY_NAME, scene)
    if moment.waits_for is not None:
        return _waiting(moment.waits_for, moment.by or MAIN_NAME, scene)
    if moment.starts is not None:
        return _starting(moment.starts, scene)
    if moment.begins is not None:
        return _of_each(
            moment.begins,
            scene,
            lambda number: questions.beginning_of(scene.trace, number),
            lambda name: say("the first instruction of {name}", name=name),
            lambda lacking: say("{name} never began to work.", name=scene.subjects(lacking)),
        )
    if moment.ends is not None:
        return _of_each(
            moment.ends,
            scene,
            lambda number: questions.end_of(scene.trace, number),
            lambda name: say("the end of {name}", name=name),
            lambda lacking: say(
                "{name} had not ended when the run was over.", name=scene.subjects(lacking)
            ),
        )
    assert moment.code_ends is not None
    return _of_each(
        moment.code_ends,
        scene,
        lambda number: (
            questions.code_end(scene.trace, number) or questions.end_of(scene.trace, number)
        ),
        lambda name: say("the end of {name}'s own code", name=name),
        lambda lacking: say(
            "{name} never came to the end of its code.", name=scene.subjects(lacking)
        ),
    )


def _miscast(misfit: Misfit) -> Missing:
    """Who was to bring it about is not there, or is there too often."""
    return Missing(Feedback(misfit.happened), frozenset(misfit.found), misfit)


def _listening(port: int, by: str, scene: Scene) -> Instant | Missing:
    misfit = scene.cast.misfits.get(by)
    if misfit is not None:
        return _miscast(misfit)
    numbers = scene.cast.of(by)
    event = next(
        (
            each
            for each in scene.trace.events
            if isinstance(each, Listened) and each.port == port and each.by in numbers
        ),
        None,
    )
    if event is None:
        return _nobody_listens(port, scene)
    text = say("the moment from which on {name} accepts connections", name=scene.name(event.by))
    return Instant(event.at, scene.position(event), event.by, text)


def _nobody_listens(port: int, scene: Scene) -> Missing:
    other = next(
        (
            each
            for each in scene.trace.events
            if isinstance(each, Listened) and each.port is not None and each.by in scene.own
        ),
        None,
    )
    if other is None:
        happened = say("Nobody accepted connections at port {port}.", port=str(port))
        question = say("Which calls make a socket a server's?")
        return Missing(Feedback(happened, next=question), frozenset())
    happened = say(
        "Nobody accepted connections at port {port}; {name} did so at port {other}.",
        port=str(port),
        name=scene.name(other.by),
        other=str(other.port),
    )
    question = say("Where is the port of your server written, and which one does the task ask for?")
    return Missing(Feedback(happened, next=question), frozenset([other.by]))


def _starting(name: str, scene: Scene) -> Instant | Missing:
    if name == MAIN_NAME or any(peer.name == name for peer in scene.exercise.run.peers):
        return _of_each(
            name,
            scene,
            lambda number: questions.beginning_of(scene.trace, number),
            lambda who: say("the start of {name}", name=who),
            lambda lacking: say("{name} never began to work.", name=scene.subjects(lacking)),
        )
    return _of_each(
        name,
        scene,
        lambda number: questions.start_of(scene.trace, number),
        lambda who: say("the start of {name}", name=who),
        lambda lacking: say("{name} was never started.", name=scene.subjects(lacking)),
    )


def _of_each(
    name: str,
    scene: Scene,
    event_of: Callable[[ProcessNumber], Event | None],
    wording: Callable[[Text], Text],
    absence: Callable[[Sequence[ProcessNumber]], Text],
) -> Instant | Missing:
    """The last of the events that belong to the processes of a name, one to each."""
    misfit = scene.cast.misfits.get(name)
    if misfit is not None:
        return _miscast(misfit)
    numbers = scene.cast.of(name)
    events = [(number, event_of(number)) for number in numbers]
    lacking = [number for number, event in events if event is None]
    if lacking or not numbers:
        return Missing(Feedback(absence(lacking or [MAIN])), frozenset(lacking))
    return _last(((number, event) for number, event in events if event is not None), scene, wording)


def _last(
    events: Iterable[tuple[ProcessNumber, Event]], scene: Scene, wording: Callable[[Text], Text]
) -> Instant:
    number, event = max(events, key=lambda each: scene.position(each[1]))
    line = getattr(event, "line", None)
    return Instant(
        event.at,
        scene.position(event),
        number,
        wording(scene.name(number)),
        line if isinstance(line, Location) else None,
    )


def _printing(pattern: str, by: str, scene: Scene) -> Instant | Missing:
    misfit = scene.cast.misfits.get(by)
    if misfit is not None:
        return _miscast(misfit)
    numbers = scene.cast.of(by)
    if by == ANY_NAME:
        lines = lines_like(pattern, scene, numbers)
        if not lines:
            happened = say("Nobody printed {line}.", line=like(pattern))
            return Missing(Feedback(happened), frozenset())
        return _line(scene, lines[0])
    firsts = [(number, lines_like(pattern, scene, [number])) for number in numbers]
    lacking = [number for number, lines in firsts if not lines]
    if lacking or not numbers:
        who = scene.subjects(lacking or [MAIN])
        happened = say("{name} did not print {line}.", name=who, line=like(pattern))
        return Missing(Feedback(happened), frozenset(lacking))
    return _line(scene, max((lines[0] for _, lines in firsts), key=scene.position))


def _line(scene: Scene, event: Printed) -> Instant:
    text = say("the line {line} of {name}", line=quoted(event.text), name=scene.name(event.by))
    return Instant(event.at, scene.position(event), event.by, text)


def _waiting(name: str, by: str, scene: Scene) -> Instant | Missing:
    misfit = scene.cast.misfits.get(by)
    if misfit is not None:
        return _miscast(misfit)
    waiters = scene.cast.of(by) or (MAIN,)
    waiter = scene.name(waiters[0])
    return _of_each(
        name,
        scene,
        lambda number: questions.waited_for(scene.trace, number, waiters[0]),
        lambda who: say("the wait of {waiter} for {name}", waiter=waiter, name=who),
        lambda lacking: say(
            "{waiter} never waited for {name}.",
            waiter=scene.subject(waiters[0]),
            name=scene.names(lacking),
        ),
    )
