"""All files of a folder of submissions, those inside zip files among them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.classroom.archives import LARGEST_SCRIPT, Member, Problem, told, unpack
from grader.classroom.names import is_junk, readable
from grader.messages import Text

_EMPTY = "(empty)"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that somebody handed in. ``name`` is shown, relative to the folder of submissions;
    ``path`` is where it can be read, None for one in a zip file that nobody needs, and for what
    stands for an empty folder. ``problem`` says why it is not read.
    """

    name: PurePosixPath
    path: Path | None
    problem: Text | None = None

    @property
    def is_nothing(self) -> bool:
        """It stands for a folder or zip file with nothing in it: whose that is should be known."""
        return self.path is None and self.name.name == _EMPTY

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
        return self.path is not None and self.is_named_script


def contents_of(
    given: Sequence[Path], folder: Path, unpacked: Path, own: Collection[Path] = ()
) -> tuple[FoundFile, ...]:
    """Everything in the folders, zip files and files that were named to the grader.

    Args:
        given: folders, zip files, scripts, all below ``folder``.
        folder: what shown names are relative to.
        unpacked: where zip files are unpacked; those of zip files that are gone are removed.
        own: files and folders that are the teacher's or the grader's own, and left out.

    Raises:
        OSError: something cannot be read, or there is no room to unpack.
    """
    files: list[FoundFile] = []
    used: set[Path] = set()
    for path in files_in(given, own):
        name = PurePosixPath(readable(path.relative_to(folder).as_posix()))
        problem = _problem(path)
        if problem is not None:
            files.append(FoundFile(name, None, told(problem)))
        elif path.is_dir():
            files.append(FoundFile(name / _EMPTY, None))
        elif path.suffix.lower() != ".zip":
            files.append(FoundFile(name, path))
        else:
            members = unpack(path, unpacked)
            files += [_unpacked(name, member) for member in members]
            if not members:
                files.append(FoundFile(name / _EMPTY, None))
            used |= {unpacked / _top(each.path, unpacked) for each in members if each.path}
    _forget(unpacked, used)
    return tuple(sorted(files, key=lambda file: file.name))


def _unpacked(archive: PurePosixPath, member: Member) -> FoundFile:
    name = archive / member.name
    if member.problem is None:
        return FoundFile(name, member.path)
    is_whole = name.suffix.lower() == ".zip"
    return FoundFile(name / _EMPTY if is_whole else name, None, told(member.problem))


def _top(path: Path, folder: Path) -> str:
    return path.relative_to(folder).parts[0]


def files_in(given: Sequence[Path], own: Collection[Path]) -> Iterator[Path]:
    """Every file and empty folder, without one's own, what is hidden, and virtual environments.

    Links are not followed.
    """
    waiting = list(reversed(given))
    while waiting:
        path = waiting.pop()
        if path in own:
            continue
        if not path.is_dir() or (path.is_symlink() and path not in given):
            yield path
        elif not (path / "pyvenv.cfg").exists():
            names = [name for name in os.listdir(path) if not is_junk(PurePosixPath(name))]
            waiting += [path / name for name in sorted(names, reverse=True)]
            if not names and path not in given:
                yield path


def _problem(path: Path) -> Problem | None:
    if path.is_symlink():
        return Problem.LINK
    if path.is_dir():
        return None
    if not path.is_file():
        return Problem.SPECIAL
    if path.suffix.lower() == ".py" and path.stat().st_size > LARGEST_SCRIPT:
        return Problem.TOO_LARGE
    return None


def _forget(unpacked: Path, used: set[Path]) -> None:
    """Remove what came out of zip files that are no longer there."""
    if unpacked.is_dir():
        for place in unpacked.iterdir():
            if place not in used:
                shutil.rmtree(place, ignore_errors=True)
