"""Whether the task says what is graded, and in every language."""

from __future__ import annotations

from collections.abc import Iterator

from grader.authoring.contradictions import Remark, Spot
from grader.exercise import Check, Exercise, Model, Moment, normalized, parse_pattern
from grader.exercise.base import kebab
from grader.exercise.pattern import Words
from grader.exercise.relations.events import Prints
from grader.exercise.relations.processes import Named
from grader.exercise.relations.program import Dialogue, Prompt
from grader.exercise.relations.sections import SectionLine
from grader.messages import LANGUAGES, Localized

_NAMES = {"en": "English", "zh": "Chinese"}


def remarks_on_texts(exercise: Exercise) -> Iterator[Remark]:
    """Translations that are missing, and what is graded without being said."""
    texts = dict(_texts(exercise))
    languages = [
        each for each in LANGUAGES if any(each in text.by_language for text in texts.values())
    ]
    for spot, text in texts.items():
        missing = [_NAMES[each] for each in languages if each not in text.by_language]
        if missing:
            yield Remark(
                spot,
                f"the {' and the '.join(missing)} of this is missing: other texts of the exercise "
                "have it, as in {en: ..., zh: ...}",
            )
    peers = {peer.name for peer in exercise.run.peers}
    tasks = {
        language: normalized(" ".join(task.split()))
        for language, task in exercise.task.by_language.items()
    }
    for place, check in enumerate(exercise.checks):
        if not check.points:
            continue
        for spot, pattern in _graded_texts(exercise, check, peers):
            for part in parse_pattern(pattern).parts:
                word = part.text.strip(" :") if isinstance(part, Words) else ""
                if not any(map(str.isalnum, word)):
                    continue
                silent = [_NAMES[each] for each in tasks if word not in tasks[each]]
                if silent:
                    where = f" in {' and '.join(silent)}" if len(tasks) > 1 else ""
                    yield Remark(
                        ("checks", place, *spot),
                        f"the task does not say '{word}'{where}, which is graded: a student "
                        "cannot know it",
                    )


def _texts(exercise: Exercise) -> Iterator[tuple[Spot, Localized]]:
    yield ("title",), exercise.title
    yield ("task",), exercise.task
    for place, line in enumerate(exercise.run.peers_say):
        yield ("run", "peers-say", place), line
    for place, check in enumerate(exercise.checks):
        yield ("checks", place, "expect"), check.expect
        if check.hint is not None:
            yield ("checks", place, "hint"), check.hint


def _graded_texts(exercise: Exercise, check: Check, peers: set[str]) -> Iterator[tuple[Spot, str]]:
    """The patterns that the script must fit for this check, and where they stand in it."""
    asked = check.parameters
    if isinstance(asked, Prints):
        if asked.by not in peers and not asked.never and asked.relays is None:
            yield (check.relation, "text"), asked.text
            for text in () if asked.each_of is None else asked.each_of.texts or ():
                yield (check.relation, "each-of"), text
    elif isinstance(asked, (Named, Prompt)):
        yield (check.relation,), asked.is_ if isinstance(asked, Named) else asked.text
    elif isinstance(asked, Dialogue):
        (step,) = (each for each in exercise.run.dialogue if each.id == asked.step)
        for expected in step.expect:
            awaited = expected.pattern or expected.exact
            if awaited is not None:
                yield (check.relation,), awaited
    yield from _lines_in(asked, (check.relation,), peers)


def _lines_in(part: object, spot: Spot, peers: set[str]) -> Iterator[tuple[Spot, str]]:
    """The lines of the script that the moments in a part of a check are about."""
    if isinstance(part, (Moment, SectionLine)):
        by = part.by if isinstance(part, Moment) else None
        if part.prints is not None and by not in peers:
            yield (*spot, "prints"), part.prints
    elif isinstance(part, Model):
        for name in type(part).model_fields:
            yield from _lines_in(getattr(part, name), (*spot, kebab(name)), peers)
    elif isinstance(part, tuple):
        for place, one in enumerate(part):
            yield from _lines_in(one, (*spot, place), peers)
