"""Waits for files to change, and says so only when what is there is other than it was."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from grader.classroom.discover.files import walk

_LOOKED_EVERY_MS = 200

Stamps = Mapping[Path, tuple[int, int]]
"""When each file was changed, and its size."""


def changes(watched: Sequence[Path], own: Collection[Path]) -> Iterator[None]:
    """Comes back when watching has begun, and then whenever a file is there, is gone or is
    changed since it came back last, also between two looks.

    Args:
        watched: files and folders.
        own: files and folders among them whose changes are the grader's own.

    Raises:
        ImportError: watchfiles is not installed.
        KeyboardInterrupt: Control-C came while it waited.
    """
    from watchfiles import watch

    before: Stamps | None = None
    for changed in watch(
        *watched,
        watch_filter=None,
        yield_on_timeout=True,
        rust_timeout=_LOOKED_EVERY_MS,
    ):
        if before is not None and not changed:
            continue
        now = stamps(watched, own)
        if now != before:
            before = now
            yield


def stamps(watched: Sequence[Path], own: Collection[Path]) -> Stamps:
    """What is there now. Hidden files, which editors leave for a moment, do not count."""
    found: dict[Path, tuple[int, int]] = {}
    with suppress(OSError):  # what goes away meanwhile comes as a change of its own
        for entry in walk(watched, own):
            status = entry.path.lstat()
            found[entry.path] = status.st_mtime_ns, status.st_size
    return found
