"""How the tests themselves end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WAITING = """
import signal
from pathlib import Path
from grader.sandbox import private_folder
from grader.submission import Submission

def test_waiting():
    with private_folder(Submission(Path("student.py"), ())) as folder:
        (folder / "begun").touch()
        signal.pause()
"""


@pytest.mark.exhaustive
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_they_leave_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    """Ended by `timeout` or with their terminal they remove what they have made."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    (tmp_path / "test_waiting.py").write_text(WAITING)
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_waiting.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")},
        stdout=subprocess.PIPE,
        text=True,
    ) as tests:
        while not list(tmp_path.glob("tmp/grader-*/submission/begun")):
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"they have ended: {tests.wait(timeout=0.02)}")
        tests.send_signal(number)
        told, _ = tests.communicate()
    assert tests.returncode == pytest.ExitCode.INTERRUPTED, told
    assert list((tmp_path / "tmp").glob("grader-*")) == []
