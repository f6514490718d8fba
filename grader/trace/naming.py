"""What processes, instants, lines and signals are called in sentences. One place, so that the
feedback, the timeline and the tables say the same name for the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from signal import Signals

from grader.messages import Localized, Text, plural, say
from grader.trace.events import MAIN, Location, Nanoseconds, ProcessNumber
from grader.trace.model import Trace
from grader.trace.processes import Role
from grader.trace.questions import SIGHUP, SIGKILL, SIGQUIT, process

_NS_PER_S = 10**9
_FEWEST_DECIMALS, _MOST_DECIMALS = 2, 6
_WORDS = re.compile(r"[\u4e00-\u9fff]|\s")
"""In Chinese no blank shows where a name ends."""
_NAMED_AT_MOST = 5


def verbatim(text: str) -> Localized:
    """The student's own word: the same in every language."""
    return Localized({"en": text})


def name_of(trace: Trace, number: ProcessNumber) -> Text:
    """What the process is called: ``main``, else the student's variable if it is the only one
    of that name, else the multiprocessing name if unique, else its number.
    """
    if number == MAIN:
        return say("main")
    named = process(trace, number)
    if named.role is Role.HELPER:
        return say("multiprocessing's helper")
    others = [each for each in trace.processes if each.role is named.role and each is not named]
    if named.variable and all(each.variable != named.variable for each in others):
        return _own_word(named.variable)
    name = named.name or named.program_name
    if name and all(name not in (each.name, each.program_name) for each in others):
        return _own_word(name)
    return _by_number(number)


def _own_word(name: str) -> Localized:
    """The student's own name for a process: in quotation marks where it could be read as a word of
    a sentence.
    """
    return verbatim(f"“{name}”" if _WORDS.search(name) else name)


def _by_number(number: ProcessNumber) -> Text:
    return say("process {number}", number=number)


def subject_of(trace: Trace, number: ProcessNumber) -> Text:
    """`name_of` at the beginning of a sentence."""
    name = name_of(trace, number)
    if number == MAIN:
        return say("Main")
    if name == _by_number(number):
        return say("Process {number}", number=number)
    return name


def names_of(trace: Trace, numbers: Sequence[ProcessNumber]) -> Text:
    """Several processes in one breath."""
    return several([name_of(trace, number) for number in numbers])


def subjects_of(trace: Trace, numbers: Sequence[ProcessNumber]) -> Text:
    """`names_of` at the beginning of a sentence."""
    return several([subject_of(trace, numbers[0]), *(name_of(trace, n) for n in numbers[1:])])


def several(names: Sequence[Text]) -> Text:
    """`listing`; of many names only the first ones, and how many more there are.

    Raises:
        IndexError: there are no names.
    """
    if len(names) > _NAMED_AT_MOST:
        shown = names[: _NAMED_AT_MOST - 1]
        more = len(names) - len(shown)
        return say("{names} and {more} more", names=_comma_separated(shown), more=more)
    return listing(names)


def listing(texts: Sequence[Text]) -> Text:
    """``a``, ``a and b``, ``a, b and c``.

    Raises:
        IndexError: there is nothing to list.
    """
    if len(texts) == 1:
        return texts[0]
    return say("{names} and {last}", names=_comma_separated(texts[:-1]), last=texts[-1])


def clauses(texts: Sequence[Text]) -> Text:
    """`listing` for clauses, which not every language joins as it joins names.

    Raises:
        IndexError: there is nothing to list.
    """
    if len(texts) == 1:
        return texts[0]
    so_far = texts[0]
    for text in texts[1:-1]:
        so_far = say("{clauses}, {next}", clauses=so_far, next=text)
    return say("{clauses} and {last}", clauses=so_far, last=texts[-1])


def _comma_separated(texts: Sequence[Text]) -> Text:
    so_far = texts[0]
    for text in texts[1:]:
        so_far = say("{names}, {next}", names=so_far, next=text)
    return so_far


def seconds(time: Nanoseconds, beside: Iterable[Nanoseconds] = ()) -> Text:
    """A time as ``0.31 s``, with as many decimals (2 to 6) as make it differ from ``beside``."""
    others = [other for other in beside if other != time]
    decimals = _FEWEST_DECIMALS
    while decimals < _MOST_DECIMALS and any(
        _decimal(other, decimals) == _decimal(time, decimals) for other in others
    ):
        decimals += 1
    return say("{seconds} s", seconds=_decimal(time, decimals))


def _decimal(time: Nanoseconds, decimals: int) -> str:
    return f"{time / _NS_PER_S:.{decimals}f}"


def line_of(place: Location, script: str) -> Text:
    """``line 9``, and which file if that is not the script itself."""
    if place.file == script:
        return say("line {line}", line=place.line)
    return say("line {line} of {file}", line=place.line, file=place.file)


def line_as_subject(place: Location, script: str) -> Text:
    """`line_of` at the beginning of a sentence."""
    if place.file == script:
        return say("Line {line}", line=place.line)
    return say("Line {line} of {file}", line=place.line, file=place.file)


_ELSEWHERE = {SIGHUP: "SIGHUP", SIGQUIT: "SIGQUIT", SIGKILL: "SIGKILL"}
"""Signals for which Python on Windows has no names."""


def signal_name(number: int) -> str:
    """``SIGTERM``, or ``signal 34`` for one that has no name."""
    try:
        return Signals(number).name
    except ValueError:
        return _ELSEWHERE.get(number, f"signal {number}")


def times(count: int) -> Text:
    """``once``, ``twice``, ``3 times``."""
    if count == 2:
        return say("twice")
    return plural("once", "{count} times", count)
