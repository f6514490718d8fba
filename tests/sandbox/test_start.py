"""How a program is started: its environment, descriptors, limits, and what goes wrong."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.sandbox import NotStartedError, Program, environment, peer_environment, start


def program(folder: Path, *arguments: str) -> Program:
    return Program(
        arguments=arguments,
        environment={"ONLY": "this"},
        folder=str(folder),
        memory_bytes=10**9,
        file_bytes=12345,
        open_files=123,
        cpu_seconds=77,
    )


def nothing() -> None:
    """What comes before a program that needs no preparation."""


def outcome(
    what: Program, last: Callable[[], None] = nothing, enter: Callable[[], None] = nothing
) -> tuple[str, int]:
    """What a started program writes, and its exit status; its output is a pipe here.

    Raises:
        NotStartedError: it was not executed.
    """
    read_end, write_end = os.pipe()
    starting = start(what, write_end, enter, last)
    os.close(write_end)
    starting.let_go()
    with open(read_end, "rb") as pipe:
        text = pipe.read().decode()
    _, status = os.waitpid(starting.pid, 0)
    starting.check()
    return text, os.waitstatus_to_exitcode(status)


def test_it_runs_in_its_folder_with_its_environment_only(tmp_path: Path):
    """Nothing of ours is passed on: no variable, no descriptor."""
    text, status = outcome(
        program(tmp_path, "/bin/sh", "-c", "pwd; env | grep -v PWD | grep -v '^_='; ls /proc/$$/fd")
    )
    folder, only, *descriptors = text.split()
    assert (folder, only, status) == (str(tmp_path.resolve()), "ONLY=this", 0)
    assert set(descriptors) <= {"0", "1", "2", "255"}


def test_its_limits(tmp_path: Path):
    """Address space, file sizes, CPU time, and no core files."""
    code = (
        "import resource as r; print(*(r.getrlimit(each) for each in "
        "(r.RLIMIT_AS, r.RLIMIT_FSIZE, r.RLIMIT_CPU, r.RLIMIT_CORE)))"
    )
    text, _ = outcome(program(tmp_path, sys.executable, "-S", "-E", "-c", code))
    assert text.strip() == "(1000000000, 1000000000) (12345, 12345) (77, 77) (0, 0)"


def test_limits_are_never_raised(tmp_path: Path):
    """A limit of the machine's own that is lower stands."""
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (999, 999))
        text, _ = outcome(program(tmp_path, "/bin/sh", "-c", "ulimit -f"))
        os._exit(0 if text.strip() in ("1", "0") else 1)
    assert os.waitpid(pid, 0)[1] == 0


def test_it_is_a_group_of_its_own(tmp_path: Path):
    """kill(0) in it reaches nobody else."""
    code = "import os; print(os.getpid() == os.getpgrp())"
    text, _ = outcome(program(tmp_path, sys.executable, "-S", "-E", "-c", code))
    assert text == "True\n"


def test_it_waits_until_it_is_let_go(tmp_path: Path):
    """Nothing of the program runs before; a parent that goes away ends it."""
    marker = tmp_path / "marker"
    starting = start(program(tmp_path, "/bin/sh", "-c", f"touch {marker}"), 1, nothing, nothing)
    assert not marker.exists()
    os.close(starting._gate)
    _, status = os.waitpid(starting.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 126
    assert not marker.exists()
    starting.check()


def test_the_last_thing_before_the_program(tmp_path: Path):
    """``last`` is called in the new process, in its folder."""

    def last() -> None:
        Path("written").write_bytes(b"by last")

    text, _ = outcome(program(tmp_path, "/bin/cat", "written"), last)
    assert text == "by last"


def test_a_program_that_is_not_there(tmp_path: Path):
    """The error of the exec comes back."""
    with pytest.raises(NotStartedError) as raised:
        outcome(program(tmp_path, "/no/such/program"))
    assert (raised.value.stage, str(raised.value)) == (
        "execute",
        "[Errno 2] No such file or directory",
    )


def test_a_preparation_that_fails(tmp_path: Path):
    """So does what went wrong before it."""

    def last() -> None:
        raise PermissionError(1, "no")

    with pytest.raises(NotStartedError) as raised:
        outcome(program(tmp_path, "/bin/true"), last)
    assert (raised.value.stage, raised.value.errno) == ("prepare", 1)


def test_a_folder_that_is_not_there(tmp_path: Path):
    """The same."""
    with pytest.raises(NotStartedError) as raised:
        outcome(program(tmp_path / "missing", "/bin/true"))
    assert raised.value.stage == "prepare"


def test_environments():
    """A submission's has the probe's two variables besides what a peer's has."""
    peer = peer_environment("/home")
    assert peer["HOME"] == peer["TMPDIR"] == "/home"
    assert "PYTHONUNBUFFERED" not in peer
    assert environment("/probe", "spawn", "/home") == {
        **peer,
        "PYTHONPATH": "/probe",
        "GRADER_START_METHOD": "spawn",
    }
