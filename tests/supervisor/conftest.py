"""Real scripts under the real supervisor. Every bound of time is on the submission's own clock."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from grader.limits import Limits
from grader.submission import read_submission
from grader.supervisor import Plan, run
from grader.trace import StartMethod, Trace
from tests.repeating import exhaustive

Supervise = Callable[..., Trace]
METHODS = [StartMethod.FORK, StartMethod.SPAWN, StartMethod.FORKSERVER]
PORTS = (8080, 8081)
"""All that the submissions with peers use."""


@pytest.fixture
def supervise(tmp_path: Path) -> Supervise:
    """Run a script: ``supervise(source, limits={"cpu": ...}, python=..., clock=...)``."""

    def supervise(
        source: str | bytes,
        *,
        script: str = "student.py",
        beside: Mapping[str, str] | None = None,
        limits: Mapping[str, int] | None = None,
        **plan: Any,
    ) -> Trace:
        path = tmp_path / script
        path.write_bytes(source if isinstance(source, bytes) else dedent(source).encode())
        for name, text in (beside or {}).items():
            (tmp_path / name).write_text(dedent(text), encoding="utf-8")
        # Where networks are not private, no other test is to be at these ports meanwhile.
        plan.setdefault("ports", PORTS if plan.get("peers") else ())
        return run(Plan(read_submission(path), Limits(**(limits or {})), **plan))

    return supervise


def _found_interpreters() -> dict[str, Path]:
    """Version -> path: the one in use, those that GRADER_TEST_PYTHONS names, CPython 3.10 to 3.14
    on PATH.
    """
    named = os.environ.get("GRADER_TEST_PYTHONS", "").split(os.pathsep)
    on_path = (shutil.which(f"python3.{minor}") for minor in range(10, 15))
    found = {sys.version_info[:2]: Path(sys.executable)}
    for candidate in (*filter(None, named), *filter(None, on_path)):
        question = "import sys; print(*sys.version_info[:2], sys.executable)"
        answer = subprocess.run(
            [candidate, "-c", question], capture_output=True, text=True, check=False
        )
        if answer.returncode == 0:
            major, minor, path = answer.stdout.strip().split(" ", 2)
            if (int(major), int(minor)) >= (3, 10):
                found.setdefault((int(major), int(minor)), Path(path))
    return {f"{major}.{minor}": found[major, minor] for major, minor in sorted(found)}


INTERPRETERS = _found_interpreters()


@pytest.fixture(params=INTERPRETERS)
def python(request: pytest.FixtureRequest) -> Path:
    """Each interpreter that this machine has."""
    return INTERPRETERS[request.param]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What runs under any start method runs exhaustively under each; else each test under one,
    and the next test under the next, so that none is left out.
    """
    if "start_method" not in metafunc.fixturenames:
        return
    of_this_test = zlib.crc32(metafunc.function.__name__.encode()) % len(METHODS)
    ordered = [*METHODS[of_this_test:], *METHODS[:of_this_test]]
    metafunc.parametrize("start_method", [ordered[0], *exhaustive(*ordered[1:])])
