"""`grade` as a person meets it: at a terminal of a certain size, watched, stopped."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pyte
import pytest
from rich.cells import cell_len

from grader.exercise import find_exercise, load_exercise
from grader.exit_status import ExitStatus
from grader.messages import Language
from tests.repeating import exhaustive

ROOT = Path(__file__).parents[2]
LUCKY = str(ROOT / "tests" / "submissions" / "join" / "wrong" / "sleep_for_join.py")
EXERCISE = """
id: any
title: Anything
task: Anything that ends well.
checks:
  - {id: clean, expect: The program ends without an error, clean: true}
"""
ENDLESS = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.1)\n"
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7])[;m]")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
PATIENCE_S = 120


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder to call it in; at the end nothing that was started in it is left."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "any.yaml").write_text(EXERCISE, encoding="utf-8")
    (tmp_path / "endless.py").write_text(ENDLESS, encoding="utf-8")
    yield tmp_path
    assert list((tmp_path / "tmp").iterdir()) == []
    assert processes_of(tmp_path) == []


def processes_of(folder: Path) -> list[str]:
    """What runs with that folder in its environment: the grader, its copies, and submissions."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(folder) in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
        except OSError:
            pass  # it has ended, or is another user's
    return found


def grade(folder: Path, *arguments: str, columns: int = 80, **environment: str) -> pexpect.spawn:
    """The command at a terminal."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "LC_ALL", "LC_MESSAGES")
    }
    return pexpect.spawn(
        sys.executable,
        ["-m", "grader", *arguments],
        cwd=str(folder),
        env={
            **inherited,
            "TMPDIR": str(folder / "tmp"),
            "TERM": "xterm-256color",
            "LANG": "en_GB.UTF-8",
            **environment,
        },
        dimensions=(50, columns),
        encoding="utf-8",
        timeout=PATIENCE_S,
    )


def output(child: pexpect.spawn) -> str:
    """All that it still writes, until it has ended."""
    child.expect(pexpect.EOF)
    child.wait()
    written: str = child.before
    return written


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> str:
    """All that a grading in all orders writes to a terminal of 80 columns."""
    folder = tmp_path_factory.mktemp("seen")
    (folder / "tmp").mkdir()
    child = grade(folder, "join", LUCKY, "--lang", "en")
    written = output(child)
    assert child.exitstatus == ExitStatus.NOT_PASSED
    return written


def test_progress_appears_and_vanishes(seen: str) -> None:
    """While orders are tried it says in words which; at the end the screen has none of it."""
    assert "Running sleep_for_join.py" in seen
    assert re.search(r"Running sleep_for_join.py again: what happens if [a-z]", seen)
    screen = pyte.Screen(80, 50)
    pyte.Stream(screen).feed(seen)
    shown = "\n".join(screen.display)
    assert re.search(r"^\d of 10 points\.", shown, re.M)
    assert "Running" not in shown
    assert shown.lstrip().startswith("Wait for a child process")
    assert not re.search(r"(?:pause|late|slow|random):", seen[: seen.index("Run this order")])


def test_colours_at_a_terminal(folder: Path, seen: str) -> None:
    """There they are, unless NO_COLOR says no."""
    assert COLOUR.search(seen)
    plain = grade(folder, "join", LUCKY, "--schedules", "1", NO_COLOR="1")
    assert not COLOUR.search(output(plain))


@pytest.mark.parametrize(
    ("columns", "language"),
    [
        (40, "zh"),
        *(
            pytest.param(columns, language, marks=pytest.mark.exhaustive)
            for columns, language in [(40, "en"), (72, "en"), (72, "zh"), (80, "en"), (80, "zh")]
        ),
    ],
)
def test_at_any_width(folder: Path, columns: int, language: Language) -> None:
    """No line is wider than the terminal, and no claim of the exercise is cut."""
    child = grade(folder, "join", LUCKY, "--lang", language, columns=columns)
    told = CONTROL.sub("", output(child)).replace("\r", "\n")
    assert max(map(cell_len, told.splitlines())) <= columns
    text = re.sub(r" +[0-9.]+/[0-9.]+$", "", told, flags=re.M)
    squeezed = "".join(text.split())
    for check in load_exercise(find_exercise("join")).checks:
        assert "".join(check.expect.in_language(language).split()) in squeezed


def test_control_c(folder: Path) -> None:
    """It ends the command with its status, and nothing stays behind."""
    child = grade(folder, "any.yaml", "endless.py", "--clock", "real")
    child.expect("Running endless.py")
    child.sendintr()
    assert "Stopped. Nothing was graded." in output(child)
    assert child.exitstatus == ExitStatus.INTERRUPTED


def test_a_closed_window(folder: Path) -> None:
    """The terminal goes away: so does all that was started."""
    child = grade(folder, "any.yaml", "endless.py", "--clock", "real")
    child.expect("Running endless.py")
    child.ptyproc.fileobj.close()
    child.closed = child.ptyproc.closed = True
    _, status = os.waitpid(child.pid, 0)
    child.ptyproc.terminated = child.terminated = True
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGHUP


@pytest.mark.parametrize("witness", ["kernel", *exhaustive("script")])
def test_asked_to_end(folder: Path, witness: str) -> None:
    """SIGTERM, as from `timeout` or a service that stops: nothing is left behind, either."""
    child = grade(folder, "any.yaml", "endless.py", "--clock", "real", "--witness", witness)
    child.expect("Running endless.py")
    child.kill(signal.SIGTERM)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 128 + signal.SIGTERM


@pytest.mark.exhaustive
def test_watching(folder: Path) -> None:
    """A file that is saved is graded again; the bar is gone when its round is over."""
    scripts = folder / "in"
    scripts.mkdir()
    (scripts / "ada.py").write_text("raise ValueError\n")
    child = grade(folder, "class", "any.yaml", "in", "--watch")
    child.expect_exact("0/1")
    child.expect_exact("1 submission: 0 passed, 1 did not, 0 not judged.")
    child.expect_exact("Watching in. Control-C ends it.")
    (scripts / "ada.py").write_text("print('better')\n")
    child.expect_exact("1 submission: 1 passed, 0 did not, 0 not judged.")
    child.expect_exact("Watching in. Control-C ends it.")
    child.sendintr()
    output(child)
    assert child.exitstatus == ExitStatus.ALL_GRADED
