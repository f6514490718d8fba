"""The base of every mapping in the language, and of the relations among them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails

from grader.exercise.rules import KeyRule, KeyRuleError, broken_rules

M = TypeVar("M", bound="Model")


def kebab(name: str) -> str:
    """A field's key in a file: ``start_method`` is ``start-method``, ``from_`` is ``from``."""
    return name.rstrip("_").replace("_", "-")


class Model(BaseModel):
    """A mapping in an exercise file. Keys are written with hyphens; unknown ones are errors.

    ``PLACE`` is what errors call it ("a check"), ``EXAMPLE`` how it is written, ``RULES`` which
    of its keys go together.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=kebab, arbitrary_types_allowed=True
    )

    PLACE: ClassVar[str] = "this mapping"
    EXAMPLE: ClassVar[str] = "{...}"
    RULES: ClassVar[tuple[KeyRule, ...]] = ()

    @classmethod
    def fields_by_key(cls) -> dict[str, FieldInfo]:
        """The keys that it takes in a file, each with its field."""
        return {field.alias or name: field for name, field in cls.model_fields.items()}

    @classmethod
    def broken_rules(cls, given: Collection[str]) -> list[KeyRuleError]:
        """What is wrong with these keys together. Where one is unknown, that comes first."""
        if not set(given) <= cls.fields_by_key().keys():
            return []
        return broken_rules(cls.RULES, cls.PLACE, given)

    @model_validator(mode="wrap")
    @classmethod
    def _check_rules(cls: type[M], data: Any, handler: ModelWrapValidatorHandler[M]) -> M:
        """Report broken rules together with whatever else is wrong below."""
        broken = cls.broken_rules(data) if isinstance(data, dict) else []
        if not broken:
            return handler(data)
        errors = [
            InitErrorDetails(type="value_error", loc=(), input=data, ctx={"error": error})
            for error in broken
        ]
        try:
            handler(data)
        except ValidationError as below:
            errors += line_errors(below)
        raise ValidationError.from_exception_data(cls.__name__, errors)


def line_errors(error: ValidationError, *above: str) -> list[InitErrorDetails]:
    """What pydantic found, to be raised again. ``above`` is the path to where it looked."""
    return [
        InitErrorDetails(
            type=each["type"],
            loc=(*above, *each["loc"]),
            input=each["input"],
            ctx=each.get("ctx", {}),
        )
        for each in error.errors()
    ]


class RelationModel(Model):
    """What a check can state about a run, with its parameters.

    ``PLACE`` is its key in a check. ``SAMPLE`` is the cast and the checks of an exercise that
    uses it, as the reference prints them.
    """

    model_config = ConfigDict(defer_build=True)  # most are not in an exercise: less to load

    SAMPLE: ClassVar[str]
    BINDS_NAMES: ClassVar[bool] = False
    """Its judge itself compares what stands in holes that have names of the teacher's own; any
    other relation is judged for each text that stands there.
    """


class OneValue(RelationModel):
    """A relation whose one field is written as its value: ``together: workers``."""

    @model_validator(mode="before")
    @classmethod
    def _name_the_field(cls, data: Any, info: ValidationInfo) -> Any:
        (field,) = cls.fields_by_key()
        by_name = info.context is None and isinstance(data, dict) and data.keys() == {field}
        return data if by_name else {field: data}

    @classmethod
    def broken_rules(cls, given: Collection[str]) -> list[KeyRuleError]:
        """None: what stands there is a value, and no keys."""
        return []
