"""Checks that nobody can pass, and checks that nobody can fail.

Which moment comes first is known of one process: it is started, begins, does what it does, ends,
and then another learns that it has ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch
from itertools import pairwise

from grader.exercise import ANY_NAME, MAIN_NAME, Check, Exercise, Model, Moment, parse_pattern
from grader.exercise.names import group_of
from grader.exercise.relations.events import EndedHow, Order, Prints, Time, Waited
from grader.exercise.relations.processes import Count, Named, StartedBy
from grader.exercise.relations.program import OneConnectionEach, Source
from grader.exercise.relations.sections import Concurrent, Follows

_STARTS, _BEGINS, _ACTS, _ENDS, _WAITED_FOR = range(5)
_NANOSECONDS = 10**9

Spot = tuple[int | str, ...]
"""Where something stands: keys, and places in lists."""


@dataclass(frozen=True)
class Remark:
    """Something that is hardly meant so, and where."""

    spot: Spot
    message: str


def contradictions(exercise: Exercise, check: Check) -> Iterator[Remark]:
    """What is wrong with the meaning of one check, by places in it."""
    for remark in _meaning(check.parameters, exercise):
        yield Remark((check.relation, *remark.spot), remark.message)


def _stages(moment: Moment, exercise: Exercise) -> Iterator[tuple[str, int, str]]:
    """Whose life a moment is a stage of, and which; of a group also whether of the first or of the
    last of them.
    """
    cast, which = exercise.cast, moment.which or ("first" if moment.prints else "last")
    named = (
        (moment.starts, _STARTS),
        (moment.begins, _BEGINS),
        (moment.code_ends, _ACTS),
        (moment.ends, _ENDS),
        (moment.waits_for, _WAITED_FOR),
    )
    for name, stage in named:
        if name is not None:
            yield name, stage, which
    actor = moment.by or (MAIN_NAME if moment.waits_for else None)
    if moment.starts in cast:
        actor = cast[moment.starts].children_of
    if actor not in (None, ANY_NAME):
        yield actor, _ACTS, which


@singledispatch
def _meaning(asked: Model, exercise: Exercise) -> Iterator[Remark]:
    """What is wrong with a relation of this kind, by places in it."""
    yield from ()


def surely_before(one: Moment, other: Moment, exercise: Exercise) -> bool:
    """Whether one moment comes before another in every run in which there are both."""
    peers = {peer.name for peer in exercise.run.peers}
    for name, stage, which in _stages(one, exercise):
        for other_name, other_stage, other_which in _stages(other, exercise):
            if name == other_name and stage < other_stage:
                is_single = _is_single(name, exercise)
                if is_single or (other_which == "last") or (which == "first" and stage < _ACTS):
                    return True
            if name == MAIN_NAME != other_name and stage < _ACTS and other_name not in peers:
                return True
    return False


def _is_single(name: str, exercise: Exercise) -> bool:
    """Whether a name stands for one process. In a check ``for-each`` it is one of its group."""
    described = exercise.cast.get(name)
    return described is None or described.count == 1


@_meaning.register
def _of_order(asked: Order, exercise: Exercise) -> Iterator[Remark]:
    for number, order in enumerate(asked.orders):
        steps = [step if isinstance(step, tuple) else (step,) for step in order]
        pairs = [
            (place, one, other)
            for place, (early, late) in enumerate(pairwise(steps), 1)
            for one in early
            for other in late
        ]
        above: Spot = () if asked.orders == (asked.steps,) else ("any-of", number)
        wrong = False
        for place, one, other in pairs:
            if one == other:
                wrong = True
                yield Remark((*above, place), "this is the same moment as the one before it")
            elif surely_before(other, one, exercise):
                wrong = True
                yield Remark(
                    (*above, place),
                    "nobody can pass this: this moment always comes before the one before it here",
                )
        begins = any(one.starts or one.begins for _, one, _ in pairs)
        always = all(surely_before(one, other, exercise) for _, one, other in pairs)
        if begins and always and not wrong:
            yield Remark(
                above,
                "these moments can come in no other order: the check only asks that there are "
                "such moments, which 'prints', 'ended' or 'count' says more clearly",
            )


@_meaning.register
def _of_time(asked: Time, exercise: Exercise) -> Iterator[Remark]:
    least, most = asked.at_least, asked.at_most
    if asked.from_ == asked.to:
        yield Remark(("to",), "the span ends where it begins, and always takes 0 s")
    elif surely_before(asked.to, asked.from_, exercise):
        yield Remark(("to",), "nobody can pass this: the span always ends before it begins")
    if least == 0 and most is None:
        yield Remark(("at-least",), "nobody can fail this: no span takes less than 0 s")
    if least is not None and least > exercise.run.limits.time:
        yield Remark(
            ("at-least",),
            "nobody can pass this: a run is stopped at its limit of "
            f"{_seconds(exercise.run.limits.time)} s",
        )
    delay = exercise.run.schedules.delay
    if least is not None and most is not None and 0 <= most - least < delay:
        yield Remark(
            ("at-most",),
            f"the bounds are {_seconds(most - least)} s apart, and a right answer may be "
            f"{_seconds(delay)} s late: leave it that much room, or say run: {{schedules: "
            "{delay: ...}}",
        )


@_meaning.register
def _of_follows(asked: Follows, exercise: Exercise) -> Iterator[Remark]:
    if asked.what == asked.on:
        yield Remark(("on",), "nobody can fail this: both are the same moment")
    elif surely_before(asked.what, asked.on, exercise):
        yield Remark(
            ("on",), "nobody can pass this: this always comes after what is to follow on it"
        )


@_meaning.register
def _of_prints(asked: Prints, exercise: Exercise) -> Iterator[Remark]:
    if asked.by == ANY_NAME:
        return
    outcome = "fail" if asked.never else "pass"
    line = Moment.model_construct(prints=asked.text, by=asked.by, which="first")
    for key, moment, is_after in (("after", asked.after, True), ("before", asked.before, False)):
        if moment is None:
            continue
        early, late = (moment, line) if is_after else (line, moment)
        if surely_before(late, early, exercise):
            yield Remark(
                (key,),
                f"nobody can {outcome} this: no line of '{group_of(asked.by)}' comes {key} that",
            )
        elif surely_before(early, late, exercise):
            yield Remark((key,), f"every line of '{group_of(asked.by)}' comes {key} that")


@_meaning.register
def _of_waited(asked: Waited, exercise: Exercise) -> Iterator[Remark]:
    outcome = "fail" if asked.never else "pass"
    described = exercise.cast.get(asked.for_)
    if asked.for_ == MAIN_NAME:
        yield Remark(("for",), f"nobody can {outcome} this: no process can wait for main")
    elif asked.for_ == asked.by and _is_single(asked.for_, exercise):
        yield Remark(("by",), f"nobody can {outcome} this: no process can wait for itself")
    elif described is not None and described.children_of not in (None, ANY_NAME, asked.by):
        yield Remark(
            ("by",),
            f"nobody can {outcome} this: '{asked.for_}' is a child of '{described.children_of}', "
            "and only its parent can wait for a process",
        )
    if asked.before is not None and surely_before(
        asked.before, Moment.model_construct(waits_for=asked.for_, by=asked.by), exercise
    ):
        yield Remark(("before",), f"nobody can {outcome} this: it comes before any such wait")


@_meaning.register
def _of_ended(asked: EndedHow, exercise: Exercise) -> Iterator[Remark]:
    ender = asked.by
    if asked.exit is not None and ender not in (None, "itself"):
        yield Remark(
            ("exit",),
            f"nobody can pass this: what '{ender}' ends is ended by a signal, and has no exit "
            "status",
        )
    if ender == "shutdown" and asked.signal not in (None, "SIGTERM"):
        yield Remark(("signal",), "nobody can pass this: multiprocessing sends SIGTERM")
    if ender == "shutdown" and asked.who == MAIN_NAME:
        yield Remark(("by",), "nobody can pass this: multiprocessing ends children, not main")
    end = Moment.model_construct(ends=asked.who)
    for key, moment, is_after in (("after", asked.after, True), ("before", asked.before, False)):
        if moment is None:
            continue
        early, late = (moment, end) if is_after else (end, moment)
        is_it = moment.ends == asked.who and _is_single(asked.who, exercise)
        if is_it or surely_before(late, early, exercise):
            yield Remark((key,), f"nobody can pass this: the end never comes {key} that")
        elif moment.prints is None and surely_before(early, late, exercise):
            yield Remark((key,), f"nobody can fail this part: the end always comes {key} that")


@_meaning.register
def _of_count(asked: Count, exercise: Exercise) -> Iterator[Remark]:
    described = exercise.cast.get(asked.who)
    known = 1 if described is None else described.count
    wanted = asked.is_ if asked.is_ is not None else asked.at_least
    assert wanted is not None, "the model asks for one of them"
    key = "is" if asked.is_ is not None else "at-least"
    if described is None:
        yield Remark(("who",), f"'{asked.who}' is always exactly one: count a name of the cast")
    elif known is not None and (wanted != known if key == "is" else wanted > known):
        yield Remark(
            (key,), f"the cast says that there are {known} of '{asked.who}', and this says {wanted}"
        )


@_meaning.register
def _of_started_by(asked: StartedBy, exercise: Exercise) -> Iterator[Remark]:
    described = exercise.cast.get(asked.who)
    if asked.who == MAIN_NAME or asked.who in {peer.name for peer in exercise.run.peers}:
        yield Remark(("who",), f"nobody can pass this: the script does not start '{asked.who}'")
    elif described is not None and described.children_of == asked.is_:
        yield Remark(
            ("is",),
            f"the cast says already that '{asked.who}' is a child of '{asked.is_}': this asks only "
            "that there is one, as 'count' does",
        )
    elif described is not None and described.children_of == MAIN_NAME:
        yield Remark(
            ("is",), f"nobody can pass this: the cast says that '{asked.who}' is a child of main"
        )


@_meaning.register
def _of_named(asked: Named, exercise: Exercise) -> Iterator[Remark]:
    described = exercise.cast.get(group_of(asked.who))
    known = None if described is None or described.named is None else described.named
    if known is None:
        return
    if parse_pattern(known).parts == parse_pattern(asked.is_).parts:
        yield Remark(("is",), f"nobody can fail this: the cast knows '{asked.who}' by it")
    elif None not in (parse_pattern(known).only_text, parse_pattern(asked.is_).only_text):
        yield Remark(("is",), f"nobody can pass this: the cast says that it is called '{known}'")


@_meaning.register
def _of_source(asked: Source, exercise: Exercise) -> Iterator[Remark]:
    for check in exercise.checks:
        other = check.parameters
        if isinstance(other, Source) and other.calls and other.calls == asked.avoids:
            where = "" if other is asked else f" ('{check.id}')"
            yield Remark(
                ("avoids",),
                f"nobody can pass this and call {other.calls}, which is asked for, too{where}",
            )


@_meaning.register
def _of_concurrent(asked: Concurrent, exercise: Exercise) -> Iterator[Remark]:
    described = exercise.cast.get(asked.by)
    known = 1 if asked.by == MAIN_NAME else described.count if described is not None else None
    if asked.from_ is not None or known is None:
        return
    if asked.at_most is not None and asked.at_most >= known:
        yield Remark(
            ("at-most",), f"nobody can fail this: '{asked.by}' are no more than {known} in all"
        )
    if asked.reaches is not None and asked.reaches > known:
        yield Remark(("reaches",), f"nobody can pass this: '{asked.by}' are {known} in all")


@_meaning.register
def _of_connections(asked: OneConnectionEach, exercise: Exercise) -> Iterator[Remark]:
    if not exercise.run.peers:
        yield Remark((), "nobody can pass this: there is no peer that connects")


def _seconds(nanoseconds: int) -> str:
    return f"{nanoseconds / _NANOSECONDS:g}"
