"""`grade doctor`: what this machine can do."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.cli import doctor, run
from grader.cli.doctor import Row, rows_of
from grader.exit_status import ExitStatus
from grader.messages import say
from grader.supervisor.machine import Machine, Trial
from tests.refusing import refuse_ptrace

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
    return {row.name: row.state for row in rows_of(machine)}


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
    """Nothing can be graded: status 3, the reason, what to do about it, and what works still."""
    process = examined(preexec=refuse_ptrace)
    assert (process.returncode, process.stderr) == (ExitStatus.CANNOT_WORK, "")
    told = " ".join(process.stdout.split())
    assert "Operation not permitted. Without it scripts are only self-checked." in told
    assert "✘ ptrace Refused: " in told
    assert "--cap-add=SYS_PTRACE" in told
    assert "✔ self-check" in told
    assert "Scripts can be self-checked here, and not graded." in told


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_other_systems(
    system: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of the kernel's is tried there, and a self-check is."""
    self_check = Row("self-check", "works", say("A script was run."))
    monkeypatch.setattr(doctor, "self_check", lambda: self_check)
    monkeypatch.setattr(sys, "platform", system)
    assert run(["doctor", "--lang", "en"]) == ExitStatus.CANNOT_WORK
    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith(f"✘ kernel This is {system}: only on Linux can the kernel be asked ")
    assert told.endswith(
        "Scripts can be self-checked here, and not graded. What is marked with ✘ says why."
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


def test_one_reason_is_said_once() -> None:
    """What keeps all from running stands at the first; and it is said of which Python."""
    refused = replace(
        ALL_WELL,
        isolations={"bwrap": PROBLEM, "basic": PROBLEM},
        pythons={Path("/usr/bin/python3"): PROBLEM},
    )
    told = [row.meaning.in_language("en") for row in rows_of(refused) if row.state == "fails"]
    assert told == [
        "It cannot.",
        "For the same reason as bubblewrap.",
        "/usr/bin/python3 runs no scripts, for the same reason as bubblewrap.",
    ]
    told = [row.meaning.in_language("en") for row in rows_of(replace(refused, ptrace="No"))]
    assert sum(each == "For the same reason as ptrace." for each in told) == 2
    one = replace(ALL_WELL, pythons={Path("/opt/python3"): PROBLEM})
    assert "/opt/python3 runs no scripts: It cannot." in [
        row.meaning.in_language("en") for row in rows_of(one)
    ]


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
