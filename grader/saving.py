"""How results are written: whole or not at all."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same contents make the same zip file."""


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and then put it there: no reader ever finds half of it.

    What is not a regular file, such as a device or a pipe, is written to and stays what it is; so
    does a symbolic link.

    Raises:
        OSError: there is no room, or no right to.
    """
    if isinstance(content, str):
        content = content.encode("utf-8", "backslashreplace")
    with _whole(path) as stream:
        stream.write(content)


def write_zip(
    path: Path, files: Iterable[tuple[str, bytes]], programs: Collection[str] = ()
) -> None:
    """Write a zip file of these names and contents, whole as `write_whole` does.

    Args:
        path: where.
        files: are taken one by one.
        programs: names of those that can be executed.

    Raises:
        OSError: there is no room, or no right to.
    """
    with _whole(path) as stream, zipfile.ZipFile(stream, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.external_attr = (0o100755 if name in programs else 0o100644) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=3)


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    place = path.resolve()
    if place.exists() and not place.is_file():
        with place.open("wb") as stream:
            yield stream
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with beside.open("wb") as stream:
            yield stream
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)
