"""Submissions that end whoever unpacks them, as a fault of the grader's own would, and a worker
that tells how it is interrupted.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from grader.classroom.batch.workers import init_worker
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


def init_and_tell(parent_pid: int, cpu: int | None, scratch: str | None) -> int:
    """Write into the folder ``scratch`` what becomes of a Control-C, before and after."""
    assert scratch is not None
    told = [_of_control_c()]
    pid = init_worker(parent_pid, cpu, scratch)
    (Path(scratch) / "told").write_text(" ".join([*told, _of_control_c()]))
    return pid


def _of_control_c() -> str:
    if signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()):
        return "held"
    return "ignored" if signal.getsignal(signal.SIGINT) is signal.SIG_IGN else "deadly"
