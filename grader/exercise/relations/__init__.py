"""The relations that a check can be, a module a family.

A new one is a model in one of these modules, listed at its end; its judge is registered for that
model in `grader.checks`. Errors, reference and schema know it from there.
"""

from grader.exercise.base import RelationModel
from grader.exercise.relations import events, processes, program, remains, sections

RELATIONS: dict[str, type[RelationModel]] = {
    model.PLACE: model
    for family in (events, sections, processes, program, remains)
    for model in family.RELATIONS
}
"""Key in a check -> what stands under it."""

__all__ = ["RELATIONS"]
