"""An exercise as a teacher wrote it, validated. Times are integer nanoseconds.

These models are also the source of the language's reference and of its JSON Schema: the
docstrings of classes and fields are what a teacher reads there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from copy import copy
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails

from grader.exercise.base import Model, OneValue, RelationModel, line_errors
from grader.exercise.company import DialogueStep, Peer, with_ids
from grader.exercise.families import FamilyError, find_family
from grader.exercise.fields import models_in, roles_in
from grader.exercise.moment import Moment
from grader.exercise.named_holes import wrong_names
from grader.exercise.names import (
    EACH_NAME,
    AnyProcess,
    CastName,
    CheckName,
    GivenFile,
    GroupName,
    ProcessName,
    Vocabulary,
    group_of,
    member_of,
)
from grader.exercise.relations import RELATIONS
from grader.exercise.relations.processes import Called
from grader.exercise.relations.remains import FileHolds, Shares
from grader.exercise.rules import (
    Accompanies,
    KeyRule,
    KeyRuleError,
    at_least_one,
    broken_rules,
    exactly_one,
    not_together,
)
from grader.exercise.values import (
    IDENTIFIER_SCHEMA,
    START_METHODS_SCHEMA,
    Clock,
    DefaultStartMethod,
    Duration,
    Flag,
    Identifier,
    LocalizedText,
    Number,
    OwnLinePattern,
    PlainPattern,
    Port,
    Size,
    Until,
    Whole,
    one_or_several,
)
from grader.exercise.wording import Takes, listed
from grader.limits import Limits as RunLimits
from grader.trace import StartMethod

Relation = str
"""The key of a relation."""


class Limits(Model):
    """What a run may use. Reaching a limit ends the run; what was seen up to there is judged."""

    PLACE: ClassVar[str] = "limits"
    EXAMPLE: ClassVar[str] = "{cpu: 10s}"

    time: Annotated[Duration, Field(gt=0)] = RunLimits.time
    """On the submission's own clock."""
    cpu: Annotated[Duration, Field(gt=0)] = RunLimits.cpu
    """CPU time of all its processes together, from the script's first line on."""
    processes: Annotated[Whole, Field(ge=1)] = RunLimits.processes
    """Alive at once."""
    threads: Annotated[Whole, Field(ge=1)] = RunLimits.threads
    """Alive at once, in all its processes together, besides the first one of each."""
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
    RULES: ClassVar[tuple[KeyRule, ...]] = (Accompanies("at-most", ("until",)),)

    count: Annotated[Whole, Field(ge=1, le=1000)] = 12
    """How many, the natural one included. `1` is the natural order only."""
    until: Until | None = None
    """`covered`: more than `count`, until a process or thread was held up once at every place where
    it can meet others."""
    at_most: Annotated[Whole, Field(ge=1, le=1000)] = 60
    """With `until: covered`: how many at most."""
    delay: Annotated[Duration, Field(ge=0)] = 200 * 10**6
    """By how much a right answer must bear that a process begins or wakes late. Checks with
    `any-duration` must bear any delay."""

    @property
    def most(self) -> int:
        """How many are tried at most."""
        return self.count if self.until is None else max(self.count, self.at_most)


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
    peers_say: Annotated[
        tuple[LocalizedText, ...],
        Takes("a list of texts, each with its English and Chinese", {"type": "array"}),
    ] = ()
    """Lines that peers print, such as `{en: no answer, zh: 没有回答}`: the English is the line
    itself, and students read the one in their language."""
    dialogue: Annotated[tuple[DialogueStep, ...], AfterValidator(with_ids)] = ()
    """What happens at the submission's terminal, step after step. Where it is over and the
    submission would go on, it is stopped; that is no fault."""
    files: Annotated[
        tuple[GivenFile, ...],
        Takes(
            "a list of paths of files, from the folder of the exercise",
            {"type": "array", "items": {"type": "string"}},
        ),
    ] = ()
    """What lies beside the script whenever it is run, by the last part of its path, such as
    `tickets.json`: a copy, which the script may change. A file of the student's of that name is
    not used."""
    ports: Annotated[
        tuple[Port, ...],
        Takes("a list of numbers", {"type": "array", "items": {"type": "integer"}}),
    ] = ()
    """TCP ports that it uses, besides those that peers and moments name. Where networks cannot be
    private, no two submissions are run at the same time at one of them."""


class Cast(Model):
    """Which processes of the run a name stands for. All that is given must fit."""

    PLACE: ClassVar[str] = "a name of the cast"
    EXAMPLE: ClassVar[str] = "{children-of: main, count: 5}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        at_least_one("children-of", "threads-of", "programs-of", "prints", "named"),
        not_together("children-of", "threads-of", "programs-of"),
    )

    children_of: AnyProcess | None = None
    """Created by this process, under every start method; `any`: by any of the script's."""
    threads_of: AnyProcess | None = None
    """A thread that this process has started by `threading`, a subclass of `Thread` among them."""
    programs_of: AnyProcess | None = None
    """Another program that this process runs: by `subprocess`, `os.system` or `exec`, or through
    another one, such as a shell."""
    count: Annotated[Whole, Field(ge=1)] | None = None
    """How many there must be. With `count: 1` the name is one process, else it is a group."""
    prints: OwnLinePattern | None = None
    """It prints a line like this."""
    named: PlainPattern | None = None
    """Its multiprocessing name is like this, or the name of the thread, or of the program, such as
    `sort`."""
    except_: ProcessName | None = None
    """None of the processes of this other name."""


_CLAIM = "\0claim"
"""What the loader calls the relation of a check: no key of a YAML file can be this."""


def _in_optional(relation: type[RelationModel]) -> FieldInfo:
    """The key of a relation, as a field that may be left out."""
    if not issubclass(relation, OneValue):
        return FieldInfo(annotation=relation, default=None)
    (field,) = relation.fields_by_key().values()
    field = copy(field)
    field.default = None
    return field


_RELATION_KEYS = {key: _in_optional(relation) for key, relation in RELATIONS.items()}


def relation_model(key: str) -> type[Model] | None:
    """The model of what stands under a key of a check, built in or of another package; None if
    no relation is called so.

    Raises:
        FamilyError: the package that brings it along cannot be used.
    """
    if key in RELATIONS:
        return RELATIONS[key]
    family = find_family(key)
    return family.parameters if family else None


def _claim(given: object, info: ValidationInfo) -> object:
    """``{key: parameters}``, as the file has it, becomes the key and the relation's model."""
    if not isinstance(given, dict):
        return given
    group = info.data.get("for_each", "")  # not there: what stands there is wrong
    names = info.context
    if group is not None:
        known = names if isinstance(names, Vocabulary) else Vocabulary(None, None)
        names = replace(known, each=group)
    checked: dict[str, Model] = {}
    errors: list[InitErrorDetails] = []
    for key, value in given.items():
        model = relation_model(key)
        assert model is not None, "a check takes nothing else for a relation"
        try:
            checked[key] = model.model_validate(value, context=names)
        except ValidationError as error:
            errors += line_errors(error, key)
        as_a_whole = any(len(each.get("loc", ())) == 1 for each in errors)
        if key in RELATIONS and not as_a_whole:  # which may be for want of the name
            errors += (
                InitErrorDetails(
                    type="value_error", loc=(key, *path), input=source, ctx={"error": wrong}
                )
                for path, source, wrong in wrong_names(key, value)
            )
    if errors:
        raise ValidationError.from_exception_data("Check", errors)
    relation, parameters = next(iter(checked.items()))
    _refuse_threads(relation, parameters, names)
    if group and member_of(group) not in roles_in(parameters):
        raise ValueError(
            f"'for-each: {group}' judges the check for one process after the other: write "
            f"'{EACH_NAME}' where that process is meant, as in by: {EACH_NAME}"
        )
    return relation, parameters


_OF_THREADS = frozenset(
    "prints order time together one-at-a-time waited concurrent pairs follows daemon named called "
    "count raises".split()
)
"""The relations in which a name may stand for threads."""


def _refuse_threads(relation: Relation, parameters: Model, names: object) -> None:
    if relation in _OF_THREADS or not isinstance(names, Vocabulary):
        return
    for name in map(group_of, roles_in(parameters)):
        if name in names.threads:
            raise ValueError(
                f"'{name}' stands for threads, and '{relation}' is about processes. Of threads "
                f"one can say {listed(sorted(_OF_THREADS))}"
            )


class Check(Model):
    """One claim about the run, worth points. It has exactly one of the relations below."""

    PLACE: ClassVar[str] = "a check"
    EXAMPLE: ClassVar[str] = "{id: ends-well, expect: It ends without an error, clean: true}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (exactly_one(*RELATIONS),)

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
    """Checks that must pass first. While one of them does not, this one is skipped: it scores
    nothing, and only the other one is reported."""
    hint: LocalizedText | None = None
    """What helps a student whose program does not pass. Never the solution. It is shown unless
    the grader recognises the mistake itself, or asks the same already."""
    any_duration: Flag = False
    """It must hold however late or slow a process is."""
    possible: Flag = False
    """It is enough that it holds in one of the orders of events that are tried, where it must else
    hold in each: so one asks for what processes are free to do. With `any-duration` the orders in
    which a process is very late or slow are tried for it, too."""
    under: DefaultStartMethod | None = None
    """Only runs under this one of the exercise's start methods count."""
    for_each: GroupName | None = None
    """It must hold for every process of this group; `each` is then the name of that process."""

    claim: Annotated[
        tuple[str, SerializeAsAny[Model]], BeforeValidator(_claim), Field(alias=_CLAIM)
    ]
    """The key of its relation, and what stands under it."""

    @property
    def parameters(self) -> Model:
        """The parameters of its relation: a model of `grader.exercise.relations`, or a family's."""
        return self.claim[1]

    @property
    def relation(self) -> Relation:
        """The key of its relation, such as ``started-by``."""
        return self.claim[0]

    @classmethod
    def fields_by_key(cls) -> dict[str, FieldInfo]:
        """Its own keys, and those of the relations that are built in."""
        own = {key: field for key, field in super().fields_by_key().items() if key != _CLAIM}
        return {**own, **_RELATION_KEYS}

    @classmethod
    def broken_rules(cls, given: Collection[str]) -> list[KeyRuleError]:
        """As for every model. Relations of other packages count as those that are built in."""
        families: list[str] = []
        broken: list[KeyRuleError] = []
        for key in given:
            if key not in cls.fields_by_key():
                try:
                    families += [key] if find_family(key) is not None else []
                except FamilyError as error:
                    broken.append(KeyRuleError(str(error), key))
        if broken or len(families) < len(set(given) - cls.fields_by_key().keys()):
            return broken
        return broken_rules([exactly_one(*RELATIONS, *families)], cls.PLACE, given)

    @model_validator(mode="before")
    @classmethod
    def _gather_claim(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        own = super().fields_by_key()
        rest: dict[str, object] = {}
        claim: dict[str, object] = {}
        for key, value in data.items():
            try:
                is_relation = key not in own and relation_model(key) is not None
            except FamilyError:
                continue  # `broken_rules` says so
            (claim if is_relation else rest)[key] = value
        return {**rest, _CLAIM: claim} if claim else rest


def moments_in(part: object) -> Iterator[Moment]:
    """The moments that a check, or a part of one, speaks of."""
    return (model for model in models_in(part) if isinstance(model, Moment))


class Exercise(Model):
    """One exercise: the task, how it is run, who takes part, and what is checked."""

    PLACE: ClassVar[str] = "an exercise"
    EXAMPLE: ClassVar[str] = "{id: join, title: ..., task: ..., checks: [...]}"

    id: Identifier
    """Its name; the file is called the same, with `.yaml`."""
    title: LocalizedText
    """A few words."""
    task: LocalizedText
    """The task for the student, in Markdown. It says everything that is graded."""
    run: Run = Run()
    """How the submission is run."""
    cast: Annotated[dict[CastName, Cast], Takes("names, each with its description")] = Field({})
    """Names for processes, each with what distinguishes them."""
    checks: Annotated[tuple[Check, ...], Field(min_length=1)]
    """What must hold."""

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports that it names: where peers wait, at which moments, and besides."""
        listens = [peer.begins.listens for peer in self.run.peers if peer.begins is not None]
        listens += [moment.listens for check in self.checks for moment in moments_in(check)]
        return tuple(sorted({*self.run.ports, *(port for port in listens if port is not None)}))

    @property
    def reports(self) -> tuple[str, ...]:
        """What the probe is to report beyond processes, as `grader.plan.Plan.reports` has it."""
        wanted: dict[str, None] = {}
        most = 0
        for each in self.checks:
            if isinstance(each.parameters, Called):
                wanted |= dict.fromkeys(each.parameters.reports)
                most = max(most, each.parameters.at_least)
            elif isinstance(each.parameters, Shares):
                wanted["shares"] = None
        if any(each.threads_of is not None for each in self.cast.values()):
            wanted["threads"] = None
        return (*wanted, f"most={most}") if most else tuple(wanted)

    @property
    def kept_files(self) -> tuple[str, ...]:
        """The names of the files that are looked at when the program is over."""
        claims = (check.parameters for check in self.checks)
        return tuple(dict.fromkeys(each.name for each in claims if isinstance(each, FileHolds)))

    def check(self, check_id: str) -> Check:
        """The check of that id.

        Raises:
            KeyError: there is none.
        """
        for check in self.checks:
            if check.id == check_id:
                return check
        raise KeyError(check_id)
