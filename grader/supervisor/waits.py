"""What is known of each process while a run goes on, and who waits for whose end.

`multiprocessing` also waits where the student did not ask: its `start()` first tidies up after
children that have ended (CPython, Lib/multiprocessing/process.py, `_cleanup`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from grader.supervisor.journal import Journal
from grader.supervisor.reports import ProbeReport
from grader.trace import (
    BlockedInterval,
    Called,
    Ended,
    Event,
    Location,
    Nanoseconds,
    Process,
    ProcessNumber,
    Role,
    StartMethod,
    WaitBegan,
    WaitedFor,
    WaitReason,
    WaitTimedOut,
)

_TIMEOUT_STEP: Nanoseconds = 100_000_000
"""Time-outs are rounded to this: one that is given as a point in time has become a little shorter
when the wait begins, by how much is chance."""
_WAITING = frozenset({"join", "is_alive", "exitcode", "sentinel", "active_children"})


@dataclass
class Life:
    """What is known of one process so far."""

    process: Process
    creator: ProcessNumber | None = None
    """Who made it, also of a helper."""
    last_call: Called | None = None
    repetition: int | None = None
    """The event that says when the last call was repeated for the last time, if it was."""
    code_ended: bool = False
    announced: ProbeReport | None = None
    """The object whose ``start`` was asked for last, for the child that comes of it."""
    announcement: ProbeReport | None = None
    """What announced this process itself."""
    birth: int = 0
    """Which event tells of its birth; not for those that the grader starts."""
    polls: dict[ProcessNumber, tuple[int, Nanoseconds]] = field(default_factory=dict)
    """Child -> how often it was asked for in vain, and since when."""
    in_start: bool = False
    """Inside ``Process.start()``, which first looks for children that have ended."""
    tidied: set[ProcessNumber] = field(default_factory=set)
    """Children whose end was found in that way: the student's code has not asked for it yet."""

    def line_of(self, functions: frozenset[str]) -> Location | None:
        """Where the student's code last asked its Process object for one of these."""
        call = self.last_call
        if call is None or call.function not in functions or self.code_ended:
            return None
        return call.line


def with_sentinel_reads(events: Sequence[Event]) -> list[Event]:
    """The events, and a wait for each child whose sentinel was asked for by a process that stood
    still in a pipe then, and did nothing more until the child had ended: it read from the sentinel
    (``os.read(p.sentinel, 1)``), which ends with the process. Reads are no events: there are too
    many of them.
    """
    ends = {each.by: index for index, each in enumerate(events) if isinstance(each, Ended)}
    added: dict[int, list[Event]] = {}
    for index, call in enumerate(events):
        if not isinstance(call, Called) or call.function != "sentinel" or call.target is None:
            continue
        end = ends.get(call.target, 0)
        meanwhile = [each for each in events[index + 1 : end] if each.by == call.by]
        if not meanwhile or not all(
            isinstance(each, BlockedInterval)
            and each.obstacle is WaitReason.PIPE
            and each.until <= events[end].at
            for each in meanwhile
        ):
            continue
        at, child, line = call.at, call.target, call.line
        began = WaitBegan(at, call.by, (child,), line=line)
        over = WaitedFor(events[end].at, call.by, child, "sentinel", began=at, line=line)
        added.setdefault(index, []).append(began)
        added.setdefault(end, []).append(over)
    return [each for index, event in enumerate(events) for each in (event, *added.get(index, ()))]


class Waits:
    """Writes down waits. ``lives`` grows while the run goes on."""

    def __init__(self, journal: Journal, lives: Sequence[Life]) -> None:
        self._journal = journal
        self._lives = lives
        self.longest_timeout: Nanoseconds = 0
        """Of all waits of the submission for something that is no child's end."""

    def start_began(self, number: ProcessNumber) -> None:
        """The student's code calls ``Process.start()``."""
        self._lives[number].tidied |= self._ended_servants(number)

    def asked(self, number: ProcessNumber, child: ProcessNumber | None, function: str) -> None:
        """The student's code asks a Process object for something, or multiprocessing which children
        are alive: those that it leaves out have ended.
        """
        if function == "active_children":
            for ended in sorted(self._lives[number].tidied):
                self._learned_late(number, ended, "poll")
        elif function in _WAITING and child is not None and child in self._lives[number].tidied:
            self._learned_late(number, child, "wait" if function == "join" else "poll")

    def began(
        self,
        number: ProcessNumber,
        children: tuple[ProcessNumber, ...],
        timeout: Nanoseconds | None = None,
    ) -> Nanoseconds:
        """Returns the time, which `waited_for` wants back."""
        at = self._journal.now()
        if self._lives[number].process.role is not Role.HELPER and not self._are_helpers(children):
            line = self._lives[number].line_of(_WAITING)
            self._journal.happened(WaitBegan(at, number, children, timeout, line))
        return at

    def bounded(self, number: ProcessNumber, timeout: Nanoseconds) -> None:
        """A process waits for something that is no child's end, and for so long at most."""
        if self._lives[number].process.role not in (Role.HELPER, Role.PEER):
            rounded = round(timeout / _TIMEOUT_STEP) * _TIMEOUT_STEP
            self.longest_timeout = max(self.longest_timeout, rounded)

    def timed_out(self, number: ProcessNumber, children: tuple[ProcessNumber, ...]) -> None:
        """A wait for these children has ended without any of them."""
        if self._are_helpers(children):
            return
        self._journal.happened(WaitTimedOut(self._journal.now(), number, children))

    def polled_fruitlessly(self, number: ProcessNumber, child: ProcessNumber) -> None:
        """A child that was asked for had not ended."""
        life = self._lives[number]
        if not life.in_start:
            count, since = life.polls.get(child, (0, self._journal.now()))
            life.polls[child] = (count + 1, since)

    def waited_for(
        self,
        number: ProcessNumber,
        child: ProcessNumber,
        how: Literal["wait", "poll", "sentinel"],
        began: Nanoseconds | None,
    ) -> None:
        """A process has learned of a child's end.

        Args:
            number: the process that asked.
            child: whose end it was.
            how: by a wait, by asking without waiting, or by watching the child's sentinel.
            began: what `began` returned for this wait; None: it did not wait.
        """
        life = self._lives[number]
        if life.process.role is Role.HELPER or self._are_helpers((child,)):
            return
        if life.in_start:
            life.tidied.add(child)
            return  # multiprocessing tidies up; the student did not ask
        polls, since = life.polls.pop(child, (0, None))
        if began is None:
            began = since
        self._journal.happened(
            WaitedFor(
                at=self._journal.now(),
                by=number,
                child=child,
                how=how,
                began=began,
                polls=polls,
                in_shutdown=life.code_ended,
                line=life.line_of(_WAITING),
            )
        )

    def _are_helpers(self, children: tuple[ProcessNumber, ...]) -> bool:
        """Whether it is multiprocessing that waits for them, as for the process of a manager."""
        roles = {self._lives[child].process.role for child in children}
        return roles == {Role.HELPER}

    def _ended_servants(self, creator: ProcessNumber) -> set[ProcessNumber]:
        """Its children by way of a fork server that have ended: start() reads of their ends from
        pipes, which the kernel knows nothing of.
        """
        return {
            number
            for number, life in enumerate(self._lives)
            if life.process.creator == creator
            and life.process.start_method is StartMethod.FORKSERVER
            and life.process.ended is not None
        }

    def _learned_late(
        self, number: ProcessNumber, child: ProcessNumber, how: Literal["wait", "poll"]
    ) -> None:
        """The student's code asks for a child's end that a later ``start()`` had found already:
        multiprocessing knows the answer, so the kernel is not asked again.
        """
        life, now = self._lives[number], self._journal.now()
        life.tidied.discard(child)
        polls, _ = life.polls.pop(child, (0, None))
        line = life.line_of(_WAITING)
        self._journal.happened(
            WaitedFor(now, number, child, how, now, polls, life.code_ended, line)
        )
