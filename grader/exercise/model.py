"""An exercise as a teacher wrote it, validated. Times are integer nanoseconds.

These models are also the source of the language's reference and of its JSON Schema: the
docstrings of classes and fields are what a teacher reads there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    SerializeAsAny,
    TypeAdapter,
    ValidationInfo,
    model_validator,
)

from grader.exercise.base import Model, kebab
from grader.exercise.company import DialogueStep, Peer, Port, step_ids
from grader.exercise.families import FamilyError, find_family
from grader.exercise.names import (
    AnyProcess,
    CastName,
    CheckName,
    GroupName,
    ProcessName,
    StepName,
    Vocabulary,
)
from grader.exercise.relations import (
    Called,
    Count,
    Daemon,
    EndedHow,
    KeepsOpen,
    Moment,
    Named,
    Prints,
    Raises,
    Source,
    StartedBy,
    Step,
    Subclass,
    Time,
    Waited,
)
from grader.exercise.rules import KeyRule, at_least_one, exactly_one
from grader.exercise.values import (
    IDENTIFIER_SCHEMA,
    START_METHODS_SCHEMA,
    Clock,
    DefaultStartMethod,
    Duration,
    Flag,
    Identifier,
    LinePattern,
    LocalizedText,
    Number,
    PlainPattern,
    SeenStartMethod,
    Size,
    Whole,
    one_or_several,
)
from grader.exercise.wording import Takes
from grader.limits import Limits as RunLimits
from grader.trace import StartMethod


class Limits(Model):
    """What a run may use. Reaching a limit ends the run; what was seen up to there is judged."""

    PLACE: ClassVar[str] = "limits"
    EXAMPLE: ClassVar[str] = "{cpu: 10s}"

    time: Annotated[Duration, Field(gt=0)] = RunLimits.time
    """On the submission's own clock."""
    cpu: Annotated[Duration, Field(gt=0)] = RunLimits.cpu
    """CPU time of all its processes together, from the script's first line on."""
    processes: Annotated[Whole, Field(ge=1)] = RunLimits.processes
    """Processes and threads alive at once."""
    memory: Annotated[Size, Field(gt=0)] = RunLimits.memory
    """Of all its processes together."""
    output: Annotated[Size, Field(gt=0)] = RunLimits.output
    """Bytes at the terminal."""
    disk: Annotated[Size, Field(gt=0)] = RunLimits.disk
    """What all the files that it writes take together; no file may be larger."""
    events: Annotated[Whole, Field(ge=100)] = RunLimits.events
    """Lines printed, signals, sleeps, waits, births and deaths of all its processes together."""


class Schedules(Model):
    """Under how many event orders the submission is run, and what they may do to it."""

    PLACE: ClassVar[str] = "schedules"
    EXAMPLE: ClassVar[str] = "{count: 12, delay: 200ms}"

    count: Annotated[Whole, Field(ge=1, le=1000)] = 12
    """How many, the natural one included. `1` is the natural order only."""
    delay: Annotated[Duration, Field(ge=0)] = 200 * 10**6
    """By how much a right answer must bear that a process begins or wakes late. Checks with
    `any-duration` must bear any delay."""


class Run(Model):
    """How the submission is run. All of it is optional."""

    PLACE: ClassVar[str] = "run"
    EXAMPLE: ClassVar[str] = "{start-method: spawn}"

    clock: Clock = "virtual"
    """`virtual`: the submission's own clock, on which a sleep costs nothing and a loaded machine
    changes nothing. `real` is for exercises about parallel speed-up."""
    start_method: Annotated[
        tuple[DefaultStartMethod, ...],
        BeforeValidator(one_or_several),
        Field(min_length=1),
        Takes("fork, spawn or forkserver, or a list of them", START_METHODS_SCHEMA),
    ] = (StartMethod.FORK,)
    """The default start method that the script finds. With a list it is run under each."""
    schedules: Schedules = Schedules()
    """Under which event orders it is run."""
    limits: Limits = Limits()
    """What a run may use."""
    peers: tuple[Peer, ...] = ()
    """Other programs beside the submission. Checks call their processes by their names."""
    dialogue: tuple[DialogueStep, ...] = ()
    """What happens at the submission's terminal, step after step. Where it is over and the
    submission would go on, it is stopped; that is no fault."""
    ports: Annotated[
        tuple[Port, ...],
        Takes("a list of numbers", {"type": "array", "items": {"type": "integer"}}),
    ] = ()
    """TCP ports that it uses, besides those that peers and moments name. Where networks cannot be
    private, no two submissions are run at the same time at one of them."""

    @property
    def step_ids(self) -> tuple[str, ...]:
        """What the steps of the dialogue are called."""
        return step_ids(step.id for step in self.dialogue)


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
    "subclass",
    "called",
    "started_by",
    "count",
    "start_method",
    "raises",
    "clean",
    "source",
    "dialogue",
    "keeps_open",
    "same_lines",
    "plugin",
]
RELATIONS: tuple[Relation, ...] = get_args(Relation)


_MOMENT_SCHEMA = {"$ref": "#/$defs/Moment"}
_STEPS_SCHEMA = {
    "type": "array",
    "items": {"anyOf": [_MOMENT_SCHEMA, {"type": "array", "items": _MOMENT_SCHEMA, "minItems": 2}]},
    "minItems": 2,
}


def _only_true(value: object) -> object:
    if value is not True and getattr(value, "kind", None) != "true":
        raise ValueError("write true, or leave the check out")
    return True


OnlyTrue = Annotated[Literal[True], BeforeValidator(_only_true), Takes("true", {"const": True})]


def _plugin(value: object, info: ValidationInfo) -> object:
    """``{name: parameters}``, as the file has it, becomes the name and the family's model."""
    if not isinstance(value, dict):
        return value
    ((name, parameters),) = value.items()
    family = find_family(name)
    if family is None:
        raise ValueError(f"no package brings a check '{name}' along")
    adapter = TypeAdapter(dict[str, family.parameters])  # type: ignore[name-defined]  # a run-time type
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
    needs: Annotated[
        tuple[CheckName, ...],
        Takes("a list of ids of other checks", {"type": "array", "items": IDENTIFIER_SCHEMA}),
    ] = ()
    """Checks that must pass before this one says anything. While one of them does not, this one
    is skipped: it scores nothing, and only the other one is told."""
    hint: LocalizedText | None = None
    """What helps a student whose program does not pass. Never the solution. It is shown unless
    the grader recognises the mistake itself, or asks the same already."""
    any_duration: Flag = False
    """It must hold however late or slow a process is."""

    prints: Prints | None = None
    """A process prints a line."""
    order: (
        Annotated[
            tuple[Step, ...],
            Field(min_length=2),
            Takes("a list of [moments](#a-moment)", _STEPS_SCHEMA),
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
    subclass: Subclass | None = None
    """What the class of a process is."""
    called: Called | None = None
    """A method of a process object is asked for."""
    started_by: StartedBy | None = None
    """Who created a process."""
    count: Count | None = None
    """How many processes a name stands for."""
    start_method: SeenStartMethod | None = None
    """Every child was created in this way."""
    raises: Raises | None = None
    """An exception ends a process."""
    clean: OnlyTrue | None = None
    """No traceback, nobody outlives main, and main exits with 0."""
    source: Source | None = None
    """What the code says."""
    dialogue: StepName | None = None
    """The dialogue came to this step and beyond it."""
    keeps_open: KeepsOpen | None = None
    """How many connections a process keeps open to the last."""
    same_lines: OnlyTrue | None = None
    """Every start method of the exercise makes the script print the same lines, in whatever
    order. Pids, times and the name of the method may differ."""
    plugin: Annotated[tuple[str, SerializeAsAny[Model]], BeforeValidator(_plugin)] | None = None
    """The relation of another package, with its parameters. In a file its key is its name."""

    @property
    def relation(self) -> Relation:
        """Which of the relations it has."""
        return next(name for name in RELATIONS if getattr(self, name) is not None)

    @model_validator(mode="before")
    @classmethod
    def _find_plugin(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict):
            return data
        if isinstance(info.context, Vocabulary):  # a file: here it is no key of the language
            data = {key: value for key, value in data.items() if key != "plugin"}
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


def moments_in(part: object) -> Iterator[Moment]:
    """The moments that a check, or a part of one, speaks of."""
    if isinstance(part, Moment):
        yield part
    elif isinstance(part, Model):
        for name in type(part).model_fields:
            yield from moments_in(getattr(part, name))
    elif isinstance(part, tuple):
        for one in part:
            yield from moments_in(one)


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

    _programs: Mapping[str, bytes] = PrivateAttr(default_factory=dict)

    @property
    def programs(self) -> Mapping[str, bytes]:
        """What stands in the files of its peers."""
        return self._programs

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports that it names: where peers wait, at which moments, and besides."""
        listens = [peer.begins.listens for peer in self.run.peers if peer.begins is not None]
        listens += [moment.listens for check in self.checks for moment in moments_in(check)]
        return tuple(sorted({*self.run.ports, *(port for port in listens if port is not None)}))

    def with_programs(self, programs: Mapping[str, bytes]) -> Exercise:
        """The same exercise, with what stands in the files of its peers."""
        copied = self.model_copy()
        copied._programs = dict(programs)
        return copied

    def check(self, check_id: str) -> Check:
        """The check of that id.

        Raises:
            KeyError: there is none.
        """
        for check in self.checks:
            if check.id == check_id:
                return check
        raise KeyError(check_id)
