"""Zip files as they were downloaded: unpacked without trusting a word of what they say.

Only what the grader can use is unpacked (scripts, zip files inside, the platforms' own notes);
everything else is listed by name. No member can leave the folder, become a link, or fill the
disk: names are taken apart, sizes are counted while reading.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import zipfile
import zlib
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO

from grader.classroom.names import is_junk, readable, zip_member_name
from grader.messages import Text, say

LARGEST_SCRIPT = 1_000_000
_LARGEST = {".py": LARGEST_SCRIPT, ".zip": 100_000_000, ".yml": 50_000_000, ".txt": 100_000}
"""What is unpacked, in bytes: scripts, zip files, and the notes of Gradescope and Blackboard."""
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
    zlib.error,
    *_OF_LZMA,
)
"""What zipfile raises over what is damaged, locked, or packed in a way that it does not know."""
_DEEPEST = 4
_CHUNK = 1 << 16
_FORMAT = 2


class Problem(str, Enum):
    """Why a member of a zip file was not unpacked."""

    OUTSIDE = "outside"
    LINK = "link"
    SPECIAL = "special"
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too-large"
    TOO_MUCH = "too-much"
    TOO_DEEP = "too-deep"
    TWICE = "twice"
    BROKEN = "broken"


def told(problem: Problem) -> Text:
    """The problem as the teacher reads it."""
    return {
        Problem.OUTSIDE: say("Its name leads out of the zip file: it was not unpacked."),
        Problem.LINK: say("This is a link, not a file: it is not followed."),
        Problem.SPECIAL: say("This is no regular file."),
        Problem.ENCRYPTED: say("It is locked by a password. Unpack it yourself."),
        Problem.TOO_LARGE: say("It is larger than 1 MB: that is no script."),
        Problem.TOO_MUCH: say(
            "This zip file holds more than could be meant, so it was not unpacked."
        ),
        Problem.TOO_DEEP: say("A zip file in a zip file in a zip file: it was not unpacked."),
        Problem.TWICE: say("It is in the zip file twice; the first one was read."),
        Problem.BROKEN: say("It is damaged, or packed in a way that cannot be read."),
    }[problem]


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a zip file. ``name`` is shown, below the zip file; ``path`` is where it lies now,
    None where it was not unpacked, for ``problem`` or because nobody needs it.
    """

    name: PurePosixPath
    path: Path | None = None
    problem: Problem | None = None


class _TooMuchError(Exception):
    """A zip file has more in it than it may."""


class _Budget:
    """How much may come out of a zip file, and out of all the zip files in it."""

    def __init__(self, members: int, content: int, outer: _Budget | None = None) -> None:
        self._members, self._content, self._outer = members, content, outer

    def spend(self, *, members: int = 0, content: int = 0) -> None:
        self._members -= members
        self._content -= content
        if self._members < 0 or self._content < 0:
            raise _TooMuchError
        if self._outer is not None:
            self._outer.spend(members=members, content=content)


def unpack(archive: Path, below: Path) -> tuple[Member, ...]:
    """Unpack a zip file into a folder of its own below ``below``, unless it is there already.

    Nothing in it can make this fail: what cannot be unpacked has a problem.

    Raises:
        OSError: the file cannot be read, or there is no room.
    """
    place = below / _digest(archive)
    index = place / "index.json"
    if not index.is_file():
        beside = below / f"{place.name}.{os.getpid()}"
        beside.mkdir(parents=True)
        try:
            members = _unpack(archive, beside, _Budget(200_000, 2_000_000_000), depth=1)
            _write_index(beside, members)
            beside.rename(place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return _read_index(place)


def _digest(archive: Path) -> str:
    digest = sha256(f"{_FORMAT}\n".encode())
    with archive.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()[:32]


def _write_index(place: Path, members: list[Member]) -> None:
    rows = [
        (
            str(member.name),
            member.path and str(member.path.relative_to(place)),
            member.problem and member.problem.value,
        )
        for member in members
    ]
    (place / "index.json").write_text(json.dumps(rows))


def _read_index(place: Path) -> tuple[Member, ...]:
    return tuple(
        Member(
            PurePosixPath(name),
            None if path is None else place / path,
            None if problem is None else Problem(problem),
        )
        for name, path, problem in json.loads((place / "index.json").read_text())
    )


def _unpack(archive: Path, into: Path, budget: _Budget, depth: int) -> list[Member]:
    """The members of one zip file and of those in it; ``[Member(".", problem)]`` for a bad one."""
    members: list[Member] = []
    try:
        with zipfile.ZipFile(archive) as opened:
            for number, info in enumerate(opened.infolist()):
                budget.spend(members=1)
                if not info.is_dir():
                    members += _member(opened, info, into / str(number), budget, depth)
    except _TooMuchError:
        shutil.rmtree(into / "files", ignore_errors=True)
        return [Member(PurePosixPath("."), problem=Problem.TOO_MUCH)]
    except _UNREADABLE:
        return [Member(PurePosixPath("."), problem=Problem.BROKEN)]
    return members


def _member(
    opened: zipfile.ZipFile, info: zipfile.ZipInfo, place: Path, budget: _Budget, depth: int
) -> list[Member]:
    """One member, or those of the zip file that it is.

    Every member has a numbered folder of its own, beside which nothing can be overwritten; the
    folders of a name are kept below it, because modules are found by them.
    """
    raw = zip_member_name(info)
    name = _inside(raw)
    if name is None:
        return [Member(PurePosixPath(readable(raw).lstrip("/")), problem=Problem.OUTSIDE)]
    if is_junk(name):
        return []
    shown = PurePosixPath(readable(str(name)))
    problem = _forbidden(info)
    suffix = name.suffix.lower()
    if problem is not None or suffix not in _LARGEST:
        return [Member(shown, problem=problem)]
    if suffix == ".zip" and depth == _DEEPEST:
        return [Member(shown, problem=Problem.TOO_DEEP)]
    target = place / "inner.zip" if suffix == ".zip" else place.parent / "files" / name
    problem = _extract(opened, info, target, suffix, budget)
    if problem is not None:
        return [Member(shown, problem=problem)]
    if suffix != ".zip":
        return [Member(shown, target)]
    inner = _unpack(target, place, _Budget(20_000, 200_000_000, budget), depth + 1)
    target.unlink()
    return [Member(shown / each.name, each.path, each.problem) for each in inner]


def _inside(name: str) -> PurePosixPath | None:
    """The name as a path that stays below where it is put; None if it does not."""
    parts = name.replace("\\", "/").split("/")
    if parts[0] == "" or ".." in parts or (len(parts[0]) > 1 and parts[0][1] == ":"):
        return None
    kept = [part for part in parts if part not in ("", ".")]
    return PurePosixPath(*kept) if kept else None


def _forbidden(info: zipfile.ZipInfo) -> Problem | None:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return Problem.LINK
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return Problem.SPECIAL
    return Problem.ENCRYPTED if info.flag_bits & 1 else None


def _extract(
    opened: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    target: Path,
    suffix: str,
    budget: _Budget,
) -> Problem | None:
    """Write one member; what was written of one that fails is removed."""
    if target.exists():
        return Problem.TWICE
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(info) as stream, target.open("xb") as file:
            fits = _copy(stream, file, _LARGEST[suffix], budget)
    except _UNREADABLE:
        problem = Problem.BROKEN
    except OSError as error:
        if error.filename is None and error.errno is not None and target.exists():
            raise  # no room: nobody's file is at fault
        problem = Problem.BROKEN  # such a name cannot be had here, or bz2 finds it damaged
    else:
        if fits:
            return None
        problem = Problem.TOO_LARGE if suffix == ".py" else Problem.TOO_MUCH
    target.unlink(missing_ok=True)
    return problem


def _copy(stream: IO[bytes], file: IO[bytes], most: int, budget: _Budget) -> bool:
    """Whether all of it was copied, ``most`` bytes at the most."""
    copied = 0
    while chunk := stream.read(_CHUNK):
        copied += len(chunk)
        if copied > most:
            return False
        budget.spend(content=len(chunk))
        file.write(chunk)
    return True
