"""With --watch, what changes is graded again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.classroom.class_folder import write
from tests.classroom.test_batch import EXERCISE, RIGHT, WRONG
from tests.classroom.test_interruptions import started


def test_watching(tmp_path: Path) -> None:
    """A script that changes is graded again and its new mark told; a wrong exercise is told, and
    waited for; Control-C ends it.
    """
    folder = write(
        tmp_path,
        {
            "tmp/.keep": "",
            "exercises/any.yaml": EXERCISE.format(id="any", points=2),
            "in/ada.py": RIGHT,
            "in/bo.py": WRONG,
        },
    )
    watching = "Watching in. Control-C ends it.\n"
    written = ["reports/gradebook.csv\n", "reports/index.html\n"]
    with started(folder, "--watch") as grading:
        assert grading.stdout is not None
        assert grading.stderr is not None
        lines = (line for line in iter(grading.stdout.readline, "") if line not in written)
        assert next(lines) == "2 submissions: 1 passed, 1 did not, 0 not judged.\n"
        assert next(lines) == watching
        write(folder, {"in/bo.py": RIGHT})
        assert next(lines) == "1 mark is another than the last time:\n"
        assert next(lines) == "  bo · any: 1 → 3 (another program was handed in)\n"
        assert next(lines) == "2 submissions: 2 passed, 0 did not, 0 not judged.\n"
        assert next(lines) == watching
        write(folder, {"exercises/any.yaml": "id: any\n"})
        assert grading.stderr.readline().startswith("exercises/any.yaml:1:1: ")
        assert next(lines) == watching
        write(folder, {"exercises/any.yaml": EXERCISE.format(id="any", points=2)})
        assert next(lines) == "2 submissions: 2 passed, 0 did not, 0 not judged.\n"
        assert next(lines) == watching
        os.killpg(grading.pid, signal.SIGINT)
        assert list(lines) == []
    assert grading.returncode == 0
