"""Launchers that stand in the place of an interpreter."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.interpreter import resolve_launcher, without_parent_steps


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_what_a_launcher_starts(tmp_path: Path):
    """It is asked for the interpreter that it starts."""
    launcher = script(tmp_path / "python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    assert resolve_launcher(launcher) == Path(sys.executable)


@pytest.mark.parametrize(
    "text", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho words\n", "#!/no/such/shell\n", "no program"]
)
def test_what_is_no_launcher_stays_what_it_is(tmp_path: Path, text: str):
    """What is wrong with it is told when it is started."""
    path = script(tmp_path / "python", text)
    assert resolve_launcher(path) == path


def test_an_interpreter_is_not_asked():
    """It stays under the name by which it was called, or a virtual environment would be lost."""
    assert resolve_launcher(Path(sys.executable)) == Path(sys.executable)
    assert resolve_launcher(Path("/no/such/python")) == Path("/no/such/python")


def test_a_path_without_detours(tmp_path: Path):
    """``..`` leads to where the folder before it really lies; a link to an interpreter stays."""
    (tmp_path / "there" / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "there" / "inner")
    (tmp_path / "there" / "python").symlink_to(sys.executable)
    python = tmp_path / "there" / "python"
    assert (
        without_parent_steps(tmp_path / "link" / ".." / "python")
        == python.parent.resolve() / "python"
    )
    assert without_parent_steps(python) == python
    assert without_parent_steps(Path("/no/such/../python")) == Path("/no/python")
