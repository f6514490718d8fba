"""Which judge decides a check, and in which runs.

Each relation's model is registered by the module that judges it.

A judge is called with the relation's parameters, an instance of that model, and with the
`JudgeContext`, and returns a `Verdict`. It is called only where each name that its check is about
stands for the processes that the exercise describes; where one does not, that is the verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from grader.checks.context import JudgeContext
from grader.checks.verdict import Verdict
from grader.exercise import Check, Exercise, FamilyError, Model, find_family
from grader.schedules import Schedule

M = TypeVar("M", bound=Model)


class DecidedBy(Enum):
    """What can break a check of a relation."""

    ANY_RUN = "any run"
    NATURAL_RUNS = "natural runs"
    """Under a schedule every event has a fixed cost, and not every start method is run."""
    CODE = "the code"


class Concern(Enum):
    """What a relation is about. By this, mistakes tell which failed checks follow from them."""

    BEHAVIOUR = "what processes are, do or print, or what the code says"
    NUMBER = "how many processes there are"
    OVERLAP = "that processes run at the same time"
    TURNS = "that processes run one at a time"
    ORDER = "which of several moments comes first"
    WAIT = "that a process waits for another"
    DURATION = "how long something takes"
    END = "how a process ends"
    PROGRAM_END = "how the program as a whole ends"


@dataclass(frozen=True)
class JudgedRelation:
    """A relation with its judge. ``counts``: it is the relation's own matter how many processes a
    name stands for, so that it is judged where there are too few or too many, too.
    """

    judge: Callable[..., object]
    concern: Concern = Concern.BEHAVIOUR
    decided_by: DecidedBy = DecidedBy.ANY_RUN
    counts: bool = False


_JUDGED: dict[type[Model], JudgedRelation] = {}


def judges(
    model: type[M],
    concern: Concern,
    *,
    decided_by: DecidedBy = DecidedBy.ANY_RUN,
    counts: bool = False,
) -> Callable[[Callable[[M, JudgeContext], Verdict]], Callable[[M, JudgeContext], Verdict]]:
    """Register the decorated function as the judge of the relation with this model."""

    def register(
        judge: Callable[[M, JudgeContext], Verdict],
    ) -> Callable[[M, JudgeContext], Verdict]:
        """The judge itself, which is known from now on."""
        _JUDGED[model] = JudgedRelation(judge, concern, decided_by, counts)
        return judge

    return register


def judged_relation(check: Check) -> JudgedRelation:
    """The judge of a check, and what decides it.

    Raises:
        FamilyError: the check is of another package, which is gone.
    """
    built_in = _JUDGED.get(type(check.parameters))
    if built_in is not None:
        return built_in
    family = find_family(check.relation)
    if family is None:
        raise FamilyError(
            f"'{check.relation}' was installed when the exercise was read and is gone now"
        )
    return JudgedRelation(family.judge)


def is_unordered(check: Check) -> bool:
    """Whether no other order of events than the natural one decides the check."""
    return _registered(check).decided_by is not DecidedBy.ANY_RUN


def is_of_code(check: Check) -> bool:
    """Whether the check is decided by what the code says, whatever happens in a run."""
    return _registered(check).decided_by is DecidedBy.CODE


def concern_of(check: Check) -> Concern:
    """What the check is about."""
    return _registered(check).concern


_OF_ANOTHER_PACKAGE = JudgedRelation(lambda wanted, context: None)


def _registered(check: Check) -> JudgedRelation:
    """What is known of a check without loading the package that its relation comes from."""
    return _JUDGED.get(type(check.parameters), _OF_ANOTHER_PACKAGE)


def decides(schedule: Schedule, check: Check, exercise: Exercise) -> bool:
    """Whether a check may be broken by this schedule.

    Any order of events may; a delay only up to what the exercise says a right answer must bear,
    unless the check must hold however late or slow a process is.
    """
    if schedule.is_natural:
        return True
    if is_unordered(check):
        return False
    return check.any_duration or is_tolerable(schedule, exercise)


def is_tolerable(schedule: Schedule, exercise: Exercise) -> bool:
    """Whether a right answer must bear this schedule, whatever its checks are about."""
    return not schedule.stretches and schedule.injected <= exercise.run.schedules.delay


def may_break(schedule: Schedule, check: Check, exercise: Exercise) -> bool:
    """Whether what is missing in a run under this schedule counts against a check.

    A check that only natural runs decide needs moments, and other checks, that may be missing:
    where processes race, the natural run may have shown them or not.
    """
    return decides(schedule, check, exercise) or (
        is_unordered(check) and is_tolerable(schedule, exercise)
    )
