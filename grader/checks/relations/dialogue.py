"""``dialogue`` and ``prompt``: how far the dialogue at the terminal came, and how it asks."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.context import JudgeContext
from grader.checks.feedback import Feedback
from grader.checks.finding import Status
from grader.checks.lines import nearest
from grader.checks.registry import Concern, judges
from grader.checks.verdict import Verdict, failed, passed
from grader.checks.words import SPACE, code, like, quoted
from grader.exercise import DialogueStep, parse_pattern
from grader.exercise.relations.program import Dialogue, Prompt
from grader.messages import Text, say
from grader.trace import (
    MAIN,
    AskedForInput,
    Outcome,
    Printed,
    ProcessNumber,
    WaitReason,
    questions,
)
from grader.trace.naming import listing

_LINES_AT_MOST = 3
_NOT_ENDED = frozenset(
    {
        *(Outcome.TIME_LIMIT, Outcome.CPU_LIMIT, Outcome.WALL_LIMIT),
        *(Outcome.DEADLOCK, Outcome.WAITING_FOR_INPUT),
    }
)
"""How runs end in which the program still waits, or goes on, when all is over."""


@judges(Dialogue, Concern.BEHAVIOUR)
def judge_dialogue(wanted: Dialogue, context: JudgeContext) -> Verdict:
    """Whether the dialogue came to the step, and beyond it."""
    run, unmet = context.exercise.run, context.trace.unmet
    if unmet is None:
        return passed(say("The dialogue went through to its end."))
    ids = [step.id for step in run.dialogue]
    stuck = ids.index(unmet)
    if ids.index(wanted.step) < stuck:
        return passed(say("The dialogue came beyond this step."))
    return Verdict(
        Status.FAILED,
        _feedback(stuck, context),
        about=frozenset([MAIN]),
        missing=True,
        shared_cause=f"dialogue:{unmet}",
    )


def _feedback(stuck: int, context: JudgeContext) -> Feedback:
    """At which point of the dialogue it did not go on and how, why, and what to ask oneself."""
    step, *following = context.exercise.run.dialogue[stuck : stuck + 2]
    heard = _heard(context)
    if step.press is not None and not step.needs_reader:
        happened = _not_pressed(step, _since(stuck, context), context)
        return _state(context, asks=False).saying(happened)
    if not step.expect:
        return _state(context, asks=True).saying(_not_asked(step, heard, stuck, context))
    if following and following[0].send is not None:
        other = _other_prompt(step, context)
        if other is not None:
            return other
    since, expected, near = _since(stuck, context), _expected(step), _near(step, heard)
    if not heard:
        happened = say(
            "{since}, the program should have printed {expected}, but printed nothing.",
            since=since,
            expected=expected,
        )
        return _state(context, asks=False).saying(happened)
    shown = heard[:_LINES_AT_MOST] if near is None else [near]
    happened = say(
        "{since}, the program should have printed {expected}, but printed {said}.",
        since=since,
        expected=expected,
        said=listing([quoted(line) for line in shown]),
    )
    if near is None and context.trace.outcome is not Outcome.FINISHED:
        return _state(context, asks=False).saying(happened)
    return Feedback(
        happened,
        say("Here the text must be exactly that, with its white space.")
        if any(each.exact is not None for each in step.expect)
        else say(
            "The text is compared with that of the task. White space beside punctuation makes "
            "no difference; letters, capitals and punctuation marks do."
        ),
        say("Where exactly do the two differ?"),
    )


def stuck_at_another_text(context: JudgeContext) -> bool:
    """Whether the dialogue is stuck because something else was printed than what was expected, so
    that nobody has typed or pressed what the program waits for: it may wait for ever, and rightly.
    """
    if context.trace.unmet is None or context.trace.outcome not in _NOT_ENDED:
        return False
    ids = [step.id for step in context.exercise.run.dialogue]
    stuck = ids.index(context.trace.unmet)
    step, *following = context.exercise.run.dialogue[stuck : stuck + 2]
    heard = _heard(context)
    is_key = bool(following) and following[0].press is not None and not following[0].needs_reader
    return bool(step.expect and heard) and (is_key or _near(step, heard) is not None)


def _heard(context: JudgeContext) -> Sequence[str]:
    """The lines that came in the place of what was expected, tracebacks left out."""
    reported = {line.text for report in context.tracebacks for line in report.lines}
    lines = context.trace.transcript[-1].before.split("\n")
    return [line for line in lines if line.strip() and line not in reported]


def _near(step: DialogueStep, heard: Sequence[str]) -> str | None:
    """The line that is most like a try at what was expected, if one is."""
    printed = [Printed(0, MAIN, line) for line in heard]
    for each in step.expect:
        if each.exact is not None:
            folded = _folded(each.exact)
            found = next((line for line in heard if folded in _folded(line)), None)
        else:
            line = None if each.pattern is None else nearest(each.pattern, printed)
            found = None if line is None else line.text
        if found is not None:
            return found
    return None


def _folded(text: str) -> str:
    return "".join(text.casefold().split())


def _expected(step: DialogueStep) -> Text:
    """What was expected, as a student reads it."""
    told: list[Text] = []
    for each in step.expect:
        if each.regex is not None:
            told.append(say("text that fits {regex}", regex=code(each.regex)))
        else:
            told.append(like(each.pattern) if each.pattern else quoted(each.exact or ""))
    so_far = told[0]
    for another in told[1:]:
        so_far = say("{first} or {second}", first=so_far, second=another)
    return so_far


def _since(stuck: int, context: JudgeContext) -> Text:
    """From where on what was expected did not come."""
    if not stuck:
        return say("At the beginning")
    step = context.exercise.run.dialogue[stuck - 1]
    if step.expect:
        done = context.trace.transcript[-2:-1]
        return say("After {met}", met=quoted((done[0].after if done else None) or ""))
    if step.press is not None:
        return say("After {key} was pressed", key=_key(step.press))
    if not step.send:
        return say("After an empty line was typed")
    return say("After {typed} was typed", typed=quoted(step.send))


def _not_pressed(step: DialogueStep, since: Text, context: JudgeContext) -> Text:
    """The program was not there any more for a key to be pressed, or always at work."""
    assert step.press is not None
    main = questions.main_of(context.trace)
    if main is not None and main.ended is not None and not main.killed_by_grader:
        return say(
            "{since}, the program should have been running still when {key} was pressed.",
            since=since,
            key=_key(step.press),
        )
    return say(
        "{since}, the program should have come to a point where it waits or sleeps, so that "
        "{key} can be pressed, and never did.",
        since=since,
        key=_key(step.press),
    )


def _not_asked(step: DialogueStep, heard: Sequence[str], stuck: int, context: JudgeContext) -> Text:
    """The program did not wait for what was to be typed next."""
    last = heard[-1] if heard else None
    if last is None and stuck and context.exercise.run.dialogue[stuck - 1].expect:
        last = next((each.after for each in context.trace.transcript[-2:-1]), None)
    if not step.send:
        if last is None and (not stuck or context.exercise.run.dialogue[stuck - 1].expect):
            return say("The program should have waited for input, and never did.")
        if last is None:
            return say(
                "{since}, the program should have waited for input, and did not.",
                since=_since(stuck, context),
            )
        return say(
            "After {last}, the program should have waited for input, and did not.",
            last=quoted(last),
        )
    if last is None:
        return say(
            "The program should have waited for the line {line}, and never did.",
            line=quoted(step.send),
        )
    return say(
        "After {last}, the program should have waited for the line {line}, and did not.",
        last=quoted(last),
        line=quoted(step.send),
    )


def _key(pressed: str) -> Text:
    if pressed == "end-of-input":
        return say("the end of the input (control-D)")
    if pressed == "interrupt":
        return say("control-C")
    return say("the button that closes the window")


def _state(context: JudgeContext, *, asks: bool) -> Feedback:
    """What the program was doing when the dialogue could not go on, and what to ask oneself.

    ``asks``: it was to ask for a line.
    """
    main = questions.main_of(context.trace)
    if main is not None and main.ended is not None and not main.killed_by_grader:
        return Feedback(
            None,
            say("The program had come to its end by then."),
            say("What should make the program go on, and when should it end?"),
        )
    if context.trace.outcome is Outcome.WAITING_FOR_INPUT:
        return _waits_for_input(context)
    stuck = next((each for each in context.trace.blocked if each.process == MAIN), None)
    if stuck is not None and stuck.obstacle is WaitReason.SOCKET:
        return Feedback(
            None,
            say("Main waits for something to come through its connection, and nothing comes."),
            say("What has your program sent last, and does the other side answer to that?"),
        )
    if stuck is not None and stuck.obstacle is WaitReason.CHILD:
        return Feedback(
            None,
            say("Main waits for the end of a process, and so it cannot deal with the terminal."),
            say("Which process deals with the terminal, and what is it doing?"),
        )
    if asks:
        return Feedback(
            None,
            say("A line can only be typed when the program waits for one."),
            say("Which line of your program asks, and is that line reached?"),
        )
    return Feedback(
        None,
        say("The program was doing something else, or waited for something that never came."),
        say("Which lines does your program execute after this, up to its next question?"),
    )


def _other_prompt(stuck: DialogueStep, context: JudgeContext) -> Feedback | None:
    """Where a prompt was expected, and the program waits after another one."""
    asked = questions.every(context.trace, AskedForInput)
    prompt = asked[-1].prompt.strip() if asked else ""
    if not prompt or context.trace.outcome is not Outcome.WAITING_FOR_INPUT:
        return None
    return Feedback(
        say(
            "The program should have asked with {expected}, but asks with {prompt}.",
            expected=_expected(stuck),
            prompt=quoted(prompt),
        ),
        say("Anyone who talks to the program, a person or another program, goes by that text."),
        say("Which text does the task want in front of the input, character for character?"),
    )


@judges(Prompt, Concern.BEHAVIOUR)
def judge_prompt(wanted: Prompt, context: JudgeContext) -> Verdict:
    """Whether the prompt stands before the input each time that a line is asked for."""
    pattern, members = parse_pattern(wanted.text), context.roles.of(wanted.by)
    shown = ""
    asked = 0
    for event in context.trace.events:
        if event.by not in members:
            continue
        if isinstance(event, Printed) and event.text.strip():
            shown = event.text
        elif isinstance(event, AskedForInput):
            text = event.prompt if event.prompt.strip() else shown
            prompt = text.strip()
            asked, shown = asked + 1, ""
            if pattern.match(prompt) is None:
                return _asks_otherwise(wanted, prompt, members)
            if wanted.text[-1:].isspace() and _spaces(text) != _spaces(wanted.text):
                return _ends_otherwise(wanted, text, members)
    if asked:
        return passed()
    return failed(
        say("{name} never waited for input.", name=context.subjects(members)),
        why=say("A line can only be typed when the program waits for one."),
        next=say("Which line of your program asks, and is that line reached?"),
        about=members,
        missing=True,
    )


def _spaces(text: str) -> int:
    """How many spaces stand at its end."""
    return len(text) - len(text.rstrip())


def _ends_otherwise(wanted: Prompt, text: str, who: Sequence[ProcessNumber]) -> Verdict:
    """The prompt is right but for the spaces at its end, which are shown as ␣."""
    return failed(
        say(
            "The program should have asked with {expected}, but asks with {prompt} (␣ is a space).",
            expected=like(wanted.text.rstrip() + SPACE * _spaces(wanted.text)),
            prompt=quoted(text.strip() + SPACE * _spaces(text)),
        ),
        why=say("Anyone who talks to the program, a person or another program, goes by that text."),
        next=say("Which text does the task want in front of the input, character for character?"),
        about=who,
    )


def _asks_otherwise(wanted: Prompt, prompt: str, who: Sequence[ProcessNumber]) -> Verdict:
    expected = like(wanted.text)
    return failed(
        say(
            "The program should have asked with {expected}, but asks with {prompt}.",
            expected=expected,
            prompt=quoted(prompt),
        )
        if prompt
        else say(
            "The program should have asked with {expected}, but shows nothing when it asks.",
            expected=expected,
        ),
        why=say("Anyone who talks to the program, a person or another program, goes by that text."),
        next=say("Which text does the task want in front of the input, character for character?"),
        about=who,
    )


def _waits_for_input(context: JudgeContext) -> Feedback:
    asked = questions.every(context.trace, AskedForInput)
    if asked and asked[-1].prompt.strip():
        return Feedback(
            None,
            say(
                "The program goes on to its next question, {prompt}, and waits.",
                prompt=quoted(asked[-1].prompt.strip()),
            ),
            say("Which line is to print it, and is that line executed before the next question?"),
        )
    return Feedback(
        None,
        say(
            "The program already waits for a line, and shows nothing to the person at the keyboard."
        ),
        say("Which line of your program waits, and what does it show before it does?"),
    )
