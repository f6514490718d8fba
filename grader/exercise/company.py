"""What the submission deals with while it runs: peers beside it, a dialogue at its terminal.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from grader.exercise.base import Model
from grader.exercise.names import CastName, PeerFile
from grader.exercise.pattern import Pattern, PatternError, parse_pattern
from grader.exercise.rules import Accompanies, KeyRule, exactly_one
from grader.exercise.values import (
    TEXT_SCHEMA,
    Duration,
    Identifier,
    Key,
    PlainPattern,
    Port,
    Text,
    one_or_several,
)
from grader.exercise.wording import Takes


class Beginning(Model):
    """What a peer waits for before it is started."""

    PLACE: ClassVar[str] = "begins"
    EXAMPLE: ClassVar[str] = "{listens: 8080}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (exactly_one("listens", "prints"),)

    listens: Port | None = None
    """The submission accepts connections at this TCP port."""
    prints: PlainPattern | None = None
    """The submission prints a line like this."""

    def is_line(self, text: str) -> bool:
        """Whether this is the line that is waited for."""
        return self.prints is not None and parse_pattern(self.prints).match(text) is not None


class Peer(Model):
    """A program of the exercise's own that runs beside the submission, on its private network."""

    PLACE: ClassVar[str] = "a peer"
    EXAMPLE: ClassVar[str] = "{name: client, program: peers/client.py, begins: {listens: 8080}}"

    name: CastName
    """What checks call its process."""
    program: PeerFile
    """A Python script, by its path from the folder of the exercise. A peer that waits for the
    network should give up by a time-out of its own: on the submission's clock it costs nothing."""
    args: Annotated[
        tuple[Text, ...],
        Takes("a list of texts", {"type": "array", "items": {"type": ["string", "number"]}}),
    ] = ()
    """Arguments of the script."""
    receives: PlainPattern | None = None
    """What a line of it is like that says what it received, such as `'got: *'`: with one `*`, at
    its end. Of such a line the report shows only what was received."""
    begins: Beginning | None = None
    """What it waits for; left out: nothing. Then it is ready (it waits for something, or sleeps)
    before the submission's first instruction."""

    @model_validator(mode="after")
    def _received_at_the_end(self) -> Peer:
        if self.receives is not None and not (
            self.receives.endswith("*") and self.receives.count("*") == 1
        ):
            raise ValueError("'receives' needs one * at its end, for what was received: 'got: *'")
        return self


def compile_regex(source: str) -> re.Pattern[str]:
    """Compile a regular expression of a dialogue: ``^`` and ``$`` stand for the ends of lines.

    Raises:
        PatternError: it is none, or fits an empty text, and so whatever is printed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = re.compile(source, re.MULTILINE)
    except re.error as error:
        offset = min(error.pos or 0, max(0, len(source) - 1))
        raise PatternError(
            f"this is no regular expression: {error.msg}. A character that means itself is "
            "written with \\ before it",
            source[offset:],
            offset,
        ) from None
    except (Warning, OverflowError, RecursionError) as error:
        raise PatternError(f"this is no regular expression that Python likes: {error}") from None
    if compiled.search("") is not None:
        raise PatternError(
            "this regular expression fits an empty text, and so whatever is printed: say what "
            "must be there at least"
        )
    return compiled


def _exact(text: str) -> str:
    if not text or "\n" in text:
        raise ValueError("write a text of one line, and at least one character")
    return text


class Expectation(Model):
    """What a dialogue expects. A bare text is its `pattern`."""

    PLACE: ClassVar[str] = "what is expected"
    EXAMPLE: ClassVar[str] = "{regex: 'took [0-9.]+ s'}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (exactly_one("pattern", "regex", "exact"),)

    pattern: PlainPattern | None = None
    """A whole line like this, compared as all patterns are: however the white space and the
    punctuation are written."""
    regex: (
        Annotated[
            Text,
            AfterValidator(lambda text: compile_regex(text).pattern),
            Takes("a regular expression of Python's", TEXT_SCHEMA),
        ]
        | None
    ) = None
    """Text that fits this is found, in a line or over several, exactly as it was printed; `^` and
    `$` are the beginning and the end of a line. It is looked for in the last 2048 characters and
    in the last line, however long that is. One that takes seconds of computing over what a program
    prints is given up, and the check counts as not judged: beware of repetitions within
    repetitions, such as `(a+)+`."""
    exact: (
        Annotated[Text, AfterValidator(_exact), Takes("a text of one line", TEXT_SCHEMA)] | None
    ) = None
    """This text is found, exactly as it was printed, be it a part of a line."""

    @model_validator(mode="before")
    @classmethod
    def _bare_text(cls, data: Any) -> Any:
        return data if isinstance(data, (dict, Expectation)) else {"pattern": data}

    @property
    def compiled(self) -> Pattern | re.Pattern[str] | str:
        """What to look for: an exact text is a text."""
        if self.regex is not None:
            return compile_regex(self.regex)
        return self.exact if self.exact is not None else parse_pattern(self.pattern or "")


_ONE_EXPECTATION = {"anyOf": [TEXT_SCHEMA, {"$ref": "#/$defs/Expectation"}]}


class DialogueStep(Model):
    """One step of the dialogue at the submission's terminal.

    A dialogue that only expects is one in which nobody types: lines are awaited, one after the
    other, and where the last has come the program is stopped if it would go on.
    """

    PLACE: ClassVar[str] = "a step of the dialogue"
    EXAMPLE: ClassVar[str] = "{expect: 'Name: *'}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (
        exactly_one("expect", "send", "press"),
        Accompanies("after", ("send", "press")),
    )

    id: Identifier = ""
    """What checks call it; left out: `step-1`, `step-2`, ..., by its place."""
    expect: Annotated[
        tuple[Expectation, ...],
        BeforeValidator(one_or_several),
        Field(min_length=1),
        Takes(
            "a [pattern](#patterns) without `{pid}`, `{ppid}` and `{name}`, or "
            "[something else](#what-is-expected), or a list of them",
            {
                "anyOf": [
                    *_ONE_EXPECTATION["anyOf"],
                    {"type": "array", "items": _ONE_EXPECTATION, "minItems": 1},
                ]
            },
        ),
    ] = ()
    """A line like this is printed, or stands there unended when the program waits or sleeps, as a
    prompt does. Of a list, whichever comes first. Lines that came before it and were not expected
    are passed over."""
    send: Text | None = None
    """This line is typed as soon as the program waits for input; '' is an empty line."""
    press: Key | None = None
    """A key instead. `end-of-input` (control-D) is pressed when the program waits for input.
    `interrupt` (control-C) is pressed when the program stands still, that is when each of its
    processes waits for something or sleeps, and every process of the foreground is sent SIGINT,
    children too. `hang-up`: its window is closed, when it stands still."""
    after: Annotated[Duration, Field(gt=0)] | None = None
    """So much time passes on the submission's clock between the step before (or the first
    instruction) and this. A line, and the end of the input, then come when the program next waits
    for input, the other keys at that time, whatever the program does."""

    @property
    def needs_reader(self) -> bool:
        """Whether it is for a program that waits for input."""
        return self.send is not None or self.press == "end-of-input"


def with_ids(steps: tuple[DialogueStep, ...]) -> tuple[DialogueStep, ...]:
    """The steps of a dialogue, those without an id of their own called by their places."""
    ids = step_ids(step.id for step in steps)
    return tuple(
        step.model_copy(update={"id": step_id}) for step, step_id in zip(steps, ids, strict=True)
    )


def step_ids(given: Iterable[str | None]) -> tuple[str, ...]:
    """What the steps of a dialogue are called, those without an id of their own by their places."""
    return tuple(own or f"step-{place}" for place, own in enumerate(given, 1))
