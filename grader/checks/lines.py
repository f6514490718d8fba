"""Printed lines compared with a pattern: as they should be, or nearly so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.finding import Status
from grader.checks.verdict import Verdict, failed
from grader.checks.words import quoted
from grader.exercise import ANY_NAME, HoleName, Prints, as_shown, normalized, parse_pattern
from grader.exercise.lines import Times
from grader.exercise.pattern import Match, Words
from grader.messages import Text, say
from grader.trace import Outcome, Printed, Process, ProcessNumber, StartMethod
from grader.trace.naming import times
from grader.trace.questions import process

_HOLE_OR_NUMBER = re.compile(r"\{\w+\}|[0-9]+")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_BEGINNING = re.compile(r"\w{2,}(?=\W+[*{])")
"""A word, followed by something for which anything may stand."""
_FIRST_WORD = re.compile(r"\w+")
_PROLONGED = 8
"""So many characters more than the text that was asked for twice are still a try at it."""
_MOST_AT_LEAST = 3
"""Characters: fewer are in many a line by chance."""
_ANYTHING = re.compile(r"\*|\{\w+\}")
_ENCODINGS = ("gbk", "latin-1", "cp1252")
"""In which a text in UTF-8 is read by mistake."""
_LOOKED_AT = 50
"""Lines in which a try at the right one is looked for."""
_ALIKE = 0.6
"""Share of common characters from which on a line is taken for a try at the right one."""
_WORDS_ALIKE = 0.75
"""The same for the first word alone, where whatever may follow it."""


WHY_NOT_PRINTED = say(
    "Either no line of the script prints this text, or the process never came to it."
)
WHICH_LINE_PRINTS = say(
    "Which line of your script should print it, and which process runs that line?"
)
NOT_PRINTED = Feedback(why=WHY_NOT_PRINTED, next=WHICH_LINE_PRINTS)
"""Of a line that was never printed."""


def never_printed(
    pattern: str,
    by: str,
    context: JudgeContext,
    lacking: Sequence[ProcessNumber] = (),
) -> Verdict:
    """The verdict on a line that those of the name ``by`` never printed, or these of them."""
    numbers = () if by == ANY_NAME else lacking or context.roles.of(by)
    line = context.like(pattern)
    happened = (
        say("{name} did not print {line}.", name=context.subjects(numbers), line=line)
        if numbers
        else say("No process printed {line}.", line=line)
    )
    return Verdict(
        Status.FAILED, NOT_PRINTED.saying(happened), about=frozenset(numbers), missing=True
    )


def truth_of(who: Process) -> Mapping[HoleName, str]:
    """What the typed holes must say in a line of that process; what is unknown is left out."""
    truth: dict[HoleName, str] = {"pid": str(who.pid)}
    if who.parent_pid is not None:
        truth["ppid"] = str(who.parent_pid)
    if who.name is not None:
        truth["name"] = who.name
    return truth


def _truths_of(number: ProcessNumber, context: JudgeContext) -> Iterator[Mapping[HoleName, str]]:
    """`truth_of`, and what is as true: who was asked for by way of a fork server has that for a
    parent in the kernel's eyes, and who asked for it in those of multiprocessing.
    """
    who = process(context.trace, number)
    truth = truth_of(who)
    yield truth
    if who.start_method is StartMethod.FORKSERVER and who.creator is not None:
        yield {**truth, "ppid": str(process(context.trace, who.creator).pid)}


def is_true(
    pattern: str, line: Printed, context: JudgeContext, about: ProcessNumber | None = None
) -> bool:
    """The line is like the pattern, and its holes hold the truth of the process that
    printed it, or of another one that it is ``about``.
    """
    if about is None:
        return true_match(pattern, line, context) is not None
    parsed = parse_pattern(pattern)
    return any(
        parsed.filled(truth).match(line.text) is not None for truth in _truths_of(about, context)
    )


def true_match(pattern: str, line: Printed, context: JudgeContext) -> Match | None:
    """What stands in the open parts of a pattern, if the line is like it and says the truth."""
    parsed = parse_pattern(pattern)
    if not parsed.holes:
        return parsed.match(line.text)
    found = (parsed.filled(truth).match(line.text) for truth in _truths_of(line.by, context))
    return next((match for match in found if match is not None), None)


def is_like(pattern: str, line: Printed) -> bool:
    """The line is like the pattern, whatever its holes hold."""
    return parse_pattern(pattern).match(line.text) is not None


def lines_like(
    pattern: str, context: JudgeContext, numbers: Collection[ProcessNumber]
) -> tuple[Printed, ...]:
    """The true lines of those processes that are like the pattern, in order."""
    return tuple(
        line for line in context.heard if line.by in numbers and is_true(pattern, line, context)
    )


def is_another(line: Printed, wanted: Prints, context: JudgeContext) -> bool:
    """The line is one of those that the task asks for of its process, and so no try at this one.
    Checks of which one needs the other may ask for the very same line, once more strictly.
    """
    checks = context.exercise.checks
    own = [check for check in checks if check.parameters is wanted]
    same = {each.id for each in own}.union(*(each.needs for each in own))
    others = [
        check.parameters.text
        for check in checks
        if isinstance(check.parameters, Prints)
        and line.by in context.roles.of(check.parameters.by)
        and check.id not in same
        and same.isdisjoint(check.needs)
    ]
    others += [each.prints for each in context.exercise.cast.values() if each.prints is not None]
    return any(is_like(other, line) for other in others if other != wanted.text)


def nearest(pattern: str, lines: Sequence[Printed]) -> Printed | None:
    """The line that is most like a try at the right one; None if none is."""
    lines = lines[:_LOOKED_AT]
    for line in lines:
        if _same_but_for_capitals(pattern, line):
            return line
    beginning = _BEGINNING.match(pattern)
    if beginning is not None:
        first = normalized(beginning[0])
        for line in lines:
            if normalized(line.text).startswith(first):
                return line
        for line in lines:
            word = _FIRST_WORD.match(line.text.strip().casefold())
            likeness = SequenceMatcher(None, first.casefold(), word[0][:200] if word else "")
            if word is not None and likeness.ratio() >= _WORDS_ALIKE:
                return line
    for line in lines:
        if _holds_it(pattern, line):
            return line
    for line in lines:
        if _has_most_of_it(pattern, line):
            return line
    wanted = _outline(pattern)
    rated = [
        (SequenceMatcher(None, wanted, _outline(line.text)[:200]).ratio(), -index, line)
        for index, line in enumerate(lines)
    ]
    best = max(rated, default=None, key=lambda each: each[:2])
    return best[2] if best is not None and best[0] >= _ALIKE else None


def _holds_it(pattern: str, line: Printed) -> bool:
    """The line has all the words of the pattern in it, or the pattern, of one piece, has the whole
    line and little more: a text that was prolonged or cut short.
    """
    parts = [part.text for part in parse_pattern(pattern).parts if isinstance(part, Words)]
    text = _without_space(normalized(line.text)).casefold()
    wanted = [_without_space(part).casefold() for part in parts]
    if not text or not any(map(str.isalnum, "".join(wanted))):
        return False
    if len(text) <= _PROLONGED + 2 * sum(map(len, wanted)) and all(part in text for part in wanted):
        return True
    return len(wanted) == 1 and text in wanted[0] and 2 * len(text) >= len(wanted[0])


def _has_most_of_it(pattern: str, line: Printed) -> bool:
    """Of a pattern with a part that may be anything, most of the text stands in the line."""
    parts = [part for part in parse_pattern(pattern).parts if isinstance(part, Words)]
    if len(parts) != 1 or len(parse_pattern(pattern).parts) == 1:
        return False
    wanted, text = _without_space(parts[0].text), _without_space(normalized(line.text))[:200]
    matcher = SequenceMatcher(None, wanted, text, autojunk=False)
    block = matcher.find_longest_match(0, len(wanted), 0, len(text))
    return block.size >= _MOST_AT_LEAST and block.size >= _WORDS_ALIKE * len(wanted)


def stand_in(pattern: str, number: ProcessNumber, context: JudgeContext) -> Printed | None:
    """The line of a process that is meant for this one, where the exercise asks for it by a check
    that says what is wrong with it: one that is like it, or the only one that is left over.
    """
    asked = next(
        (
            check.parameters
            for check in context.exercise.checks
            if isinstance(check.parameters, Prints)
            and check.parameters.text == pattern
            and not check.parameters.never
            and number in context.roles.of(check.parameters.by)
        ),
        None,
    )
    if asked is None:
        return None
    own = [line for line in context.spoken if line.by == number]
    untrue = next((line for line in own if is_like(pattern, line)), None)
    left = [line for line in own if not is_another(line, asked, context)]
    only_one = len(left) == 1 and context.trace.outcome is Outcome.FINISHED
    return untrue or nearest(pattern, left) or (left[0] if only_one else None)


def _same_but_for_capitals(pattern: str, line: Printed) -> bool:
    return parse_pattern(pattern.casefold()).match(line.text.casefold()) is not None


def _outline(text: str) -> str:
    """A text without what a hole could hold."""
    return _HOLE_OR_NUMBER.sub("#", normalized(text))


def nearly(wanted: Prints, near: Printed, context: JudgeContext) -> Verdict:
    """Almost the right line."""
    capitals = _same_but_for_capitals(wanted.text, near)
    text, printed = normalized(wanted.text), normalized(near.text)
    is_alike = _NUMBER.sub("#", text) == _NUMBER.sub("#", printed)
    if is_alike and _NUMBER.search(text):  # the words are right, and a number is another
        return _another_value(wanted, near, context)
    return failed(
        say(
            "{name} printed {near}; the task asks for {line}.",
            name=context.subject(near.by),
            near=quoted(as_shown(near.text)),
            line=context.like(wanted.text),
        ),
        why=say("A capital letter and a small letter are different characters, for Python too.")
        if capitals
        else say(
            "The text is compared with that of the task. White space beside punctuation makes no "
            "difference; letters, capitals and punctuation marks do."
        ),
        next=say("Which letters are capitals in your line, and which are in the task?")
        if capitals
        else say("Where exactly do the two differ?"),
        line=context.printed_at(near),
        about=[near.by],
        suppress_hint=True,
    )


def _another_value(wanted: Prints, near: Printed, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{name} printed {near}; the task asks for {line}.",
            name=context.subject(near.by),
            near=quoted(as_shown(near.text)),
            line=context.like(wanted.text),
        ),
        why=say("The words are right, and a value among them is not."),
        next=say("Which lines make this value, in which process, and what is it before each?"),
        line=context.printed_at(near),
        about=[near.by],
    )


def around(wanted: Prints, lines: Sequence[Printed]) -> Printed | None:
    """A longer line in which the whole text stands; None for a text with anything open in it."""
    if set(wanted.text) & set("*{}"):
        return None
    text = normalized(wanted.text)
    return next((line for line in lines if text and text in normalized(line.text)), None)


def within_another(wanted: Prints, line: Printed, context: JudgeContext) -> Verdict:
    """The text is there, but the line holds more."""
    return failed(
        say(
            "{name} printed {longer}, where {line} should stand alone in its line.",
            name=context.subject(line.by),
            longer=quoted(as_shown(line.text)),
            line=context.like(wanted.text),
        ),
        why=say(
            "A line counts as a whole: what stands before or after the text, up to the end of the "
            "line, belongs to it."
        ),
        next=say("What stands in that line besides, and which `print` puts it there?"),
        line=context.printed_at(line),
        about=[line.by],
        suppress_hint=True,
    )


def misread(wanted: Prints, lines: Sequence[Printed], context: JudgeContext) -> Verdict | None:
    """The verdict on a line that has the Chinese text as bytes, or read in another encoding than
    the one it was sent in; None if there is none.
    """
    texts = [each.strip() for each in _ANYTHING.split(wanted.text) if not each.isascii()]
    for text in texts:
        sent = text.encode()
        for line in lines:
            if repr(sent)[2:-1] in line.text:
                return _shown_as_bytes(line, text, context)
            for encoding in _ENCODINGS:
                garbled = {sent.decode(encoding, errors) for errors in ("replace", "ignore")}
                if any(each in line.text for each in garbled):
                    return _read_otherwise(line, text, encoding, context)
    return None


def _shown_as_bytes(line: Printed, text: str, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{name} printed {line}. In that, {wanted} is bytes and no text.",
            name=context.subject(line.by),
            line=quoted(line.text),
            wanted=quoted(text),
        ),
        why=say(
            "What comes through a connection or a file is bytes. Printed, bytes show as `b'...'`, "
            "with a number for each one that is not ASCII."
        ),
        next=say("Where in your program do the bytes become a text?"),
        line=context.printed_at(line),
        about=[line.by],
    )


def _read_otherwise(line: Printed, text: str, encoding: str, context: JudgeContext) -> Verdict:
    return failed(
        say(
            "{name} printed {line}. In that, {wanted} was read as {encoding}, and it is UTF-8.",
            name=context.subject(line.by),
            line=quoted(line.text),
            wanted=quoted(text),
            encoding=encoding.upper(),
        ),
        why=say("The same bytes are another text in another encoding."),
        next=say("In which encoding was this text sent, and in which one does your program read?"),
        line=context.printed_at(line),
        about=[line.by],
    )


def run_together(
    wanted: Prints, lines: Sequence[Printed], context: JudgeContext
) -> tuple[Printed, int] | None:
    """A line that is nothing but the right text, several times in a row, and how often."""
    for line in lines:
        truth = truth_of(process(context.trace, line.by))
        once = parse_pattern(wanted.text).filled(truth).only_text
        if once is None:
            return None
        once, text = _without_space(once), _without_space(normalized(line.text))
        count = len(text) // len(once) if once else 0
        if count > 1 and text == once * count:
            return line, count
    return None


def times_in_a_line(pattern: str, line: Printed) -> int:
    """How often what is fixed of a pattern stands in a line where the rest may be anything."""
    parts = parse_pattern(pattern).parts
    fixed = [part.text for part in parts if isinstance(part, Words)]
    if len(parts) == 1 or len(fixed) != 1:
        return 1
    return normalized(line.text).count(fixed[0])


def as_often(wanted: Times) -> Text:
    """How often something is to happen: ``twice``, ``at least 3 times``."""
    if wanted.exactly is not None:
        return times(wanted.exactly)
    if wanted.most is None:
        return say("at least {times}", times=times(wanted.least))
    if not wanted.least:
        return say("at most {times}", times=times(wanted.most))
    return say("{least} to {most} times", least=wanted.least, most=wanted.most)


def _without_space(text: str) -> str:
    return "".join(text.split())


def in_one_line(wanted: Prints, line: Printed, count: int, context: JudgeContext) -> Verdict:
    """The right text, but several times before the line ends."""
    values = {
        "name": context.subject(line.by),
        "line": context.like(wanted.text),
        "times": times(count),
    }
    return failed(
        say(
            "{name} printed {line} {times} within one line; the task asks for a line of its own.",
            **values,
        )
        if wanted.times is None or wanted.times.exactly in (None, 1)
        else say(
            "{name} printed {line} {times} within one line; the task asks for {wanted} lines.",
            wanted=wanted.times.exactly,
            **values,
        ),
        why=say(
            "Each call of `print` ends the line once, after everything that it was given, and not "
            "at all if its `end` says so."
        ),
        next=say("Where does a line end in what your script prints, and how often?"),
        line=context.printed_at(line),
        about=[line.by],
        suppress_hint=True,
    )
