"""What is to be run, and the error where it cannot be. It can be imported on any system."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Union

from grader.interpreter import interpreter_of
from grader.limits import Limits
from grader.messages import Text
from grader.schedules import NATURAL, Schedule
from grader.submission import Submission
from grader.trace import LeftFile, StartMethod, WorkStep

if TYPE_CHECKING:
    from grader.exercise import DialogueStep, Pattern, Peer  # a room that takes long to load
    from grader.sandbox import IsolationWish  # and one that only Linux can load

Expected = Union["Pattern", re.Pattern[str], str]
"""A line like this, or an unended one; what fits a regular expression; exactly this text."""

LARGEST_LEFT = 100_000
"""Bytes that are read of a file when a run is over."""


@dataclass(frozen=True)
class Plan:
    """One run of a submission. ``python`` is the student's interpreter; None: our own.

    ``ports`` are those that the submission is told to use.
    """

    submission: Submission
    limits: Limits
    clock: Literal["virtual", "real"] = "virtual"
    start_method: StartMethod = StartMethod.FORK
    python: Path | None = None
    schedule: Schedule = NATURAL
    work: tuple[WorkStep, ...] = ()
    """What the natural run computed where, for a schedule to imitate."""
    counts_opcodes: bool = False
    """Whether the probe counts the opcodes of the student's code (slow)."""
    peers: tuple[Peer, ...] = ()
    dialogue: tuple[DialogueStep, ...] = ()
    ports: tuple[int, ...] = ()
    reports: tuple[str, ...] = ()
    """What the probe is to report besides processes and threads: the library's calls for which an
    exercise asks (`grader.exercise.python_names.reported_call`), with ``most=N`` how often of each
    line, and ``shares`` for what shared memory holds at the end."""
    kept_files: tuple[str, ...] = ()
    """The names of files beside the script that are looked at when it is over."""
    isolation: IsolationWish = "auto"

    @property
    def is_interactive(self) -> bool:
        """Whether peers or a dialogue deal with it, so that it may end by being stopped."""
        return bool(self.peers or self.dialogue)

    @property
    def interpreter(self) -> Path:
        """The Python that runs the submission."""
        return interpreter_of(self.python)


def files_left(folder: Path, names: Iterable[str]) -> tuple[LeftFile, ...]:
    """What stands in those files when all of the submission's processes are gone. What is no
    regular file of that folder, such as a link that leads elsewhere, counts as none.
    """
    found = []
    for name in names:
        content: bytes | None = None
        with suppress(OSError):
            flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            flags |= getattr(os, "O_BINARY", 0)
            descriptor = os.open(folder / name, flags)
            with open(descriptor, "rb") as stream:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    content = stream.read(LARGEST_LEFT + 1)
        is_whole = content is None or len(content) <= LARGEST_LEFT
        text = None if content is None else content[:LARGEST_LEFT].decode("utf-8", "replace")
        found.append(LeftFile(name, text, is_whole))
    return tuple(found)


class CannotSuperviseError(Exception):
    """The grader could not run the submission, through no fault of the submission.

    ``reason`` says why, and what to do about it.
    """

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.in_language("en"))
        self.reason = reason


class KernelRefusedError(CannotSuperviseError):
    """The kernel, or the container, does not do what it takes to watch a submission."""
