"""All files of a folder of submissions, those inside zip files among them."""

from __future__ import annotations

import os
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from pathlib import Path, PurePosixPath

from grader.classroom.discover.archives import (
    EMPTY,
    LARGEST_SCRIPT,
    Problem,
    is_too_long,
    members_of,
    shortened,
)
from grader.classroom.discover.names import is_junk, readable
from grader.messages import Text, say

_OF_AN_ENVIRONMENT = {"bin", "include", "lib", "lib64", "scripts", "share"}
"""The folders of a virtual environment, beside its ``pyvenv.cfg``."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that was handed in. ``name`` is shown, relative to the folder of submissions.

    It lies on the disk at ``path``, or came out of a zip file as ``packed``; neither for what
    is not needed, and for what stands for an empty folder. ``problem`` says why it is not read.
    """

    name: PurePosixPath
    path: Path | None = None
    packed: bytes | None = None
    problem: Text | None = None

    @property
    def is_nothing(self) -> bool:
        """It stands for a folder or zip file with nothing in it: whose that is should be known."""
        return not self._is_there and self.name.name == EMPTY

    @property
    def shown(self) -> str:
        """The name for people."""
        return str(self.name.parent if self.is_nothing else self.name)

    @property
    def is_named_script(self) -> bool:
        """It is called like a script, whether it can be read or not."""
        return self.name.suffix.lower() == ".py"

    @property
    def is_script(self) -> bool:
        """It can be read, and is called like a script."""
        return self._is_there and self.is_named_script

    @property
    def _is_there(self) -> bool:
        return self.path is not None or self.packed is not None

    def read(self, most: int) -> bytes:
        """What stands in it, at most so many bytes.

        Raises:
            OSError: it cannot be read, or is not there.
        """
        if self.packed is not None:
            return zlib.decompress(self.packed)[:most]
        if self.path is None:
            raise FileNotFoundError(str(self.name))
        # It may have become a link, or a pipe, since it was listed.
        safe = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(self.path, safe), "rb") as stream:
            return stream.read(most)


def list_files(given: Sequence[Path], folder: Path, own: Collection[Path] = ()) -> tuple[File, ...]:
    """Everything in the folders, zip files and files that were named to the grader.

    Args:
        given: folders, zip files, scripts, all below ``folder``.
        folder: what shown names are relative to.
        own: files and folders that are the teacher's or the grader's own, and left out.

    Raises:
        OSError: what was named cannot be read. What is inside of it has a problem instead.
    """
    for path in given:
        if path.is_dir():
            os.listdir(path)
    files = [file for entry in walk(given, own) for file in _files(entry, folder)]
    return tuple(sorted(_without_environments(files), key=lambda file: file.name))


class Kind(Enum):
    """What lies in a folder."""

    FILE = "file"
    EMPTY = "an empty folder"
    LINK = "link"
    SPECIAL = "neither file nor folder"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a folder. ``reason`` says why it is unreadable."""

    path: Path
    kind: Kind
    reason: str = ""


def walk(given: Sequence[Path], own: Collection[Path]) -> Iterator[Entry]:
    """Every file and empty folder, without one's own and what is hidden. Links are not followed.

    It does not recurse, and never fails.
    """
    waiting = [
        Entry(  # of what was named, links are followed
            path, Kind.EMPTY if path.is_dir() else Kind.FILE if path.is_file() else Kind.SPECIAL
        )
        for path in reversed(given)
    ]
    while waiting:
        entry = waiting.pop()
        if entry.path in own:
            continue
        if entry.kind is not Kind.EMPTY:
            yield entry
            continue
        try:
            with os.scandir(entry.path) as found:
                inside = sorted(found, key=lambda each: each.name, reverse=True)
                kept = [each for each in inside if not is_junk(PurePosixPath(each.name))]
                waiting += [Entry(entry.path / each.name, _kind(each)) for each in kept]
        except OSError as error:
            yield Entry(entry.path, Kind.UNREADABLE, str(error.strerror))
            continue
        if not kept and entry.path not in given:
            yield entry


def _kind(entry: os.DirEntry[str]) -> Kind:
    """A folder is taken for an empty one until it was looked into."""
    if entry.is_symlink():
        return Kind.LINK
    if entry.is_dir(follow_symlinks=False):
        return Kind.EMPTY
    return Kind.FILE if entry.is_file(follow_symlinks=False) else Kind.SPECIAL


def _files(entry: Entry, folder: Path) -> Iterator[File]:
    path = entry.path
    name = PurePosixPath(readable(path.relative_to(folder).as_posix()))
    problem = _problem(entry)
    if is_too_long(name):
        yield File(shortened(name), problem=Problem.TOO_LONG.text)
    elif problem is not None:
        is_whole = entry.kind is Kind.FILE and path.suffix.lower() == ".zip"
        yield File(name / EMPTY if is_whole else name, problem=problem)
    elif entry.kind is Kind.EMPTY:
        yield File(name / EMPTY)
    elif path.suffix.lower() != ".zip":
        yield File(name, path)
    else:
        yield from _unpacked(name, path)


def _problem(entry: Entry) -> Text | None:
    if entry.kind is Kind.LINK:
        return Problem.LINK.text
    if entry.kind is Kind.SPECIAL:
        return Problem.SPECIAL.text
    if entry.kind is Kind.UNREADABLE:
        return say("It cannot be read: {reason}.", reason=entry.reason)
    if entry.kind is Kind.FILE and entry.path.suffix.lower() == ".py":
        try:
            size = entry.path.stat().st_size
        except OSError as error:
            return say("It cannot be read: {reason}.", reason=str(error.strerror))
        return Problem.TOO_LARGE.text if size > LARGEST_SCRIPT else None
    return None


def _unpacked(name: PurePosixPath, path: Path) -> Iterator[File]:
    try:
        members = members_of(path)
    except OSError as error:
        reason = say("It cannot be read: {reason}.", reason=str(error.strerror))
        yield File(name / EMPTY, problem=reason)
        return
    for member in members:
        inside = name / member.name
        if member.problem is None:
            yield File(inside, packed=member.packed)
        else:
            is_whole = inside.suffix.lower() == ".zip"
            shown = inside / EMPTY if is_whole else inside
            yield File(shown, problem=member.problem.text)
    if not members:
        yield File(name / EMPTY)


def _without_environments(files: Sequence[File]) -> Iterator[File]:
    """All but what belongs to virtual environments. A file ``pyvenv.cfg`` hides nothing else:
    a student can hand one in.
    """
    environments = {file.name.parent for file in files if file.name.name == "pyvenv.cfg"}
    environments.discard(PurePosixPath("."))
    for file in files:
        parents = file.name.parents
        if not environments or not any(
            around in environments and inside.name.lower() in _OF_AN_ENVIRONMENT
            for inside, around in pairwise(parents)
        ):
            yield file
