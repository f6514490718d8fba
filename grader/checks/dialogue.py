"""``dialogue``: how far the dialogue at the submission's terminal came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.checks.scene import Scene
from grader.checks.verdict import Verdict, failed, passed
from grader.checks.words import like, quoted
from grader.exercise import DialogueStep, parse_pattern
from grader.messages import Text, say
from grader.trace import MAIN, AskedForInput, Outcome, Printed, Typed, WaitReason, questions
from grader.trace.naming import listing

_LINES_AT_MOST = 3


def judge_dialogue(wanted: str, scene: Scene) -> Verdict:
    """Whether the dialogue came to the step, and beyond it."""
    run, unmet = scene.exercise.run, scene.trace.unmet
    if unmet is None:
        return passed(say("The dialogue went through to its end."))
    stuck = run.step_ids.index(unmet)
    if run.step_ids.index(wanted) < stuck:
        return passed(say("The dialogue came beyond this step."))
    why, question = _state(scene, asks=run.dialogue[stuck].expect is None)
    happened = _where(run.dialogue[:stuck], run.dialogue[stuck], scene)
    following = run.dialogue[stuck + 1 : stuck + 2]
    if following and following[0].send is not None:
        other = _other_prompt(run.dialogue[stuck], scene)
        happened, why, question = other or (happened, why, question)
    return failed(
        happened,
        why=why,
        next=question,
        about=(MAIN,),
        missing=True,
        shared_cause=f"dialogue:{unmet}",
    )


@dataclass(frozen=True)
class _Terminal:
    """What stands at the terminal: the last thing that was typed, the last line since then that
    met a step, and the lines after it.
    """

    typed: Typed | None
    met: Printed | None
    heard: Sequence[Printed]


def _where(done: Sequence[DialogueStep], stuck: DialogueStep, scene: Scene) -> Text:
    """At which point of the dialogue it did not go on, and how."""
    terminal = _terminal(done, scene)
    if stuck.expect is None:
        return _not_asked(stuck, terminal)
    since, expected = _since(terminal), like(stuck.expect)
    if not terminal.heard:
        return say(
            "{since}, the program should have printed {expected}, but printed nothing.",
            since=since,
            expected=expected,
        )
    return say(
        "{since}, the program should have printed {expected}, but printed {said}.",
        since=since,
        expected=expected,
        said=listing([quoted(line.text) for line in terminal.heard[:_LINES_AT_MOST]]),
    )


def _terminal(done: Sequence[DialogueStep], scene: Scene) -> _Terminal:
    """The steps that are done, gone through once more."""
    lines = [line for line in questions.lines_of(scene.trace) if line.by in scene.own]
    met: Printed | None = None
    for pattern in [parse_pattern(step.expect) for step in done if step.expect is not None]:
        met = next((line for line in lines if pattern.match(line.text)), met)
        lines = [
            line for line in lines if met is None or scene.position(line) > scene.position(met)
        ]
    spoken = {id(line) for line in scene.spoken}
    typed = questions.every(scene.trace, Typed)
    last = typed[-1] if typed else None
    since = -1 if last is None else scene.position(last)
    return _Terminal(
        last,
        met if met is not None and scene.position(met) > since else None,
        [
            line
            for line in lines
            if id(line) in spoken and line.text.strip() and scene.position(line) > since
        ],
    )


def _since(terminal: _Terminal) -> Text:
    """From where on what was expected did not come."""
    typed, met = terminal.typed, terminal.met
    if met is not None:
        return say("After {met}", met=quoted(met.text))
    if typed is None:
        return say("At the beginning")
    if typed.what != "line":
        return say("After {key} was pressed", key=_key(typed))
    if not typed.text:
        return say("After an empty line was typed")
    return say("After {typed} was typed", typed=quoted(typed.text))


def _not_asked(stuck: DialogueStep, terminal: _Terminal) -> Text:
    """Nobody waited for what was to be typed next."""
    last = terminal.met or (terminal.heard[-1] if terminal.heard else None)
    if not stuck.send:
        if last is None:
            return say("The program should have waited for input, and never did.")
        return say(
            "After {last}, the program should have waited for input, and did not.",
            last=quoted(last.text),
        )
    if last is None:
        return say(
            "The program should have waited for the line {line}, and never did.",
            line=quoted(stuck.send),
        )
    return say(
        "After {last}, the program should have waited for the line {line}, and did not.",
        last=quoted(last.text),
        line=quoted(stuck.send),
    )


def _key(typed: Typed) -> Text:
    if typed.what == "end-of-input":
        return say("the end of the input (control-D)")
    if typed.what == "interrupt":
        return say("control-C")
    return say("the button that closes the window")


def _state(scene: Scene, *, asks: bool) -> tuple[Text, Text]:
    """What the program was doing when the dialogue could not go on, and what to ask oneself.

    ``asks``: it was to ask for a line.
    """
    main = questions.main_of(scene.trace)
    if main is not None and main.ended is not None and not main.killed_by_grader:
        return (
            say("The program had come to its end by then."),
            say("What should make the program go on, and when should it end?"),
        )
    if scene.trace.outcome is Outcome.WAITING_FOR_INPUT:
        return _waits_for_input(scene)
    stuck = next((each for each in scene.trace.blocked if each.process == MAIN), None)
    if stuck is not None and stuck.obstacle is WaitReason.SOCKET:
        return (
            say("Main waits for something to come through its connection, and nothing comes."),
            say("What has your program sent last, and does the other side answer to that?"),
        )
    if stuck is not None and stuck.obstacle is WaitReason.CHILD:
        return (
            say("Main waits for the end of a process, and so it cannot deal with the terminal."),
            say("Which process deals with the terminal, and what is it doing?"),
        )
    if asks:
        return (
            say("A line can only be typed when the program waits for one."),
            say("Which line of your program asks, and is that line reached?"),
        )
    return (
        say("The program was doing something else, or waited for something that never came."),
        say("Which lines does your program execute after this, up to its next question?"),
    )


def _other_prompt(stuck: DialogueStep, scene: Scene) -> tuple[Text, Text, Text] | None:
    """Where a prompt was expected, and the program waits after another one."""
    asked = questions.every(scene.trace, AskedForInput)
    prompt = asked[-1].prompt.strip() if asked else ""
    if stuck.expect is None or not prompt or scene.trace.outcome is not Outcome.WAITING_FOR_INPUT:
        return None
    return (
        say(
            "The program should have asked with {expected}, but asks with {prompt}.",
            expected=like(stuck.expect),
            prompt=quoted(prompt),
        ),
        say("Whoever talks to the program, a person or another program, goes by that text."),
        say("Which text does the task want in front of the input, sign for sign?"),
    )


def _waits_for_input(scene: Scene) -> tuple[Text, Text]:
    asked = questions.every(scene.trace, AskedForInput)
    if asked and asked[-1].prompt.strip():
        return (
            say(
                "The program goes on to its next question, {prompt}, and waits.",
                prompt=quoted(asked[-1].prompt.strip()),
            ),
            say("Which line is to print it, and is that line executed before the next question?"),
        )
    return (
        say("The program waits for a line already, and shows nothing to whoever sits there."),
        say("Which line of your program waits, and what does it show before it does?"),
    )
