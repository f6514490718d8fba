"""``dialogue``: how far the dialogue at the submission's terminal came."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.scene import Scene
from grader.checks.verdict import Verdict, failed, passed
from grader.checks.words import like, quoted
from grader.exercise import DialogueStep
from grader.messages import Text, say
from grader.trace import MAIN, AskedForInput, Outcome, Printed, Typed
from grader.trace.naming import seconds


def step_ids(steps: Sequence[DialogueStep]) -> list[str]:
    """What each step is called: by its id, else ``step-1``, ``step-2``, ..."""
    return [step.id or f"step-{number}" for number, step in enumerate(steps, 1)]


def judge_dialogue(wanted: str, scene: Scene) -> Verdict:
    """Whether the dialogue came to the step, and beyond it."""
    steps = scene.exercise.run.dialogue
    ids = step_ids(steps)
    if scene.trace.unmet is None:
        return passed(say("The dialogue went through to its end."))
    stuck = ids.index(scene.trace.unmet)
    if ids.index(wanted) < stuck:
        return passed(say("The dialogue came beyond this step."))
    step = steps[stuck]
    if step.expect is not None:
        return _unheard(step.expect, scene)
    return _unasked(scene)


def _unheard(expected: str, scene: Scene) -> Verdict:
    """A line was expected and did not come."""
    typed = _last_typed(scene)
    heard = [
        event.text
        for event in scene.spoken
        if event.text.strip() and (typed is None or event.at >= typed.at)
    ]
    before = _after_typing(typed)
    if heard:
        happened = say(
            "{before} the program said {said}, and not {expected}.",
            before=before,
            said=quoted(heard[-1]),
            expected=like(expected),
        )
    else:
        happened = say(
            "{before} the program said nothing, where {expected} was expected.",
            before=before,
            expected=like(expected),
        )
    return failed(
        happened,
        why=_state(scene),
        next=say("Which lines does your program execute after this, up to its next question?"),
        about=(MAIN,),
        missing=True,
        shared_cause=f"dialogue {expected}",
    )


def _unasked(scene: Scene) -> Verdict:
    """The next line could not be typed: nobody waited for it."""
    return failed(
        say(
            "{before} the program did not ask for another line.",
            before=_after_typing(_last_typed(scene)),
        ),
        why=_state(scene),
        next=say("What should make your program ask again and again, and when should that end?"),
        about=(MAIN,),
        missing=True,
        shared_cause="dialogue: not asked",
    )


def _last_typed(scene: Scene) -> Typed | None:
    typed = [event for event in scene.trace.events if isinstance(event, Typed)]
    return typed[-1] if typed else None


def _after_typing(typed: Typed | None) -> Text:
    """The beginning of a sentence: after what."""
    if typed is None:
        return say("At the beginning")
    if typed.what != "line":
        return say("At {time}, when its input was over,", time=seconds(typed.at))
    if not typed.text:
        return say("At {time}, when it was given an empty line,", time=seconds(typed.at))
    return say(
        "At {time}, when it was given {line},", time=seconds(typed.at), line=quoted(typed.text)
    )


def _state(scene: Scene) -> Text:
    """What the program was doing when the dialogue could not go on."""
    if scene.trace.outcome is Outcome.WAITING_FOR_INPUT:
        prompts = [event.prompt for event in scene.trace.events if isinstance(event, AskedForInput)]
        if prompts and prompts[-1].strip():
            return say("It waits for somebody to type, after {prompt}.", prompt=quoted(prompts[-1]))
        return say("It waits for somebody to type.")
    if scene.trace.outcome is Outcome.DEADLOCK:
        return say("It waits for something that never comes.")
    if scene.cast.of("main") and scene.trace.processes[MAIN].ended is not None:
        return say("By then it had come to its end.")
    lines = [event for event in scene.trace.events if isinstance(event, Printed)]
    if lines:
        return say("The last thing that it said was {line}.", line=quoted(lines[-1].text))
    return say("It never said anything.")
