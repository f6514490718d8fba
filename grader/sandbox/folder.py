"""The private folder in which a submission runs: its own files and nothing else. Beside it lie
the folders for its semaphores and its shared memory, and for its temporary files.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.interrupts import ALL_ENDING, interrupts_held
from grader.sandbox.removal import remove_folder
from grader.submission import Submission


def shared_memory_beside(folder: str) -> str:
    """Where a submission that runs in this folder has its shared memory."""
    return os.path.join(os.path.dirname(folder), "shared-memory")


def temporary_beside(folder: str) -> str:
    """What a submission that runs in this folder finds as /tmp, if it has one of its own."""
    return os.path.join(os.path.dirname(folder), "temporary")


@contextmanager
def private_folder(submission: Submission) -> Iterator[Path]:
    """A new folder with the submission's files. It is gone afterwards, whatever was put there.

    Raises:
        OSError: there is no room, or no right to make it.
    """
    root = Path(tempfile.mkdtemp(prefix="grader-"))
    try:
        folder = root / "submission"
        folder.mkdir()
        for place in _beside(folder):
            place.mkdir()
        _fill(folder, submission)
        yield folder.resolve()
    finally:
        with interrupts_held(ALL_ENDING):
            remove_folder(root)


def refill(folder: Path, submission: Submission) -> None:
    """Make the folder again what it was, for another run in the same place. Those beside it are
    there, and emptied by `grader.sandbox.isolation.Isolation.tidy`.

    Raises:
        OSError: there is no room.
    """
    for place in (folder.parent, folder, *_beside(folder)):
        if place.is_symlink() or not place.is_dir():  # moved away, or something put in its place
            place.unlink(missing_ok=True)
            place.mkdir()
    folder.chmod(0o700)
    clear(folder)
    _fill(folder, submission)


def clear(folder: Path, keep: Container[Path] = ()) -> None:
    """Remove everything in a folder but what is to be kept.

    Raises:
        OSError: it cannot be removed.
    """
    for entry in folder.iterdir():
        if entry in keep:
            continue
        if entry.is_dir() and not entry.is_symlink():
            remove_folder(entry)
        else:
            entry.unlink()


def _beside(folder: Path) -> tuple[Path, Path]:
    return Path(shared_memory_beside(str(folder))), Path(temporary_beside(str(folder)))


def _fill(folder: Path, submission: Submission) -> None:
    for file in (*submission.files, *submission.data):
        place = folder / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.content)
