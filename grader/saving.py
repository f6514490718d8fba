"""How results are written: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place and then put it there: no reader ever finds half of it.

    What is not a regular file, such as a device or a pipe, is written to and stays what it is; so
    does a symbolic link.

    Raises:
        OSError: there is no room, or no right to.
    """
    place = path.resolve()
    if place.exists() and not place.is_file():
        with place.open("w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", errors="backslashreplace")
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)
