"""What peers met with: their lines are evidence about the submission, which it cannot change.

A peer that connects is called a client, one that listens a server. What main was doing
while a client waited says why it had to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.finding import Status
from grader.checks.lines import is_like
from grader.checks.moments import Instant, find_moment
from grader.checks.serving import servant_of, served_since, stopped_beside
from grader.checks.verdict import Verdict
from grader.checks.words import code, quoted
from grader.exercise import Check, Order, Prints, moments_in
from grader.messages import Localized, Text, say
from grader.trace import (
    MAIN,
    BlockedInterval,
    Connected,
    Listened,
    Location,
    Nanoseconds,
    Printed,
    ProcessNumber,
    WaitedFor,
    WaitReason,
    questions,
)
from grader.trace.naming import listing, seconds
from grader.trace.questions import sleeps_of, waits_of
from grader.trace.tracebacks import tracebacks

_OF_CONNECTIONS = (
    *("ConnectionRefusedError", "ConnectionResetError", "ConnectionAbortedError"),
    *("ConnectionError", "BrokenPipeError", "TimeoutError", "EOFError"),
)
_LINES_AT_MOST = 3
_NO_UTF8 = "\N{REPLACEMENT CHARACTER}"
_AND_MORE = 2
"""A client prints its answers one by one: with a second line it has gone on after the first."""
_MAINLY = 2
"""Main is to blame for a client's waiting if it did something else for a half of it."""
_LONG: Nanoseconds = 10 * 10**9
"""Where for so long nothing happens, each waits for the other."""


def as_seen_by_peers(check: Check, verdict: Verdict, context: JudgeContext) -> Verdict:
    """The verdict on a peer's lines, in terms of what the peer met with.

    Of processes of the submission the verdict stays as it is.
    """
    if verdict.status is not Status.FAILED or not context.exercise.run.peers:
        return verdict
    asked = check.parameters
    if isinstance(asked, Prints):
        peer = _peer(asked.by, context)
        if peer is not None and asked.never:
            return _received_in_vain(peer, asked.text, verdict, context)
        if peer is None and asked.relays is not None and asked.relays.by is not None:
            source = _peer(asked.relays.by, context)
            if source is not None and not isinstance(find_moment(asked.relays, context), Instant):
                return _never_answered(source, verdict, context)
        return verdict if peer is None else _not_printed(peer, asked.text, verdict, context)
    for moment in moments_in(asked) if isinstance(asked, Order) else ():
        peer = None if moment.by is None else _peer(moment.by, context)
        if peer is None or moment.prints is None:
            continue
        if not isinstance(find_moment(moment, context), Instant):
            return _not_printed(peer, moment.prints, verdict, context)
    return _too_late(verdict, context)


def failure_of_a_peer(context: JudgeContext) -> Text | None:
    """That a peer stopped with an error of its own, as a sentence: the exercise is to blame, and
    not the submission. An error of its connection is none: that has two ends.
    """
    peers = {each.name: context.roles.of(each.name) for each in context.exercise.run.peers}
    for report in tracebacks(context.trace) if peers else ():
        for name, numbers in peers.items():
            if report.process in numbers and report.type not in _OF_CONNECTIONS:
                return say(
                    "{name}, a program of the exercise, stopped with an error of its own: {error}.",
                    name=name,
                    error=code(report.brief),
                )
    return None


def _peer(name: str, context: JudgeContext) -> ProcessNumber | None:
    """The process of a peer; None of any other name, and of a peer that never began."""
    if all(peer.name != name for peer in context.exercise.run.peers):
        return None
    numbers = context.roles.of(name)
    return numbers[0] if numbers else None


def _not_printed(
    peer: ProcessNumber, pattern: str, verdict: Verdict, context: JudgeContext
) -> Verdict:
    servant = servant_of(peer, context)
    servants = stopped_beside(peer, context) if servant is None else [servant]
    is_changed = bool(_same_letters(peer, pattern, context))
    why = _why(peer, context)
    if why.happened is not None and why.why is not None:  # it may be the reason, and need not be
        why = replace(
            why, why=say("{cause} {consequence}", cause=why.happened, consequence=why.why)
        )
    if is_changed:
        why = Feedback(
            None,
            say("It receives exactly what is sent, with every space and every end of a line."),
            say("What becomes of the text on its way to the line that sends it?"),
        )
    return replace(
        verdict,
        feedback=why.saying(_met_with(peer, pattern, context)),
        about=frozenset([peer, *servants]),
        missing=not is_changed,
    )


def _never_answered(peer: ProcessNumber, verdict: Verdict, context: JudgeContext) -> Verdict:
    """What main was to hand on was never said, because something else reached the peer."""
    before = (_before_what_is_received(peer, context) or "").rstrip()
    got = [
        line.text.removeprefix(before).strip()
        for line in _lines_of(peer, context)
        if before and line.text.startswith(before)
    ]
    if not got:
        return verdict
    who = _role(context.name(peer), is_client=_is_client(peer, context))
    garbled = next((text for text in got if _NO_UTF8 in text), None)
    if garbled is None:
        feedback = _why_server(peer, context).saying(
            say(
                "{who} never received what this check waits for. It received {lines}.",
                who=who,
                lines=listing([quoted(text) for text in list(dict.fromkeys(got))[:_LINES_AT_MOST]]),
            )
        )
    else:
        feedback = Feedback(
            say("{who} received {line}: that is not UTF-8.", who=who, line=quoted(garbled)),
            say(
                "A text is sent as bytes, and `encode` decides which. The other side reads them as "
                "UTF-8, so that bytes of another encoding are no text for it."
            ),
            say("Which encoding does your program use to send, and which one is asked for?"),
            _other_encoding(context),
        )
    return replace(verdict, feedback=feedback, about=frozenset([MAIN]), awaited_line=None)


def _other_encoding(context: JudgeContext) -> Location | None:
    """The first ``encode`` or ``bytes`` with an encoding that is not UTF-8."""
    for file in context.code.files:
        for call in file.calls:
            called = call.node.func
            name = called.attr if isinstance(called, ast.Attribute) else call.name
            given = [*call.node.args, *(each.value for each in call.node.keywords)]
            for each in given if name in ("encode", "bytes") else ():
                if not isinstance(each, ast.Constant) or not isinstance(each.value, str):
                    continue
                if each.value.lower().replace("-", "").replace("_", "") not in ("utf8", "ascii"):
                    return call.place
    return None


def _received_in_vain(
    peer: ProcessNumber, pattern: str, verdict: Verdict, context: JudgeContext
) -> Verdict:
    """A peer received what should not have been sent to it."""
    line = next(each for each in _lines_of(peer, context) if is_like(pattern, each))
    before = _before_what_is_received(peer, context) or ""
    is_received = bool(before) and line.text.startswith(before.rstrip())
    values = {
        "who": _role(context.name(peer), is_client=_is_client(peer, context)),
        "line": quoted(line.text.removeprefix(before.rstrip() if is_received else "")),
        "time": seconds(line.at),
    }
    happened = (
        say("{who} received {line} at {time}, and that should not have been sent.", **values)
        if is_received
        else say("{who} printed {line} at {time}, and that should not have come.", **values)
    )
    return replace(verdict, feedback=_why_server(peer, context).saying(happened))


def _is_client(peer: ProcessNumber, context: JudgeContext) -> bool:
    return questions.first(context.trace, Listened, lambda event: event.by == peer) is None


def _same_letters(peer: ProcessNumber, pattern: str, context: JudgeContext) -> list[str]:
    """What it received that differs in spaces or signs alone from what it was to receive."""
    before = _before_what_is_received(peer, context)
    if before is None or not _letters(pattern.removeprefix(before)):
        return []
    lines = dict.fromkeys(line.text for line in _lines_of(peer, context))
    return [line for line in lines if _letters(line) == _letters(pattern)]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _met_with(peer: ProcessNumber, pattern: str, context: JudgeContext) -> Text:
    """What the peer was to receive or print, and what it did.

    How a peer puts what it received is the exercise's own; a student reads what that was.
    """
    lines = list(dict.fromkeys(line.text for line in _lines_of(peer, context)))
    who = _role(context.name(peer), is_client=_is_client(peer, context))
    before = _before_what_is_received(peer, context)
    lines = (_same_letters(peer, pattern, context) or lines)[-_LINES_AT_MOST:]
    if before is None or not pattern.startswith(before):
        return _printed(who, pattern, lines, context)
    got = [quoted(line.removeprefix(before)) for line in lines if line.startswith(before)]
    other = [_words(line, context) for line in lines if not line.startswith(before)]
    if got and lines[-1].startswith(before):
        other = []  # what it said before that is no answer to what came last
    awaited = pattern.removeprefix(before)
    typed = next((step.send for step in context.exercise.run.dialogue if step.send), None)
    wanted = quoted(typed) if typed and awaited.strip() == "*" else context.like(awaited)
    if got and other:
        return say(
            "{who} should have received {line}, but received {lines} and says {words}.",
            who=who,
            line=wanted,
            lines=listing(got),
            words=listing(other),
        )
    if got:
        return say(
            "{who} should have received {line}, but received {lines}.",
            who=who,
            line=wanted,
            lines=listing(got),
        )
    if other:
        return say(
            "{who} should have received {line}, but says {words}.",
            who=who,
            line=wanted,
            words=listing(other),
        )
    return say("{who} should have received {line}, but received nothing.", who=who, line=wanted)


def _before_what_is_received(peer: ProcessNumber, context: JudgeContext) -> str | None:
    """How a line of the peer begins that says what it received; None where none is known to."""
    for each in context.exercise.run.peers:
        if each.receives is not None and peer in context.roles.of(each.name):
            return each.receives.removesuffix("*")
    return None


def _printed(who: Text, pattern: str, lines: Sequence[str], context: JudgeContext) -> Text:
    line = context.like(pattern)
    if not lines:
        return say("{who} should have printed {line}, but printed nothing.", who=who, line=line)
    return say(
        "{who} should have printed {line}, but printed {lines}.",
        who=who,
        line=line,
        lines=listing([_words(each, context) for each in lines]),
    )


def _words(line: str, context: JudgeContext) -> Text:
    """What a peer printed, in the words that the exercise has for it in each language."""
    for each in context.exercise.run.peers_say:
        if each.in_language("en") == line.strip():
            texts = each.by_language.items()
            return Localized({language: f"“{text}”" for language, text in texts})
    return quoted(line)


def _role(name: Text, *, is_client: bool) -> Text:
    """A peer at the beginning of a sentence; one that is called what it is, is called so once."""
    if name.in_language("en") in ("client", "server"):
        return say("The client") if is_client else say("The server")
    if is_client:
        return say("The client `{name}`", name=name)
    return say("The server `{name}`", name=name)


def _lines_of(peer: ProcessNumber, context: JudgeContext) -> Sequence[Printed]:
    return [line for line in context.heard if line.by == peer and line.text.strip()]


def _too_late(verdict: Verdict, context: JudgeContext) -> Verdict:
    """A client's line came after another one that it should have come before."""
    peers = {
        number for peer in context.exercise.run.peers for number in context.roles.of(peer.name)
    }
    marks = [(relation.start, relation.end) for relation in verdict.relations]
    if not marks or not {mark.process for mark in marks[0]} <= peers:
        return verdict
    late, early = marks[0]
    happened = say(
        "The client `{name}` was served only at {late_time}, after the client `{other}` at "
        "{early_time}.",
        name=context.name(late.process),
        late_time=seconds(late.at, [early.at]),
        other=context.name(early.process),
        early_time=seconds(early.at, [late.at]),
    )
    why = _why(late.process, context, until=late.at)
    if why.happened is not None:
        happened = say("{cause} {consequence}", cause=why.happened, consequence=happened)
    return replace(verdict, feedback=why.saying(happened))


def _why(peer: ProcessNumber, context: JudgeContext, until: Nanoseconds | None = None) -> Feedback:
    """Why a peer met with what it did. ``until`` is when it was served at last, if it was."""
    call = questions.first(context.trace, Connected, lambda event: event.by == peer)
    if call is None:
        return _why_server(peer, context)
    if call.error is not None:
        return Feedback(
            None,
            say("It tried to connect to port {port}, and was refused.", port=str(call.port)),
            say("From when to when does your program accept connections at that port?"),
        )
    lines = _lines_of(peer, context)
    if until is None:
        until = lines[0].at if lines else context.end(peer)
    last = lines[-1].at if lines else context.end(peer)
    return (
        _left_by_its_servant(peer, last, context)
        or _held_up(call.at, until, context)
        or _both_waited(peer, call.at, last, context)
        or _generally()
    )


def _generally() -> Feedback:
    return Feedback(
        None,
        say(
            "It is a program of the exercise: it connects to yours, sends something, and prints "
            "what comes back."
        ),
        say("Which lines of your program deal with what a client sends, and what do they answer?"),
    )


def _left_by_its_servant(
    peer: ProcessNumber, last: Nanoseconds, context: JudgeContext
) -> Feedback | None:
    """Whether the process that served the client ended before the client had said all."""
    number = servant_of(peer, context)
    servant = None if number is None else questions.process(context.trace, number)
    if servant is None or servant.ended is None or servant.killed_by_grader:
        return None
    answers = _lines_of(peer, context)
    if not answers or not (answers[0].at <= servant.ended <= last) or len(answers) < _AND_MORE:
        return None
    return Feedback(
        None,
        say(
            "{child}, which served this client, ended at {time}, before the client had left.",
            child=context.subject(servant.number),
            time=seconds(servant.ended),
        ),
        say("For how long should the process go on reading from its connection?"),
    )


def _both_waited(
    peer: ProcessNumber, start: Nanoseconds, end: Nanoseconds, context: JudgeContext
) -> Feedback | None:
    """Whether for a long time nothing happened: each waited for the other to say something."""
    times = [start, *(event.at for event in context.trace.events if start <= event.at <= end)]
    began, ended = max(pairwise(times), key=lambda gap: gap[1] - gap[0], default=(start, start))
    asleep = any(
        pause.at <= began and ended <= pause.until
        for number in context.own
        for pause in sleeps_of(context.trace, number)
    )
    if asleep or ended - began < _LONG:
        return None
    return Feedback(
        None,
        say(
            "From {began} to {ended} both waited: {name} for an answer, and your program for more "
            "from {name}.",
            began=seconds(began),
            ended=seconds(ended),
            name=context.name(peer),
        ),
        say("How does your program know that a message is complete?"),
    )


def _why_server(peer: ProcessNumber, context: JudgeContext) -> Feedback:
    ports = {
        event.port
        for event in context.trace.events
        if isinstance(event, Listened) and event.by == peer
    }
    called = any(
        isinstance(event, Connected)
        and event.by in context.own
        and event.port in ports
        and event.error is None
        for event in context.trace.events
    )
    return Feedback(
        None,
        say("It says what your program sends to it, and only that has reached it.")
        if called
        else say(
            "It receives only what is sent to it through a connection, and your program never "
            "connected."
        ),
        say("Which line of your program sends something, and is that line reached?"),
    )


def _held_up(start: Nanoseconds, end: Nanoseconds, context: JudgeContext) -> Feedback | None:
    """What main did for most of the time while a client waited, if that was in its way."""
    over = questions.code_end(context.trace, MAIN)
    if over is not None and over.at <= start and not served_since(over.at, context):
        return Feedback(
            None,
            say(
                "Main's code was over at {time}, and no process accepts clients any more.",
                time=seconds(over.at),
            ),
            say("What should main do when it has handed over one client?"),
        )
    for began, ended, child, line in _waits_of_main(context):
        if _MAINLY * (min(end, ended) - max(start, began)) >= end - start > 0:
            values = {"began": seconds(began), "ended": seconds(ended)}
            return Feedback(
                say(
                    "From {began} to {ended} main waited for the end of {child}, and accepted no "
                    "client.",
                    child=context.name(child),
                    **values,
                )
                if line is None
                else say(
                    "From {began} to {ended} main waited for the end of {child} ({line}), and "
                    "accepted no client.",
                    child=context.name(child),
                    line=context.line(line),
                    **values,
                ),
                say("The next client is served only when main comes to accept it."),
                say("What would main have to be doing, so that the next client gets through?"),
                line,
            )
    if not context.children and len(context.exercise.run.peers) > 1:
        return Feedback(
            say("Main serves its clients itself, one after the other."),
            say("While one of them is connected and silent, main waits for it and hears no other."),
            say("Who could wait for this one client, so that main is free for the next?"),
            _hears_one_client(start, end, context),
        )
    return None


def _hears_one_client(
    start: Nanoseconds, end: Nanoseconds, context: JudgeContext
) -> Location | None:
    """The line at which main waited for one client while another one did for it."""
    waits = (
        each
        for each in context.trace.of_kind(BlockedInterval, MAIN)
        if each.obstacle is WaitReason.SOCKET and start < each.until and each.at < end
    )
    return next((line for each in waits if (line := context.places.of(each))), None)


def _waits_of_main(
    context: JudgeContext,
) -> Iterator[tuple[Nanoseconds, Nanoseconds, ProcessNumber, Location | None]]:
    """When main waited for a child and until when, which child, and at which line."""
    trace = context.trace
    waits = waits_of(trace, MAIN)
    for wait in waits:
        if isinstance(wait.closed, WaitedFor) and not wait.closed.in_shutdown:
            yield wait.at, wait.until, wait.closed.child, wait.closed.line
    stuck = [each for each in trace.blocked if each.process == MAIN]
    if stuck and stuck[0].obstacle is WaitReason.CHILD and stuck[0].waiting_for:
        for wait in waits:
            if wait.closed is None:
                yield wait.at, trace.duration, stuck[0].waiting_for[0], stuck[0].line
