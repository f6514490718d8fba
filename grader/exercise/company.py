"""Who deals with the submission while it runs: peers beside it, a dialogue at its terminal.

The docstrings of classes and fields are what a teacher reads in the language's reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from grader.exercise.base import Model
from grader.exercise.names import CastName, PeerFile
from grader.exercise.rules import KeyRule, exactly_one
from grader.exercise.values import Identifier, Key, PlainPattern, Text, Whole
from grader.exercise.wording import Takes

Port = Annotated[Whole, Field(ge=1, le=65535)]


class Beginning(Model):
    """What a peer waits for before it is started."""

    PLACE: ClassVar[str] = "begins"
    EXAMPLE: ClassVar[str] = "{listens: 8080}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (exactly_one("listens", "prints"),)

    listens: Port | None = None
    """The submission accepts connections at this TCP port."""
    prints: PlainPattern | None = None
    """The submission prints a line like this."""


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
    its end. Of such a line a student is told only what stands there, as received."""
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


class DialogueStep(Model):
    """One step of the dialogue at the submission's terminal."""

    PLACE: ClassVar[str] = "a step of the dialogue"
    EXAMPLE: ClassVar[str] = "{expect: 'Name: *'}"
    RULES: ClassVar[tuple[KeyRule, ...]] = (exactly_one("expect", "send", "press"),)

    id: Identifier | None = None
    """What checks call it; left out: `step-1`, `step-2`, ..., by its place."""
    expect: PlainPattern | None = None
    """A line like this is printed, or stands there unended, as a prompt does. Lines that came
    before it and were not expected are passed over."""
    send: Text | None = None
    """This line is typed as soon as the program waits for input; '' is an empty line."""
    press: Key | None = None
    """A key instead: the input ends (control-D), the program is interrupted (control-C), or its
    window is closed."""


def step_ids(given: Iterable[str | None]) -> tuple[str, ...]:
    """What the steps of a dialogue are called, those without an id of their own by their places."""
    return tuple(own or f"step-{place}" for place, own in enumerate(given, 1))
