"""The base of every mapping in the language."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator

from grader.exercise.names import Vocabulary
from grader.exercise.rules import HowMany, KeyRule


def kebab(name: str) -> str:
    """A field's key in a file: ``start_method`` is ``start-method``, ``from_`` is ``from``."""
    return name.rstrip("_").replace("_", "-")


class Model(BaseModel):
    """A mapping in an exercise file. Keys are written with hyphens; unknown ones are errors.

    ``PLACE`` is what errors call it ("a check"), ``EXAMPLE`` how it is written, ``RULES`` which
    of its keys go together.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=kebab,
        populate_by_name=True,
        arbitrary_types_allowed=True,
    )

    PLACE: ClassVar[str] = "this mapping"
    EXAMPLE: ClassVar[str] = "{...}"
    RULES: ClassVar[tuple[KeyRule, ...]] = ()

    @classmethod
    def keys(cls) -> dict[str, str]:
        """The keys that it takes in a file, each with the name of its field."""
        return {field.alias or name: name for name, field in cls.model_fields.items()}

    @classmethod
    def broken_rules(
        cls, given: Collection[str], plugins: tuple[str, ...] = ()
    ) -> list[tuple[str, str | None]]:
        """What is wrong with these keys together, each with the key to point at if it is one.

        ``plugins`` are those of the keys that other packages brought along.
        """
        broken: list[tuple[str, str | None]] = []
        for rule in cls.RULES:
            if isinstance(rule, HowMany):
                rule = rule.with_plugins(plugins)
            elif broken:
                continue  # who accompanies whom is clear once the right keys are there
            if (problem := rule.problem(cls.PLACE, given)) is not None:
                broken.append((problem, rule.culprit(given)))
        return broken

    @model_validator(mode="after")
    def _keeps_the_rules(self, info: ValidationInfo) -> Model:
        if isinstance(info.context, Vocabulary):
            return self  # the loader told them already, with the line and column of the key
        fields = type(self).model_fields
        given = [
            key
            for key, name in type(self).keys().items()
            if getattr(self, name) != fields[name].default
        ]
        for problem, _ in self.broken_rules(given, ("plugin",) if "plugin" in given else ()):
            raise ValueError(problem)
        return self
