"""What a check is judged against: one run, the code, and which process is which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from grader.checks.roles import Roles, resolve_roles
from grader.checks.threads import with_threads
from grader.checks.words import like, quoted
from grader.exercise import ANY_NAME, Exercise
from grader.messages import Text, say
from grader.source import Code
from grader.source.places import Places
from grader.submission import Submission
from grader.trace import (
    MAIN,
    Event,
    Location,
    Nanoseconds,
    Printed,
    Process,
    ProcessNumber,
    Trace,
    naming,
    questions,
)
from grader.trace.questions import children_of
from grader.trace.tracebacks import Traceback, spoken, tracebacks

_TOGETHER: Nanoseconds = 50 * 10**6
"""In a natural run processes that do the same end within less than this, in any order."""


@dataclass(frozen=True)
class JudgeContext:
    """One run of a submission, with what is asked of it again and again."""

    exercise: Exercise
    trace: Trace
    submission: Submission
    code: Code
    beside: Trace | None = None
    """The natural run under the exercise's first start method; None where this is no natural run
    under another one."""

    @cached_property
    def of_threads(self) -> JudgeContext:
        """The same run, in which each thread is a process: for checks that are about threads."""
        beside = None if self.beside is None else with_threads(self.beside)
        return replace(self, trace=with_threads(self.trace), beside=beside)

    @cached_property
    def roles(self) -> Roles:
        """The processes of each name of the cast, and of main, any and the peers."""
        return resolve_roles(self.exercise.cast, self.trace, self.exercise.run.peers)

    @cached_property
    def spoken(self) -> tuple[Printed, ...]:
        """The lines that the submission printed, tracebacks and the words of peers left out."""
        return tuple(line for line in spoken(self.trace) if line.by in self.own)

    @cached_property
    def heard(self) -> tuple[Printed, ...]:
        """What the submission printed and what its peers did, tracebacks left out."""
        return spoken(self.trace)

    @cached_property
    def tracebacks(self) -> tuple[Traceback, ...]:
        """The exceptions that the submission's own processes died of."""
        return tuple(each for each in tracebacks(self.trace) if each.process in self.own)

    @property
    def own(self) -> tuple[ProcessNumber, ...]:
        """Main and all that it made: no helpers and no peers."""
        return self.roles.of(ANY_NAME)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The names of the submission's files, the script first."""
        return tuple(file.name for file in self.submission.files)

    @cached_property
    def children(self) -> tuple[ProcessNumber, ...]:
        """The numbers of main's children."""
        return tuple(each.number for each in children_of(self.trace, MAIN))

    def narrowed(self, name: str, number: ProcessNumber) -> JudgeContext:
        """The same run, with a name of the cast that stands for one process of its group."""
        one = replace(self)
        roles = replace(self.roles, members={**self.roles.members, name: (number,)})
        one.__dict__.update(self.__dict__, roles=roles)  # what was found out stays found out
        return one

    def members(self, name: str) -> tuple[Process, ...]:
        """The processes that a name of the cast stands for, in the order of birth."""
        return tuple(questions.process(self.trace, number) for number in self.roles.of(name))

    @cached_property
    def _positions(self) -> dict[int, int]:
        return {id(event): index for index, event in enumerate(self.trace.events)}

    def position(self, event: Event) -> int:
        """Where an event of the trace stands: those of one instant have an order, too."""
        return self._positions[id(event)]

    def name(self, number: ProcessNumber) -> Text:
        """What the student calls a process."""
        return naming.name_of(self.trace, number)

    def names(self, numbers: Iterable[ProcessNumber]) -> Text:
        """What the student calls several processes."""
        return naming.names_of(self.trace, tuple(numbers))

    def subject(self, number: ProcessNumber) -> Text:
        """A name at the beginning of a sentence."""
        return naming.subject_of(self.trace, number)

    def subjects(self, numbers: Iterable[ProcessNumber]) -> Text:
        """Names at the beginning of a sentence."""
        return naming.subjects_of(self.trace, tuple(numbers))

    def like(self, pattern: str) -> Text:
        """A pattern as the task spells it, or as a student reads it."""
        return like(pattern, self.exercise.task)

    def line(self, place: Location) -> Text:
        """A line within a sentence."""
        return naming.line_of(place, self.submission.script.name)

    def line_as_subject(self, place: Location) -> Text:
        """A line at the beginning of a sentence."""
        return naming.line_as_subject(place, self.submission.script.name)

    def line_printed(self, line: Printed) -> Text:
        """A line that was printed, within a sentence."""
        return say("the line {line} of {name}", line=quoted(line.text), name=self.name(line.by))

    def printed_at(self, line: Printed) -> Location | None:
        """The line of the script that printed one, where the script says it of one alone."""
        return self.places.of(line)

    @cached_property
    def places(self) -> Places:
        """At which lines of the script things happened of which the trace does not say it."""
        return Places(self.trace, self.code)

    def end(self, number: ProcessNumber) -> Nanoseconds:
        """The end of a process, or of the run while it lived."""
        return questions.last_instant(self.trace, questions.process(self.trace, number))

    def last_to_end(self, numbers: Iterable[ProcessNumber]) -> ProcessNumber:
        """The one of at least one process to name as the last. Of those that ended together it is
        the first in order of birth: a report must not depend on which took a moment longer.
        """
        ends = {number: self.end(number) for number in numbers}
        last = max(ends.values())
        return min(number for number, end in ends.items() if last - end < _TOGETHER)


def numbers_of(processes: Iterable[Process]) -> tuple[ProcessNumber, ...]:
    """Their numbers."""
    return tuple(each.number for each in processes)
