"""The language of exercises: YAML in, a validated Exercise out."""

from grader.exercise.base import Model
from grader.exercise.company import Beginning, DialogueStep, Expectation, Peer
from grader.exercise.families import Family, FamilyError, family_names, find_family
from grader.exercise.fields import roles_in
from grader.exercise.loading import load_exercise
from grader.exercise.model import (
    Cast,
    Check,
    Exercise,
    Limits,
    Relation,
    Run,
    Schedules,
    moments_in,
)
from grader.exercise.moment import Moment
from grader.exercise.names import ANY_NAME, MAIN_NAME
from grader.exercise.pattern import HoleName, Pattern, PatternError, match, parse_pattern
from grader.exercise.problem import ExerciseError, Problem
from grader.exercise.relations import RELATIONS
from grader.exercise.relations.events import (
    EndedHow,
    Order,
    Prints,
    Time,
    Together,
    Waited,
)
from grader.exercise.relations.processes import (
    Daemon,
)
from grader.exercise.relations.program import (
    Source,
)
from grader.exercise.shipped import find_exercise, is_shipped, shipped_exercises
from grader.exercise.shown import as_shown
from grader.exercise.text import normalized

__all__ = [
    "ANY_NAME",
    "MAIN_NAME",
    "RELATIONS",
    "Beginning",
    "Cast",
    "Check",
    "Daemon",
    "DialogueStep",
    "EndedHow",
    "Exercise",
    "ExerciseError",
    "Expectation",
    "Family",
    "FamilyError",
    "HoleName",
    "Limits",
    "Model",
    "Moment",
    "Order",
    "Pattern",
    "PatternError",
    "Peer",
    "Prints",
    "Problem",
    "Relation",
    "Run",
    "Schedules",
    "Source",
    "Time",
    "Together",
    "Waited",
    "as_shown",
    "family_names",
    "find_exercise",
    "find_family",
    "is_shipped",
    "load_exercise",
    "match",
    "moments_in",
    "normalized",
    "parse_pattern",
    "roles_in",
    "shipped_exercises",
]
