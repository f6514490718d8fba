"""What a result depends on, as one hash: the same hash, the same result.

A submission is graded again when its own files, the exercise file, the grader, the interpreter or
the way in which it is run are other than they were.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Collection
from contextlib import suppress
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import entry_points
from pathlib import Path

import grader
from grader.exercise import Exercise
from grader.messages import Language
from grader.options import Options
from grader.submission import Submission

_PACKAGE = Path(grader.__file__).parent
_BYTECODE = "__pycache__"
_NOT_GRADING = ("classroom", _BYTECODE)
"""What collects results does not make them."""
_FORMAT = "1"
"""Of a stored result: another one makes all of them unknown."""


def fingerprint(*parts: str) -> str:
    """The hash of several texts: each counts by itself, wherever the others end."""
    digest = sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogateescape")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def of_file(path: Path) -> str:
    """The hash of what is in a file.

    Raises:
        OSError: it cannot be read.
    """
    return sha256(path.read_bytes()).hexdigest()


def of_exercise(path: Path, exercise: Exercise) -> str:
    """The hash of an exercise: of its file, its peers' programs and the files that it gives.

    Raises:
        OSError: the file cannot be read.
    """
    beside = (*(peer.program for peer in exercise.run.peers), *exercise.run.files)
    contents = (f"{file.name} {sha256(file.content).hexdigest()}" for file in beside)
    return fingerprint(of_file(path), *contents) if beside else of_file(path)


def of_result(exercise: str, submission: Submission, options: Options, language: Language) -> str:
    """What a result depends on.

    Args:
        exercise: the hash of the exercise.
        submission: what was handed in, under the name that its report shows.
        options: how it is run; how many runs are made at once changes nothing.
        language: the report's.
    """
    return fingerprint(
        _FORMAT,
        _secret(),
        exercise,
        submission.sha256,
        str(submission.path),
        of_grader(),
        _of_interpreter(options.python),
        f"{options.clock} {options.schedules} {options.seed} {options.replay} {options.isolation}",
        options.witness,
        language,
    )


@cache
def _secret() -> str:
    """What only this user knows. Without it anybody could hand in a folder with results in it,
    which would be taken for those of an earlier grading. Empty where no file can be kept for it.
    """
    try:
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        place = Path(state) / "grader" / "secret"
        with suppress(FileExistsError):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(place, "x", opener=partial(os.open, mode=0o600)) as file:
                file.write(secrets.token_hex(32))
        return place.read_text()
    except (OSError, RuntimeError):
        return ""


@cache
def of_grader() -> str:
    """The grader's own files, and the packages that bring further checks."""
    parts = _files(_PACKAGE, without=_NOT_GRADING)
    for plugin in entry_points(group="grader.checks"):
        version = plugin.dist.version if plugin.dist else ""
        parts.append(f"{plugin.name} {plugin.value} {version}")
    return fingerprint(*parts)


@cache
def of_package() -> str:
    """All of the grader: what grades, and what collects results and shows them."""
    return fingerprint(of_grader(), *_files(_PACKAGE / "classroom", without=(_BYTECODE,)))


def _files(folder: Path, *, without: Collection[str]) -> list[str]:
    """The name and hash of every file in a folder, but for what is in folders of some names."""
    return [
        f"{path.relative_to(folder)} {of_file(path)}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not set(path.relative_to(folder).parts) & set(without)
    ]


@cache
def _of_interpreter(python: Path | None) -> str:
    """Which Python runs the submission; the machine's libraries are not looked at."""
    if python is None:
        own = os.path.realpath(sys.executable)  # by whichever of its names it was called
        return f"{sys.version} {own} {sys.prefix}"
    try:
        process = subprocess.run(
            [python, "-I", "-c", "import sys; print(sys.version)"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return str(python)  # the first grading says what is wrong with it
    return f"{process.stdout} {python}"
