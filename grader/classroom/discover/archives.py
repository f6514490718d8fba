"""Zip files as they were downloaded: read in memory, without trusting a word of what they say.

Nothing is unpacked: no name in a zip file ever becomes a name on the disk. Only what the grader can
use is read (scripts, zip files inside, the platforms' own notes); everything else is listed by
name. Sizes are counted while reading, never believed.
"""

from __future__ import annotations

import io
import mmap
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO

from grader.classroom.discover.names import is_junk, readable, zip_member_name
from grader.messages import Text, say

LARGEST_SCRIPT = 1_000_000
EMPTY = "(empty)"
"""What stands for the contents of a folder or zip file that has none."""
_LARGEST_ZIP = 100_000_000
_DATA = frozenset(".txt .csv .tsv .json .yaml .yml .toml .ini .xml .dat".split())
_LARGEST_DATA = 1_000_000
"""Files that scripts read, and bytes of one of them."""
_LARGEST_NOTES = {".yml": 50_000_000, ".txt": 100_000}
"""Bytes of the notes that Gradescope and Blackboard put into their downloads."""
_LONGEST_NAME, _DEEPEST_NAME = 1000, 100
"""The most letters and parts that a sensible name has."""
_LONGEST_PART_BYTES = 255
_DEEPEST = 4
_CHUNK = 1 << 16
_ENTRY = re.compile(rb"PK\x01\x02")
"""With it every member begins in the list at the end of a zip file."""
try:
    from lzma import LZMAError
except ImportError:  # this Python was built without it, and zipfile refuses such members itself
    _OF_LZMA: tuple[type[Exception], ...] = ()
else:
    _OF_LZMA = (LZMAError,)
_UNREADABLE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,  # bz2 says so that something is damaged
    zlib.error,
    *_OF_LZMA,
)
"""What zipfile raises over what is damaged, locked, or packed in a way that it does not know."""


class Problem(str, Enum):
    """Why a file was not read."""

    OUTSIDE = "outside"
    LINK = "link"
    SPECIAL = "special"
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too-large"
    TOO_MUCH = "too-much"
    TOO_DEEP = "too-deep"
    TOO_LONG = "too-long"
    TWICE = "twice"
    BROKEN = "broken"

    @property
    def text(self) -> Text:
        """The problem as the teacher reads it."""
        return _TEXTS[self]


_TEXTS = {
    Problem.OUTSIDE: say("Its name points outside the zip file: it was not unpacked."),
    Problem.LINK: say("This is a link, not a file: it is not followed."),
    Problem.SPECIAL: say("This is not a regular file."),
    Problem.ENCRYPTED: say("It is locked by a password. Unpack it yourself."),
    Problem.TOO_LARGE: say("It is larger than 1 MB, too large for a script."),
    Problem.TOO_MUCH: say("This zip file holds far too much, so it was not unpacked."),
    Problem.TOO_DEEP: say("A zip file in a zip file in a zip file: it was not unpacked."),
    Problem.TOO_LONG: say("Its name is longer than a file's can be, or in too many folders."),
    Problem.TWICE: say("It is in the zip file twice; the first one was read."),
    Problem.BROKEN: say("It is damaged, or packed in a way that cannot be read."),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a zip file. ``name`` is shown, below the zip file. ``packed`` is what stands in it,
    compressed by zlib; None where it was not read, for ``problem`` or because it is not needed.
    """

    name: PurePosixPath
    packed: bytes | None = None
    problem: Problem | None = None


class _TooMuchError(Exception):
    """A zip file has more in it than it may."""


@dataclass
class _Budget:
    """How many members and bytes may still come out of a zip file and the zip files in it.

    A zip file in a zip file is one student's. It has a budget of its own: what it holds too much
    costs no other student anything. ``outer`` bounds the time that all of them together take.
    """

    members: int
    content: int
    outer: _Budget | None = None

    def spend(self, *, members: int = 0, content: int = 0) -> None:
        """Count what came out.

        Raises:
            _TooMuchError: it is more than may be.
        """
        if self.outer is not None:
            self.outer.spend(members=members, content=content)
        self.members -= members
        self.content -= content
        if self.members < 0 or self.content < 0:
            raise _TooMuchError

    def of_a_student(self) -> _Budget:
        """That of one zip file in this one."""
        return _Budget(20_000, 100_000_000, self)


def members_of(archive: Path) -> list[Member]:
    """Everything in a zip file, read.

    Nothing in it can make this fail: what cannot be read has a problem. A zip file that can as a
    whole not be read is ``[Member(".", problem=...)]``.

    Raises:
        OSError: the file cannot be opened.
    """
    with archive.open("rb") as stream:
        try:
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as whole:
                return _members(stream, whole, _Budget(1_000_000, 10_000_000_000), depth=1)
        except ValueError:  # an empty file cannot be mapped
            return [Member(PurePosixPath("."), problem=Problem.BROKEN)]


def _members(
    stream: IO[bytes], whole: bytes | mmap.mmap, budget: _Budget, depth: int
) -> list[Member]:
    """The members of one zip file and of those in it."""
    entries = _ENTRY.finditer(whole)
    if next(islice(entries, budget.members, None), None) is not None:
        return [Member(PurePosixPath("."), problem=Problem.TOO_MUCH)]
    try:
        with zipfile.ZipFile(stream) as opened:
            return list(_read(opened, budget, depth))
    except _TooMuchError:
        return [Member(PurePosixPath("."), problem=Problem.TOO_MUCH)]
    except _UNREADABLE:
        return [Member(PurePosixPath("."), problem=Problem.BROKEN)]


def _read(opened: zipfile.ZipFile, budget: _Budget, depth: int) -> Iterator[Member]:
    """
    Raises:
        _TooMuchError: there is more than may be.
    """
    files: set[PurePosixPath] = set()
    filled: set[PurePosixPath] = set()
    folders: set[PurePosixPath] = set()
    for info in opened.infolist():
        budget.spend(members=1)
        raw = zip_member_name(info)
        name = _inside(raw)
        if name is None:
            shown = PurePosixPath(readable(raw).lstrip("/")[:_LONGEST_NAME])
            yield Member(shown, problem=Problem.OUTSIDE)
        elif is_too_long(name):
            yield Member(shortened(name), problem=Problem.TOO_LONG)
        elif info.is_dir() or is_junk(name):
            folder = name if info.is_dir() else name.parent
            while is_junk(folder):
                folder = folder.parent
            folders.add(folder)
        else:
            yield from _member(opened, info, name, name in files, budget, depth)
            files.add(name)
            filled.update(name.parents)
    for empty in sorted(folders - filled):
        if not any(empty in other.parents for other in folders):
            yield Member(PurePosixPath(readable(str(empty))) / EMPTY)


def _member(
    opened: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    name: PurePosixPath,
    is_second: bool,
    budget: _Budget,
    depth: int,
) -> Iterator[Member]:
    """One member, or those of the zip file that it is.

    Raises:
        _TooMuchError: there is more than may be.
    """
    shown = PurePosixPath(readable(str(name)))
    problem = _forbidden(info)
    suffix = name.suffix.lower()
    if problem is not None:
        yield Member(shown, problem=problem)
    elif suffix == ".py":
        if is_second:
            yield Member(shown, problem=Problem.TWICE)
        else:
            yield _script(opened, info, shown, budget)
    elif suffix == ".zip" and depth == _DEEPEST:
        yield Member(shown, problem=Problem.TOO_DEEP)
    elif suffix == ".zip":
        yield from _inner(opened, info, shown, budget, depth)
    elif (depth == 1 and suffix in _LARGEST_NOTES) or suffix in _DATA:
        most = _LARGEST_NOTES.get(suffix, 0) if depth == 1 else 0
        content = _content(opened, info, max(most, _LARGEST_DATA if suffix in _DATA else 0), budget)
        packed = None if isinstance(content, Problem) else zlib.compress(content, 1)
        yield Member(shown, packed)
    else:
        yield Member(shown)


def _script(
    opened: zipfile.ZipFile, info: zipfile.ZipInfo, shown: PurePosixPath, budget: _Budget
) -> Member:
    content = _content(opened, info, LARGEST_SCRIPT, budget)
    if isinstance(content, Problem):
        return Member(shown, problem=content)
    return Member(shown, zlib.compress(content, 1))


def _inner(
    opened: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    shown: PurePosixPath,
    budget: _Budget,
    depth: int,
) -> Iterator[Member]:
    own = budget.of_a_student() if depth == 1 else budget
    content = _content(opened, info, _LARGEST_ZIP, budget)
    if isinstance(content, Problem):
        too_large = content is Problem.TOO_LARGE
        yield Member(shown, problem=Problem.TOO_MUCH if too_large else content)
        return
    for each in _members(io.BytesIO(content), content, own, depth + 1):
        name = shown / each.name
        too_long = is_too_long(name)
        yield Member(
            shortened(name) if too_long else name,
            None if too_long else each.packed,
            Problem.TOO_LONG if too_long else each.problem,
        )


def _inside(name: str) -> PurePosixPath | None:
    """The name as a path that stays below where it is put; None if it does not."""
    parts = name.replace("\\", "/").split("/")
    if parts[0] == "" or ".." in parts or (len(parts[0]) > 1 and parts[0][1] == ":"):
        return None
    kept = [part for part in parts if part not in ("", ".")]
    return PurePosixPath(*kept) if kept else None


def is_too_long(name: PurePosixPath) -> bool:
    """Whether no file can have this name, or no sensible one has."""
    parts = name.parts
    return (
        len(parts) > _DEEPEST_NAME
        or sum(map(len, parts)) > _LONGEST_NAME
        or any(len(part.encode("utf-8", "replace")) > _LONGEST_PART_BYTES for part in parts)
    )


def shortened(name: PurePosixPath) -> PurePosixPath:
    """A name that is too long, as it is shown; its outermost part stays, unless it is the one."""
    first, *others = (readable(part) for part in name.parts[:_DEEPEST_NAME])
    inside = "/".join(others)[:_LONGEST_PART_BYTES]
    return PurePosixPath(first[:_LONGEST_PART_BYTES]) / (f"{inside}…" if inside else "…")


def _forbidden(info: zipfile.ZipInfo) -> Problem | None:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return Problem.LINK
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return Problem.SPECIAL
    return Problem.ENCRYPTED if info.flag_bits & 1 else None


def _content(
    opened: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, budget: _Budget
) -> bytes | Problem:
    """What stands in a member, or why it is not read.

    Raises:
        _TooMuchError: there is more than may be.
    """
    content = bytearray()
    try:
        with opened.open(info) as stream:
            while chunk := stream.read(_CHUNK):
                content += chunk
                if len(content) > most:
                    return Problem.TOO_LARGE
                budget.spend(content=len(chunk))
    except _UNREADABLE:
        return Problem.BROKEN
    return bytes(content)
