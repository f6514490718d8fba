"""What the rows of the tables are, and which failed checks a mistake explains."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.registry import Concern, concern_of, is_of_code
from grader.checks.verdict import Verdict
from grader.exercise import (
    MAIN_NAME,
    Check,
    Daemon,
    EndedHow,
    Order,
    Prints,
    Relation,
    Source,
    Time,
    Waited,
    moments_in,
    roles_in,
)
from grader.exercise.names import RESERVED
from grader.messages import Message
from grader.source import PROCESS
from grader.source.printing import Printing
from grader.trace import MAIN, ProcessNumber
from grader.trace.tracebacks import Traceback

_READ_AT_MOST = 1000
"""Characters of a message: a submission can make one as long as it likes."""


@dataclass(frozen=True)
class RaisedException:
    """A row of the tables of exceptions.

    ``type`` and ``message`` are regular expressions; the named groups of ``message`` fill the
    holes of the two texts. ``report_via``: the relations whose check is best to report it, and
    of these a check that it ``prefers``. ``in_library``: only where it was raised inside
    Python's own library. ``through``: only where one of the frames is in a file or a function of
    such a name (a regular expression).
    """

    id: str
    type: str
    message: str
    why: Message
    next: Message
    report_via: tuple[Relation, ...] = ()
    prefers: Callable[[Check], bool] = lambda check: True
    in_library: bool = False
    through: str = ""

    def fits(self, report: Traceback) -> bool:
        """Whether it is this exception that was reported."""
        if self.in_library and not report.raised_in_library:
            return False
        if self.through and not report.passes(self.through):
            return False
        return re.fullmatch(self.type, report.type) is not None and self._match(report) is not None

    def feedback(self, report: Traceback) -> Feedback:
        """Why it comes and what to ask, with the student's own words in them."""
        match = self._match(report)
        values = {} if match is None else match.groupdict("")
        if "names" in values:  # Python joins them by an English word
            values["names"] = ", ".join(
                f"`{name}`" for name in re.findall(r"'(\w+)'", values["names"])
            )
        return Feedback(why=Message(self.why.text, values), next=Message(self.next.text, values))

    def _match(self, report: Traceback) -> re.Match[str] | None:
        return re.search(self.message, report.message[:_READ_AT_MOST], re.S)


@dataclass(frozen=True)
class Detected:
    """A mistake as it was found in one run.

    The ``feedback`` does not say what happened where what the check itself saw is the better
    start. ``processes`` are those that the mistake concerns; ``silent``: they printed nothing.
    ``exception`` is the row of the exception that a process died of. ``printings``: only lines that
    may come of these are concerned.
    """

    feedback: Feedback
    processes: frozenset[ProcessNumber] = frozenset()
    silent: bool = False
    exception: RaisedException | None = None
    printings: tuple[Printing, ...] = ()


Detector = Callable[[JudgeContext], Iterator[Detected]]
Explains = Callable[[Check, Verdict, Detected], bool]
"""Whether a check that failed with this verdict failed because of what was detected."""


@dataclass(frozen=True)
class Mistake:
    """A mistake that beginners make: a row of the table.

    ``id`` is stable: reports in JSON carry it. ``detect`` finds the mistake in a run and in the
    code; its docstring is the row's ``description``. Of the failed checks that it ``explains`` one
    reports it, if possible of a relation in ``report_via``, the first of them best; the others
    are skipped.
    ``ends_the_run``: the run did not come to its end because of it, which is said of the run as a
    whole, too.
    """

    id: str
    detect: Detector
    explains: Explains
    report_via: tuple[Relation, ...]
    ends_the_run: bool = False

    @property
    def description(self) -> str:
        """What was done, in a line."""
        detect = self.detect.func if isinstance(self.detect, partial) else self.detect
        return " ".join((detect.__doc__ or "").split()).replace("``", "`")


@dataclass(frozen=True)
class Recognised:
    """A mistake and where it was detected in a run."""

    mistake: Mistake
    detected: Detected

    @property
    def id(self) -> str:
        """That of the exception if there is one: it says more."""
        exception = self.detected.exception
        return self.mistake.id if exception is None else exception.id

    def explains(self, check: Check, verdict: Verdict) -> bool:
        """Whether the check failed because of it."""
        return self.mistake.explains(check, verdict, self.detected)

    def rank(self, check: Check) -> tuple[int, bool]:
        """How well a check reports it: the lower, the better."""
        exception = self.detected.exception
        via = self.mistake.report_via if exception is None else exception.report_via
        rank = via.index(check.relation) if check.relation in via else len(via)
        return rank, exception is not None and not exception.prefers(check)


def everything(check: Check, _: Verdict, __: Detected) -> bool:
    """Whatever failed, except what the code says: that is so whatever happened. What a process was
    not given, it may have been given in another way.
    """
    asked = check.parameters
    return not is_of_code(check) or (isinstance(asked, Source) and asked.passes is not None)


def whatever_is_missing(check: Check, verdict: Verdict, _: Detected) -> bool:
    """What did not happen at all, and a program that did not end well."""
    return verdict.missing or concern_of(check) is Concern.PROGRAM_END


def everything_or_missing(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """Everything, but only what is missing where it concerns some of several processes."""
    explains = whatever_is_missing if detected.processes else everything
    return explains(check, verdict, detected)


def all_of_a_process(check: Check, _: Verdict, __: Detected) -> bool:
    """Whatever is said of a process beside main, and that the code makes a process object."""
    asked = check.parameters
    if isinstance(asked, Source):
        return asked.calls == PROCESS or asked.passes is not None
    beside_main = (role for role in roles_in(check.parameters) if role not in RESERVED)
    return next(beside_main, None) is not None


def unfinished(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """What is missing, and whatever depends on how and when processes end."""
    return whatever_is_missing(check, verdict, detected) or concern_of(check) in (
        Concern.DURATION,
        Concern.END,
    )


def unfinished_or_counted(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """Whatever depends on how processes end, and how many there are."""
    return unfinished(check, verdict, detected) or concern_of(check) is Concern.NUMBER


def unfinished_or_theirs(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """Whatever concerns these processes, and whatever depends on how processes end."""
    return bool(verdict.about & detected.processes) or unfinished(check, verdict, detected)


def doings(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """What these processes did not do, how long they took, and how they ended; and what is
    missing without being known as any process's.
    """
    concern = concern_of(check)
    if concern in (Concern.PROGRAM_END, Concern.DURATION):
        return True
    if concern is Concern.NUMBER and detected.processes <= verdict.about:
        return False  # those that were started count, whatever becomes of them
    theirs = bool(verdict.about & detected.processes) or (verdict.missing and not verdict.about)
    return theirs and (verdict.missing or concern in (Concern.OVERLAP, Concern.TURNS, Concern.END))


def doings_or_missing(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """The doings of these processes; what is missing where it concerns main."""
    explains = doings if detected.processes else whatever_is_missing
    return explains(check, verdict, detected)


def crash(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """What follows from an exception in these processes, and what it is the typical reason for."""
    explains = whatever_is_missing if MAIN in detected.processes else doings
    exception = detected.exception
    typical = () if exception is None else exception.report_via
    return explains(check, verdict, detected) or (
        check.relation in typical and check.relation not in ("count", "source", "prints")
    )


def missing_of_them(_: Check, verdict: Verdict, detected: Detected) -> bool:
    """What these processes did not do."""
    return verdict.missing and bool(verdict.about & detected.processes)


def of_relations(*relations: Relation) -> Explains:
    """All checks of these relations."""
    return lambda check, verdict, detected: check.relation in relations


def theirs(*relations: Relation) -> Explains:
    """The checks of these relations that are about the processes concerned."""
    return lambda check, verdict, detected: (
        check.relation in relations and bool(verdict.about & detected.processes)
    )


def theirs_or_missing(*relations: Relation) -> Explains:
    """The checks of these relations that are about the processes concerned, or where something
    is missing.
    """
    return lambda check, verdict, detected: (
        check.relation in relations
        and (verdict.missing or bool(verdict.about & detected.processes))
    )


def printed_there(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """Lines that may come of where something was detected: that they are missing, or what is wrong
    with them and their order.
    """
    if detected.processes and not verdict.about & detected.processes:
        return False
    asked = check.parameters
    if isinstance(asked, Prints):
        return any(each.may_print(asked.text) for each in detected.printings)
    return isinstance(asked, Order) and any(
        moment.prints is not None and each.may_print(moment.prints)
        for moment in moments_in(asked)
        for each in detected.printings
    )


def missing_there(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """Lines that may come of where something was detected and that are missing."""
    return verdict.missing and printed_there(check, verdict, detected)


def too_few(check: Check, verdict: Verdict, _: Detected) -> bool:
    """That there are too few processes."""
    return concern_of(check) is Concern.NUMBER and verdict.missing


def not_together(check: Check, verdict: Verdict, _: Detected) -> bool:
    """That processes did not run at once, and how long all of them took."""
    if isinstance(check.parameters, Time) and check.parameters.each is not None:
        return False
    return concern_of(check) in (Concern.OVERLAP, Concern.DURATION) and not verdict.missing


def lack_of_wait(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """No wait was seen for these processes, and main, or the next child, came too early."""
    if not verdict.about & detected.processes or _is_about_no_wait(check):
        return False
    if _is_about_a_question(check):
        return False
    concern = concern_of(check)
    if concern is Concern.ORDER:
        return MAIN in verdict.about and not verdict.missing and not _is_about_beginnings(check)
    return concern in (Concern.WAIT, Concern.TURNS)


def _is_about_beginnings(check: Check) -> bool:
    """Whether an order says of other processes only when they start: no wait is asked for."""
    others = [each for each in moments_in(check.parameters) if each.by != MAIN_NAME]
    return bool(others) and all(
        each.begins is not None or each.starts is not None for each in others
    )


def late_wait(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """Main came too early, although it waited for these processes."""
    return (
        MAIN in verdict.about
        and bool(verdict.about & detected.processes)
        and not verdict.missing
        and not _is_about_no_wait(check)
        and not _is_about_a_question(check)
        and concern_of(check) in (Concern.WAIT, Concern.ORDER)
    )


def _is_about_no_wait(check: Check) -> bool:
    return isinstance(check.parameters, Waited) and check.parameters.never


def _is_about_a_question(check: Check) -> bool:
    """Whether it is about when a process object is asked, which a wait alone does not decide."""
    return any(moment.last_call is not None for moment in moments_in(check.parameters))


def kept_running(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """That these processes are no daemons, and that the program did not come to its end."""
    if isinstance(check.parameters, Daemon):
        return bool(verdict.about & detected.processes)
    return unfinished(check, verdict, detected)


def no_daemon(check: Check, _: Verdict, detected: Detected) -> bool:
    """What is no daemon and how it ended, and that it kept the program from its end."""
    return check.relation in ("daemon", "ended") or (
        concern_of(check) is Concern.PROGRAM_END and bool(detected.processes)
    )


def is_to_be_ended(check: Check) -> bool:
    """Whether a check is about a process that another one should end."""
    asked = check.parameters
    return isinstance(asked, EndedHow) and asked.by not in (None, "itself", "shutdown")


def end_by_others(check: Check, _: Verdict, __: Detected) -> bool:
    """How a process ended that another one should have ended."""
    return is_to_be_ended(check)


def end_of_them(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """How these processes ended, which another one should have ended."""
    return is_to_be_ended(check) and bool(verdict.about & detected.processes)


def cut_off_work(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """What these processes did not do before they were ended, and how they ended. How long main
    takes they do not decide.
    """
    if not verdict.about & detected.processes:
        return False
    if isinstance(check.parameters, Time):
        return detected.silent or check.parameters.to.by != "main"
    return verdict.missing or concern_of(check) is Concern.END


def answered_too_early(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """What these processes printed after a moment, and that was something else."""
    return (
        isinstance(check.parameters, Prints)
        and check.parameters.after is not None
        and bool(verdict.about & detected.processes)
        and not verdict.missing
    )


def left_behind(check: Check, verdict: Verdict, detected: Detected) -> bool:
    """That the program did not end well, and when and how these processes did."""
    concern = concern_of(check)
    return concern is Concern.PROGRAM_END or (
        concern in (Concern.ORDER, Concern.END, Concern.WAIT)
        and bool(verdict.about & detected.processes)
    )
