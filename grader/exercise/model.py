"""An exercise as a teacher wrote it, validated. Times are integer nanoseconds.

These models are also the source of the language's reference and of its JSON Schema: the
docstrings of fields are what a teacher reads there.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from grader.messages import Localized
from grader.trace import Nanoseconds, StartMethod

_UNITS_NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9}
_UNITS_BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


def _quantity(units: dict[str, int], example: str) -> Any:
    pattern = re.compile(rf"\s*(\d+(?:\.\d+)?)\s*({'|'.join(units)})\s*")

    def parse(value: object) -> object:
        if not isinstance(value, str):
            raise ValueError(f"write a number with its unit, such as {example}")
        match = pattern.fullmatch(value)
        if match is None:
            raise ValueError(
                f"{value!r} is no such quantity: write a number with one of the units "
                f"{', '.join(units)}, such as {example}"
            )
        return round(float(match[1]) * units[match[2]])

    return parse


Duration = Annotated[
    Nanoseconds,
    BeforeValidator(_quantity(_UNITS_NS, "200ms"), json_schema_input_type=str),
]
Size = Annotated[int, BeforeValidator(_quantity(_UNITS_BYTES, "512MB"), json_schema_input_type=str)]


def _texts(value: object) -> object:
    if isinstance(value, Localized):
        return value
    if isinstance(value, str):
        return Localized({"en": value})
    if isinstance(value, dict) and value:
        unknown = set(value) - {"en", "zh"}
        if unknown:
            raise ValueError(f"unknown language {sorted(map(str, unknown))[0]!r}: use en or zh")
        if all(isinstance(text, str) for text in value.values()):
            return Localized(dict(value))
    raise ValueError("write a text, or {en: ..., zh: ...}")


LocalizedText = Annotated[
    Localized, BeforeValidator(_texts, json_schema_input_type=Union[str, dict[str, str]])
]

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
ProcessName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")]
"""``main``, ``any``, or a name of the cast."""


def _kebab(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Model(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=_kebab,
        populate_by_name=True,
        arbitrary_types_allowed=True,
        use_attribute_docstrings=True,
    )


class Limits(Model):
    """What a run may use. Reaching a limit ends the run; what was seen up to there is judged."""

    time: Duration = 60 * 10**9
    """On the submission's own clock."""
    cpu: Duration = 5 * 10**9
    """CPU time of all its processes together."""
    processes: Annotated[int, Field(ge=1)] = 64
    """Processes and threads alive at once."""
    memory: Size = 512 * 10**6
    """Of all its processes together."""
    output: Size = 10**6
    """Bytes at the terminal."""


class Run(Model):
    """How the submission is run. All of it is optional."""

    clock: Literal["virtual", "real"] = "virtual"
    """`real` is for exercises about parallel speed-up."""
    start_method: Annotated[
        tuple[StartMethod, ...],
        BeforeValidator(
            lambda value: value if isinstance(value, (list, tuple)) else (value,),
            json_schema_input_type=Union[StartMethod, list[StartMethod]],
        ),
        Field(min_length=1),
    ] = (StartMethod.FORK,)
    """The default start method that the script finds; a list: it is run under each."""
    limits: Limits = Limits()


class Cast(Model):
    """Which processes of the run a name stands for. All that is given must fit."""

    children_of: ProcessName | None = None
    """Created by this process: `main` or another name of the cast."""
    count: Annotated[int, Field(ge=1)] | None = None
    """How many there must be. With 1 the name is one process, else a group."""
    prints: str | None = None
    """It prints a line that matches this pattern."""
    named: str | None = None
    """Its multiprocessing name matches this pattern."""
    except_: ProcessName | None = None
    """None of the processes of this other name."""

    @model_validator(mode="after")
    def _says_something(self) -> Cast:
        if self.children_of is None and self.prints is None and self.named is None:
            raise ValueError("say which processes: children-of, prints or named")
        return self


class Moment(Model):
    """An instant of the run. Exactly one of the first six keys; `by` says whose."""

    starts: ProcessName | None = None
    """Its parent's call that creates it. For a group: the last one."""
    begins: ProcessName | None = None
    """Its first instruction. For a group: the last one's."""
    ends: ProcessName | None = None
    """Its end. For a group: the last one's."""
    code_ends: ProcessName | None = None
    """The end of its own code, before multiprocessing's shutdown."""
    prints: str | None = None
    """A line that matches this pattern is printed by `by`: the first such line, for a group
    the last of their first ones."""
    waits_for: ProcessName | None = None
    """`by` learns that it has ended. For a group: the last one."""
    by: ProcessName | None = None
    """Who prints or waits. Left out: any process prints; main waits."""

    @model_validator(mode="after")
    def _one_kind(self) -> Moment:
        kinds = ("starts", "begins", "ends", "code_ends", "prints", "waits_for")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            allowed = ", ".join(_kebab(kind) for kind in kinds)
            raise ValueError(f"a moment has exactly one of {allowed}")
        if self.by is not None and given[0] not in ("prints", "waits_for"):
            raise ValueError("`by` goes with prints and waits-for only")
        return self


class Prints(Model):
    """That process (or each of the group) prints the text."""

    text: str
    """A pattern: `*` is any text; `{pid}` `{ppid}` `{name}` must be the truth of the process
    that printed the line; `{int}` `{float}` `{word}` are any such value."""
    by: ProcessName = "any"
    each: bool = False
    """Every process of the group prints it (else: at least one)."""
    times: Annotated[int, Field(ge=1)] | None = None
    """Exactly so often (with `each`: each one so often)."""
    never: bool = False
    """Nobody of `by` prints it."""


class Time(Model):
    """The span between two moments lies within the bounds."""

    from_: Moment
    to: Moment
    at_least: Duration | None = None
    at_most: Duration | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Time:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at-least, at-most or both")
        if None not in (self.at_least, self.at_most) and self.at_least > self.at_most:  # type: ignore[operator]
            raise ValueError("at-least is more than at-most: no span fits")
        return self


class Waited(Model):
    """The process `by` really waited for the end of `for`, before the moment if one is given."""

    for_: ProcessName
    by: ProcessName = "main"
    before: Moment | None = None


class EndedHow(Model):
    """How a process ended, by whom, and when. All that is given must fit."""

    who: ProcessName
    exit: Annotated[int, Field(ge=0, le=255)] | None = None
    signal: str | None = None
    """Such as SIGTERM."""
    by: Literal["itself", "shutdown"] | ProcessName | None = None
    """`shutdown` is multiprocessing's own at the end of the parent; a process's name means its
    own code's doing; `itself` means by no signal."""
    before: Moment | None = None
    after: Moment | None = None


class Daemon(Model):
    """Whether the process was a daemon when it started."""

    who: ProcessName
    is_: bool


class Named(Model):
    """The multiprocessing name of the process."""

    who: ProcessName
    is_: str


class StartedBy(Model):
    """Who created the process (under forkserver too)."""

    who: ProcessName
    is_: ProcessName


class Count(Model):
    """How many processes the name stands for."""

    who: ProcessName
    is_: Annotated[int, Field(ge=0)]


class Raises(Model):
    """An exception whose last line matches the text was printed as a traceback by `in`."""

    text: str
    in_: ProcessName = "any"


class Source(Model):
    """What the code says, read from its syntax tree. Only where behaviour cannot show it.

    Names are dotted as the script writes them after resolving imports, such as
    `multiprocessing.Process` or `time.sleep`.
    """

    calls: str | None = None
    avoids: str | None = None
    """It never calls this."""
    defines: str | None = None
    """A function or class, or `Class.method`; `Process.run` means: in a subclass of Process."""
    guarded: bool | None = None
    """Processes are started only under `if __name__ == "__main__":` (or in functions)."""


Relation = Literal[
    "prints",
    "order",
    "time",
    "together",
    "one_at_a_time",
    "waited",
    "ended",
    "daemon",
    "named",
    "started_by",
    "count",
    "start_method",
    "raises",
    "clean",
    "source",
]
RELATIONS: tuple[Relation, ...] = Relation.__args__  # type: ignore[attr-defined]

Step = Union[Moment, tuple[Moment, ...]]
"""A moment, or several in any order."""


class Check(Model):
    """One claim about the run, worth points. Exactly one relation."""

    id: Identifier
    points: Annotated[float, Field(ge=0)] = 1
    """0 makes it advice: shown, never counted."""
    expect: LocalizedText
    """The claim, in words that a student reads."""
    needs: tuple[Identifier, ...] = ()
    """Checks that must pass before this one says anything."""
    hint: LocalizedText | None = None
    any_duration: bool = False
    """It must hold however late or slow a process is."""

    prints: Prints | None = None
    order: Annotated[tuple[Step, ...], Field(min_length=2)] | None = None
    """These moments come in this order; a nested list is in any order."""
    time: Time | None = None
    together: ProcessName | None = None
    """All of the group are alive at one instant."""
    one_at_a_time: ProcessName | None = None
    """No two of the group are ever alive at once."""
    waited: Waited | None = None
    ended: EndedHow | None = None
    daemon: Daemon | None = None
    named: Named | None = None
    started_by: StartedBy | None = None
    count: Count | None = None
    start_method: StartMethod | None = None
    """Every child was created in this way."""
    raises: Raises | None = None
    clean: Literal[True] | None = None
    """No traceback, nobody outlives main, and main exits with 0."""
    source: Source | None = None

    @property
    def relation(self) -> Relation:
        return next(name for name in RELATIONS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _one_relation(self) -> Check:
        given = [name for name in RELATIONS if getattr(self, name) is not None]
        if len(given) != 1:
            allowed = ", ".join(_kebab(name) for name in RELATIONS)
            found = " and ".join(_kebab(name) for name in given) or "none"
            raise ValueError(f"a check has exactly one relation, this one has {found}: {allowed}")
        return self


class Exercise(Model):
    """One exercise: the task, how it is run, who takes part, and what is checked."""

    id: Identifier
    title: LocalizedText
    task: LocalizedText
    """Markdown; everything that is graded is said here."""
    run: Run = Run()
    cast: dict[ProcessName, Cast] = {}
    checks: Annotated[tuple[Check, ...], Field(min_length=1)]
