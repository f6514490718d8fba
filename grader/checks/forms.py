"""What a check is judged as: once, or for each process of a group and each text in its holes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader.checks.context import JudgeContext
from grader.checks.lines import true_match
from grader.exercise import ANY_NAME, Check, Model, Moment, Prints, parse_pattern
from grader.exercise.base import RelationModel
from grader.exercise.fields import models_in
from grader.exercise.named_holes import names_in, with_names_filled
from grader.exercise.names import member_of

_MOST_COMPARISONS = 400_000
"""Of lines with patterns, for one check in one run."""


class TooManyTextsError(Exception):
    """So many different texts stand in the named holes of a check that they are not compared."""


def forms_of(check: Check, context: JudgeContext) -> Iterator[tuple[Model, JudgeContext]]:
    """The parameters and the context of each judgement that the check is made of.

    Raises:
        TooManyTextsError: there is no end to them.
    """
    parameters = check.parameters
    binds = isinstance(parameters, RelationModel) and parameters.BINDS_NAMES
    names = () if binds else names_in(parameters)
    for one in _contexts_of(check, context):
        if not names:
            yield parameters, one
            continue
        found = _texts_of(names, parameters, one)
        if len(found) * len(one.heard) > _MOST_COMPARISONS:
            raise TooManyTextsError
        for texts in found:
            yield with_names_filled(parameters, texts), one
        if not found:  # what is missing is then said of any text
            yield parameters, one


def _contexts_of(check: Check, context: JudgeContext) -> Iterator[JudgeContext]:
    if check.for_each is None:
        yield context
        return
    for number in context.roles.of(check.for_each):
        yield context.narrowed(member_of(check.for_each), number)


def _texts_of(
    names: tuple[str, ...], parameters: Model, context: JudgeContext
) -> list[Mapping[str, str]]:
    """What stands in the named holes, in the order in which it came: of the patterns that have all
    of the names.
    """
    wanted = [
        (pattern, context.roles.of(by))
        for pattern, by in _printed(parameters)
        if set(parse_pattern(pattern).named_holes) == set(names)
    ]
    found: dict[tuple[str, ...], Mapping[str, str]] = {}
    for line in context.heard:
        for pattern, numbers in wanted:
            match = true_match(pattern, line, context) if line.by in numbers else None
            if match is not None:
                texts = dict(match.named)
                found.setdefault(tuple(texts[name] for name in names), texts)
    return list(found.values())


def _printed(part: object) -> Iterator[tuple[str, str]]:
    """The patterns of lines that a check speaks of, each with the name of those who print them."""
    for model in models_in(part):
        if isinstance(model, Moment) and model.prints is not None:
            yield model.prints, model.by or ANY_NAME
        elif isinstance(model, Prints):
            yield model.text, model.by
