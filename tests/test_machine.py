"""What a machine lacks is left out and told, or, where all is required, a failure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import machine
from tests.machine import NEEDS, Need


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that lacks a program and what only a kernel can give."""
    lacking = {
        "chromium": Need(lambda: "there is no program chromium", "chromium"),
        "landlock": Need(lambda: "this kernel has no Landlock", None),
        "bwrap": Need(lambda: None, "bubblewrap"),
    }
    monkeypatch.setattr(machine, "NEEDS", lacking)
    monkeypatch.delenv("GRADER_REQUIRE_ALL", raising=False)
    machine.obstacle.cache_clear()
    yield
    machine.obstacle.cache_clear()


def test_a_test_is_left_out() -> None:
    """In one line that names the package."""
    reason = "needs chromium: there is no program chromium (apt install chromium)"
    with pytest.raises(pytest.skip.Exception, match=f"^{re.escape(reason)}$"):
        machine.require("chromium")


def test_where_all_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails, for the same reason."""
    monkeypatch.setenv("GRADER_REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="needs chromium: there is no program"):
        machine.require("chromium")


def test_what_is_there() -> None:
    """Is needed, and nothing more happens."""
    machine.require("bwrap")


def test_what_is_told_at_the_end() -> None:
    """How many tests were left out for which reason, and the one command that changes it."""
    reasons = [f"Skipped: {machine.obstacle(name)}" for name in ("landlock", *["chromium"] * 3)]
    assert machine.summary(reasons) == [
        "3 tests: needs chromium: there is no program chromium (apt install chromium)",
        "1 test: needs landlock: this kernel has no Landlock (another kernel, or its settings)",
        "To run all of them: apt install chromium",
    ]


def test_nothing_was_left_out() -> None:
    """Nothing is told."""
    assert machine.summary([]) == []


def test_every_need_is_known_to_the_ci_script() -> None:
    """It installs each package, for there a test that is left out is a failure."""
    script = (Path(__file__).parents[1] / ".ci" / "run").read_text(encoding="utf-8")
    for need in NEEDS.values():
        assert need.package is None or f"missing+=({need.package})" in script
