"""An exercise as a teacher wrote it, validated. Times are integer nanoseconds.

These models are also the source of the language's reference and of its JSON Schema: the
docstrings of classes and fields are what a teacher reads there.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Union, get_args

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    SerializeAsAny,
    Tag,
    TypeAdapter,
    ValidationInfo,
    model_validator,
)

from grader.exercise.base import Model, kebab
from grader.exercise.families import FamilyError, find_family
from grader.exercise.names import (
    ANY_NAME,
    AnyProcess,
    CastName,
    CheckName,
    Ender,
    GroupName,
    ProcessName,
)
from grader.exercise.rules import Accompanies, KeyRule, at_least_one, exactly_one, not_together
from grader.exercise.values import (
    Clock,
    DefaultStartMethod,
    DottedName,
    Duration,
    Flag,
    Identifier,
    LinePattern,
    LocalizedText,
    Number,
    PlainPattern,
    SeenStartMethod,
    SignalName,
    Size,
    Whole,
)
from grader.exercise.wording import Takes
from grader.trace import StartMethod


class Limits(Model):
    """What a run may use. Reaching a limit ends the run; what was seen up to there is judged."""

    PLACE: ClassVar[str] = "limits"
    EXAMPLE: ClassVar[str] = "{cpu: 10s}"

    time: Annotated[Duration, Field(gt=0)] = 60 * 10**9
    """On the submission's own clock."""
    cpu: Annotated[Duration, Field(gt=0)] = 5 * 10**9
    """CPU time of all its processes together."""
    processes: Annotated[Whole, Field(ge=1)] = 64
    """Processes and threads alive at once."""
    memory: Annotated[Size, Field(gt=0)] = 512 * 10**6
    """Of all its processes together."""
    output: Annotated[Size, Field(gt=0)] = 10**6
    """Bytes at the terminal."""


def _as_list(value: object) -> object:
    return value if isinstance(value, (list, tuple)) else (value,)


class Run(Model):
    """How the submission is run. All of it is optional."""

    PLACE: ClassVar[str] = "run"
    EXAMPLE: ClassVar[str] = "{start-method: spawn}"

    clock: Clock = "virtual"
    """`virtual`: the submission's own clock, on which a sleep costs nothing and a loaded machine
    changes nothing. `real` is for exercises about parallel speed-up."""
    start_method: Annotated[
        tuple[DefaultStartMethod, ...],
        BeforeValidator(
            _as_list,
            json_schema_input_type=Union[DefaultStartMethod, list[DefaultStartMethod]],
        ),
        Field(min_length=1),
        Takes("fork, spawn or forkserver, or a list of them"),
    ] = (StartMethod.FORK,)
    """The default start method that the script finds. With a list it is run under each."""
    limits: Limits = Limits()
    """What a run may use."""


class Cast(Model):
    """Which processes of the run a name stands for. All that is given must fit."""

    PLACE: ClassVar[str] = "a name of the cast"
    EXAMPLE: ClassVar[str] = "{children-of: main, count: 5}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (at_least_one("children-of", "prints", "named"),)

    children_of: AnyProcess | None = None
    """Created by this process, under every start method; `any`: by any of the script's."""
    count: Annotated[Whole, Field(ge=1)] | None = None
    """How many there must be. With `count: 1` the name is one process, else it is a group."""
    prints: LinePattern | None = None
    """It prints a line like this."""
    named: PlainPattern | None = None
    """Its multiprocessing name is like this."""
    except_: ProcessName | None = None
    """None of the processes of this other name."""


class Moment(Model):
    """An instant of the run."""

    PLACE: ClassVar[str] = "a moment"
    EXAMPLE: ClassVar[str] = "{ends: main}"
    KINDS: ClassVar[tuple[str, ...]] = (
        "starts",
        "begins",
        "ends",
        "code-ends",
        "prints",
        "waits-for",
    )
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        exactly_one(*KINDS),
        Accompanies("by", ("prints", "waits-for")),
    )

    starts: ProcessName | None = None
    """Its parent's call that creates it. For a group: the last one's."""
    begins: ProcessName | None = None
    """Its first instruction. For a group: the last one's."""
    ends: ProcessName | None = None
    """Its end. For a group: the last one's."""
    code_ends: ProcessName | None = None
    """The end of its own code, before multiprocessing's shutdown. For a group: the last one's."""
    prints: LinePattern | None = None
    """The first line like this that `by` prints; for a group the last of their first ones."""
    waits_for: ProcessName | None = None
    """`by` learns that this process has ended. For a group: the last one."""
    by: AnyProcess | None = None
    """Who prints (left out: any process) or who waits (left out: main)."""

    @model_validator(mode="after")
    def _somebody_waits(self) -> Moment:
        if self.waits_for is not None and self.by == ANY_NAME:
            raise ValueError("'by: any' goes with prints only: say who waits, or leave it out")
        return self


class Prints(Model):
    """A process prints a line."""

    PLACE: ClassVar[str] = "prints"
    EXAMPLE: ClassVar[str] = "{text: 'hello *', by: main}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        not_together("never", "times"),
        not_together("never", "each"),
    )

    text: LinePattern
    """What the whole line is like."""
    by: AnyProcess = ANY_NAME
    """Who prints it: of a group at least one process, unless `each` is given."""
    each: Flag = False
    """Every process of the group `by` prints it."""
    times: Annotated[Whole, Field(ge=1)] | None = None
    """Exactly so many lines are like this; with `each`, from each process so many."""
    never: Flag = False
    """Nobody of `by` ever prints it."""

    @model_validator(mode="after")
    def _each_of_a_group(self) -> Prints:
        if self.each and self.by == ANY_NAME:
            raise ValueError("'each' needs a group: say with 'by' who prints it")
        return self


class Time(Model):
    """The span between two moments lies within the bounds. At least one bound is given."""

    PLACE: ClassVar[str] = "time"
    EXAMPLE: ClassVar[str] = "{from: {starts: p}, to: {ends: p}, at-most: 1.5s}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (at_least_one("at-least", "at-most"),)

    from_: Moment
    """Where the span begins."""
    to: Moment
    """Where it ends."""
    at_least: Duration | None = None
    """The shortest span that is right."""
    at_most: Duration | None = None
    """The longest span that is right."""

    @model_validator(mode="after")
    def _some_span_fits(self) -> Time:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("no span fits: at-least is more than at-most")
        return self


class Waited(Model):
    """A process really waited for the end of another. A pause is no wait, however long."""

    PLACE: ClassVar[str] = "waited"
    EXAMPLE: ClassVar[str] = "{for: workers, before: {prints: done}}"

    for_: ProcessName
    """Whose end; for a group, the end of each."""
    by: ProcessName = "main"
    """Who waits."""
    before: Moment | None = None
    """By when it must have learnt that they had ended."""


class EndedHow(Model):
    """How a process ended, by whom, and when. All that is given must fit."""

    PLACE: ClassVar[str] = "ended"
    EXAMPLE: ClassVar[str] = "{who: p, signal: SIGTERM, by: main}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        at_least_one("exit", "signal", "by", "before", "after"),
        not_together("exit", "signal"),
    )

    who: ProcessName
    """Which process; of a group, each one."""
    exit: Annotated[Whole, Field(ge=0, le=255)] | None = None
    """Its exit status; 0 is success."""
    signal: SignalName | None = None
    """The signal that ended it. `terminate()` sends SIGTERM, `kill()` sends SIGKILL."""
    by: Ender | None = None
    """Who ended it. `itself`: no signal did; `shutdown`: multiprocessing, as it does with
    daemons when their parent is done; a process: the code of that process."""
    before: Moment | None = None
    """It ended before this moment."""
    after: Moment | None = None
    """It ended after this moment."""

    @model_validator(mode="after")
    def _no_signal_of_its_own(self) -> EndedHow:
        if self.by == "itself" and self.signal is not None:
            raise ValueError("'by: itself' means that no signal ended it: leave 'signal' out")
        return self


class Daemon(Model):
    """Whether a process is a daemon when it starts."""

    PLACE: ClassVar[str] = "daemon"
    EXAMPLE: ClassVar[str] = "{who: p, is: true}"

    who: ProcessName
    """Which process; of a group, each one."""
    is_: Flag
    """`true`: it is a daemon."""


class Named(Model):
    """What the multiprocessing name of a process is."""

    PLACE: ClassVar[str] = "named"
    EXAMPLE: ClassVar[str] = "{who: p, is: greeter}"

    who: ProcessName
    """Which process; of a group, each one."""
    is_: PlainPattern
    """The whole name."""


class StartedBy(Model):
    """Who created a process (its parent in the script's eyes, under every start method)."""

    PLACE: ClassVar[str] = "started-by"
    EXAMPLE: ClassVar[str] = "{who: workers, is: main}"

    who: ProcessName
    """Which process; of a group, each one."""
    is_: ProcessName
    """Who created it."""


class Count(Model):
    """How many processes a name stands for."""

    PLACE: ClassVar[str] = "count"
    EXAMPLE: ClassVar[str] = "{who: workers, is: 5}"

    who: ProcessName
    """Which group."""
    is_: Annotated[Whole, Field(ge=0)]
    """How many there are."""


class Raises(Model):
    """An exception ends a process, or a thread of it, with a traceback."""

    PLACE: ClassVar[str] = "raises"
    EXAMPLE: ClassVar[str] = "{text: 'AssertionError: *', in: p}"

    text: PlainPattern
    """The last line of the traceback: the exception's name and message."""
    in_: AnyProcess = ANY_NAME
    """Which process prints the traceback."""


class Source(Model):
    """What the code says, read from its syntax tree. Only where behaviour cannot show it.

    Names are dotted, with imports resolved: `multiprocessing.Process`, `time.sleep`.
    """

    PLACE: ClassVar[str] = "source"
    EXAMPLE: ClassVar[str] = "{avoids: time.sleep}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (at_least_one("calls", "avoids", "defines", "guarded"),)

    calls: DottedName | None = None
    """It calls this."""
    avoids: DottedName | None = None
    """It never calls this."""
    defines: DottedName | None = None
    """It defines this function or class, or `Class.method`; `Process.run` means: in a subclass
    of Process."""
    guarded: Flag | None = None
    """`true`: processes are started only under `if __name__ == "__main__":` or in functions."""


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
    "plugin",
]
RELATIONS: tuple[Relation, ...] = get_args(Relation)


def _one_or_several(step: object) -> str:
    return "several moments" if isinstance(step, (list, tuple)) else "one moment"


Step = Annotated[
    Union[
        Annotated[Moment, Tag("one moment")],
        Annotated[tuple[Moment, ...], Field(min_length=2), Tag("several moments")],
    ],
    Discriminator(_one_or_several),
]
"""A moment, or several in any order."""


def _only_true(value: object) -> object:
    if value is not True and getattr(value, "kind", None) != "true":
        raise ValueError("write true, or leave the check out")
    return True


def _plugin(value: object, info: ValidationInfo) -> object:
    """``{name: parameters}``, as the file has it, becomes the name and the family's model."""
    if not isinstance(value, dict):
        return value
    ((name, parameters),) = value.items()
    family = find_family(name)
    if family is None:
        raise ValueError(f"no package brings a check '{name}' along")
    adapter = TypeAdapter(dict[str, family.parameters])  # type: ignore[name-defined]
    checked = adapter.validate_python({str(name): parameters}, context=info.context)
    return str(name), checked[name]


class Check(Model):
    """One claim about the run, worth points. It has exactly one of the relations below."""

    PLACE: ClassVar[str] = "a check"
    EXAMPLE: ClassVar[str] = "{id: ends-well, expect: It ends without an error, clean: true}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (exactly_one(*map(kebab, RELATIONS)),)

    id: Identifier
    """What other checks and the results call it."""
    points: Annotated[Number, Field(ge=0)] = 1
    """What it is worth. `0` makes it advice: shown, never counted."""
    expect: LocalizedText
    """The claim, in words that a student reads."""
    needs: tuple[CheckName, ...] = ()
    """Checks that must pass before this one says anything."""
    hint: LocalizedText | None = None
    """What helps a student whose program does not pass. Never the solution."""
    any_duration: Flag = False
    """It must hold however late or slow a process is."""

    prints: Prints | None = None
    """A process prints a line."""
    order: (
        Annotated[
            tuple[Step, ...],
            Field(min_length=2),
            Takes("a list of [moments](#a-moment)"),
        ]
        | None
    ) = None
    """These moments come in this order; those of a list within the list come in any order."""
    time: Time | None = None
    """The span between two moments lies within bounds."""
    together: GroupName | None = None
    """All processes of the group are alive at one instant."""
    one_at_a_time: GroupName | None = None
    """No two processes of the group are ever alive at once."""
    waited: Waited | None = None
    """A process really waited for the end of another."""
    ended: EndedHow | None = None
    """How a process ended, by whom, and when."""
    daemon: Daemon | None = None
    """Whether a process is a daemon."""
    named: Named | None = None
    """What the name of a process is."""
    started_by: StartedBy | None = None
    """Who created a process."""
    count: Count | None = None
    """How many processes a name stands for."""
    start_method: SeenStartMethod | None = None
    """Every child was created in this way."""
    raises: Raises | None = None
    """An exception ends a process."""
    clean: Annotated[Literal[True], BeforeValidator(_only_true), Takes("true")] | None = None
    """No traceback, nobody outlives main, and main exits with 0."""
    source: Source | None = None
    """What the code says."""
    plugin: Annotated[tuple[str, SerializeAsAny[Model]], BeforeValidator(_plugin)] | None = None
    """The relation of another package, with its parameters. In a file its key is its name."""

    @property
    def relation(self) -> Relation:
        """Which of the relations it has."""
        return next(name for name in RELATIONS if getattr(self, name) is not None)

    @model_validator(mode="before")
    @classmethod
    def _find_plugin(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        names = {*cls.keys(), *cls.model_fields}
        for key in [key for key in data if key not in names]:
            try:
                found = find_family(key) is not None
            except FamilyError:
                continue  # the loader tells it, at the key; here the key is just unknown
            if found:
                data = {**data, "plugin": {key: data[key]}}
                del data[key]
                break
        return data


class Exercise(Model):
    """One exercise: the task, how it is run, who takes part, and what is checked."""

    PLACE: ClassVar[str] = "an exercise"
    EXAMPLE: ClassVar[str] = "{id: join, title: ..., task: ..., checks: [...]}"

    id: Identifier
    """Its name; the file is called the same, with `.yaml`."""
    title: LocalizedText
    """A few words."""
    task: LocalizedText
    """What the student is told, in Markdown. Everything that is graded is said here."""
    run: Run = Run()
    """How the submission is run."""
    cast: Annotated[dict[CastName, Cast], Takes("names, each with its description")] = Field({})
    """Names for processes, each with what tells them from others."""
    checks: Annotated[tuple[Check, ...], Field(min_length=1)]
    """What must hold."""

    def check(self, check_id: str) -> Check:
        """The check of that id.

        Raises:
            KeyError: there is none.
        """
        for check in self.checks:
            if check.id == check_id:
                return check
        raise KeyError(check_id)
