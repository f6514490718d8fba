"""The names of an exercise's cast, resolved to processes of a run before anything is judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from grader.checks.words import like, quoted
from grader.exercise import ANY_NAME, MAIN_NAME, Cast, Peer, parse_pattern
from grader.exercise.names import group_of
from grader.messages import Text, plural, say
from grader.trace import MAIN, Process, ProcessNumber, Role, StartMethod, Trace
from grader.trace.naming import name_of, several, subject_of
from grader.trace.questions import children_of, created, main_of, threads_of
from grader.trace.tracebacks import spoken


@dataclass(frozen=True)
class UnresolvedRole:
    """A name that stands for too few or too many processes in this run.

    ``name`` is where it began: a name that is described by another one fails with that.
    ``happened`` says how many were ``found``. ``unseen``: the grader could not see what it would
    have to know.
    """

    name: str
    happened: Text
    found: tuple[ProcessNumber, ...]
    too_few: bool
    unseen: bool = False


@dataclass(frozen=True)
class Roles:
    """Which processes each name stands for, and the names that could not be resolved."""

    members: Mapping[str, tuple[ProcessNumber, ...]]
    unresolved: Mapping[str, UnresolvedRole]
    found: Mapping[str, Text]
    """One sentence a name: how many processes are as it describes."""

    def of(self, name: str) -> tuple[ProcessNumber, ...]:
        """The numbers of the processes that the name stands for, in the order of birth."""
        if name in self.members:
            return self.members[name]
        return self.members[group_of(name)]  # one of a group, and it is not said which


def resolve_roles(cast: Mapping[str, Cast], trace: Trace, peers: Iterable[Peer] = ()) -> Roles:
    """Find every name of the cast. ``main`` is process 0, ``any`` is main and all it made; a
    peer's name is that of its process.
    """
    return _Search(cast, trace, peers).resolved()


class _Search:
    def __init__(self, cast: Mapping[str, Cast], trace: Trace, peers: Iterable[Peer]) -> None:
        self._cast = cast
        self._trace = trace
        main = () if main_of(trace) is None else (MAIN,)
        made = (*created(trace), *threads_of(trace))
        everybody = (*main, *(each.number for each in made))
        self._members: dict[str, tuple[ProcessNumber, ...]] = {
            MAIN_NAME: main,
            ANY_NAME: everybody,
        }
        self._unresolved: dict[str, UnresolvedRole] = {}
        self._sentences: dict[str, Text] = {MAIN_NAME: say("There is one main.")}
        for peer in peers:
            self._find_peer(peer)

    def resolved(self) -> Roles:
        """The processes of every role, and what is said of roles that were not found."""
        for name in self._cast:
            self._find(name)
        return Roles(self._members, self._unresolved, self._sentences)

    def _find_peer(self, peer: Peer) -> None:
        numbers = tuple(
            each.number
            for each in self._trace.processes
            if each.role is Role.PEER and each.creator is None and each.name == peer.name
        )
        self._members[peer.name] = numbers
        self._sentences[peer.name] = say("{name} was started.", name=peer.name)
        if not numbers:
            self._unresolved[peer.name] = UnresolvedRole(
                peer.name, _never_began(peer), (), too_few=True
            )

    def _find(self, name: str) -> tuple[ProcessNumber, ...]:
        if name not in self._members:
            self._members[name] = ()  # a role that describes itself stands for none
            wanted = self._cast[name]
            candidates = self._candidates(wanted)
            found = [each for each in candidates if self._fits(each, wanted)]
            self._members[name] = tuple(each.number for each in found)
            self._judge(name, wanted, candidates)
        return self._members[name]

    def _candidates(self, wanted: Cast) -> list[Process]:
        if wanted.programs_of is not None:
            running = {*self._find(wanted.programs_of)}
            programs = []
            for each in created(self._trace):  # in the order of birth: a shell before what it runs
                if each.start_method is StartMethod.SUBPROCESS and each.creator in running:
                    running.add(each.number)
                    programs.append(each)
            return programs
        if wanted.threads_of is not None:
            of = self._find(wanted.threads_of)
            return [each for each in threads_of(self._trace) if each.creator in of]
        if wanted.children_of is None:
            return [
                each
                for each in created(self._trace)
                if each.start_method is not StartMethod.SUBPROCESS
            ]
        parents = self._find(wanted.children_of)
        return [child for parent in parents for child in children_of(self._trace, parent)]

    def _fits(self, each: Process, wanted: Cast) -> bool:
        if wanted.except_ is not None and each.number in self._find(wanted.except_):
            return False
        name = each.name or each.program_name
        if wanted.named is not None and (
            name is None or parse_pattern(wanted.named).match(name) is None
        ):
            return False
        if wanted.prints is None:
            return True
        pattern = parse_pattern(wanted.prints)
        return any(pattern.match(line.text) for line in spoken(self._trace, each.number))

    def _judge(self, name: str, wanted: Cast, candidates: list[Process]) -> None:
        found = self._members[name]
        sentence = self._sentence(wanted, len(found))
        self._sentences[name] = sentence
        parents = (wanted.children_of, wanted.threads_of, wanted.programs_of)
        for other in (*parents, wanted.except_):
            if other in self._unresolved and self._unresolved[other].too_few:
                self._unresolved[name] = self._unresolved[other]
                return
        too_few = len(found) < (1 if wanted.count is None else wanted.count)
        if too_few or (wanted.count is not None and len(found) > wanted.count):
            unseen = wanted.named is not None and any(
                each.name is None and each.program_name is None for each in candidates
            )
            happened = beside(sentence, len(found), wanted.count, wanted)
            known = (each.name or each.program_name for each in candidates)
            names = [quoted(name) for name in known if name is not None]
            if wanted.named is not None and names and not found:
                happened = say(
                    "{found} They are named {names}.", found=happened, names=several(names)
                )
            self._unresolved[name] = UnresolvedRole(name, happened, found, too_few, unseen)

    def _sentence(self, wanted: Cast, count: int) -> Text:
        """How many processes are as wanted."""
        whose = wanted.children_of or wanted.threads_of or wanted.programs_of
        parents = self._find(whose) if whose else ()
        one_parent = whose != ANY_NAME and len(parents) == 1
        if wanted.prints is None and wanted.named is None and wanted.except_ is None:
            parent = subject_of(self._trace, parents[0]) if one_parent else say("The program")
            started = _started(parent, count)
            left = len(replaced_by_programs(self._trace, parents or None))
            if not left or wanted.children_of is None:
                return started
            replaced = _became_programs(
                name_of(self._trace, parents[0]) if one_parent else None, left
            )
            return say("{found} {others}", found=started, others=replaced) if count else replaced
        parent = name_of(self._trace, parents[0]) if one_parent else say("the program")
        return _found(wanted, parent, count)


def _never_began(peer: Peer) -> Text:
    """Why a peer was not started."""
    begins = peer.begins
    if begins is not None and begins.listens is not None:
        return say(
            "No process accepted connections at port {port}, so {name} could not connect.",
            port=str(begins.listens),
            name=peer.name,
        )
    if begins is not None and begins.prints is not None:
        return say(
            "No process printed {line}, which {name} waited for.",
            line=like(begins.prints),
            name=peer.name,
        )
    return say("The run was over before {name} could begin.", name=peer.name)


def beside(found: Text, count: int, wanted: int | None, described: Cast | None) -> Text:
    """What was found, and how many there should be where that says something new."""
    nobody_printed_it = not count and described is not None and described.prints is not None
    if wanted is None or nobody_printed_it:
        return found
    return say("{found} There should be {count}.", found=found, count=wanted)


def _found(wanted: Cast, parent: Text, count: int) -> Text:
    """How many of the processes that the parent started are as wanted."""
    if wanted.prints is not None:
        line = like(wanted.prints)
        if not count:
            return say(
                "None of the processes that {parent} started printed {line}.",
                parent=parent,
                line=line,
            )
        return plural(
            "{count} process that {parent} started printed {line}.",
            "{count} processes that {parent} started printed {line}.",
            count,
            parent=parent,
            line=line,
        )
    if wanted.named is not None:
        name = like(wanted.named)
        if not count:
            return say(
                "None of the processes that {parent} started is named {name}.",
                parent=parent,
                name=name,
            )
        return plural(
            "{count} process that {parent} started is named {name}.",
            "{count} processes that {parent} started are named {name}.",
            count,
            parent=parent,
            name=name,
        )
    if not count:
        return say("There is no other process that {parent} started.", parent=parent)
    return plural(
        "There is {count} other process that {parent} started.",
        "There are {count} other processes that {parent} started.",
        count,
        parent=parent,
    )


def replaced_by_programs(
    trace: Trace, parents: Collection[ProcessNumber] | None = None
) -> tuple[ProcessNumber, ...]:
    """The processes that a `Process` object stands for and that went over to another program, of
    all or of these parents.
    """
    return tuple(
        each.number
        for each in created(trace)
        if each.start_method is StartMethod.SUBPROCESS
        and each.name is not None
        and (parents is None or each.creator in parents)
    )


def _became_programs(parent: Text | None, count: int) -> Text:
    return plural(
        "{count} process that {parent} started became another program by `exec`, and is not "
        "counted.",
        "{count} processes that {parent} started became other programs by `exec`, and are not "
        "counted.",
        count,
        parent=say("the program") if parent is None else parent,
    )


def _started(parent: Text, count: int) -> Text:
    """How many processes a parent started."""
    if not count:
        return say("{parent} started no process.", parent=parent)
    return plural(
        "{parent} started {count} process.",
        "{parent} started {count} processes.",
        count,
        parent=parent,
    )
