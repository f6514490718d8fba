"""The table of the options. The commands, their help in every language, and where each value goes
are made from it: a new option is one row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import click

from grader.messages import LANGUAGES, Text, say


class WholeNumber(click.ParamType):  # type: ignore[type-arg]  # click 8.1's is not generic
    """A whole number within bounds, both included."""

    name = "whole number"

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number that was given; anything else, or one out of bounds, is a usage error."""
        try:
            number = int(value)
        except ValueError:
            self.fail(f"{value!r} is no whole number", param, ctx)
        if not self.least <= number <= self.most:
            self.fail(f"{number} is not from {self.least} to {self.most}", param, ctx)
        return number


class Section(Enum):
    """Where an option stands in the help. The value is the heading."""

    GENERAL = say("Options")
    RUNNING = say("How a script is run")
    INPUT = say("What was handed in")
    MARKS = say("Marks")
    PAGES = say("Pages for the class")
    MACHINES = say("Machines and repetition")
    WRITING = say("Exercises of your own")


FOR_A_CLASS = (Section.INPUT, Section.MARKS, Section.PAGES, Section.MACHINES)
"""The sections whose options are for a class only."""

Destination = Literal["call", "options", "batch", "outputs"]
"""Who takes the value: the command itself, `grader.options.Options`, or, where a class is graded,
the fields of the same name of what it is graded and written by."""


@dataclass(frozen=True)
class Option:
    """One option. ``kind`` None: a flag.

    ``name`` is that of the field that takes the value, where it is not the flag's. ``everyday``:
    the short help has it.
    """

    flags: tuple[str, ...]
    says: Text
    section: Section
    destination: Destination
    kind: click.ParamType | None = None  # type: ignore[type-arg]  # as WholeNumber above
    metavar: str | None = None
    multiple: bool = False
    default: Any = None
    name: str = ""
    everyday: bool = False

    @property
    def field(self) -> str:
        """The name under which the command is given the value."""
        return self.name or self.flags[-1].lstrip("-").replace("-", "_")

    @property
    def shown(self) -> str:
        """The left column of the help: ``-o, --report FILE``."""
        if isinstance(self.kind, click.Choice):
            metavar = f"[{'|'.join(self.kind.choices)}]"
        else:
            metavar = self.metavar or ""
        return f"{', '.join(self.flags)} {metavar}".rstrip()


_FILE = click.Path(path_type=Path)
_TEXT = click.STRING

OPTIONS = (
    Option(
        ("-o", "--report"),
        say("Where the report goes; of a class, the folder. Else: reports/"),
        Section.GENERAL,
        "call",
        _FILE,
        "PATH",
    ),
    Option(
        ("--open",),
        say("Open the report in the browser."),
        Section.GENERAL,
        "call",
        everyday=True,
    ),
    Option(
        ("--replay",),
        say("Run one event order again; the report names it."),
        Section.RUNNING,
        "options",
        _TEXT,
        "ORDER",
        everyday=True,
    ),
    Option(
        ("--lang",),
        say("The language. Else: that of your system."),
        Section.GENERAL,
        "call",
        click.Choice(LANGUAGES),
        everyday=True,
    ),
    Option(("-q", "--quiet"), say("Say only the score."), Section.GENERAL, "call"),
    Option(
        ("-v", "--verbose"),
        say("Also say which processes ran, and what they printed."),
        Section.GENERAL,
        "call",
        everyday=True,
    ),
    Option(
        ("--json",),
        say("Write the result, and all that happened, as JSON, too. -: to the standard output."),
        Section.GENERAL,
        "call",
        _FILE,
        "FILE",
    ),
    Option(
        ("--schedules",),
        say(
            "Try N event orders, to tell right from lucky. 1: only the natural one. Default: as "
            "the exercise says."
        ),
        Section.RUNNING,
        "options",
        WholeNumber(1, 1000),
        "N",
    ),
    Option(
        ("--seed",),
        say("Try other random event orders than usual."),
        Section.RUNNING,
        "options",
        WholeNumber(0, 2**32 - 1),
        "N",
        default=0,
    ),
    Option(
        ("--clock",),
        say("Whether sleeping takes real time. Else: as the exercise says."),
        Section.RUNNING,
        "options",
        click.Choice(["virtual", "real"]),
    ),
    Option(
        ("--python",),
        say("The Python that runs the script. Else: the grader's own."),
        Section.RUNNING,
        "options",
        _TEXT,
        "PYTHON",
    ),
    Option(
        ("--isolation",),
        say(
            "How the script is shut off from the machine. bwrap: bubblewrap must work. "
            "basic: without it. auto: bwrap where it works."
        ),
        Section.RUNNING,
        "options",
        click.Choice(["auto", "bwrap", "basic"]),
        default="auto",
    ),
    Option(
        ("--witness",),
        say(
            "Who says what the script did. kernel: what is graded; it needs Linux and ptrace. "
            "script: its own report, a self-check. auto: the kernel where it can be had, else the "
            "script; a class only by the kernel."
        ),
        Section.RUNNING,
        "options",
        click.Choice(["auto", "kernel", "script"]),
        default="auto",
    ),
    Option(
        ("--students",),
        say(
            "How a file's path says whose it is, with (?P<student_id>...). Else: as Moodle, "
            "Canvas, Blackboard, GitHub Classroom and Gradescope do."
        ),
        Section.INPUT,
        "batch",
        _TEXT,
        "REGEX",
    ),
    Option(
        ("--deadline",),
        say("Mark as late what was handed in after it."),
        Section.INPUT,
        "batch",
        _TEXT,
        "TIME",
    ),
    Option(
        ("--fill",),
        say("Fill the marks into a copy of your Moodle worksheet or Canvas export."),
        Section.MARKS,
        "outputs",
        _FILE,
        "FILE",
        multiple=True,
    ),
    Option(
        ("--column",),
        say("Which assignment of the Canvas export it is; of a course EXERCISE=NAME."),
        Section.MARKS,
        "outputs",
        _TEXT,
        "NAME",
        multiple=True,
        name="columns",
    ),
    Option(
        ("--feedback",),
        say("From Moodle: everybody's report as a zip file for Moodle."),
        Section.MARKS,
        "outputs",
    ),
    Option(
        ("--junit",),
        say("Write the results as JUnit XML, too."),
        Section.MARKS,
        "outputs",
        _FILE,
        "FILE",
    ),
    Option(
        ("--gradescope",),
        say("Grade nothing: write the autograder of these exercises for Gradescope."),
        Section.MARKS,
        "call",
        _FILE,
        "FILE.zip",
    ),
    Option(("--strict",), say("Status 1 if anybody did not pass."), Section.MARKS, "batch"),
    Option(
        ("--similar",),
        say("A page of programs that are alike from so much percent on; 80 is a good start."),
        Section.PAGES,
        "outputs",
        WholeNumber(1, 100),
        "PERCENT",
    ),
    Option(
        ("--anonymous",),
        say("Leave the names out of the pages of the class."),
        Section.PAGES,
        "outputs",
    ),
    Option(
        ("--jobs",),
        say("Grade N at a time. Else: as there are processors."),
        Section.MACHINES,
        "batch",
        WholeNumber(1, 1024),
        "N",
    ),
    Option(
        ("--cluster",),
        say("Grade on the machines of a dask scheduler, tcp://HOST:PORT."),
        Section.MACHINES,
        "batch",
        _TEXT,
        "ADDRESS",
    ),
    Option(
        ("--samples",),
        say("A folder that has a folder of samples for each exercise. Else: beside the exercise."),
        Section.WRITING,
        "call",
        _FILE,
        "FOLDER",
    ),
    Option(
        ("--solution",),
        say("The solution, or a folder that has one for each exercise. Else: among its samples."),
        Section.WRITING,
        "call",
        _FILE,
        "PATH",
    ),
    Option(
        ("--html",),
        say("Write a page of all mutants, what each changes, and what kills it."),
        Section.WRITING,
        "call",
        _FILE,
        "FILE",
    ),
    Option(
        ("--template",),
        say("What the new exercise is like: one that waits for a child, or one with a lock."),
        Section.WRITING,
        "call",
        click.Choice(["wait", "lock"]),
        default="wait",
    ),
    Option(("--watch",), say("Go on, and grade what changes."), Section.MACHINES, "batch"),
    Option(("--fresh",), say("Forget the results that there are."), Section.MACHINES, "batch"),
)


_OF_SAMPLES = ("--schedules", "--seed", "--python", "--isolation", "--jobs")
_TAKEN = {
    "doctor": ("--lang", "--json"),
    "lint": ("--lang",),
    "test": ("--lang", "--samples", *_OF_SAMPLES),
    "audit": ("--lang", "--samples", "--solution", "--html", *_OF_SAMPLES),
    "preview": ("--lang", "--report", "--open", "--samples", *_OF_SAMPLES),
    "new": ("--lang", "--template"),
    "show": ("--lang",),
    "schema": ("--lang",),
}
"""The flags that these commands take; the others take all but those of `Section.WRITING`."""
_OF_PREVIEW = replace(
    OPTIONS[0],
    says=say("The folder of the page. Else: reports/preview/EXERCISE/"),
    metavar="FOLDER",
)
"""What `--report` is for `grade preview`."""


def taken_by(command: str) -> list[Option]:
    """The options that a command takes."""
    flags = _TAKEN.get(command)
    if flags is None:
        return [each for each in OPTIONS if each.section is not Section.WRITING]
    return [
        _OF_PREVIEW if command == "preview" and each is OPTIONS[0] else each
        for each in OPTIONS
        if each.flags[-1] in flags
    ]


def values_for(destination: Destination, values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values of a call that go there, by the names of the fields."""
    return {each.field: values[each.field] for each in OPTIONS if each.destination == destination}
