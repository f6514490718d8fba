"""All files of a folder of submissions, those inside zip files among them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.classroom.archives import LARGEST_SCRIPT, Member, Problem, told, unpack
from grader.classroom.model import Unmatched
from grader.classroom.names import is_junk, readable

_EMPTY = "(empty)"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that somebody handed in. ``name`` is shown, relative to the folder of submissions;
    ``path`` is where it can be read, None for one in a zip file that nobody needs, and for what
    stands for an empty folder.
    """

    name: PurePosixPath
    path: Path | None

    @property
    def is_nothing(self) -> bool:
        """It stands for a folder or zip file with nothing in it: whose that is should be known."""
        return self.path is None and self.name.name == _EMPTY

    @property
    def is_script(self) -> bool:
        return self.path is not None and self.name.suffix.lower() == ".py"


@dataclass(frozen=True, slots=True)
class Contents:
    """``refused`` are files that were not read, and why."""

    files: tuple[FoundFile, ...]
    refused: tuple[Unmatched, ...]


def contents_of(
    given: Sequence[Path], folder: Path, unpacked: Path, own: Collection[Path] = ()
) -> Contents:
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
    refused: list[Unmatched] = []
    used: set[Path] = set()
    for path in files_in(given, own):
        name = PurePosixPath(readable(path.relative_to(folder).as_posix()))
        problem = _problem(path)
        if path.is_dir() and problem is None:
            files.append(FoundFile(name / _EMPTY, None))
        elif problem is not None:
            refused.append(Unmatched(str(name), told(problem)))
        elif path.suffix.lower() != ".zip":
            files.append(FoundFile(name, path))
        else:
            members = unpack(path, unpacked) or (Member(PurePosixPath(_EMPTY)),)
            for member in members:
                shown = name / member.name
                if member.problem is None:
                    files.append(FoundFile(shown, member.path))
                else:
                    refused.append(Unmatched(str(shown), told(member.problem)))
                if member.path is not None:
                    used.add(unpacked / member.path.relative_to(unpacked).parts[0])
    _forget(unpacked, used)
    return Contents(tuple(sorted(files, key=lambda file: file.name)), tuple(refused))


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
