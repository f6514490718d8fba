"""How much room the files of a run take: those in its folder, and those that have no name left."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

from grader.supervisor.tree import Tree

_DEEPEST = 64
_BLOCK = 512
"""Bytes in the unit of st_blocks (stat(3type)), whatever the file system's own is."""
_LEAST = 4096
"""What any entry takes: without it, empty files would be free."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class TooDeepError(Exception):
    """Folders are nested so deeply that nobody can say what is in them."""


def disk_usage(folders: Iterable[str], tree: Tree) -> int:
    """The bytes that the files of a run take in its folders and without a name.

    Raises:
        TooDeepError: more than 64 folders lie in one another.
    """
    files: dict[tuple[int, int], int] = {}
    named = (status for folder in folders for status in _entries_of(folder))
    for status in (*named, *_unlinked(tree)):
        files[status.st_dev, status.st_ino] = max(_LEAST, status.st_blocks * _BLOCK)
    return sum(files.values())


def _entries_of(path: str) -> Iterator[os.stat_result]:
    try:
        top = os.open(path, _FOLDER)
    except OSError:
        return  # the submission has moved its folder, which the next look may find again
    yield from _entries_below(top, 0, os.fstat(top).st_dev)


def _entries_below(folder: int, depth: int, device: int) -> Iterator[os.stat_result]:
    """``folder`` is closed afterwards. The submission may change everything meanwhile. What is
    mounted in it from another ``device`` was not written by the submission.
    """
    try:
        if depth > _DEEPEST:
            raise TooDeepError
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                    if status.st_dev != device:
                        continue
                    inner = _opened(entry.name, folder) if stat.S_ISDIR(status.st_mode) else None
                except OSError:
                    continue  # it is gone
                yield status
                if inner is not None:
                    yield from _entries_below(inner, depth + 1, device)
    finally:
        os.close(folder)


def _opened(name: str, folder: int) -> int:
    """
    Raises:
        OSError: it is gone.
    """
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    except PermissionError:  # taken away from us by the submission, whose user we are
        os.chmod(name, 0o700, dir_fd=folder)
        return os.open(name, _FOLDER, dir_fd=folder)


def _unlinked(tree: Tree) -> Iterator[os.stat_result]:
    """Files that were removed while they were open keep their room."""
    for process in tree:
        descriptors = f"/proc/{process.pid}/fd"
        try:
            names = os.listdir(descriptors)
        except OSError:
            continue  # the process is gone
        for name in names:
            try:
                status = os.stat(f"{descriptors}/{name}")
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                yield status
