"""What holds for every test: properties are tried on the same examples each time, and no machine
is too slow for them. And what several rooms share: each way of isolation that works here.
"""

from __future__ import annotations

import signal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from grader.limits import Limits
from grader.sandbox import IsolationName
from grader.sandbox import isolation as choosing
from grader.submission import SourceFile, Submission
from grader.supervisor import CannotSuperviseError, Plan, run

settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

# A shell starts what runs in the background with Control-C ignored, and so would be what the
# tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@cache
def bwrap_failure() -> str | None:
    """Why nothing can be run under bubblewrap here; None: it can."""
    script = SourceFile("nothing.py", b"")
    plan = Plan(Submission(Path(script.name), (script,)), Limits(), isolation="bwrap")
    try:
        run(plan)
    except CannotSuperviseError as error:
        return str(error)
    return None


@pytest.fixture(params=["bwrap", "basic"])
def each_isolation(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> IsolationName:
    """What ``auto`` comes to; skipped where bubblewrap does not work."""
    name: IsolationName = request.param
    if name == "bwrap" and (failure := bwrap_failure()) is not None:
        pytest.skip(f"bubblewrap does not work here: {failure}")
    obstacle = None if name == "bwrap" else "the test wants it without"
    monkeypatch.setattr(choosing, "bwrap_obstacle", lambda: obstacle)
    return name
