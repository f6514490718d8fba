"""Grades one hostile script by the real command, and counts what is left of it afterwards.

The command runs in a process of its own, whose parent adopts all orphans: whoever of the
submission lives on, however it hid, is then a child of that parent. What else goes on on the
machine is in nobody's way.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO, TextIOWrapper
from pathlib import Path
from typing import NoReturn

from grader.cli import run
from grader.exercise import load_exercise
from grader.grading import grade as _loaded_before_the_fork  # noqa: F401
from grader.report import prepare_html

HERE = Path(__file__).parent
EXERCISE = HERE / "answer.yaml"
RIGHT = HERE / "right" / "answer.py"
MARK = "grader-hostile"
"""In the names of all that a script leaves outside its folder."""

load_exercise(EXERCISE)
prepare_html()  # what is loaded now need not be loaded for each script

Figures = list[int | None]

_PR_SET_CHILD_SUBREAPER = 36
_ROOM = 150 * 10**6
"""Bytes of address space that the grader, and each of its supervisors, may add to what it has
when a grading begins."""


@dataclass(frozen=True)
class Examined:
    """What came of a grading. ``said`` is what a terminal shows, ``page`` the report."""

    status: int
    status_of_next: int | None
    """That of a right answer, graded by the same process right afterwards; None: none was."""
    descriptors_kept: int
    """How many files more than before the first grading the grader holds open after it."""
    peak: int
    """Bytes: the most that the grader's own process had in memory."""
    survivors: list[str]
    """Command lines of processes that were left."""
    files: list[str]
    """What was left in temporary folders."""
    said: str
    result: dict[str, object]
    page: str


def examine(script: Path, folder: Path, *options: str, goes_on: bool = True) -> Examined:
    """Grade a script in an empty folder.

    Args:
        script: the submission.
        folder: where results and temporary files go.
        options: of both calls of the command, besides those for its results.
        goes_on: whether a right answer is graded afterwards.
    """
    temporary = folder / "tmp"
    temporary.mkdir()
    before = _marked()
    figures, survivors = in_a_family_of_its_own(
        lambda: _grade(script, folder, temporary, options, goes_on)
    )
    return Examined(
        *figures,
        survivors,
        [str(path) for path in temporary.iterdir()] + _left_since(before),
        (folder / "said").read_text(encoding="utf-8", errors="surrogateescape"),
        _loaded(folder / "result.json"),
        _text(folder / "result.html"),
    )


def _loaded(path: Path) -> dict[str, object]:
    return json.loads(_text(path) or "{}")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _marked() -> set[str]:
    places = [Path("/dev/shm"), Path("/dev/mqueue"), Path("/tmp"), Path("/var/tmp"), Path.home()]
    return {
        str(path)
        for place in places
        if os.access(place, os.R_OK)
        for path in place.iterdir()
        if MARK in path.name
    }


def _left_since(before: set[str]) -> list[str]:
    """Looked at twice: what others, graded meanwhile, have made may be on its way out."""
    return sorted((_marked() - before) & _marked())


def _grade(
    script: Path, folder: Path, temporary: Path, options: tuple[str, ...], goes_on: bool
) -> Figures:
    """Two calls of the command: the script, and after it a right answer. The figures of an
    ``Examined``.
    """
    os.chdir(folder)
    tempfile.tempdir = str(temporary)
    said = os.open("said", os.O_WRONLY | os.O_CREAT)
    os.dup2(said, 1)
    os.dup2(said, 2)
    sys.stdout = TextIOWrapper(FileIO(1, "w", closefd=False), "utf-8", "backslashreplace")
    sys.stderr = TextIOWrapper(FileIO(2, "w", closefd=False), "utf-8", "backslashreplace")
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + _ROOM, hard))
    results = ["--json", "result.json", "-o", "result.html", "--lang", "en"]
    held = _descriptors()
    first = run([str(EXERCISE), str(script), *results, *options])
    kept = _descriptors() - held
    sys.stdout.flush()
    second = None
    if goes_on:
        following = ["-q", "-o", "next.html", "--schedules", "1", *options]
        second = run([str(EXERCISE), str(RIGHT), *following])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return [first, second, kept, peak]


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def in_a_family_of_its_own(
    work: Callable[[], Figures],
) -> tuple[Figures, list[str]]:
    """What ``work`` answers, and the command lines of who is left of all that it started."""
    read_end, write_end = os.pipe()
    parent = os.fork()
    if parent == 0:
        os.close(read_end)
        _adopt(work, write_end)
    os.close(write_end)
    with open(read_end, encoding="utf-8") as answers:
        answer, left = json.loads(answers.read())
    os.waitpid(parent, 0)
    return answer, left


def _adopt(work: Callable[[], Figures], answers: int) -> NoReturn:
    try:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        read_end, write_end = os.pipe()
        worker = os.fork()
        if worker == 0:
            try:
                os.write(write_end, json.dumps(work()).encode())
            finally:
                os._exit(0)
        os.close(write_end)
        with open(read_end, encoding="utf-8") as pipe:
            figures = pipe.read()
        os.waitpid(worker, 0)
        left = json.dumps(_end_those_who_are_left())
        os.write(answers, f"[{figures or '[-1, -1, 0, 0]'}, {left}]".encode())
    finally:
        os._exit(0)


def _end_those_who_are_left() -> list[str]:
    """The command lines of those who would have lived on; the dying are waited for."""
    left = []
    while children := _children():
        for pid in children:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
            if not is_dying(pid):  # asked last: who was about to end may have ended meanwhile
                left.append(command)
                os.kill(pid, signal.SIGKILL)
        os.waitpid(-1, 0)  # whoever it is: an init ends only after all of its own
    return left


def _children() -> list[int]:
    own = os.getpid()
    return [int(word) for word in Path(f"/proc/{own}/task/{own}/children").read_text().split()]


def is_dying(pid: int) -> bool:
    """Whether it has ended, has given up its memory on its way out, or was killed: the signal may
    be still to come to it (SigPnd, ShdPnd) or already at work (the exit code, the last of
    proc_pid_stat(5); since Linux 5.18 it is there before the end).
    """
    fields = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        key, _, value = line.partition(":")
        fields[key] = value.split()
    exit_code = int(Path(f"/proc/{pid}/stat").read_text().split()[-1])
    pending = int(fields["SigPnd"][0], 16) | int(fields["ShdPnd"][0], 16)
    return (
        "VmSize" not in fields
        or bool(pending & 1 << signal.SIGKILL - 1)
        or exit_code & 0x7F == signal.SIGKILL
    )
