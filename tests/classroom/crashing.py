"""Submissions that end whoever unpacks them, as a fault of the grader's own would."""

from __future__ import annotations

import os
from pathlib import Path

from grader.submission import SourceFile, Submission


def submission(text: str, name: str = "student.py") -> Submission:
    return Submission(Path(name), (SourceFile(name, text.encode()),))


class Deadly(Submission):
    """Ends the process that unpacks it."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


class DeadlyOnce(Submission):
    """Ends the first process that unpacks it. ``path`` is a file that is made then."""

    def __reduce__(self) -> tuple[object, ...]:
        return _die_once, (self.path, self.files)


def _die_once(marker: Path, files: tuple[SourceFile, ...]) -> Submission:
    if not marker.exists():
        marker.touch()
        os._exit(1)
    return Submission(Path("student.py"), files)
