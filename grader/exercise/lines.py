"""What a check says of lines besides their text: how often, and with which values.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from grader.exercise.base import Model
from grader.exercise.rules import Accompanies, KeyRule, at_least_one, exactly_one, not_together
from grader.exercise.values import TEXT_SCHEMA, Text, Whole
from grader.exercise.wording import Takes

_MOST_VALUES = 10_000

TIMES_SCHEMA = {"anyOf": [{"type": "integer", "minimum": 1}, {"$ref": "#/$defs/Times"}]}
VALUES_SCHEMA = {
    "anyOf": [{"type": "array", "items": TEXT_SCHEMA}, {"$ref": "#/$defs/Values"}],
}


class Times(Model):
    """How often something happens. A bare number is `exactly`."""

    PLACE: ClassVar[str] = "how often"
    EXAMPLE: ClassVar[str] = "{at-least: 2, at-most: 5}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        at_least_one("exactly", "at-least", "at-most"),
        not_together("exactly", "at-least"),
        not_together("exactly", "at-most"),
    )

    exactly: Annotated[Whole, Field(ge=1)] | None = None
    """So often, no more and no less."""
    at_least: Annotated[Whole, Field(ge=1)] | None = None
    """So often or more."""
    at_most: Annotated[Whole, Field(ge=1)] | None = None
    """So often or less: not at all, too, where `at-least` is left out."""

    @model_validator(mode="before")
    @classmethod
    def _bare_number(cls, data: Any) -> Any:
        return data if isinstance(data, (dict, Times)) else {"exactly": data}

    @model_validator(mode="after")
    def _some_number_fits(self) -> Times:
        if self.at_most is not None and self.at_most < self.least:
            raise ValueError("no number fits: at-least is more than at-most")
        return self

    @property
    def least(self) -> int:
        """The smallest number that is right."""
        return self.exactly or self.at_least or 0

    @property
    def most(self) -> int | None:
        """The largest number that is right; None if any is that is not too small."""
        return self.exactly or self.at_most

    def allows(self, count: int) -> bool:
        """Whether so often is right."""
        return count >= self.least and (self.most is None or count <= self.most)


class Values(Model):
    """The values of which each stands in one line. A bare list is `texts`."""

    PLACE: ClassVar[str] = "which values"
    EXAMPLE: ClassVar[str] = "{from: 1, to: 20}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        exactly_one("from", "texts"),
        Accompanies("from", ("to",)),
        Accompanies("to", ("from",)),
    )

    from_: Whole | None = None
    """The first of whole numbers that follow one another."""
    to: Whole | None = None
    """The last of them."""
    texts: Annotated[
        tuple[Text, ...],
        Field(min_length=1),
        Takes("a list of texts", {"type": "array", "items": TEXT_SCHEMA}),
    ] = ()
    """The values, one by one."""

    @model_validator(mode="before")
    @classmethod
    def _bare_list(cls, data: Any) -> Any:
        return {"texts": data} if isinstance(data, (list, tuple)) else data

    @model_validator(mode="after")
    def _are_some(self) -> Values:
        if self.from_ is not None and self.to is not None:
            if self.to < self.from_:
                raise ValueError("there are no such numbers: 'from' is more than 'to'")
            if self.to - self.from_ >= _MOST_VALUES:
                raise ValueError(f"these are more than {_MOST_VALUES} numbers")
        twice = [text for place, text in enumerate(self.texts) if text in self.texts[:place]]
        if twice:
            raise ValueError(f"'{twice[0]}' stands here twice, and each value comes once")
        return self

    @property
    def all(self) -> tuple[str, ...]:
        """Every one of them, as it is printed."""
        if self.from_ is None or self.to is None:
            return self.texts
        return tuple(map(str, range(self.from_, self.to + 1)))
