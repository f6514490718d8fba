"""What this machine lets the grader do. Everything is tried, not looked up: a kernel may have what
a container then refuses.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.limits import Limits
from grader.messages import Text
from grader.plan import CannotSuperviseError, Plan
from grader.sandbox import (
    IsolationName,
    has_private_mounts,
    has_private_networks,
)
from grader.sandbox.landlock import landlock_version
from grader.submission import SourceFile, Submission
from grader.supervisor.failures import OLDEST_PYTHON
from grader.supervisor.launch import SupervisorBrokeError, run
from grader.supervisor.obstacles import ptrace_obstacle, seccomp_obstacle
from grader.supervisor.supervisor_process import require_linux
from grader.trace import Outcome
from grader.trace.naming import verbatim

_SCRIPT = b"""\
import os
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
print("hello")
"""
_WHICH_PYTHON = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.executable)"
_PYTHONS = ("python3", *(f"python3.{minor}" for minor in range(10, 16)))
_PYTHONS_AT_HOME = (".pyenv/versions/*/bin/python3", ".local/share/uv/python/*/bin/python3")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_S = 20


@dataclass(frozen=True)
class Trial:
    """Whether a trivial script could be run. ``problem``: why not, and what to do about it.

    ``isolated``: what of the machine it was shut off from, in the words of docs/isolation.md.
    """

    problem: Text | None = None
    isolated: tuple[str, ...] = ()
    python: str = ""
    """The version of the interpreter that ran it."""


@dataclass(frozen=True)
class Machine:
    """What was found out. A reason is one line, in the words of the system; None: it works."""

    ptrace: str | None
    seccomp: str | None
    namespaces: bool
    """Whether a script can have a network and namespaces of its own."""
    mounts: bool
    """Whether it can have a file system of its own without bubblewrap."""
    landlock: int
    """The version of the kernel's Landlock; 0: none."""
    isolations: dict[IsolationName, Trial]
    pythons: dict[Path, Trial]
    """The interpreters that were found; the grader's own is the first."""
    chromium: str | None
    """Its version, if there is one."""
    too_old: tuple[str, ...] = ()
    """The versions of Python that were found and are too old to run scripts."""

    @property
    def can_grade(self) -> bool:
        """Whether any of the isolations works here."""
        return any(trial.problem is None for trial in self.isolations.values())


def examine() -> Machine:
    """Try everything that grading needs.

    Raises:
        CannotSuperviseError: this is another system than Linux, or an unknown processor.
    """
    architecture = require_linux()
    bwrap = _tried(None, "bwrap")
    basic = _tried(None, "basic")
    own = Path(sys.executable)
    works = bwrap.problem is None or basic.problem is None
    way: IsolationName = "bwrap" if bwrap.problem is None else "basic"
    found = dict(_pythons(own)) if works else {}
    new_enough = [path for path, version in found.items() if version >= OLDEST_PYTHON]
    browsers = filter(None, map(shutil.which, _BROWSERS))
    versions = filter(None, (_said_by(program, "--version") for program in browsers))
    return Machine(
        ptrace=ptrace_obstacle(),
        seccomp=seccomp_obstacle(architecture),
        namespaces=has_private_networks(),
        mounts=has_private_mounts(),
        landlock=landlock_version(),
        isolations={"bwrap": bwrap, "basic": basic},
        pythons={
            own: bwrap if works and way == "bwrap" else basic,
            **{path: _tried(path, way) for path in new_enough},
        },
        chromium=next(versions, None),
        too_old=tuple(
            ".".join(map(str, version))
            for version in sorted(set(found.values()))
            if version < OLDEST_PYTHON
        ),
    )


def _tried(python: Path | None, isolation: IsolationName) -> Trial:
    script = SourceFile("hello.py", _SCRIPT)
    submission = Submission(Path(script.name), (script,))
    try:
        trace = run(Plan(submission, Limits(), python=python, isolation=isolation))
    except CannotSuperviseError as error:
        return Trial(error.reason)
    except SupervisorBrokeError as error:
        return Trial(verbatim(str(error).strip().splitlines()[-1]))
    if trace.doubts or trace.outcome is not Outcome.FINISHED:
        return Trial(verbatim("; ".join((trace.outcome.value, *trace.doubts))))
    return Trial(isolated=trace.isolated, python=trace.python)


def _pythons(own: Path) -> Iterator[tuple[Path, tuple[int, ...]]]:
    """Those on the path and those of pyenv and uv with their versions, each once, without the
    grader's own.
    """
    seen = {own.resolve()}
    found = [path for name in _PYTHONS if (path := shutil.which(name))]
    found += [
        str(path) for pattern in _PYTHONS_AT_HOME for path in sorted(Path.home().glob(pattern))
    ]
    for program in found:
        answer = _said_by(program, "-I", "-c", _WHICH_PYTHON)
        version, _, executable = (answer or "").partition(" ")
        if executable and Path(executable).resolve() not in seen:
            seen.add(Path(executable).resolve())
            yield Path(executable), tuple(map(int, version.split(".")))


def _said_by(*command: str) -> str | None:
    """The first line that a program prints; None if it does not work."""
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = answer.stdout.strip().splitlines()
    return lines[0] if answer.returncode == 0 and lines else None
