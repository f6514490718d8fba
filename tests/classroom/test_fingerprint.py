"""What a result depends on, as a hash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from grader.classroom.batch.fingerprint import of_exercise
from grader.exercise import load_exercise

PROGRAM = """
import sys
from pathlib import Path
from grader.classroom.batch.fingerprint import of_result
from grader.grading import Options
from grader.submission import read_submission
print(of_result("hash", read_submission(Path(sys.argv[1])), Options(), "en"))
"""


def test_an_interpreter_by_another_name(tmp_path: Path, exhaustive: bool) -> None:
    """How the grader was called changes nothing: near or far, and exhaustively by each of its
    names.
    """
    script = tmp_path / "ada.py"
    script.write_text("print('hello')\n")
    python = Path(sys.executable)
    names = [name for name in python.parent.glob("python*") if name.samefile(python)]
    far = Path(os.path.relpath(python, tmp_path))
    prints = {
        subprocess.run(
            [name, "-c", PROGRAM, script], cwd=tmp_path, capture_output=True, check=True
        ).stdout
        for name in (*(names if exhaustive else names[:1]), far)
    }
    assert len(prints) == 1


def test_results_that_somebody_handed_in(tmp_path: Path) -> None:
    """A result is known only to the user who made it: a folder that comes with results, made by
    the same grader, is graded.
    """
    script = tmp_path / "ada.py"
    script.write_text("print('hello')\n")
    prints = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM, script],
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path / user)},
            capture_output=True,
            check=True,
        ).stdout
        for user in ("teacher", "student", "teacher")
    ]
    assert prints[0] == prints[2] != prints[1]
    assert (tmp_path / "teacher/grader/secret").stat().st_mode & 0o777 == 0o600


def test_no_place_for_a_secret(tmp_path: Path) -> None:
    """Where nothing can be kept the class is graded all the same."""
    script = tmp_path / "ada.py"
    script.write_text("print('hello')\n")
    subprocess.run(
        [sys.executable, "-c", PROGRAM, script],
        env={**os.environ, "XDG_STATE_HOME": str(script)},
        check=True,
    )


def test_what_an_exercise_brings_along_counts(tmp_path: Path) -> None:
    """A result is old when a file that the exercise gives, or a peer's program, is another one."""
    file = tmp_path / "a.yaml"
    file.write_text(
        "id: a\ntitle: t\ntask: t\nrun: {files: [tickets.json]}\n"
        "checks:\n  - {id: b, expect: e, clean: true}\n"
    )
    hashes = set()
    for content in ("{}", "[]", "{}"):
        (tmp_path / "tickets.json").write_text(content)
        hashes.add(of_exercise(file, load_exercise(file)))
    assert len(hashes) == 2
