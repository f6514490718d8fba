"""`grade doctor`: what this machine can do."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.cli import run
from grader.cli.doctor import rows_of
from grader.exit_status import ExitStatus
from grader.messages import say
from grader.supervisor.architecture import this_machine
from grader.supervisor.machine import Machine, Trial
from grader.supervisor.seccomp import install_filter

PROBLEM = Trial(say("It cannot."))
ALL_WELL = Machine(
    ptrace=None,
    seccomp=None,
    namespaces=True,
    mounts=True,
    landlock=6,
    isolations={"bwrap": Trial(), "basic": Trial()},
    pythons={Path("/usr/bin/python3"): Trial()},
    chromium="Chromium 150",
)


def states(machine: Machine) -> dict[str, str]:
    return {row.name: row.state for row in rows_of(machine) if row.name != "locale"}


def refuse_ptrace() -> None:
    """As a container does: ptrace(2) fails with EPERM, all else is allowed."""
    architecture = this_machine()
    assert architecture is not None
    program = b"".join(
        struct.pack("=HBBI", *instruction)
        for instruction in (
            (0x20, 0, 0, 0),  # load the number of the call
            (0x15, 0, 1, architecture.numbers["ptrace"]),
            (0x06, 0, 0, 0x00050000 | 1),  # RET_ERRNO, EPERM
            (0x06, 0, 0, 0x7FFF0000),  # RET_ALLOW
        )
    )
    install_filter(program, architecture)


def examined(*arguments: str, preexec: object = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", "doctor", "--lang", "en", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        preexec_fn=preexec,  # type: ignore[arg-type]
    )


def test_this_machine(tmp_path: Path) -> None:
    """A script is really run here, and the same is written as JSON."""
    process = examined("--json", str(tmp_path / "result.json"))
    assert (process.returncode, process.stderr) == (ExitStatus.PASSED, "")
    assert "✔ ptrace" in process.stdout
    assert process.stdout.endswith("\nScripts can be graded here.\n")
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert (result["version"], result["can_grade"]) == (1, True)
    found = {each["name"]: each["state"] for each in result["tried"]}
    assert (found["ptrace"], found["seccomp"], found["basic"]) == ("works", "works", "works")


def test_without_ptrace() -> None:
    """Nothing can be graded: status 3, the reason, and what to do about it."""
    process = examined(preexec=refuse_ptrace)
    assert (process.returncode, process.stderr) == (ExitStatus.CANNOT_WORK, "")
    told = " ".join(process.stdout.split())
    assert "Operation not permitted. Without it nothing can be graded." in told
    assert "✘ ptrace Refused: " in told
    assert "--cap-add=SYS_PTRACE" in told
    assert "Nothing can be graded here." in told


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_other_systems(
    system: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is tried there."""
    monkeypatch.setattr(sys, "platform", system)
    assert run(["doctor", "--lang", "en"]) == ExitStatus.CANNOT_WORK
    assert capsys.readouterr() == (
        "",
        f"grade: Grading needs Linux, and this is {system}. On Windows, WSL2 will do; elsewhere, "
        "any Linux machine or virtual machine.\n",
    )


def test_a_machine_that_can_do_everything() -> None:
    """Every line has its mark."""
    assert set(states(ALL_WELL).values()) == {"works"}


def test_what_can_be_done_without_is_missing_and_no_failure() -> None:
    """Bubblewrap, Landlock, namespaces and Chromium."""
    bare = Machine(
        None, None, False, False, 0, {"bwrap": PROBLEM, "basic": Trial()}, ALL_WELL.pythons, None
    )
    assert bare.can_grade
    assert states(bare) == {
        "ptrace": "works",
        "seccomp": "works",
        "namespaces": "missing",
        "file system": "missing",
        "bubblewrap": "missing",
        "Landlock": "missing",
        "basic": "works",
        "Python": "works",
        "Chromium": "missing",
    }


def test_old_pythons() -> None:
    """Those that cannot run scripts are one line together, and what is found is told by version."""
    rows = list(rows_of(replace(ALL_WELL, too_old=("3.6.15", "3.9.18"))))
    told = [row.meaning.in_language("en") for row in rows if row.name == "Python"]
    assert told[1:] == ["Too old to run scripts, which takes 3.10 or newer: 3.6.15, 3.9.18."]


def test_it_takes_no_name(capsys: pytest.CaptureFixture[str]) -> None:
    """What stands there is named, in the language that was asked for."""
    assert run(["doctor", "foo", "bar", "--lang", "en"]) == ExitStatus.WRONG_CALL
    assert capsys.readouterr() == (
        "",
        "grade: grade doctor examines this machine and takes no file or name: leave out foo bar.\n",
    )
    assert run(["doctor", "foo", "--lang", "zh"]) == ExitStatus.WRONG_CALL
    assert "请去掉 foo" in capsys.readouterr().err


def test_options_that_it_does_not_take(capsys: pytest.CaptureFixture[str]) -> None:
    """Those of grading are none of its own."""
    assert run(["doctor", "--strict", "--lang", "en"]) == ExitStatus.WRONG_CALL
    assert capsys.readouterr().err.startswith("grade: There is no option --strict.\n")
