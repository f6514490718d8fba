"""What some tests need of the machine: asked for here, and told once where it is missing.

A test says ``@pytest.mark.needs("chromium")`` and is left out where there is none; with
``GRADER_REQUIRE_ALL=1`` it fails there instead.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from grader.limits import Limits
from grader.sandbox import has_private_mounts, has_private_networks
from grader.sandbox.landlock import SINCE_SCOPES, landlock_version
from grader.submission import SourceFile, Submission
from grader.supervisor import CannotSuperviseError, Plan, run

ASSEMBLER = "x86_64-linux-gnu-as"


@dataclass(frozen=True)
class Need:
    """Something that a machine has or has not.

    ``obstacle`` says why it cannot be had, and gives None where it can; ``package`` is the Debian
    package that brings it, None where only the kernel can.
    """

    obstacle: Callable[[], str | None]
    package: str | None

    @property
    def remedy(self) -> str:
        """What to do for it."""
        return f"apt install {self.package}" if self.package else "another kernel, or its settings"


def _bwrap_obstacle() -> str | None:
    """Found out by running something in it: that it is installed is not enough."""
    if shutil.which("bwrap") is None:
        return "there is no program bwrap"
    script = SourceFile("nothing.py", b"")
    try:
        run(Plan(Submission(Path(script.name), (script,)), Limits(), isolation="bwrap"))
    except CannotSuperviseError as error:
        return str(error)
    return None


def _program_obstacle(name: str) -> str | None:
    return None if shutil.which(name) else f"there is no program {name}"


NEEDS: Mapping[str, Need] = {
    "bwrap": Need(_bwrap_obstacle, "bubblewrap"),
    "chromium": Need(lambda: _program_obstacle("chromium"), "chromium"),
    "assembler": Need(lambda: _program_obstacle(ASSEMBLER), "binutils-x86-64-linux-gnu"),
    "landlock": Need(
        lambda: None if landlock_version() else "this kernel has no Landlock", package=None
    ),
    "landlock-scopes": Need(
        lambda: (
            None if landlock_version() >= SINCE_SCOPES else "the kernel's Landlock has no scopes"
        ),
        package=None,
    ),
    "private-mounts": Need(
        lambda: None if has_private_mounts() else "this machine allows no private file systems",
        package=None,
    ),
    "private-networks": Need(
        lambda: None if has_private_networks() else "this machine allows no private networks",
        package=None,
    ),
}


@cache
def obstacle(name: str) -> str | None:
    """Why a test that needs this cannot run here, and what to do; None: it can."""
    need = NEEDS[name]
    reason = need.obstacle()
    return None if reason is None else f"needs {name}: {reason} ({need.remedy})"


def require(name: str) -> None:
    """Leave out the test that runs, if this machine does not have what it needs.

    Raises:
        pytest.skip.Exception: it does not.
        pytest.fail.Exception: it does not, and ``GRADER_REQUIRE_ALL`` is set.
    """
    reason = obstacle(name)
    if reason is not None and os.environ.get("GRADER_REQUIRE_ALL"):
        pytest.fail(reason, pytrace=False)
    if reason is not None:
        pytest.skip(reason)


def summary(reasons: Iterable[str]) -> list[str]:
    """What was left out and how to have it, from the reason that was given for each test."""
    counted = Counter(reason.removeprefix("Skipped: ") for reason in reasons)
    lines = [
        f"{count} {'test' if count == 1 else 'tests'}: {reason}"
        for reason, count in counted.most_common()
    ]
    packages = [
        need.package
        for need in NEEDS.values()
        if need.package and any(f"({need.remedy})" in reason for reason in counted)
    ]
    return [*lines, f"To run all of them: apt install {' '.join(packages)}"] if packages else lines
