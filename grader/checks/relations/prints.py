"""``prints``: which process printed what, and whether it says the truth."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace

from grader.checks.context import JudgeContext
from grader.checks.lines import (
    WHICH_LINE_PRINTS,
    WHY_NOT_PRINTED,
    around,
    as_often,
    in_one_line,
    is_another,
    is_like,
    is_true,
    misread,
    nearest,
    nearly,
    run_together,
    times_in_a_line,
    within_another,
)
from grader.checks.moments import find_moment
from grader.checks.registry import Concern, judges
from grader.checks.relations.distinct import judge_distinct
from grader.checks.relations.each_of import judge_each_of
from grader.checks.relations.placed import (
    absent_within,
    find_window,
    in_their_place,
    misplaced,
)
from grader.checks.untrue import (
    GUESSES,
    explain_untrue,
    guessed,
    made_up_name,
    not_known_yet,
    tries_one_after_another,
)
from grader.checks.verdict import Verdict, failed, passed
from grader.checks.words import SPACE, quoted, spaces_shown
from grader.exercise import ANY_NAME, MAIN_NAME, Moment, normalized, parse_pattern
from grader.exercise.lines import Times
from grader.exercise.relations.events import Prints
from grader.messages import Text, say
from grader.trace import MAIN, Printed, ProcessNumber, StartMethod
from grader.trace.naming import seconds, several, times
from grader.trace.questions import code_end, created, process, waits_of

_LINES_AT_MOST = 3
_THREAD_NAME = re.compile(r"MainThread|\bThread-[0-9]+")
_NAME_ANYWHERE = re.compile(r"\*\s*\{name\}\s*\*")
"""Every line is like this, so no line is a try at it."""


@judges(Prints, Concern.BEHAVIOUR)
def judge_prints(wanted: Prints, context: JudgeContext) -> Verdict:
    """Whether the right processes printed the line, as often as they should."""
    window = find_window(wanted, context)
    if isinstance(window, Verdict):
        return window
    members = context.roles.of(wanted.by)
    lines = [
        line
        for line in context.heard
        if line.by in members and window.holds(context.position(line))
    ]
    if wanted.about is not None:
        return _about_others(wanted, lines, context)
    right = [line for line in lines if is_true(wanted.text, line, context)]
    if wanted.never:
        return _never(right, context)
    if wanted.relays is not None:
        return _relayed(wanted.relays, wanted, right, context)
    groups = [[number] for number in members] if wanted.each else [list(members)]
    placed = in_their_place(wanted, groups, lines, right)
    lacking = [group for group in groups if not any(line.by in group for line in placed)]
    if lacking and (wanted.times is None or wanted.times.least):
        silent = [number for group in lacking for number in group]
        if any(line.by in lacking[0] for line in right):
            return misplaced(wanted, lacking[0], lines, context)
        if window.is_all:
            return _absent(wanted, silent, context)
        return absent_within(wanted, window, silent, lines, context)
    if wanted.each_of is not None:
        return judge_each_of(wanted, groups, right, context)
    if wanted.times is not None:
        for group in groups:
            own = [line for line in right if line.by in group]
            for line in own:
                count = times_in_a_line(wanted.text, line)
                if count > 1:
                    return in_one_line(wanted, line, count, context)
            if not wanted.times.allows(len(own)):
                return _miscounted(own, wanted.times, wanted, context)
    if wanted.distinct:
        return judge_distinct(wanted, members, right, context)
    invented = made_up_name(wanted.text, right, context)
    if invented is not None:
        return invented
    spoken = _by_process(context.spoken)
    strangers = [line for line in spoken if line.by not in members] if wanted.only else []
    second = next((line for line in strangers if is_like(wanted.text, line)), None)
    return passed() if second is None else _said_by_others_too(wanted, second, members, context)


def _said_by_others_too(
    wanted: Prints, line: Printed, members: Sequence[ProcessNumber], context: JudgeContext
) -> Verdict:
    return failed(
        say(
            "{line} was printed by {other}, too, and not only by {name}.",
            line=quoted(line.text),
            other=context.name(line.by),
            name=context.names(members),
        ),
        why=say("A line of the script is executed by every process that comes to it."),
        next=say("Which processes come to the line that prints it, and which of them should?"),
        line=context.printed_at(line),
        about=[line.by],
        suppress_hint=True,
    )


def _relayed(
    source: Moment, wanted: Prints, lines: Sequence[Printed], context: JudgeContext
) -> Verdict:
    """Whether one of the lines says what another process said before."""
    instant = find_moment(source, context)
    if isinstance(instant, Verdict):
        return instant
    members = context.roles.of(wanted.by)
    if not lines:
        return _absent(wanted, members, context)
    event = context.trace.events[instant.position]
    assert isinstance(event, Printed)
    assert source.prints is not None
    match = parse_pattern(source.prints).match(event.text)
    assert match is not None
    said = [normalized(star) for star in match.stars]
    later = [line for line in lines if context.position(line) > instant.position]
    if any(all(star in normalized(line.text) for star in said) for line in later):
        return passed()
    cut = _cut_short(event, said, later, context)
    if cut is not None:
        return cut
    near = nearest(" ".join(said), later)
    printed = "" if near is None else normalized(near.text)
    lacking = next(star for star in said if star and star not in printed)
    before, _, after = source.prints.partition("*")
    sent = event.text.removeprefix(before)  # with all its spaces, which a star leaves out
    sent = spaces_shown(sent if not after and normalized(sent) == lacking else lacking)
    name, seen = context.subjects(members), "" if near is None else spaces_shown(near.text)
    return failed(
        say("{name} did not print {said}, which it had been sent.", name=name, said=quoted(lacking))
        if near is None
        else say(
            "{name} printed {line}, and {said}, which it had been sent, is not in it (␣ is a "
            "space).",
            name=name,
            line=quoted(seen),
            said=quoted(sent),
        )
        if SPACE in seen + sent
        else say(
            "{name} printed {line}, and {said}, which it had been sent, is not in it.",
            name=name,
            line=quoted(seen),
            said=quoted(sent),
        ),
        why=say(
            "What another program answers is known only to the one that receives it: nobody can "
            "work it out beforehand."
        ),
        next=say("Where in your program does the answer come in, and is it that which is printed?"),
        line=None if near is None else context.printed_at(near),
        about=members,
    )


def _cut_short(
    source: Printed, said: Sequence[str], later: Sequence[Printed], context: JudgeContext
) -> Verdict | None:
    """Whether what was printed is the beginning of what was sent, cut off by a small ``recv``."""
    whole = normalized(source.text)
    for line in later:
        begun = normalized(line.text)
        rest = whole.partition(begun)[2] if begun else ""
        if not rest or not said[-1].endswith(rest):
            continue
        small = [
            (call.place, size.value)
            for file in context.code.files
            for call in file.calls
            if isinstance(call.node.func, ast.Attribute) and call.node.func.attr == "recv"
            for size in call.node.args[:1]
            if isinstance(size, ast.Constant) and isinstance(size.value, int)
            if size.value < len((line.text + rest).encode())  # with all its white space
        ]
        if not small:
            continue
        place, size = small[0]
        return failed(
            say(
                "{name} printed {line}, and the answer goes on with {rest}.",
                name=context.subject(line.by),
                line=quoted(line.text),
                rest=quoted(rest.strip()),
            ),
            why=say(
                "{line} takes {size} bytes at most, and the answer is longer: a Chinese character "
                "alone has three bytes in UTF-8. What is left over stays for the next `recv`.",
                line=context.line_as_subject(place),
                size=size,
            ),
            next=say("How many bytes can an answer have, and how many does this line take?"),
            line=place,
            about=[line.by],
        )
    return None


def _about_others(wanted: Prints, lines: Sequence[Printed], context: JudgeContext) -> Verdict:
    """Whether there is a line with the truth about each of the processes that it is to be about."""
    assert wanted.about is not None
    for number in context.roles.of(wanted.about):
        who = process(context.trace, number)
        right = [line for line in lines if is_true(wanted.text, line, context, number)]
        if right:
            tries = tries_one_after_another(who.pid, lines)
            if "{pid}" in wanted.text and tries >= GUESSES:
                return guessed(tries, right[0], who, context)
            continue
        untrue = next((line for line in lines if is_like(wanted.text, line)), None)
        if untrue is not None:
            return explain_untrue(wanted.text, untrue, who, context)
        nothing = next((line for line in lines if "None" in line.text), None)
        if nothing is not None:
            return not_known_yet(nothing, who, context)
        members = context.roles.of(wanted.by)
        for line in context.spoken:
            if line.by not in members and is_true(wanted.text, line, context, number):
                return _someone_else(wanted, line, members, context)
        return _nothing_like_it(wanted, members, lines, context)
    return passed()


def _never(found: Sequence[Printed], context: JudgeContext) -> Verdict:
    if not found:
        return passed()
    line = found[0]
    over = code_end(context.trace, MAIN)
    values = {
        "name": context.subject(line.by),
        "printed": quoted(line.text),
        "time": seconds(line.at),
    }
    happened = say("{name} printed {line} at {time}.", line=values["printed"], **values)
    if over is None or not process(context.trace, line.by).daemon:
        return failed(
            happened,
            why=say(
                "The task says that this line does not appear: the process that would print it "
                "must have ended, or be doing something else, before it gets that far."
            ),
            next=say("What lets {name} get as far as this line?", name=context.name(line.by)),
            line=context.printed_at(line),
            about=[line.by],
        )
    question, place = say("What keeps main's code busy until then?"), context.printed_at(line)
    for wait in waits_of(context.trace, MAIN):
        if wait.children and wait.line is not None and wait.at <= line.at <= wait.until:
            values |= {"name": context.name(line.by), "line": context.line(wait.line)}
            happened = (
                say(
                    "Main waited for the daemon {name} ({line}), so {name} had time to print "
                    "{printed} at {time}.",
                    **values,
                )
                if line.by in wait.children
                else say(
                    "Main waited for {other} ({line}), so the daemon {name} had time to print "
                    "{printed} at {time}.",
                    other=context.names(wait.children),
                    **values,
                )
            )
            question = say(
                "What would happen to {name} without that line?", name=context.name(line.by)
            )
            place = wait.line
            break
    return failed(
        happened,
        why=say(
            "A daemon is ended when main's own code is over, and that was not until {time}.",
            time=seconds(over.at),
        ),
        next=question,
        line=place,
        about=[line.by],
    )


def _miscounted(
    own: Sequence[Printed], how_often: Times, wanted: Prints, context: JudgeContext
) -> Verdict:
    printers = sorted({line.by for line in own})
    different = list(dict.fromkeys(line.text for line in own))
    return failed(
        say(
            "{name} printed {line} {times}; the task asks for {wanted}.",
            name=context.subjects(printers),
            line=quoted(own[0].text),
            times=times(len(own)),
            wanted=as_often(how_often),
        )
        if len(different) == 1
        else say(
            "{name} printed a line like {line} {times}: {lines}. The task asks for {wanted}.",
            name=context.subjects(printers),
            line=context.like(wanted.text),
            times=times(len(own)),
            lines=several([quoted(each) for each in different]),
            wanted=as_often(how_often),
        ),
        why=say("Each time that a process comes to the line that prints it, it appears once more."),
        next=say("How often does each process come to that line?"),
        line=context.printed_at(own[0]) if len(different) == 1 else None,
        about=printers,
        missing=len(own) < how_often.least,
    )


def _by_process(lines: Sequence[Printed]) -> list[Printed]:
    """In order of the processes' birth, and of each process as they came: which of two processes
    printed first may be chance, and of which one is told must not be.
    """
    return sorted(lines, key=lambda each: each.by)


def _absent(wanted: Prints, lacking: Sequence[ProcessNumber], context: JudgeContext) -> Verdict:
    """Not every process that should have printed it did: look for what is nearest to it."""
    own = [line for line in _by_process(context.heard) if line.by in lacking]
    spoken = _by_process(context.spoken)
    if wanted.text.strip() == "*":
        return _nothing_like_it(wanted, lacking, own, context)
    if _NAME_ANYWHERE.fullmatch(wanted.text.strip()):
        return _without_name(wanted, lacking, own, context)
    together = run_together(wanted, own, context)
    if together is not None:
        return in_one_line(wanted, *together, context)
    garbled = misread(wanted, own, context)
    if garbled is not None:
        return garbled
    untrue = next((line for line in own if is_like(wanted.text, line)), None)
    if untrue is not None:
        return explain_untrue(wanted.text, untrue, process(context.trace, untrue.by), context)
    elsewhere = [line for line in spoken if line.by not in lacking and is_like(wanted.text, line)]
    strangers = [line for line in elsewhere if line.by not in context.roles.of(wanted.by)]
    if strangers:
        return _someone_else(wanted, strangers[0], lacking, context)
    mine = [line for line in own if not is_another(line, wanted, context)]
    longer = around(wanted, mine)
    if longer is not None:
        return within_another(wanted, longer, context)
    near = nearest(wanted.text, mine)
    if near is not None:
        return nearly(wanted, near, context)
    others = [
        line
        for line in spoken
        if line.by not in context.roles.of(wanted.by) and not is_another(line, wanted, context)
    ]
    near = nearest(wanted.text, others) if not own else None
    if near is not None:
        guess = _someone_else(wanted, near, lacking, context)
        return replace(guess, missing=True)  # a crash would be the better explanation
    return _nothing_like_it(wanted, lacking, own, context)


def _without_name(
    wanted: Prints, lacking: Sequence[ProcessNumber], own: Sequence[Printed], context: JudgeContext
) -> Verdict:
    """They printed something, and their process name stands nowhere in it."""
    who = None if not own else process(context.trace, own[0].by)
    if who is None or who.name is None:
        return replace(_nothing_like_it(wanted, lacking, own, context), missing=not own)
    texts = list(dict.fromkeys(line.text for line in own if line.by == who.number))
    return failed(
        say(
            "{name} printed {lines}. Its process name is {actual}, and that is not in it.",
            name=context.subject(who.number),
            lines=several([quoted(text) for text in texts[:_LINES_AT_MOST]]),
            actual=quoted(who.name),
        ),
        why=say(
            "The name of a thread is in it: each process has at least one thread, and threads "
            "have names of their own."
        )
        if any(_THREAD_NAME.search(text) for text in texts)
        else say(
            "The process name is the one that `multiprocessing` knows. The name of a variable is "
            "another matter."
        ),
        next=say("Which line prints the name, and where does it get it from?"),
        about=lacking,
    )


def _someone_else(
    wanted: Prints, line: Printed, lacking: Sequence[ProcessNumber], context: JudgeContext
) -> Verdict:
    by_main = line.by == MAIN
    printer = process(context.trace, line.by)
    names = context.names(lacking)
    return failed(
        say(
            "{line} was printed by {other}, not by {name}.",
            line=quoted(line.text),
            other=context.name(line.by),
            name=names if wanted.each or len(lacking) == 1 else say("one of {names}", names=names),
        ),
        why=say(
            "A child executes what its `target` does, and nothing else. All the rest of the script "
            "is main's own work."
        )
        if by_main
        else say("That process runs another program, and what it prints is not your script's.")
        if printer.start_method is StartMethod.SUBPROCESS
        else say(
            "{other} was started by {name}. A function is executed by the process that calls it, "
            "or whose `target` it is, and by no other.",
            other=context.subject(line.by),
            name=context.name(printer.creator),
        )
        if printer.creator is not None and printer.creator in lacking
        else say("What a child's `target` does is done in that child, not in main."),
        next=say("Which line prints it, and from where is that line called?"),
        line=context.printed_at(line),
        about=[*lacking, line.by],
        shared_cause=_silence_of(lacking, context)
        if by_main
        else f"printed-by:{line.by}:{','.join(map(str, lacking))}",
    )


def _silence_of(lacking: Sequence[ProcessNumber], context: JudgeContext) -> str | None:
    """What a process leaves unsaid has one cause if it says nothing at all."""
    speakers = {line.by for line in context.spoken}
    if MAIN in lacking or any(number in speakers for number in lacking):
        return None
    return f"silent:{','.join(map(str, lacking))}"


def _nothing_like_it(
    wanted: Prints, lacking: Sequence[ProcessNumber], own: Sequence[Printed], context: JudgeContext
) -> Verdict:
    anybody = wanted.by in (ANY_NAME, MAIN_NAME) or created(context.trace)
    return failed(
        _silence(wanted, lacking, own, context),
        why=WHY_NOT_PRINTED if anybody else say("No child was started that could have printed it."),
        next=WHICH_LINE_PRINTS,
        about=lacking,
        missing=True,
        shared_cause=_silence_of(lacking, context),
    )


def _silence(
    wanted: Prints, lacking: Sequence[ProcessNumber], own: Sequence[Printed], context: JudgeContext
) -> Text:
    """That they did not print it, and whether they printed anything."""
    line = context.like(wanted.text)
    if wanted.by == ANY_NAME:
        return say("No process printed {line}.", line=line)
    if not wanted.each and len(lacking) > 1:
        return say("None of {names} printed {line}.", names=context.names(lacking), line=line)
    name = context.subjects(lacking)
    if not own:
        return say("{name} printed nothing at all; the task asks for {line}.", name=name, line=line)
    return say("{name} did not print {line}.", name=name, line=line)
