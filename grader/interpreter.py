"""The program that runs a submission: the Python that was chosen, by a path that leads to it."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

_QUESTION = "import sys; print(sys.executable)"


def interpreter_of(python: Path | None) -> Path:
    """What runs a submission for which this interpreter was chosen; None: our own."""
    chosen = Path(sys.executable) if python is None else resolve_launcher(python)
    return without_parent_steps(chosen)


@cache
def resolve_launcher(path: Path) -> Path:
    """What a launcher starts (pyenv's are shell scripts, which need what a submission is not to
    see); the path itself if it is none, or starts nothing. A launcher is asked, once.
    """
    try:
        with open(path, "rb") as file:
            if file.read(2) != b"#!":
                return path
        asked = subprocess.run(
            [path, "-I", "-S", "-c", _QUESTION], capture_output=True, text=True, check=False
        )
    except (OSError, UnicodeDecodeError):
        return path  # what is wrong with it is told when it is started
    answer = asked.stdout.strip()
    is_program = asked.returncode == 0 and os.path.isabs(answer) and os.access(answer, os.X_OK)
    return Path(answer) if is_program else path


def without_parent_steps(path: Path) -> Path:
    """The same file by a path without ``..``: what leads there may be out of a submission's sight.

    The folders before a ``..`` are resolved, as the kernel does it. Links after the last one stay:
    a virtual environment is known by where its link to the interpreter lies.
    """
    parts = path.parts
    if ".." not in parts:
        return path
    after = len(parts) - parts[::-1].index("..")
    return Path(os.path.realpath(Path(*parts[:after])), *parts[after:])
